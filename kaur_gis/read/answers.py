"""Answers of an Overpass server, asked through osmnx and kept on the disk: what was answered is not asked again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmnx
import requests
import shapely

from kaur_gis.layers import CRS
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.overpass import FILTER, Answers, osmnx_on
from kaur_gis.read.peaks import HIGHEST_M, LOWEST_M
from kaur_gis.read.safely import printable

TRIES = 3
PAUSE_S = 5.0  # before the second try; twice that before the third
MAX_ELEMENTS = 5_000_000
MAX_LAT, MAX_LON = 90.0, 180.0
ELEVATION = r"^\s*(-?\d+(?:\.\d+)?)\s*m?\s*$"
"""How OpenStreetMap's ``ele`` says metres; what is said otherwise is taken as unknown."""
PLACES = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "locality", "isolated_dwelling")
KINDS: Mapping[str, Mapping[str, Any]] = {
    "jalan": {},
    "nama_tempat": {"place": [*PLACES]},
    "sungai": {"waterway": ["river", "stream", "canal"], "natural": ["water", "coastline"]},
    "puncak": {"natural": ["peak", "hill", "volcano"]},
    "batas": {"boundary": ["administrative"]},
}
"""What is asked for: roads by class, the others by tags."""
OSMNX_WORDS = {"element", "id", "nodes", "members", "geometry"}
"""Keys of osmnx's table of shapes: a tag of that name would stand in their place."""


@dataclass
class Collected:
    """What a server answered about one kind of thing.

    Attributes
    ----------
    elements : dict
        (type, id) -> element, as Overpass has it.
    as_of : date or None
        Day of the oldest data.
    """

    elements: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    as_of: dt.date | None = None


def pieces(area: shapely.Geometry) -> int:
    """Count the pieces in which an area is asked for."""
    return len(osmnx._overpass._make_overpass_polygon_coord_strs(area))  # noqa: SLF001 - osmnx tells it to nobody


def collect(
    url: str,
    kind: str,
    area: shapely.Geometry,
    cache: Path,
    *,
    tell: Callable[[int, float], None],
    timeout_s: int,
    pause_s: float = PAUSE_S,
) -> Collected:
    """Ask for one kind of thing, piece by piece where the area is big, with a few tries for each piece.

    Parameters
    ----------
    url : str
        The server.
    kind : str
        Of `KINDS`.
    area : Geometry
        Polygon in lon, lat.
    cache : Path
        Folder of the answers to this kind; a piece that was answered before is not asked again.
    tell : callable
        Told after each answer how many came, and how many megabytes.
    timeout_s : int
        How long to wait for an answer [s].
    pause_s : float
        Before the second try [s].

    Returns
    -------
    Collected

    Raises
    ------
    requests.RequestException
        Where the server stays dead, busy or incomplete.
    ValueError
        Where it answers nonsense; the answers are then thrown away.
    """
    _drop_halves(cache)
    answers = Answers(tell)
    settings = {**answers.settings(url, timeout_s), "use_cache": True, "cache_folder": str(cache)}
    for turn in range(TRIES):
        try:
            with osmnx_on(**settings, cache_only_mode=True), suppress(osmnx._errors.CacheOnlyInterruptError):  # noqa: SLF001 - osmnx has no public name for it
                _ask(kind, area)
            break
        except requests.RequestException:
            if turn == TRIES - 1:
                raise
            time.sleep(pause_s * 2**turn)
        except (ValueError, RecursionError) as error:  # an answer that is no JSON, or one that nobody can unpack
            shutil.rmtree(cache, ignore_errors=True)
            raise ValueError(_named(error)) from error
    try:
        return gathered(cache)
    except ValueError:
        shutil.rmtree(cache, ignore_errors=True)
        raise


def features(kind: str, area: shapely.Geometry, found: Collected) -> gpd.GeoDataFrame:
    """Let osmnx build the shapes of what was answered; empty where there is nothing.

    Parameters
    ----------
    kind : str
        Of `KINDS`, not the roads.
    area : Geometry
        Polygon in lon, lat, that was asked for.
    found : Collected

    Returns
    -------
    GeoDataFrame
        One row a thing that has a shape and touches the area, in the order of `osm` (``"way/123"``), with its tags.
    """
    columns = ["name", *KINDS[kind], "admin_level", *(["ele"] if kind == "puncak" else [])]
    try:
        # osmnx itself would build a thing twice that stands in the answers for two pieces of the area
        frame = osmnx.features._create_gdf([{"elements": [*_plain(found)]}], area, dict(KINDS[kind]))  # noqa: SLF001 - as above
    except osmnx._errors.InsufficientResponseError:  # noqa: SLF001 - as above
        return gpd.GeoDataFrame(dict.fromkeys(["osm", *columns], ()), geometry=[], crs=CRS)
    frame = frame.set_geometry(frame.geometry.map(_of_one_kind))
    if kind == "sungai":
        frame = frame[shapely.get_dimensions(frame.geometry) > 0]  # a pond of which nobody drew the shore
    named = {name: frame[name] if name in frame.columns else None for name in columns}
    osm = [f"{element}/{number}" for element, number in frame.index]
    return gpd.GeoDataFrame({"osm": osm, **named}, geometry=frame.geometry.to_numpy(), crs=CRS).reset_index(drop=True)


def hills(drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Take the hills that have a name, in the columns in which an operation wants its `puncak`.

    Parameters
    ----------
    drawn : GeoDataFrame
        As `features` makes it.

    Returns
    -------
    GeoDataFrame
        `nama`, `elevasi_m` [m] and, as `catatan`, the element of OpenStreetMap.
    """
    named = drawn[(drawn["name"].fillna("").astype("str").str.strip() != "") & (drawn.geom_type == "Point")]
    height = named["ele"].astype("str").str.extract(ELEVATION, expand=False).astype("float64")
    told = {
        "nama": named["name"].map(lambda name: printable(name, MAX_NAME - 1)),
        "elevasi_m": height.where(height.between(LOWEST_M, HIGHEST_M)),
        "catatan": named["osm"],
    }
    return gpd.GeoDataFrame(told, geometry=named.geometry, crs=CRS)


def shapeless(kind: str, found: Collected, drawn: gpd.GeoDataFrame) -> list[str]:
    """Name the lines and areas that were asked for and could not be drawn: without nodes, cut or never closed.

    Parameters
    ----------
    kind : str
        Of `KINDS`, not the roads.
    found : Collected
    drawn : GeoDataFrame
        What `features` made of it.

    Returns
    -------
    list of str
        As in `osm` of `features`.
    """
    there = set(drawn["osm"])
    names = []
    for (element, number), has in sorted(found.elements.items()):
        tags, refs = has.get("tags", {}), has.get("nodes", ())
        line = element == "way" and not (len(refs) > 1 and all(("node", ref) in found.elements for ref in refs))
        area = element == "relation" and tags.get("type") in {"multipolygon", "boundary"}
        name = f"{element}/{number}"
        if (line or area) and name not in there and any(tags.get(key) in values for key, values in KINDS[kind].items()):
            names.append(name)
    return names


def _plain(found: Collected) -> Iterator[dict[str, Any]]:
    """Give the elements as osmnx can take them: it lays tags and its own words into one table, and changes them."""
    for element in found.elements.values():
        if element["type"] != "way" or element.get("nodes"):
            tags = {key: text for key, text in element.get("tags", {}).items() if key not in OSMNX_WORDS}
            yield {"members": (), **element, **({"tags": tags} if tags else {})}


def _of_one_kind(shape: shapely.Geometry) -> shapely.Geometry:
    """Take the areas of what became areas and lines when it was mended."""
    parts = shapely.get_parts(shape) if shape.geom_type == "GeometryCollection" else []
    dimensions = shapely.get_dimensions(parts)
    return shapely.union_all(parts[dimensions == dimensions.max()]) if len(parts) else shape


def _ask(kind: str, area: shapely.Geometry) -> None:
    if kind == "jalan":
        osmnx.graph_from_polygon(area, simplify=False, retain_all=True, truncate_by_edge=True, custom_filter=FILTER)
    else:
        osmnx.features_from_polygon(area, dict(KINDS[kind]))


def _drop_halves(cache: Path) -> None:
    """Take away what a killed run left half written, so that it is asked again."""
    for path in cache.glob("*.json"):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            path.unlink()


def gathered(cache: Path) -> Collected:
    """Put the answers of a folder together; an element that stands in several of them is taken once.

    Raises
    ------
    ValueError
        Where one of them is not what a server would send.
    """
    found = Collected()
    try:
        for path in sorted(cache.glob("*.json")):
            _gather(json.loads(path.read_text(encoding="utf-8")), found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(_named(error)) from error
    return found


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _gather(answer: dict[str, Any], found: Collected) -> None:
    stamp = answer.get("osm3s", {}).get("timestamp_osm_base", "")
    if stamp:
        day = dt.date.fromisoformat(stamp[:10])
        found.as_of = min(found.as_of or day, day)
    for element in answer["elements"]:
        _check(element)
        found.elements[element["type"], element["id"]] = element
    if len(found.elements) > MAX_ELEMENTS:
        msg = "too many elements"
        raise ValueError(msg)


def _check(element: dict[str, Any]) -> None:
    """Refuse an element that no server would send."""
    right = isinstance(element["id"], int) and element["type"] in {"node", "way", "relation"}
    if element["type"] == "node":
        right = right and abs(float(element["lat"])) <= MAX_LAT and abs(float(element["lon"])) <= MAX_LON
    if element["type"] == "way":
        right = right and all(isinstance(ref, int) for ref in element.get("nodes", ()))
    for member in element.get("members", ()):
        right = right and isinstance(member["ref"], int) and {*map(type, (member["type"], member["role"]))} == {str}
    tags = element.get("tags", {})
    if not right or not all(isinstance(text, str) for pair in tags.items() for text in pair):
        msg = f"{element['type']} {element['id']}"
        raise ValueError(msg)
