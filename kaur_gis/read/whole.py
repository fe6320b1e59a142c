"""Everything that an operation names, read and held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd

from kaur_gis.inputs import Inputs, Roads
from kaur_gis.layers import Boundaries, Peaks, PlaceNames, Waters, empty
from kaur_gis.read import references
from kaur_gis.read.desa import desa_layer, read_desa
from kaur_gis.read.features import SUFFIXES as FEATURES
from kaur_gis.read.grid import TABLES
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.names import hint_points, read_boundaries, read_place_names
from kaur_gis.read.opened import Opened
from kaur_gis.read.peaks import read_peaks
from kaur_gis.read.personel import check_personel, personel_layer, read_personel
from kaur_gis.read.places import places_layer, read_places
from kaur_gis.read.position import points_of
from kaur_gis.read.roads import read_roads, read_schematic
from kaur_gis.read.signal import check_claims, claims_layer, read_claims, read_coverage, read_sites
from kaur_gis.read.tables import Table
from kaur_gis.read.tags import read_tags, with_tags
from kaur_gis.read.tps import TAGS, read_tps, tps_layer
from kaur_gis.read.waters import read_waters
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable


def read_whole(opened: Opened, roads: Path | None) -> Inputs | None:
    """Read everything that an operation names.

    Parameters
    ----------
    opened : Opened
        What is wrong is appended to its problems.
    roads : Path or None
        An OSM file to use instead of the roads that the operation names.

    Returns
    -------
    Inputs or None
        None when anything is refused.
    """
    operation, problems = opened.operation, opened.problems
    kit_rules = opened.model(operation.election.kit, KitRules)
    pattern = opened.model(operation.guard.pattern, GuardPattern)
    speeds = opened.model(operation.roads.speeds, SpeedTable)
    kecamatan, desa, places, tps = _tables(opened)
    optional = {**_personel(opened, places, kecamatan), **_signal(opened, tps)}
    if kit_rules is not None and kecamatan is not None and places is not None:
        references.check_dapil(places, kecamatan, kit_rules)
    references.check_metric_crs(operation.region, opened.file, problems)
    if speeds is not None:
        references.check_vehicles(operation, speeds, opened.file, problems)
    network = _roads(opened, roads, kecamatan)
    optional |= _around(opened)
    if desa is not None:
        hint_points(desa, kecamatan, optional["nama_tempat"], operation.layers.nama_tempat or "")
    if (
        opened.refused
        or kit_rules is None
        or pattern is None
        or speeds is None
        or kecamatan is None
        or desa is None
        or places is None
        or tps is None
        or network is None
    ):
        return None
    villages = desa_layer(desa)
    return Inputs(
        operation=operation,
        kit_rules=kit_rules,
        pattern=pattern,
        speeds=speeds,
        kecamatan=kecamatan,
        desa=villages,
        tempat=places_layer(places, villages),
        tps=tps_layer(tps),
        roads=network,
        notes=tuple(problems),
        sha256=opened.sha256,
        **optional,
    )


def _tables(opened: Opened) -> tuple[gpd.GeoDataFrame | None, Table | None, Table | None, Table | None]:
    """Read kecamatan, desa, places and TPS, and hold them against each other."""
    operation, file, problems = opened.operation, opened.file, opened.problems
    region = operation.region
    polygons = opened.raw("kecamatan", FEATURES)
    villages, sites, stations = (opened.raw(key, TABLES) for key in ("desa", "tempat", "tps"))
    kecamatan, codes = (None, set[str]()) if polygons is None else read_kecamatan(polygons, region, problems)
    desa = None if villages is None else read_desa(villages, region, problems)
    places = None if sites is None else read_places(sites, region, problems)
    tps = None if stations is None else read_tps(stations, operation, problems)
    _tag(opened, tps)
    for table in (desa, places, tps):
        if table is not None:
            opened.points.update(points_of(table))
    if desa is not None and codes:
        references.check_desa(desa, codes)
        references.check_bps(desa)
    if tps is not None and desa is not None:
        references.check_tps(tps, desa)
    if tps is not None:
        references.check_waves(operation, tps, file, problems)
    if tps is not None and kecamatan is not None:
        references.check_counts(tps, kecamatan)
        references.check_figures(tps, kecamatan, operation, file)
    if places is not None:
        if desa is not None:
            references.check_place_codes(places, "kode_desa", desa.codes)
        if codes:
            references.check_place_codes(places, "kode_kec", codes)
            references.check_ways(operation, codes, file, problems)
        served = set() if tps is None or desa is None else references.served_kecamatan(tps, desa, codes)
        references.check_chain(places, served, operation)
        references.check_bases(operation, places, file, problems)
        references.check_stores(operation, places, file, problems)
    return kecamatan, desa, places, tps


def _tag(opened: Opened, tps: Table | None) -> None:
    """Read the tags that stand in a file of their own, if any, and bring them into the list."""
    if opened.operation.layers.tanda is None:
        return
    raw = opened.raw("tanda", TABLES)
    tags = None if raw is None else read_tags(raw, TAGS, opened.operation.region, opened.problems)
    if tps is not None:
        with_tags(tps, tags, TAGS)


def _personel(opened: Opened, places: Table | None, kecamatan: gpd.GeoDataFrame | None) -> dict[str, Any]:
    """Read the officers at hand, where the operation names their table."""
    raw = opened.raw("personel", TABLES)
    personel = None if raw is None else read_personel(raw, opened.operation.region, opened.problems)
    if personel is not None and places is not None and kecamatan is not None:
        check_personel(personel, places, set(kecamatan.index))
    return {} if personel is None or opened.refused else {"personel": personel_layer(personel)}


def _signal(opened: Opened, tps: Table | None) -> dict[str, Any]:
    """Read statements and coverage, where the operation names them; without what is refused."""
    region, found = opened.operation.region, dict[str, Any]()
    raw = opened.raw("sinyal", TABLES)
    claims = None if raw is None else read_claims(raw, region, opened.problems)
    if claims is not None and tps is not None:
        check_claims(claims, tps)
    if claims is not None and not opened.refused:
        found["sinyal"] = claims_layer(claims)
    raw = opened.raw("cakupan", TABLES)
    coverage = None if raw is None else read_coverage(raw, region, opened.problems)
    raw = opened.raw("relay", TABLES)
    sites = None if raw is None else read_sites(raw, region, opened.problems)
    more = {"cakupan": coverage, "relay": sites}
    return found | {name: layer for name, layer in more.items() if layer is not None}


def _around(opened: Opened) -> dict[str, Any]:
    """Read waters, peaks, boundaries and names of places, where the operation names them."""
    region, problems = opened.operation.region, opened.problems
    drawn, named = opened.raw("sungai", FEATURES), opened.raw("puncak", TABLES)
    borders, places = opened.raw("batas", FEATURES), opened.raw("nama_tempat", FEATURES)
    return {
        "sungai": empty(Waters) if drawn is None else read_waters(drawn, region, problems),
        "puncak": empty(Peaks) if named is None else read_peaks(named, region, problems),
        "batas": empty(Boundaries) if borders is None else read_boundaries(borders, region, problems),
        "nama_tempat": empty(PlaceNames) if places is None else read_place_names(places, region, problems),
    }


def _roads(opened: Opened, override: Path | None, kecamatan: gpd.GeoDataFrame | None) -> Roads | None:
    """Read the roads; where the polygons are refused, only a schematic network can still be checked."""
    operation, folder, problems, sha256 = opened.operation, opened.folder, opened.problems, opened.sha256
    if kecamatan is not None:
        return read_roads(operation, folder, override, kecamatan, problems, sha256)
    if override is None and operation.roads.kind == "schematic":
        return read_schematic(operation, folder, problems, sha256)
    return None
