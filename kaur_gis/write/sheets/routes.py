"""What stands on the sheet of each trip, out and back, as plain texts and numbers for the template."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import pandas as pd

from kaur_gis.catalogue import say, thousands, wave_word
from kaur_gis.config import Lang, Stage
from kaur_gis.cut.passed import Passed, passed
from kaur_gis.cut.weak import weak_points
from kaur_gis.travel.stops import gates_of
from kaur_gis.write.beyond import beyond
from kaur_gis.write.replaced import NOTHING, Replaced
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.base import in_order, paper, rows, rows_by
from kaur_gis.write.sheets.beside import Goods
from kaur_gis.write.sheets.frame import Background, Terrain
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.landmarks import marks, positions, rough, villages
from kaur_gis.write.sheets.qr import geo_qr
from kaur_gis.write.sheets.sketch import HEIGHT_MM, WIDTH_MM, draw
from kaur_gis.write.short import short_by

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

LABELS = (
    "title",
    "trip",
    "vehicle",
    "wave",
    "base",
    "depart",
    "driver",
    "plate",
    "contacts",
    "phone",
    "column_no",
    "column_stop",
    "column_kotak",
    "critical",
    "arrive",
    "from_before",
    "signed_name",
    "signed_time",
    "signed_sign",
    "north",
)
SCHEMATIC, BY_ROADS = ("map_dots_schematic", "map_schematic"), ("map_dots", "map_roads")
MOST_KINDS = 6  # columns for seal numbers that a sheet has room for
MOST_CRITICAL = 5  # more would push the stops from the first page


Muatan = Literal["", "kotak", "salinan"]
"""What a sheet's trip is for: "" for the way out, else what it brings back."""
OTHER_LABELS = {
    "": {},
    "kotak": {"title": "title_kotak", "signed_name": "given_name"},
    "salinan": {
        "title": "title_salinan",
        "signed_name": "given_name",
        "column_stop": "column_stop_salinan",
        "column_kotak": "column_salinan",
    },
}
"""Where the way back has other words: label -> key of the catalogue."""


def content(
    plan: Plan,
    lang: Lang,
    replaces: Replaced = NOTHING,
    muatan: Muatan = "",
    weak: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
) -> dict[str, Any]:
    """Gather everything that the template sets, trip by trip.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the sheets.
    replaces : Replaced, optional
        The paper that this one replaces.
    muatan : {"", "kotak", "salinan"}
        Sheets of the way out, or of the way back of boxes or of copies.
    weak : GeoDataFrame, optional
        Layer `layers.WeakRoads` of the plan; found here where nobody has done so before.
    terrain : Terrain, optional
        Of the plan; prepared here where nobody has done so before.

    Returns
    -------
    dict
        Texts (printable), numbers and SVG drawings, ready for JSON.
    """
    glyphs = Glyphs()
    roads = weak_points(plan).roads if weak is None else weak
    main = (
        Background.of(plan.inputs.roads, plan.inputs.operation.region.metric_crs) if terrain is None else terrain.main
    )
    desk = _Desk(plan.brought_back(muatan) if muatan else plan, lang, glyphs, muatan, roads, main)
    trips = [desk.sheet(str(kode)) for kode in in_order(desk.plan)]
    told: dict[str, Any] = {
        "kinds": desk.kinds,
        "map_width": WIDTH_MM,
        "map_height": HEIGHT_MM,
        "map_note": " ".join(
            say(f"sheets.{key}", lang)
            for key in ("map_legend", *(SCHEMATIC if plan.inputs.roads.schematic else BY_ROADS))
        ),
        "trips": trips,
    } | paper(plan, lang, glyphs, LABELS, trips, replaces)
    told["labels"] |= {name: say(f"sheets.{key}", lang) for name, key in OTHER_LABELS[muatan].items()}
    return told


class _Desk:
    """Where the sheets of one plan are written: its layers as plain rows, looked up once."""

    def __init__(
        self, plan: Plan, lang: Lang, glyphs: Glyphs, muatan: Muatan, weak: gpd.GeoDataFrame, main: Background
    ) -> None:
        self.plan, self.lang, self.glyphs, self.muatan = plan, lang, glyphs, muatan
        operation = plan.inputs.operation
        metric = operation.region.metric_crs
        self.stages: dict[str, Stage] = {stage.name: stage for stage in operation.stages}
        self.fleets = {fleet.kode: fleet.name for fleet in operation.fleet}
        self.trips = rows(plan.trips, "kode_trip")
        self.tps = rows(plan.tps[["no_tps", "kode_desa", "nama_desa", "kode_kec", "nama_kec"]], "kode_tps")
        self.names = {str(kode): glyphs.printable(name) for kode, name in plan.stops["nama"].items()}
        self.points = dict(zip(plan.stops.index, plan.stops.geometry.to_crs(metric), strict=True))
        makes_for = gates_of(plan.stops).get_coordinates().to_numpy().tolist()
        self.lon_lat = dict(zip(plan.stops.index, makes_for, strict=True))
        self.gates = dict(zip(plan.tps["kode_stop"], plan.tps["akses_titik_sumber"], strict=True))
        lines = plan.legs.geometry.to_crs(metric).to_numpy()
        self.legs = rows_by(plan.legs.assign(metric=lines, passed=marks(plan, lines, glyphs)), "kode_trip", ["order"])
        self.loads = rows_by(plan.loads, "kode_trip", ["order", "kode_tps"])
        polsek = plan.inputs.tempat[plan.inputs.tempat["jenis"] == "polsek"].sort_index()
        self.polsek = [(row.kode_kec, glyphs.printable(row.nama)) for row in polsek.itertuples()]
        self.background = main
        self.kinds = [say("sheets.seal_salinan", lang)] if muatan == "salinan" else box_kinds(plan, lang, glyphs)
        self.hashes = plan.sheets
        self.goods = None if muatan else Goods(plan, lang, glyphs)
        self.critical = passed(plan, weak)
        self.overnight = plan.inputs.operation.overnight
        self.short = short_by(plan) if plan.inputs.roads.schematic else {}
        named = beyond(plan)
        self.beyond = {at: [(glyphs.printable(name), m) for name, m in names] for at, names in named.items()}

    def sheet(self, kode_trip: str) -> dict[str, Any]:
        """Gather the sheet of one trip."""
        lang, say_text = self.lang, self.glyphs.printable
        trip, legs, loads = self.trips[kode_trip], self.legs[kode_trip], self.loads[kode_trip]
        here = {order: list(rows) for order, rows in groupby(loads, key=lambda load: load.order)}
        mixed = len({load.dapil for load in loads}) > 1  # ballots of several dapil on board: each TPS says its own
        visits = [leg for leg in legs if leg.order in here]
        home = next(leg for leg in legs if leg.order > visits[-1].order)
        base, end = self.names[trip.base], self.names[home.to_stop]
        names = [base, *(self.names[leg.to_stop] for leg in visits)]
        on = self.overnight.get((trip.wave, trip.stage))
        told = wave_word(trip.wave, lang, "sheets.wave_back", on=on) if self.muatan or on else trip.wave
        wave = f"{say_text(told)}, {words.day(trip.depart, lang)}"
        fleet = say_text(self.fleets.get(trip.fleet, trip.fleet))
        figures = {
            "n_stops": len(visits),
            "n_tps": trip.n_tps,
            "kotak": thousands(trip.kotak, lang),
            "kg": thousands(trip.kg, lang),
            "m3": thousands(trip.m3, lang, 1),
        }
        return {
            "code": say_text(kode_trip),
            "hash": self.hashes[kode_trip],
            "heading": say(self._key("heading"), lang, base=base, **figures),
            "escort": self._escort(trip),
            "vehicle": say_text(trip.vehicle),
            "fleet": fleet,
            "wave": wave,
            "base": base,
            "long": any(
                len(text) > most
                for text, most in ((kode_trip, 60), (f"{trip.vehicle} {fleet}", 34), (wave, 30), (base, 30))
            ),
            "depart": words.clock(trip.depart),
            "facts": self._facts(trip, legs, loads, figures, home),
            "critical": self._critical(kode_trip, legs),
            "contacts": self._contacts(base, loads),
            "stops": [
                self._stop(number, leg, here[leg.order], trip.depart, mixed=mixed)
                for number, leg in enumerate(visits, start=1)
            ],
            "return": {
                "name": say("sheets.return_leg", lang, base=end),
                "where": "",
                "arrive": words.clock(trip.back),
                "late": self._late(trip.back, trip.back_late, trip.depart),
                "way": self._way(home),
                "road": self._road(home),
            },
            "signatures": [
                *([] if self.muatan else [say("sheets.sign_hand_over", lang, base=base)]),
                say("sheets.sign_driver", lang),
                say("sheets.sign_escort", lang),
                say(self._key("sign_back") if end == base else "sheets.sign_end", lang, base=end),
            ],
            "map": draw(
                [leg.metric for leg in legs if leg.order],
                [self.points[kode] for kode in (trip.base, *(leg.to_stop for leg in visits))],
                names,
                [mark for leg in legs if leg.order for mark in leg.passed],
                self.background,
                lambda metres: words.length(metres, lang),
            ),
            "map_alt": say("sheets.map_alt", lang, trip=say_text(kode_trip)),
        }

    def _facts(
        self,
        trip: Any,  # noqa: ANN401 - a row
        legs: Sequence[Any],
        loads: Sequence[Any],
        figures: dict[str, Any],
        home: Any,  # noqa: ANN401 - a row
    ) -> list[list[str]]:
        lang = self.lang
        weather = self.plan.inputs.operation.weather
        loading = trip.depart - pd.Timedelta(minutes=self.stages[trip.stage].loading_minutes)
        roads = ("bridges", "fords", "ferries", "unpaved_m", "unknown_m", "outside_m")
        whole = SimpleNamespace(
            walk_m=0.0, walk_s=0, **{name: sum(getattr(leg, name) for leg in legs) for name in roads}
        )
        facts = {
            self._own("load"): say(self._key("load_value"), lang, **figures),
            "dapil": ", ".join(self.glyphs.printable(dapil) for dapil in sorted({load.dapil for load in loads} - {""})),
            "stage": self.glyphs.printable(trip.stage),
            "coming": self._coming(legs[0]),
            self._own("loading"): words.on_day(loading, trip.depart),
            "depart_latest": words.on_day(trip.depart_latest, trip.depart),
            "back": words.time_range(trip.back, trip.back_late, lang, trip.depart),
            "going": "" if legs[-1] is home else self._going(legs[-1], trip.depart),
            "way": say(
                "sheets.way_value",
                lang,
                km=thousands(trip.metres / 1000, lang, 1),
                minutes=words.duration(trip.seconds, lang),
            ),
            "on_the_way": words.on_the_way(whole, lang, others=self._beyond(legs)),
            "weather": say(
                "sheets.weather_same" if weather.plan == weather.late else "sheets.weather_value",
                lang,
                plan=say(f"term.{weather.plan}", lang),
                late=say(f"term.{weather.late}", lang),
            ),
        }
        return [[say(f"sheets.{what}", lang), text] for what, text in facts.items() if text]

    def _coming(self, leg: Any) -> str:  # noqa: ANN401 - a row
        """Say from where the vehicle comes to its base first, where its day before ended elsewhere."""
        if leg.order:
            return ""
        km, minutes = self._way(leg)
        name, at = self.names[leg.from_stop], {what: words.clock(getattr(leg, what)) for what in ("depart", "arrive")}
        return say("sheets.coming_value", self.lang, name=name, way=f"{km}, {minutes}", **at)

    def _going(self, leg: Any, known: pd.Timestamp) -> str:  # noqa: ANN401 - a row
        """Say where the vehicle goes on to after counting, when it is unloaded, where its day ends elsewhere."""
        km, minutes = self._way(leg)
        depart = words.on_day(leg.depart, known)
        arrive = words.time_range(leg.arrive, leg.arrive_late, self.lang, known)
        told = {"name": self.names[leg.to_stop], "depart": depart, "arrive": arrive, "way": f"{km}, {minutes}"}
        return say("sheets.going_value", self.lang, **told)

    def _critical(self, kode_trip: str, legs: Sequence[Any]) -> list[str]:
        """Say the worst of the bridges, fords and roads on the way that have no second way around them."""
        lang, every = self.lang, self.critical[kode_trip]
        before = {leg.order: self.names[leg.from_stop] for leg in legs}
        lines = [
            say(
                "sheets.critical_row",
                lang,
                no=no,
                what=self._critical_thing(one),
                km=thousands(one.along_m / 1000, lang, 1),
                name=before[one.order],
                lat=f"{one.lat:.5f}",
                lon=f"{one.lon:.5f}",
                n_tps=one.n_tps,
                pemilih=thousands(one.pemilih, lang),
            )
            for no, one in enumerate(every[:MOST_CRITICAL], start=1)
        ]
        more = len(every) - MOST_CRITICAL
        return [*lines, say("sheets.critical_more", lang, n=more)] if more > 0 else lines

    def _critical_thing(self, one: Passed) -> str:
        key = f"sheets.critical_{one.kind}{'s' if one.n > 1 else ''}"
        told = {
            "n": one.n,
            "nama": self.glyphs.printable(one.nama),
            "length": words.length(round(one.metres), self.lang),
        }
        return " ".join(say(key, self.lang, **told).split()).replace(" ,", ",")  # a road without a name leaves no gap

    def _escort(self, trip: Any) -> str:  # noqa: ANN401 - a row
        """Say how many officers go along, where the operation does; their names are written by hand."""
        n = self.plan.inputs.operation.escort(self.stages[trip.stage], trip.fleet)
        return say("sheets.escort_n", self.lang, n=n) if n else say("sheets.escort", self.lang)

    def _own(self, what: str) -> str:
        """Choose the word of the way out or of the way back."""
        return f"{what}_back" if self.muatan else what

    def _key(self, what: str) -> str:
        """Choose the sentence for what is on board."""
        return f"sheets.{what}_{self.muatan}" if self.muatan else f"sheets.{what}"

    def _late(self, plan: pd.Timestamp, late: pd.Timestamp, depart: pd.Timestamp) -> str:
        """Say the late end of a range, after the date where the planned time is not on the day of departure."""
        other = "" if plan.date() == depart.date() else f"{plan:%d-%m}"
        return "; ".join(filter(None, (other, words.late_time(plan, late, self.lang))))

    def _pieces(self, load: Any) -> int:  # noqa: ANN401 - a row
        """Count what is signed for: boxes, or the envelope with the copies."""
        return 1 if self.muatan == "salinan" else int(load.kotak)

    def _contacts(self, base: str, loads: Sequence[Any]) -> list[str]:
        """Whom to call: the base, the KPU, and the Polsek of the kecamatan on the way, where they are known."""
        kecamatan = {self.tps[load.kode_tps].kode_kec for load in loads}
        known = [name for kode_kec, name in self.polsek if kode_kec in kecamatan]
        kabupaten = self.glyphs.printable(self.plan.inputs.operation.region.kabupaten)
        kpu = say("sheets.contact_kpu", self.lang, kabupaten=kabupaten)
        return [base, kpu, *(known or [say("term.polsek", self.lang)])]

    def _stop(
        self,
        number: int,
        leg: Any,  # noqa: ANN401 - a row
        loads: Sequence[Any],
        depart: pd.Timestamp,
        *,
        mixed: bool,
    ) -> dict[str, Any]:
        name, say_text = self.names[leg.to_stop], self.glyphs.printable
        boxes = [(self.tps[load.kode_tps], load) for load in loads]
        kecamatan = dict.fromkeys(say_text(tps.nama_kec) for tps, _ in boxes)
        return {
            "no": str(number),
            "name": name,
            "where": ", ".join(kec for kec in kecamatan if kec != name),
            "tps": [
                {
                    "village": say_text(tps.nama_desa),
                    "no": say("sheets.tps", self.lang, no=tps.no_tps),
                    "code": load.kode_tps,
                    "kotak": str(self._pieces(load)),
                    "dapil": say_text(load.dapil) if mixed else "",
                }
                for tps, load in boxes
            ],
            "arrive": words.clock(leg.arrive),
            "late": self._late(leg.arrive, leg.arrive_late, depart),
            "way": self._way(leg),
            "road": [*(self.goods.lines(loads) if self.goods else []), *self._road(leg)],
            "kotak": str(sum(map(self._pieces, loads))),
            "qr": geo_qr(*self.lon_lat[leg.to_stop]),
            "qr_alt": say("sheets.qr_alt", self.lang, name=name),
        }

    def _way(self, leg: Any) -> list[str]:  # noqa: ANN401 - a row
        return [words.length(leg.metres, self.lang), words.duration(leg.seconds, self.lang)]

    def _beyond(self, legs: Sequence[Any]) -> str:
        """Say the other kabupaten that some legs pass."""
        named = (one for leg in legs for one in self.beyond.get((leg.kode_trip, leg.order), ()))
        return words.lengths(named, self.lang)

    def _road(self, leg: Any) -> list[str]:  # noqa: ANN401 - a row
        """Say what a driver must know of a leg, and which villages tell that the way is the right one."""
        by_way = ", ".join(
            say("sheets.passed", self.lang, name=mark.name, km=thousands(mark.metres / 1000, self.lang, 1))
            for mark in villages(leg.passed)
        )
        carried = "carry_salinan" if self.muatan == "salinan" else "carry"
        gate = self.gates.get(leg.to_stop, "")
        places = positions(leg.passed), rough(leg.passed)
        short_m = self.short.get((leg.kode_trip, leg.order), 0.0)
        what = words.on_the_way(leg, self.lang, *places, carried, gate, self._beyond([leg]), short_m)
        told = what and say("sheets.after", self.lang, name=self.names[leg.from_stop], what=what)
        return [*filter(None, (told, by_way and say("sheets.by_way", self.lang, names=by_way)))]


def box_kinds(plan: Plan, lang: Lang, glyphs: Glyphs) -> list[str]:
    """Heads of the columns for seal numbers: one a kind of ballot where each has its box, else box by box."""
    rules = plan.inputs.kit_rules
    n = next(item.per_tps for item in rules.items if item.key == rules.kotak_item)
    if n == len(rules.ballots) <= MOST_KINDS:
        names = [ballot.nama if lang == "id" else ballot.name for ballot in rules.ballots]
        return [glyphs.printable(name) for name in names]
    if n <= MOST_KINDS:
        return [say("sheets.seal_box", lang, n=number) for number in range(1, n + 1)]
    return [say("sheets.seals", lang)]
