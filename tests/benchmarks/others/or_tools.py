"""The same routing problem for OR-Tools: each trip of a vehicle is a vehicle of its own that waits for the one before.

References
----------
Perron, Furnon, OR-Tools, https://developers.google.com/optimization/
"""

from __future__ import annotations

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from kaur_gis.distribute.problem import RoutingProblem
from kaur_gis.distribute.schedule import Run


def or_tools(problem: RoutingProblem, seconds: float) -> tuple[Run, ...]:
    """Search with PATH_CHEAPEST_ARC and guided local search for so long; nobody is served where nothing is found."""
    n = len(problem.clients)
    slots = [
        (number, vehicle, trip)
        for number, kind in enumerate(problem.kinds)
        for vehicle in range(min(kind.count, n))
        for trip in range(min(kind.max_trips, n))
    ]
    manager = pywrapcp.RoutingIndexManager(n + 1, len(slots), 0)
    routing = pywrapcp.RoutingModel(manager)
    solver = routing.solver()
    far = problem.end_s + 1
    costs, spent = _matrices(problem, far)
    arcs = [routing.RegisterTransitMatrix(matrix) for matrix in costs]
    times = [routing.RegisterTransitMatrix(matrix) for matrix in spent]
    dearest = 1 + sum(max(cost for cost in row if cost < far) for matrix in costs for row in matrix)
    horizon, from_zero = problem.end_s, False
    routing.AddDimensionWithVehicleTransits([times[kind] for kind, *_ in slots], horizon, horizon, from_zero, "t")
    clock = routing.GetDimensionOrDie("t")
    for number, (kind, *_) in enumerate(slots):
        routing.SetArcCostEvaluatorOfVehicle(arcs[kind], number)
    for dimension in range(len(problem.kinds[0].capacity)):
        load = routing.RegisterUnaryTransitVector([0, *(client.demand[dimension] for client in problem.clients)])
        most = [problem.kinds[number].capacity[dimension] for number, *_ in slots]
        routing.AddDimensionWithVehicleCapacity(load, 0, most, not from_zero, f"load{dimension}")
    starts = [clock.CumulVar(routing.Start(number)) for number in range(len(slots))]
    for number, (_, _, trip) in enumerate(slots):
        starts[number].SetMin(problem.start_s)
        clock.CumulVar(routing.End(number)).SetMax(problem.end_s)
        if trip:
            solver.Add(starts[number] >= clock.CumulVar(routing.End(number - 1)))
        else:
            routing.SetFixedCostOfVehicle(dearest, number)
    for index, client in enumerate(problem.clients, start=1):
        at = manager.NodeToIndex(index)
        kinds = [problem.kinds[number] for number in client.kinds]
        slack = min(kind.visit_s[kind.places.index(client.place)] for kind in kinds)
        clock.CumulVar(at).SetMax(min(problem.end_s, client.deadline_s + slack))
        routing.VehicleVar(at).SetValues([k for k, slot in enumerate(slots) if slot[0] in client.kinds])
        if client.release_s > problem.start_s:
            solver.Add(solver.Element(starts, routing.VehicleVar(at)) >= client.release_s)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PATH_CHEAPEST_ARC
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(max(1, round(1000 * seconds)))
    found = routing.SolveWithParameters(search)
    if found is None:
        return ()
    return _runs(slots, manager, routing, found)


def _runs(
    slots: list[tuple[int, int, int]],
    manager: pywrapcp.RoutingIndexManager,
    routing: pywrapcp.RoutingModel,
    found: pywrapcp.Assignment,
) -> tuple[Run, ...]:
    """Put the trips of each vehicle together again."""
    trips: dict[tuple[int, int], list[tuple[int, ...]]] = {}
    for number, (kind, vehicle, _) in enumerate(slots):
        trip, at = [], found.Value(routing.NextVar(routing.Start(number)))
        while not routing.IsEnd(at):
            trip.append(manager.IndexToNode(at) - 1)
            at = found.Value(routing.NextVar(at))
        if trip:
            trips.setdefault((kind, vehicle), []).append(tuple(trip))
    return tuple(Run(kind, tuple(own)) for (kind, _), own in sorted(trips.items()))


def _matrices(problem: RoutingProblem, far: int) -> tuple[list[list[list[int]]], list[list[list[int]]]]:
    """Give for each kind of vehicle the work of each arc, and the time with what is handed over before it [s]."""
    nodes = range(len(problem.clients) + 1)
    costs, spent = [], []
    for number, kind in enumerate(problem.kinds):
        local = {place: index for index, place in enumerate(kind.places)}
        rows = [[_arc(problem, number, local, a, b, far) for b in nodes] for a in nodes]
        costs.append([[cost for cost, _ in row] for row in rows])
        spent.append([[cost + extra for cost, extra in row] for row in rows])
    return costs, spent


def _arc(problem: RoutingProblem, number: int, local: dict[int, int], a: int, b: int, far: int) -> tuple[int, int]:
    """Work of going from one client to the next (0: the base) and what is handed over before it [s]."""
    kind = problem.kinds[number]
    here, there = (problem.clients[c - 1].place if c else 0 for c in (a, b))
    if here not in local or there not in local:
        return far, 0
    work = 0 if here == there else int(kind.seconds[local[here], local[there]]) + kind.visit_s[local[there]]
    work += problem.loading_s if a == 0 and b else 0
    return work, problem.clients[a - 1].service_s if a else 0
