"""Border in: untrusted files become checked layers, or one list of everything that is wrong.

`read_inputs` is the whole of it; each table has a module of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from kaur_gis.config import Lang, Operation, RoadClosure, Source, SourceKey
from kaur_gis.inputs import Inputs, Roads
from kaur_gis.layers import Peaks, Waters, empty
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import references, shapefile
from kaur_gis.read.closures import asked_in_operation, asked_on_command_line, closed
from kaur_gis.read.desa import desa_layer, read_desa
from kaur_gis.read.features import SUFFIXES as FEATURES
from kaur_gis.read.grid import TABLES, read_grid
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.operation import M, read_model
from kaur_gis.read.osm_layers import study_area
from kaur_gis.read.peaks import read_peaks
from kaur_gis.read.personel import check_personel, personel_layer, read_personel
from kaur_gis.read.places import places_layer, read_places
from kaur_gis.read.position import points_of
from kaur_gis.read.raw import Raw
from kaur_gis.read.road_order import ordered
from kaur_gis.read.roads import read_roads, read_schematic
from kaur_gis.read.safely import read_bytes
from kaur_gis.read.signal import check_claims, claims_layer, read_claims, read_coverage
from kaur_gis.read.tables import IGNORED_COLUMN, Table, clean_text
from kaur_gis.read.tags import read_tags, with_tags
from kaur_gis.read.tps import COLUMNS as TPS_COLUMNS
from kaur_gis.read.tps import TAGS, read_tps, tps_layer
from kaur_gis.read.waters import read_waters
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable

__all__ = ["Checked", "check_inputs", "read_area", "read_inputs", "read_list", "read_operation"]


def read_operation(path: str | Path) -> Operation:
    """Read and check the operation file alone.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    Operation

    Raises
    ------
    InputProblems
        Where the file is refused.
    """
    return _opened(path)[1]


def read_area(path: str | Path) -> tuple[Operation, shapely.Geometry]:
    """Read what a download needs: the operation, and its area in lon, lat.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    operation : Operation
    area : Geometry
        The kecamatan and `roads.buffer_m` around them; the study box where they can't be read yet.

    Raises
    ------
    InputProblems
        Where the operation file is refused.
    """
    reading, operation = _opened(path)
    polygons = reading.raw("kecamatan", operation, Path(path).name, FEATURES)
    kecamatan = None if polygons is None else read_kecamatan(polygons, operation.region, reading.problems)[0]
    references.check_metric_crs(operation.region, Path(path).name, reading.problems)
    if kecamatan is not None and not reading.refused:
        return operation, study_area(operation, kecamatan)
    region = operation.region
    return operation, shapely.box(region.west_lon, region.south_lat, region.east_lon, region.north_lat)


def read_inputs(
    path: str | Path,
    *,
    roads: str | Path | None = None,
    closures: Sequence[str | RoadClosure] = (),
    lang: Lang | None = None,
) -> Inputs:
    """Read and check everything that an operation names.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).
    roads : str or Path, optional
        An OSM file to use instead of the roads that the operation names.
    closures : sequence of str or RoadClosure, optional
        Roads that are closed besides those of the operation, e.g. ``"titik:-4.79,103.31,200"``; see `cut.closure_of`.
    lang : {"id", "en"}, optional
        Language of the plan instead of the operation's.

    Returns
    -------
    Inputs

    Raises
    ------
    InputProblems
        With everything that was found in all the files, when anything is refused.
    """
    checked = check_inputs(path, roads=roads, closures=closures, lang=lang)
    if checked.inputs is None:
        raise InputProblems(checked.problems)
    return checked.inputs


def read_list(path: str | Path) -> list[list[str]]:
    """Read the list of TPS of an operation as text, under our columns, to write it again with other values.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    list of list of str
        The header and the rows: our columns and free notes; what a foreign file has besides is left out.

    Raises
    ------
    InputProblems
        Where the operation file or the list is refused.
    """
    reading, operation = _opened(path)
    raw = reading.raw("tps", operation, Path(path).name, TABLES)
    grid = None if raw is None else read_grid(raw, operation.region, reading.problems)
    if grid is None:
        raise InputProblems(reading.problems)
    known = {IGNORED_COLUMN, *(column.name for column in TPS_COLUMNS)}
    at = [number for number, name in enumerate(grid.rows[0]) if clean_text(name)[0] in known]
    return [[clean_text(row[number])[0] for number in at] for row in grid.rows]


@dataclass(frozen=True)
class Checked:
    """What came of reading, whether anything was refused or not.

    Attributes
    ----------
    inputs : Inputs or None
        None where anything is refused.
    problems : tuple of Problem
        Everything found, of any level.
    points : mapping
        (file, row) -> longitude and latitude as the file gives them, for the rows that could be read.
    """

    inputs: Inputs | None
    problems: tuple[Problem, ...]
    points: Mapping[tuple[str, int], tuple[float, float]]


def check_inputs(
    path: str | Path,
    *,
    roads: str | Path | None = None,
    closures: Sequence[str | RoadClosure] = (),
    lang: Lang | None = None,
) -> Checked:
    """Read and check everything that an operation names, and say what came of it.

    Parameters
    ----------
    path, roads, closures, lang
        As in `read_inputs`.

    Returns
    -------
    Checked

    Raises
    ------
    InputProblems
        Where the operation file itself is refused.
    """
    path = Path(path)
    reading, operation = _opened(path)
    if lang is not None:
        operation = operation.model_copy(update={"operation": operation.operation.model_copy(update={"lang": lang})})
    unread: list[Problem] = []
    asked = asked_on_command_line(closures, unread)
    inputs = reading.whole(operation, path.name, None if roads is None else Path(roads))
    if inputs is not None:
        places = [asked_in_operation(operation, path.name, path.parent), asked]
        inputs = closed(inputs, places, reading.problems, reading.sha256)
    reading.problems += unread
    return Checked(None if reading.refused else inputs, tuple(reading.problems), reading.points)


class _Reading:
    """One reading of one operation: where it lies, and what was found so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.sha256: dict[str, str] = {}
        self.points: dict[tuple[str, int], tuple[float, float]] = {}
        self.allow_outside = True  # the operation file itself lies where the planner says

    @property
    def refused(self) -> bool:
        """Whether anything found so far stops the run."""
        return any(problem.level == "refuse" for problem in self.problems)

    def data(self, name: str, *suffixes: str) -> bytes | None:
        """Read one file."""
        return read_bytes(
            self.folder, name, self.problems, self.sha256, suffixes=suffixes, allow_outside=self.allow_outside
        )

    def raw(self, key: SourceKey, operation: Operation, file: str, suffixes: Sequence[str]) -> Raw | None:
        """Open one layer's file, and those that belong to it."""
        name = getattr(operation.layers, key)
        data = self.data(name, *suffixes)
        if data is None:
            return None
        beside: dict[str, bytes] = {}
        if name.lower().endswith(".shp"):
            stem = name[: -len(".shp")]
            for end in (*shapefile.NEEDED, *shapefile.OPTIONAL):
                if end in shapefile.NEEDED or (self.folder / (stem + end)).exists():
                    part = self.data(stem + end, end)
                    if part is None:
                        return None
                    beside[end] = part
        if name.lower().endswith(".gpkg") and _has_log(self.folder / name):
            self.problems.append(Problem("file_open_elsewhere", name))
            return None
        return Raw(name, data, beside, operation.sources.get(key, Source()), key, file)

    def model(self, name: str, model: type[M]) -> M | None:
        """Read one TOML file."""
        data = self.data(name, ".toml")
        return None if data is None else read_model(data, name, model, self.problems)

    def whole(self, operation: Operation, file: str, roads: Path | None) -> Inputs | None:
        """Read everything else; None when anything is refused."""
        kit_rules = self.model(operation.election.kit, KitRules)
        pattern = self.model(operation.guard.pattern, GuardPattern)
        speeds = self.model(operation.roads.speeds, SpeedTable)
        kecamatan, desa, places, tps = self._tables(operation, file)
        personel = self._personel(operation, file, places, kecamatan)
        signal = self._signal(operation, file, tps)
        if kit_rules is not None and kecamatan is not None and places is not None:
            references.check_dapil(places, kecamatan, kit_rules)
        references.check_metric_crs(operation.region, file, self.problems)
        if speeds is not None:
            references.check_vehicles(operation, speeds, file, self.problems)
        network = self._roads(operation, roads, kecamatan)
        waters, peaks = empty(Waters), empty(Peaks)
        if operation.layers.sungai is not None:
            drawn = self.raw("sungai", operation, file, FEATURES)
            waters = waters if drawn is None else read_waters(drawn, operation.region, self.problems)
        if operation.layers.puncak is not None:
            named = self.raw("puncak", operation, file, TABLES)
            peaks = peaks if named is None else read_peaks(named, operation.region, self.problems)
        if (
            self.refused
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
            notes=tuple(self.problems),
            sha256=self.sha256,
            sungai=waters,
            puncak=peaks,
            **({} if personel is None else {"personel": personel_layer(personel)}),
            **signal,
        )

    def _personel(
        self, operation: Operation, file: str, places: Table | None, kecamatan: gpd.GeoDataFrame | None
    ) -> Table | None:
        """Read the officers at hand, where the operation names their table."""
        raw = None if operation.layers.personel is None else self.raw("personel", operation, file, TABLES)
        personel = None if raw is None else read_personel(raw, operation.region, self.problems)
        if personel is not None and places is not None and kecamatan is not None:
            check_personel(personel, places, set(kecamatan.index))
        return personel

    def _signal(self, operation: Operation, file: str, tps: Table | None) -> dict[str, Any]:
        """Read statements and coverage, where the operation names them; without what is refused."""
        region, found = operation.region, dict[str, Any]()
        raw = None if operation.layers.sinyal is None else self.raw("sinyal", operation, file, TABLES)
        claims = None if raw is None else read_claims(raw, region, self.problems)
        if claims is not None and tps is not None:
            check_claims(claims, tps)
        if claims is not None and not self.refused:
            found["sinyal"] = claims_layer(claims)
        raw = None if operation.layers.cakupan is None else self.raw("cakupan", operation, file, TABLES)
        coverage = None if raw is None else read_coverage(raw, region, self.problems)
        return found if coverage is None else found | {"cakupan": coverage}

    def _tables(
        self, operation: Operation, file: str
    ) -> tuple[gpd.GeoDataFrame | None, Table | None, Table | None, Table | None]:
        """Read kecamatan, desa, places and TPS, and hold them against each other."""
        region = operation.region
        polygons = self.raw("kecamatan", operation, file, FEATURES)
        villages, sites, stations = (self.raw(key, operation, file, TABLES) for key in ("desa", "tempat", "tps"))
        kecamatan, codes = (None, set[str]()) if polygons is None else read_kecamatan(polygons, region, self.problems)
        desa = None if villages is None else read_desa(villages, region, self.problems)
        places = None if sites is None else read_places(sites, region, self.problems)
        tps = None if stations is None else read_tps(stations, operation, self.problems)
        self._tag(tps, operation, file)
        for table in (desa, places, tps):
            if table is not None:
                self.points.update(points_of(table))
        if desa is not None and codes:
            references.check_desa(desa, codes)
            references.check_bps(desa)
        if tps is not None and desa is not None:
            references.check_tps(tps, desa)
        if tps is not None:
            references.check_waves(operation, tps, file, self.problems)
        if tps is not None and kecamatan is not None:
            references.check_counts(tps, kecamatan)
            references.check_figures(tps, kecamatan, operation, file)
        if places is not None:
            if desa is not None:
                references.check_place_codes(places, "kode_desa", desa.codes)
            if codes:
                references.check_place_codes(places, "kode_kec", codes)
            served = set() if tps is None or desa is None else references.served_kecamatan(tps, desa, codes)
            references.check_chain(places, served, operation)
            references.check_bases(operation, places, file, self.problems)
        return kecamatan, desa, places, tps

    def _tag(self, tps: Table | None, operation: Operation, file: str) -> None:
        """Read the tags that stand in a file of their own, if any, and bring them into the list."""
        if operation.layers.tanda is None:
            return
        raw = self.raw("tanda", operation, file, TABLES)
        tags = None if raw is None else read_tags(raw, TAGS, operation.region, self.problems)
        if tps is not None:
            with_tags(tps, tags, TAGS)

    def _roads(self, operation: Operation, override: Path | None, kecamatan: gpd.GeoDataFrame | None) -> Roads | None:
        """Read the roads; where the polygons are refused, only a schematic network can still be checked."""
        if kecamatan is not None:
            roads = read_roads(operation, self.folder, override, kecamatan, self.problems, self.sha256)
            return roads and ordered(roads)
        if override is None and operation.roads.kind == "schematic":
            return read_schematic(operation, self.folder, self.problems, self.sha256)
        return None


def _opened(path: str | Path) -> tuple[_Reading, Operation]:
    """Begin a reading with the operation file, which says what the other files may be.

    Raises
    ------
    InputProblems
        Where the operation file is refused.
    """
    reading = _Reading(Path(path).parent)
    operation = reading.model(Path(path).name, Operation)
    if operation is None:
        raise InputProblems(reading.problems)
    reading.allow_outside = operation.layers.allow_outside
    return reading, operation


def _has_log(path: Path) -> bool:
    """Whether another program holds changes to a GeoPackage that are not in the file yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0
