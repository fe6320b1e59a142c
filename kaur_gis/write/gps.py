"""GPX 1.1 files for phones: one a vehicle, with a route and a track a trip, and its stops as waypoints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd
import shapely

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.summary import notices, plan_version
from kaur_gis.write.safely import file_name, replace_with

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

NAMESPACE = "http://www.topografix.com/GPX/1/1"
SCHEMA = f"{NAMESPACE} http://www.topografix.com/GPX/1/1/gpx.xsd"
OSM_AUTHOR = "OpenStreetMap contributors"
OSM_LICENCE = "https://opendatacommons.org/licenses/odbl/1-0/"
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_gpx(plan: Plan, folder: str | Path, lang: Lang) -> list[Path]:
    """Write one GPX file for each vehicle that drives.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Folder of the run; the files stand in ``gpx/`` inside it.
    lang : {"id", "en"}
        Language of the descriptions.

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
    place = Path(folder) / "gpx"
    place.mkdir(parents=True, exist_ok=True)
    about = " · ".join(notices(plan, lang))
    version = plan_version(plan)
    # plain records: a row of a GeoDataFrame costs a hundred times a row of a list, and there are thousands
    stops = pd.DataFrame(plan.stops).to_dict("index")
    legs: dict[str, dict[Any, dict[Any, Any]]] = {}
    for leg in pd.DataFrame(plan.legs).reset_index().sort_values(["kode_trip", "order"]).to_dict("records"):
        legs.setdefault(leg["kode_trip"], {})[leg["order"]] = leg
    loads = plan.loads.reset_index().join(plan.tps[["no_tps", "nama_desa"]], on="kode_tps")
    by_trip = dict(list(loads.groupby("kode_trip", sort=False)))
    files = []
    for vehicle, trips in plan.trips.sort_values(["vehicle", "depart"], kind="stable").groupby("vehicle", sort=True):
        gpx = ET.Element(
            "gpx",
            {
                "xmlns": NAMESPACE,
                "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
                "xsi:schemaLocation": SCHEMA,
                "version": "1.1",
                "creator": "kaur_gis",
            },
        )
        name = say("gps.vehicle", lang, operation=plan.inputs.operation.operation.name, vehicle=vehicle)
        _metadata(gpx, name, f"{version} · {about}", plan)
        drives = [_Drive(plan, kode, trips.loc[kode], stops, legs[kode], by_trip[kode], lang) for kode in trips.index]
        _waypoints(gpx, drives)
        for number, drive in enumerate(drives, start=1):
            drive.add_route(gpx, number)
        for number, drive in enumerate(drives, start=1):
            drive.add_track(gpx, number)
        ET.indent(gpx)
        path = place / f"{file_name(str(vehicle))}.gpx"
        with replace_with(path) as new:
            ET.ElementTree(gpx).write(new, encoding="UTF-8", xml_declaration=True)
        files.append(path)
    return files


class _Drive:
    """One trip, ready to be written as waypoints, a route and a track."""

    def __init__(
        self,
        plan: Plan,
        kode: str,
        trip: pd.Series,
        stops: dict[Any, dict[Any, Any]],
        legs: dict[Any, dict[Any, Any]],
        loads: pd.DataFrame,
        lang: Lang,
    ) -> None:
        self.kode, self.legs = kode, legs
        self.way = say("gps.schematic" if plan.inputs.roads.schematic else "gps.roads", lang)
        self.desc = say(
            "gps.trip",
            lang,
            trip=kode,
            depart=f"{trip['depart']:%Y-%m-%d %H:%M}",
            back=f"{trip['back']:%H:%M}",
            n_tps=trip["n_tps"],
            kotak=trip["kotak"],
        )
        base = stops[trip["base"]]
        base_desc = say("gps.base", lang, kind=say(f"term.{base['kind']}", lang))
        self.base = (trip["base"], base["geometry"], base["nama"], base_desc, "base")
        self.visits = []
        for number, (order, here) in enumerate(loads.sort_values(["order", "kode_tps"]).groupby("order"), start=1):
            leg = self.legs[order]
            stop = stops[leg["to_stop"]]
            desc = say(
                "gps.stop",
                lang,
                tps=", ".join(f"{row.nama_desa} TPS {row.no_tps} ({row.kode_tps})" for row in here.itertuples()),
                kotak=int(here["kotak"].sum()),
                arrive=f"{leg['arrive']:%Y-%m-%d %H:%M}",
            )
            visit = say("gps.visit", lang, no=number, trip=kode)
            self.visits.append((leg["to_stop"], stop["geometry"], stop["nama"], f"{visit}: {desc}", "stop"))

    def add_route(self, gpx: ET.Element, number: int) -> None:
        """Add the stops in their order, for phones that find the way themselves."""
        route = ET.SubElement(gpx, "rte")
        _texts(route, name=self.kode, desc=self.desc, number=str(number))
        for point in (self.base, *self.visits, self.base):
            _point(route, "rtept", point)

    def add_track(self, gpx: ET.Element, number: int) -> None:
        """Add the way along the roads, a segment a leg."""
        track = ET.SubElement(gpx, "trk")
        _texts(track, name=self.kode, desc=f"{self.desc} · {self.way}", number=str(number))
        for leg in self.legs.values():
            segment = ET.SubElement(track, "trkseg")
            for lon, lat in shapely.get_coordinates(leg["geometry"]).tolist():
                ET.SubElement(segment, "trkpt", _at(lon, lat))


def _metadata(gpx: ET.Element, name: str, desc: str, plan: Plan) -> None:
    metadata = ET.SubElement(gpx, "metadata")
    _texts(metadata, name=name, desc=desc)
    credit = ET.SubElement(metadata, "copyright", {"author": OSM_AUTHOR})
    as_of = plan.inputs.roads.as_of
    if as_of is not None:
        _texts(credit, year=str(as_of.year))
    _texts(credit, license=OSM_LICENCE)


def _waypoints(gpx: ET.Element, drives: list[_Drive]) -> None:
    """Add every place once, with what happens there on each trip."""
    places: dict[str, list[tuple[Any, ...]]] = {}
    for drive in drives:
        for point in (drive.base, *drive.visits):
            places.setdefault(point[0], []).append(point)
    for points in places.values():
        kode, geometry, nama, _, kind = points[0]
        desc = "\n".join(dict.fromkeys(point[3] for point in points))
        _point(gpx, "wpt", (kode, geometry, nama, desc, kind))


def _point(parent: ET.Element, tag: str, point: tuple[Any, ...]) -> None:
    _, geometry, nama, desc, kind = point
    _texts(ET.SubElement(parent, tag, _at(geometry.x, geometry.y)), name=nama, desc=desc, type=kind)


def _at(lon: float, lat: float) -> dict[str, str]:
    return {"lat": f"{lat:.6f}", "lon": f"{lon:.6f}"}


def _texts(parent: ET.Element, **texts: str) -> None:
    for tag, text in texts.items():
        ET.SubElement(parent, tag).text = _NOT_XML.sub("\ufffd", text)
