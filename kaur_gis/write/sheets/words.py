"""Figures of a trip in words: times, lengths, and what lies on the way."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang

WORTH_SAYING_M = 100  # shorter stretches of unpaved or unknown surface are not told
CARRY_M = 50  # from this distance between road and stop on, boxes are carried by hand
WORTH_SAYING = frozenset({"lemah", "tidak_ada", "belum_diketahui", "sulit"})  # of sinyal and akses
MOST_PLACES = 6  # more places of bridges on one drive are only counted


def length(metres: float, lang: Lang) -> str:
    """Say a length: ``350 m`` or ``1,4 km``."""
    if metres < 1000:  # noqa: PLR2004 - metres in a kilometre
        return say("sheets.metres", lang, m=round(metres))
    return say("sheets.km", lang, km=thousands(metres / 1000, lang, 1 if metres % 1000 else 0))


def peak(name: str, metres: float, lang: Lang) -> str:
    """Say a hill, with its height where that is known: ``Bukit Uji 2.100 m``."""
    return " ".join(filter(None, (name, height(metres, lang))))


def height(metres: float, lang: Lang) -> str:
    """Say a height above the sea; "" where it is not known."""
    return "" if math.isnan(metres) else say("sheets.metres", lang, m=thousands(metres, lang))


def lengths(named: Iterable[tuple[str, float]], lang: Lang) -> str:
    """Say names with the length of each, the longest first: ``Seluma 1,2 km, Lampung Barat 300 m``."""
    metres = Counter[str]()
    for name, own in named:
        metres[name] += round(own)
    return ", ".join(f"{name} {length(own, lang)}" for name, own in metres.most_common())


def duration(seconds: float, lang: Lang) -> str:
    """Say a duration in whole minutes, rounded up: nobody is early by rounding."""
    hours, minutes = divmod(int(-(-seconds // 60)), 60)
    told = [say("sheets.hours", lang, h=hours)] if hours else []
    if minutes or not hours:
        told.append(say("sheets.minutes", lang, m=minutes))
    return " ".join(told)


def clock(moment: pd.Timestamp) -> str:
    """Say a time of day, to the minute."""
    return f"{moment:%H:%M}"


def on_day(moment: pd.Timestamp, known: pd.Timestamp) -> str:
    """Say a time of day, with its date where that is another than the one that is known: ``15-02 06:30``."""
    return clock(moment) if moment.date() == known.date() else f"{moment:%d-%m} {clock(moment)}"


def late_time(plan: pd.Timestamp, late: pd.Timestamp, lang: Lang) -> str:
    """Say the late end of a range; "" where it is the planned time."""
    if pd.isna(late):
        return say("sheets.late_closed", lang)
    told = on_day(late, plan)
    return "" if told == clock(plan) else say("sheets.late", lang, late=told)


def time_range(plan: pd.Timestamp, late: pd.Timestamp, lang: Lang, known: pd.Timestamp | None = None) -> str:
    """Say the planned time and the late one, where the day is known; a NaT means that a road is closed then."""
    first = on_day(plan, known or plan)
    if pd.isna(late):
        return say("sheets.range", lang, plan=first, late=say("sheets.closed", lang))
    last = on_day(late, plan)
    return first if last == clock(plan) else say("sheets.range", lang, plan=first, late=last)


def day(moment: dt.date, lang: Lang) -> str:
    """Say a date with its day of the week: ``Selasa 13-02-2024``."""
    return f"{say(f'sheets.day_{moment.weekday()}', lang)} {moment:%d-%m-%Y}"


def at_km(metres: Sequence[float], lang: Lang) -> str:
    """Say where on a drive things lie: ``km 1,2; 4,0``; "" for none or too many to be read."""
    if not 0 < len(metres) <= MOST_PLACES:
        return ""
    return say("sheets.at_km", lang, km="; ".join(thousands(m / 1000, lang, 1) for m in metres))


def on_the_way(
    leg: Any,  # noqa: ANN401 - a row of layers.Legs, or their sum
    lang: Lang,
    where: Mapping[str, Sequence[float]] = MappingProxyType({}),
    rough: Sequence[tuple[float, float]] = (),
    carried: str = "carry",
    gate: str = "",
    others: str = "",
    short_m: float = 0.0,
) -> str:
    """Say what a driver must know of a leg; "" where there is nothing.

    Parameters
    ----------
    leg : row
        `bridges`, `fords`, `ferries`, `unpaved_m` [m], `unknown_m` [m], `outside_m` [m], `walk_m` [m], `walk_s` [s].
    lang : {"id", "en"}
        Language.
    where : mapping
        Metres from the leg's start at which its bridges and fords lie, by kind, where that is known.
    rough : sequence of (float, float)
        Where its unpaved stretches begin, and how long they are [m], where that is known.
    carried : str
        Key of the sentence about what is carried by hand.
    gate : str
        How the access point at its end is known (`config.Sumber`); "" where it has none.
    others : str
        The other kabupaten that it passes, by name and length; "" where they are not known.
    short_m : float
        How far from its place its line ends, which nobody counts [m].
    """
    told = []
    for what in ("bridges", "fords", "ferries"):
        n = int(getattr(leg, what))
        if n:
            told.append(" ".join(filter(None, (say(f"sheets.{what}", lang, n=n), at_km(where.get(what, ()), lang)))))
    for what in ("unpaved", "unknown"):
        metres = int(getattr(leg, f"{what}_m"))
        if what == "unpaved" and 0 < len(rough) <= MOST_PLACES:
            told += [_stretch(begin, long, lang) for begin, long in rough if long >= WORTH_SAYING_M]
        elif metres >= WORTH_SAYING_M:
            told.append(say(f"sheets.{what}", lang, length=length(metres, lang)))
    if leg.outside_m >= WORTH_SAYING_M:
        beyond = say("sheets.outside", lang, length=length(leg.outside_m, lang))
        told.append(f"{beyond} ({others})" if others else beyond)
    if leg.walk_m > CARRY_M:
        what = say(f"sheets.{carried}", lang, m=thousands(leg.walk_m, lang), time=duration(leg.walk_s, lang))
        told.append(say("sheets.by_gate", lang, what=what, sumber=say(f"term.{gate}", lang)) if gate else what)
    if short_m >= WORTH_SAYING_M:
        told.append(say("sheets.short", lang, length=length(short_m, lang)))
    return "; ".join(told)


def _stretch(begin: float, long: float, lang: Lang) -> str:
    """Say where an unpaved stretch begins, and how long it is."""
    km = thousands(begin / 1000, lang, 1)
    return say("sheets.stretch", lang, what=say("sheets.unpaved", lang, length=length(long, lang)), km=km)
