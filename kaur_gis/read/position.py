"""Coordinates: inside the study box, or refused with what they look like."""

from __future__ import annotations

import math

import pyproj
import shapely

from kaur_gis.config import Region
from kaur_gis.read.cells import Fault, decimal
from kaur_gis.read.tables import Column, Table

COARSE_DECIMALS = 3  # fewer decimals of a degree blur a point by more than about 100 m
NEAR_M = 5.0  # two surveyed points nearer than this are perhaps one and the same
SAME_M = 0.1
METRES_PER_DEGREE = 110_000.0  # never more than a degree of latitude is
MAX_LON, MAX_LAT = 180.0, 90.0
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
        return Fault("coord_utm", **_as_degrees(lon, lat, region))
    if is_inside(lat, lon, region):
        return Fault("coord_swapped")
    if any(is_inside(x, y, region) for x, y in ((lon, -lat), (-lon, lat), (-lon, -lat))):
        return Fault("coord_sign")
    box = f"{region.west_lon:g}..{region.east_lon:g}, {region.south_lat:g}..{region.north_lat:g}"
    return Fault("coord_outside", box=box)


def _as_degrees(x: float, y: float, region: Region) -> dict[str, str]:
    """Try metres in the region's own UTM zone, either way round: `looks_like` is where they would lie."""
    try:
        transformer = pyproj.Transformer.from_crs(region.metric_crs, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError:
        return {"nearest": ""}
    for east, north in ((x, y), (y, x)):
        lon, lat = transformer.transform(east, north)
        if is_inside(lon, lat, region):
            return {"nearest": f"{lon:.6f}, {lat:.6f}", "crs": region.metric_crs}
    return {"nearest": ""}


def check_positions(table: Table, region: Region, columns: tuple[str, str] = ("lon", "lat")) -> None:
    """Check two columns of a table, longitude and latitude; a row has both or neither.

    Where every row of the file has its coordinates swapped, that is said once.
    """
    rows: list[tuple[int, float, float]] = []
    for line, lon, lat in table.rows(*columns):
        if lon is None or lat is None:
            continue  # refused already
        if math.isnan(lon) != math.isnan(lat):
            table.add("coord_half", line, columns[0 if math.isnan(lon) else 1])
        elif not math.isnan(lon):
            rows.append((line, lon, lat))
    faults = [(line, lon, lat, position_fault(lon, lat, region)) for line, lon, lat in rows]
    if len(faults) > 1 and all(fault is not None and fault.what == "coord_swapped" for *_, fault in faults):
        table.add("coord_swapped_all", faults[0][0], columns[1], count=len(faults))
        return
    for line, lon, lat, fault in faults:
        if fault is not None:
            table.add(fault.what, line, columns[0], f"{lon:.10g}, {lat:.10g}", **fault.details)
    coarse = [(line, lon, lat) for line, lon, lat, fault in faults if fault is None and _is_coarse(lon, lat)]
    if coarse:
        line, lon, lat = coarse[0]
        table.add("coord_coarse", line, columns[0], f"{lon!r}, {lat!r}", level="note", count=len(coarse))


def points_of(table: Table) -> dict[tuple[str, int], tuple[float, float]]:
    """Give the point of each row that has one, right or wrong, by file and row: to show a fault on a map."""
    return {
        (table.file, line): (lon, lat)
        for line, lon, lat in table.rows("lon", "lat")
        if lon is not None and lat is not None and abs(lon) <= MAX_LON and abs(lat) <= MAX_LAT
    }


def check_near(table: Table, region: Region) -> None:
    """Note TPS of one point too many: nearer than a few metres yet not the same, or one point for two villages.

    A row that says ``titik_disengaja = ya`` is left alone, and so are its neighbours for its sake.
    """
    rows = [
        (line, lon, lat, desa, meant)
        for line, lon, lat, desa, meant in table.rows("lon", "lat", "kode_desa", "titik_disengaja")
        if lon is not None and lat is not None and is_inside(lon, lat, region)
    ]
    if len(rows) < 2:  # noqa: PLR2004 - a pair
        return
    geod = pyproj.Geod(ellps="WGS84")
    shapes = shapely.points([row[1] for row in rows], [row[2] for row in rows])
    reach = NEAR_M / METRES_PER_DEGREE / math.cos(math.radians(max(abs(region.south_lat), abs(region.north_lat))))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=reach)
    for one, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if one >= other or rows[one][4] or rows[other][4]:
            continue
        (line, lon, lat, desa, _), (second, lon2, lat2, desa2, _) = rows[one], rows[other]
        metres = float(geod.inv(lon, lat, lon2, lat2)[2])
        if (metres > SAME_M or desa != desa2) and metres <= NEAR_M:
            value = f"{lon2:.10g}, {lat2:.10g}"
            table.add("near_duplicate", second, "lon", value, level="note", first_row=line, metres=round(metres, 1))


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
