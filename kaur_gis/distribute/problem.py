"""One routing problem: one base, one wave, in whole numbers, and refused where it is not sound.

Solvers trust what they are given: PyVRP truncates floats, takes NaN and negative seconds, and calls a
road of 2**44 seconds feasible. So everything is checked here, once, before any solver sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kaur_gis.problems import SolverError, TravelError

Seconds = NDArray[np.int64]
LIMIT = 2**53
"""Sums below this are exact even where a solver counts in doubles."""
HOME = -1
"""Beside the numbers of places: where the day of a vehicle ends."""


def checked_matrix(matrix: Seconds, what: str) -> Seconds:
    """Hold a matrix of seconds against what every solver takes for granted.

    Parameters
    ----------
    matrix : ndarray of int64, shape (n, n)
        Seconds from row to column; whoever can't be reached must have been left out before.
    what : str
        Named in the error.

    Returns
    -------
    ndarray of int64, shape (n, n)
        A copy that can't be written to.

    Raises
    ------
    TravelError
        For another type than int64, another shape than square, an empty or negative matrix (UNREACHABLE
        is negative), seconds from a place to itself, or sums that a solver could not count.
    """
    if not isinstance(matrix, np.ndarray) or matrix.dtype != np.int64:
        msg = f"{what}: must be an int64 array"
        raise TravelError(msg)
    if not matrix.ndim or not matrix.size or matrix.shape != matrix.shape[:1] * 2:
        msg = f"{what}: must be square and not empty, is {matrix.shape}"
        raise TravelError(msg)
    if (matrix < 0).any():
        msg = f"{what}: negative or unreachable cells must not come this far"
        raise TravelError(msg)
    if matrix.diagonal().any():
        msg = f"{what}: the diagonal must be 0"
        raise TravelError(msg)
    if matrix.sum(dtype=float) >= LIMIT:
        msg = f"{what}: the cells add up to more than a solver can count"
        raise TravelError(msg)
    copy = matrix.copy()
    copy.flags.writeable = False
    return copy


@dataclass(frozen=True, eq=False)
class Price:
    """What a vehicle costs, where costs are weighed against each other; whole numbers of one currency.

    Attributes
    ----------
    vehicle : int
        For its day.
    loading : int
        For each departure.
    arcs : ndarray of int64, shape (len(places), len(places) + 1)
        For each drive with the visit at its end; the last column is the drive to where the day ends.
    """

    vehicle: int
    loading: int
    arcs: Seconds

    def __post_init__(self) -> None:
        _whole_numbers("prices", (self.vehicle, self.loading))
        if self.arcs.dtype != np.int64 or (self.arcs < 0).any() or self.arcs.sum(dtype=float) >= LIMIT:
            msg = "prices of drives: whole numbers that a solver can add up are wanted"
            raise SolverError(msg)


@dataclass(frozen=True, eq=False)
class VehicleKind:
    """Vehicles of one kind at the base.

    Attributes
    ----------
    count : int
        How many there are.
    capacity : tuple of int
        One figure per load dimension.
    max_trips : int
        Trips one vehicle may make.
    places : tuple of int
        The places it can drive to and from, ascending; the first is the base, place 0.
    seconds : ndarray of int64, shape (len(places), len(places))
        Driving between `places` [s].
    visit_s : tuple of int, length len(places)
        Spent once at each visit of a place, whatever is handed over there [s]; 0 at the base.
    start_s : int, optional
        Not before this moment can they be loaded, where that is later than the start of the day [s from midnight].
    end_s : int, optional
        By this moment they must be back, where that is before the end of the day [s from midnight].
    hours_s : int, optional
        So long may it be from when the first trip is loaded until the vehicle is home: the hours of its driver [s].
    home_s : tuple of int, length len(places), optional
        Driving from each of `places` to where the day ends, where that is not the base [s].
    price : Price, optional
        Without it few vehicles go before little work.
    carry_s : tuple of int, length len(places), optional
        From where the vehicle stops at each of `places` boxes are carried so long [s]; it is part of `visit_s`.
    """

    count: int
    capacity: tuple[int, ...]
    max_trips: int
    places: tuple[int, ...]
    seconds: Seconds
    visit_s: tuple[int, ...]
    start_s: int = 0
    end_s: int | None = None
    hours_s: int | None = None
    home_s: tuple[int, ...] | None = None
    price: Price | None = None
    carry_s: tuple[int, ...] | None = None

    @cached_property
    def carried_s(self) -> tuple[int, ...]:
        """How long boxes are carried at each of `places` [s]."""
        return self.carry_s or (0,) * len(self.places)

    @cached_property
    def costs(self) -> list[list[int]]:
        """What each drive costs with the visit at its end: its price, else seconds of work; HOME is the last column."""
        if self.price is not None:
            priced: list[list[int]] = self.price.arcs.tolist()
            return priced
        arcs = self.seconds + np.array(self.visit_s)
        np.fill_diagonal(arcs, 0)  # staying at a place is no visit
        home = self.seconds[:, 0] if self.home_s is None else np.array(self.home_s)
        work: list[list[int]] = np.column_stack([arcs, home]).tolist()
        return work

    @cached_property
    def rows(self) -> list[list[int]]:
        """The rows of `seconds` as plain numbers, which are read many times faster one by one."""
        rows: list[list[int]] = self.seconds.tolist()
        return rows

    @cached_property
    def local(self) -> dict[int, int]:
        """Place -> its row."""
        return {place: index for index, place in enumerate(self.places)}

    def __post_init__(self) -> None:
        object.__setattr__(self, "seconds", checked_matrix(self.seconds, "seconds of a vehicle kind"))
        _whole_numbers("count and max_trips", (self.count, self.max_trips), least=1)
        _whole_numbers("capacity", self.capacity, least=1)
        _whole_numbers("places", self.places)
        _whole_numbers("times of a kind", (*self.visit_s, self.start_s, self.end_s or 0, self.hours_s or 0))
        _whole_numbers("home_s and carry_s", (*(self.home_s or ()), *(self.carry_s or ())))
        if self.places[:1] != (0,) or list(self.places) != sorted(set(self.places)):
            msg = "places must ascend from the base, 0"
            raise SolverError(msg)
        by_place = self.visit_s, self.seconds, self.home_s or self.places, self.carried_s
        if any(len(own) != len(self.places) for own in by_place):
            msg = "seconds, visit_s, home_s and carry_s must have one entry per place"
            raise SolverError(msg)
        if self.price is not None and self.price.arcs.shape != (len(self.places), len(self.places) + 1):
            msg = "prices must have one row per place, and a column more"
            raise SolverError(msg)
        if self.visit_s[0]:
            msg = "a return to the base is no visit"
            raise SolverError(msg)


@dataclass(frozen=True)
class Client:
    """What is brought to one TPS.

    Attributes
    ----------
    place : int
        Where it is handed over; several clients may share a place, none is at the base.
    demand : tuple of int
        One figure per load dimension.
    service_s : int
        Handing it over, on top of the visit [s].
    release_s : int
        Loading may not begin earlier [s from midnight].
    deadline_s : int
        By then they must be there: the vehicle has arrived, and they are carried to it [s from midnight].
    kinds : tuple of int
        Which kinds of vehicle may bring it, ascending.
    """

    place: int
    demand: tuple[int, ...]
    service_s: int
    release_s: int
    deadline_s: int
    kinds: tuple[int, ...]

    def __post_init__(self) -> None:
        _whole_numbers("place and kinds", (self.place, *self.kinds))
        _whole_numbers("demand", self.demand)
        _whole_numbers("times of a client", (self.service_s, self.release_s, self.deadline_s))
        if self.place == 0 or not self.kinds or list(self.kinds) != sorted(set(self.kinds)):
            msg = "a client is not at the base, and its kinds ascend"
            raise SolverError(msg)


@dataclass(frozen=True, eq=False)
class RoutingProblem:
    """Who must get what from one base on one day.

    Attributes
    ----------
    kinds : tuple of VehicleKind
    clients : tuple of Client
        Each can be served by each of its kinds, taken alone, as far as roads and capacity go.
    start_s, end_s : int
        Loading begins at the earliest, every vehicle is back at the latest [s from midnight].
    loading_s : int
        Before each departure [s].
    """

    kinds: tuple[VehicleKind, ...]
    clients: tuple[Client, ...]
    start_s: int
    end_s: int
    loading_s: int

    def begin_s(self, kind: VehicleKind) -> int:
        """From when on vehicles of a kind can be loaded [s from midnight]."""
        return max(self.start_s, kind.start_s)

    def home_s(self, kind: VehicleKind) -> int:
        """By when vehicles of a kind must be back [s from midnight]."""
        return self.end_s if kind.end_s is None else min(self.end_s, kind.end_s)

    @property
    def priced(self) -> bool:
        """Whether vehicles and work are weighed against each other, and not few vehicles before little work."""
        return self.kinds[0].price is not None

    def loading_cost(self, kind: VehicleKind) -> int:
        """Say what each departure of a vehicle costs: its price, else seconds of work."""
        return self.loading_s if kind.price is None else kind.price.loading

    def vehicle_cost(self, kind: VehicleKind) -> int:
        """Say what a vehicle costs for its day, whatever it does; 0 where few vehicles go before everything else."""
        return 0 if kind.price is None else kind.price.vehicle

    @cached_property
    def release_s(self) -> tuple[int, ...]:
        """When each client's boxes can be loaded [s from midnight]."""
        return tuple(client.release_s for client in self.clients)

    @cached_property
    def loads(self) -> dict[tuple[int, ...], tuple[int, ...]]:
        """Loads of trips, as far as somebody has added them up: searches ask for the same ones again and again."""
        return {}

    @cached_property
    def deadline_s(self) -> tuple[int, ...]:
        """By when what each client is brought must be there [s from midnight]."""
        return tuple(client.deadline_s for client in self.clients)

    @cached_property
    def service_s(self) -> tuple[int, ...]:
        """What handing over takes at each client, on top of the visit [s]."""
        return tuple(client.service_s for client in self.clients)

    @cached_property
    def allowed(self) -> tuple[frozenset[int], ...]:
        """By kind of vehicle, the clients that it may bring something to."""
        known = [(number, client.kinds) for number, client in enumerate(self.clients)]
        return tuple(frozenset(number for number, kinds in known if kind in kinds) for kind in range(len(self.kinds)))

    @cached_property
    def rows(self) -> tuple[dict[int, int], ...]:
        """By kind of vehicle: client that it may serve -> its row of `VehicleKind.seconds`."""
        return tuple(
            {client: kind.local[self.clients[client].place] for client in own}
            for kind, own in zip(self.kinds, self.allowed, strict=True)
        )

    def __post_init__(self) -> None:
        _whole_numbers("hours", (self.start_s, self.end_s, self.loading_s))
        if not self.kinds or not self.clients:
            msg = "a routing problem needs vehicles and clients"
            raise SolverError(msg)
        if self.start_s >= self.end_s:
            msg = "start_s must be before end_s"
            raise SolverError(msg)
        if len({kind.price is None for kind in self.kinds}) > 1:
            msg = "either every kind of vehicle has its price, or none"
            raise SolverError(msg)
        dimensions = {len(kind.capacity) for kind in self.kinds} | {len(client.demand) for client in self.clients}
        if len(dimensions) != 1:
            msg = "every capacity and every demand must have the same load dimensions"
            raise SolverError(msg)
        for client in self.clients:
            for index in client.kinds:
                if index >= len(self.kinds) or client.place not in self.kinds[index].places:
                    msg = f"no vehicle of kind {index} can drive to place {client.place}"
                    raise SolverError(msg)
                if any(d > c for d, c in zip(client.demand, self.kinds[index].capacity, strict=True)):
                    msg = f"a client at place {client.place} is too big for a vehicle of kind {index}"
                    raise SolverError(msg)


def _whole_numbers(what: str, values: tuple[int, ...], least: int = 0) -> None:
    """Refuse what is not a whole number from `least` to below `LIMIT`; a bool is none."""
    if not all(type(value) is int and least <= value < LIMIT for value in values):
        msg = f"{what}: whole numbers of at least {least} are wanted, not {values!r}"
        raise SolverError(msg)
