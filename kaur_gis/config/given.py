"""Which election, where, and the files with what is given: tables, polygons and roads."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kaur_gis.config.words import Lang, Metres, RelativePath, Strict, Text, refuse


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
