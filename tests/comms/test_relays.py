"""Radio relays: the fewest posts, and the best use of a few radios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis.comms import relay
from kaur_gis.comms.relay import place_posts
from kaur_gis.judge import PROMISES, judge
from kaur_gis.judge.facts import Facts
from kaur_gis.layers import CRS, RelaySites, checked_geo
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import SolverError
from kaur_gis.write.sheets import couriers
from kaur_gis.write.signal_tables import signal_tables
from tests.comms.test_couriers import how
from tests.world import lon_lat, world


def sites(*at: tuple[float, float]) -> gpd.GeoDataFrame:
    """Candidate sites in the drawing."""
    frame = gpd.GeoDataFrame(
        {"nama": "", "sumber": "contoh"},
        index=[f"RELAY-{n}" for n in range(len(at))],
        geometry=[shapely.Point(lon_lat(*place)) for place in at],
        crs=CRS,
    ).astype({"nama": "str", "sumber": "str"})
    frame.index = frame.index.astype("str").rename("kode_relay")
    return checked_geo(frame, RelaySites)


def best(reaches: np.ndarray, joined: np.ndarray, most: int) -> tuple[int, int]:
    """Most TPS reached and fewest posts for it, by trying every set of joined posts."""
    graph = nx.from_numpy_array(joined)
    found = (0, 0)
    for size in range(1, most + 1):
        for posts in combinations(range(len(reaches)), size):
            if nx.is_connected(graph.subgraph(posts)):
                covered = int(reaches[list(posts)].any(axis=0).sum())
                found = max(found, (covered, -size))
    return found[0], -found[1]


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(1, 7), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_no_joined_posts_reach_more_and_no_fewer_reach_as_many(seed: int, n: int, t: int, most: int) -> None:
    random = np.random.default_rng(seed)
    reaches = random.random((n, t)) < 0.35
    joined = random.random((n, n)) < 0.4
    joined = joined | joined.T | np.eye(n, dtype=bool)
    found = place_posts(reaches, joined, most)
    assert (found.covered, int(found.chosen.sum())) == best(reaches, joined, min(most, n))
    assert (found.covered_bound, found.fewest) == (found.covered, int(found.chosen.sum()))


@cache
def made() -> Plan:
    """Three blank spots in a row; the middle one is reached by a post that is needed to join the others."""
    inputs = world(
        "G-P-A---B---C---D",
        sinyal=dict.fromkeys("BCD", "tidak_ada"),
        komunikasi=how(radio_range_m=2500.0, post_range_m=4500.0, radios=1, max_minutes=1.0),
    )
    return make_plan(replace(inputs, relay=sites((8, 0), (12, 0), (16, 0), (14, 1), (40, 0))))


def test_the_fewest_posts_reach_all_and_one_radio_reaches_most() -> None:
    plan = made()
    assert plan.broken == ()
    assert plan.relays["n_tps"].tolist() == [1, 1, 1, 2, 0]
    assert plan.relay_plans.loc["semua"].tolist() == [5, 3, 3, 3, 3, 3]
    assert plan.relay_plans.loc["radio"].tolist() == [1, 1, 1, 3, 2, 2]
    assert list(plan.relays.index[plan.relays["radio"]]) == ["RELAY-3"]


def test_they_stand_in_the_workbook_and_in_the_summary() -> None:
    tables = {table.file: table.frame for table in signal_tables(made(), "id")}
    assert tables["relai"]["n_tps"].tolist() == [1, 1, 1, 2, 0]
    assert tables["pilihan_relai"]["covered"].tolist() == [3, 2]
    paper = couriers.content(made(), "id")
    assert [(post["code"], post["n_tps"]) for post in paper["relays"]] == [
        ("RELAY-0", "1"),
        ("RELAY-1", "1"),
        ("RELAY-2", "1"),
        ("RELAY-3", "2"),
    ]
    assert paper["relays"][3]["at"].endswith(" · contoh")
    assert paper["relays"][3]["chosen"] == "Pos terbaik dengan radio yang ada"
    assert [line.split(":")[0] for line in paper["relays_told"]] == [
        "relai, Pos paling sedikit untuk semua TPS",
        "relai, Pos terbaik dengan radio yang ada",
    ]
    assert "menjangkau 3 dari 3 TPS" in made().summary("id")
    assert "reach 2 of 3 TPS" in made().summary("en")


def test_without_sites_or_range_there_are_no_relays() -> None:
    inputs = made().inputs
    operation = inputs.operation.model_copy(
        update={"komunikasi": inputs.operation.komunikasi.model_copy(update={"radio_range_m": 0.0})}  # type: ignore[union-attr]
    )
    plan = make_plan(replace(inputs, operation=operation))
    assert (len(plan.relays), len(plan.relay_plans), plan.broken) == (0, 0, ())


def test_sites_that_reach_nobody_get_no_post() -> None:
    plan = make_plan(replace(made().inputs, relay=sites((40, 0), (50, 0))))
    assert plan.broken == ()
    assert plan.relay_plans["posts"].tolist() == [0, 0]


def test_a_solver_that_finds_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = SimpleNamespace(x=None, mip_dual_bound=None, message="stopped")
    monkeypatch.setattr(relay, "milp", lambda *_a, **_k: stopped)
    with pytest.raises(SolverError, match="stopped"):
        place_posts(np.ones((1, 1), dtype=bool), np.ones((1, 1), dtype=bool), 1)


def cell(layer: str, row: str, column: str, value: Any) -> Plan:
    frame = getattr(made(), layer).copy()
    frame.loc[row, column] = value
    return replace(made(), **{layer: frame})


BREAKS: dict[str, Callable[[], Plan]] = {
    "a count that is wrong": lambda: cell("relays", "RELAY-0", "n_tps", 2),
    "a post too many": lambda: cell("relays", "RELAY-3", "semua", value=True),
    "posts that are not joined": lambda: cell("relays", "RELAY-4", "radio", value=True),
    "a site left out": lambda: replace(made(), relays=made().relays.iloc[1:]),
    "a choice left out": lambda: replace(made(), relay_plans=made().relay_plans.iloc[:1]),
    "more reached than are": lambda: cell("relay_plans", "semua", "covered", 2),
    "a bound that is none": lambda: cell("relay_plans", "radio", "covered_bound", 1),
    "relays that nobody asked for": lambda: replace(made(), inputs=replace(made().inputs, relay=sites())),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_the_judge_sees_it(change: Callable[[], Plan]) -> None:
    assert [*PROMISES["relays"](Facts(change()))]


def test_the_judge_keeps_the_promise_apart() -> None:
    assert "promise_relays" in {problem.what for problem in judge(BREAKS["a count that is wrong"]())}
