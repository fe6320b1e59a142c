"""Coordinates: inside the study box, or refused with what they look like."""

from __future__ import annotations

import math

from kaur_gis.config import Region
from kaur_gis.read.cells import Fault, decimal
from kaur_gis.read.tables import Column, Table

COARSE_DECIMALS = 3  # fewer decimals of a degree blur a point by more than about 100 m
_UTM_EASTING_M = (100_000.0, 900_000.0)
_UTM_NORTHING_M = 10_000_000.0

coordinate = decimal(-10_000_000.0, 10_000_000.0)  # wide, so that metres in disguise are named as such
NAN = float("nan")
OPTIONAL_COLUMNS = (
    Column("lon", coordinate, required=False, blank=NAN),
    Column("lat", coordinate, required=False, blank=NAN),
)


def is_inside(lon: float, lat: float, region: Region) -> bool:
    """Whether a point lies in the study box of the operation."""
    return region.west_lon <= lon <= region.east_lon and region.south_lat <= lat <= region.north_lat


def position_fault(lon: float, lat: float, region: Region) -> Fault | None:
    """Say what is wrong with a coordinate, as far as it shows.

    Parameters
    ----------
    lon, lat : float
        As read [degrees], finite.
    region : Region
        Holds the study box.

    Returns
    -------
    Fault or None
        None for a point inside the box.
    """
    if is_inside(lon, lat, region):
        return None
    if not lon and not lat:
        return Fault("coord_zero")
    if any(
        _UTM_EASTING_M[0] <= x <= _UTM_EASTING_M[1] and abs(y) <= _UTM_NORTHING_M for x, y in ((lon, lat), (lat, lon))
    ):
        return Fault("coord_utm")
    if is_inside(lat, lon, region):
        return Fault("coord_swapped")
    if any(is_inside(x, y, region) for x, y in ((lon, -lat), (-lon, lat), (-lon, -lat))):
        return Fault("coord_sign")
    box = f"{region.west_lon:g}..{region.east_lon:g}, {region.south_lat:g}..{region.north_lat:g}"
    return Fault("coord_outside", box=box)


def check_positions(table: Table, region: Region) -> None:
    """Check the columns `lon` and `lat` of a table; a row has both or neither.

    Where every row of the file has its coordinates swapped, that is said once.
    """
    rows: list[tuple[int, float, float]] = []
    for line, lon, lat in table.rows("lon", "lat"):
        if lon is None or lat is None:
            continue  # refused already
        if math.isnan(lon) != math.isnan(lat):
            table.add("coord_half", line, "lon" if math.isnan(lon) else "lat")
        elif not math.isnan(lon):
            rows.append((line, lon, lat))
    faults = [(line, lon, lat, position_fault(lon, lat, region)) for line, lon, lat in rows]
    if len(faults) > 1 and all(fault is not None and fault.what == "coord_swapped" for *_, fault in faults):
        table.add("coord_swapped_all", faults[0][0], "lat", count=len(faults))
        return
    for line, lon, lat, fault in faults:
        if fault is not None:
            table.add(fault.what, line, "lon", f"{lon:g}, {lat:g}", **fault.details)
    coarse = [(line, lon, lat) for line, lon, lat, fault in faults if fault is None and _is_coarse(lon, lat)]
    if coarse:
        line, lon, lat = coarse[0]
        table.add("coord_coarse", line, "lon", f"{lon!r}, {lat!r}", level="note", count=len(coarse))


def check_posisi(table: Table, column: str, without_point: str) -> None:
    """Refuse a row whose `column` and coordinate do not fit: `without_point` is the word for having none."""
    for line, posisi, lon in table.rows(column, "lon"):
        if posisi is None or lon is None:
            continue
        if math.isnan(lon) and posisi != without_point:
            table.add("posisi_without_point", line, column, posisi)
        if not math.isnan(lon) and posisi == without_point:
            table.add("point_without_posisi", line, column, posisi)


def _is_coarse(lon: float, lat: float) -> bool:
    return round(lon, COARSE_DECIMALS - 1) == lon and round(lat, COARSE_DECIMALS - 1) == lat
