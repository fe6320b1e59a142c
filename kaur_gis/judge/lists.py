"""Promises about the lists: every code known, every TPS once, in its place, with its tags and its kit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import pandas as pd

from kaur_gis.config import KerawananRule
from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.rows import Row
from kaur_gis.store import PLAN_LAYERS

SAME_DEG = 1.5e-6  # TPS whose degrees differ by less may share a stop
WHERE = "kode_desa", "kode_kec", "posisi"
ROUND = {"up": math.ceil, "down": math.floor, "nearest": lambda spare: math.floor(spare + Fraction(1, 2))}


def references(facts: Facts) -> Iterator[Broken]:
    """Every code that a layer names exists, once, and legs are numbered from 1; else nothing more can be judged."""
    plan, operation = facts.plan, facts.plan.inputs.operation
    fleet = {row.kode: row for row in operation.fleet}
    known = {
        ("loads", "kode_trip"): plan.trips.index,
        ("loads", "kode_tps"): plan.tps.index,
        ("legs", "kode_trip"): plan.trips.index,
        ("legs", "from_stop"): plan.stops.index,
        ("legs", "to_stop"): plan.stops.index,
        ("trips", "stage"): [stage.name for stage in operation.stages],
        ("trips", "wave"): [wave.name for wave in operation.waves],
        ("trips", "fleet"): list(fleet),
        ("trips", "base"): plan.stops.index,
        ("trips", "profile"): [vehicle for vehicle, _ in plan.travel],
        ("unserved", "kode_tps"): plan.tps.index,
        ("unserved", "stage"): [stage.name for stage in operation.stages],
        ("back_loads", "kode_trip"): plan.back_trips.index,
        ("back_loads", "kode_tps"): plan.tps.index,
        ("back_legs", "kode_trip"): plan.back_trips.index,
        ("back_legs", "from_stop"): plan.stops.index,
        ("back_legs", "to_stop"): plan.stops.index,
        ("back_trips", "fleet"): list(fleet),
        ("back_trips", "base"): plan.stops.index,
        ("back_trips", "profile"): [vehicle for vehicle, _ in plan.travel],
        ("back_trips", "kode_trip"): plan.back_legs.index.get_level_values("kode_trip"),
        ("guards", "kode_tps"): plan.tps.index,
        ("guards", "kode_post"): plan.posts.index,
        ("staffing", "kode_post"): plan.posts.index,
        ("staffing", "kode_satuan"): plan.inputs.personel.index,
        ("personel", "kode_tempat"): plan.inputs.tempat.index,
        ("tempat", "kode_tempat"): plan.stops.index,
        ("channels", "kode_tps"): plan.tps.index,
        ("channels", "signal_stop"): ["", *plan.stops.index.tolist()],
        ("channels", "radio_stop"): ["", *plan.stops.index.tolist()],
        ("channels", "kode_kurir"): ["", *plan.couriers.index],
        ("couriers", "kode_kurir"): plan.channels["kode_kurir"],
        ("couriers", "from_stop"): plan.stops.index,
        ("couriers", "signal_stop"): plan.stops.index,
        ("couriers", "vehicle"): [vehicle for vehicle, _ in plan.travel],
        ("other_ways", "kode_tps"): plan.tps.index,
        ("tps", "kode_stop"): plan.stops.index,
        ("tps", "kode_desa"): plan.inputs.desa.index,
        ("tps", "kode_tps"): plan.kits.index,
    }
    for (layer, column), codes in known.items():
        frame = getattr(plan if hasattr(plan, layer) else plan.inputs, layer)
        named = {row[column] for row in facts.rows(frame)}
        for code in sorted(named - {*(codes if isinstance(codes, list) else codes.tolist())}):
            yield Broken(str(code), f"{layer}.{column}", "-")
    several = {"neighbours": plan.neighbours.set_index("kabupaten", append=True).index}  # a leg may pass some
    for layer in PLAN_LAYERS:
        index = several.get(layer, getattr(plan, layer).index)
        for code in sorted({str(code) for code in index[index.duplicated()]}):
            yield Broken(code, f"{layer}: 2", 1)
    vehicles = {row.vehicle for row in operation.fleet} | {operation.guard.vehicle}
    stops = sorted(plan.stops.index.tolist())
    for key in [(vehicle, w) for vehicle in sorted(vehicles) for w in (operation.weather.plan, operation.weather.late)]:
        if key not in plan.travel or sorted(plan.travel[key].stops.tolist()) != stops:
            yield Broken(" ".join(key), "travel", "stops")
    yield from _unnumbered(plan.trips, plan.legs, plan.loads)
    yield from _unnumbered(plan.back_trips, plan.back_legs, plan.back_loads)


def _unnumbered(trips: pd.DataFrame, legs: pd.DataFrame, loads: pd.DataFrame) -> Iterator[Broken]:
    """Trips whose legs are not numbered from 1, or whose loads are handed over at none of them.

    Number 0 is the empty drive before them.
    """
    orders: dict[str, list[int]] = {}
    for kode, order in sorted(zip(*(legs.index.get_level_values(n).tolist() for n in (0, 1)), strict=True)):
        orders.setdefault(kode, []).append(order)
    handed: dict[str, set[int]] = {}
    for kode, order in zip(loads.index.get_level_values("kode_trip"), loads["order"], strict=True):
        handed.setdefault(kode, set()).add(order)
    for kode in sorted(trips.index):
        own = [order for order in orders.get(kode, ()) if order]
        if not own or own != list(range(1, len(own) + 1)) or len(orders[kode]) > len(own) + 1:
            yield Broken(kode, "legs", "1, 2, 3 ...")
        elif kode not in handed or not handed[kode] <= set(own):
            yield Broken(kode, "loads", "1, 2, 3 ...")


def identity(facts: Facts) -> Iterator[Broken]:
    """Every TPS of the list stands in the plan exactly once, with the values of the list, and nobody else does."""
    listed, planned = facts.rows.by_code(facts.plan.inputs.tps), facts.tps
    for kode in sorted(set(listed) ^ set(planned)):
        yield Broken(kode, int(kode in planned), int(kode in listed))
    for kode in sorted(set(listed) & set(planned)):
        for name, value in listed[kode].items():
            found = planned[kode].get(name)
            if found != value and not (pd.isna(found) and pd.isna(value)):
                yield Broken(kode, f"{name} = {found}", str(value))


def place(facts: Facts) -> Iterator[Broken]:
    """Each TPS lies at its surveyed coordinate, else at its village's point, in the kecamatan of its village."""
    desa = facts.rows.by_code(facts.plan.inputs.desa)
    nama_kec = facts.plan.inputs.kecamatan["nama"].to_dict()
    for kode, row in facts.tps.items():
        village = desa[row["kode_desa"]]
        surveyed = not pd.isna(row["lon"])
        wanted = (row["lon"], row["lat"]) if surveyed else (village["geometry"].x, village["geometry"].y)
        if (row["geometry"].x, row["geometry"].y) != wanted:
            yield Broken(kode, row["geometry"].wkt, f"{wanted}")
        posisi = row["posisi_data"] if surveyed else "desa"
        names = (village["kode_kec"], village["nama"], nama_kec.get(village["kode_kec"]), posisi)
        found = (row["kode_kec"], row["nama_desa"], row["nama_kec"], row["posisi"])
        if found != names:
            yield Broken(kode, ", ".join(found), ", ".join(map(str, names)))


def stops(facts: Facts) -> Iterator[Broken]:
    """Every place and point with TPS is a stop, named as in the list, with the number and the gate of its TPS.

    Else only signal is.
    """
    tempat = facts.plan.inputs.tempat
    places = facts.rows.by_code(tempat)
    counts = Counter(row["kode_stop"] for row in facts.tps.values())
    found = {kode: row for kode, row in facts.rows.by_code(facts.plan.stops).items() if row["kind"] != "sinyal"}
    for kode in sorted(set(found) ^ (set(places) | set(counts))):
        yield Broken(kode, int(kode in found), int(kode not in found))
    for kode in sorted(set(found) & set(places)):
        row = found[kode]
        gate = not (pd.isna(row["akses_lon"]) and pd.isna(row["akses_lat"]))
        if row["kind"] != places[kode]["jenis"] or row["n_tps"] or gate or row["geometry"] != places[kode]["geometry"]:
            yield Broken(kode, row["kind"], places[kode]["jenis"])
    for kode in sorted(set(found) & set(counts) - set(places)):
        if found[kode]["kind"] != "tps" or found[kode]["n_tps"] != counts[kode]:
            yield Broken(kode, f"{found[kode]['kind']} {found[kode]['n_tps']}", f"tps {counts[kode]}")
    named = {kode: (row["nama_desa"], *(row[name] for name in WHERE)) for kode, row in facts.tps.items()}
    named |= {kode: (row["nama"], *(row[name] for name in WHERE)) for kode, row in places.items()}
    for kode in sorted(set(found) & set(named)):
        said = found[kode]["nama"], *(found[kode][name] for name in WHERE)
        if said != named[kode]:
            yield Broken(kode, ", ".join(said), ", ".join(named[kode]))
    for kode, row in facts.tps.items():
        stop = found[row["kode_stop"]]
        own, its = ((at["geometry"].x, at["geometry"].y, at["akses_lon"], at["akses_lat"]) for at in (row, stop))
        if not all(abs(a - b) <= SAME_DEG or (pd.isna(a) and pd.isna(b)) for a, b in zip(own, its, strict=True)):
            yield Broken(kode, str(own), str(its))


def tags(facts: Facts) -> Iterator[Broken]:
    """Each TPS has the class that the first rule gives that holds, or the police; access is the list's.

    Signal is the list's too, unless more is said of it: then it is what the best known statement says.
    """
    rules = facts.plan.inputs.operation.kerawanan
    for kode, row in facts.tps.items():
        akses = "sulit" if row["akses_sulit"] else "biasa"
        _, sinyal, sumber = facts.signal[kode]
        first = (rule.kelas for rule in rules.rules if _holds(rule, row, akses, sinyal))
        by_rules = next(first, rules.otherwise)
        wanted = (by_rules, row["kerawanan_polri"] or by_rules, sinyal, sumber, akses)
        found = (row["kerawanan_aturan"], row["kerawanan"], row["sinyal"], row["sinyal_sumber"], row["akses"])
        if found != wanted:
            yield Broken(kode, ", ".join(found), ", ".join(wanted))


def _holds(rule: KerawananRule, row: Row, akses: str, sinyal: str) -> bool:
    return (
        (rule.psu_sebelumnya is None or rule.psu_sebelumnya == row["psu_sebelumnya"])
        and (rule.akses is None or rule.akses == akses)
        and (rule.sinyal is None or sinyal in rule.sinyal)
        and (
            rule.bawaslu is None
            or sum(row[f"bawaslu_{name}"] == "ya" for name in set(rule.bawaslu)) >= rule.bawaslu_at_least
        )
    )


def kit(facts: Facts) -> Iterator[Broken]:
    """Each TPS receives what the rules say: pieces, ballots in exact fractions, boxes, kg and m3."""
    rules, found = facts.plan.inputs.kit_rules, facts.rows.by_code(facts.plan.kits)
    for kode in sorted(set(found) - set(facts.tps)):
        yield Broken(kode, "kits", "-")
    pieces: dict[str, float] = {f"jml_{item.key}": item.per_tps for item in rules.items}
    boxes = pieces[f"jml_{rules.kotak_item}"]
    pieces |= {"kotak": boxes, "kg": boxes * rules.kg_per_kotak, "m3": boxes * rules.m3_per_kotak}
    spare = {f"suara_{ballot.key}": Fraction(str(ballot.spare_percent)) / 100 for ballot in rules.ballots}
    names = sorted({*pieces, *spare, *facts.plan.kits.columns} - {"dapil"})
    for kode, row in facts.tps.items():
        by_share = {
            share: row["pemilih"] + ROUND[rules.rounding](row["pemilih"] * share) for share in {*spare.values()}
        }
        ballots = {name: by_share[share] for name, share in spare.items()}
        wanted = pieces | ballots
        for name in names:
            given, right = found[kode].get(name, -1), wanted.get(name, -1)
            if given != right and not math.isclose(given, right, rel_tol=1e-9):
                yield Broken(kode, f"{name} = {found[kode].get(name, '-')}", wanted.get(name, "-"))
