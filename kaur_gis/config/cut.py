"""Closed roads, scenarios, and the chances of random rains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, NaiveDatetime, model_validator

from kaur_gis.config.words import Chance, Strict, Sumber, Text, Weather, refuse

MOST_OSM_WAY = 2**63 - 1  # as layers hold them


class RoadClosure(Strict):
    """A closed road (`[[tutup]]`): where, for whom, and from when until when.

    `lokasi` is ``titik:LAT,LON,METRES`` (all road within so many metres of a point), ``jalan:NAME`` (the roads of a
    name or a number), ``way:ID`` (an OSM way) or ``area:FILE`` (all road inside the polygons of a GeoJSON file).
    """

    lokasi: Annotated[str, Field(max_length=300, pattern=r"^(titik|jalan|way|area):.*\S.*$")]
    kendaraan: tuple[Text, ...] = ()  # vehicles of the speed table; none: all of them
    mulai: NaiveDatetime | None = None  # local time; None: since ever
    selesai: NaiveDatetime | None = None  # None: until further notice
    malam: bool = False  # in the dark alone
    sebab: Annotated[str, Field(max_length=200)] = ""
    sumber: Sumber = "asumsi"

    @property
    def kind(self) -> str:
        """What `lokasi` is: titik, jalan, way or area."""
        return self.lokasi.partition(":")[0]

    @property
    def value(self) -> str:
        """What `lokasi` says after the colon."""
        return self.lokasi.partition(":")[2].strip()

    @property
    def circle(self) -> tuple[float, float, float]:
        """Latitude, longitude and radius [m] of a ``titik``."""
        lat, lon, metres = (float(part) for part in self.value.split(","))
        return lat, lon, metres

    @model_validator(mode="after")
    def _says_where_and_when(self) -> RoadClosure:
        if self.kind == "titik":
            try:
                lat, lon, metres = self.circle
                sound = abs(lat) <= 90 and abs(lon) <= 180 and 0 < metres <= 100_000  # noqa: PLR2004 - the globe, and the size of a kabupaten
            except ValueError:
                sound = False
            if not sound:
                refuse("rule_circle", "titik must be titik:LAT,LON,METRES, e.g. titik:-4.79,103.31,200")
        # 0 is what roads bear that are no OSM way: it would close all of these
        if self.kind == "way" and not (
            self.value.isascii() and self.value.isdigit() and 0 < int(self.value) <= MOST_OSM_WAY
        ):
            refuse("rule_osm_way", "way must be way:ID, the number of an OSM way")
        if self.mulai is not None and self.selesai is not None and self.mulai >= self.selesai:
            refuse("rule_closed_hours", "mulai must be before selesai")
        return self


class Scenario(Strict):
    """What if (`[[skenario]]`): weather, closed roads and vehicles other than planned, on top of the operation."""

    nama: Text
    cuaca: Weather | None = None  # the weather that is planned for; None: as in the operation
    tutup: Annotated[tuple[RoadClosure, ...], Field(max_length=100)] = ()
    armada: dict[str, Annotated[int, Field(ge=-500, le=500)]] = {}  # Fleet.kode = vehicles more or fewer at each base
    sumber: Sumber = "asumsi"


class RainChances(Strict):
    """What random rains do (`[hujan]`): assumed, unless the operation file says better."""

    lebat: Chance = 0.3  # that it rains heavily on a day
    jembatan: Chance = 0.005  # on such a day, that a bridge is closed
    lintasan: Chance = 0.3  # that a ford can't be crossed
    tanah_per_km: Chance = 0.01  # that a kilometre of unpaved road is closed
    jalan_per_km: Chance = 0.001  # of any other road
    jumlah: Annotated[int, Field(ge=1, le=100_000)] = 500  # rains that are drawn
    benih: Annotated[int, Field(ge=0)] = 1  # seed: the same rains again
    sumber: Sumber = "asumsi"
