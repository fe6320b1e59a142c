"""Weak points: what is lost when one piece of road fails, for every piece, and which TPS have no second way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from kaur_gis.cut.failures import Arcs, arcs_of, failures, tree_of
from kaur_gis.cut.near import nearest_desa
from kaur_gis.cut.segments import Chains, Segments, chains_of, segments_of
from kaur_gis.distribute.chain import Chain, chain_of
from kaur_gis.layers import CRS, Isolated, WeakPairs, WeakRoads, checked, checked_geo, empty
from kaur_gis.plan import Plan
from kaur_gis.travel.matrix import FAR


@dataclass(frozen=True)
class Weakness:
    """What `weak_points` returns.

    Attributes
    ----------
    roads : GeoDataFrame
        Layer `WeakRoads`: every segment between junctions and stops.
    isolated : DataFrame
        Layer `Isolated`: every TPS that one failure can cut off.
    cut_off : tuple of str
        `kode_tps` that have no way even with nothing failing; they count nowhere else.
    pairs : DataFrame
        Layer `WeakPairs`: what the worst pieces take when two of them fail together; empty unless asked for.
    """

    roads: gpd.GeoDataFrame
    isolated: pd.DataFrame
    cut_off: tuple[str, ...]
    pairs: pd.DataFrame


@dataclass(frozen=True)
class Need:
    """One drive out and home that some TPS need: from the base of a stage to where it hands over.

    Attributes
    ----------
    base, target : int
        Rows of the stops.
    vehicles : tuple of str
        That may drive it; the quickest counts.
    last : bool
        Whether it ends at the TPS themselves, and not on the way from the gudang to the PPK.
    tps : tuple of int
        Rows of the TPS.
    """

    base: int
    target: int
    vehicles: tuple[str, ...]
    last: bool
    tps: tuple[int, ...]


Times = dict[int, int]
"""Row of a TPS -> extra seconds, or `LOST`."""
LOST = -1


def weak_points(plan: Plan, *, pairs: int = 0) -> Weakness:
    """Let every piece of road fail, one at a time, in both directions, and see who loses what.

    A TPS loses its way where some stage can't bring its boxes any more: no vehicle that may do it has a way from the
    stage's base (gudang, PPK) to the place of handover and back. The extra time of a TPS that keeps its way is that of
    the quickest drive there and home, over all stages, in the weather of the plan. What is closed already stays closed.
    Ways are what is asked for, not hours: a day that ends elsewhere (`pulang_ke`) or gets too long for a driver
    (`jam_sopir`) cuts nobody off; `replan` tells what a failure does to these.

    Parameters
    ----------
    plan : Plan
        Only its inputs, TPS, kits and stops are read.
    pairs : int, optional
        Of so many of the worst pieces every two fail together, too.

    Returns
    -------
    Weakness
        Exact for single failures and for these pairs, with one-way roads as they are.
    """
    chain = chain_of(plan.inputs, plan.tps, plan.kits, plan.stops, {})
    needs = needs_of(chain, list(plan.tps.index))
    vehicles = sorted({vehicle for need in needs for vehicle in need.vehicles})
    segments = segments_of(plan.inputs, plan.stops, vehicles, plan.travel)
    chains = chains_of(segments)
    effects, at_ppk, cut_off = effects_of(needs, segments, chains)
    roads = _roads(plan, segments, chains, effects, at_ppk)
    return Weakness(
        roads,
        _isolated(plan, segments, chains, effects),
        tuple(str(plan.tps.index[row]) for row in sorted(cut_off)),
        _pairs(plan, segments, chains, needs, roads, pairs),
    )


def needs_of(chain: Chain, tps: list[str]) -> list[Need]:
    """Collect which drives the TPS need, each once."""
    groups: dict[tuple[int, int, tuple[str, ...], bool], list[int]] = defaultdict(list)
    for row, kode in enumerate(tps):
        for stage in chain.operation.stages:
            base, target = chain.base(kode, stage), chain.target(kode, stage)
            if base is None or target is None or not chain.goes(kode, stage):
                continue
            able = {
                fleet.vehicle
                for fleet in chain.fleet_at(base, stage)
                if stage.target != "tps" or chain.akses[kode] in fleet.akses
            }
            groups[chain.row[base], chain.row[target], tuple(sorted(able)), stage.target == "tps"].append(row)
    return [Need(*key, tuple(rows)) for key, rows in sorted(groups.items())]


Ways = dict[tuple[int, str], tuple[int, int]]
"""Number of a need and a vehicle -> time there and home [ms]."""


def effects_of(
    needs: list[Need], segments: Segments, chains: Chains
) -> tuple[dict[int, Times], dict[int, set[int]], set[int]]:
    """Find what the failure of each chain does to each TPS.

    Returns
    -------
    dict
        Chain -> `Times` of the TPS that it touches.
    dict
        Chain -> rows of the TPS whose PPK is cut off from its gudang; those of the others are cut off from their PPK.
    set of int
        Rows of the TPS that have no way from the start.
    """
    whole: Ways = {(number, vehicle): (FAR, FAR) for number, need in enumerate(needs) for vehicle in need.vehicles}
    changed: dict[int, Ways] = defaultdict(dict)
    by_base: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, vehicle in whole:
        by_base[vehicle, needs[number].base].append(number)
    arcs = {
        vehicle: arcs_of(segments.n_nodes, chains.tail, chains.head, forth.tolist(), chains.back[vehicle].tolist())
        for vehicle, forth in chains.forth.items()
    }
    for (vehicle, base), numbers in by_base.items():
        _fail(vehicle, base, {number: needs[number].target for number in numbers}, segments, arcs, whole, changed)
    before = [_quickest([whole[number, vehicle] for vehicle in need.vehicles]) for number, need in enumerate(needs)]
    cut_off = {row for need, seconds in zip(needs, before, strict=True) if seconds == LOST for row in need.tps}
    effects: dict[int, Times] = {}
    at_ppk: dict[int, set[int]] = defaultdict(set)
    for chain, new in sorted(changed.items()):
        times: Times = {}
        for number in sorted({number for number, _ in new}):
            need = needs[number]
            after = _quickest([new.get((number, vehicle), whole[number, vehicle]) for vehicle in need.vehicles])
            if after == LOST and not need.last:
                at_ppk[chain] |= set(need.tps) - cut_off
            for row in need.tps:
                if row not in cut_off and times.get(row) != LOST:
                    times[row] = LOST if after == LOST else times.get(row, 0) + after - before[number]
        effects[chain] = {row: extra for row, extra in sorted(times.items()) if extra}
    return effects, at_ppk, cut_off


def _fail(
    vehicle: str,
    base: int,
    targets: dict[int, int],
    segments: Segments,
    arcs: dict[str, tuple[Arcs, Arcs]],
    whole: Ways,
    changed: dict[int, Ways],
) -> None:
    """Write down the drives of one vehicle from one base: as they are (`whole`), and by failing chain (`changed`)."""
    place = segments.place[vehicle]
    at_node: dict[int, list[int]] = defaultdict(list)
    for number, target in targets.items():
        if place[base] >= 0 and place[target] >= 0:
            at_node[int(place[target])].append(number)
    if not at_node:
        return
    out, into = arcs[vehicle]
    there, failed_there = failures(out, into, int(place[base]), at_node)
    home, failed_home = failures(into, out, int(place[base]), at_node)
    whole.update({(n, vehicle): (there.ms[node], home.ms[node]) for node, numbers in at_node.items() for n in numbers})
    for chain in sorted({*failed_there, *failed_home}):
        one, other = failed_there.get(chain, {}), failed_home.get(chain, {})
        for node in sorted({*one, *other}):
            ways = (one.get(node, there.ms[node]), other.get(node, home.ms[node]))
            changed[chain].update(dict.fromkeys(((number, vehicle) for number in at_node[node]), ways))


def _quickest(ways: list[tuple[int, int]]) -> int:
    """Seconds there and home of the quickest vehicle, each rounded up as in `TravelTimes`; LOST where none has both."""
    return min((-(-there // 1000) - (-home // 1000) for there, home in ways if max(there, home) < FAR), default=LOST)


def _harm(plan: Plan, times: Times) -> dict[str, Any]:
    """Sum up what is lost, and by whom."""
    lost = sorted(row for row, extra in times.items() if extra == LOST)
    longer = [extra for extra in times.values() if extra != LOST]
    return {
        "n_tps": len(lost),
        "pemilih": int(plan.tps["pemilih"].to_numpy()[lost].sum()),
        "kotak": int(plan.kits["kotak"].reindex(plan.tps.index).to_numpy()[lost].sum()),
        "n_longer": len(longer),
        "extra_s": sum(longer),
        "extra_s_max": max(longer, default=0),
        "tps": " ".join(str(kode) for kode in plan.tps.index[lost]),
    }


def _pairs(
    plan: Plan, segments: Segments, chains: Chains, needs: list[Need], roads: gpd.GeoDataFrame, count: int
) -> pd.DataFrame:
    """Let every two of the worst pieces fail together; pieces that fail together anyway, or hit the same, count once.

    Half of them are those that cut off most, half those that only make ways longer: two of these may cut off, too.
    """
    ranked = roads.sort_values("rank")[roads["rank"].sort_values() > 0]
    longer = ranked[ranked["n_tps"] == 0].sort_values("extra_s", ascending=False, kind="stable")
    worst: dict[int, int] = {}
    for some, most in ((ranked[ranked["n_tps"] > 0].drop_duplicates("tps"), count - count // 2), (longer, count)):
        for segment in some.index.tolist():
            if len(worst) < most:
                worst.setdefault(int(chains.of[segment]), segment)
    before = seconds_of(needs, segments, chains, ())
    alone = {chain: set(roads["tps"][segment].split()) for chain, segment in worst.items()}
    rows = []
    for one, other in combinations(worst, 2):
        after = seconds_of(needs, segments, chains, (one, other))
        harm = _harm(plan, extra_of(needs, before, after))
        more = sorted(set(harm["tps"].split()) - alone[one] - alone[other])
        voters = int(plan.tps["pemilih"].loc[more].sum())
        rows.append({"segment": worst[one], "other": worst[other], **harm, "n_more": len(more), "pemilih_more": voters})
    table = pd.DataFrame(rows, columns=list(empty(WeakPairs).columns))
    whole = {name: "str" if name == "tps" else "int64" for name in table.columns}
    order = ["pemilih_more", "pemilih", "extra_s", "segment", "other"]
    table = table.astype(whole).sort_values(order, ascending=[False] * 3 + [True] * 2, kind="stable")
    table.index = pd.RangeIndex(1, len(table) + 1, name="rank").astype("int64")
    return checked(table, WeakPairs)


def seconds_of(needs: list[Need], segments: Segments, chains: Chains, failed: Collection[int]) -> list[int]:
    """Seconds there and home of each need, with some chains gone; `LOST` where there is no way."""
    ends = (segments.n_nodes, chains.tail, chains.head)
    gone = sorted(failed)
    trees: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
    for vehicle, forth in chains.forth.items():
        there, home = forth.copy(), chains.back[vehicle].copy()
        there[gone] = home[gone] = FAR
        out, into = arcs_of(*ends, there.tolist(), home.tolist())
        for base in {need.base for need in needs if vehicle in need.vehicles}:
            root = int(segments.place[vehicle][base])
            if root >= 0:
                trees[vehicle, base] = tree_of(out, root).ms, tree_of(into, root).ms
    found = []
    for need in needs:
        ways = []
        for vehicle in need.vehicles:
            node = int(segments.place[vehicle][need.target])
            if node >= 0 and (vehicle, need.base) in trees:
                there_ms, home_ms = trees[vehicle, need.base]
                ways.append((there_ms[node], home_ms[node]))
        found.append(_quickest(ways))
    return found


def extra_of(needs: list[Need], before: list[int], after: list[int]) -> Times:
    """Extra seconds of each TPS that had a way and has another or none now."""
    cut_off = {row for need, seconds in zip(needs, before, strict=True) if seconds == LOST for row in need.tps}
    times: Times = {}
    for need, old, new in zip(needs, before, after, strict=True):
        for row in need.tps:
            if row not in cut_off and times.get(row) != LOST:
                times[row] = LOST if new == LOST else times.get(row, 0) + new - old
    return {row: extra for row, extra in sorted(times.items()) if extra}


def _roads(
    plan: Plan, segments: Segments, chains: Chains, effects: dict[int, Times], at_ppk: dict[int, set[int]]
) -> gpd.GeoDataFrame:
    """Lay out every segment with what its failure does."""
    rows = {chain: {**_harm(plan, times), "n_gudang": len(at_ppk.get(chain, ()))} for chain, times in effects.items()}
    rows[-1] = {**_harm(plan, {}), "n_gudang": 0}
    edges = segments.network.edges.iloc[segments.arc]
    frame = pd.DataFrame([rows.get(chain, rows[-1]) for chain in chains.of.tolist()])
    for column in ("highway", "osm_way", "bridges", "fords"):
        frame[column] = edges[column].to_numpy()
    name, ref = edges["name"].to_numpy(), edges["ref"].to_numpy()
    frame["nama"] = pd.Series(np.where(name != "", name, ref), dtype="str")
    frame["edge"] = edges.index.to_numpy()
    frame["oneway"] = edges["twin"].to_numpy() < 0
    frame["metres"] = edges["metres"].to_numpy() * (segments.end - segments.start)
    frame["rank"] = _ranks(frame)
    courses = segments.network.courses[segments.arc]
    geometry = [
        line if start == 0 and end == 1 else substring(line, start, end, normalized=True)
        for line, start, end in zip(courses, segments.start.tolist(), segments.end.tolist(), strict=True)
    ]
    middles = shapely.line_interpolate_point(geometry, 0.5, normalized=True)
    frame["dekat"] = pd.Series(nearest_desa(plan.inputs, middles), dtype="str")
    frame.index = pd.RangeIndex(len(frame), name="segment").astype("int64")
    frame["tps"] = frame["tps"].astype("str")
    return checked_geo(gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS), WeakRoads)


def _ranks(frame: pd.DataFrame) -> pd.Series:
    """Rank the segments: bridges and fords first, which fail first, then by who is lost and who drives longer."""
    order = frame.assign(firm=(frame["bridges"] + frame["fords"] == 0).astype("int64"))
    order = order[(order["n_tps"] > 0) | (order["n_longer"] > 0)]
    worst_first = ["firm", "pemilih", "n_tps", "extra_s"]
    order = order.sort_values(worst_first, ascending=[True, False, False, False], kind="stable")
    ranks = pd.Series(0, index=frame.index, dtype="int64")
    ranks[order.index] = np.arange(1, len(order) + 1)
    return ranks


def _isolated(plan: Plan, segments: Segments, chains: Chains, effects: dict[int, Times]) -> pd.DataFrame:
    """List the TPS that one failure cuts off, and how much road that can do it."""
    of_tps: dict[int, list[int]] = defaultdict(list)
    for chain, times in effects.items():
        for row, extra in times.items():
            if extra == LOST:
                of_tps[row].append(chain)
    edges = segments.network.edges.iloc[segments.arc]
    per_chain = pd.DataFrame(
        {
            "metres": edges["metres"].to_numpy() * (segments.end - segments.start),
            "bridges": edges["bridges"].to_numpy(),
            "fords": edges["fords"].to_numpy(),
        }
    )
    sums = per_chain.groupby(chains.of).sum()
    kept = sorted(of_tps)
    found = pd.DataFrame([(row, chain) for row in kept for chain in of_tps[row]], columns=["row", "chain"])
    found = found.join(sums, on="chain").groupby("row")[list(sums.columns)].sum()
    frame = plan.tps.iloc[kept][["nama_kec", "nama_desa", "no_tps", "pemilih"]]
    frame = pd.DataFrame(frame).assign(kotak=plan.kits["kotak"].reindex(frame.index))
    for column in sums.columns:
        frame[column] = found[column].to_numpy()
    types: dict[str, str] = dict.fromkeys(("no_tps", "pemilih", "kotak", "bridges", "fords"), "int64")
    return checked(frame.astype({**types, "metres": "float64"}).rename_axis("kode_tps"), Isolated)
