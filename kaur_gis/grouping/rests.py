"""Where groups are large: full groups of one stop, and every way to put together what is left of the stops.

What is left of a stop when full groups are taken stays together: so the groups are few enough to list them, where
all that fit are more than anybody could look at.
"""

from __future__ import annotations

import numpy as np

from kaur_gis.grouping.rounds import Column, Group, Rounds


def full_and_rests(rounds: Rounds) -> list[Column]:
    """List groups that are full at one stop, and groups of what is left of some stops.

    Parameters
    ----------
    rounds : Rounds

    Returns
    -------
    list of Column
        What is left of the same stops once, in its cheapest order; there are up to ``2 ** stops`` of them.
    """
    rest = rounds.tps % rounds.size
    stops = np.flatnonzero(rest).tolist()
    found: list[Group] = [((stop, rounds.size),) for stop in np.flatnonzero(rounds.tps >= rounds.size).tolist()]
    # set of stops and the last of them -> the cheapest order to it
    orders = {(frozenset([stop]), stop): (float(rounds.first[stop]), [stop]) for stop in stops}
    while orders:
        # of one set the cheapest comes last, and stays
        cheapest = {some: order for (some, _), (_, order) in sorted(orders.items(), key=lambda known: -known[1][0])}
        found += [tuple((stop, int(rest[stop])) for stop in order) for order in cheapest.values()]
        longer: dict[tuple[frozenset[int], int], tuple[float, list[int]]] = {}
        for (some, last), (cost, order) in orders.items():
            left = rounds.size - rest[order].sum()
            for stop in stops:
                if stop in some or rest[stop] > left or not np.isfinite(rounds.leg[last, stop]):
                    continue
                way = cost + float(rounds.leg[last, stop]), [*order, stop]
                both = some | {stop}, stop
                longer[both] = min(longer.get(both, way), way)
        orders = longer
    return [(rounds.cost(group), group) for group in found]
