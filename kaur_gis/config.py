"""The operation: one TOML file that says everything about an election day, as frozen models.

Units stand in the names. Times are local times of the kabupaten. Paths are relative to the
operation file's folder and stay inside it, unless `layers.allow_outside` says otherwise.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal, LiteralString, NoReturn

from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, model_validator
from pydantic_core import PydanticCustomError

Lang = Literal["id", "en"]
Sumber = Literal["ukur", "terbit", "simpulan", "perkiraan", "contoh", "asumsi"]
"""How a value is known, best first: measured, published, inferred, estimated, example, assumed."""
SUMBER_ORDER: tuple[Sumber, ...] = ("ukur", "terbit", "simpulan", "perkiraan", "contoh", "asumsi")
Weather = Literal["kering", "hujan", "hujan_lebat"]
WEATHERS: tuple[Weather, ...] = ("kering", "hujan", "hujan_lebat")
Akses = Literal["biasa", "sulit"]
Kerawanan = Literal["kurang_rawan", "rawan", "sangat_rawan"]
KERAWANAN: tuple[Kerawanan, ...] = ("kurang_rawan", "rawan", "sangat_rawan")
Sinyal = Literal["kuat", "sedang", "lemah", "tidak_ada", "belum_diketahui"]
SINYAL: tuple[Sinyal, ...] = ("kuat", "sedang", "lemah", "tidak_ada", "belum_diketahui")
Bawaslu = Literal["hak_pilih", "keamanan", "kampanye", "netralitas", "logistik", "lokasi", "listrik_internet"]
BAWASLU: tuple[Bawaslu, ...] = (
    "hak_pilih",
    "keamanan",
    "kampanye",
    "netralitas",
    "logistik",
    "lokasi",
    "listrik_internet",
)
"""Bawaslu's seven variables of 2024: whether a TPS is flagged for one stands in the column ``bawaslu_<variable>``."""
SourceKey = Literal[
    "kecamatan",
    "desa",
    "tempat",
    "tps",
    "personel",
    "tanda",
    "sungai",
    "puncak",
    "batas",
    "nama_tempat",
    "sinyal",
    "cakupan",
    "relay",
]
PlaceKind = Literal["gudang", "ppk", "pps", "polsek"]

Metres = Annotated[float, Field(ge=0, le=1_000_000)]
Minutes = Annotated[float, Field(ge=0, le=24 * 60)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
RelativePath = Annotated[str, Field(min_length=1, max_length=300)]


def refuse(rule: LiteralString, said: LiteralString, **values: str) -> NoReturn:
    """Refuse a model whose keys do not go together.

    Parameters
    ----------
    rule : str
        ``rule_<name>``: the key of the sentence in the catalogue.
    said : str
        The same for developers.
    **values
        What both name.

    Raises
    ------
    PydanticCustomError
        Always.
    """
    raise PydanticCustomError(rule, said, dict(values))


class Strict(BaseModel):
    """Base of every model that is read from a TOML file: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class OperationHead(Strict):
    """What is planned, when, and in which language it is written."""

    name: Text
    voting_day: dt.date
    voting_opens: dt.time
    lang: Lang = "id"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    notice: str = ""  # shown on every map, sheet and summary, beside the notices the data call for


class Region(Strict):
    """Where it is: codes, the study area and the CRS in which metres are measured."""

    kabupaten: Text
    kode_kab: Annotated[str, Field(pattern=r"^\d{2}\.\d{2}$")]
    kode_kab_bps: Annotated[str, Field(pattern=r"^\d{4}$")]
    metric_crs: Annotated[str, Field(pattern=r"^EPSG:\d{4,5}$")]
    west_lon: Annotated[float, Field(ge=-180, le=180)]
    south_lat: Annotated[float, Field(ge=-90, le=90)]
    east_lon: Annotated[float, Field(ge=-180, le=180)]
    north_lat: Annotated[float, Field(ge=-90, le=90)]
    max_outside_m: Metres = 500.0  # how far a TPS may lie outside the polygon of its kecamatan unnoticed

    @model_validator(mode="after")
    def _box_is_a_box(self) -> Region:
        if self.west_lon >= self.east_lon or self.south_lat >= self.north_lat:
            refuse("rule_box", "west_lon < east_lon and south_lat < north_lat must hold")
        return self


class Figures(Strict):
    """What the decree states of a kecamatan or an electoral district; a list that differs is refused."""

    tps: Annotated[int, Field(ge=0)] | None = None
    pemilih: Annotated[int, Field(ge=0)] | None = None


class Election(Strict):
    """Which election, by its rule file, and the figures the decree states."""

    kit: RelativePath
    max_voters_per_tps: Annotated[int, Field(gt=0, le=2000)]
    expected_tps: Annotated[int, Field(gt=0)] | None = None
    expected_voters: Annotated[int, Field(gt=0)] | None = None
    kecamatan: dict[str, Figures] = {}  # by kode_kec
    dapil: dict[str, Figures] = {}  # by the name that the kecamatan give it


class LayerFiles(Strict):
    """The tables and polygons; file names relative to the operation file."""

    kecamatan: RelativePath
    desa: RelativePath
    tempat: RelativePath
    tps: RelativePath
    tanda: RelativePath | None = None  # tags of TPS that stand in a file of their own
    sungai: RelativePath | None = None  # rivers, lakes and the coast, for the map
    puncak: RelativePath | None = None  # hills and mountains by name, for the map
    batas: RelativePath | None = None  # kabupaten and kecamatan as OpenStreetMap draws them
    nama_tempat: RelativePath | None = None  # places as OpenStreetMap names them
    personel: RelativePath | None = None  # officers at hand; without it no need is held against people
    sinyal: RelativePath | None = None  # statements on the signal of TPS, by operator, source and day
    cakupan: RelativePath | None = None  # points and areas of coverage
    relay: RelativePath | None = None  # sites where a radio relay could stand
    allow_outside: bool = False  # whether a path may leave the operation's folder


class Source(Strict):
    """How one file is read, where it has not our own columns: everything here may be absent."""

    as_of: dt.date | None = None  # date of the data
    layer: Text | None = None  # layer of a GeoPackage or sheet of a workbook, where there are several
    crs: Annotated[str, Field(pattern=r"^EPSG:\d{4,6}$")] | None = None  # where the file does not state it
    decimal_comma: bool = False  # whether its decimals are written with a comma, as in -4,77775
    columns: dict[str, Text] = {}  # our column = its name in the file
    fixed: dict[str, Text] = {}  # our column = the value of every row


class RoadSource(Strict):
    """Which roads: the schematic tables, an OSM file, or a download from Overpass.

    `kind` decides which of the other keys are read: ``schematic`` wants `nodes` and `edges`,
    ``osm`` wants `path`, ``overpass`` wants `url`.
    """

    kind: Literal["schematic", "osm", "overpass"]
    nodes: RelativePath | None = None
    edges: RelativePath | None = None
    path: RelativePath | None = None
    url: str | None = None
    timeout_s: Annotated[int, Field(ge=1, le=3600)] = 180  # the longest silence of that server
    as_of: dt.date | None = None  # date of the road data, where the file itself does not say
    speeds: RelativePath
    buffer_m: Metres = 2000.0  # roads this far outside the kecamatan are kept
    max_snap_m: Metres = 3000.0  # a stop farther from every usable road is unserved

    @model_validator(mode="after")
    def _kind_has_its_keys(self) -> RoadSource:
        wanted = {"schematic": ("nodes", "edges"), "osm": ("path",), "overpass": ("url",)}[self.kind]
        missing = [key for key in wanted if getattr(self, key) is None]
        if missing:
            refuse("rule_roads", "roads.kind = {kind} needs {missing}", kind=self.kind, missing=", ".join(missing))
        return self


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


DAY_S = 24 * 3600


def seconds_of_day(time: dt.time) -> int:
    """Seconds from midnight."""
    return time.hour * 3600 + time.minute * 60 + time.second


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
    daylight_only: bool = False  # nothing of it is driven in the dark
    pengawal: Annotated[int, Field(ge=0, le=50)] = 0  # officers who escort each trip
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
    def armada(self) -> str:
        """Stage whose fleet rows drive it."""
        return self.name

    @model_validator(mode="after")
    def _day_has_hours(self) -> Stage:
        if self.start_s >= self.end_s:
            refuse("rule_hours", "start must be before end, on the same day")
        return self


class Kembali(Strict):
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
    storm_waits: bool = True  # in the heavier weather nothing is loaded in the dark: it waits for light
    sumber: Sumber

    @property
    def start_s(self) -> int:
        """When the first vehicle is made ready at the earliest [s from midnight of voting day]."""
        return self.start_day * DAY_S + seconds_of_day(self.start)

    @property
    def end_s(self) -> int:
        """When every vehicle is back at the latest [s from midnight of voting day]."""
        return self.end_day * DAY_S + seconds_of_day(self.end)

    @property
    def driven(self) -> DrivenBack:
        """The same as a stage of its vehicles: they start where the boxes are wanted, and drive to where they wait."""
        keys = ("name", "start", "end", "loading_minutes", "handover_minutes_per_stop", "handover_minutes_per_tps")
        own = {key: getattr(self, key) for key in (*keys, "pengawal", "sumber", "start_day", "end_day")}
        return DrivenBack(**own, origin=self.target, target=self.origin, armada_stage=self.armada)

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Kembali:
        if self.start_s >= self.end_s:
            refuse("rule_hours", "start must be before end")
        return self


class DrivenBack(Stage):
    """A leg of the way back, as its vehicles drive it: origin is their base, target where they fetch."""

    start_day: int
    end_day: int
    armada_stage: str

    @property
    def start_s(self) -> int:
        """When loading begins at the earliest [s from midnight of voting day]."""
        return self.start_day * DAY_S + seconds_of_day(self.start)

    @property
    def end_s(self) -> int:
        """When every vehicle is back at the latest [s from midnight of voting day]."""
        return self.end_day * DAY_S + seconds_of_day(self.end)

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

    def dark_s(self, days: int) -> tuple[tuple[int, int], ...]:
        """Nights from midnight of a day on, as spans [s from that midnight]."""
        rise, down = seconds_of_day(self.sunrise), seconds_of_day(self.sunset)
        return ((0, rise), *((down + day * DAY_S, rise + (day + 1) * DAY_S) for day in range(days + 1)))

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


OUT_ALONE: dict[str, int | None] = {"jam_sopir": None, "pulang_ke": None, "biaya_tetap": 0, "biaya_per_km": 0}
"""Keys of a fleet row that hold on the way out, and what each is without being said."""
Rupiah = Annotated[int, Field(ge=0, le=100_000_000)]


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
    jam_sopir: Annotated[float, Field(gt=0, le=24)] | None = None  # hours from first loading until home; on the way out
    pulang_ke: Text | None = None  # place where its day ends on the way out; None: at its base
    biaya_tetap: Rupiah = 0  # a vehicle, a day on the way out
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


class KerawananRule(Strict):
    """One line of the ordered rule list: the first line that holds decides the class.

    Every condition that is given must hold; the reasons of all lines that hold and name the
    deciding class are shown together.
    """

    kelas: Kerawanan
    sebab: Text
    reason: str = ""  # `sebab` in English, for a plan in that language
    psu_sebelumnya: bool | None = None
    akses: Akses | None = None
    sinyal: tuple[Sinyal, ...] | None = None
    bawaslu: Annotated[tuple[Bawaslu, ...], Field(min_length=1)] | None = None  # Bawaslu flags the TPS for these
    bawaslu_at_least: Annotated[int, Field(ge=1, le=len(BAWASLU))] = 1  # for so many of them


class KerawananRules(Strict):
    """The ordered rule list, and the class of a TPS for which no line holds."""

    rules: tuple[KerawananRule, ...]
    otherwise: Kerawanan
    otherwise_sebab: Text
    otherwise_reason: str = ""  # the same in English


class GuardFiles(Strict):
    """The pattern file, with which vehicle guards move, and their hours on voting day."""

    pattern: RelativePath
    vehicle: Text
    reaction_minutes: Annotated[float, Field(gt=0, le=24 * 60)] | None = None  # a Polsek must reach each TPS within
    duty_from: dt.time | None = None  # hours at the posts; None where nobody has said
    duty_until: dt.time | None = None


class Komunikasi(Strict):
    """How results are sent from where there is no signal (`[komunikasi]`): who needs it, how far, and who carries."""

    start: dt.time  # couriers leave from then: counting is over and the forms are photographed
    start_day: Annotated[int, Field(ge=0, le=30)] = 0  # days after voting day
    vehicles: Annotated[tuple[Text, ...], Field(min_length=1)] = ("jalan_kaki", "motor")  # of the speed table
    max_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 60.0  # to a place with signal, at most
    needs: Annotated[tuple[Sinyal, ...], Field(min_length=1)] = ("lemah", "tidak_ada")  # TPS that can't send
    enough: Annotated[tuple[Sinyal, ...], Field(min_length=1)] = ("kuat",)  # signal from which one can
    max_stops: Annotated[int, Field(ge=1, le=5)] = 3  # points with TPS that one courier serves
    handover_minutes: Minutes = 5.0  # at each further point, each way
    send_minutes_per_tps: Minutes = 5.0  # at the place with signal
    radio_range_m: Metres = 0.0  # of an HT radio, as the crow flies; 0: there are none
    post_range_m: Metres = 0.0  # between two relay posts; 0: as of an HT radio
    radios: Annotated[int, Field(ge=0, le=1000)] | None = None  # relay posts that there are; None: not said
    sumber: Sumber

    @model_validator(mode="after")
    def _enough_is_no_need(self) -> Komunikasi:
        if both := sorted(set(self.needs) & set(self.enough)):
            refuse("rule_signal", "komunikasi: {both} can't both need help and be enough", both=", ".join(both))
        return self

    @property
    def start_s(self) -> int:
        """When couriers leave [s from midnight of voting day]."""
        return self.start_day * DAY_S + seconds_of_day(self.start)


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
                msg = "titik must be titik:LAT,LON,METRES, e.g. titik:-4.79,103.31,200"
                raise ValueError(msg)
        if self.kind == "way" and not (self.value.isascii() and self.value.isdigit()):
            msg = "way must be way:ID, the number of an OSM way"
            raise ValueError(msg)
        if self.mulai is not None and self.selesai is not None and self.mulai >= self.selesai:
            msg = "mulai must be before selesai"
            raise ValueError(msg)
        return self


class Scenario(Strict):
    """What if (`[[skenario]]`): weather, closed roads and vehicles other than planned, on top of the operation."""

    nama: Text
    cuaca: Weather | None = None  # the weather that is planned for; None: as in the operation
    tutup: Annotated[tuple[RoadClosure, ...], Field(max_length=100)] = ()
    armada: dict[str, Annotated[int, Field(ge=-500, le=500)]] = {}  # Fleet.kode = vehicles more or fewer at each base
    sumber: Sumber = "asumsi"


Chance = Annotated[float, Field(ge=0, le=1)]


class RainChances(Strict):
    """What random rains do (`[hujan]`): assumed, unless the operation file says better."""

    lebat: Chance = 0.3  # that it rains heavily on a day
    jembatan: Chance = 0.005  # on such a day, that a bridge is closed
    lintasan: Chance = 0.3  # that a ford can't be crossed
    tanah_per_km: Chance = 0.01  # that a kilometre of unpaved road is closed
    jalan_per_km: Chance = 0.001  # of any other road
    jumlah: Annotated[int, Field(ge=1, le=100_000)] = 200  # rains that are drawn
    benih: Annotated[int, Field(ge=0)] = 1  # seed: the same rains again
    sumber: Sumber = "asumsi"


class Solver(Strict):
    """How long routes are searched: a number of iterations, never seconds, so that runs repeat."""

    iterations: Annotated[int, Field(ge=1, le=1_000_000)] = 500


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
        if self.stages[0].origin != "gudang" or self.stages[-1].target != "tps":
            refuse("rule_stages", "stages must begin at a gudang and end at the tps")
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
    def _way_back_is_a_way(self) -> Operation:
        origins = {stage.name: stage.origin for stage in self.stages} | {row.name: row.target for row in self.kembali}
        for muatan in ("kotak", "salinan"):
            rows = [row for row in self.kembali if row.muatan == muatan]
            ends = ["tps", *(row.target for row in rows)]
            if rows and (ends[:-1] != [row.origin for row in rows] or ends[-1] != "gudang"):
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
        if self.kembali and self.daylight is None:
            refuse("rule_back_daylight", "the way back needs to know when it is light: [daylight]")
        return self

    @model_validator(mode="after")
    def _ways_out_alone(self) -> Operation:
        stages = {stage.name for stage in self.stages}
        for fleet in self.fleet:
            said = [key for key in OUT_ALONE if getattr(fleet, key)]
            if said and fleet.stage not in stages:
                refuse(
                    "rule_fleet_out",
                    "fleet {fleet}: {keys} is said of the way out alone, and it drives only the way back",
                    fleet=fleet.kode,
                    keys=", ".join(said),
                )
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

    def out_s(self, stage: Stage, fleet: Fleet, wave: Wave | None) -> tuple[int, int] | None:
        """From when until when vehicles may be out by `light_s` and the hours of a wave [s from midnight]."""
        light = self.light_s(stage, fleet)
        if wave is None or (wave.start, wave.end) == (None, None):
            return light
        rise, down = light or (0, DAY_S)
        start_s = seconds_of_day(wave.start) if wave.start else rise
        return max(rise, start_s), min(down, seconds_of_day(wave.end)) if wave.end else down

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
        """Take the operation to a scenario's weather and vehicles; its closed roads are found on the network."""
        weather = self.weather
        if scenario.cuaca is not None:
            late = max(scenario.cuaca, weather.late, key=WEATHERS.index)
            weather = WeatherCase(plan=scenario.cuaca, late=late)
        fleet = tuple(
            row.model_copy(update={"count": row.count + scenario.armada.get(row.kode, 0)}) for row in self.fleet
        )
        return self.model_copy(update={"weather": weather, "fleet": fleet, "skenario": ()})

    @property
    def on_the_way_back(self) -> Operation:
        """The same without what is said of the way out alone: driver hours, other ends of the day, costs and aims."""
        fleet = tuple(row.model_copy(update=OUT_ALONE) for row in self.fleet)
        return self.model_copy(update={"fleet": fleet, "tujuan": None})

    @property
    def back_wave(self) -> Wave:
        """The day from which the way back counts, as a wave: voting day."""
        return Wave.model_construct(name="kembali", days_before=0, deadline=dt.time(), buffer_minutes=0.0)

    def day_of(self, wave: Wave) -> dt.date:
        """Date on which a wave is driven."""
        return self.operation.voting_day - dt.timedelta(days=wave.days_before)


def as_frozen(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Turn the lists of parsed TOML into tuples, so that strict frozen models take them."""
    if isinstance(value, dict):
        return {key: as_frozen(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(as_frozen(item) for item in value)
    return value
