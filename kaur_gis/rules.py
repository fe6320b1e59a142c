"""The three rule files an operation names: kit per election, guard pattern, speed table; as frozen models."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from kaur_gis.config import WEATHERS, Kerawanan, Strict, Sumber, Text, Weather, refuse

Key = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Kmh = Annotated[float, Field(ge=0, le=120)]
KmhByWeather = tuple[Kmh, Kmh, Kmh]
"""Speeds [km/h] in the order of `config.WEATHERS`: kering, hujan, hujan_lebat; 0 means impassable."""


class Count(Strict):
    """A number of pieces that has a source of its own."""

    pieces: Annotated[int, Field(gt=0, le=1_000_000)]
    sumber: Sumber
    source: str = ""


class Size(Strict):
    """What one piece weighs and takes, packed."""

    kg: Annotated[float, Field(gt=0, le=200)]
    m3: Annotated[float, Field(gt=0, le=5)]
    sumber: Sumber
    source: str = ""


class Item(Strict):
    """One kind of thing in the kit, by pieces: for each TPS, PPS (desa) and PPK (kecamatan), and spare.

    The load of a TPS is counted by its boxes (`KitRules.kg_per_kotak`), whatever is in them; `size` is for
    what travels or is kept apart from them, and must be there for every such item.
    """

    key: Key
    nama: Text  # Bahasa Indonesia
    name: Text  # English
    per_tps: Annotated[int, Field(ge=0, le=10_000)]
    per_pps: Count | None = None
    per_ppk: Count | None = None
    spare_per_kabupaten: Count | None = None
    one_per_ballot: bool = False  # `per_tps` is one for each kind of ballot: fewer where fewer kinds are voted on
    size: Size | None = None
    sumber: Sumber
    source: str = ""  # where `per_tps` was read

    @model_validator(mode="after")
    def _what_travels_apart_has_a_size(self) -> Item:
        if self.size is None and any((self.per_pps, self.per_ppk, self.spare_per_kabupaten)):
            refuse("rule_size", "{item} needs a size: not all of it is in the boxes of the TPS", item=self.key)
        return self


class Words(Strict):
    """What something is called, in both languages."""

    nama: Text  # Bahasa Indonesia
    name: Text  # English


class Ballot(Strict):
    """One kind of ballot: one a voter, and a spare."""

    key: Key
    nama: Text
    name: Text
    spare_percent: Annotated[float, Field(ge=0, le=100)]
    kotak: Words | None = None  # its box, where boxes differ: told in brackets where only some kinds are voted on
    by_dapil: bool = False  # printed per electoral district: must never be swapped between them
    spare_per_kabupaten: Count | None = None  # for a repeated vote; of ballots `by_dapil`, in each dapil
    size: Size | None = None
    sumber: Sumber
    source: str = ""

    @model_validator(mode="after")
    def _what_is_kept_apart_has_a_size(self) -> Ballot:
        if self.size is None and self.spare_per_kabupaten:
            refuse("rule_size", "{item} needs a size: not all of it is in the boxes of the TPS", item=self.key)
        return self


class Repeat(Strict):
    """The repeated vote (PSU) of this election."""

    within_days: Annotated[int, Field(ge=1, le=60)]  # after voting day
    sumber: Sumber
    source: str = ""


class KitRules(Strict):
    """What a TPS must receive in one election.

    `rounding` says how voters x spare_percent becomes whole ballots, TPS by TPS.
    """

    name: Text
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    ballots: Annotated[tuple[Ballot, ...], Field(min_length=1)]
    rounding: Literal["up", "nearest", "down"]
    kotak_item: Key  # the item that is the ballot box: the unit of load
    kg_per_kotak: Annotated[float, Field(gt=0, le=200)]  # loaded, with its share of everything else
    m3_per_kotak: Annotated[float, Field(gt=0, le=5)]
    load_sumber: Sumber
    load_source: str = ""
    psu: Repeat | None = None  # None where nothing is known of it: then none can be planned

    @property
    def by_dapil(self) -> bool:
        """Whether any ballot is printed per electoral district."""
        return any(ballot.by_dapil for ballot in self.ballots)

    @model_validator(mode="after")
    def _keys_are_unique(self) -> KitRules:
        keys = [item.key for item in self.items] + [ballot.key for ballot in self.ballots]
        if len(set(keys)) < len(keys):
            refuse("rule_keys", "every key of items and ballots must be unique")
        if self.kotak_item not in {item.key for item in self.items if item.per_tps > 0}:
            refuse("rule_kotak", "kotak_item {item} must be an item with per_tps > 0", item=self.kotak_item)
        for item in self.items:
            if item.one_per_ballot and item.per_tps != len(self.ballots):
                refuse("rule_one_per_ballot", "item {item}: per_tps is not one for each ballot", item=item.key)
        return self


class ClassPattern(Strict):
    """Officers for a group of TPS of one class, and which TPS may form a group."""

    officers: Annotated[int, Field(ge=1, le=100)]
    tps_per_group: Annotated[int, Field(ge=1, le=20)]
    within: Literal["kecamatan", "desa"] = "kecamatan"  # a group never leaves it
    max_minutes: Annotated[float, Field(gt=0, le=24 * 60)] | None = None  # between any two TPS of a group, either way
    split_minutes: Annotated[float, Field(ge=0, le=60)] = 0.0  # of road, to keep the TPS of a point in one group


class GuardPattern(Strict):
    """How many officers guard how many TPS, by class (pola pengamanan)."""

    name: Text
    kelas: dict[Kerawanan, ClassPattern]
    linmas_per_tps: Annotated[int, Field(ge=0, le=10)]
    kpps_per_tps: Annotated[int, Field(ge=0, le=20)] = 7  # the committee of a TPS
    sumber: Sumber
    source: Text

    @model_validator(mode="after")
    def _every_class_is_there(self) -> GuardPattern:
        if set(self.kelas) != {"kurang_rawan", "rawan", "sangat_rawan"}:
            refuse("rule_classes", "kelas must have kurang_rawan, rawan and sangat_rawan")
        return self


class SurfaceSpeeds(Strict):
    """Speeds on one class of road, by surface; a road whose surface is not known is never the best case."""

    paved: KmhByWeather
    unknown: KmhByWeather
    unpaved: KmhByWeather
    sumber: Sumber | None = None  # where a row is known otherwise than the rest of its vehicle
    source: str = ""

    @model_validator(mode="after")
    def _heavier_weather_is_never_faster(self) -> SurfaceSpeeds:
        for name in ("paved", "unknown", "unpaved"):
            dry, rain, heavy = getattr(self, name)
            if not dry >= rain >= heavy:
                refuse("rule_rain", "{surface}: heavier weather must not be faster", surface=name)
        if any(known < unknown for known, unknown in zip(self.paved, self.unknown, strict=True)):
            refuse("rule_unknown", "unknown must not be faster than paved")
        return self


FERRY = "ferry"
"""Road class of water legs."""


class Vehicle(Strict):
    """One kind of vehicle: what it may use and how fast it is."""

    nama: Text
    name: Text
    moves_as: Literal["motor_vehicle", "motorcycle", "foot", "boat"]  # which access tag binds it
    weight_t: Annotated[float, Field(gt=0, le=60)]
    width_m: Annotated[float, Field(gt=0, le=4)]
    ford_kmh: KmhByWeather
    kmh: dict[str, SurfaceSpeeds]  # OSM highway value -> speeds; a class that is absent can't be used
    sumber: Sumber
    source: str = ""

    @property
    def floats(self) -> bool:
        """Whether it may go by water: after counting not in the dark, wherever it then goes."""
        return self.moves_as == "boat" or FERRY in self.kmh


class SpeedTable(Strict):
    """Speeds by vehicle, road class, surface and weather, and how surfaces are read."""

    vehicles: dict[Key, Vehicle]
    carry_kmh: KmhByWeather  # carrying boxes by hand from the road to the stop
    paved_surfaces: tuple[str, ...]
    unpaved_surfaces: tuple[str, ...]
    bad_smoothness: tuple[str, ...]  # these, and bad_tracktypes, count as unpaved whatever the surface
    bad_tracktypes: tuple[str, ...]
    sumber: Sumber
    source: str = ""

    def carried_s(self, metres: NDArray[np.float64] | float, weather: Weather) -> NDArray[np.int64]:
        """How long boxes are carried so far in some weather, one way [s], rounded up; as at 1 km/h where nobody can."""
        seconds = np.multiply(metres, 3.6) / (self.carry_kmh[WEATHERS.index(weather)] or 1.0)
        return np.ceil(seconds).astype(np.int64)
