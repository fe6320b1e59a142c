"""Vehicles, and what the aims of their routes are worth to each other."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from kaur_gis.config.words import Akses, Rupiah, Strict, Sumber, Text, refuse


class Fleet(Strict):
    """Vehicles of one kind at the bases of one stage.

    `count` vehicles stand at every place of kind `Stage.origin`, or only at the places of `bases`.
    """

    kode: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,6}$")]
    name: Text
    stage: Text
    vehicle: Text  # a vehicle of the speed table
    bases: tuple[str, ...] = ()
    count: Annotated[int, Field(ge=0, le=500)]
    max_kotak: Annotated[int, Field(gt=0, le=10_000)]
    max_kg: Annotated[float, Field(gt=0, le=100_000)]
    max_m3: Annotated[float, Field(gt=0, le=1_000)]
    akses: Annotated[tuple[Akses, ...], Field(min_length=1)]  # which TPS it can reach
    max_trips: Annotated[int, Field(ge=1, le=50)] = 10
    rusak: Annotated[tuple[Text, ...], Field(max_length=500)] = ()  # of these, those that make no (more) trip
    pengawal: Annotated[int, Field(ge=0, le=50)] | None = None  # officers who escort each trip, where not as its stage
    daylight_only: bool = False  # leaves after sunrise and is back before sunset: a boat, a vehicle without lamps
    jam_sopir: Annotated[float, Field(gt=0, le=24)] | None = None  # hours of a driver's day, on the way out and back
    pulang_ke: Text | None = None  # place where its day ends, after counting too; None: at its base
    biaya_tetap: Rupiah = 0  # a vehicle, a day; after counting 24 hours begun, whatever the date
    biaya_per_km: Rupiah = 0
    sumber: Sumber

    def broken_at(self, base: str) -> set[int]:
        """Numbers of the vehicles of this row at a base that broke down."""
        parts = (vehicle.rpartition("-") for vehicle in self.rusak)
        return {int(number) for row, _, number in parts if row == f"{base}-{self.kode}"}

    @model_validator(mode="after")
    def _broken_exist(self) -> Fleet:
        for vehicle in self.rusak:
            row, _, number = vehicle.rpartition("-")
            if not (row.endswith(f"-{self.kode}") and number.isdecimal() and 1 <= int(number) <= self.count):
                refuse(
                    "rule_fleet_broken",
                    "fleet {fleet}: {vehicle} is none of its {count} vehicles",
                    fleet=self.kode,
                    vehicle=vehicle,
                    count=str(self.count),
                )
        return self


class Tujuan(Strict):
    """What the aims of the way out are worth to each other (`[tujuan]`), in the currency of the vehicles' costs.

    To serve every TPS always comes first. Without this table a TPS that is not late in the heavier weather is worth
    more than any vehicles, a vehicle more than any hours, and costs decide nothing.
    """

    terlambat: Rupiah  # each TPS that is late, each driver out too long, in the heavier weather
    kendaraan: Rupiah  # each vehicle, each day, beside its `biaya_tetap`
    jam: Annotated[int, Field(ge=1, le=100_000_000)]  # each hour of loading, driving and handing over
    sumber: Sumber


class Solver(Strict):
    """How long routes are searched: a number of iterations, never seconds, so that runs repeat."""

    iterations: Annotated[int, Field(ge=1, le=1_000_000)] = 320
