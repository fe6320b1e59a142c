"""Couriers, channels and relays: who carries phones to which place with signal, who needs another device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaur_gis import people
from kaur_gis.catalogue import say, sentences
from kaur_gis.config import Lang
from kaur_gis.write.heard import same_point
from kaur_gis.write.replaced import NOTHING, Replaced
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.base import paper, rows, rows_by
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.qr import geo_qr

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

LABELS = (
    "courier_title",
    "courier_round",
    "courier_tps",
    "courier_times",
    "courier_who",
    "courier_name",
    "phone",
    "courier_device",
    "courier_apart",
    "courier_channel",
    "courier_nearest",
    "courier_differs",
    "courier_holds",
    "relay_title",
    "relay_post",
    "relay_tps",
    "relay_choice",
)


def content(plan: Plan, lang: Lang, replaces: Replaced = NOTHING) -> dict[str, Any]:
    """Gather couriers and channels by kecamatan, relay posts, and where statements on the signal differ.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the paper.
    replaces : Replaced, optional
        The paper that this one replaces.

    Returns
    -------
    dict
        Texts (printable) and QR codes, ready for JSON.
    """
    glyphs = Glyphs()
    tps = rows(plan.tps[["no_tps", "nama_desa", "nama_kec", "kode_kec"]], "kode_tps")
    stops = rows(plan.stops[["kind", "nama", "geometry"]], "kode_stop")
    vehicles = plan.inputs.speeds.vehicles
    members = rows_by(plan.channels, "kode_kurir", ["order", "kode_tps"])

    def named(kode: str) -> dict[str, str]:
        found = tps[kode]
        told = f"{glyphs.printable(found.nama_desa)} {say('sheets.tps', lang, no=found.no_tps)}"
        return {"name": told, "code": kode}

    def vehicle(key: str) -> str:
        return glyphs.printable(vehicles[key].nama if lang == "id" else vehicles[key].name)

    def place(kode: str, sumber: str) -> str:
        stop = stops[kode]
        kind = "courier_at_point" if stop.kind == "sinyal" else "courier_at_village"
        return say(f"sheets.{kind}", lang, name=glyphs.printable(stop.nama), sumber=say(f"term.{sumber}", lang))

    def courier(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of layers.Couriers
        point = stops[row.signal_stop].geometry
        at = place(row.signal_stop, row.signal_sumber)
        known = ("depart", "arrive", "sent", "back") if row.way_known else ("depart",)
        return {
            "code": glyphs.printable(row.kode_kurir),
            "vehicle": vehicle(row.vehicle),
            "place": at,
            "warning": "" if row.way_known else same_point(lang),
            "tps": [{"no": str(member.order), **named(member.kode_tps)} for member in members[row.kode_kurir]],
            "times": [say(f"sheets.courier_{name}", lang, at=words.clock(getattr(row, name))) for name in known],
            "qr": geo_qr(point.x, point.y),
            "qr_alt": say("sheets.qr_alt", lang, name=at),
        }

    def apart(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of layers.Channels
        nearest = say("sheets.courier_nowhere", lang)
        if row.signal_stop:
            minutes = words.duration(row.there_s, lang)
            nearest = say("sheets.courier_far", lang, place=place(row.signal_stop, row.signal_sumber), minutes=minutes)
        if row.radio_stop:
            nearest = say("sheets.courier_radio", lang, place=place(row.radio_stop, row.radio_sumber))
        return {**named(row.kode_tps), "channel": say(f"term.{row.channel}", lang), "nearest": nearest}

    kecamatan = []
    channels = plan.channels.assign(kode_kec=plan.tps["kode_kec"].reindex(plan.channels.index))
    carriers = rows_by(plan.couriers, "kode_kec", ["kode_kurir"])
    for kode_kec, here in rows_by(channels, "kode_kec", ["kode_tps"]).items():
        count = {kind: sum(row.channel == kind for row in here) for kind in ("kurir", "ht", "satelit")}
        mine = [courier(row) for row in carriers.get(kode_kec, [])]
        kecamatan.append(
            {
                "name": glyphs.printable(plan.inputs.kecamatan["nama"][kode_kec]),
                "told": say("sheets.courier_told", lang, n=len(mine), **count),
                "couriers": mine,
                "apart": [apart(row) for row in here if row.channel != "kurir"],
            }
        )
    differing = rows_by(plan.signals[plan.signals["differs"] != ""], "kode_tps", ["operator"])
    differs = [
        {
            **named(row.kode_tps),
            "holds": glyphs.printable(statement((row.operator, row.sinyal, row.sumber, row.tanggal), lang)),
            "differs": glyphs.printable(others(row.differs, lang)),
        }
        for here in differing.values()
        for row in here
    ]
    day = words.day(plan.inputs.operation.operation.voting_day, lang)
    how = plan.inputs.operation.komunikasi
    limit = words.duration(60 * how.max_minutes, lang) if how else ""
    rule = say("sheets.courier_rule", lang, limit=limit, sumber=say(f"term.{how.sumber}", lang)) if how else ""
    front = {
        "relays": _relays(plan, glyphs, lang),
        "relays_told": [line.strip() for line in people.relay_lines(plan, lang)],
        "differs": differs,
        "day": day,
        "rule": rule,
    }
    told = paper(plan, lang, glyphs, LABELS, [*kecamatan, front], replaces, [day, rule])
    return told | front | {"kecamatan": kecamatan}


def _relays(plan: Plan, glyphs: Glyphs, lang: Lang) -> list[dict[str, str]]:
    """Tell each post of a radio relay: where it stands, how many TPS it reaches, and in which choice it stands."""
    told = []
    for row in plan.relays[plan.relays["semua"] | plan.relays["radio"]].sort_index().reset_index().itertuples():
        chosen = [say(f"tables.{name}", lang) for name in ("semua", "radio") if getattr(row, name)]
        told.append(
            {
                "code": glyphs.printable(row.kode_relay),
                "name": glyphs.printable(row.nama),
                "at": f"{row.geometry.y:.5f}, {row.geometry.x:.5f} · {say('term.' + row.sumber, lang)}",
                "n_tps": str(row.n_tps),
                "chosen": "; ".join(chosen),
                "qr": geo_qr(row.geometry.x, row.geometry.y),
                "qr_alt": say("sheets.qr_alt", lang, name=glyphs.printable(row.kode_relay)),
            }
        )
    return told


def statement(said: tuple[str, str, str, str], lang: Lang) -> str:
    """Say a statement on the signal: operator, signal, source, day."""
    operator, sinyal, sumber, tanggal = ("" if part == "-" else part for part in said)
    known = say(
        "sheets.courier_statement", lang, sinyal=say(f"term.{sinyal}", lang), sumber=say(f"term.{sumber}", lang)
    )
    return " · ".join(part for part in (operator, known, tanggal) if part)


def others(differs: str, lang: Lang) -> str:
    """Say the statements of `layers.Signals.differs`, whatever the name of an operator holds."""
    said = []
    for claim in differs.split("; ") if differs else ():
        parts = claim.rsplit(" / ", 3)
        right = len(parts) == 4 and f"term.{parts[1]}" in sentences() and f"term.{parts[2]}" in sentences()  # noqa: PLR2004
        said.append(statement((parts[0], parts[1], parts[2], parts[3]), lang) if right else claim)
    return "; ".join(said)
