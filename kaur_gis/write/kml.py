"""KML 2.2 files for phones and Google Earth: one a vehicle, with its stops and the line of each trip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kaur_gis.config import Lang
from kaur_gis.write.drives import Drive, Point, places_of, write_drives
from kaur_gis.write.safely import xml_text

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

NAMESPACE = "http://www.opengis.net/kml/2.2"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{NAMESPACE}"><Document>'
STYLES = (
    '<Style id="trip"><LineStyle><color>ff202020</color><width>4</width></LineStyle></Style>'
    '<Style id="base"><IconStyle><color>ff000000</color><scale>1.2</scale></IconStyle></Style>'
    '<Style id="stop"><IconStyle><color>ffa0a0a0</color></IconStyle></Style>'
)
"""Greys only, as everywhere: colours are aabbggrr."""


def write_kml(
    plan: Plan, folder: str | Path, lang: Lang, drives: Mapping[str, list[Drive]] | None = None
) -> list[Path]:
    """Write one KML file for each vehicle that drives.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Folder of the run; the files stand in ``kml/`` inside it.
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
    OGC 07-147r2 (KML 2.2).
    """

    def page(name: str, about: str, own: list[Drive]) -> Iterator[str]:
        yield from (HEAD, _about(name, about), STYLES)
        yield from map(_place, places_of(own))
        for drive in own:
            yield from _trip(drive)
        yield "</Document></kml>"

    return write_drives(plan, folder, "kml", lang, page, drives)


def _place(point: Point) -> str:
    at = f"<Point><coordinates>{point.lon:.6f},{point.lat:.6f}</coordinates></Point>"
    return f"<Placemark>{_about(point.name, point.desc)}<styleUrl>#{point.kind}</styleUrl>{at}</Placemark>"


def _trip(drive: Drive) -> Iterator[str]:
    yield f"<Placemark>{_about(drive.kode, f'{drive.desc} · {drive.way}')}<styleUrl>#trip</styleUrl><MultiGeometry>"
    for way in drive.ways:
        yield "<LineString><tessellate>1</tessellate><coordinates>"
        yield " ".join([f"{lon:.6f},{lat:.6f}" for lon, lat in way])
        yield "</coordinates></LineString>"
    yield "</MultiGeometry></Placemark>"


def _about(name: str, description: str) -> str:
    """Name and describe; a description is shown as HTML, so what looks like a tag is escaped once more."""
    shown = xml_text(description).replace("\n", "<br>")
    return f"<name>{xml_text(name)}</name><description>{xml_text(shown)}</description>"
