"""Promises about the guards: each TPS in one group, groups and officers by the pattern, rounds by road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts, by_code, grouped


def guarded(facts: Facts) -> Iterator[Broken]:
    """Each TPS is guarded from exactly one post, and no post guards nobody."""
    counts = Counter(facts.plan.guards.index)
    for kode in sorted(facts.tps):
        if counts[kode] != 1:
            yield Broken(kode, counts[kode], 1)
    for kode in sorted(set(facts.plan.posts.index) - set(facts.plan.guards["kode_post"])):
        yield Broken(kode, 0, ">= 1")


def groups(facts: Facts) -> Iterator[Broken]:
    """Each group is of one class and one kecamatan, not larger than the pattern says, with the pattern's officers.

    So a kecamatan never has fewer groups than its TPS of that class divided by the size, rounded up.
    """
    rounds = grouped(facts.plan.guards, "kode_post", "order")
    for kode, post in sorted(by_code(facts.plan.posts).items()):
        members = [facts.tps[row["kode_tps"]] for row in rounds.get(kode, [])]
        pattern = facts.plan.inputs.pattern.kelas[post["kerawanan"]]
        for row in members:
            found = (row["kerawanan"], row["kode_kec"])
            if found != (post["kerawanan"], post["kode_kec"]):
                yield Broken(kode, ", ".join(found), f"{post['kerawanan']}, {post['kode_kec']}")
        if post["n_tps"] != len(members) or len(members) > pattern.tps_per_group:
            yield Broken(kode, f"n_tps = {post['n_tps']}", f"{len(members)}, <= {pattern.tps_per_group}")
        if post["officers"] != pattern.officers:
            yield Broken(kode, f"officers = {post['officers']}", pattern.officers)


def rounds(facts: Facts) -> Iterator[Broken]:
    """Each round is numbered from 1, begins at its post, and takes the seconds of the travel-time matrix."""
    operation = facts.plan.inputs.operation
    posts = by_code(facts.plan.posts)
    for kode, rows in sorted(grouped(facts.plan.guards, "kode_post", "order").items()):
        orders = [row["order"] for row in rows]
        if orders != list(range(1, len(rows) + 1)):
            yield Broken(kode, str(orders), f"1 .. {len(rows)}")
        stops = [facts.tps[row["kode_tps"]]["kode_stop"] for row in rows]
        weather = operation.weather.plan
        cells = [
            (0, 0),
            *(facts.cell(operation.guard.vehicle, weather, a, b) for a, b in pairwise(stops)),
        ]
        for row, (seconds, _) in zip(rows, cells, strict=True):
            if row["seconds"] != seconds:
                yield Broken(row["kode_tps"], f"{row['seconds']} s", f"{seconds} s")
        whole = tuple(sum(cell[n] for cell in cells if cell[n] != UNREACHABLE) for n in (0, 1))
        post = posts[kode]
        if (post["seconds"], post["metres"]) != whole:
            yield Broken(kode, f"{post['seconds']} s, {post['metres']} m", f"{whole[0]} s, {whole[1]} m")
        first = facts.tps[rows[0]["kode_tps"]]["geometry"]
        if post["geometry"] != first:
            yield Broken(kode, post["geometry"].wkt, first.wkt)
