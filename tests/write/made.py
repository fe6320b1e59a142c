"""A small plan that the tests of the writers share, with names that bite."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import Problem
from tests.specimens import HOSTILE
from tests.world import world

NAMES = {"A": HOSTILE["jinja_run"], "B": HOSTILE["close_script"], "C": HOSTILE["formula"], "P": HOSTILE["quotes"]}


@cache
def made() -> Plan:
    """Make a plan with notes, an unserved TPS, a hard one, and a group of several."""
    drawing = """
        G---P---A
            |
            B..C           E
    """
    inputs = world(drawing, tps={"A": 2, "B": 7}, sulit="C", names=NAMES)
    details = {"check": HOSTILE["jinja_sum"], "index": 1.5}
    note = Problem("run_layer_bad", "tps.csv", 3, "nama", HOSTILE["nfd"], "fix", details)
    plan = make_plan(replace(inputs, notes=(note,), sha256={"tps.csv": "0" * 64, "desa.csv": "1" * 64}))
    assert list(plan.unserved["reason"]) == ["too_far_from_road"]
    assert plan.broken == ()
    return plan
