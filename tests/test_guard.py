"""Guards: every TPS under one post, officers by the pattern, rounds as short as can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise, permutations
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall
from world import kode_tps, pattern, world

import kaur_gis.grouping as groups_module
from kaur_gis import people
from kaur_gis.grouping import cover as cover_module
from kaur_gis.grouping import group_stops, road_seconds
from kaur_gis.grouping.forest import forest_bound
from kaur_gis.grouping.packed import fewest_whole
from kaur_gis.guard import class_rounds, guard
from kaur_gis.guard import rounds_of as rounds_read
from kaur_gis.inputs import Inputs
from kaur_gis.judge import PROMISES
from kaur_gis.judge.facts import Facts
from kaur_gis.people import split_points
from kaur_gis.pipeline import make_plan
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.problems import SolverError, TravelError
from kaur_gis.read import read_inputs
from kaur_gis.tag import tag
from kaur_gis.travel import TravelTimes, stops_of, travel_times
from kaur_gis.write.tables import guarding

ROW = "G-P-A-B---C-D----E"


def by_road(inputs: Inputs, tps: pd.DataFrame) -> dict[tuple[str, str], TravelTimes]:
    """Travel times of the drawing by networkx, at 60 km/h: one second is 1000 / 60 metres."""
    graph = nx.DiGraph()
    graph.add_nodes_from(inputs.roads.nodes.index)
    graph.add_weighted_edges_from(inputs.roads.edges[["u", "v", "metres"]].itertuples(index=False))
    node = inputs.roads.nodes.reset_index().set_index("kode_desa")["node"]
    stops = sorted(set(tps["kode_stop"]))
    at = [node[tps.loc[stop, "kode_desa"]] for stop in stops]
    far = dict(nx.all_pairs_dijkstra_path_length(graph))
    metres = np.array([[round(far[a].get(b, -1)) for b in at] for a in at], dtype=np.int64)
    times = TravelTimes(
        vehicle="motor",
        weather="kering",
        stops=pd.Index(stops, name="kode_stop", dtype=str),
        seconds=np.where(metres < 0, -1, metres * 60 // 1000),
        lengths=metres,
        snap_m=np.zeros(len(stops)),
        carry_m=np.zeros(len(stops)),
        carry_s=np.zeros(len(stops), dtype=np.int64),
    )
    return {("motor", "kering"): times}


def guarded(inputs: Inputs):
    """Posts and guards of a world."""
    tps = tag(place(inputs)[0], inputs.operation)
    return tps, *guard(tps, inputs, by_road(inputs, tps))[:2]


def rounds_of(guards: pd.DataFrame) -> list[list[str]]:
    """The TPS of each post, in the order of its round."""
    return [list(rows.sort_values("order").index) for _, rows in guards.groupby("kode_post")]


# --- the layers ---


def test_near_tps_share_a_post_and_the_round_takes_the_road_between_them() -> None:
    _, posts, guards = guarded(world(ROW, tps={"A": 2, "B": 2, "C": 2, "D": 2, "E": 1}))
    assert list(posts.index) == ["POS-17.04.01-01", "POS-17.04.01-02"]
    assert sorted(posts["n_tps"]) == [4, 5]
    assert list(posts["officers"]) == [2, 2]
    # A A B B stay together, two kilometres apart; C C D D E is two and five
    assert list(posts["seconds"]) == [120, 420]
    assert list(posts["metres"]) == [2000, 7000]
    second = guards.loc[[kode_tps("C", 1), kode_tps("C", 2), kode_tps("D", 1), kode_tps("D", 2), kode_tps("E")]]
    assert list(second["order"]) == [1, 2, 3, 4, 5]
    assert list(second["seconds"]) == [0, 0, 120, 0, 300]


def test_each_class_has_its_own_groups_and_officers_by_the_pattern() -> None:
    tps, posts, guards = guarded(world(ROW, sulit="AB", psu="C", tps={"D": 3, "E": 3}))
    officers = posts.groupby("kerawanan")["officers"].agg(["sum", "size"])
    assert tuple(officers.loc["kurang_rawan"]) == (4, 2)
    assert tuple(officers.loc["rawan"]) == (2, 2)
    assert tuple(officers.loc["sangat_rawan"]) == (2, 1)
    assert (
        posts["kerawanan"].loc[guards["kode_post"]].to_numpy() == tps["kerawanan"].loc[guards.index].to_numpy()
    ).all()


def test_groups_that_are_known_to_be_the_best_are_taken_as_they_are() -> None:
    inputs = world(ROW, sulit="AB", psu="C", tps={"D": 3, "E": 3})
    tps = tag(place(inputs)[0], inputs.operation)
    made = class_rounds(tps, inputs, by_road(inputs, tps))
    known = replace(made[1], bound=made[1].bound - 1)  # nobody would find it so
    assert class_rounds(tps, inputs, by_road(inputs, tps), [known]) == (made[0], known, *made[2:])
    assert len(made) == 3


def test_the_pattern_is_data() -> None:
    three_for_two = pattern(
        kelas={
            "kurang_rawan": {"officers": 3, "tps_per_group": 2},
            "rawan": {"officers": 2, "tps_per_group": 16},
            "sangat_rawan": {"officers": 4, "tps_per_group": 3},
        }
    )
    tps = {"A": 5, "B": 20, "C": 4}
    _, posts, _ = guarded(world(ROW, tps=tps, sulit="B", psu="C", guard_pattern=three_for_two))
    summed = posts.groupby("kerawanan")[["officers", "n_tps"]].sum()
    assert dict(summed["n_tps"]) == {"kurang_rawan": 7, "rawan": 20, "sangat_rawan": 4}
    # 7 kurang rawan in groups of 2, 20 rawan of 16, 4 sangat rawan of 3
    assert dict(summed["officers"]) == {"kurang_rawan": 12, "rawan": 4, "sangat_rawan": 8}


def test_a_group_never_leaves_its_kecamatan() -> None:
    tps, posts, guards = guarded(world("G-P-A-B-c-d-p"))
    assert list(posts.index) == ["POS-17.04.01-01", "POS-17.04.02-01"]
    assert (posts["kode_kec"].loc[guards["kode_post"]].to_numpy() == tps["kode_kec"].loc[guards.index].to_numpy()).all()


def test_tps_that_no_road_joins_force_a_further_group_and_it_shows() -> None:
    inputs = world("""
        G-P-A-B

        C-D
    """)
    tps = tag(place(inputs)[0], inputs.operation)
    (found,) = class_rounds(tps, inputs, by_road(inputs, tps))
    assert (len(found.rounds), found.fewest) == (2, 1)
    assert found.rounds == ((kode_tps("A"), kode_tps("B")), (kode_tps("C"), kode_tps("D")))
    assert (guarded(inputs)[2]["seconds"] >= 0).all()


def test_a_road_open_one_way_only_does_not_join_two_tps() -> None:
    inputs = world("G-P-A>B")
    tps = tag(place(inputs)[0], inputs.operation)
    assert len(class_rounds(tps, inputs, by_road(inputs, tps))[0].rounds) == 2


def test_where_the_directions_differ_the_round_goes_the_cheaper_way() -> None:
    _, posts, guards = guarded(
        world("""
            G-P-A>>B
                |  |
                +--+
        """)
    )
    # A to B is three kilometres, back by the junctions seven
    assert list(posts["seconds"]) == [180]
    assert list(guards["order"]) == [1, 2]


def test_a_hundred_posts_of_a_kecamatan_still_sort() -> None:
    _, posts, _ = guarded(world(ROW, tps={"A": 60, "B": 60}, sulit="AB"))
    assert list(posts.index) == sorted(posts.index)
    assert posts.index[-1].startswith("POS-17.04.01-1")
    assert posts.index[0] == "POS-17.04.01-001"


@given(
    counts=st.lists(st.integers(0, 4), min_size=6, max_size=6).filter(any),
    rawan=st.lists(st.booleans(), min_size=6, max_size=6),
    size=st.integers(1, 6),
    seed=st.integers(0, 5),
)
@settings(max_examples=12, deadline=None)
def test_every_tps_is_guarded_once_within_the_limits_whatever_the_rows_order(counts, rawan, size, seed) -> None:
    letters = "ABCdef"
    inputs = world(
        """
        G--P-A----B
              |
        p-d-e-C--f
        """,
        tps=dict(zip(letters, counts, strict=True)),
        sulit="".join(c for c, hard in zip(letters, rawan, strict=True) if hard),
        guard_pattern=pattern(
            kelas={
                "kurang_rawan": {"officers": 2, "tps_per_group": size},
                "rawan": {"officers": 1, "tps_per_group": 1},
                "sangat_rawan": {"officers": 2, "tps_per_group": 1},
            }
        ),
    )
    tps, posts, guards = guarded(inputs)
    assert list(guards.index) == list(tps.index)
    for column in ("kode_kec", "kerawanan"):
        assert list(posts[column].loc[guards["kode_post"]]) == list(tps[column])
    assert (posts["n_tps"] == guards.groupby("kode_post").size()).all()
    assert (posts["n_tps"] <= posts["kerawanan"].map({"kurang_rawan": size, "rawan": 1})).all()
    assert set(posts["officers"]) <= {1, 2}
    times = by_road(inputs, tps)["motor", "kering"]
    at = {kode: times.stops.get_loc(stop) for kode, stop in tps["kode_stop"].items()}
    for round_ in rounds_of(guards):
        steps = [0, *(times.seconds[at[a], at[b]] for a, b in pairwise(round_))]
        assert list(guards.loc[round_, "seconds"]) == steps
    shuffled = tps.sample(frac=1, random_state=seed)
    again = guard(shuffled, inputs, by_road(inputs, tps))
    assert again[0].equals(posts)
    assert again[1].equals(guards)


def test_large_groups_are_made_without_proof_and_the_gap_is_known() -> None:
    seconds, tps = town(14, 3, 2)
    found = group_stops(seconds, tps, 16)
    assert len(found.groups) == found.needed == -(-tps.sum() // 16)
    assert 0.7 * found.seconds < found.bound <= found.seconds


def test_a_forest_bounds_groups_and_is_exact_along_a_road() -> None:
    along = np.abs(np.subtract.outer(np.arange(6), np.arange(6))) * 60
    assert forest_bound(along, 1, 400) == pytest.approx(300)
    assert forest_bound(along, 2, 400) == pytest.approx(240)
    assert forest_bound(along, 6, 400) == 0
    gap = np.where(along > 60, -1, along)  # known only from neighbour to neighbour
    assert forest_bound(gap, 1, 400) == pytest.approx(300)


def test_a_forest_pays_for_a_stop_at_which_many_roads_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    star = np.full((4, 4), 120) - 120 * np.eye(4, dtype=np.int64)
    star[0, 1:] = star[1:, 0] = 60
    assert forest_bound(star, 1, 240) == pytest.approx(240, abs=1)
    monkeypatch.setattr("kaur_gis.grouping.forest.STEPS", 1)
    assert forest_bound(star, 1, 240) == pytest.approx(180)  # the shortest tree alone


# --- limits of the pattern ---


def limited(**limits):
    """Give the pattern of Kaur with limits for kurang rawan TPS."""
    kelas = {
        "kurang_rawan": {"officers": 2, "tps_per_group": 5, **limits},
        "rawan": {"officers": 1, "tps_per_group": 1},
        "sangat_rawan": {"officers": 2, "tps_per_group": 1},
    }
    return pattern(kelas=kelas)


def test_a_group_stays_in_its_village_where_the_pattern_says_so_and_who_forces_it_is_named() -> None:
    inputs = world("G-P-A-B-C", tps={"A": 5, "B": 2, "C": 3}, guard_pattern=limited(within="desa"))
    tps = tag(place(inputs)[0], inputs.operation)
    (found,) = class_rounds(tps, inputs, by_road(inputs, tps))
    assert [len(round_) for round_ in found.rounds] == [5, 2, 3]
    assert (found.fewest, found.needed) == (2, 3)
    assert set(found.forced_by) == {kode_tps("B", 1), kode_tps("B", 2), *(kode_tps("C", n) for n in (1, 2, 3))}
    _, posts, guards = guarded(inputs)
    assert len(set(zip(guards["kode_post"], tps["kode_desa"], strict=True))) == len(posts)
    assert list(posts["seconds"]) == [0, 0, 0]


def test_a_group_stays_within_so_many_minutes_by_road() -> None:
    inputs = world("G-P-A-B-C---D", guard_pattern=limited(max_minutes=4))
    tps = tag(place(inputs)[0], inputs.operation)
    groupings = guard(tps, inputs, by_road(inputs, tps))[2]
    # A - C are four kilometres apart, A - D eight: D can't join A or B
    row = groupings.loc[("17.04.01", "kurang_rawan")]
    assert (row["groups"], row["fewest"], row["needed"]) == (2, 1, 2)
    assert (row["seconds"], row["bound_seconds"]) == (240, 240)
    assert set(row["forced_by"].split()) <= set(tps.index)
    assert row["forced_by"]


def test_whole_numbers_can_force_a_group_too_and_then_the_posts_that_are_not_full_are_named() -> None:
    inputs = world("G-P-A---B", tps={"A": 6, "B": 6}, guard_pattern=limited(within="desa"))
    tps = tag(place(inputs)[0], inputs.operation)
    (found,) = class_rounds(tps, inputs, by_road(inputs, tps))
    assert (len(found.rounds), found.fewest, found.needed) == (4, 3, 4)
    assert set(found.forced_by) == set(tps.index)


@given(
    counts=st.lists(st.integers(1, 3), min_size=1, max_size=6).filter(lambda c: sum(c) <= 9),
    size=st.integers(2, 5),
    apart=st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8),
    seed=st.integers(0, 20),
)
@settings(max_examples=60, deadline=None)
def test_with_limits_groups_are_the_fewest_and_then_the_best_an_exhaustive_search_finds(
    counts, size, apart, seed
) -> None:
    n = len(counts)
    seconds, _ = town(n, 1, seed)
    allowed = np.ones((n, n), dtype=bool)
    for a, b in apart:
        if a < n and b < n and a != b:
            allowed[a, b] = allowed[b, a] = False
    found = group_stops(seconds, np.array(counts), size, allowed)
    wanted = fewest_by_search(seconds, counts, size, allowed)
    assert (len(found.groups), found.seconds, sum(map(len, found.groups))) == wanted
    assert found.needed == wanted[0]
    assert found.proven
    assert bool(found.forcing) == (wanted[0] > -(-sum(counts) // size))
    for group in found.groups:
        assert all(allowed[a, b] for (a, _), (b, _) in combinations(group, 2))


# --- points that are parted ---


@cache
def packed_by_search(points: tuple[int, ...], size: int, room: tuple[int, ...] = ()) -> int:
    """Fewest groups that hold each point whole, by trying every one; TPS of points that do not fit go one by one."""
    if not points:
        return len(room)
    if points[0] > size:
        return packed_by_search((1,) * points[0] + points[1:], size, room)
    ways = {(*room[:n], left - points[0], *room[n + 1 :]) for n, left in enumerate(room) if left >= points[0]}
    ways.add((*room, size - points[0]))
    return min(packed_by_search(points[1:], size, tuple(sorted(way))) for way in ways)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(1, 5))
@example([3, 3, 3, 3], 4)
@example([3, 3, 2, 2, 2], 6)
@settings(max_examples=40, deadline=None)
def test_whole_points_need_the_groups_that_a_search_finds(points, size) -> None:
    assert fewest_whole(tuple(points), size) == packed_by_search(tuple(sorted(points, reverse=True)), size)


def parted(split_minutes: float = 0.0, **counts: int) -> Plan:
    """A plan of one kecamatan with two villages at either end of a long road, groups of five."""
    kelas = {"kurang_rawan": {"officers": 2, "tps_per_group": 5, "split_minutes": split_minutes}}
    kelas |= {name: {"officers": 1, "tps_per_group": 1} for name in ("rawan", "sangat_rawan")}
    return make_plan(world("G-P-A-B------C-D", tps=counts, guard_pattern=pattern(kelas=kelas)))


def test_a_point_parts_where_that_saves_more_road_than_the_pattern_gives_and_it_is_told() -> None:
    plan = parted(A=3, B=3, C=2, D=2)
    assert plan.broken == ()
    row = plan.groupings.iloc[0]
    assert (row["split"] in {kode_tps("B"), kode_tps("A")}, row["whole_groups"], row["groups"]) == (True, 2, 2)
    (told,) = split_points(plan, "id").to_dict("records")
    assert (told["n_tps"], told["at_posts"]) == (3, "POS-17.04.01-01, POS-17.04.01-02")
    assert told["why"] == "membagi lebih jarang memperpanjang jalan (terbukti)"
    whole = parted(30.0, A=3, B=3, C=2, D=2)
    assert whole.broken == ()
    assert (whole.groupings["split"].iloc[0], split_points(whole, "id").empty) == ("", True)
    assert 0 < whole.groupings["seconds"].iloc[0] - row["seconds"] <= 30 * 60
    near = split_points(parted(0.5, A=3, B=3, C=2, D=2), "en")
    assert near["why"].tolist() == ["fewer partings would add more than 0.5 minutes of road each (proven)"]


def test_a_point_parts_where_whole_ones_need_a_further_group_and_it_is_told() -> None:
    plan = parted(30.0, A=3, B=3, C=3, D=1)
    assert plan.broken == ()
    assert plan.groupings[["groups", "whole_groups"]].to_numpy().tolist() == [[2, 3]]
    *_, points, _, kecamatan = guarding(plan, "id")
    assert points.frame["at_posts"].tolist() == ["POS-17.04.01-01, POS-17.04.01-02"]
    assert kecamatan.frame["group_seconds"].tolist() == plan.groupings["seconds"].tolist()
    assert kecamatan.frame["group_proof"].tolist() == ["terbukti optimal"]
    assert "bila semua titik utuh perlu paling sedikit 3 pos (terbukti)" in plan.summary("id")
    unproven = plan.groupings.assign(whole_groups=2, bound_seconds=plan.groupings["bound_seconds"] - 1)
    worse = guarding(replace(plan, groupings=unproven), "en")[-1].frame["group_proof"].iloc[0]
    assert worse.startswith("not proven to be the best; proven to need at least 2 groups and ")
    assert "belum terbukti perlu" in people.grouping_lines(replace(plan, groupings=unproven), "id")[-1]
    assert [*PROMISES["groupings"](Facts(replace(plan, groupings=plan.groupings.assign(split=""))))]
    assert [*PROMISES["groupings"](Facts(replace(plan, groupings=plan.groupings.assign(whole_groups=9))))]


# --- the groups, against an exhaustive search ---


def fewest_by_search(seconds, counts, size, allowed) -> tuple[int, int, int]:
    """Fewest groups within the limits, then least road time, then fewest (group, stop) pairs."""
    tps = [stop for stop, n in enumerate(counts) for _ in range(n)]
    for n_groups in range(-(-len(tps) // size), len(tps) + 1):
        found = [
            (sum(_shortest(seconds, set(group)) for group in split), sum(len(set(group)) for group in split))
            for split in partitions(tps, size, n_groups)
            if all(allowed[a, b] for group in split for a, b in combinations(set(group), 2))
        ]
        if found:
            return n_groups, *min(found)
    raise AssertionError


def _shortest(seconds, stops) -> int:
    return min(sum(int(seconds[a, b]) for a, b in pairwise(p)) for p in permutations(stops))


def partitions(tps: list[int], size: int, n_groups: int) -> Iterator[list[list[int]]]:
    """Every way to split a list of TPS (their stops) into so many groups of at most `size`."""
    if not tps:
        yield []
        return
    if n_groups == 0:
        return
    first, rest = tps[0], tps[1:]
    for more in range(min(size - 1, len(rest)) + 1):
        for chosen in combinations(range(len(rest)), more):
            left = [stop for n, stop in enumerate(rest) if n not in chosen]
            for others in partitions(left, size, n_groups - 1):
                yield [[first, *(rest[n] for n in chosen)], *others]


def best_by_search(seconds: np.ndarray, counts: list[int], size: int, split_s: int) -> tuple[int, int]:
    """Least road time with so much for each (group, stop) pair, and the fewest pairs among those of least time."""
    tps = [stop for stop, n in enumerate(counts) for _ in range(n)]
    length: dict[frozenset[int], int] = {}

    def shortest(stops: frozenset[int]) -> int:
        if stops not in length:
            length[stops] = min(sum(int(seconds[a, b]) for a, b in pairwise(p)) for p in permutations(stops))
        return length[stops]

    found = []
    for split in partitions(tps, size, -(-len(tps) // size)):
        pairs = sum(len(set(group)) for group in split)
        found.append((sum(shortest(frozenset(group)) for group in split) + split_s * pairs, pairs))
    return min(found)


@st.composite
def closed_instances(draw):
    """Few stops with whole seconds that keep the triangle inequality, and not the same both ways."""
    n = draw(st.integers(1, 5))
    counts = draw(st.lists(st.integers(1, 4), min_size=n, max_size=n).filter(lambda c: sum(c) <= 9))
    legs = draw(st.lists(st.integers(0, 60), min_size=n * n, max_size=n * n))
    seconds = np.array(legs).reshape(n, n)
    np.fill_diagonal(seconds, 0)
    closed = floyd_warshall(seconds + 1 - np.eye(n)).round().astype(np.int64)
    return closed, counts, draw(st.integers(2, 5))


@given(closed_instances(), st.sampled_from([0, 0, 15, 60]))
@settings(max_examples=60, deadline=None)
def test_groups_are_the_best_an_exhaustive_search_finds(instance, split_s) -> None:
    seconds, counts, size = instance
    found = group_stops(seconds, np.array(counts, dtype=np.int64), size, split_s=split_s)
    pairs = sum(len(group) for group in found.groups)
    assert (found.seconds + split_s * pairs, pairs) == best_by_search(seconds, counts, size, split_s)
    assert found.proven
    assert len(found.groups) == -(-sum(counts) // size)
    taken = [[takes for group in found.groups for at, takes in group if at == stop] for stop in range(len(counts))]
    assert [sum(takes) for takes in taken] == counts
    assert all(sum(takes for _, takes in group) <= size for group in found.groups)
    assert found.seconds == sum(road_seconds(group, seconds) for group in found.groups)


@given(closed_instances())
@settings(max_examples=40, deadline=None)
def test_no_grouping_is_shorter_than_the_forest(instance) -> None:
    seconds, counts, size = instance
    best, _ = best_by_search(seconds, counts, size, 0)
    n_groups = -(-sum(counts) // size)
    assert 0 <= forest_bound(seconds, n_groups, best) <= best + 1e-6
    assert 0 <= forest_bound(seconds, n_groups, 2 * best + 100) <= best + 1e-6


def town(n: int, most: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Stops strewn over ten kilometres, with whole seconds that keep the triangle inequality."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 10_000, (n, 2))
    metres = np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) * random.uniform(1, 1.4, (n, n))
    np.fill_diagonal(metres, 0)
    return floyd_warshall(np.ceil(metres / 8)).astype(np.int64), random.integers(1, most + 1, n)


def test_a_town_of_twenty_stops_is_solved_to_a_proven_optimum() -> None:
    seconds, tps = town(20, 5, 0)
    found = group_stops(seconds, tps, 5)
    assert found.proven
    assert len(found.groups) == -(-tps.sum() // 5)
    assert found == group_stops(seconds, tps, 5)


def test_where_labels_run_out_the_grouping_stands_but_is_not_called_proven(monkeypatch) -> None:
    seconds, tps = town(14, 2, 3)
    best = group_stops(seconds, tps, 5)
    assert best.proven
    monkeypatch.setattr(groups_module, "FEW_LABELS", 3)
    monkeypatch.setattr(groups_module, "MANY_LABELS", 5)
    found = group_stops(seconds, tps, 5)
    assert sum(takes for group in found.groups for _, takes in group) == tps.sum()
    assert len(found.groups) == len(best.groups)
    assert found.bound <= best.seconds <= found.seconds
    assert not found.proven


def test_without_an_answer_of_the_search_tree_the_simple_grouping_stands(monkeypatch) -> None:
    seconds, tps = town(12, 3, 1)
    best = group_stops(seconds, tps, 5)
    monkeypatch.setattr(cover_module, "milp", lambda *_, **__: SimpleNamespace(x=None, mip_dual_bound=None))
    found = group_stops(seconds, tps, 5)
    assert sum(takes for group in found.groups for _, takes in group) == tps.sum()
    assert found.bound <= best.seconds < found.seconds


def test_an_answer_that_is_no_grouping_is_not_taken(monkeypatch) -> None:
    seconds, tps = town(12, 3, 1)
    monkeypatch.setattr(
        cover_module, "milp", lambda cost, **_: SimpleNamespace(x=np.zeros(len(cost)), mip_dual_bound=0.0)
    )
    found = group_stops(seconds, tps, 5)
    assert sum(takes for group in found.groups for _, takes in group) == tps.sum()


def test_a_linear_programme_that_fails_is_an_error_of_the_solver(monkeypatch) -> None:
    seconds, tps = town(5, 2, 1)
    failed = SimpleNamespace(status=4, x=None, fun=None, message="numerical difficulties")
    monkeypatch.setattr(cover_module, "linprog", lambda *_, **__: failed)
    with pytest.raises(SolverError, match="numerical difficulties"):
        group_stops(seconds, tps, 5)


@pytest.mark.parametrize(("name", "value"), [("MANY_CUTS", 12), ("CUT_ROUNDS", 1)])
def test_cuts_only_help_the_groups_are_as_good_with_few(monkeypatch, name: str, value: int) -> None:
    seconds, tps = town(12, 3, 1)
    best = group_stops(seconds, tps, 5)
    monkeypatch.setattr(cover_module, name, value)
    found = group_stops(seconds, tps, 5)
    assert found.seconds == best.seconds
    assert found.proven


def test_tps_that_two_groups_take_are_left_to_the_first() -> None:
    groups = (((0, 2), (1, 3)), ((1, 2), (2, 2)), ((1, 1), (3, 4)))
    once = groups_module._each_once(groups, np.array([2, 4, 2, 4]))
    assert once == [((0, 2), (1, 3)), ((1, 1), (3, 4)), ((2, 2),)]


def test_stops_that_reach_each_other_only_by_a_third_are_refused() -> None:
    seconds = np.array([[0, 5, -1], [5, 0, 5], [-1, 5, 0]])
    with pytest.raises(TravelError, match="not closed"):
        group_stops(seconds, np.ones(3, dtype=np.int64), 5)


# --- Kaur ---


def test_every_kecamatan_of_kaur_has_the_fewest_groups_and_a_proven_least_road_time(kaur) -> None:
    inputs = read_inputs(kaur)
    tps = tag(place(inputs)[0], inputs.operation)
    travel = travel_times(inputs, stops_of(tps, inputs.tempat))
    found = class_rounds(tps, inputs, travel)
    assert {each.kode_kec for each in found} == set(inputs.kecamatan.index)
    assert sum(len(round_) for each in found for round_ in each.rounds) == 434
    for each in found:
        assert len(each.rounds) == each.fewest
        assert each.seconds == each.bound
    posts, guards, groupings = guard(tps, replace(inputs, tps=inputs.tps[::-1]), travel)
    assert sum(posts["kerawanan"] == "sangat_rawan") == 3
    assert posts["n_tps"].sum() == 434
    assert rounds_read(guards, posts, groupings) == found
    assert dict(posts.groupby("kode_kec").size()) == {
        kode: sum(each.fewest for each in found if each.kode_kec == kode) for kode in inputs.kecamatan.index
    }
