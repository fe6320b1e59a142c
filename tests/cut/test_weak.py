"""Weak points against brute force, and what they mean on roads that can be checked by eye."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from brute import BruteForce, Quicker, differences
from hypothesis import given, settings
from hypothesis import strategies as st
from specimens import HOSTILE
from world import kode_tps, lon_lat, world

import kaur_gis as kg
from kaur_gis import cli
from kaur_gis.cut import close_roads, closure_of
from kaur_gis.cut.segments import SAME, _marks, chains_of, segments_of
from kaur_gis.cut.weak import LOST, Need, seconds_of, weak_points
from kaur_gis.kit import kits
from kaur_gis.place import place
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times
from kaur_gis.write.weak import map_layers, ranked, told

SCRIPT = HOSTILE["script"]
LADDER = """
    G---P---A---B
        |       |
        C#--D---E---F
"""


def before_distribution(inputs: kg.Inputs) -> kg.Plan:
    """As much of a plan as weak points need."""
    placed, _ = place(inputs)
    tps = tag(placed, inputs.operation)
    kit, stops = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"]), stops_of(tps, inputs.tempat)
    nothing = dict.fromkeys(("trips", "legs", "loads", "unserved", "posts", "guards", "groupings"))
    return kg.Plan(inputs, tps, kit, stops, travel_times(inputs, stops), **nothing)


def test_a_road_without_a_second_way_cuts_off_who_is_behind_it_and_a_ring_only_makes_them_drive_longer() -> None:
    weak = weak_points(before_distribution(world(LADDER, pemilih={"F": 111})))
    to_f = weak.roads[weak.roads["tps"] == kode_tps("F")]
    assert len(to_f) == 1
    assert (to_f["n_tps"].item(), to_f["pemilih"].item(), to_f["kotak"].item()) == (1, 111, 5)
    bridge = weak.roads[weak.roads["bridges"] == 1]
    assert bridge["n_tps"].item() == 0
    # P to D: 6 km over C, 14 km over A, B and E without the bridge; E is as near by A and B
    assert (bridge["n_longer"].item(), bridge["extra_s"].item()) == (1, 2 * 8 * 60)
    assert bridge["rank"].item() == 1
    assert kode_tps("F") in weak.isolated.index
    assert weak.cut_off == ()


def test_everybody_depends_on_the_only_road_from_the_warehouse() -> None:
    weak = weak_points(before_distribution(world(LADDER)))
    first = weak.roads.sort_values("n_tps").iloc[-1]
    assert first["n_tps"] == 6
    assert first["kotak"] == 30
    assert len(weak.isolated) == 6
    assert weak.isolated["metres"].min() == 4000
    assert weak.isolated.loc[kode_tps("F"), "metres"] == 8000
    assert weak.isolated.loc[kode_tps("F"), ["nama_desa", "no_tps", "bridges"]].tolist() == ["Desa F", 1, 0]


def test_a_one_way_road_that_looks_like_a_ring_is_no_second_way() -> None:
    ring = """
    G---P---A---B
        |       |
        C-->----D
    """
    weak = weak_points(before_distribution(world(ring)))
    lost = {row.tps for row in weak.roads.itertuples() if row.n_tps}
    # nobody can come back from D or B over C: without P - A they are cut off, though an undirected ring joins them
    assert any(kode_tps("B") in codes and kode_tps("A") in codes and kode_tps("C") not in codes for codes in lost)


def test_a_tps_that_is_cut_off_already_counts_nowhere_and_is_named() -> None:
    inputs = world(LADDER)
    lon, lat = lon_lat(14, 2)
    plan = before_distribution(close_roads(inputs, [closure_of(f"titik:{lat},{lon},300")]))
    weak = weak_points(plan)
    assert weak.cut_off == (kode_tps("F"),)
    assert kode_tps("F") not in " ".join(weak.roads["tps"])
    assert not differences(BruteForce(plan), weak.roads, BruteForce(plan).pieces)


def test_nobody_loses_anything_where_no_vehicle_could_drive_anyway() -> None:
    inputs = world(LADDER, fleet=[], sulit="F")
    weak = weak_points(before_distribution(inputs))
    assert len(weak.cut_off) == 6
    assert not weak.roads["rank"].any()
    assert weak.isolated.empty


def test_a_tps_without_a_ppk_is_not_asked_for_more_than_it_has() -> None:
    plan = before_distribution(world("G---P---A\n    |\n    b---c"))
    weak = weak_points(plan)
    assert set(weak.isolated.index) == {kode_tps("A")}


def test_a_stop_that_no_road_reaches_is_cut_off() -> None:
    inputs = world("G---P---A", gps={kode_tps("A"): lon_lat(8, 9)}, roads={"max_snap_m": 500.0})
    inputs = replace(inputs, roads=replace(inputs.roads, schematic=False))
    assert weak_points(before_distribution(inputs)).cut_off == (kode_tps("A"),)


def test_a_stop_in_the_middle_of_a_road_keeps_the_end_that_does_not_fail() -> None:
    inputs = world("G---P-------A\n    |       |\n    C-------D", gps={kode_tps("C"): lon_lat(7, 0.1)})
    plan = before_distribution(replace(inputs, roads=replace(inputs.roads, schematic=False)))
    weak = weak_points(plan)
    halves = weak.roads[weak.roads["edge"].duplicated(keep=False)]
    assert len(halves) == 2
    assert halves["metres"].tolist() == pytest.approx([3000, 5000], abs=5)
    assert halves["n_tps"].tolist() == [0, 0]
    assert (halves["n_longer"] > 0).all()
    for brute in (BruteForce(plan), Quicker(plan)):
        assert not differences(brute, weak.roads, brute.pieces)


def drawn(roads: st.DrawFn) -> str:
    """A grid of villages with some of the roads between them, some one-way."""
    names = iter("GPABCDEFH")
    rows, columns = 3, 3
    grid = [[next(names) for _ in range(columns)] for _ in range(rows)]
    across = st.sampled_from(["---", "---", "->-", "-#-", "...", "   "])
    lines = []
    for y in range(rows):
        lines.append("".join(name + (roads(across) if x < columns - 1 else "") for x, name in enumerate(grid[y])))
        if y < rows - 1:
            lines.append("".join(roads(st.sampled_from(["|", "|", ":", " "])) + "   " for _ in range(columns)).rstrip())
    return "\n".join(lines)


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_every_segment_of_a_drawn_world_is_as_brute_force_says(data: st.DataObject) -> None:
    inputs = world(drawn(data.draw), sulit=data.draw(st.sampled_from(["", "AB", "CDEF"])))
    somewhere = {kode_tps(c): lon_lat(*data.draw(st.tuples(st.floats(0, 9), st.floats(0, 4)))) for c in "AC"}
    if data.draw(st.booleans()):  # a real network: stops lie in the middle of roads
        inputs = replace(inputs, roads=replace(inputs.roads, schematic=False))
        inputs = replace(inputs, tps=inputs.tps.assign(lon=np.nan, lat=np.nan))
        for kode, (lon, lat) in somewhere.items():
            inputs.tps.loc[kode, ["lon", "lat", "posisi_data"]] = [lon, lat, "gps"]
    plan = before_distribution(inputs)
    brute, weak = BruteForce(plan), weak_points(plan)
    assert len(weak.roads) == len(brute.pieces)
    assert set(weak.cut_off) == {kode for kode, seconds in brute.before.items() if seconds == np.inf}
    assert differences(brute, weak.roads, brute.pieces) == []
    named = {kode for codes in weak.roads["tps"] for kode in codes.split()}
    assert set(weak.isolated.index) == named


def test_the_layer_covers_every_road_and_its_lines_lie_on_it() -> None:
    plan = before_distribution(world(LADDER))
    weak = weak_points(plan)
    lines = plan.inputs.roads.edges.drop_duplicates("metres")
    assert weak.roads["metres"].sum() == pytest.approx(plan.inputs.roads.edges["metres"].sum() / 2)
    assert set(lines.geometry.map(shapely.to_wkt)) <= set(weak.roads.geometry.map(shapely.to_wkt))


@pytest.fixture(scope="module")
def on_osm(kaur_on_osm: kg.Inputs) -> kg.Plan:
    return before_distribution(kaur_on_osm)


@pytest.mark.real
def test_kaur_s_real_roads_are_as_brute_force_says_on_a_sample(on_osm: kg.Plan) -> None:
    plan = on_osm
    weak, brute = weak_points(plan), Quicker(plan)
    assert len(weak.roads) == len(brute.pieces)
    times = plan.travel["truk", plan.inputs.operation.weather.plan]
    for kode, drives in brute.needs.items():  # with nothing failing, brute force drives what `travel` drives
        seconds = 0
        for base, target, vehicles in drives:
            a, b = times.stops.get_indexer([base, target])
            matrices = [plan.travel[v, plan.inputs.operation.weather.plan].seconds for v in vehicles]
            seconds += min(int(matrix[a, b] + matrix[b, a]) for matrix in matrices)
        assert brute.before[kode] == seconds
    worst = weak.roads[weak.roads["rank"] > 0].sort_values("rank").iloc[[0, 1, 2, 400]].index
    evenly = range(17, len(brute.pieces), len(brute.pieces) // 10)  # tests.benchmarks.cut --whole takes all of them
    pieces = [brute.pieces[at] for at in sorted({*evenly, *worst})]
    assert differences(brute, weak.roads, pieces) == []


def test_a_loop_and_a_road_that_joins_nothing_change_nothing_for_anybody() -> None:
    inputs = world("G---P---A\n\n+---+---+")
    edges = inputs.roads.edges.copy()
    apart = edges.index[-4:-2]
    edges.loc[apart, "v"] = edges.loc[apart, "u"] = int(edges["u"].loc[apart[0]])
    weak = weak_points(before_distribution(replace(inputs, roads=replace(inputs.roads, edges=edges))))
    alone = weak.roads[weak.roads["edge"].isin(edges.index[-4:])]
    assert len(alone) == 2
    assert not alone["rank"].any()
    assert weak.roads["rank"].max() == 2


def test_a_road_that_ends_after_two_pieces_without_a_stop_changes_nothing() -> None:
    plain = weak_points(before_distribution(world("G---P---A---B")))
    longer = weak_points(before_distribution(world("G---P---A---B---+---+")))
    assert longer.isolated.drop(columns="geometry", errors="ignore").equals(
        plain.isolated.drop(columns="geometry", errors="ignore")
    )
    assert longer.roads["n_tps"].max() == plain.roads["n_tps"].max()


def test_two_stops_that_meet_a_road_at_one_point_but_for_rounding_cut_it_once() -> None:
    met = SimpleNamespace(edge=np.array([3, 3, 3]), share=np.array([0.5, 0.5 + SAME / 2, 0.75]))
    marks, number = _marks(SimpleNamespace(n_nodes=10), {"motor": met})
    assert marks.tolist() == [[3, 0.5], [3, 0.75]]
    assert list(number.values()) == [10, 10, 11]


def test_of_two_at_once_the_worst_pair_is_the_ring_s_two_sides_and_brute_force_says_so() -> None:
    plan = before_distribution(world(LADDER, pemilih={"E": 250}))
    weak = weak_points(plan, pairs=20)
    assert weak_points(plan).pairs.empty
    brute = BruteForce(plan)
    pieces = {row.edge: piece for row, piece in zip(weak.roads.itertuples(), brute.pieces, strict=True)}
    assert len(weak.pairs) > 10
    for row in weak.pairs.itertuples():
        one, other = (pieces[weak.roads["edge"][segment]] for segment in (row.segment, row.other))
        taken = [(vehicle, u, v, brute.graph[vehicle].edges[u, v, one]["ms"]) for vehicle, u, v in brute.arcs[one]]
        for vehicle, u, v, _ in taken:
            brute.graph[vehicle].remove_edge(u, v, key=one)
        effect = brute.fail(other)
        for vehicle, u, v, ms in taken:
            brute.graph[vehicle].add_edge(u, v, key=one, ms=ms)
        lost = sorted(kode for kode, extra in effect.items() if extra == np.inf)
        longer = [extra for extra in effect.values() if extra != np.inf]
        assert row.tps.split() == lost
        assert (row.n_longer, row.extra_s) == (len(longer), sum(longer))
        alone = {kode for s in (row.segment, row.other) for kode in weak.roads["tps"][s].split()}
        assert row.n_more == len(set(lost) - alone)
    assert weak.pairs["n_more"].iloc[0] > 0
    assert weak.pairs["pemilih_more"].is_monotonic_decreasing


def test_who_loses_the_warehouse_and_who_the_ppk_are_told_apart() -> None:
    weak = weak_points(before_distribution(world(LADDER)))
    first = weak.roads.sort_values("n_tps").iloc[-1]
    assert (first["n_tps"], first["n_gudang"]) == (6, 6)
    to_f = weak.roads[weak.roads["tps"] == kode_tps("F")].iloc[0]
    assert (to_f["n_tps"], to_f["n_gudang"]) == (1, 0)


def test_a_pair_with_a_stop_off_the_road_and_a_base_without_one_is_no_trouble() -> None:
    inputs = world("G---P---A---B", gps={kode_tps("A"): lon_lat(8, 9)}, roads={"max_snap_m": 500.0})
    plan = before_distribution(replace(inputs, roads=replace(inputs.roads, schematic=False)))
    weak = weak_points(plan, pairs=5)
    assert weak.pairs["tps"].str.contains(kode_tps("B")).all()
    far = weak.roads.assign(rank=0)
    assert ranked(replace(weak, roads=far), "id").empty
    away = inputs.tempat.geometry.where(inputs.tempat["jenis"] != "gudang", shapely.Point(*lon_lat(0, 30)))
    lost = replace(inputs, tempat=inputs.tempat.set_geometry(away), roads=replace(inputs.roads, schematic=False))
    nobody = weak_points(before_distribution(lost), pairs=5)
    assert nobody.pairs.empty
    needs_nothing = seconds_of([Need(0, 1, ("motor",), last=True, tps=(0,))], *_laid_out(before_distribution(lost)), ())
    assert needs_nothing == [LOST]


def _laid_out(plan: kg.Plan) -> tuple[object, object]:
    segments = segments_of(plan.inputs, plan.stops, ["motor"])
    return segments, chains_of(segments)


@pytest.mark.usefixtures("only_maps")
def test_the_files_name_the_worst_with_place_and_effect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = kg.make_plan(world(LADDER, pemilih={"F": 111}, names={"F": SCRIPT}))
    kg.write_plan(plan, tmp_path / "kaur")
    assert cli.main(["weak", str(tmp_path / "kaur"), "--pasangan", "6"]) == cli.OK
    out = capsys.readouterr().out
    assert "1. jembatan" in out
    assert "Dua ruas sekaligus" in out
    folder = tmp_path / "kaur-lemah"
    rows = list(openpyxl.load_workbook(folder / "titik_lemah.xlsx")["Titik lemah"].values)
    first = dict(zip(rows[0], rows[1], strict=True))
    weak = weak_points(plan)
    worst = weak.roads[weak.roads["rank"] == 1].iloc[0]
    assert (first["Peringkat"], first["Jenis"], first["TPS terputus"]) == (1, "jembatan", worst["n_tps"])
    middle = worst.geometry.interpolate(0.5, normalized=True)
    assert (first["Bujur"], first["Lintang"]) == pytest.approx((middle.x, middle.y), abs=1e-5)
    layer = gpd.read_file(folder / "titik_lemah.gpkg", layer="titik_lemah")
    assert layer["rank"].tolist() == list(range(1, (weak.roads["rank"] > 0).sum() + 1))
    single = gpd.read_file(folder / "titik_lemah.gpkg", layer="tanpa_jalan_kedua")
    assert set(single["kode_tps"]) == set(weak.isolated.index)
    for row in single.itertuples():  # the first of the ranked segments that cut it off
        cuts = layer[[row.kode_tps in codes.split() for codes in layer["tps"]]].iloc[0]
        assert row.first == f"{cuts['rank']}. {cuts['jenis']} {cuts['nama']} dekat {cuts['dekat']}"
        assert (row.first_lat, row.first_lon) == (cuts["lat"], cuts["lon"])
    (kec,) = list(openpyxl.load_workbook(folder / "titik_lemah.xlsx")["Jalan kedua per kecamatan"].values)[1:]
    alone = weak.isolated
    assert kec[1:5] == (len(alone), alone["pemilih"].sum(), alone["kotak"].sum(), alone["metres"].max())
    assert kec[5] == max(len(codes.split()) for codes in layer["tps"]) == 6
    whole = layer[layer["n_tps"] == 6].iloc[0]  # the worst of those that cut off all of them
    assert kec[6] == f"{whole['rank']}. {whole['jenis']} {whole['nama']} dekat {whole['dekat']}"
    assert kec[7:] == pytest.approx((whole["lat"], whole["lon"]))
    assert f"6 TPS diputus {kec[6]} saja" in out
    page = (folder / "peta_titik_lemah.html").read_text("utf-8")
    assert "<title>Titik lemah jalan " in page
    assert "Content-Security-Policy" in page
    assert SCRIPT not in page
    shown = {layer.key: layer for layer in map_layers(plan, weak, "id")}
    assert len(shown["terpencil"].things) == 6
    assert shown["lemah"].things[0].line.shape[1] == 2
    alike = replace(weak, roads=weak.roads.assign(oneway=True))
    assert "1. bridge, one-way" in "\n".join(told(alike, "en"))
    nowhere = told(replace(weak, cut_off=("x",), pairs=weak.pairs.iloc[:0]), "en")
    assert nowhere[-1] == "Without a way from the start: 1 TPS"


@pytest.mark.real
def test_roads_that_were_clipped_at_the_border_show_their_cut_and_whole_ones_none(
    on_osm: kg.Plan, real_data: Path
) -> None:
    operation = Path(__file__).resolve().parents[2] / "data" / "kaur" / "operation.toml"
    clipped = kg.read_inputs(operation, roads=real_data / "roads_strict_clip.osm.pbf")
    lost = weak_points(before_distribution(clipped)).cut_off
    assert weak_points(on_osm).cut_off == ()
    assert 0 < len(lost) < 434
