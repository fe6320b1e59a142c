"""Who carries phones to a place with signal and back: one courier for neighbours where that is faster.

A courier sets out from a first point, fetches the phones of further ones, sends at a place with signal and comes home
by the same points. What is least is the time of all couriers together, then their number. Every courier is at the
place with signal within the limit.

No best grouping has a courier go on from a to b where the way there and back, with handing over, takes longer than to
send from a's own nearest place and let another one begin at b. So every round that could stand in a best grouping is
made of steps that save, all of them are listed, and HiGHS chooses among them to a proven optimum. Where a point has
more than `MANY_STEPS` steps that save, the dearest are left out, and no courier is called proven.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array
from scipy.sparse.csgraph import connected_components

from kaur_gis.comms.channel import NEVER, Travel, Walks
from kaur_gis.config import Komunikasi
from kaur_gis.inputs import Inputs
from kaur_gis.layers import CRS, Couriers, checked_geo, empty
from kaur_gis.problems import SolverError
from kaur_gis.travel import TravelTimes

MANY_STEPS = 12  # steps from one point beyond which the number of rounds would explode: the dearest are left out


@dataclass(frozen=True, order=True)
class Round:
    """One courier's round.

    Attributes
    ----------
    seconds : int
        Out and back [s].
    out : int
        Until the place with signal [s].
    vehicle, place : int
        Positions among the vehicles and the places with signal.
    points : tuple of int
        Points with TPS, in the order of the way out.
    """

    seconds: int
    out: int
    vehicle: int
    place: int
    points: tuple[int, ...]


def rounds(ways: list[Walks], how: Komunikasi) -> tuple[list[Round], bool]:
    """List the quickest round of every set of points that one courier could serve in a best grouping.

    Parameters
    ----------
    ways : list of Walks
        By vehicle; each point reaches some place with signal within the limit.
    how : Komunikasi
        Limit, most points, and handing over.

    Returns
    -------
    list of Round
        Sorted by their points.
    bool
        Whether these are all.
    """
    best: dict[frozenset[int], Round] = {}
    n = len(ways[0].there)
    limit = how.max_minutes * 60
    ends = [_end(way, vehicle, (a,), 0, 0, limit) for a in range(n) for vehicle, way in enumerate(ways)]
    for found in filter(None, ends):
        best[frozenset(found.points)] = min(best.get(frozenset(found.points), found), found)
    alone = [best[frozenset([a])].seconds for a in range(n)]
    whole = True
    for vehicle, way in enumerate(ways):
        chains, all_of_them = _chains(way, vehicle, alone, how)
        whole &= all_of_them
        for found in chains:
            best[frozenset(found.points)] = min(best.get(frozenset(found.points), found), found)
    return sorted(best.values(), key=lambda found: (sorted(found.points), found)), whole


def _end(way: Walks, vehicle: int, points: tuple[int, ...], out: int, back: int, limit: float) -> Round | None:
    """End a chain of points at the place from which the courier is home the soonest; None beyond the limit."""
    there, home = way.there[points[-1]], way.back[points[-1]]
    fits = np.flatnonzero((there + out <= limit) & (home < NEVER))
    if not len(fits):
        return None
    place = fits[np.lexsort((fits, there[fits], there[fits] + home[fits]))[0]]
    ahead, behind = out + int(there[place]), back + int(home[place])
    return Round(ahead + behind, ahead, vehicle, int(place), points)


def _chains(way: Walks, vehicle: int, alone: list[int], how: Komunikasi) -> tuple[list[Round], bool]:
    """List the rounds of two points and more of one vehicle, and say whether these are all that may be best."""
    limit, hand = how.max_minutes * 60, math.ceil(how.handover_minutes * 60)
    step = way.between + way.between.T + 2 * hand
    np.fill_diagonal(step, NEVER)
    nearest = np.argsort(step, axis=1, kind="stable").tolist()
    found: list[Round] = []
    whole = True
    waiting: list[tuple[tuple[int, ...], int, int, int]] = [((a,), 0, 0, seconds) for a, seconds in enumerate(alone)]
    while waiting:
        points, out, back, stays = waiting.pop()
        a, taken = points[-1], 0
        for b in nearest[a] if len(points) < how.max_stops else ():
            if step[a, b] > min(stays, NEVER - 1):
                break  # and so do all that follow
            ahead, behind = out + int(way.between[a, b]) + hand, back + int(way.between[b, a]) + hand
            if b in points or ahead > limit:
                continue
            if taken == MANY_STEPS:
                whole = False
                break
            taken += 1
            end = _end(way, vehicle, (*points, b), ahead, behind, limit)
            found += [end] if end else []
            waiting.append(((*points, b), ahead, behind, end.seconds - ahead - behind if end else NEVER))
    return found, whole


def choose(found: list[Round], n: int) -> list[Round]:
    """Choose rounds that serve every point once: the least time of all together, then the fewest.

    Raises
    ------
    SolverError
        If the solver returns something that is not a solution.
    """
    rows = np.concatenate([np.array(one.points) for one in found])
    columns = np.repeat(np.arange(len(found)), [len(one.points) for one in found])
    taken = csc_array((np.ones(len(rows)), (rows, columns)), shape=(n, len(found)))
    parts, part = connected_components(taken @ taken.T, directed=False)
    of_round = part[[one.points[0] for one in found]]
    chosen: list[Round] = []
    for each in range(parts):
        at, here = np.flatnonzero(of_round == each), np.flatnonzero(part == each)
        if len(at) == 1:  # nothing to choose
            chosen.append(found[at[0]])
            continue
        answer = milp(
            np.array([found[r].seconds + 1 / (n + 1) for r in at]),
            integrality=np.ones(len(at), dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(taken[here][:, at], 1, 1),
            options={"mip_rel_gap": 0.0},
        )
        if answer.status != 0 or answer.x is None:
            msg = f"rounds of the couriers: {answer.message}"
            raise SolverError(msg)
        chosen += [found[r] for r, x in zip(at, answer.x, strict=True) if x > 1 / 2]
    return sorted(chosen, key=lambda one: one.points)


def couriers(
    carried: gpd.GeoDataFrame, inputs: Inputs, stops: gpd.GeoDataFrame, heard: Mapping[str, str], travel: Travel
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Send couriers from the TPS that have a place with signal within the limit.

    Parameters
    ----------
    carried : GeoDataFrame
        Those TPS, of layer `layers.TaggedTps`.
    inputs, stops, travel
        As for `communicate`.
    heard : mapping of str to str
        Stops with signal, as `heard_stops` gives them.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Couriers`, numbered within each kecamatan by their first point.
    DataFrame
        `kode_kurir` and `order` of each TPS.

    Raises
    ------
    SolverError
        If the solver returns something that is not a solution.
    """
    operation = inputs.operation
    how = operation.komunikasi
    nobody = pd.DataFrame(
        {"kode_kurir": pd.Series(dtype=str), "order": pd.Series(dtype="int64")}, index=carried.index[:0]
    )
    if how is None or carried.empty:
        return empty(Couriers), nobody
    points, places = sorted(carried["kode_stop"].unique()), list(heard)
    weather = operation.weather.plan
    times = [travel[name, weather] for name in how.vehicles]
    found, whole = rounds([Walks.of(each, points, places) for each in times], how)
    alone = {one.points[0]: one.seconds for one in found if len(one.points) == 1}
    midnight = dt.datetime.combine(operation.operation.voting_day, dt.time())
    depart = midnight + dt.timedelta(seconds=how.start_s)
    tps_at = {stop: list(codes) for stop, codes in carried.sort_index().groupby("kode_stop").groups.items()}
    kode_kec = dict(zip(stops.index, stops["kode_kec"], strict=True))
    numbers: dict[str, int] = {}
    rows, who = [], []
    chosen = choose(found, len(points))
    for one, (metres, line) in zip(chosen, _driven(chosen, points, places, times), strict=True):
        at = [points[point] for point in one.points]
        kec, place = kode_kec[at[0]], places[one.place]
        numbers[kec] = numbers.get(kec, 0) + 1
        kode, of_round = f"KURIR-{kec}-{numbers[kec]:02d}", [tps for stop in at for tps in tps_at[stop]]
        who += [(tps, kode, order) for order, stop in enumerate(at, start=1) for tps in tps_at[stop]]
        arrive = depart + dt.timedelta(seconds=one.out)
        sent = arrive + dt.timedelta(seconds=math.ceil(how.send_minutes_per_tps * 60) * len(of_round))
        rows.append(
            {
                "kode_kurir": kode,
                "kode_kec": kec,
                "vehicle": how.vehicles[one.vehicle],
                "from_stop": at[0],
                "signal_stop": place,
                "signal_sumber": heard[place],
                "way_known": at[-1] != place,
                "n_stops": len(at),
                "n_tps": len(of_round),
                "depart": depart,
                "arrive": arrive,
                "sent": sent,
                "back": sent + dt.timedelta(seconds=one.seconds - one.out),
                "out_s": one.out,
                "back_s": one.seconds - one.out,
                "alone_s": sum(alone[point] for point in one.points),
                "metres": metres,
                "proven": whole and at[-1] != place,
                "geometry": line,
            }
        )
    frame = gpd.GeoDataFrame(rows, crs=CRS).set_index("kode_kurir").sort_index()
    frame = frame.astype(dict.fromkeys(("depart", "arrive", "sent", "back"), "datetime64[s]"))
    return checked_geo(frame, Couriers), pd.DataFrame(who, columns=["kode_tps", *nobody.columns]).set_index("kode_tps")


def _driven(
    chosen: list[Round], points: list[str], places: list[str], times: list[TravelTimes]
) -> list[tuple[int, shapely.LineString]]:
    """Measure and draw the way out of each round; those of one vehicle are looked up together."""
    found: dict[Round, tuple[int, shapely.LineString]] = {}
    for vehicle in sorted({one.vehicle for one in chosen}):
        own = [one for one in chosen if one.vehicle == vehicle]
        ways = [[*(points[point] for point in one.points), places[one.place]] for one in own]
        legs = times[vehicle].shown(leg for way in ways for leg in pairwise(way))
        metres, lines = legs["metres"], legs["geometry"]
        end = 0
        for one in own:
            begin, end = end, end + len(one.points)
            line = shapely.LineString(shapely.get_coordinates(lines[begin:end]))
            found[one] = int(metres[begin:end].sum()), line
    return [found[one] for one in chosen]
