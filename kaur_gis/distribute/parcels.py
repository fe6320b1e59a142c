"""Parcels: clients of one place that may as well travel together, so that a search has less to decide.

Forty TPS of one PPK are the same client to a truck; moving them one by one leads nowhere. Of each place, as
many full loads of the smallest vehicle as there are become one parcel each; what remains becomes parcels of a
quarter of a load, small enough to be packed together with those of other places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from kaur_gis.distribute.problem import Client, RoutingProblem
from kaur_gis.distribute.schedule import Run

SHARE = 4
"""A parcel of what remains is at most this part of a load."""


def in_parcels(
    problem: RoutingProblem, older: Sequence[Run] = ()
) -> tuple[RoutingProblem, tuple[tuple[int, ...], ...]]:
    """Make parcels the clients.

    Parameters
    ----------
    problem : RoutingProblem
    older : sequence of Run, optional
        Clients of different trips of these runs are not put together.

    Returns
    -------
    RoutingProblem
        The same problem, with parcels as its clients.
    tuple of tuple of int
        Clients of each parcel.
    """
    trips = enumerate((trip for run in older for trip in run.trips), start=1)
    trip_of = {client: number for number, trip in trips for client in trip}

    def alike_as(index: int) -> tuple[int, tuple[int, ...], int, int]:
        return *_alike(problem.clients[index]), trip_of.get(index, 0)

    order = sorted(range(len(problem.clients)), key=lambda index: (*alike_as(index), index))
    parcels: list[tuple[int, ...]] = []
    for _, alike in groupby(order, key=alike_as):
        parcels += _packed(problem, list(alike))
    parcels.sort()
    clients = tuple(_together([problem.clients[index] for index in parcel]) for parcel in parcels)
    return replace(problem, clients=clients), tuple(parcels)


def unpacked(runs: Iterable[Run], parcels: Sequence[tuple[int, ...]]) -> tuple[Run, ...]:
    """Turn runs that serve parcels into runs that serve their clients."""
    return tuple(
        Run(run.kind, tuple(tuple(client for parcel in trip for client in parcels[parcel]) for trip in run.trips))
        for run in runs
    )


def packed(runs: Iterable[Run], parcels: Sequence[tuple[int, ...]]) -> tuple[Run, ...]:
    """Turn runs that serve clients into runs that serve their parcels, none of which is torn apart."""
    parcel_of = {client: number for number, parcel in enumerate(parcels) for client in parcel}
    return tuple(
        Run(run.kind, tuple(tuple(dict.fromkeys(parcel_of[client] for client in trip)) for trip in run.trips))
        for run in runs
    )


def _alike(client: Client) -> tuple[int, tuple[int, ...], int]:
    """Name what clients of one parcel have in common."""
    return client.place, client.kinds, client.release_s


def _together(clients: Sequence[Client]) -> Client:
    """Make one client of several: all their boxes, at the deadline of the first."""
    return replace(
        clients[0],
        demand=tuple(map(sum, zip(*(client.demand for client in clients), strict=True))),
        service_s=sum(client.service_s for client in clients),
        deadline_s=min(client.deadline_s for client in clients),
    )


def _packed(problem: RoutingProblem, clients: Sequence[int]) -> list[tuple[int, ...]]:
    """Pack clients that are alike, those with the earliest deadline first: full loads, then quarters."""
    kinds = problem.clients[clients[0]].kinds
    load = [min(most) for most in zip(*(problem.kinds[kind].capacity for kind in kinds), strict=True)]
    waiting = sorted(clients, key=lambda index: (problem.clients[index].deadline_s, index))
    full = _filled(problem, waiting, load)
    rest = full.pop()
    return [*full, *_filled(problem, rest, [max(1, most // SHARE) for most in load])]


def _filled(problem: RoutingProblem, clients: Sequence[int], load: Sequence[int]) -> list[tuple[int, ...]]:
    """Fill one parcel after the other up to `load`; whoever is bigger is a parcel of its own."""
    parcels: list[tuple[int, ...]] = [()]
    for client in clients:
        together = [problem.clients[index].demand for index in (*parcels[-1], client)]
        if parcels[-1] and any(sum(some) > most for some, most in zip(zip(*together, strict=True), load, strict=True)):
            parcels.append(())
        parcels[-1] = (*parcels[-1], client)
    return parcels
