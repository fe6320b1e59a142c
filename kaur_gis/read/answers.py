"""Answers of an Overpass server, asked through osmnx and kept on the disk: what was answered is not asked again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmnx
import requests
import shapely

from kaur_gis.layers import CRS
from kaur_gis.read.overpass import FILTER, Answers, osmnx_on

TRIES = 3
PAUSE_S = 5.0  # before the second try; twice that before the third
MAX_ELEMENTS = 5_000_000
MAX_LAT, MAX_LON = 90.0, 180.0
PLACES = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "locality", "isolated_dwelling")
KINDS: Mapping[str, Mapping[str, Any]] = {
    "jalan": {},
    "nama_tempat": {"place": [*PLACES]},
    "sungai": {"waterway": ["river", "stream", "canal"], "natural": ["water", "coastline"]},
    "batas": {"boundary": "administrative"},
}
"""What is asked for: roads by class, the others by tags."""


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
        except ValueError:  # an answer that is no JSON
            shutil.rmtree(cache, ignore_errors=True)
            raise
    try:
        return _gathered(cache)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        shutil.rmtree(cache, ignore_errors=True)
        msg = f"{type(error).__name__}: {error}"
        raise ValueError(msg) from error


def features(url: str, kind: str, area: shapely.Geometry, cache: Path, *, timeout_s: int) -> gpd.GeoDataFrame:
    """Let osmnx build the shapes from the answers that lie in the cache; empty where there is nothing."""
    # the timeout is part of the question: another one would be another question, and not in the cache
    settings = {
        **Answers().settings(url, timeout_s),
        "use_cache": True,
        "cache_folder": str(cache),
        "cache_only_mode": False,
    }
    keys = [*KINDS[kind]]
    try:
        with osmnx_on(**settings):
            frame = osmnx.features_from_polygon(area, dict(KINDS[kind]))
    except osmnx._errors.InsufficientResponseError:  # noqa: SLF001 - as above
        return gpd.GeoDataFrame(dict.fromkeys(["osm", "name", *keys], ()), geometry=[], crs=CRS)
    frame = frame.sort_index()
    if kind == "sungai":
        frame = frame[frame.geom_type != "Point"]  # a pond of which nobody drew the shore
    named = {name: frame[name] if name in frame.columns else None for name in ("name", *keys, "admin_level")}
    osm = [f"{element}/{number}" for element, number in frame.index]
    return gpd.GeoDataFrame({"osm": osm, **named}, geometry=frame.geometry.to_numpy(), crs=CRS).reset_index(drop=True)


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
        except ValueError:
            path.unlink()


def _gathered(cache: Path) -> Collected:
    """Put the answers together; an element that stands in several of them is taken once."""
    found = Collected()
    for path in sorted(cache.glob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
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
    return found


def _check(element: dict[str, Any]) -> None:
    """Refuse an element that no server would send."""
    right = isinstance(element["id"], int) and element["type"] in {"node", "way", "relation"}
    if element["type"] == "node":
        right = right and abs(float(element["lat"])) <= MAX_LAT and abs(float(element["lon"])) <= MAX_LON
    if element["type"] == "way":
        right = right and all(isinstance(ref, int) for ref in element["nodes"])
    tags = element.get("tags", {})
    if not right or not all(isinstance(text, str) for pair in tags.items() for text in pair):
        msg = f"{element['type']} {element['id']}"
        raise ValueError(msg)
