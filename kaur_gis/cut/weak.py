"""Weak points: what is lost when one piece of road fails, for every piece, and which TPS have no second way."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.ops import substring

from kaur_gis.cut.failures import Arcs, arcs_of, failures
from kaur_gis.cut.segments import Chains, Segments, chains_of, segments_of
from kaur_gis.distribute.stages import Chain, chain_of
from kaur_gis.layers import CRS, Isolated, WeakRoads, checked, checked_geo
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
    """

    roads: gpd.GeoDataFrame
    isolated: pd.DataFrame
    cut_off: tuple[str, ...]


@dataclass(frozen=True)
class Need:
    """One drive out and home that some TPS need: from the base of a stage to where it hands over.

    Attributes
    ----------
    base, target : int
        Rows of the stops.
    vehicles : tuple of str
        That may drive it; the quickest counts.
    tps : tuple of int
        Rows of the TPS.
    """

    base: int
    target: int
    vehicles: tuple[str, ...]
    tps: tuple[int, ...]


Times = dict[int, int]
"""Row of a TPS -> extra seconds, or `LOST`."""
LOST = -1


def weak_points(plan: Plan) -> Weakness:
    """Let every piece of road fail, one at a time, in both directions, and see who loses what.

    A TPS loses its way where some stage can't bring its boxes any more: no vehicle that may do it has a way from the
    stage's base (gudang, PPK) to the place of handover and back. The extra time of a TPS that keeps its way is that of
    the quickest drive there and home, over all stages, in the weather of the plan. What is closed already stays closed.

    Parameters
    ----------
    plan : Plan
        Only its inputs, TPS, kits and stops are read.

    Returns
    -------
    Weakness
        Exact for single failures, with one-way roads as they are.
    """
    chain = chain_of(plan.inputs, plan.tps, plan.kits, plan.stops, {})
    needs = needs_of(chain, list(plan.tps.index))
    vehicles = sorted({vehicle for need in needs for vehicle in need.vehicles})
    segments = segments_of(plan.inputs, plan.stops, vehicles)
    chains = chains_of(segments)
    effects, cut_off = effects_of(needs, segments, chains)
    return Weakness(
        _roads(plan, segments, chains, effects),
        _isolated(plan, segments, chains, effects),
        tuple(str(plan.tps.index[row]) for row in sorted(cut_off)),
    )


def needs_of(chain: Chain, tps: list[str]) -> list[Need]:
    """Collect which drives the TPS need, each once."""
    groups: dict[tuple[int, int, tuple[str, ...]], list[int]] = defaultdict(list)
    for row, kode in enumerate(tps):
        for stage in chain.operation.stages:
            base, target = chain.base(kode, stage), chain.target(kode, stage)
            if base is None or target is None:
                continue
            able = {
                fleet.vehicle
                for fleet in chain.fleet_at(base, stage)
                if stage.target != "tps" or chain.akses[kode] in fleet.akses
            }
            groups[chain.row[base], chain.row[target], tuple(sorted(able))].append(row)
    return [Need(base, target, able, tuple(rows)) for (base, target, able), rows in sorted(groups.items())]


Ways = dict[tuple[int, str], tuple[int, int]]
"""Number of a need and a vehicle -> time there and home [ms]."""


def effects_of(needs: list[Need], segments: Segments, chains: Chains) -> tuple[dict[int, Times], set[int]]:
    """Find what the failure of each chain does to each TPS.

    Returns
    -------
    dict
        Chain -> `Times` of the TPS that it touches.
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
    for chain, new in sorted(changed.items()):
        times: Times = {}
        for number in sorted({number for number, _ in new}):
            need = needs[number]
            after = _quickest([new.get((number, vehicle), whole[number, vehicle]) for vehicle in need.vehicles])
            for row in need.tps:
                if row not in cut_off and times.get(row) != LOST:
                    times[row] = LOST if after == LOST else times.get(row, 0) + after - before[number]
        effects[chain] = {row: extra for row, extra in sorted(times.items()) if extra}
    return effects, cut_off


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


def _roads(plan: Plan, segments: Segments, chains: Chains, effects: dict[int, Times]) -> gpd.GeoDataFrame:
    """Lay out every segment with what its failure does."""
    voters, boxes = plan.tps["pemilih"].to_numpy(), plan.kits.loc[plan.tps.index, "kotak"].to_numpy()
    codes = [str(kode) for kode in plan.tps.index]
    rows = {-1: {"n_tps": 0, "pemilih": 0, "kotak": 0, "n_longer": 0, "extra_s": 0, "extra_s_max": 0, "tps": ""}}
    for chain, times in effects.items():
        lost = sorted(row for row, extra in times.items() if extra == LOST)
        longer = [extra for extra in times.values() if extra != LOST]
        rows[chain] = {
            "n_tps": len(lost),
            "pemilih": int(voters[lost].sum()),
            "kotak": int(boxes[lost].sum()),
            "n_longer": len(longer),
            "extra_s": sum(longer),
            "extra_s_max": max(longer, default=0),
            "tps": " ".join(codes[row] for row in lost),
        }
    edges = segments.network.edges.iloc[segments.arc]
    frame = pd.DataFrame([rows.get(chain, rows[-1]) for chain in chains.of.tolist()])
    for column in ("highway", "osm_way", "bridges", "fords"):
        frame[column] = edges[column].to_numpy()
    name, ref = edges["name"].to_numpy(), edges["ref"].to_numpy()
    frame["nama"] = pd.Series(np.where(name != "", name, ref), dtype="str")
    frame["edge"] = edges.index.to_numpy()
    frame["metres"] = edges["metres"].to_numpy() * (segments.end - segments.start)
    frame["rank"] = _ranks(frame)
    courses = segments.network.courses[segments.arc]
    geometry = [
        line if start == 0 and end == 1 else substring(line, start, end, normalized=True)
        for line, start, end in zip(courses, segments.start.tolist(), segments.end.tolist(), strict=True)
    ]
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
