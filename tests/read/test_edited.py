"""What people changed in the GeoPackage of a run is what is judged, and rows that nobody touched read back the same."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from shapely import Point, from_wkt, to_wkb

from kaur_gis.judge import judge
from kaur_gis.pipeline import make_plan
from kaur_gis.plan import Plan
from kaur_gis.problems import InputProblems
from kaur_gis.read.edited import edited, layers_edited
from kaur_gis.report import told
from kaur_gis.write.layers import write_geopackage
from tests.way_back import drawn

TRIP = "H1-PPK-1-PU-01-1"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(drawn("G---P---A---B>..C", names={"A": "=1+1\"'<b>; DROP TABLE tps"}, sinyal={"A": "tidak_ada"}))


@pytest.fixture(scope="module")
def written(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    write_geopackage(plan, folder / "layers.gpkg")
    return folder


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    shutil.copy(written / "layers.gpkg", tmp_path)
    return tmp_path


def change(run: Path, layer: str, column: str, value: object, kode: str = "") -> None:
    """Do as a hand in QGIS does: one cell, or of the first row."""
    table = pyogrio.read_dataframe(run / "layers.gpkg", layer=layer)
    row = table.index[table.iloc[:, 0] == kode][0] if kode else table.index[0]
    table[column] = [value if number == row else old for number, old in table[column].items()]
    pyogrio.write_dataframe(table, run / "layers.gpkg", layer=layer, driver="GPKG")


def test_what_nobody_touched_is_the_plan_itself_and_without_the_file_too(plan: Plan, run: Path) -> None:
    same = edited(plan, run)
    assert same.rows == same.given == {}
    assert same.plan.version == plan.version
    (run / "layers.gpkg").unlink()
    assert edited(plan, run).plan is plan


def test_layers_that_a_hand_changed_are_named_and_nothing_is_read_where_the_digest_is_as_written(
    plan: Plan, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha256((run / "layers.gpkg").read_bytes()).hexdigest()
    (run / "manifest.json").write_text(json.dumps({"files": {"layers.gpkg": {"sha256": digest}}}))
    with monkeypatch.context() as patched:
        patched.setattr("kaur_gis.read.edited.edited", None)
        assert layers_edited(plan, run) == []
    change(run, "trips", "pinned", value=True)
    assert layers_edited(plan, run) == ["trips"]
    (run / "layers.gpkg").write_bytes(b"x")
    assert layers_edited(plan, run) == ["layers.gpkg"]
    (run / "layers.gpkg").unlink()
    assert layers_edited(plan, run) == []


@pytest.mark.parametrize(
    ("layer", "column", "value", "promise"),
    [
        ("trips", "depart", pd.Timestamp("2024-02-13 05:00"), "hours"),
        ("trips", "n_tps", 9, "loads"),
        ("loads", "kg", 1.5, "loads"),
        ("loads", "dapil", "Kaur 9", "dapil"),
        ("tps", "akses", "sulit", "tags"),
        ("stops", "geometry", Point(103.0, -4.7), "stops"),
        ("kits", "kotak", 4, "kit"),
        ("back_trips", "back_late", None, "back"),
    ],
)
def test_a_cell_changed_by_hand_breaks_a_promise_with_its_cause(
    plan: Plan, run: Path, layer: str, column: str, value: object, promise: str
) -> None:
    change(run, layer, column, value, TRIP if layer == "trips" else "")
    found = edited(plan, run)
    assert found.rows == {layer: 1}
    assert f"promise_{promise}" in {problem.what for problem in judge(found.plan)}
    assert layer != "trips" or found.codes == {TRIP, "PPK-1-PU-01"}


def test_a_trip_that_a_hand_pins_is_judged_as_any_other(plan: Plan, run: Path) -> None:
    change(run, "trips", "pinned", value=True, kode=TRIP)
    found = edited(plan, run)
    assert (found.rows, found.unpinned) == ({"trips": 1}, (TRIP,))
    assert not found.plan.trips["pinned"].any()
    assert judge(found.plan) == ()
    change(run, "legs", "seconds", 0, TRIP)
    told = judge(edited(plan, run).plan)
    assert "promise_travel" in {problem.what for problem in told}
    kept = replace(plan, trips=plan.trips.assign(pinned=True))
    found = edited(kept, run)
    assert found.unpinned == (TRIP,), "what replan has pinned and a hand has changed, too"


def test_a_layer_that_is_gone_lost_its_rows_and_inputs_that_were_changed_are_told(plan: Plan, run: Path) -> None:
    change(run, "tempat", "nama", "Lain")
    change(run, "jalan", "metres", 1)
    change(run, "desa", "geometry", None)
    with closing(sqlite3.connect(run / "layers.gpkg")) as package:
        package.execute("DELETE FROM gpkg_contents WHERE table_name = 'loads'")
        package.commit()
    found = edited(plan, run)
    assert found.rows == {"loads": len(plan.loads)}
    assert found.given == {"tempat": 1, "jalan": 1, "desa": 1}
    assert judge(found.plan)


@pytest.mark.parametrize("text", ["2024-02-13T05:00:00Z", "2024-02-13 05:00"])
def test_a_time_is_read_however_a_program_wrote_it(run: Path, plan: Plan, text: str) -> None:
    with closing(sqlite3.connect(run / "layers.gpkg")) as package:
        package.execute("UPDATE trips SET depart = ? WHERE kode_trip = ?", (text, TRIP))
        package.commit()
    found = edited(plan, run)
    assert found.rows == {"trips": 1}
    assert found.plan.trips.loc[TRIP, "depart"] == pd.Timestamp("2024-02-13 05:00")


def test_rows_that_are_gone_or_new_count_and_are_judged(plan: Plan, run: Path) -> None:
    table = pyogrio.read_dataframe(run / "layers.gpkg", layer="loads")
    pyogrio.write_dataframe(table.iloc[1:], run / "layers.gpkg", layer="loads", driver="GPKG")
    found = edited(plan, run)
    assert found.rows == {"loads": 1}
    assert found.codes == set(table.iloc[0, :2])
    assert "promise_served" in {problem.what for problem in judge(found.plan)}
    pyogrio.write_dataframe(table.iloc[:0], run / "layers.gpkg", layer="loads", driver="GPKG")
    assert edited(plan, run).rows == {"loads": len(table)}


@pytest.mark.parametrize("layer", ["legs", "loads", "groupings", "back_legs", "back_loads"])
def test_a_row_that_was_copied_is_new_and_breaks_a_promise(plan: Plan, run: Path, layer: str) -> None:
    table = pyogrio.read_dataframe(run / "layers.gpkg", layer=layer)
    pyogrio.write_dataframe(table.iloc[:1], run / "layers.gpkg", layer=layer, driver="GPKG", append=True)
    found = edited(plan, run)
    assert found.rows == {layer: 1}
    assert {problem.what for problem in judge(found.plan)} == {"promise_references"}


@pytest.mark.parametrize(
    ("layer", "wkt", "told_as"),
    [
        ("legs", None, "Row {} has no whole LineString."),
        ("legs", "LINESTRING EMPTY", "Row {} has no whole LineString."),
        ("stops", None, "Row {} has no whole Point."),
        ("tps", "LINESTRING (103.3 -4.6, 103.4 -4.6)", "Row {} has no whole Point. (found: "),
        ("back_legs", "MULTILINESTRING ((103.3 -4.6, 103.4 -4.6))", "Row {} has no whole LineString. (found: "),
        ("legs", "LINESTRING (103.3 -4.6, 103.4 inf)", "Row {} has no whole LineString. (found: "),
        ("stops", "?", "Row {} has no whole Point."),
    ],
)
def test_a_shape_that_is_gone_or_of_another_kind_is_refused_by_its_row(
    plan: Plan, run: Path, layer: str, wkt: str | None, told_as: str
) -> None:
    shape = None
    if wkt is not None:
        shape = b"GP\0\1" + (4326).to_bytes(4, "little") + (b"" if wkt == "?" else to_wkb(from_wkt(wkt)))
    with closing(sqlite3.connect(run / "layers.gpkg")) as package:
        for (trigger,) in package.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            package.execute(f"DROP TRIGGER {trigger}")
        package.execute(f"UPDATE {layer} SET geom = ? WHERE rowid = 1", (shape,))  # noqa: S608
        package.commit()
    with pytest.raises(InputProblems) as refused:
        edited(plan, run)
    (problem,) = refused.value.problems
    code = getattr(plan, layer).index[0]
    row = " ".join(map(str, code)) if isinstance(code, tuple) else code
    line = told(problem, "en").splitlines()[0]
    assert line.startswith(f"layers.gpkg: {layer}, column geometry: {told_as.format(row)}")
    assert row in told(problem, "id")


def test_other_ways_that_are_all_gone_are_missed_and_times_of_no_calendar_are_judged(plan: Plan, run: Path) -> None:
    with closing(sqlite3.connect(run / "layers.gpkg")) as package:
        package.execute("DELETE FROM other_ways")
        package.commit()
    found = edited(plan, run)
    assert found.rows == {"other_ways": len(plan.tps)}
    assert {problem.what for problem in judge(found.plan)} == {"promise_other_ways"}
    change(run, "legs", "seconds", 999_999_999_999)
    assert "promise_times" in {problem.what for problem in judge(edited(plan, run).plan)}


def test_what_is_no_longer_in_form_is_refused_by_name(plan: Plan, run: Path) -> None:
    table = pyogrio.read_dataframe(run / "layers.gpkg", layer="trips")
    change(run, "trips", "kotak", 0)
    with pytest.raises(InputProblems) as refused:
        edited(plan, run)
    assert {(p.what, p.file, p.column) for p in refused.value.problems} == {
        ("run_layer_bad", "layers.gpkg: trips", "kotak")
    }
    change(run, "trips", "kotak", "five")
    with pytest.raises(InputProblems) as refused:
        edited(plan, run)
    assert {p.what for p in refused.value.problems} == {"run_file_bad"}
    for rows, fault in (
        (table.drop(columns="back"), "layers.gpkg: trips, column back: Column back is missing."),
        (table.assign(back=pd.NaT), f"layers.gpkg: trips, column back: Blank in row {TRIP}."),
        (pd.concat([table, table]), f"layers.gpkg: trips, column kode_trip: Code '{TRIP}' stands twice."),
    ):
        pyogrio.write_dataframe(rows, run / "layers.gpkg", layer="trips", driver="GPKG")
        with pytest.raises(InputProblems) as refused:
            edited(plan, run)
        lines = [told(problem, "en").splitlines()[0] for problem in refused.value.problems]
        assert lines.count(fault) == 1
    (run / "layers.gpkg").write_bytes(b"SQLite format 3\0 and no more")
    with pytest.raises(InputProblems) as refused:
        edited(plan, run)
    assert {p.what for p in refused.value.problems} == {"disguised"}
