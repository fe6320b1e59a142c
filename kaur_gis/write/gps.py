"""GPX 1.1 files for phones: one a vehicle, with a route and a track a trip, and its stops as waypoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kaur_gis.config import Lang
from kaur_gis.write.drives import Drive, Point, places_of, write_drives
from kaur_gis.write.safely import xml_text

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

NAMESPACE = "http://www.topografix.com/GPX/1/1"
OSM_AUTHOR = "OpenStreetMap contributors"
OSM_LICENCE = "https://opendatacommons.org/licenses/odbl/1-0/"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<gpx xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{NAMESPACE} {NAMESPACE}/gpx.xsd" version="1.1" creator="kaur_gis">'
)


def write_gpx(
    plan: Plan, folder: str | Path, lang: Lang, drives: Mapping[str, list[Drive]] | None = None
) -> list[Path]:
    """Write one GPX file for each vehicle that drives.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Folder of the run; the files stand in ``gpx/`` inside it.
    lang : {"id", "en"}
        Language of the descriptions.
    drives : mapping, optional
        As `drives_of` gives them; found here where nobody has done so before.

    Returns
    -------
    list of Path
        The files, in the order of their vehicles.

    Raises
    ------
    OutputError
        Where a file could not be written.

    References
    ----------
    GPX 1.1 schema, https://www.topografix.com/GPX/1/1/
    """

    def page(name: str, about: str, own: list[Drive]) -> Iterator[str]:
        yield HEAD
        yield from _metadata(name, about, plan)
        yield from (_point("wpt", point) for point in places_of(own))
        for number, drive in enumerate(own, start=1):
            yield from _route(drive, number)
        for number, drive in enumerate(own, start=1):
            yield from _track(drive, number)
        yield "</gpx>"

    return write_drives(plan, folder, "gpx", lang, page, drives)


def _metadata(name: str, desc: str, plan: Plan) -> Iterator[str]:
    as_of = plan.inputs.roads.as_of
    year = _element("year", str(as_of.year)) if as_of else ""
    yield f"<metadata>{_element('name', name)}{_element('desc', desc)}"
    yield f'<copyright author="{OSM_AUTHOR}">{year}{_element("license", OSM_LICENCE)}</copyright></metadata>'


def _route(drive: Drive, number: int) -> Iterator[str]:
    """Write the stops in their order, for phones that find the way themselves."""
    yield f"<rte>{_element('name', drive.kode)}{_element('desc', drive.desc)}{_element('number', str(number))}"
    for point in (*drive.before, drive.base, *drive.visits, drive.end, *drive.after):
        yield _point("rtept", point)
    yield "</rte>"


def _track(drive: Drive, number: int) -> Iterator[str]:
    """Write the way along the roads, a segment a leg."""
    desc = f"{drive.desc} · {drive.way}"
    yield f"<trk>{_element('name', drive.kode)}{_element('desc', desc)}{_element('number', str(number))}"
    for way in drive.ways:
        yield "<trkseg>"
        yield "\n".join([f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"/>' for lon, lat in way])
        yield "</trkseg>"
    yield "</trk>"


def _point(tag: str, point: Point) -> str:
    texts = _element("name", point.name) + _element("desc", point.desc) + _element("type", point.kind)
    return f'<{tag} lat="{point.lat:.6f}" lon="{point.lon:.6f}">{texts}</{tag}>'


def _element(tag: str, text: str) -> str:
    return f"<{tag}>{xml_text(text)}</{tag}>"
