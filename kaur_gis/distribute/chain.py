"""The operation's chain gudang -> PPK -> TPS, a row of stages, with everything that a stage asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from kaur_gis.config import Fleet, Operation, Stage, Wave
from kaur_gis.distribute.kept import Kept
from kaur_gis.distribute.pool import Vehicle
from kaur_gis.distribute.rounded import arrive_by_s, cubic_centimetres, grams
from kaur_gis.hours import Held, Hours
from kaur_gis.inputs import Inputs
from kaur_gis.problems import TravelError
from kaur_gis.rules import SpeedTable
from kaur_gis.travel import TravelTimes


@dataclass(frozen=True)
class Beside:
    """Goods of a PPK or PPS that ride with the boxes of a TPS.

    Attributes
    ----------
    words : tuple of str
        For whom: ``ppk``, ``pps``.
    kotak : int
        Boxes.
    kg, m3 : float
        [kg], [m³].
    """

    words: tuple[str, ...] = ()
    kotak: int = 0
    kg: float = 0.0
    m3: float = 0.0

    def and_with(self, other: Beside) -> Beside:
        """Both together."""
        words = tuple(sorted({*self.words, *other.words}))
        return Beside(words, self.kotak + other.kotak, self.kg + other.kg, self.m3 + other.m3)

    def added_to(self, demand: tuple[int, int, int]) -> tuple[int, int, int]:
        """Boxes, grams and cubic centimetres of a TPS with these goods."""
        return demand[0] + self.kotak, demand[1] + grams(self.kg), demand[2] + cubic_centimetres(self.m3)


@dataclass(frozen=True, eq=False)
class Chain:
    """Everything a stage asks for, looked up once.

    Attributes
    ----------
    operation : Operation
    travel : mapping of (vehicle, weather) to TravelTimes
    row : mapping
        `kode_stop` -> its row and column in every matrix of `travel`.
    nodes : mapping
        `kode_tps` -> kind of place -> `kode_stop` where its boxes are handed over; a kind that the chain
        of a TPS lacks is missing.
    akses : mapping
        `kode_tps` -> akses.
    demand : mapping
        `kode_tps` -> boxes, grams, cubic centimetres; rounded up, as capacities are rounded down.
    weather : str
        In which everything is driven.
    hours : Hours
        Which closures hold when.
    wave : Wave or None
        In the hours of which everything is driven; None where nothing is.
    speeds : SpeedTable
        It says how quickly boxes are carried.
    kept : Kept or None
        Trips of an older plan that stay.
    ways : mapping
        `kode_tps` -> names of the stages, and legs of the way back, by which its boxes go.
    beside : mapping
        (`kode_tps`, stage) -> what rides with its boxes there; missing for nothing.
    kerawanan : mapping
        `kode_tps` -> kerawanan, where some TPS must have their boxes sooner than others; else empty.
    out_before : mapping
        `Wave.days_before` -> vehicles that may have been out on an earlier day; missing for all.
    more : mapping
        (base, `Fleet.kode`) -> vehicles that are thought to stand there besides those of the operation.
    """

    operation: Operation
    travel: Mapping[tuple[str, str], TravelTimes]
    row: Mapping[str, int]
    nodes: Mapping[str, Mapping[str, str]]
    akses: Mapping[str, str]
    demand: Mapping[str, tuple[int, int, int]]
    weather: str
    hours: Hours
    speeds: SpeedTable
    wave: Wave | None = None
    kept: Kept | None = None
    ways: Mapping[str, frozenset[str]] = field(default_factory=dict)
    beside: Mapping[tuple[str, str], Beside] = field(default_factory=dict)
    kerawanan: Mapping[str, str] = field(default_factory=dict)
    out_before: Mapping[int, frozenset[Vehicle]] = field(default_factory=dict)
    more: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def load(self, kode_tps: str, stage: Stage) -> tuple[int, int, int]:
        """Boxes, grams and cubic centimetres that a stage brings with a TPS."""
        return self.beside.get((kode_tps, stage.name), Beside()).added_to(self.demand[kode_tps])

    def arrive_by_s(self, kode_tps: str, wave: Wave) -> int:
        """Until when the boxes of a TPS must be there on the day of a wave: the deadline less the buffer [s]."""
        return arrive_by_s(wave, self.operation.deadline(wave, kode_tps, self.kerawanan.get(kode_tps, "")))

    def goes(self, kode_tps: str, stage: Stage) -> bool:
        """Whether the boxes of a TPS go by a stage: others skip it."""
        return stage.name in self.ways[kode_tps]

    def nights(self, kode_tps: str, stage: Stage) -> int:
        """Count the nights that the boxes of a TPS lie where a stage ends."""
        goes_on = self.goes_on(kode_tps, stage)
        return 0 if goes_on is None else stage.days_earlier - goes_on.days_earlier

    def goes_on(self, kode_tps: str, stage: Stage) -> Stage | None:
        """Stage that takes the boxes of a TPS on from where another ends; None for none."""
        stages = self.operation.stages
        return next((own for own in stages if own.origin == stage.target and self.goes(kode_tps, own)), None)

    def at(self, stops: Iterable[str]) -> list[int]:
        """Rows of some stops in every matrix."""
        return [self.row[stop] for stop in stops]

    def base(self, kode_tps: str, stage: Stage) -> str | None:
        """Stop from which a stage brings the boxes of a TPS."""
        return self.nodes[kode_tps].get(stage.origin)

    def target(self, kode_tps: str, stage: Stage) -> str | None:
        """Stop to which a stage brings the boxes of a TPS."""
        return self.nodes[kode_tps].get(stage.target)

    def fleet_at(self, base: str, stage: Stage) -> list[Fleet]:
        """Rows of the fleet of which some vehicle stands at a base for a stage, in the operation's order."""
        rows = (fleet for fleet in self.operation.fleet if fleet.stage == stage.armada)
        there = [fleet for fleet in rows if not fleet.bases or base in fleet.bases]
        there = [
            fleet.model_copy(update={"count": fleet.count + more})
            if (more := self.more.get((base, fleet.kode)))
            else fleet
            for fleet in there
        ]
        return [fleet for fleet in there if fleet.count > len(fleet.broken_at(base))]

    def times(self, stage: Stage, fleet: Fleet, *, later: bool = False) -> TravelTimes:
        """Travel times of a vehicle in a stage, in the weather and the wave of the chain.

        Those of drives that last into the hours of another closure (`closes_s`) count what is closed `later`, too.

        Raises
        ------
        TravelError
            For a chain of no wave (`on`).
        """
        held, _ = self._held(stage, fleet)
        return self.travel[fleet.vehicle, self.weather].while_closed(held.later if later else held.closed)

    def longer_s(self, walk_m: float, walk_s: int) -> int:
        """By how much boxes that are carried so far are handed over more slowly in the late case [s]."""
        return 2 * (int(self.speeds.carried_s(walk_m, self.operation.weather.late)) - walk_s)

    def closes_s(self, stage: Stage, fleet: Fleet) -> int | None:
        """When another closure begins after the hours of a stage [s from midnight]; None for never; as `times`."""
        held, midnight = self._held(stage, fleet)
        return None if held.closes is None else int((held.closes - midnight).total_seconds())

    def _held(self, stage: Stage, fleet: Fleet) -> tuple[Held, dt.datetime]:
        if self.wave is None:
            msg = "a chain without a wave has no hours"
            raise TravelError(msg)
        midnight = dt.datetime.combine(self.operation.day_of(self.wave, stage), dt.time())
        return self.hours.held(self.wave, stage, fleet), midnight

    def heavier(self) -> Chain:
        """Take the same chain to the weather of the late case."""
        return replace(self, weather=self.operation.weather.late)

    def on(self, wave: Wave) -> Chain:
        """Take the same chain to the hours of a wave."""
        return replace(self, wave=wave)


def chain_of(
    inputs: Inputs,
    tps: pd.DataFrame,
    kits: pd.DataFrame,
    stops: pd.DataFrame,
    travel: Mapping[tuple[str, str], TravelTimes],
    kept: Kept | None = None,
) -> Chain:
    """Look up what the stages ask for, in the weather of the plan.

    Raises
    ------
    TravelError
        If a matrix is not over the stops, in their order.
    """
    for (vehicle, weather), times in travel.items():
        if not times.stops.equals(stops.index):
            msg = f"travel times of {vehicle} in {weather} are not over the stops"
            raise TravelError(msg)
    return Chain(
        operation=inputs.operation,
        travel=travel,
        row={str(stop): row for row, stop in enumerate(stops.index)},
        nodes=_nodes(tps, inputs.tempat),
        akses={str(kode): str(akses) for kode, akses in tps["akses"].items()},
        demand=demand_of(tps, kits),
        weather=inputs.operation.weather.plan,
        hours=Hours.of(inputs),
        speeds=inputs.speeds,
        kept=kept,
        ways=_ways(inputs.operation, tps),
        kerawanan={str(kode): str(kelas) for kode, kelas in tps["kerawanan"].items()} if inputs.operation.batas else {},
    )


def _ways(operation: Operation, tps: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Name the stages and the legs of the way back by which the boxes of each TPS go."""
    of = {}
    for kec in set(tps["kode_kec"]):
        rows = operation.stages_of(kec) + operation.kembali_of("kotak", kec) + operation.kembali_of("salinan", kec)
        of[kec] = frozenset(row.name for row in rows)
    return {str(kode): of[kec] for kode, kec in tps["kode_kec"].items()}


def demand_of(tps: pd.DataFrame, kits: pd.DataFrame) -> dict[str, tuple[int, int, int]]:
    """Boxes, grams and cubic centimetres of each TPS, rounded up, as capacities are rounded down."""
    rows = kits.loc[tps.index, ["kotak", "kg", "m3"]].itertuples(name=None)
    return {str(kode): (int(kotak), grams(kg), cubic_centimetres(m3)) for kode, kotak, kg, m3 in rows}


def _nodes(tps: pd.DataFrame, tempat: gpd.GeoDataFrame) -> dict[str, dict[str, str]]:
    """Find the places of each TPS: its PPS by village, its PPK by kecamatan, the gudang that supplies them."""
    kinds: dict[str, str] = {}
    supplier: dict[str, str] = {}
    pps: dict[str, str] = {}
    ppk: dict[str, str] = {}
    places = pd.DataFrame(tempat)[["jenis", "induk", "kode_desa", "kode_kec"]].sort_index()
    for place, jenis, induk, desa, kec in places.itertuples(name=None):
        kinds[place], supplier[place] = jenis, induk
        if jenis == "pps":
            pps.setdefault(desa, place)  # the first, by code
        elif jenis == "ppk":
            ppk.setdefault(kec, place)
    found = {}
    for kode, desa, kec, stop in pd.DataFrame(tps)[["kode_desa", "kode_kec", "kode_stop"]].itertuples(name=None):
        nodes = {"pps": pps.get(desa), "ppk": ppk.get(kec), "tps": str(stop)}
        suppliers = [supplier[place] for place in (nodes["ppk"], nodes["pps"]) if place is not None]
        nodes["gudang"] = next((str(place) for place in suppliers if kinds.get(place) == "gudang"), None)
        found[str(kode)] = {kind: place for kind, place in nodes.items() if place is not None}
    return found
