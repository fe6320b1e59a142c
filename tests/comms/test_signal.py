"""What holds of the signal where several say different things of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis.comms import signals
from kaur_gis.config import SINYAL, SUMBER_ORDER
from kaur_gis.inputs import Inputs
from kaur_gis.judge import PROMISES, judge
from kaur_gis.judge.facts import Facts
from kaur_gis.layers import CRS, Coverage, SignalClaims, checked, checked_geo
from kaur_gis.pipeline import make_plan
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.tag import tag
from tests.world import kode_tps, lon_lat, world

A, B = kode_tps("A"), kode_tps("B")
Said = tuple[str, str, str, str, str]


def claims(*rows: Said) -> pd.DataFrame:
    """Make the layer of statements: TPS, operator, signal, source, day."""
    columns = ["kode_tps", "operator", "sinyal", "sumber", "tanggal"]
    return checked(pd.DataFrame(rows, columns=columns, dtype=str).rename_axis("pernyataan"), SignalClaims)


def coverage(*rows: tuple[str, str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    """Make the layer of coverage: operator, signal, source, shape."""
    columns = ["operator", "sinyal", "sumber", "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), crs=CRS).assign(nama="", tanggal="")
    frame = frame.astype({name: "str" for name in frame if name != "geometry"})
    return checked_geo(frame.rename_axis("cakupan"), Coverage)


def around(column: float, row: float, metres: float) -> shapely.Geometry:
    """A disc in the drawing."""
    return shapely.Point(lon_lat(column, row)).buffer(metres / 110_000)


def heard(inputs: Inputs) -> pd.DataFrame:
    return signals(place(inputs)[0], inputs)


def listed(sinyal: str, sumber: str, *rows: Said, areas: gpd.GeoDataFrame | None = None) -> Inputs:
    """Two villages whose list says one thing, and what others say."""
    inputs = world("G-P-A-B")
    tps = inputs.tps.assign(sinyal_data=sinyal, sinyal_data_sumber=sumber)
    inputs = replace(inputs, tps=tps.astype({"sinyal_data": "str", "sinyal_data_sumber": "str"}), sinyal=claims(*rows))
    return inputs if areas is None else replace(inputs, cakupan=areas)


def of(frame: pd.DataFrame, kode: str, operator: str = "") -> list[Any]:
    return frame.loc[(kode, operator), ["sinyal", "sumber", "n_claims", "decides"]].tolist()


def test_a_measured_value_beats_a_listed_one_and_that_a_predicted_one() -> None:
    area = coverage(("", "kuat", "perkiraan", around(4, 0, 400)))
    found = heard(listed("lemah", "terbit", (B, "", "tidak_ada", "ukur", "2024-01-02"), areas=area))
    assert of(found, A) == ["lemah", "terbit", 2, True]
    assert found.loc[(A, ""), "differs"] == "- / kuat / perkiraan / -"
    assert of(found, B) == ["tidak_ada", "ukur", 2, True]
    assert found.loc[(B, ""), "differs"] == "- / lemah / terbit / -"


def test_the_later_day_and_then_the_worse_signal_decide_between_equal_sources() -> None:
    rows = [(A, "", "kuat", "ukur", "2024-01-01"), (A, "", "lemah", "ukur", "2023-12-31")]
    rows += [(B, "", "kuat", "ukur", "2024-01-01"), (B, "", "lemah", "ukur", "2024-01-01")]
    found = heard(listed("sedang", "asumsi", *rows))
    assert found.loc[(A, ""), "sinyal"] == "kuat"
    assert found.loc[(B, ""), "sinyal"] == "lemah"


def test_an_operator_that_is_heard_decides_over_one_that_is_not() -> None:
    rows = [(A, "satu", "tidak_ada", "ukur", ""), (A, "dua", "sedang", "ukur", ""), (A, "tiga", "kuat", "terbit", "")]
    found = heard(listed("kuat", "asumsi", *rows))
    assert list(found.index[found["decides"]]) == [(A, "dua"), (B, "")]
    assert found.loc[(A, "dua"), "differs"] == "- / kuat / asumsi / -"  # who names no operator speaks of all
    assert found.loc[(A, "satu"), "differs"] == ""


def test_who_says_that_nothing_is_known_says_nothing() -> None:
    found = heard(listed("lemah", "asumsi", (A, "", "belum_diketahui", "ukur", "2024-02-01")))
    assert of(found, A) == ["lemah", "asumsi", 2, True]
    assert found.loc[(A, ""), "differs"] == ""
    silent = heard(listed("belum_diketahui", "asumsi", (A, "satu", "tidak_ada", "contoh", "")))
    assert of(silent, A, "satu") == ["tidak_ada", "contoh", 1, True]
    assert of(silent, B) == ["belum_diketahui", "asumsi", 1, True]


def test_without_statements_the_list_is_all_there_is() -> None:
    inputs = world("G-P-A", sinyal={"A": "lemah"})
    assert heard(inputs).empty
    plan = make_plan(inputs)
    assert plan.signals.empty
    assert plan.tps.loc[A, "sinyal"] == "lemah"
    assert plan.broken == ()


def test_what_holds_is_the_tag_and_what_the_rules_look_at() -> None:
    inputs = listed("kuat", "asumsi", (A, "", "tidak_ada", "ukur", ""))
    rule = {"kelas": "rawan", "sebab": "tanpa sinyal", "sinyal": ("tidak_ada",)}
    rules = inputs.operation.kerawanan.model_validate(
        {"rules": (rule,), "otherwise": "kurang_rawan", "otherwise_sebab": "biasa"}
    )
    inputs = replace(inputs, operation=inputs.operation.model_copy(update={"kerawanan": rules}))
    plan = make_plan(inputs)
    assert plan.broken == ()
    assert plan.tps.loc[A, ["sinyal", "sinyal_sumber", "kerawanan"]].tolist() == ["tidak_ada", "ukur", "rawan"]
    assert plan.tps.loc[B, ["sinyal", "sinyal_sumber", "kerawanan"]].tolist() == ["kuat", "asumsi", "kurang_rawan"]


@given(
    st.lists(
        st.tuples(
            st.just(A),
            st.sampled_from(["", "satu", "dua"]),
            st.sampled_from(SINYAL),
            st.sampled_from(SUMBER_ORDER),
            st.sampled_from(["", "2024-01-01", "2024-01-02"]),
        ),
        max_size=6,
    ),
    st.sampled_from(SINYAL),
    st.sampled_from(SUMBER_ORDER),
)
@settings(max_examples=10, deadline=None)
def test_nothing_known_better_says_otherwise_and_the_judge_agrees(rows: list[Said], sinyal: str, sumber: str) -> None:
    inputs = listed(sinyal, sumber, *rows)
    found = heard(inputs)
    assert heard(listed(sinyal, sumber, *rows[::-1])).equals(found)  # the order of the rows does not matter
    tps = tag(place(inputs)[0], inputs.operation, found)
    plan = replace(base(), inputs=inputs, tps=tps, signals=found)
    assert [*PROMISES["signals"](Facts(plan)), *PROMISES["tags"](Facts(plan))] == []
    told = [("", sinyal, sumber, ""), *(row[1:] for row in rows)]
    known = [row for row in told if row[1] != "belum_diketahui"]
    if known:
        best = min(SUMBER_ORDER.index(row[2]) for row in known)
        assert SUMBER_ORDER.index(tps.loc[A, "sinyal_sumber"]) == best
        assert tps.loc[A, "sinyal"] in {row[1] for row in known if SUMBER_ORDER.index(row[2]) == best}
    else:
        assert tps.loc[A, "sinyal"] == "belum_diketahui"


@cache
def base() -> Plan:
    return make_plan(listed("kuat", "asumsi", (A, "satu", "lemah", "terbit", "2024-01-01")))


def cell(column: str, value: object) -> Plan:
    frame = base().signals.copy()
    frame.iloc[0, frame.columns.get_loc(column)] = value
    return replace(base(), signals=frame)


BREAKS: dict[str, Callable[[], Plan]] = {
    "another signal": lambda: cell("sinyal", "sedang"),
    "another source": lambda: cell("sumber", "ukur"),
    "another day": lambda: cell("tanggal", "2024-01-05"),
    "another one that decides": lambda: cell("decides", value=True),
    "a conflict that is not told": lambda: replace(base(), signals=base().signals.assign(differs="")),
    "a statement less": lambda: replace(base(), signals=base().signals.iloc[1:]),
    "statements that nobody made": lambda: replace(base(), inputs=replace(base().inputs, sinyal=claims())),
}


@pytest.mark.parametrize("change", BREAKS.values(), ids=BREAKS)
def test_the_judge_sees_a_signal_that_nobody_stated(change: Callable[[], Plan]) -> None:
    assert base().broken == ()
    assert "promise_signals" in {problem.what for problem in judge(change())}


def test_the_judge_sees_a_tag_that_does_not_hold() -> None:
    plan = replace(base(), tps=base().tps.assign(sinyal=base().tps["sinyal_data"]))
    assert "promise_tags" in {problem.what for problem in judge(plan)}
