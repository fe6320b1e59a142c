from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest
from way_back import BOXES, COPIES, drawn
from world import operation, world

from kaur_gis.catalogue import say
from kaur_gis.escort import COLUMNS, escorts, told
from kaur_gis.pipeline import make_plan
from kaur_gis.write.sheets import roster, routes
from kaur_gis.write.tables import write_tables

LINE = "G---P---A---B"


@pytest.fixture(scope="module")
def plan():
    stages = tuple(stage.model_dump() | {"pengawal": 2} for stage in operation().stages)
    own = {"TR": {"pengawal": 0}, "PU": {"max_kotak": 5, "max_trips": 1, "count": 4}}
    fleet = [row.model_dump() | own.get(row.kode, {}) for row in operation().fleet if row.kode != "MT"]
    made = make_plan(world(LINE, tps={"A": 3}, stages=stages, fleet=fleet))
    assert made.broken == ()
    return made


def most(trips, officers):
    """Watch every minute of the day, as a guard at the gate would."""
    minutes = range(24 * 60)
    at = [[(time.hour * 60 + time.minute + time.second / 60) for time in trips[name]] for name in ("depart", "back")]
    return max(sum(officers for start, end in zip(*at, strict=True) if start <= minute < end) for minute in minutes)


def test_without_the_key_nobody_is_escorted():
    plan = make_plan(world(LINE))
    assert list(escorts(plan).columns) == [*COLUMNS]
    assert escorts(plan).empty
    assert told(plan, "id") == []
    assert {trip["escort"] for trip in routes.content(plan, "id")["trips"]} == {"Pengawal"}


def test_each_stage_and_wave_counts_its_trips_its_officers_and_the_most_at_one_time(plan):
    rows = {(row.stage, row.wave): row for row in escorts(plan).itertuples()}
    assert {stage for stage, _ in rows} == {"ppk-tps"}  # the trucks of the first stage have none
    for (stage, wave), row in rows.items():
        own = plan.trips[(plan.trips["stage"] == stage) & (plan.trips["wave"] == wave)]
        assert (row.trips, row.officer_trips) == (len(own), 2 * len(own))
        assert row.at_once == most(own, 2)
    assert max(row.at_once for row in rows.values()) > 2


def test_all_stages_together_are_held_against_the_officers_on_post(plan):
    stages = tuple(stage.model_copy(update={"pengawal": 9}) for stage in plan.inputs.operation.stages)
    rows = tuple(row.model_copy(update={"pengawal": None}) for row in plan.inputs.operation.fleet)
    asked = plan.inputs.operation.model_copy(update={"stages": stages, "fleet": rows})
    both = replace(plan, inputs=replace(plan.inputs, operation=asked))
    needed = max(most(own, 9) for _, own in plan.trips.groupby("wave"))
    guards = plan.posts["officers"].sum()
    assert needed > max(escorts(plan)["at_once"].max(), guards)
    assert told(both, "en")[-1] == (
        f"Escort of all stages together: at most {needed} officers at one time (2024-02-13); "
        f"the guard pattern has {guards} officers on post on voting day; {needed - guards} more than that"
    )
    assert "more than that" not in told(plan, "en")[-1] or escorts(plan)["at_once"].max() > guards


def test_the_way_back_has_escorts_of_its_own():
    rows = (BOXES[0] | {"pengawal": 3}, BOXES[1], *COPIES)
    plan = make_plan(drawn(kembali=rows))
    (row,) = escorts(plan).itertuples()
    assert (row.stage, row.wave, row.officer_trips) == ("boxes-ppk", "kembali", 3 * row.trips)
    assert told(plan, "en")[0].startswith("Escort boxes-ppk, way back: ")
    assert "1 officer-trip," in say("people.escort", "en", stage="s", wave="H-1", trips=1, officer_trips=1, at_once=1)
    assert told(plan, "id")[0].startswith("Pengawalan boxes-ppk, kembali: ")
    told_on = {trip["code"]: trip["escort"] for trip in routes.content(plan, "en", muatan="kotak")["trips"]}
    for kode, words in told_on.items():
        escorted = plan.back_trips.loc[kode, "stage"] == "boxes-ppk"
        assert words == ("Escort (3 officers)" if escorted else "Escort")


def test_sheets_roster_and_workbook_say_the_escort(plan, tmp_path):
    for trip in routes.content(plan, "id")["trips"]:
        last = plan.trips.loc[trip["code"], "stage"] == "ppk-tps"
        assert trip["escort"] == ("Pengawal (2 petugas)" if last else "Pengawal")
    lines = told(plan, "id")
    assert len(lines) == len(escorts(plan)) + 1 > 1
    assert set(lines) <= set(roster.content(plan, "id")["people"])
    write_tables(plan, tmp_path, "id")
    sheet = openpyxl.load_workbook(tmp_path / "pengamanan.xlsx")["Pengawalan"]
    assert [row[4].value for row in sheet.iter_rows(min_row=2, max_row=sheet.max_row - 1)] == list(
        escorts(plan)["at_once"]
    )
