"""How much less road guards have than by two simple ways to group TPS, beside the proven bound, and how long it takes.

Run it with ``python -m tests.benchmarks.guards``. The baselines, for the kurang rawan TPS of each kecamatan, make as
few groups: greedy takes the most remote TPS and its nearest ones by road; k-means takes the coordinates alone, and each
TPS goes to the nearest centre that has room. The round of each of their groups is the best there is. The roads are
Kaur's from OpenStreetMap (KAUR_GIS_TEST_DATA; else the shipped schematic ones).
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise, permutations
from math import ceil

import geopandas as gpd
import numpy as np
from scipy.cluster.vq import kmeans2

import kaur_gis as kg
from kaur_gis.guard import ClassRounds, class_rounds
from kaur_gis.place import place
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times
from tests.benchmarks.travel import OPERATION, roads_file

KELAS = "kurang_rawan"


def main() -> None:
    """Print the figures."""
    inputs = kg.read_inputs(OPERATION, roads=roads_file())
    tps = tag(place(inputs)[0], inputs.operation)
    travel = travel_times(inputs, stops_of(tps, inputs.tempat))
    times = travel[inputs.operation.guard.vehicle, inputs.operation.weather.plan]
    begin = time.process_time()
    together = class_rounds(tps, inputs, travel)
    took = time.process_time() - begin
    own = inputs.pattern.kelas[KELAS]
    kelas = inputs.pattern.kelas | {KELAS: own.model_copy(update={"split_minutes": 0.0})}
    found = class_rounds(tps, replace(inputs, pattern=inputs.pattern.model_copy(update={"kelas": kelas})), travel)
    size = own.tps_per_group
    print(f"roads: {inputs.roads.source}; {len(tps)} TPS, every class, with proofs: {took:.2f} s of processor")
    (parts, with_points), (splits, without) = (
        (sum(parted(each, tps, size) for each in way if each.kerawanan == KELAS), sum(each.seconds for each in way))
        for way in (together, found)
    )
    print(f"points parted: {parts} at {own.split_minutes:g} minutes each, {splits} where road alone counts;", end="")
    print(f" road: {with_points} and {without} s; below road alone counts")
    print("kecamatan  TPS groups  seconds   bound  greedy  k-means")
    sums = np.zeros(4)
    for each in (each for each in found if each.kerawanan == KELAS):
        here = tps.loc[sorted(kode for round_ in each.rounds for kode in round_)]
        at = times.stops.get_indexer(here["kode_stop"])
        seconds = times.seconds[np.ix_(at, at)]
        assert (seconds >= 0).all(), f"{each.kode_kec}: the baselines want TPS that are all joined by road"
        points = here.geometry.to_crs(inputs.operation.region.metric_crs)
        xy = np.column_stack([points.x, points.y])
        others = [
            sum(best_round(group, seconds) for group in way) for way in (greedy(seconds, size), k_means(xy, size))
        ]
        row = np.array([each.seconds, each.bound, *others])
        sums += row
        print(f"{each.kode_kec} {len(here):5} {len(each.rounds):6} " + " ".join(f"{int(value):8}" for value in row))
    print(f"ratio to the proven bound: ours {sums[0] / sums[1]:.3f}, greedy {sums[2] / sums[1]:.3f}", end="")
    print(f", k-means {sums[3] / sums[1]:.3f}")


def parted(rounds: ClassRounds, tps: gpd.GeoDataFrame, size: int) -> int:
    """Count the points that would fit into a group and stand in several."""
    stops = [tps["kode_stop"].loc[list(round_)] for round_ in rounds.rounds]
    in_groups = Counter(stop for own in stops for stop in set(own))
    n_tps = Counter(stop for own in stops for stop in own)
    return sum(n > 1 and n_tps[stop] <= size for stop, n in in_groups.items())


def greedy(seconds: np.ndarray, size: int) -> list[list[int]]:
    """Let the most remote TPS take the nearest ones to the one before, until nobody is left."""
    left, groups = set(range(len(seconds))), []
    while left:
        group = [max(left, key=lambda a: (sum(seconds[a, b] for b in left), -a))]
        left.remove(group[0])
        while left and len(group) < size:
            group.append(min(left, key=lambda b: (seconds[group[-1], b], b)))
            left.remove(group[-1])
        groups.append(group)
    return groups


def k_means(xy: np.ndarray, size: int) -> list[list[int]]:
    """Put each TPS, the nearest to any centre first, with the nearest centre of k-means that has room."""
    k = ceil(len(xy) / size)
    centres, _ = kmeans2(xy, k, minit="++", rng=1)
    metres = np.hypot(*(xy[:, None] - centres).transpose(2, 0, 1))
    groups: list[list[int]] = [[] for _ in range(k)]
    for a in np.argsort(metres.min(axis=1), kind="stable"):
        room = [centre for centre in np.argsort(metres[a], kind="stable") if len(groups[centre]) < size]
        groups[room[0]].append(int(a))
    return [group for group in groups if group]


def best_round(group: list[int], seconds: np.ndarray) -> int:
    """Find the least road time of a group [s]."""
    return min(sum(int(seconds[a, b]) for a, b in pairwise(way)) for way in permutations(group))


if __name__ == "__main__":
    main()
