"""Days and hours: weather, waves and stages, there and back, daylight, and what waits on the way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from kaur_gis.config.words import (
    DAY_S,
    WEATHERS,
    Akses,
    Kerawanan,
    KodeKec,
    Minutes,
    Strict,
    Sumber,
    Text,
    Weather,
    refuse,
    seconds_of_day,
)

NIGHTS = 60
"""So many nights are known after voting day."""


class WeatherCase(Strict):
    """The weather the plan is made for, and the heavier one that gives the late end of each range."""

    plan: Weather
    late: Weather

    @model_validator(mode="after")
    def _late_is_not_lighter(self) -> WeatherCase:
        if WEATHERS.index(self.late) < WEATHERS.index(self.plan):
            refuse("rule_late", "weather.late must not be lighter than weather.plan")
        return self


class Wave(Strict):
    """One day of distribution: which TPS must go then, and until when they must have arrived.

    A TPS that no wave forces, neither by its code nor by its access, goes with the last wave that is in time. A part of
    a wave takes only those of its TPS that closed roads keep from being served in all its hours together.
    """

    name: Text
    days_before: Annotated[int, Field(ge=1, le=30)]
    akses: tuple[Akses, ...] = ()  # TPS of this access must go with this wave
    kode_tps: tuple[Text, ...] = ()  # and these, whatever their access
    deadline: dt.time
    buffer_minutes: Minutes = 0.0  # the plan arrives this much before the deadline
    part_of: Text | None = None  # of a part: its wave
    start: dt.time | None = None  # nobody leaves before
    end: dt.time | None = None  # everybody is back by then

    @property
    def whole(self) -> str:
        """Name of the wave of which this is a part, or its own."""
        return self.part_of or self.name

    @property
    def start_s(self) -> int | None:
        """Before when nobody leaves [s from midnight of its day]; None for no such hour."""
        return None if self.start is None else seconds_of_day(self.start)

    @property
    def end_s(self) -> int | None:
        """By when everybody is back [s from midnight of its day]; None for no such hour."""
        return None if self.end is None else seconds_of_day(self.end)


class BackPart(Wave):
    """Part of the way back: its hours are counted from midnight of voting day on, and may be of later days [s]."""

    begins_s: int | None = None
    ends_s: int | None = None

    @property
    def start_s(self) -> int | None:
        """As of any wave."""
        return self.begins_s

    @property
    def end_s(self) -> int | None:
        """As of any wave."""
        return self.ends_s


class Sooner(Strict):
    """TPS whose boxes must come sooner than the others of their wave (`[[batas]]`), on whatever day they go."""

    deadline: dt.time
    kerawanan: tuple[Kerawanan, ...] = ()  # all TPS of these classes
    kode_tps: tuple[Text, ...] = ()  # and these
    sumber: Sumber

    @model_validator(mode="after")
    def _names_somebody(self) -> Sooner:
        if not self.kerawanan and not self.kode_tps:
            refuse("rule_sooner", "[[batas]] must name TPS, by kerawanan or kode_tps")
        return self


class Stage(Strict):
    """One leg of the chain gudang -> PPK -> TPS: from where to where, with which vehicles, when."""

    name: Text
    origin: Literal["gudang", "ppk", "pps"]
    target: Literal["ppk", "pps", "tps"]
    start: dt.time
    end: dt.time  # every vehicle is back at its base by then
    loading_minutes: Minutes  # before each departure
    handover_minutes_per_stop: Minutes
    handover_minutes_per_tps: Minutes
    days_earlier: Annotated[int, Field(ge=0, le=7)] = 0  # than the day of its wave: boxes lie overnight where it ends
    daylight_only: bool = False  # nothing of it is driven in the dark
    pengawal: Annotated[int, Field(ge=0, le=50)] = 0  # officers who escort each trip
    kecamatan: tuple[KodeKec, ...] = ()  # whose boxes alone it takes, instead of a stage from the same kind of place
    sumber: Sumber

    @property
    def start_s(self) -> int:
        """When loading begins at the earliest [s from midnight of the day]."""
        return seconds_of_day(self.start)

    @property
    def end_s(self) -> int:
        """When every vehicle is back at the latest [s from midnight of the day]."""
        return seconds_of_day(self.end)

    @property
    def earlier_s(self) -> int:
        """How long before midnight of the day of its wave its own midnight is [s]."""
        return self.days_earlier * DAY_S

    @property
    def armada(self) -> str:
        """Stage whose fleet rows drive it."""
        return self.name

    @model_validator(mode="after")
    def _day_has_hours(self) -> Stage:
        if self.start_s >= self.end_s:
            refuse("rule_hours", "start must be before end, on the same day")
        return self


class AfterCounting:
    """Hours of a leg of the way back, whose days count from voting day."""

    if TYPE_CHECKING:  # who has them says which of its fields they are: their order is that of its file
        start_day: int
        start: dt.time
        end_day: int
        end: dt.time

    @property
    def start_s(self) -> int:
        """When the first vehicle is made ready at the earliest [s from midnight of voting day]."""
        return self.start_day * DAY_S + seconds_of_day(self.start)

    @property
    def end_s(self) -> int:
        """When every vehicle is back at the latest [s from midnight of voting day]."""
        return self.end_day * DAY_S + seconds_of_day(self.end)


class Kembali(AfterCounting, Strict):
    """One leg of the way back after counting (`[[kembali]]`): TPS -> (PPS ->) PPK -> gudang.

    Vehicles stand where it ends (`target`), fetch what waits at `origin`, and come home with it. The copies of the
    results (``muatan = "salinan"``) go by other vehicles than the boxes. Days count from voting day.
    """

    name: Text
    muatan: Literal["kotak", "salinan"] = "kotak"
    origin: Literal["tps", "pps", "ppk"]
    target: Literal["pps", "ppk", "gudang"]
    armada: Text  # the stage whose fleet rows drive it; its own name where it has rows of its own
    start_day: Annotated[int, Field(ge=0, le=30)] = 0
    start: dt.time  # nothing is fetched before: counting is over by then
    end_day: Annotated[int, Field(ge=0, le=30)] = 0
    end: dt.time  # every vehicle is back by then
    loading_minutes: Minutes  # before each departure; unloading what it brought takes as long
    handover_minutes_per_stop: Minutes
    handover_minutes_per_tps: Minutes
    kg_per_tps: Annotated[float, Field(gt=0, le=100)] = 1.0  # of the copies of one TPS
    m3_per_tps: Annotated[float, Field(gt=0, le=1)] = 0.01
    pengawal: Annotated[int, Field(ge=0, le=50)] = 0  # officers who escort each trip
    kecamatan: tuple[KodeKec, ...] = ()  # whose boxes alone it takes, as for a stage of the way out
    storm_waits: bool = True  # in the heavier weather nothing is loaded in the dark: it waits for light
    sumber: Sumber

    @property
    def driven(self) -> DrivenBack:
        """The same as a stage of its vehicles: they start where the boxes are wanted, and drive to where they wait."""
        keys = ("name", "start", "end", "loading_minutes", "handover_minutes_per_stop", "handover_minutes_per_tps")
        own = {key: getattr(self, key) for key in (*keys, "pengawal", "kecamatan", "sumber", "start_day", "end_day")}
        return DrivenBack(**own, origin=self.target, target=self.origin, armada_stage=self.armada)

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Kembali:
        if self.start_s >= self.end_s:
            refuse("rule_hours", "start must be before end")
        return self


class DrivenBack(AfterCounting, Stage):
    """A leg of the way back, as its vehicles drive it: origin is their base, target where they fetch."""

    start_day: int
    end_day: int
    armada_stage: str

    @property
    def armada(self) -> str:
        """Stage whose fleet rows drive it."""
        return self.armada_stage


class Daylight(Strict):
    """When it is light: declared, for the day and the place, not computed."""

    sunrise: dt.time
    sunset: dt.time
    sumber: Sumber
    source: str = ""

    def dark_s(self, before: int = 0) -> tuple[tuple[int, int], ...]:
        """Nights from midnight of voting day on, or of so many days before it, as spans [s from that midnight]."""
        rise, down = seconds_of_day(self.sunrise), seconds_of_day(self.sunset)
        days = range(before + NIGHTS + 1)
        return ((0, rise), *((down + day * DAY_S, rise + (day + 1) * DAY_S) for day in days))

    @model_validator(mode="after")
    def _sun_rises_first(self) -> Daylight:
        if self.sunrise >= self.sunset:
            refuse("rule_daylight", "sunrise must be before sunset")
        return self


class Store(Strict):
    """What a transfer point can hold, and until when (`[[simpan]]`); of what is not said there is no limit."""

    jenis: Literal["ppk", "pps"]
    tempat: tuple[Text, ...] = ()  # of these places; none: of every place of its kind
    max_kotak: Annotated[int, Field(ge=0, le=1_000_000)] | None = None  # boxes that lie there on one day
    until: dt.time | None = None  # on the way out the last vehicle has left by then
    dry: bool = True
    guarded_overnight: bool = True
    sumber: Sumber
