"""The judge: recomputes every promise of a plan from its layers alone, with code of its own.

It judges plans that were just made and plans that were written, copied or edited by hand. It calls nothing of the
code that made them, and nothing in it depends on the order of rows.
"""

from __future__ import annotations

from kaur_gis.judge import comms, couriers, guards, latest, lists, people, relays, roads, trips
from kaur_gis.judge.back import back
from kaur_gis.judge.back_driver import driver_back, driver_back_late
from kaur_gis.judge.beside import beside
from kaur_gis.judge.closures import closures
from kaur_gis.judge.coming import coming
from kaur_gis.judge.dapil import dapil
from kaur_gis.judge.facts import Facts, Promise
from kaur_gis.judge.neighbours import neighbours
from kaur_gis.judge.other_ways import other_ways
from kaur_gis.judge.passed import passed
from kaur_gis.judge.store import store
from kaur_gis.judge.unserved import unserved
from kaur_gis.plan import Plan
from kaur_gis.problems import Problem

__all__ = ["PROMISES", "judge"]

PROMISES: dict[str, Promise] = {
    "references": lists.references,
    "identity": lists.identity,
    "place": lists.place,
    "stops": lists.stops,
    "tags": lists.tags,
    "kit": lists.kit,
    "dapil": dapil,
    "served": trips.served,
    "wave": trips.wave,
    "delivery": trips.delivery,
    "chain": trips.chain,
    "loads": trips.loads,
    "beside": beside,
    "akses": trips.akses,
    "base": trips.base,
    "fleet": trips.fleet,
    "overlap": trips.overlap,
    "hours": trips.hours,
    "coming": coming,
    "driver": trips.driver,
    "driver_late": trips.driver_late,
    "deadline": trips.deadline,
    "times": trips.times,
    "late": trips.late,
    "latest": latest.latest,
    "store": store,
    "travel": trips.travel,
    "roads": roads.roads,
    "geometry": roads.geometry,
    "closures": closures,
    "other_ways": other_ways,
    "passed": passed,
    "neighbours": neighbours,
    "unserved": unserved,
    "back": back,
    "driver_back": driver_back,
    "driver_back_late": driver_back_late,
    "guarded": guards.guarded,
    "groups": guards.groups,
    "rounds": guards.rounds,
    "groupings": guards.groupings,
    "reactions": people.reactions,
    "staffing": people.staffing,
    "nobody_idle": people.nobody_idle,
    "signals": comms.signals,
    "signal_points": couriers.signal_points,
    "channels": couriers.channels,
    "couriers": couriers.couriers,
    "no_detour": couriers.no_detour,
    "relays": relays.relays,
}
"""Every promise by its id; the first line of its function says it, and ``problem.promise_<id>`` that it is broken."""


def judge(plan: Plan) -> tuple[Problem, ...]:
    """Judge a plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    tuple of Problem
        One of level `refuse` for every case of a broken promise: `what` is ``promise_<id>``, `value` the code it
        concerns, `found` and `wanted` in the details. Empty for a plan that keeps them all. Where codes refer to
        nothing (`references`), nothing else is judged.
    """
    facts = Facts(plan)
    found: list[Problem] = []
    for name, promise in PROMISES.items():
        found += [
            Problem(f"promise_{name}", value=case.value, details={"found": case.found, "wanted": case.wanted})
            for case in promise(facts)
        ]
        if name == "references" and found:
            break
    return tuple(found)
