from __future__ import annotations

import builtins
import socket
import time
from collections.abc import Callable

import pytest
from world import world

import kaur_gis as kg
from kaur_gis.catalogue import sentences
from kaur_gis.summary import plan_version

VILLAGES = """
    G---P---A--B
        |
        C--D
"""


def _forbidden(name: str) -> Callable[..., None]:
    def refuse(*_arguments: object, **_settings: object) -> None:
        msg = f"the core called {name}"
        raise AssertionError(msg)

    return refuse


def test_the_core_touches_no_file_no_network_and_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = world(VILLAGES)
    sentences()  # the catalogue is part of the program, and is read once
    kg.make_plan(inputs)  # whatever is imported late is imported now
    monkeypatch.setattr(builtins, "open", _forbidden("open"))
    monkeypatch.setattr(socket, "socket", _forbidden("socket"))
    monkeypatch.setattr(time, "time", _forbidden("time.time"))
    monkeypatch.setattr(time, "time_ns", _forbidden("time.time_ns"))
    plan = kg.make_plan(inputs)
    assert len(plan.tps) == len(inputs.tps)


def test_every_stage_is_told_as_it_begins() -> None:
    told: list[str] = []
    kg.make_plan(world(VILLAGES), progress=told.append)
    assert told == ["place", "tag", "kit", "travel", "distribute", "other_ways", "guard", "comms", "judge"]


def test_the_same_inputs_give_the_same_plan() -> None:
    one, two = kg.make_plan(world(VILLAGES)), kg.make_plan(world(VILLAGES))
    for name in ("tps", "kits", "stops", "trips", "legs", "loads", "unserved", "posts", "guards"):
        assert getattr(one, name).equals(getattr(two, name)), name
    assert plan_version(one) == plan_version(two)


def test_every_step_that_a_plan_tells_has_its_words() -> None:
    steps: list[str] = []
    kg.make_plan(world("G---P---A"), progress=steps.append)
    assert "judge" in steps
    assert [step for step in steps if f"cli.step_{step}" not in sentences()] == []
