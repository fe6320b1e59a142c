"""What is said of the signal: statements by TPS, and points and areas of coverage."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from kaur_gis.config import SINYAL, SUMBER_ORDER, Region
from kaur_gis.layers import CRS, KODE_TPS, Coverage, RelaySites, SignalClaims, checked, checked_geo
from kaur_gis.problems import Problem
from kaur_gis.read.cells import Fault, code, iso_day, own_code, text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.features import SUFFIXES as FEATURES
from kaur_gis.read.features import read_features
from kaur_gis.read.grid import grid_of
from kaur_gis.read.near import near
from kaur_gis.read.polygons import PolygonReader, RefusedGeometry
from kaur_gis.read.position import check_positions, coordinate, position_fault
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table, table_in, table_of

MAX_OPERATOR = 40


def operator(text: str) -> str | Fault:
    """Parse the name of an operator; small letters, so that one name is one operator."""
    return text_up_to(MAX_OPERATOR)(text.casefold())


SAID = (
    Column("sinyal", words(*SINYAL)),
    Column("operator", operator, required=False, blank=""),
    Column("sumber", words(*SUMBER_ORDER)),
    Column("tanggal", iso_day, required=False, blank=""),
)
CLAIMS = (Column("kode_tps", code(KODE_TPS, "1704012001001")), *SAID)
AREAS = (*SAID, Column("nama", text_up_to(MAX_NAME), required=False, blank=""))
SITES = (
    Column("kode_relay", own_code("RELAY-01")),
    Column("nama", text_up_to(MAX_NAME), required=False, blank=""),
    Column("lon", coordinate),
    Column("lat", coordinate),
    Column("sumber", words(*SUMBER_ORDER)),
)
POINTS = (*AREAS, Column("lon", coordinate), Column("lat", coordinate))


def read_claims(raw: Raw, region: Region, problems: list[Problem]) -> Table | None:
    """Read the statements on the signal of TPS, several of one TPS where there are.

    Parameters
    ----------
    raw : Raw
        The file.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    Table or None
    """
    return table_in(raw, CLAIMS, region, problems, keyed=False)


def check_claims(claims: Table, tps: Table) -> None:
    """Check that every statement names a TPS of the list."""
    for line, kode in claims.cells("kode_tps"):
        if kode not in tps.codes:
            claims.add("code_unknown", line, "kode_tps", kode, **near(kode, sorted(tps.codes)))


def claims_layer(table: Table) -> pd.DataFrame:
    """Make the layer `layers.SignalClaims` of a table without refusals; the same statement twice is one."""
    frame = table.frame[["kode_tps", "operator", "sinyal", "sumber", "tanggal"]].astype("str").drop_duplicates()
    frame = frame.sort_values(list(frame.columns)).reset_index(drop=True).rename_axis("pernyataan")
    return checked(frame, SignalClaims)


def read_coverage(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame | None:
    """Read points and areas of coverage.

    Parameters
    ----------
    raw : Raw
        A table with `lon` and `lat`, or features that are points or areas.
    region : Region
        Study box: every position must lie inside.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    GeoDataFrame or None
        Layer `layers.Coverage`, in the order of the file; None where anything is refused.
    """
    before = len(problems)
    if raw.suffix in FEATURES:
        features = read_features(raw, region, problems)
        bare = [{**item, "geometry": None} if isinstance(item, dict) else item for item in features]
        grid = grid_of(raw, bare, problems)
        table = None if grid is None else table_of(grid, AREAS, problems, keyed=False)
        shapes = [] if table is None else _shapes(features, table, region)
    else:
        table = table_in(raw, POINTS, region, problems, keyed=False)
        if table is not None:
            check_positions(table, region)
            shapes = [shapely.Point(lon, lat) for _, lon, lat in table.rows("lon", "lat")]
    if table is None or any(problem.level == "refuse" for problem in problems[before:]):
        return None
    names = ["nama", "operator", "sinyal", "sumber", "tanggal"]
    frame = table.frame[names].astype("str").reset_index(drop=True).rename_axis("cakupan")
    return checked_geo(gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), Coverage)


def _shapes(features: list[Any], table: Table, region: Region) -> list[Any]:
    """Build the point or the area of every feature that stands in the table; what is neither is refused."""
    reader, shapes = PolygonReader(region), []
    for line in table.frame.index:
        geometry = features[line - 1].get("geometry")
        try:
            shapes.append(_point(geometry, region) or reader.read(geometry)[0])
        except RefusedGeometry as refused:
            details = dict(refused.fault.details)
            table.add(refused.fault.what, line, "geometry", details.pop("value", ""), **details)
    return shapes


def _point(geometry: Any, region: Region) -> shapely.Point | None:  # noqa: ANN401 - GeoJSON as read
    """Build a point; None for what is none."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    at = geometry.get("coordinates")
    pair = at[:2] if isinstance(at, list | tuple) else ()
    if len(pair) < 2 or any(isinstance(x, bool) or not isinstance(x, int | float) for x in pair):  # noqa: PLR2004 - lon, lat
        raise RefusedGeometry(Fault("coord_not_number"))
    lon, lat = pair
    if fault := position_fault(lon, lat, region):
        raise RefusedGeometry(Fault(fault.what, value=f"{lon}, {lat}"[:80], **fault.details))
    return shapely.Point(lon, lat)


def read_sites(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame | None:
    """Read the sites where a radio relay could stand.

    Parameters
    ----------
    raw : Raw
        The file: a table with `lon` and `lat`, or points.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended.

    Returns
    -------
    GeoDataFrame or None
        Layer `layers.RelaySites`, sorted by code; None where anything is refused.
    """
    before = len(problems)
    table = table_in(raw, SITES, region, problems)
    if table is not None:
        check_positions(table, region)
    if table is None or any(problem.level == "refuse" for problem in problems[before:]):
        return None
    frame = table.frame.sort_values("kode_relay").set_index("kode_relay")
    points = gpd.points_from_xy(frame["lon"].astype(float), frame["lat"].astype(float), crs=CRS)
    frame.index = frame.index.astype("str")
    return checked_geo(gpd.GeoDataFrame(frame[["nama", "sumber"]].astype("str"), geometry=points), RelaySites)
