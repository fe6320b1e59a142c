"""Put clients where they cost least: the one step of which mending and polishing are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kaur_gis.distribute.problem import HOME, Client, RoutingProblem
from kaur_gis.distribute.schedule import Run, cost_of, load_of, slack_s

Spot = tuple[bool, int, int, int, int]
"""Whether it takes one more vehicle, added cost, run, trip, position in it; position -1 is a trip of its own.

Where vehicles have a price, it is in the cost, and one more of them is as good as any other."""


def inserted(problem: RoutingProblem, runs: Sequence[Run], rest: Sequence[int], *, idle: bool = True) -> list[Run]:
    """Put each client of `rest`, in this order, where it costs least.

    Parameters
    ----------
    problem : RoutingProblem
    runs : sequence of Run
        Which can be driven as they are.
    rest : sequence of int
        Clients in none of them.
    idle : bool, optional
        Whether vehicles that stand idle may go, too.

    Returns
    -------
    list of Run
        Which can be driven, too; whoever fits nowhere is left out.
    """
    runs = list(runs)
    hopeless: set[Client] = set()  # what did not fit into shorter runs does not fit into longer ones
    for client in rest:
        if problem.clients[client] in hopeless:
            continue
        longer = [*runs, *_idle(problem, runs)] if idle else runs
        for _, _, number, trip, at in sorted(_spots(problem, longer, len(runs), client)):
            run = _with(longer[number], client, trip, at)
            if slack_s(problem, run) >= 0:
                runs[number : number + 1] = [run]  # an idle vehicle lies behind the end: it is appended
                break
        else:
            hopeless.add(problem.clients[client])
    return runs


def _idle(problem: RoutingProblem, runs: Sequence[Run]) -> list[Run]:
    """One empty run for each kind of which a vehicle is still free."""
    used = [run.kind for run in runs]
    return [Run(number, ()) for number, kind in enumerate(problem.kinds) if used.count(number) < kind.count]


def _spots(problem: RoutingProblem, runs: Sequence[Run], used: int, client: int) -> Iterator[Spot]:
    """Every way to add a client to the runs, as far as kinds, loads and numbers of trips go."""
    demand = problem.clients[client].demand
    for number, run in enumerate(runs):
        kind, row = problem.kinds[run.kind], problem.rows[run.kind]
        here = row.get(client)
        if here is None:
            continue
        costs, last = kind.costs, len(run.trips) - 1
        out = costs[here]
        for trip, clients in enumerate(run.trips):
            if any(a + b > c for a, b, c in zip(demand, load_of(problem, clients), kind.capacity, strict=True)):
                continue
            a = 0
            for at, b in enumerate([*[row[other] for other in clients], HOME if trip == last else 0]):
                yield False, costs[a][here] + out[b] - costs[a][b], number, trip, at
                a = b
        if len(run.trips) < kind.max_trips:
            alone = problem.loading_cost(kind) + costs[0][here] + out[0]
            alone += problem.vehicle_cost(kind) if number >= used else 0
            for trip in range(len(run.trips) + 1):
                added = alone if kind.home_s is None else _longer(problem, run, _with(run, client, trip, -1))
                yield number >= used and not problem.priced, added, number, trip, -1


def _longer(problem: RoutingProblem, run: Run, longer: Run) -> int:
    """Say what a run costs more than the one it was."""
    return cost_of(problem, longer) - (cost_of(problem, run) if run.trips else 0)


def _with(run: Run, client: int, trip: int, at: int) -> Run:
    """Add a client to a run at a spot."""
    if at < 0:
        return Run(run.kind, (*run.trips[:trip], (client,), *run.trips[trip:]))
    clients = run.trips[trip]
    longer = (*clients[:at], client, *clients[at:])
    return Run(run.kind, (*run.trips[:trip], longer, *run.trips[trip + 1 :]))
