"""Promises about the guards: each TPS in one group, groups and officers by the pattern, rounds by road."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, permutations

from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts
from kaur_gis.judge.rows import Row
from kaur_gis.rules import ClassPattern


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
    rounds = facts.rows.grouped(facts.plan.guards, "kode_post", "order")
    for kode, post in sorted(facts.rows.by_code(facts.plan.posts).items()):
        members = [facts.tps[row["kode_tps"]] for row in rounds.get(kode, [])]
        pattern = facts.plan.inputs.pattern.kelas[post["kerawanan"]]
        for row in members:
            found = (row["kerawanan"], row["kode_kec"])
            if found != (post["kerawanan"], post["kode_kec"]):
                yield Broken(kode, ", ".join(found), f"{post['kerawanan']}, {post['kode_kec']}")
        if post["n_tps"] != len(members) or len(members) > pattern.tps_per_group:
            yield Broken(kode, f"n_tps = {post['n_tps']}", f"{len(members)}, <= {pattern.tps_per_group}")
        yield from _within_limits(facts, kode, members, pattern)
        if post["officers"] != pattern.officers:
            yield Broken(kode, f"officers = {post['officers']}", pattern.officers)


def _within_limits(facts: Facts, kode: str, members: list[Row], pattern: ClassPattern) -> Iterator[Broken]:
    """Whether a group stays in its village, and near enough, where the pattern says so."""
    if pattern.within == "desa" and len({row["kode_desa"] for row in members}) > 1:
        yield Broken(kode, ", ".join(sorted({row["kode_desa"] for row in members})), "1 desa")
    if pattern.max_minutes is None:
        return
    guard, weather = facts.plan.inputs.operation.guard, facts.plan.inputs.operation.weather.plan
    for a, b in permutations(sorted({row["kode_stop"] for row in members}), 2):
        seconds, _ = facts.cell(guard.vehicle, weather, a, b)
        if seconds == UNREACHABLE or seconds > 60 * pattern.max_minutes:
            yield Broken(kode, f"{a} -> {b}: {seconds} s", f"<= {pattern.max_minutes} min")


def groupings(facts: Facts) -> Iterator[Broken]:
    """Count again what is said of the groups of a class in a kecamatan: how many, how few, how long, who forces it."""
    posts = list(facts.rows.by_code(facts.plan.posts).values())
    kinds = sorted({(post["kode_kec"], post["kerawanan"]) for post in posts})
    said = {(row["kode_kec"], row["kerawanan"]): row for row in facts.rows(facts.plan.groupings)}
    size = {kelas: pattern.tps_per_group for kelas, pattern in facts.plan.inputs.pattern.kelas.items()}
    points = _points(facts)
    for key in sorted({*kinds, *said}):
        mine = [post for post in posts if (post["kode_kec"], post["kerawanan"]) == key]
        if not mine or key not in said:
            yield Broken(" ".join(key), int(key in said), len(mine))
            continue
        row, n_tps = said[key], sum(post["n_tps"] for post in mine)
        fewest = -(-n_tps // size[key[1]])
        wanted = (n_tps, len(mine), fewest, sum(post["seconds"] for post in mine))
        found = (row["n_tps"], row["groups"], row["fewest"], row["seconds"])
        if found != wanted:
            yield Broken(" ".join(key), str(found), str(wanted))
        if not fewest <= row["needed"] <= len(mine) or row["bound_seconds"] > row["seconds"]:
            yield Broken(" ".join(key), f"{row['needed']}, {row['bound_seconds']} s", f"<= {len(mine)}, {wanted[-1]} s")
        split = sorted(stop for stop, at in points[key].items() if len(set(at)) > 1 and len(at) <= size[key[1]])
        packed = _packed([len(at) for at in points[key].values()], size[key[1]]) if split else len(mine)
        if row["split"] != " ".join(split) or not fewest <= row["whole_groups"] <= packed:
            yield Broken(" ".join(key), f"{row['split']}, {row['whole_groups']}", f"{split}, {fewest} .. {packed}")
        forcing = [facts.tps.get(kode) for kode in row["forced_by"].split()]
        if bool(forcing) != (len(mine) > fewest) or any(
            tps is None or (tps["kode_kec"], tps["kerawanan"]) != key for tps in forcing
        ):
            yield Broken(" ".join(key), f"forced_by = {row['forced_by']}", f"{len(mine)} > {fewest}")


def _points(facts: Facts) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Gather the posts of the TPS of each point, by kecamatan and class."""
    posts, guards = facts.rows.by_code(facts.plan.posts), facts.rows.by_code(facts.plan.guards)
    found: dict[tuple[str, str], dict[str, list[str]]] = {
        (post["kode_kec"], post["kerawanan"]): {} for post in posts.values()
    }
    both_known = [kode for kode, row in guards.items() if kode in facts.tps and row["kode_post"] in posts]
    for kode in both_known:
        post = posts[guards[kode]["kode_post"]]
        at = found[post["kode_kec"], post["kerawanan"]].setdefault(facts.tps[kode]["kode_stop"], [])
        at.append(guards[kode]["kode_post"])
    return found


def _packed(points: list[int], size: int) -> int:
    """Count groups into which whole points fit: the largest first, each into the first group with room."""
    rest = [size for n in points for _ in range(n // size)]
    room: list[int] = [0] * len(rest)
    for n in sorted((n % size for n in points), reverse=True):
        at = next((group for group, left in enumerate(room) if left >= n), None)
        if at is None:
            room.append(size - n)
        else:
            room[at] -= n
    return len(room)


def rounds(facts: Facts) -> Iterator[Broken]:
    """Each round is numbered from 1, begins at its post, and takes the seconds of the travel-time matrix."""
    operation = facts.plan.inputs.operation
    posts = facts.rows.by_code(facts.plan.posts)
    for kode, rows in sorted(facts.rows.grouped(facts.plan.guards, "kode_post", "order").items()):
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
