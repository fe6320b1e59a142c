"""The promise about radio relays: what they reach, that they are joined, and that none of them is idle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely

from kaur_gis.config import Komunikasi
from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.rows import Row


@dataclass(frozen=True)
class Sites:
    """Where relays could stand, and which TPS each of them would reach."""

    points: dict[str, shapely.Point]
    reach: dict[str, set[str]]
    most_m: float

    @classmethod
    def of(cls, facts: Facts, how: Komunikasi, needy: list[str]) -> Sites:
        """Measure all distances again."""
        inputs = facts.plan.inputs
        crs = inputs.operation.region.metric_crs
        points, tps = (dict(frame.geometry.to_crs(crs)) for frame in (inputs.relay, facts.plan.tps))
        reach = {
            kode: {other for other in needy if point.distance(tps[other]) <= how.radio_range_m}
            for kode, point in points.items()
        }
        return cls(points, reach, how.post_range_m or how.radio_range_m)

    def covered(self, posts: set[str]) -> set[str]:
        """TPS that posts reach."""
        return set[str]().union(*(self.reach[kode] for kode in posts))

    def joined(self, posts: set[str]) -> bool:
        """Whether posts hear each other, post by post."""
        left, waiting = set(posts), sorted(posts)[:1]
        while waiting:
            one = waiting.pop()
            left.discard(one)
            near = {kode for kode in left if self.points[one].distance(self.points[kode]) <= self.most_m}
            waiting += sorted(near)
        return not left


def relays(facts: Facts) -> Iterator[Broken]:
    """Relay posts are joined to each other, as many as allowed, reach what is said, and none could be left out."""
    plan, how = facts.plan, facts.plan.inputs.operation.komunikasi
    sites = plan.inputs.relay
    needy = [kode for kode, row in sorted(facts.tps.items()) if how and row["sinyal"] in how.needs]
    asked = how if how and how.radio_range_m and needy else None
    said, plans = facts.rows.by_code(plan.relays), facts.rows.by_code(plan.relay_plans)
    wanted = set(sites.index) if asked else set()
    for kode in sorted(set(said) ^ wanted):
        yield Broken(kode, int(kode in said), int(kode not in said))
    if asked is None or not wanted or set(said) != wanted:
        return
    found = Sites.of(facts, asked, needy)
    for kode, row in said.items():
        if row["n_tps"] != len(found.reach[kode]) or row["geometry"] != sites.geometry[kode]:
            yield Broken(kode, row["n_tps"], len(found.reach[kode]))
    allowed = {"semua": len(said)} | ({} if asked.radios is None else {"radio": asked.radios})
    if set(plans) != set(allowed):
        yield Broken("relay_plans", str(sorted(plans)), str(sorted(allowed)))
        return
    for name, most in allowed.items():
        chosen = {kode for kode, post in said.items() if post[name]}
        yield from _chosen(name, plans[name], chosen, (most, len(needy)), found)


def _chosen(name: str, row: Row, chosen: set[str], given: tuple[int, int], sites: Sites) -> Iterator[Broken]:
    """Judge one choice of posts, of those allowed and of all TPS without signal."""
    (most, n_tps), covered = given, sites.covered(chosen)
    told = (row["most"], row["posts"], row["n_tps"], row["covered"])
    wanted = (most, len(chosen), n_tps, len(covered))
    if told != wanted or len(chosen) > most:
        yield Broken(name, str(told), str(wanted))
    if row["posts_bound"] > len(chosen) or row["covered_bound"] < len(covered):
        yield Broken(name, f"{row['posts_bound']}, {row['covered_bound']}", f"{len(chosen)}, {len(covered)}")
    if not sites.joined(chosen):
        yield Broken(name, " ".join(sorted(chosen)), f"<= {sites.most_m} m")
    for kode in sorted(chosen):
        rest = chosen - {kode}
        if sites.joined(rest) and sites.covered(rest) == covered:
            yield Broken(name, kode, "-")
