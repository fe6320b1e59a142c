"""What one table says about another: codes that must meet, totals that should agree, chains that must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import geopandas as gpd
import pyproj
from pyproj.exceptions import CRSError

from kaur_gis.config import Operation, Region
from kaur_gis.problems import Problem
from kaur_gis.read.near import near
from kaur_gis.read.safely import printable
from kaur_gis.read.tables import Table
from kaur_gis.rules import KitRules, SpeedTable
from kaur_gis.spelling import letters

MAX_ZONE_OVERHANG = 1.0  # the study box may leave the area of use of the metric CRS by this much [degrees]
_KEC = len("17.04.01")
_KEC_BPS = len("1704050")


def check_metric_crs(region: Region, file: str, problems: list[Problem]) -> None:
    """Check that the CRS for measuring is in metres and made for this part of the world."""
    try:
        crs = pyproj.CRS.from_user_input(region.metric_crs)
    except CRSError:
        problems.append(Problem("metric_crs", file, None, "region.metric_crs", region.metric_crs))
        return
    area = crs.area_of_use
    fits = area is not None and (
        area.west - MAX_ZONE_OVERHANG <= region.west_lon and region.east_lon <= area.east + MAX_ZONE_OVERHANG
    )
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info) or not fits:
        problems.append(Problem("metric_crs", file, None, "region.metric_crs", region.metric_crs))


def check_vehicles(operation: Operation, speeds: SpeedTable, file: str, problems: list[Problem]) -> None:
    """Check that every vehicle the operation names is in the speed table."""
    known = sorted(speeds.vehicles)
    for number, fleet in enumerate(operation.fleet, start=1):
        if fleet.vehicle not in speeds.vehicles:
            at = f"fleet.{number}.vehicle"
            problems.append(
                Problem("vehicle_unknown", file, None, at, fleet.vehicle, details=near(fleet.vehicle, known))
            )
    if operation.guard.vehicle not in speeds.vehicles:
        vehicle = operation.guard.vehicle
        problems.append(Problem("vehicle_unknown", file, None, "guard.vehicle", vehicle, details=near(vehicle, known)))
    for vehicle in operation.komunikasi.vehicles if operation.komunikasi else ():
        if vehicle not in speeds.vehicles:
            at = "komunikasi.vehicles"
            problems.append(Problem("vehicle_unknown", file, None, at, vehicle, details=near(vehicle, known)))


def check_waves(operation: Operation, tps: Table, file: str, problems: list[Problem]) -> None:
    """Check that every TPS that a wave, or a deadline of its own, names exists."""
    named = [(f"waves.{number}", wave.kode_tps) for number, wave in enumerate(operation.waves, start=1)]
    named += [(f"batas.{number}", row.kode_tps) for number, row in enumerate(operation.batas, start=1)]
    for row, kodes in named:
        for kode in kodes:
            if kode not in tps.codes:
                details = near(kode, sorted(tps.codes))
                problems.append(Problem("code_unknown", file, None, f"{row}.kode_tps", kode, details=details))


def check_ways(operation: Operation, kecamatan: set[str], file: str, problems: list[Problem]) -> None:
    """Check that every kecamatan that a stage or a leg of the way back names exists."""
    named = [(f"stages.{number}", stage.kecamatan) for number, stage in enumerate(operation.stages, start=1)]
    named += [(f"kembali.{number}", row.kecamatan) for number, row in enumerate(operation.kembali, start=1)]
    for row, kodes in named:
        for kode in sorted({*kodes} - kecamatan):
            details = near(kode, sorted(kecamatan))
            problems.append(Problem("code_unknown", file, None, f"{row}.kecamatan", kode, details=details))


def check_bases(operation: Operation, places: Table, file: str, problems: list[Problem]) -> None:
    """Check that fleets stand at places that exist and are of the kind their stage begins at."""
    kinds = dict(places.frame[["kode_tempat", "jenis"]].to_numpy())
    origins: dict[str, str] = {stage.name: stage.origin for stage in operation.stages}
    origins |= {row.name: row.target for row in operation.kembali}
    for number, fleet in enumerate(operation.fleet, start=1):
        end = fleet.pulang_ke
        if end is not None and end not in places.codes:
            told = near(end, sorted(places.codes))
            problems.append(Problem("code_unknown", file, None, f"fleet.{number}.pulang_ke", end, details=told))
        for base in fleet.bases:
            if base not in places.codes:
                what, details = "code_unknown", near(base, sorted(places.codes))
            elif kinds.get(base, origins[fleet.stage]) != origins[fleet.stage]:
                what, details = "base_kind", {"wanted": origins[fleet.stage]}
            else:
                continue
            problems.append(Problem(what, file, None, f"fleet.{number}.bases", base, details=details))


def check_stores(operation: Operation, places: Table, file: str, problems: list[Problem]) -> None:
    """Check that the places of which is said what they hold exist and are of that kind."""
    kinds = dict(places.frame[["kode_tempat", "jenis"]].to_numpy())
    for number, row in enumerate(operation.simpan, start=1):
        for kode in row.tempat:
            if kode not in places.codes:
                what, details = "code_unknown", near(kode, sorted(places.codes))
            elif kinds.get(kode, row.jenis) != row.jenis:
                what, details = "base_kind", {"wanted": row.jenis}
            else:
                continue
            problems.append(Problem(what, file, None, f"simpan.{number}.tempat", kode, details=details))


def check_desa(desa: Table, kecamatan: set[str]) -> None:
    """Check that the kecamatan of every village is known."""
    for line, kode in desa.cells("kode_desa"):
        if kode[:_KEC] not in kecamatan:
            desa.add("code_unknown", line, "kode_desa", kode, **near(kode[:_KEC], sorted(kecamatan)))


def check_tps(tps: Table, desa: Table) -> None:
    """Check that the village of every TPS is known, and say which villages have none."""
    names = dict(zip(desa.frame["kode_desa"], desa.frame["nama"], strict=True))
    for line, kode in tps.cells("kode_desa"):
        if kode not in desa.codes:
            tps.add("code_unknown", line, "kode_desa", kode, **near(kode, sorted(desa.codes)))
    for line, kode, desa_kode, number in tps.rows("kode_tps", "kode_desa", "no_tps"):
        known = desa_kode in desa.codes and number is not None
        expected = f"{desa_kode.replace('.', '')}{number:03d}" if known else kode
        if kode and kode != expected:
            tps.add("kode_tps_differs", line, "kode_tps", kode, expected=expected)
    for line, kode, name in tps.rows("kode_desa", "nama_desa"):
        expected = names.get(kode)
        if name and expected and name.casefold() != expected.casefold():
            tps.add("name_differs", line, "nama_desa", name, level="note", expected=printable(expected))
    with_tps = {kode for _, kode in tps.cells("kode_desa")}
    for line, kode in desa.cells("kode_desa"):
        if kode not in with_tps:
            desa.add("desa_without_tps", line, "kode_desa", kode, level="note")


def check_counts(tps: Table, kecamatan: gpd.GeoDataFrame) -> None:
    """Compare the number of TPS of each kecamatan with the one it states."""
    counts = Counter(kode[:_KEC] for _, kode in tps.cells("kode_desa"))
    for kode, stated in kecamatan["n_tps_resmi"].items():
        if stated and counts[kode] != stated:
            tps.add("count_differs", None, "kode_kec", kode, level="note", found=counts[kode], expected=int(stated))
        elif not counts[kode]:
            tps.add("kecamatan_without_tps", None, "kode_kec", kode, level="note")


def check_figures(tps: Table, kecamatan: gpd.GeoDataFrame, operation: Operation, file: str) -> None:
    """Refuse a list whose totals by kecamatan or dapil differ from the decree's; not where rows are refused anyway."""
    frame = tps.frame.assign(kode_kec=tps.frame["kode_desa"].str[:_KEC])
    frame = frame.assign(dapil=frame["kode_kec"].map(kecamatan["dapil"]))
    whole = not any(problem.level == "refuse" for problem in tps.own())
    for column, stated in (("kode_kec", operation.election.kecamatan), ("dapil", operation.election.dapil)):
        known = sorted(set(kecamatan.index if column == "kode_kec" else kecamatan["dapil"]))
        for key, figures in stated.items():
            at = f"election.{'kecamatan' if column == 'kode_kec' else column}.{printable(key)}"
            if key not in known:
                tps.problems.append(Problem("code_unknown", file, None, at, printable(key), details=near(key, known)))
                continue
            mine = frame[frame[column] == key]
            for what, found, expected in (
                ("figure_tps", len(mine), figures.tps),
                ("figure_voters", int(mine["pemilih"].sum()) if whole else 0, figures.pemilih),
            ):
                if whole and expected is not None and found != expected:
                    tps.add(what, None, column, key, found=found, expected=expected)


def check_bps(desa: Table) -> None:
    """Note where the codes of BPS do not go with those of Kemendagri: twice, or in another kecamatan than its like."""
    seen: dict[str, int] = {}
    pairs: dict[str, Counter[str]] = {}
    for line, kode, bps in desa.rows("kode_desa", "kode_bps"):
        if not kode or not bps:
            continue
        if seen.setdefault(bps, line) != line:
            desa.add("bps_twice", line, "kode_bps", bps, level="note", first_row=seen[bps])
        pairs.setdefault(kode[:_KEC], Counter())[bps[:_KEC_BPS]] += 1
    for line, kode, bps in desa.rows("kode_desa", "kode_bps"):
        if kode and bps:
            (usual, _), *_ = pairs[kode[:_KEC]].most_common(1)
            if bps[:_KEC_BPS] != usual:
                desa.add("bps_kecamatan", line, "kode_bps", bps, level="note", usual=usual, kode_kec=kode[:_KEC])
    for line, name, other in desa.rows("nama", "nama_bps"):
        if name and other and name.casefold() != other.casefold():
            what = "bps_spelling" if letters(name) == letters(other) else "bps_name"
            desa.add(what, line, "nama_bps", other, level="note", nama=printable(name))


def check_place_codes(places: Table, column: str, known: set[str]) -> None:
    """Check that one column of the table of places holds known codes."""
    for line, kode in places.cells(column):
        if kode not in known:
            places.add("code_unknown", line, column, kode, **near(kode, sorted(known)))


def check_chain(places: Table, served: Iterable[str], operation: Operation) -> None:
    """Check that every place is supplied by one of the right kind, and every kecamatan of `served` by one PPK."""
    kinds = dict(places.frame[["kode_tempat", "jenis"]].to_numpy())
    check_place_codes(places, "induk", places.codes)
    for line, kode, jenis, induk, kec in places.rows("kode_tempat", "jenis", "induk", "kode_kec"):
        ways = {stage.target: stage.origin for stage in operation.stages_of(kec)}
        wanted = ways.get(jenis)
        if wanted is not None and induk == "":
            places.add("induk_missing", line, "induk", kode, wanted=wanted)
        elif wanted is not None and kinds.get(induk, wanted) not in {wanted, None}:
            places.add("induk_kind", line, "induk", induk, wanted=wanted)
    if "gudang" not in kinds.values():
        places.add("no_gudang")
    if "ppk" in {stage.target for stage in operation.stages}:
        _one_ppk_each(places, [kec for kec in served if "ppk" in {row.target for row in operation.stages_of(kec)}])


def served_kecamatan(tps: Table, desa: Table, kecamatan: set[str]) -> set[str]:
    """Give the kecamatan with TPS, of the rows whose village and kecamatan are known: the others are said already."""
    kodes = {kode for _, kode in tps.cells("kode_desa") if kode in desa.codes}
    return {kode[:_KEC] for kode in kodes} & kecamatan


def check_dapil(places: Table, kecamatan: gpd.GeoDataFrame, rules: KitRules) -> None:
    """Check, where ballots are printed by dapil, that every dapil is known and no gudang serves another's."""
    if not rules.by_dapil:
        return
    of_kec = dict(kecamatan["dapil"])
    served = dict(places.frame[["kode_tempat", "dapil"]].to_numpy())
    for line, jenis, induk, kode_kec in places.rows("jenis", "induk", "kode_kec"):
        wanted, found = of_kec.get(kode_kec, ""), served.get(induk, "")
        if wanted and found and wanted != found:
            places.add("gudang_other_dapil", line, "induk", induk, found=found, wanted=wanted, kode_kec=kode_kec)
        elif jenis == "ppk" and wanted == "":
            places.add("dapil_unknown", line, "kode_kec", kode_kec, level="note")


def _one_ppk_each(places: Table, wanted: Iterable[str]) -> None:
    """Check that every kecamatan with TPS has one PPK; not where a row that is refused may be that PPK."""
    ppk = places.frame[places.frame["jenis"].isna() | (places.frame["jenis"] == "ppk")]
    counts = Counter(ppk["kode_kec"])
    deciding = {"jenis", "kode_kec", "kode_desa"}
    unsure = any(
        problem.level == "refuse" and problem.row in ppk.index and problem.column in deciding
        for problem in places.own()
    )
    for kode in sorted(wanted):
        if counts[kode] == 0 and not unsure:
            places.add("no_ppk", None, "kode_kec", kode)
    seen: set[str] = set()
    for line, kode in zip(ppk.index, ppk["kode_kec"], strict=True):
        if kode in seen:
            places.add("two_ppk", line, "kode_kec", kode)
        seen.add(kode)
