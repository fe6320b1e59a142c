"""Worlds whose boxes and copies of the results come back after counting."""

from __future__ import annotations

import datetime as dt

from tests.world import operation, world

OWN = {fleet.kode: fleet.model_dump() for fleet in operation().fleet}
LIGHT = {"sunrise": dt.time(6), "sunset": dt.time(18), "sumber": "contoh"}
COURIERS = tuple(
    OWN["MT"] | {"kode": kode, "stage": stage, "akses": ("biasa", "sulit"), "max_kotak": 1, "max_kg": kg}
    for kode, stage, kg in (("KA", "copies-ppk", 2.0), ("KB", "copies-gudang", 50.0))
)


def leg(name, origin, target, armada, **changes):
    """One leg of the way back, from eight in the evening of voting day until noon."""
    return {
        "name": name,
        "origin": origin,
        "target": target,
        "armada": armada,
        "start": dt.time(20),
        "end_day": 1,
        "end": dt.time(12),
        "loading_minutes": 10.0,
        "handover_minutes_per_stop": 5.0,
        "handover_minutes_per_tps": 1.0,
        "sumber": "contoh",
    } | changes


BOXES = (leg("boxes-ppk", "tps", "ppk", "ppk-tps"), leg("boxes-gudang", "ppk", "gudang", "gudang-ppk"))
COPIES = (
    leg("copies-ppk", "tps", "ppk", "copies-ppk", muatan="salinan"),
    leg("copies-gudang", "ppk", "gudang", "copies-gudang", muatan="salinan"),
)


def drawn(drawing="G---P---A---B", *, kembali=(*BOXES, *COPIES), rows=None, **asked):
    """Draw a world with a way back."""
    return world(drawing, kembali=kembali, fleet=rows or (*OWN.values(), *COURIERS), daylight=LIGHT, **asked)
