"""The promise about what PPK and PPS receive for themselves, which rides with the boxes of their TPS."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from kaur_gis.judge.facts import Broken, Facts, clock, midnight_s


def riding(facts: Facts, words: str) -> dict[str, float]:
    """Count boxes, kg and m3 of the goods for a PPK or PPS, by the rules of the kit."""
    rules = facts.plan.inputs.kit_rules
    pieces = [(item, getattr(item, f"per_{untuk}")) for untuk in words.split() for item in rules.items]
    there = [(item, count.pieces) for item, count in pieces if count is not None]
    return {
        "kotak": sum(n for item, n in there if item.key == rules.kotak_item),
        "kg": math.fsum(n * item.size.kg for item, n in there if item.size),
        "m3": math.fsum(n * item.size.m3 for item, n in there if item.size),
    }


def beside(facts: Facts) -> Iterator[Broken]:
    """Goods of a PPK or PPS ride with one TPS of it, once in each stage up to where it ends, and come by the deadline.

    They may be missing where no trip brings any, and the plan says so.
    """
    said = {(note.details["untuk"], note.value) for note in facts.plan.notes if note.what == "goods_left"}
    for untuk in ("ppk", "pps"):
        ride = _riders(facts, untuk)
        for place, own in sorted(_places(facts, untuk).items()):
            way = facts.way[own[0]]  # all of a PPK or a village go the same way
            targets = [facts.stages[name].target for name in way]
            ends = "tps" if untuk == "pps" and "pps" not in targets else untuk
            names = way[: targets.index(ends) + 1] if ends in targets else []
            others = [name for name in facts.stages if name not in names]
            found = [tuple(sorted(kode for kode in own if (kode, name) in ride)) for name in [*names, *others]]
            told = " ".join(",".join(kodes) or "-" for kodes in found)
            there = found[: len(names)]
            twice = any(len(kodes) > 1 for kodes in there) or len({*there} - {()}) > 1
            missing = names and not there[-1] and riding(facts, untuk)["m3"] and (untuk.upper(), place) not in said
            begun_late = any(kodes and not before for before, kodes in pairwise(there))
            if any(found[len(names) :]) or twice or begun_late or missing:
                yield Broken(place, told, untuk)
            for kode in there[-1] if names else ():
                arrive, by = ride[kode, names[-1]]
                if arrive > by:
                    yield Broken(place, clock(arrive), clock(by))


def _riders(facts: Facts, untuk: str) -> dict[tuple[str, str], tuple[int, int]]:
    """TPS and stage of every load with which goods ride -> when it is handed over, and the deadline of its wave."""
    found = {}
    for kode_trip, rows in facts.loads.items():
        trip = facts.trips[kode_trip]
        arrive = {leg["order"]: leg["arrive"] for leg in facts.legs[kode_trip]}
        by_s = facts.stages[trip["stage"]].earlier_s + midnight_s(facts.waves[trip["wave"]].deadline)
        by = facts.day(trip) + by_s
        for row in rows:
            if untuk in row["panitia"].split():
                found[row["kode_tps"], trip["stage"]] = arrive[row["order"]], by
    return found


def _places(facts: Facts, untuk: str) -> dict[str, list[str]]:
    """TPS of each PPK, or of each village with its PPS."""
    found: dict[str, list[str]] = {}
    for kode, row in facts.tps.items():
        place = row["kode_desa"] if untuk == "pps" else facts.places[kode].get("ppk")
        if place is not None:
            found.setdefault(place, []).append(kode)
    return found
