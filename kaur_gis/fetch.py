"""Roads, places, waters, hills and boundaries of a region from OpenStreetMap, as files that an operation then uses."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import requests

from kaur_gis.layers import OSM_CREDIT
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import read_area
from kaur_gis.read.answers import KINDS, Collected, collect, features, hills, pieces, shapeless
from kaur_gis.read.overpass import URL
from kaur_gis.read.safely import printable
from kaur_gis.write.safely import replace_with

FOLDER, CACHE, STAMP = "osm", ".jawaban", "unduhan.json"
ROADS = f"{FOLDER}/jalan.osm.gz"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML can't hold
Tell = Callable[..., None]


def fetch(
    path: str | Path, *, today: dt.date, tell: Tell, timeout_s: int | None = None, pause_s: float = 5.0
) -> list[Path]:
    """Download what OpenStreetMap knows of the region of an operation.

    Parameters
    ----------
    path : str or Path
        The operation file; `roads.url` is the server. The area is that of its kecamatan, or its study box.
    today : date
        Day of the download, for the stamp.
    tell : callable
        Told each step, as `terminal.Stopwatch` is.
    timeout_s : int
        The longest silence of the server [s], instead of `roads.timeout_s`.
    pause_s : float
        Before an answer is asked for again [s].

    Returns
    -------
    list of Path
        The files, in the folder ``osm`` beside the operation file. They replace the earlier ones when everything has
        been answered, not before.

    Raises
    ------
    InputProblems
        Where there is no server to ask, or it gives no usable answer; earlier files then still stand, and what was
        answered is not asked again the next time.
    OutputError
        Where a file could not be written.
    """
    operation, area = read_area(path)
    timeout_s = operation.roads.timeout_s if timeout_s is None else timeout_s
    url = operation.roads.url or ""
    name = Path(path).name
    if not URL.fullmatch(url):
        raise InputProblems([Problem("fetch_url" if not url else "overpass_url", name if not url else printable(url))])
    folder = Path(path).parent / FOLDER
    collected: dict[str, Collected] = {}
    shapes: dict[str, gpd.GeoDataFrame] = {}
    of = pieces(area)
    for kind in KINDS:
        cache = folder / CACHE / hashlib.sha256(f"{url} {area.wkt}".encode()).hexdigest()[:12] / kind
        there = min(of, len([*cache.glob("*.json")]))
        tell("fetch", what=kind, n=there, of=of)
        try:
            collected[kind] = collect(
                url,
                kind,
                area,
                cache,
                tell=partial(_count, tell, kind, there, of),
                timeout_s=timeout_s,
                pause_s=pause_s,
            )
            if kind != "jalan":
                shapes[kind] = features(kind, area, collected[kind])
        except (requests.RequestException, ValueError) as error:
            reason = printable(f"{type(error).__name__}: {error}")
            raise InputProblems([Problem("fetch_failed", url, details={"reason": reason})]) from error
    if not any(kind == "way" for kind, _ in collected["jalan"].elements):
        raise InputProblems([Problem("fetch_empty", url)])
    return _write(folder, url, collected, shapes, today)


def _count(tell: Tell, kind: str, there: int, of: int, n: int, megabytes: float) -> None:
    tell("answer", what=kind, n=there + n, of=of, megabytes=megabytes)


def _write(
    folder: Path, url: str, collected: dict[str, Collected], shapes: dict[str, gpd.GeoDataFrame], today: dt.date
) -> list[Path]:
    contents = {Path(ROADS).name: gzip.compress("".join(_xml(collected["jalan"])).encode(), mtime=0)}
    for kind, frame in shapes.items():
        told = hills(frame) if kind == "puncak" else frame
        contents[f"{kind}.geojson"] = (told.to_json(drop_id=True, ensure_ascii=False) + "\n").encode()
    days = [found.as_of for found in collected.values() if found.as_of]
    stamp = {
        "url": url,
        "fetched": today.isoformat(),
        "as_of": min(days).isoformat() if days else None,
        "licence": "ODbL 1.0, https://www.openstreetmap.org/copyright",
        "credit": OSM_CREDIT,
        "elements": {kind: len(found.elements) for kind, found in collected.items()},
        "without_shape": [name for kind, frame in shapes.items() for name in shapeless(kind, collected[kind], frame)],
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    contents[STAMP] = (json.dumps(stamp, ensure_ascii=False, indent=1) + "\n").encode()
    for name, data in contents.items():
        with replace_with(folder / name) as new:
            new.write_bytes(data)
    return [folder / name for name in contents]


def _xml(roads: Collected) -> Iterator[str]:
    """Write the roads as an OSM file, sorted, with the day of the data where Overpass puts it."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="kaur_gis">\n'
    yield f"<note>{OSM_CREDIT}</note>\n"
    if roads.as_of:
        yield f'<meta osm_base="{roads.as_of.isoformat()}T00:00:00Z"/>\n'
    for kind in ("node", "way"):
        for (_, number), element in sorted(item for item in roads.elements.items() if item[0][0] == kind):
            at = f' lat="{element["lat"]}" lon="{element["lon"]}"' if kind == "node" else ""
            yield f'<{kind} id="{number}" version="1"{at}>'
            yield from (f'<nd ref="{ref}"/>' for ref in element.get("nodes", ()))
            for key, value in sorted(element.get("tags", {}).items()):
                yield f"<tag k={quoteattr(_UNFIT.sub('?', key))} v={quoteattr(_UNFIT.sub('?', value))}/>"
            yield f"</{kind}>\n"
    yield "</osm>\n"
