"""The promise about other ways: whose way it is, where its line runs, how little it shares, and that none is missed."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from kaur_gis.judge.apart import Apart, Way
from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts
from kaur_gis.judge.ground import Drawn
from kaur_gis.judge.roads import DRAWN_M, DRAWN_SHARE, POINT_M, gaps_m
from kaur_gis.judge.rows import Row

NUMBERS = ("seconds", "metres", "shared_m")
NONE = {"ada_lain": False, "satu_jalan": True, "tanpa_jalan": True, "tidak_dilayani": True}


def other_ways(facts: Facts) -> Iterator[Broken]:
    """Each other way is by the TPS' own vehicle from its base, runs on roads and shares least; or there is none."""
    said = facts.rows.by_code(facts.plan.other_ways)
    known: list[Row] = []
    for kode in sorted(facts.tps):
        if kode not in said:
            yield Broken(kode, 0, 1)
            continue
        faults = list(_of_whom(facts, kode, said[kode]))
        yield from faults
        known += [] if faults else [said[kode]]
    yield from _drawn(facts, [row for row in known if row["jalan"] == "ada_lain"])
    driven = [row for row in known if row["jalan"] in {"ada_lain", "satu_jalan"} and row["first_s"] > 0]
    hours = {row["kode_tps"]: (row["profile"], _closed(facts, row["kode_tps"])) for row in driven}
    for profile, closed in sorted(set(hours.values())):
        own = [row for row in driven if hours[row["kode_tps"]] == (profile, closed)]
        yield from _least(facts, profile, closed, own)


def _closed(facts: Facts, kode: str) -> tuple[int, ...]:
    """Which closures hold while the last trip to a TPS may be out."""
    code = min(facts.at_tps(kode))
    return facts.closing(facts.trips[code]).closed


def _of_whom(facts: Facts, kode: str, row: Row) -> Iterator[Broken]:
    """Whether a row names the last trip of its TPS, the quickest way of the matrix, and says what its numbers say."""
    operation = facts.plan.inputs.operation
    codes = facts.at_tps(kode)
    trip = facts.trips[min(codes)] if codes else {"profile": "", "base": ""}
    wanted = (trip["profile"], trip["base"], facts.tps[kode]["kode_stop"])
    found = (row["profile"], row["from_stop"], row["to_stop"])
    if found != wanted:
        yield Broken(kode, " ".join(found), " ".join(wanted))
        return
    first = (UNREACHABLE, UNREACHABLE)
    if codes:
        first = facts.cell(row["profile"], operation.weather.plan, *found[1:], _closed(facts, kode))
    if (row["first_s"], row["first_m"]) != first:
        yield Broken(kode, f"{row['first_s']} s, {row['first_m']} m", f"{first[0]} s, {first[1]} m")
    right = {"tidak_dilayani"} if not codes else {"tanpa_jalan"} if not first[0] else {"ada_lain", "satu_jalan"}
    if row["jalan"] not in right or (first[0] == UNREACHABLE and row["jalan"] == "ada_lain"):
        yield Broken(kode, row["jalan"], " ".join(sorted(right)))
    none = NONE[row["jalan"]]
    if row["geometry"].is_empty != none or any((row[name] == UNREACHABLE) != none for name in NUMBERS):
        yield Broken(kode, f"{row['jalan']}: {row['metres']} m", UNREACHABLE if none else "0 ...")
    elif not none and row["seconds"] < row["first_s"]:
        yield Broken(kode, f"{row['seconds']} s", f"{row['first_s']} s ...")


def _drawn(facts: Facts, rows: list[Row]) -> Iterator[Broken]:
    """Whether each line runs on the roads, from where the base meets them to where the stop does, as long as said."""
    inputs = facts.plan.inputs
    drawn = Drawn.of(facts.ground, [row["geometry"] for row in rows])
    for row, gaps, length in zip(rows, gaps_m(facts, rows), drawn.lengths_m, strict=True):
        for stop, gap in zip((row["from_stop"], row["to_stop"]), gaps, strict=True):
            snap_m = facts.snap_m(row["profile"], stop)
            if abs(gap - snap_m) > POINT_M:
                yield Broken(f"{row['kode_tps']} {stop}", f"{gap:.1f} m", f"{snap_m:.1f} m")
        if not inputs.roads.schematic and abs(length - row["metres"]) > DRAWN_SHARE * row["metres"] + DRAWN_M:
            yield Broken(row["kode_tps"], f"{row['metres']} m", f"{length:.0f} m")
    for kode in sorted(rows[number]["kode_tps"] for number in facts.ground.off_road(drawn, POINT_M)):
        yield Broken(kode, "-", "road_edges")


def _least(facts: Facts, profile: str, closed: tuple[int, ...], rows: list[Row]) -> Iterator[Broken]:
    """Whether no drive shares less with the quickest one, which is found again over the points where legs end."""
    inputs = facts.plan.inputs
    network = facts.network(profile, closed)
    ends = {
        leg["to_stop"]: leg["geometry"]
        for leg in facts.all_today
        if facts.trips[leg["kode_trip"]]["profile"] == profile
    }
    last = shapely.get_point(list(ends.values()), -1)
    places = facts.ground.in_metres(last)
    met = zip(ends, network.met(places, schematic=inputs.roads.schematic), strict=True)
    apart = Apart.of(network, {stop: here for stop, here in met if here.known})
    ways: dict[tuple[str, str], Way] = {}
    for row in rows:
        pair = row["from_stop"], row["to_stop"]
        if not set(pair) <= set(apart.place):
            continue  # of a trip that was pinned, or a leg that ends off the roads, which `roads` tells
        way = ways[pair] = ways.get(pair) or apart.least(*pair)
        if row["jalan"] == "satu_jalan":
            if way.shared_m < way.first_m - POINT_M:
                yield Broken(row["kode_tps"], row["jalan"], f"{way.shared_m:.0f} m < {way.first_m:.0f} m")
        elif way.only and not -POINT_M <= row["shared_m"] - way.shared_m <= way.roads + POINT_M:
            yield Broken(row["kode_tps"], f"shared_m = {row['shared_m']}", f"{way.shared_m:.0f}")
