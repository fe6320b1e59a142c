"""The operation: one TOML file that says everything about an election day, as frozen models.

Units stand in the names. Times are local times of the kabupaten. Paths are relative to the
operation file's folder and stay inside it, unless `layers.allow_outside` says otherwise.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise, product
from typing import Annotated, Any

from pydantic import Field, model_validator

from kaur_gis.config.cut import RainChances, RoadClosure, Scenario
from kaur_gis.config.days import BackPart, Daylight, Kembali, Sooner, Stage, Store, Wave, WeatherCase
from kaur_gis.config.fleet import Fleet, Solver, Tujuan
from kaur_gis.config.given import Election, LayerFiles, OperationHead, Region, RoadSource, Source
from kaur_gis.config.tags import GuardFiles, KerawananRule, KerawananRules, Komunikasi
from kaur_gis.config.ways import every_way_leads, way_of, ways_of
from kaur_gis.config.words import (
    BAWASLU,
    DAY_S,
    KERAWANAN,
    SINYAL,
    SUMBER_ORDER,
    WEATHERS,
    Kerawanan,
    Lang,
    SourceKey,
    Strict,
    Sumber,
    Text,
    Weather,
    refuse,
    seconds_of_day,
)

__all__ = [
    "BAWASLU",
    "DAY_S",
    "KERAWANAN",
    "SINYAL",
    "SUMBER_ORDER",
    "WEATHERS",
    "BackPart",
    "Daylight",
    "Fleet",
    "Kembali",
    "Kerawanan",
    "KerawananRule",
    "KerawananRules",
    "Komunikasi",
    "Lang",
    "Operation",
    "RainChances",
    "Region",
    "RoadClosure",
    "Scenario",
    "Solver",
    "Source",
    "SourceKey",
    "Stage",
    "Strict",
    "Sumber",
    "Text",
    "Wave",
    "Weather",
    "as_frozen",
    "refuse",
    "seconds_of_day",
]


class Operation(Strict):
    """One operation file (`operation.toml`), whole."""

    operation: OperationHead
    region: Region
    election: Election
    layers: LayerFiles
    sources: dict[SourceKey, Source] = {}
    roads: RoadSource
    weather: WeatherCase
    waves: Annotated[tuple[Wave, ...], Field(min_length=1)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    fleet: tuple[Fleet, ...]
    kerawanan: KerawananRules
    guard: GuardFiles
    kembali: Annotated[tuple[Kembali, ...], Field(max_length=12)] = ()  # the way back after counting
    daylight: Daylight | None = None
    komunikasi: Komunikasi | None = None  # without it nobody plans how results are sent from where no signal is
    simpan: Annotated[tuple[Store, ...], Field(max_length=200)] = ()  # what transfer points can hold
    batas: Annotated[tuple[Sooner, ...], Field(max_length=100)] = ()  # whose boxes must come sooner
    tujuan: Tujuan | None = None  # None: late risk before vehicles before hours
    solver: Solver = Solver()
    tutup: Annotated[tuple[RoadClosure, ...], Field(max_length=100)] = ()
    skenario: Annotated[tuple[Scenario, ...], Field(max_length=20)] = ()
    hujan: RainChances = RainChances()

    @model_validator(mode="after")
    def _scenarios_refer(self) -> Operation:
        count = {fleet.kode: fleet.count for fleet in self.fleet}
        for scenario in self.skenario:
            for kode, more in scenario.armada.items():
                if kode not in count or count[kode] + more < 0:
                    known = ", ".join(f"{name} ({number})" for name, number in sorted(count.items()))
                    refuse(
                        "rule_scenario_fleet",
                        "scenario {nama}: fleet {fleet} is not there, or has fewer vehicles: {known}",
                        nama=scenario.nama,
                        fleet=kode,
                        known=known,
                    )
        return self

    @model_validator(mode="after")
    def _names_refer(self) -> Operation:
        stages = {stage.name for stage in self.stages} | {row.name for row in self.kembali}
        for fleet in self.fleet:
            if fleet.stage not in stages:
                refuse(
                    "rule_fleet_stage",
                    "fleet {fleet}: stage {stage} is not among {known}",
                    fleet=fleet.kode,
                    stage=fleet.stage,
                    known=", ".join(sorted(stages)),
                )
        for names, what in (
            ([*(s.name for s in self.stages), *(row.name for row in self.kembali)], "stages"),
            ([w.name for w in self.waves], "waves"),
            ([f.kode for f in self.fleet], "fleet"),
            ([s.nama for s in self.skenario], "skenario"),
        ):
            if len(set(names)) < len(names):
                refuse("rule_unique", "{what}: every name must be unique", what=what)
        return self

    @model_validator(mode="after")
    def _stages_lead_on(self) -> Operation:
        if self.stages[0].origin != "gudang" or self.stages[-1].target != "tps":
            refuse("rule_stages", "stages must begin at a gudang and end at the tps")
        if any(stage.kecamatan for stage in self.stages):
            every_way_leads(self.stages, "gudang", "tps")
            return self
        for before, after in zip(self.stages, self.stages[1:], strict=False):
            if before.target != after.origin:
                refuse(
                    "rule_chain",
                    "stage {after} begins at {origin}, but {before} ends at {target}",
                    after=after.name,
                    origin=after.origin,
                    before=before.name,
                    target=before.target,
                )
        return self

    @model_validator(mode="after")
    def _boxes_come_before_they_go_on(self) -> Operation:
        for before, after in (pair for way in ways_of(self.stages, "gudang").values() for pair in pairwise(way)):
            if before.days_earlier < after.days_earlier:
                words = "stage {after} is driven on an earlier day than {before}, which brings its boxes"
                refuse("rule_days_earlier", words, after=after.name, before=before.name)
        for stage in self.stages:
            if stage.target == "tps" and stage.days_earlier:
                refuse(
                    "rule_days_earlier_tps", "stage {stage} ends at the tps on the day of its wave", stage=stage.name
                )
        return self

    @model_validator(mode="after")
    def _way_back_is_a_way(self) -> Operation:
        origins = {stage.name: stage.origin for stage in self.stages} | {row.name: row.target for row in self.kembali}
        for muatan in ("kotak", "salinan"):
            rows = [row for row in self.kembali if row.muatan == muatan]
            ends = ["tps", *(row.target for row in rows)]
            if any(row.kecamatan for row in rows):
                every_way_leads(rows, "tps", "gudang")
            elif rows and (ends[:-1] != [row.origin for row in rows] or ends[-1] != "gudang"):
                refuse("rule_back", "{muatan}: the way back must lead from the tps to the gudang", muatan=muatan)
        for row in self.kembali:
            if origins.get(row.armada) != row.target:
                refuse(
                    "rule_back_fleet",
                    "{name}: the vehicles of {armada} do not stand at its target, {target}",
                    name=row.name,
                    armada=row.armada,
                    target=row.target,
                )
        drivers = [{row.armada for row in self.kembali if row.muatan == muatan} for muatan in ("kotak", "salinan")]
        for shared in sorted(set.intersection(*drivers)):
            refuse("rule_back_shared", "{armada} brings back both boxes and copies of the results", armada=shared)
        copies = [row for row in self.kembali if row.muatan == "salinan"]
        if len({(row.kg_per_tps, row.m3_per_tps) for row in copies}) > 1:
            refuse("rule_back_copies", "kg_per_tps and m3_per_tps must be the same on all legs of the copies")
        if self.kembali and self.daylight is None:
            refuse("rule_back_daylight", "the way back needs to know when it is light: [daylight]")
        return self

    @model_validator(mode="after")
    def _daylight_is_known(self) -> Operation:
        closures = (*self.tutup, *(closure for scenario in self.skenario for closure in scenario.tutup))
        by_day = [*(row.daylight_only for row in self.stages), *(row.daylight_only for row in self.fleet)]
        if self.daylight is None and any((*by_day, *(row.malam for row in closures))):
            refuse("rule_daylight_only", "daylight_only and malam need to know when it is light: [daylight]")
        return self

    @model_validator(mode="after")
    def _stores_are_told_once(self) -> Operation:
        for jenis in ("ppk", "pps"):
            rows = [row for row in self.simpan if row.jenis == jenis]
            named = [kode for row in rows for kode in row.tempat]
            if sum(not row.tempat for row in rows) > 1 or len(set(named)) < len(named):
                refuse("rule_store", "only one [[simpan]] without places for {jenis}, each place once", jenis=jenis)
        return self

    @model_validator(mode="after")
    def _one_wave_forces(self) -> Operation:
        of = {wave.name: wave for wave in self.waves if wave.part_of is None}
        for wave in self.waves:
            whole = wave if wave.part_of is None else of.get(wave.part_of)
            forces = wave.part_of is not None and (wave.akses or wave.kode_tps)
            if whole is None or whole.days_before != wave.days_before or forces:
                words = "part {wave}: part_of names a whole wave of its day, and no TPS are its own"
                refuse("rule_wave_part", words, wave=wave.name)
        for akses in ("biasa", "sulit"):
            if sum(akses in wave.akses for wave in self.waves) > 1:
                refuse("rule_waves", "only one wave can force the TPS of akses {akses}", akses=akses)
        forced = [kode for wave in self.waves for kode in wave.kode_tps]
        for kode in forced:
            if forced.count(kode) > 1:
                refuse("rule_wave_tps", "only one wave can force TPS {kode}, and only once", kode=kode)
        return self

    @model_validator(mode="after")
    def _free_tps_have_the_last_deadline(self) -> Operation:
        whole = [wave for wave in self.waves if wave.part_of is None]
        if {"biasa", "sulit"} <= {akses for wave in whole for akses in wave.akses}:
            return self
        for first, second in pairwise(sorted(whole, key=lambda wave: wave.days_before)):
            if first.days_before == second.days_before and first.deadline < second.deadline:
                words = "waves {first} and {second} are of one day: the later deadline stands first"
                refuse("rule_wave_order", words, first=first.name, second=second.name)
        return self

    def stages_of(self, kode_kec: str) -> tuple[Stage, ...]:
        """Stages by which the boxes of a kecamatan come, in their order."""
        return way_of(self.stages, "gudang", kode_kec)

    def kembali_of(self, muatan: str, kode_kec: str) -> tuple[Kembali, ...]:
        """Legs by which the boxes of a kecamatan, or the copies of its results, come back, in their order."""
        return way_of([row for row in self.kembali if row.muatan == muatan], "tps", kode_kec)

    @property
    def to_tps(self) -> frozenset[str]:
        """Names of the stages that end at the TPS."""
        return frozenset(stage.name for stage in self.stages if stage.target == "tps")

    def forced_wave(self, kode_tps: str, akses: str) -> Wave | None:
        """Wave that a TPS must go with, by its code or else by its access; None where it is free."""
        by_code = (wave for wave in self.waves if kode_tps in wave.kode_tps)
        by_akses = (wave for wave in self.waves if akses in wave.akses)
        return next(by_code, next(by_akses, None))

    def light_s(self, stage: Stage, fleet: Fleet) -> tuple[int, int] | None:
        """Sunrise and sunset [s from midnight] for vehicles that a stage sends out by day alone; None for others."""
        if self.daylight is None or not (stage.daylight_only or fleet.daylight_only):
            return None
        return seconds_of_day(self.daylight.sunrise), seconds_of_day(self.daylight.sunset)

    def parts_of(self, wave: Wave) -> list[Wave]:
        """List the parts of a wave, in their order."""
        return [part for part in self.waves if part.part_of == wave.name]

    @property
    def whole_waves(self) -> dict[str, str]:
        """Name of each wave, or of a part of one, -> name of the whole wave."""
        return {wave.name: wave.whole for wave in self.waves}

    def out_s(self, stage: Stage, fleet: Fleet, wave: Wave | None) -> tuple[int, int] | None:
        """From when until when vehicles may be out by `light_s` and the hours of a wave [s from midnight]."""
        light = self.light_s(stage, fleet)
        if wave is None or (wave.start_s, wave.end_s) == (None, None):
            return light
        rise, down = light or (0, DAY_S)
        return max(rise, wave.start_s or 0), down if wave.end_s is None else min(down, wave.end_s)

    def comes_from(self, fleet: Fleet, wave: Wave) -> str | None:
        """Where vehicles of a row may stand in the morning of a wave: where an earlier day ended; None for the base."""
        if fleet.pulang_ke is None or all(own.days_before <= wave.days_before for own in self.waves):
            return None
        return fleet.pulang_ke

    def escort(self, stage: Stage, kode: str) -> int:
        """Count the officers who escort each trip of a stage by vehicles of a fleet row."""
        own = next(fleet.pengawal for fleet in self.fleet if fleet.kode == kode)
        return stage.pengawal if own is None else own

    def store_at(self, place: str, jenis: str) -> Store | None:
        """Find what is said of a transfer point by its code, or else of its kind; None for nothing."""
        by_code = (row for row in self.simpan if place in row.tempat)
        by_kind = (row for row in self.simpan if row.jenis == jenis and not row.tempat)
        return next(by_code, next(by_kind, None))

    def in_scenario(self, scenario: Scenario) -> Operation:
        """Take the operation to a scenario's weather and vehicles; its closed roads are found on the network.

        Of all scenarios only that one is left: it says what is assumed.
        """
        weather = self.weather
        if scenario.cuaca is not None:
            late = max(scenario.cuaca, weather.late, key=WEATHERS.index)
            weather = WeatherCase(plan=scenario.cuaca, late=late)
        fleet = tuple(
            row.model_copy(update={"count": row.count + scenario.armada.get(row.kode, 0)}) for row in self.fleet
        )
        return self.model_copy(update={"weather": weather, "fleet": fleet, "skenario": (scenario,)})

    @property
    def on_the_way_back(self) -> Operation:
        """The same without aims, and without other ends of the day: there a vehicle goes when it is unloaded."""
        fleet = tuple(row.model_copy(update={"pulang_ke": None}) for row in self.fleet)
        return self.model_copy(update={"fleet": fleet, "tujuan": None})

    @property
    def back_wave(self) -> Wave:
        """The day from which the way back counts, as a wave: voting day."""
        return Wave.model_construct(name="kembali", days_before=0, deadline=dt.time(), buffer_minutes=0.0)

    @property
    def days_earlier(self) -> int:
        """So many days before the day of its wave the first stage is driven."""
        return max((stage.days_earlier for stage in self.stages), default=0)  # of the way back there is none

    @property
    def overnight(self) -> dict[tuple[str, str], int]:
        """(Wave, stage) -> days before voting day on which it is driven, where that is not the day of its wave."""
        earlier = [stage for stage in self.stages if stage.days_earlier]
        days = product(self.waves, earlier)
        return {(wave.name, stage.name): wave.days_before + stage.days_earlier for wave, stage in days}

    def day_of(self, wave: Wave, stage: Stage | None = None) -> dt.date:
        """Date on which a wave is driven, or a stage of it: an earlier one where its boxes lie overnight."""
        earlier = 0 if stage is None else stage.days_earlier
        return self.operation.voting_day - dt.timedelta(days=wave.days_before + earlier)

    def deadline(self, wave: Wave, kode_tps: str, kerawanan: str) -> dt.time:
        """By when the boxes of a TPS of some class must be there on the day of a wave: the earliest that is said."""
        own = (row.deadline for row in self.batas if kode_tps in row.kode_tps or kerawanan in row.kerawanan)
        return min([wave.deadline, *own])


def as_frozen(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Turn the lists of parsed TOML into tuples, so that strict frozen models take them."""
    if isinstance(value, dict):
        return {key: as_frozen(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(as_frozen(item) for item in value)
    return value
