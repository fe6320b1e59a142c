"""Every layer and every column, typed. One column, one owner, written once.

Geometry is EPSG:4326 (lon, lat); metres are measured on the ellipsoid or in `region.metric_crs`,
never in degrees. Codes are text: `kode_kec` ``17.04.01``, `kode_desa` ``17.04.01.2001``,
`kode_tps` ``1704012001001`` (13 digits, KPU). Times are naive local times, to the second.
A column ``x_sumber`` says how the values of ``x`` are known (`config.Sumber`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.engines.geopandas_engine import Geometry
from pandera.geopandas import GeoDataFrameModel
from pandera.typing import Index, Series
from pandera.typing.geopandas import GeoSeries

from kaur_gis.config import KERAWANAN, SINYAL, SUMBER_ORDER
from kaur_gis.plainly import kind, plainly

CRS = "EPSG:4326"
OSM_CREDIT = "© OpenStreetMap contributors (ODbL)"
Wgs84 = Annotated[Geometry, "EPSG:4326"]

KODE_KEC = r"^\d{2}\.\d{2}\.\d{2}$"
KODE_DESA = r"^\d{2}\.\d{2}\.\d{2}\.\d{4}$"
KODE_TPS = r"^\d{13}$"
AKSES = ("biasa", "sulit")
YES_NO = ("ya", "tidak", "")  # "" where nobody has said
POSISI = ("gps", "peta", "desa")
PLACE_KINDS = ("gudang", "ppk", "pps", "polsek")
WATER_KINDS = ("sungai", "anak_sungai", "danau", "pantai")
BOUNDARY_LEVELS = ("kabupaten", "kecamatan")
UNIT_KINDS = ("polsek", "polres", "bko")
STOP_KINDS = (*PLACE_KINDS, "sinyal", "tps")
CHANNELS = ("kurir", "ht", "satelit")  # of a TPS that can't send by itself: courier, HT radio, satellite phone
UNSERVED_REASONS = (
    "no_road",
    "no_way_back",
    "too_far_from_road",
    "too_big",
    "no_vehicle",
    "no_fleet",
    "no_time",
    "no_store",
    "not_at_ppk",
)
OTHER_WAYS = ("ada_lain", "satu_jalan", "tanpa_jalan", "tidak_dilayani")
if TYPE_CHECKING:
    Seconds = np.datetime64
else:  # pandera wants the unit, which no type has
    Seconds = np.dtype("datetime64[s]")


class Kecamatan(GeoDataFrameModel):
    """Polygons of the kecamatan."""

    kode_kec: Index[str] = pa.Field(unique=True, str_matches=KODE_KEC, check_name=True)
    nama: Series[str]
    dapil: Series[str]  # electoral district for DPRD kabupaten; "" where not known
    dapil_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))
    n_tps_resmi: Series[np.int64] = pa.Field(ge=0)  # TPS by the decree; 0 where not stated
    sumber: Series[str]  # how the polygon is known
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Desa(GeoDataFrameModel):
    """Villages, each at one settlement point."""

    kode_desa: Index[str] = pa.Field(unique=True, str_matches=KODE_DESA, check_name=True)
    nama: Series[str]
    kode_kec: Series[str] = pa.Field(str_matches=KODE_KEC)
    kode_bps: Series[str]  # 10 digits, "" where not known
    mutu: Series[str]  # how good the point is, A best; "" where not said
    selisih_m: Series[float] = pa.Field(ge=0, nullable=True)  # how far two estimates of the point lie apart [m]
    titik_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Tempat(GeoDataFrameModel):
    """Places that are not TPS: gudang, PPK, PPS, Polsek."""

    kode_tempat: Index[str] = pa.Field(unique=True, str_matches=r"^[A-Z0-9-]{2,20}$", check_name=True)
    jenis: Series[str] = pa.Field(isin=PLACE_KINDS)
    nama: Series[str]
    kode_desa: Series[str] = pa.Field(str_matches=KODE_DESA)
    kode_kec: Series[str] = pa.Field(str_matches=KODE_KEC)  # for a PPK: the kecamatan it serves
    induk: Series[str]  # kode_tempat that supplies it: the gudang of a PPK; "" for none
    induk_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))
    dapil: Series[str]  # for a gudang that serves one electoral district: which; "" elsewhere
    posisi: Series[str] = pa.Field(isin=POSISI)
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Tps(pa.DataFrameModel):
    """The list of TPS as given: identity, voters, indicators, and a coordinate where one was surveyed."""

    kode_tps: Index[str] = pa.Field(unique=True, str_matches=KODE_TPS, check_name=True)
    kode_desa: Series[str] = pa.Field(str_matches=KODE_DESA)
    no_tps: Series[np.int64] = pa.Field(ge=1, le=999)
    pemilih: Series[np.int64] = pa.Field(ge=0)
    pemilih_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    lon: Series[float] = pa.Field(nullable=True)  # NaN: not surveyed
    lat: Series[float] = pa.Field(nullable=True)
    posisi_data: Series[str] = pa.Field(isin=("gps", "peta", ""))  # "" where there is no coordinate
    akses_lon: Series[float] = pa.Field(nullable=True)  # the gate where the vehicle stops; NaN: none is declared
    akses_lat: Series[float] = pa.Field(nullable=True)
    akses_titik_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))
    akses_sulit: Series[bool]
    akses_sulit_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    sinyal_data: Series[str] = pa.Field(isin=SINYAL)
    sinyal_data_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    psu_sebelumnya: Series[bool]  # a repeated vote in an earlier election
    psu_sebelumnya_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    kerawanan_polri: Series[str] = pa.Field(isin=(*KERAWANAN, ""))  # the police's own class, "" for none
    kerawanan_polri_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))
    bawaslu_hak_pilih: Series[str] = pa.Field(
        isin=YES_NO
    )  # flagged by Bawaslu: use of the right to vote; "" where not judged
    bawaslu_keamanan: Series[str] = pa.Field(isin=YES_NO)  # flagged by Bawaslu: security
    bawaslu_kampanye: Series[str] = pa.Field(isin=YES_NO)  # flagged by Bawaslu: campaign, money and identity politics
    bawaslu_netralitas: Series[str] = pa.Field(
        isin=YES_NO
    )  # flagged by Bawaslu: neutrality of organisers and officials
    bawaslu_logistik: Series[str] = pa.Field(isin=YES_NO)  # flagged by Bawaslu: logistics
    bawaslu_lokasi: Series[str] = pa.Field(isin=YES_NO)  # flagged by Bawaslu: location
    bawaslu_listrik_internet: Series[str] = pa.Field(isin=YES_NO)  # flagged by Bawaslu: power and internet
    bawaslu_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))

    class Config:
        strict = True
        coerce = False


class PlacedTps(Tps, GeoDataFrameModel):
    """Tps, each in its place. Owner of the new columns: `place`."""

    kode_kec: Series[str] = pa.Field(str_matches=KODE_KEC)
    nama_desa: Series[str]
    nama_kec: Series[str]
    kode_stop: Series[str]  # smallest kode_tps of those at the same point and gate of the same desa: one stop
    posisi: Series[str] = pa.Field(isin=POSISI)
    placed_by: Series[str] = pa.Field(isin=("inside", "on_border", "near_border", "outside"))
    border_m: Series[float] = pa.Field(ge=0)  # distance to the polygon of its own kecamatan [m]; 0 inside
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class TaggedTps(PlacedTps):
    """PlacedTps with the three axes, each with its reason and source. Owner: `tag`."""

    kerawanan_aturan: Series[str] = pa.Field(isin=KERAWANAN)  # by the rule list alone
    kerawanan: Series[str] = pa.Field(
        isin=KERAWANAN
    )  # that holds: of the police where they gave one, else by the rules
    kerawanan_sebab: Series[str]  # of the class by the rules, and by what Bawaslu flags the TPS
    kerawanan_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    sinyal: Series[str] = pa.Field(isin=SINYAL)
    sinyal_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    akses: Series[str] = pa.Field(isin=AKSES)
    akses_sebab: Series[str]
    akses_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)


class Kits(pa.DataFrameModel):
    """What each TPS must receive. Owner: `kit`.

    Columns ``jml_<item>`` count pieces and ``suara_<kind>`` ballots; both come from the rule file.
    """

    kode_tps: Index[str] = pa.Field(unique=True, str_matches=KODE_TPS, check_name=True)
    jml: Series[np.int64] = pa.Field(ge=0, alias=r"^jml_[a-z0-9_]+$", regex=True)
    suara: Series[np.int64] = pa.Field(ge=0, alias=r"^suara_[a-z0-9_]+$", regex=True)
    dapil: Series[str]  # whose ballots these are, where any kind is printed by dapil; "" where none or not known
    kotak: Series[np.int64] = pa.Field(ge=1)  # boxes to carry
    kg: Series[float] = pa.Field(gt=0)
    m3: Series[float] = pa.Field(gt=0)

    class Config:
        strict = True
        coerce = False


class Waters(GeoDataFrameModel):
    """Rivers, lakes and the coast, by which people find their way on a map; nothing is planned on them."""

    air: Index[np.int64] = pa.Field(unique=True, check_name=True)
    jenis: Series[str] = pa.Field(isin=WATER_KINDS)
    nama: Series[str]  # "" where it has none
    geometry: GeoSeries[Wgs84]  # lines or areas, cut at the study box

    class Config:
        strict = True
        coerce = False


class Peaks(GeoDataFrameModel):
    """Hills and mountains by name, by which people find their way on a map; nothing is planned on them."""

    puncak: Index[np.int64] = pa.Field(unique=True, check_name=True)
    nama: Series[str]
    elevasi_m: Series[float] = pa.Field(nullable=True)  # above the sea [m]; NaN where it is not known
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Boundaries(GeoDataFrameModel):
    """Kabupaten and kecamatan as OpenStreetMap draws them: names for what lies around; no TPS is placed by them."""

    batas: Index[np.int64] = pa.Field(unique=True, check_name=True)
    tingkat: Series[str] = pa.Field(isin=BOUNDARY_LEVELS)
    nama: Series[str]
    geometry: GeoSeries[Wgs84]  # areas, cut at the study box

    class Config:
        strict = True
        coerce = False


class PlaceNames(GeoDataFrameModel):
    """Places as OpenStreetMap names them, to compare villages with; no TPS is placed by them."""

    nama_tempat: Index[np.int64] = pa.Field(unique=True, check_name=True)
    nama: Series[str]
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class RoadNodes(GeoDataFrameModel):
    """Nodes of the road network."""

    node: Index[np.int64] = pa.Field(unique=True, check_name=True)
    label: Series[str]  # the node's id in its source
    kode_desa: Series[str]  # village whose stop attaches here (schematic networks); "" elsewhere
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class RoadEdges(GeoDataFrameModel):
    """Directed arcs: a road open both ways is two rows, `twin` of each other. Tags are OSM's, "" where silent."""

    edge: Index[np.int64] = pa.Field(unique=True, check_name=True)
    u: Series[np.int64]
    v: Series[np.int64]
    twin: Series[np.int64]  # the edge of the opposite direction on the same line; -1 on a one-way road
    metres: Series[float] = pa.Field(gt=0)  # on the ellipsoid, or as the schematic table states
    highway: Series[str]  # of a water leg: ferry
    surface: Series[str]
    tracktype: Series[str]
    smoothness: Series[str]
    name: Series[str]
    ref: Series[str]
    access: Series[str]
    motor_vehicle: Series[str]
    motorcycle: Series[str]
    foot: Series[str]
    oneway: Series[str]  # yes: tagged so, or a roundabout; the row runs the way that is open
    lanes: Series[str]
    maxspeed_kmh: Series[float] = pa.Field(gt=0, nullable=True)
    maxweight_t: Series[float] = pa.Field(gt=0, nullable=True)
    width_m: Series[float] = pa.Field(gt=0, nullable=True)
    bridges: Series[np.int64] = pa.Field(ge=0)  # bridges on this edge
    fords: Series[np.int64] = pa.Field(ge=0)
    tunnel: Series[bool]
    osm_way: Series[np.int64]  # 0 where there is none
    geometry: GeoSeries[Wgs84]  # LineString from u to v

    class Config:
        strict = True
        coerce = False


class Stops(GeoDataFrameModel):
    """Where drives begin and end: places, points with signal, and points with one or more TPS. Owner: `travel`."""

    kode_stop: Index[str] = pa.Field(unique=True, check_name=True)  # kode_tempat, or PlacedTps.kode_stop
    kind: Series[str] = pa.Field(isin=STOP_KINDS)
    nama: Series[str]
    kode_desa: Series[str]
    kode_kec: Series[str]
    n_tps: Series[np.int64] = pa.Field(ge=0)
    posisi: Series[str] = pa.Field(isin=POSISI)
    akses_lon: Series[float] = pa.Field(nullable=True)  # where the vehicle stops; NaN: as near as its road comes
    akses_lat: Series[float] = pa.Field(nullable=True)
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Trips(pa.DataFrameModel):
    """One drive of one vehicle from its base and back. Owner: `distribute`."""

    kode_trip: Index[str] = pa.Field(unique=True, check_name=True)
    stage: Series[str]
    wave: Series[str]
    vehicle: Series[str]  # one vehicle: <base>-<fleet kode>-<number>
    fleet: Series[str]  # Fleet.kode
    profile: Series[str]  # vehicle of the speed table
    base: Series[str]  # kode_stop where it loads and to which it returns
    trip_no: Series[np.int64] = pa.Field(ge=1)  # which trip of this vehicle on this day, or after counting
    depart: Series[Seconds]
    depart_latest: Series[Seconds]  # the latest safe departure in the planned weather, computed backwards
    back: Series[Seconds]
    back_late: Series[Seconds] = pa.Field(nullable=True)  # in the late weather; NaT where a road then closes
    kotak: Series[np.int64] = pa.Field(ge=1)
    kg: Series[float]
    m3: Series[float]
    n_tps: Series[np.int64] = pa.Field(ge=1)
    metres: Series[np.int64]
    seconds: Series[np.int64]  # driving only
    pinned: Series[bool]  # kept from an older plan, as it was: loaded or delivered already

    class Config:
        strict = True
        coerce = False


class Legs(GeoDataFrameModel):
    """One drive from stop to stop; the last leg of a trip returns to the base. Owner: `distribute`.

    A leg of order 0 is no part of the round: so a vehicle whose day before ended elsewhere comes to its base, empty.
    """

    kode_trip: Index[str] = pa.Field(check_name=True)
    order: Index[np.int64] = pa.Field(ge=0, check_name=True)  # from 1; 0: the empty drive to the base before
    from_stop: Series[str]
    to_stop: Series[str]
    depart: Series[Seconds]
    arrive: Series[Seconds]
    arrive_late: Series[Seconds] = pa.Field(nullable=True)
    seconds: Series[np.int64] = pa.Field(ge=0)  # equals TravelTimes of the trip's profile in the planned weather
    metres: Series[np.int64] = pa.Field(ge=0)
    walk_m: Series[float] = pa.Field(ge=0)  # carried by hand from the road to `to_stop`, by way of its gate [m]
    walk_s: Series[np.int64] = pa.Field(ge=0)  # carrying one way [s]
    on_road: Series[bool]  # False where the end lies off the road by more than 50 m, or the network is schematic
    bridges: Series[np.int64] = pa.Field(ge=0)
    fords: Series[np.int64] = pa.Field(ge=0)
    ferries: Series[np.int64] = pa.Field(ge=0)
    unpaved_m: Series[np.int64] = pa.Field(ge=0)  # known unpaved [m]
    unknown_m: Series[np.int64] = pa.Field(ge=0)  # surface not known [m]
    outside_m: Series[np.int64] = pa.Field(ge=0)  # in another kabupaten or at sea [m]; 0 where the network is schematic
    geometry: GeoSeries[Wgs84]  # LineString along the roads

    class Config:
        strict = True
        coerce = False


class Carried(pa.DataFrameModel):
    """What a trip carries of a TPS, out or back."""

    kode_trip: Index[str] = pa.Field(check_name=True)
    kode_tps: Index[str] = pa.Field(check_name=True)
    order: Series[np.int64] = pa.Field(ge=1)
    dapil: Series[str]  # of the ballots in these boxes, as `Kits.dapil`
    kotak: Series[np.int64] = pa.Field(ge=0)
    kg: Series[float] = pa.Field(gt=0)
    m3: Series[float] = pa.Field(gt=0)


class Loads(Carried):
    """Which TPS' boxes travel on which trip, and at which leg's end they are handed over. Owner: `distribute`."""

    kotak: Series[np.int64] = pa.Field(ge=1)
    panitia: Series[str] = pa.Field(isin=("", "ppk", "pps", "ppk pps"))  # whose goods ride along, and count

    class Config:
        strict = True
        coerce = False


class Unserved(pa.DataFrameModel):
    """TPS that the plan does not reach, with the stage that fails and why. Owner: `distribute`."""

    kode_tps: Index[str] = pa.Field(unique=True, check_name=True)
    stage: Series[str]
    reason: Series[str] = pa.Field(isin=UNSERVED_REASONS)

    class Config:
        strict = True
        coerce = False


class OtherWays(GeoDataFrameModel):
    """To each TPS, the way that shares least with the one from the base of its last trip. Owner: `other_ways`."""

    kode_tps: Index[str] = pa.Field(unique=True, str_matches=KODE_TPS, check_name=True)
    jalan: Series[str] = pa.Field(isin=OTHER_WAYS)
    profile: Series[str]  # of the trip that brings its boxes; "" where none does
    from_stop: Series[str]  # base of that trip; "" where there is none
    to_stop: Series[str]
    first_s: Series[np.int64] = pa.Field(ge=-1)  # the quickest way, in the planned weather; -1: none
    first_m: Series[np.int64] = pa.Field(ge=-1)
    seconds: Series[np.int64] = pa.Field(ge=-1)  # the other way; -1 where there is none
    metres: Series[np.int64] = pa.Field(ge=-1)
    shared_m: Series[np.int64] = pa.Field(ge=-1)  # road that both ways take, rounded up road by road
    geometry: GeoSeries[Wgs84]  # LineString along the roads; empty where there is no other way

    class Config:
        strict = True
        coerce = False


class Neighbours(pa.DataFrameModel):
    """Which other kabupaten a leg passes, out or back, as OpenStreetMap draws them. Owner: `neighbours`."""

    kode_trip: Index[str] = pa.Field(check_name=True)
    order: Index[np.int64] = pa.Field(ge=1, check_name=True)
    kabupaten: Series[str]
    metres: Series[np.int64] = pa.Field(ge=1)  # of the leg in it; what lies in no kabupaten at hand is not told

    class Config:
        strict = True
        coerce = False


class BackTrips(Trips):
    """One drive after counting, from its base to where boxes or copies wait, and home. Owner: `distribute`."""

    kotak: Series[np.int64] = pa.Field(ge=0)
    muatan: Series[str] = pa.Field(isin=("kotak", "salinan"))  # boxes, or copies of the results

    class Config:
        strict = True
        coerce = False


class BackLegs(Legs):
    """One drive from stop to stop after counting; the one behind the last visit brings home what was fetched.

    Owner: `distribute`. A leg behind that is no part of the round: so a vehicle whose day ends elsewhere goes there,
    empty, when it is unloaded.
    """

    class Config:
        strict = True
        coerce = False


class BackLoads(Carried):
    """What of which TPS a trip brings back, and at which leg's end it is fetched. Owner: `distribute`."""

    kotak: Series[np.int64] = pa.Field(ge=0)  # 0 for copies of the results

    class Config:
        strict = True
        coerce = False


class BackUnserved(pa.DataFrameModel):
    """What does not come back, with the leg of the way that fails and why. Owner: `distribute`."""

    kode_tps: Index[str] = pa.Field(check_name=True)
    muatan: Index[str] = pa.Field(isin=("kotak", "salinan"), check_name=True)
    stage: Series[str]
    reason: Series[str] = pa.Field(isin=UNSERVED_REASONS)

    class Config:
        strict = True
        coerce = False


class Posts(GeoDataFrameModel):
    """Guard posts: one group of TPS and its officers. Owner: `guard`."""

    kode_post: Index[str] = pa.Field(unique=True, check_name=True)
    kode_kec: Series[str]
    kerawanan: Series[str] = pa.Field(isin=KERAWANAN)
    officers: Series[np.int64] = pa.Field(ge=1)
    n_tps: Series[np.int64] = pa.Field(ge=1)
    metres: Series[np.int64] = pa.Field(ge=0)  # road along the group, first TPS to last
    seconds: Series[np.int64] = pa.Field(ge=0)
    geometry: GeoSeries[Wgs84]  # the first TPS of the group

    class Config:
        strict = True
        coerce = False


class Guards(pa.DataFrameModel):
    """Which post guards which TPS, in the order of the round. Owner: `guard`."""

    kode_tps: Index[str] = pa.Field(unique=True, check_name=True)
    kode_post: Series[str]
    order: Series[np.int64] = pa.Field(ge=1)
    seconds: Series[np.int64] = pa.Field(ge=-1)  # from the TPS before; 0 for the first; -1 where no road joins them

    class Config:
        strict = True
        coerce = False


class Groupings(pa.DataFrameModel):
    """The groups of one class in one kecamatan, and what is proven of them. Owner: `guard`."""

    kode_kec: Index[str] = pa.Field(check_name=True)
    kerawanan: Index[str] = pa.Field(isin=KERAWANAN, check_name=True)
    n_tps: Series[np.int64] = pa.Field(ge=1)
    groups: Series[np.int64] = pa.Field(ge=1)
    fewest: Series[np.int64] = pa.Field(ge=1)  # TPS / most TPS of a group, rounded up
    needed: Series[np.int64] = pa.Field(ge=1)  # proven: with the roads and limits there can't be fewer groups
    seconds: Series[np.int64] = pa.Field(ge=0)  # road time inside the groups
    bound_seconds: Series[np.int64]  # proven of as few groups that part points no more often
    forced_by: Series[str]  # kode_tps that force more groups than the fewest, with spaces between
    split: Series[str]  # kode_stop of points that would fit into a group and stand in several, with spaces between
    whole_groups: Series[np.int64] = pa.Field(ge=1)  # proven: if none of these were split there can't be fewer groups

    class Config:
        strict = True
        coerce = False


class Personel(pa.DataFrameModel):
    """Officers at hand, by unit: Polsek, Polres, and those on loan (BKO)."""

    kode_satuan: Index[str] = pa.Field(unique=True, str_matches=r"^[A-Z0-9-]{2,20}$", check_name=True)
    jenis: Series[str] = pa.Field(isin=UNIT_KINDS)
    nama: Series[str]
    kode_tempat: Series[str]  # where they stand before they go to the posts
    petugas: Series[np.int64] = pa.Field(ge=0)
    menjaga: Series[str]  # kode_kec that the unit guards, with spaces between; "" for none: it lends all it has
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)

    class Config:
        strict = True
        coerce = False


class SignalClaims(pa.DataFrameModel):
    """Statements on the signal of TPS: measured, listed or predicted; of one TPS there may be many."""

    pernyataan: Index[np.int64] = pa.Field(unique=True, check_name=True)
    kode_tps: Series[str] = pa.Field(str_matches=KODE_TPS)
    operator: Series[str]  # whose network; "" where it is not said
    sinyal: Series[str] = pa.Field(isin=SINYAL)
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    tanggal: Series[str]  # day of the statement, 2024-02-13; "" where it is not said

    class Config:
        strict = True
        coerce = False


class Coverage(GeoDataFrameModel):
    """Points and areas of which the operation says what signal is there."""

    cakupan: Index[np.int64] = pa.Field(unique=True, check_name=True)
    nama: Series[str]  # "" where it has none
    operator: Series[str]  # whose network; "" where it is not said
    sinyal: Series[str] = pa.Field(isin=SINYAL)
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    tanggal: Series[str]  # day of the statement, 2024-02-13; "" where it is not said
    geometry: GeoSeries[Wgs84]  # a point or an area

    class Config:
        strict = True
        coerce = False


class Signals(pa.DataFrameModel):
    """What holds of the signal of a TPS, by operator; without a row where nobody says more than the list of TPS does.

    A measured statement beats a listed one, and that a predicted one: by `config.SUMBER_ORDER`, then the later one,
    then the worse one. Owner: `comms`.
    """

    kode_tps: Index[str] = pa.Field(str_matches=KODE_TPS, check_name=True)
    operator: Index[str] = pa.Field(check_name=True)  # "" for statements that name none
    sinyal: Series[str] = pa.Field(isin=SINYAL)
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    tanggal: Series[str]  # day of the statement; "" where it is not said
    n_claims: Series[np.int64] = pa.Field(ge=1)  # statements on this TPS and operator
    decides: Series[bool]  # this row is the signal of the TPS: the best known operator, of these the strongest
    differs: Series[str]  # statements that say otherwise, as operator / sinyal / sumber / tanggal, with "; " between

    class Config:
        strict = True
        coerce = False


class Channels(pa.DataFrameModel):
    """How each TPS that can't send its results by itself is heard. Owner: `comms`.

    The nearest place with signal is the one there and back to which takes the least, of those within the limit of the
    operation; where there is none within it, the nearest beyond is told, and a radio or a satellite phone is needed.
    """

    kode_tps: Index[str] = pa.Field(unique=True, str_matches=KODE_TPS, check_name=True)
    sinyal: Series[str] = pa.Field(isin=SINYAL)
    channel: Series[str] = pa.Field(isin=CHANNELS)
    signal_stop: Series[str]  # nearest stop with signal on the road network; "" where none can be reached
    vehicle: Series[str]  # with which it is nearest; ""
    there_s: Series[np.int64] = pa.Field(ge=-1)  # from the TPS, with the walk to its road; -1 where there is none
    back_s: Series[np.int64] = pa.Field(ge=-1)
    metres: Series[np.int64] = pa.Field(ge=-1)  # by road, one way
    radio_stop: Series[str]  # nearest stop with signal within the range of a radio, where that is the channel; ""
    signal_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))  # how well the signal at signal_stop is known; ""
    radio_sumber: Series[str] = pa.Field(isin=(*SUMBER_ORDER, ""))  # the same of radio_stop
    way_known: Series[bool]  # False: the TPS is itself at signal_stop, and its 0 seconds say nothing of the way there
    kode_kurir: Series[str]  # courier who carries its phone; ""
    order: Series[np.int64] = pa.Field(ge=0)  # at which of the courier's points, from 1; 0

    class Config:
        strict = True
        coerce = False


class Couriers(GeoDataFrameModel):
    """Who carries phones to a place with signal and back, serving neighbours where that is faster. Owner: `comms`."""

    kode_kurir: Index[str] = pa.Field(unique=True, check_name=True)
    kode_kec: Series[str]  # of the first point
    vehicle: Series[str]
    from_stop: Series[str]  # first point: the courier is of one of its TPS
    signal_stop: Series[str]
    signal_sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)  # how well it is known that there is signal
    way_known: Series[bool]  # False: the last point is itself signal_stop, and the way from there is not known
    n_stops: Series[np.int64] = pa.Field(ge=1)
    n_tps: Series[np.int64] = pa.Field(ge=1)
    depart: Series[Seconds]
    arrive: Series[Seconds]  # at the place with signal
    sent: Series[Seconds]  # results of all of its TPS are sent
    back: Series[Seconds]  # home again, by the same points
    out_s: Series[np.int64] = pa.Field(ge=0)  # roads, walks between road and TPS, and handing over
    back_s: Series[np.int64] = pa.Field(ge=0)
    alone_s: Series[np.int64] = pa.Field(ge=0)  # there and back, if a courier went from every point by itself
    metres: Series[np.int64] = pa.Field(ge=0)  # by road, out
    proven: Series[bool]  # no other grouping of these and their neighbours takes less; never where the way is unknown
    geometry: GeoSeries[Wgs84]  # the way out

    class Config:
        strict = True
        coerce = False


class RelaySites(GeoDataFrameModel):
    """Sites where a radio relay could stand."""

    kode_relay: Index[str] = pa.Field(unique=True, str_matches=r"^[A-Z0-9-]{2,20}$", check_name=True)
    nama: Series[str]  # "" where it has none
    sumber: Series[str] = pa.Field(isin=SUMBER_ORDER)
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Relays(RelaySites):
    """Which sites get a relay post. Owner: `comms`."""

    n_tps: Series[np.int64] = pa.Field(ge=0)  # TPS without signal within the range of a radio
    semua: Series[bool]  # in the fewest joined posts that reach as many TPS as any joined posts do
    radio: Series[bool]  # in the best joined posts of as many as there are radios

    class Config:
        strict = True
        coerce = False


class RelayPlans(pa.DataFrameModel):
    """The choices of relay posts, and what is proven of them. Owner: `comms`."""

    rencana: Index[str] = pa.Field(unique=True, isin=("semua", "radio"), check_name=True)
    most: Series[np.int64] = pa.Field(ge=0)  # posts allowed
    posts: Series[np.int64] = pa.Field(ge=0)
    posts_bound: Series[np.int64] = pa.Field(ge=0)  # proven: fewer do not reach as many
    n_tps: Series[np.int64] = pa.Field(ge=0)  # TPS without signal
    covered: Series[np.int64] = pa.Field(ge=0)  # of these within range of a post
    covered_bound: Series[np.int64] = pa.Field(ge=0)  # proven: no joined posts of the number allowed reach more

    class Config:
        strict = True
        coerce = False


class Reactions(pa.DataFrameModel):
    """The nearest Polsek of each TPS, by the guards' vehicle in the planned weather. Owner: `reaction`."""

    kode_tps: Index[str] = pa.Field(unique=True, check_name=True)
    kode_polsek: Series[str]  # kode_tempat; "" where none reaches it
    seconds: Series[np.int64] = pa.Field(ge=-1)  # from there; -1 where none reaches it
    metres: Series[np.int64] = pa.Field(ge=-1)
    in_time: Series[bool]  # within guard.reaction_minutes; where that is not set: at all

    class Config:
        strict = True
        coerce = False


class Staffing(pa.DataFrameModel):
    """Which unit sends how many officers to which post. Owner: `staff`."""

    kode_post: Index[str] = pa.Field(check_name=True)
    kode_satuan: Index[str] = pa.Field(check_name=True)
    officers: Series[np.int64] = pa.Field(ge=1)
    home: Series[bool]  # the unit guards this kecamatan; else it lends
    seconds: Series[np.int64] = pa.Field(ge=0)  # from the place of the unit to the post
    metres: Series[np.int64] = pa.Field(ge=0)

    class Config:
        strict = True
        coerce = False


class Strength(pa.DataFrameModel):
    """Officers of each kecamatan: need against people at hand. Owner: `staff`."""

    kode_kec: Index[str] = pa.Field(unique=True, check_name=True)
    needed: Series[np.int64] = pa.Field(ge=0)  # officers of its posts
    home: Series[np.int64] = pa.Field(ge=0)  # of these from units that guard it
    lent: Series[np.int64] = pa.Field(ge=0)  # of these lent by others
    missing: Series[np.int64] = pa.Field(ge=0)  # of these nobody sends
    spare: Series[np.int64] = pa.Field(ge=0)  # officers of the units that stand here without a post

    class Config:
        strict = True
        coerce = False


class WeakRoads(GeoDataFrameModel):
    """Pieces of road between junctions and stops, each with what is lost when it alone fails. Owner: `cut`."""

    segment: Index[np.int64] = pa.Field(unique=True, check_name=True)
    edge: Series[np.int64]  # the RoadEdges arc along which it runs, the first of a pair of twins
    rank: Series[np.int64] = pa.Field(ge=0)  # 1 worst, bridges and fords before other roads; 0 where nothing changes
    nama: Series[str]  # name or number of the road; "" where it has none
    dekat: Series[str]  # village nearest to its middle
    highway: Series[str]
    osm_way: Series[np.int64]
    metres: Series[float] = pa.Field(gt=0)
    oneway: Series[bool]  # driven one way only, as each carriageway of a divided road is
    bridges: Series[np.int64] = pa.Field(ge=0)
    fords: Series[np.int64] = pa.Field(ge=0)
    n_tps: Series[np.int64] = pa.Field(ge=0)  # that lose their way
    n_gudang: Series[np.int64] = pa.Field(ge=0)  # of these, whose PPK loses its gudang; the others lose their PPK
    pemilih: Series[np.int64] = pa.Field(ge=0)  # voters of these
    kotak: Series[np.int64] = pa.Field(ge=0)  # boxes of these
    n_longer: Series[np.int64] = pa.Field(ge=0)  # TPS that keep a way, but a longer one
    extra_s: Series[np.int64] = pa.Field(ge=0)  # extra driving there and home, all of these together [s]
    extra_s_max: Series[np.int64] = pa.Field(ge=0)  # of the one that loses most [s]
    tps: Series[str]  # kode_tps of those that lose their way, with a space between
    geometry: GeoSeries[Wgs84]  # LineString

    class Config:
        strict = True
        coerce = False


class RainRisk(pa.DataFrameModel):
    """How likely each TPS with a trip is served late in random rains, and what helps. Owner: `cut`."""

    kode_tps: Index[str] = pa.Field(unique=True, check_name=True)
    nama_kec: Series[str]
    nama_desa: Series[str]
    no_tps: Series[np.int64]
    pemilih: Series[np.int64]
    kotak: Series[np.int64]
    wave: Series[str]
    late: Series[float] = pa.Field(ge=0, le=1)  # share of the rains in which it comes after the deadline, or never
    late_earlier: Series[float] = pa.Field(ge=0, le=1)  # the same, sent on the day before its wave
    late_stored: Series[float] = pa.Field(ge=0, le=1)  # the same, its boxes brought to the PPK on the day before
    advice: Series[str] = pa.Field(isin=("wave", "ppk", ""))  # what takes away most of it; "" where nothing helps much

    class Config:
        strict = True
        coerce = False


class WeakPairs(pa.DataFrameModel):
    """What is lost when two of the worst pieces of road fail together, the worst first. Owner: `cut`."""

    rank: Index[np.int64] = pa.Field(unique=True, check_name=True)  # by voters that neither failure alone takes
    segment: Series[np.int64]  # of WeakRoads
    other: Series[np.int64]
    n_tps: Series[np.int64] = pa.Field(ge=0)  # that lose their way
    pemilih: Series[np.int64] = pa.Field(ge=0)  # voters of these
    kotak: Series[np.int64] = pa.Field(ge=0)  # boxes of these
    n_longer: Series[np.int64] = pa.Field(ge=0)  # TPS that keep a way, but a longer one
    extra_s: Series[np.int64] = pa.Field(ge=0)  # extra driving there and home, all of these together [s]
    extra_s_max: Series[np.int64] = pa.Field(ge=0)  # of the one that loses most [s]
    n_more: Series[np.int64] = pa.Field(ge=0)  # of the TPS that lose their way, those that neither alone takes
    pemilih_more: Series[np.int64] = pa.Field(ge=0)  # voters of these
    tps: Series[str]  # kode_tps of those that lose their way, with a space between

    class Config:
        strict = True
        coerce = False


class Isolated(pa.DataFrameModel):
    """TPS that have no second way: some single failure cuts them off. Owner: `cut`."""

    kode_tps: Index[str] = pa.Field(unique=True, check_name=True)
    nama_kec: Series[str]
    nama_desa: Series[str]
    no_tps: Series[np.int64]
    pemilih: Series[np.int64] = pa.Field(ge=0)
    kotak: Series[np.int64] = pa.Field(ge=1)
    metres: Series[float] = pa.Field(gt=0)  # of road that has no second way [m]
    bridges: Series[np.int64] = pa.Field(ge=0)  # on that road
    fords: Series[np.int64] = pa.Field(ge=0)

    class Config:
        strict = True
        coerce = False


def empty(layer: type[pa.DataFrameModel]) -> gpd.GeoDataFrame:
    """Make the layer without a row; a plain frame where the layer has no geometry."""
    return _empty(layer).copy()


@cache
def _empty(layer: type[pa.DataFrameModel]) -> gpd.GeoDataFrame:
    schema = layer.to_schema()
    levels = schema.index.indexes if isinstance(schema.index, pa.MultiIndex) else [schema.index]
    names = [level.name for level in levels]
    kinds = {item.name: kind(item) for item in (*levels, *schema.columns.values()) if item.name != "geometry"}
    frame = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()}).set_index(names)
    if "geometry" not in schema.columns:
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], index=frame.index), crs=CRS)


def checked(frame: pd.DataFrame, layer: type[pa.DataFrameModel]) -> pd.DataFrame:
    """Hold a plain frame against its layer.

    Parameters
    ----------
    frame : DataFrame
        Columns in any order.
    layer : DataFrameModel
        The layer it must be.

    Returns
    -------
    DataFrame
        The same values, columns in the layer's order.

    Raises
    ------
    pandera.errors.SchemaErrors
        With every column and value that is not as the layer says.
    """
    schema = layer.to_schema()
    if not plainly(frame, schema, CRS):
        schema.validate(frame, lazy=True)
    order = [name for name in schema.columns if name in frame.columns]
    order += [name for name in frame.columns if name not in order]
    return frame if order == [*frame.columns] else frame[order]


def checked_geo(frame: gpd.GeoDataFrame, layer: type[GeoDataFrameModel]) -> gpd.GeoDataFrame:
    """Hold a GeoDataFrame against its layer; as `checked`, and its CRS must be EPSG:4326.

    Raises
    ------
    ValueError
        For a missing or another CRS.
    pandera.errors.SchemaErrors
        With every column and value that is not as the layer says.
    """
    if frame.crs != CRS:
        msg = f"{layer.__name__} must be in {CRS}, not {frame.crs}"
        raise ValueError(msg)
    return cast("gpd.GeoDataFrame", checked(frame, layer))
