"""Closures in the operation file and on the command line, with their files, read with everything else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import shapely
from test_run import written
from world import lon_lat, world

import kaur_gis as kg
from kaur_gis.config import RoadClosure
from kaur_gis.problems import InputProblems
from kaur_gis.read.run import read_plan
from kaur_gis.report import told as told_of


@pytest.fixture
def operation(kaur: Path, tmp_path: Path) -> Path:
    """A copy of the shipped operation that a test may change."""
    shutil.copytree(kaur.parent, tmp_path / "kaur")
    return tmp_path / "kaur" / "operation.toml"


def _flood(path: Path, *shapes: object) -> Path:
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def _at_junction(operation: Path) -> tuple[float, float]:
    roads = kg.read_inputs(operation).roads
    return tuple(shapely.get_coordinates(roads.nodes.geometry)[0].tolist())


def test_closures_of_the_operation_and_of_the_command_line_hold_together(operation: Path) -> None:
    lon, lat = _at_junction(operation)
    _flood(operation.parent / "banjir.geojson", shapely.geometry.mapping(shapely.Point(lon, lat).buffer(0.01)))
    with operation.open("a", encoding="utf-8") as file:
        file.write('\n[[tutup]]\nlokasi = "area:banjir.geojson"\nkendaraan = ["truk"]\nselesai = 2024-02-13T12:00:00\n')
    inputs = kg.read_inputs(operation, closures=[f"titik:{lat},{lon},500", RoadClosure(lokasi=f"titik:{lat},{lon},9")])
    first, second, third = inputs.roads.closures
    assert first.asked.kendaraan == ("truk",)
    assert second.edges
    assert set(third.edges) <= set(second.edges)
    assert [closure.kind for closure in inputs.operation.tutup] == ["area", "titik", "titik"]
    assert "banjir.geojson" in inputs.sha256


def test_everything_wrong_with_closures_is_listed_at_once(operation: Path, tmp_path: Path) -> None:
    bad = _flood(tmp_path / "titik.geojson", {"type": "Point", "coordinates": [103.3, -4.7]})
    with operation.open("a", encoding="utf-8") as file:
        file.write('\n[[tutup]]\nlokasi = "jalan:Jalan yang tidak ada"\n')
    with pytest.raises(InputProblems) as refused:
        kg.read_inputs(
            operation,
            closures=[
                "sana",
                "titik:1,2",
                "way:1; mulai=kemarin",
                "way:1; banjir",
                f"area:{bad}",
                f"area:{tmp_path}/tidak_ada.geojson",
            ],
        )
    found = sorted(problem.what for problem in refused.value.problems if problem.level == "refuse")
    assert found == [
        "closure_bad", "closure_bad", "closure_name", "file_missing", "geometry_kind", "key_moment", "rule_circle"
    ]  # fmt: skip
    told = " ".join(told_of(problem) for problem in refused.value.problems)
    assert "tutup.3.mulai harus berupa tanggal dan jam" in told
    assert "Value error" not in told
    assert "Input should" not in told


def test_a_closure_the_operation_file_can_not_mean_is_named_by_its_key(operation: Path) -> None:
    with operation.open("a", encoding="utf-8") as file:
        file.write('\n[[tutup]]\nlokasi = "disana"\n[[tutup]]\nlokasi = "titik:1"\n')
    with pytest.raises(InputProblems) as refused:
        kg.read_inputs(operation)
    assert {problem.column for problem in refused.value.problems} == {"tutup.1.lokasi", "tutup.2"}


def test_a_written_plan_with_closures_is_read_again_as_it_was(tmp_path: Path) -> None:
    lon, lat = lon_lat(10, 0)
    closure = f"titik:{lat},{lon},300; mulai=2024-02-13T06:00; sebab=banjir"
    inputs = world("G---P---A---B\n    |       |\n    C-------D")
    plan = kg.make_plan(kg.close_roads(inputs, [kg.closure_of(closure)]))
    again = read_plan(written(plan, tmp_path))
    assert again.inputs.roads.closures == plan.inputs.roads.closures
    assert again.inputs.operation == plan.inputs.operation
    assert again.summary() == plan.summary()
    for key, times in plan.travel.items():
        assert again.travel[key].closed == times.closed == (0,)  # on voting day
        (other,) = times.at_other_hours.values()  # on the day before the closure
        assert other.closed == ()
        assert again.travel[key].while_closed(()).seconds.tolist() == other.seconds.tolist()


@pytest.mark.real
def test_a_flood_on_real_roads_cuts_them_and_every_promise_is_kept(kaur_on_osm: kg.Inputs) -> None:
    inputs = kaur_on_osm
    bridge = inputs.roads.edges[inputs.roads.edges["bridges"] > 0].iloc[0]
    way = kg.close_roads(inputs, [kg.closure_of(f"way:{bridge['osm_way']}")])
    assert set(inputs.roads.edges.loc[list(way.roads.closures[0].edges), "osm_way"]) == {bridge["osm_way"]}
    longest = inputs.roads.edges.loc[inputs.roads.edges["metres"].idxmax()]
    middle = longest.geometry.interpolate(0.5, normalized=True)
    cut = kg.close_roads(inputs, [kg.closure_of(f"titik:{middle.y},{middle.x},200")])
    metres = cut.roads.closures[0].metres
    assert 390 < metres < 0.2 * longest["metres"]
    assert cut.roads.edges["metres"].sum() == pytest.approx(inputs.roads.edges["metres"].sum())
