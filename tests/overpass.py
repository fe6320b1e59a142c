"""A server of OpenStreetMap data: answers the queries that osmnx asks as Overpass does, from elements in memory.

It knows what those queries use of the language, ``(way[tags](poly:...);(._;>;););``, and gives whole answers: the head,
the mark of the licence, and everything that belongs to what was found (nodes of ways, ways and nodes of relations, but
not relations of relations).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

import shapely

STAMP = "2025-06-07T15:22:36Z"
HEAD = {
    "version": 0.6,
    "generator": "Overpass API 0.7.62.5 1bd436f1",
    "osm3s": {
        "timestamp_osm_base": STAMP,
        "copyright": "The data included in this document is from www.openstreetmap.org. "
        "The data is made available under ODbL.",
    },
}
ORDER = ("node", "way", "relation")
STATEMENT = re.compile(r"\(([a-z]+)((?:\[[^]]*\])+)\(poly:(['\"])(.*?)\3\);")
FILTER = re.compile(r"\[(['\"])(.+?)\1(?:(=|~|!~)(['\"])(.*?)\4)?\]")
Element = dict[str, Any]
Key = tuple[str, int]


@dataclass
class Overpass:
    """Elements, and how they are asked for.

    `spoil` may change an answer before it is sent.
    """

    elements: dict[Key, Element] = field(default_factory=dict)
    spoil: Callable[[list[Element]], list[Element]] = lambda elements: elements

    def node(self, lon: float, lat: float, **tags: str) -> int:
        return self._add("node", tags, lat=lat, lon=lon)

    def way(self, nodes: Sequence[int], **tags: str) -> int:
        return self._add("way", tags, nodes=[*nodes])

    def line(self, *points: tuple[float, float], **tags: str) -> int:
        """Draw a way through new nodes; it is closed where the last point is the first."""
        closed = len(points) > 1 and points[0] == points[-1]
        nodes = [self.node(*point) for point in points[: len(points) - closed]]
        return self.way([*nodes, *nodes[:closed]], **tags)

    def relation(self, *members: tuple[str, int, str], **tags: str) -> int:
        return self._add("relation", tags, members=[{"type": t, "ref": n, "role": role} for t, n, role in members])

    def _add(self, kind: str, tags: dict[str, str], **what: object) -> int:
        number = 1 + max((n for _, n in self.elements), default=0)
        self.elements[kind, number] = {
            "type": kind,
            "id": number,
            **what,
            **({"tags": {key.rstrip("_"): text for key, text in tags.items()}} if tags else {}),
        }
        return number

    def answer(self, query: str) -> tuple[int, bytes]:
        """Answer a query, as the tests' server wants it."""
        found: set[Key] = set()
        asked = STATEMENT.findall(query)
        assert asked, query
        for kind, filters, _, ring in asked:
            numbers = [float(text) for text in ring.split()]
            area = shapely.Polygon([*zip(numbers[1::2], numbers[::2], strict=True)])
            for key, element in self.elements.items():
                if key[0] == kind and _matches(element.get("tags", {}), filters):
                    found |= {key for shape in self._drawn(key) if area.intersects(shape)}
        for kind in ("relation", "way"):
            for key in [key for key in found if key[0] == kind]:
                found |= {below for below in self._below(key) if below[0] != "relation" and below in self.elements}
        elements = [dict(self.elements[key]) for key in sorted(found, key=lambda key: (ORDER.index(key[0]), key[1]))]
        return 200, json.dumps({**HEAD, "elements": self.spoil(elements)}, ensure_ascii=False, indent=2).encode()

    def _below(self, key: Key) -> list[Key]:
        element = self.elements[key]
        members = [(member["type"], member["ref"]) for member in element.get("members", ())]
        return [*(("node", ref) for ref in element.get("nodes", ())), *members]

    def _drawn(self, key: Key) -> Iterator[shapely.Geometry]:
        element = self.elements[key]
        if key[0] == "node":
            yield shapely.Point(element["lon"], element["lat"])
        elif key[0] == "way":
            nodes = [self.elements[at] for at in self._below(key)]
            points = [(node["lon"], node["lat"]) for node in nodes]
            yield shapely.LineString(points) if len(points) > 1 else shapely.MultiPoint(points)
        else:
            for below in self._below(key):
                if below[0] != "relation" and below in self.elements:
                    yield from self._drawn(below)

    def xml(self) -> str:
        """Write the elements as an OSM file, for another program to read."""
        lines = ['<osm version="0.6">']
        for (kind, number), element in sorted(
            self.elements.items(), key=lambda item: (ORDER.index(item[0][0]), item[0][1])
        ):
            at = f' lat="{element["lat"]}" lon="{element["lon"]}"' if kind == "node" else ""
            lines.append(f'<{kind} id="{number}" version="1"{at}>')
            lines += [f'<nd ref="{ref}"/>' for ref in element.get("nodes", ())]
            lines += [
                f'<member type="{m["type"]}" ref="{m["ref"]}" role={quoteattr(m["role"])}/>'
                for m in element.get("members", ())
            ]
            lines += [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in element.get("tags", {}).items()]
            lines.append(f"</{kind}>")
        return "\n".join([*lines, "</osm>"])


def _matches(tags: dict[str, str], filters: str) -> bool:
    for _, key, operator, _, value in FILTER.findall(filters):
        has = tags.get(key)
        right = {
            "": has is not None,
            "=": has == value,
            "~": has is not None and re.search(value, has) is not None,
            "!~": has is None or re.search(value, has) is None,
        }[operator]
        if not right:
            return False
    return True
