"""Answers of a survey against the list of TPS: what is taken from them, and where they disagree with it or each other.

A measured value beats a listed one. Of two that disagree none is taken, unless one is plainly newer; whatever is not
plain is listed, taken or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyproj

from kaur_gis.config import SINYAL
from kaur_gis.inputs import Inputs
from kaur_gis.place import place
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.survey import ACCURACY, DAYS, OPERATORS, POSITION_DAY, POSITION_SUMBER, SIGNALS

FAR_M = 1000.0  # from the listed position on, it is said
SAME_M = 50.0  # two answers for one TPS may lie so far apart: a school has several doors
POOR_M = 100.0  # a point that is less exact than this is none
CONFLICT = ("kode_tps", "apa", "operator", "baris", "daftar", "jawaban", "metres", "dipakai")
_GEOD = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True)
class Merged:
    """What came of a survey.

    Attributes
    ----------
    taken : DataFrame
        By `kode_tps`, only those for which something is taken: columns of the list of TPS as texts, "" where the list
        stays as it is.
    conflicts : DataFrame
        `kode_tps`, `apa` (``inaccurate``, ``two_positions``, ``outside``, ``far``, ``moved``, ``two_signals``,
        ``older_signal``, ``listed_signal``), `operator`, `baris` (row of the answer), `daftar` (what was known before),
        `jawaban`, `metres` (distance [m], NaN for signals), `dipakai` (whether the answer is taken). Sorted.
    """

    taken: pd.DataFrame
    conflicts: pd.DataFrame


def merge(inputs: Inputs, answers: pd.DataFrame, *, far_m: float = FAR_M) -> Merged:
    """Hold the answers of a survey against the list of TPS.

    Parameters
    ----------
    inputs : Inputs
        Of the operation for whose TPS was asked.
    answers : DataFrame
        As `read.survey.read_answers` gives it.
    far_m : float
        From how far from the listed position on an answer is shown as a conflict [m].

    Returns
    -------
    Merged

    Raises
    ------
    InputProblems
        For answers about a TPS that the list does not have.
    """
    strange = answers[~answers["kode_tps"].isin(inputs.tps.index)]
    if len(strange):
        file = str(answers.attrs.get("file", ""))
        rows = zip(strange["baris"], strange["kode_tps"], strict=True)
        raise InputProblems(Problem("survey_tps_unknown", file, row, "kode_tps", kode) for row, kode in rows)
    conflicts: list[tuple[Any, ...]] = []
    positions = _positions(inputs, answers, far_m, conflicts)
    signals = _signals(inputs, answers, conflicts)
    taken = positions.join(signals, how="outer").fillna("").sort_index()
    found = pd.DataFrame(conflicts, columns=list(CONFLICT))
    return Merged(taken, found.sort_values(["kode_tps", "apa", "operator", "baris"], ignore_index=True))


class Answer(NamedTuple):
    """A point that was answered, as one row of the answers."""

    baris: int
    kode_tps: str
    tanggal: str
    lon: float
    lat: float
    akurasi_m: float


def _positions(inputs: Inputs, answers: pd.DataFrame, far_m: float, conflicts: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Choose the point of each TPS: exact enough, agreed upon, in its own kecamatan."""
    before, _ = place(inputs)
    at = before.get_coordinates()

    def told(answer: Answer, apa: str, metres: float, *, taken: bool = False) -> None:
        kode = answer.kode_tps
        listed = f"{_degrees(at['x'][kode], at['y'][kode])} ({before['posisi'][kode]})"
        found = _degrees(answer.lon, answer.lat)
        conflicts.append((kode, apa, "", answer.baris, listed, found, metres, taken))

    chosen = _agreed(answers, told)
    lon, lat = ({kode: getattr(answer, name) for kode, answer in chosen.items()} for name in ("lon", "lat"))
    codes = inputs.tps.index.to_series()
    posisi = ["gps" if kode in chosen else "" for kode in codes]
    moved = inputs.tps.assign(
        lon=codes.map(lon).astype("float64"),
        lat=codes.map(lat).astype("float64"),
        posisi_data=pd.Series(posisi, index=codes.index, dtype="str"),
    )
    after, _ = place(replace(inputs, tps=moved))
    found: dict[str, dict[str, str]] = {}
    for kode, answer in chosen.items():
        metres = _metres(answer.lon, answer.lat, at["x"][kode], at["y"][kode])
        measured = before["posisi"][kode] == "gps"
        if after["placed_by"][kode] == "outside":
            told(answer, "outside", float(after["border_m"][kode]))
            continue
        if metres > far_m:
            told(answer, "moved" if measured else "far", metres, taken=not measured)
        if metres <= far_m or not measured:
            exact = "" if np.isnan(answer.akurasi_m) else f"{answer.akurasi_m:.1f}"
            point = {"lon": f"{answer.lon:.7f}", "lat": f"{answer.lat:.7f}", "posisi_data": "gps"}
            found[kode] = point | {POSITION_SUMBER: "ukur", POSITION_DAY: answer.tanggal, ACCURACY: exact}
    return _frame(found, ["lon", "lat", "posisi_data", POSITION_SUMBER, POSITION_DAY, ACCURACY])


def _agreed(answers: pd.DataFrame, told: Callable[[Answer, str, float], None]) -> dict[str, Answer]:
    """Choose the most exact point of each TPS where all that are exact enough lie together; tell the others."""
    asked = answers[answers["lon"].notna()].sort_values(["kode_tps", "akurasi_m", "baris"], na_position="last")
    rows = [Answer(*row) for row in asked[list(Answer._fields)].itertuples(index=False)]
    chosen = {}
    for kode, own in groupby(rows, key=lambda answer: answer.kode_tps):
        good = []
        for answer in own:
            if answer.akurasi_m > POOR_M:
                told(answer, "inaccurate", answer.akurasi_m)
            else:
                good.append(answer)
        apart = [_metres(answer.lon, answer.lat, good[0].lon, good[0].lat) for answer in good]
        if max(apart, default=0.0) > SAME_M:
            for answer, metres in zip(good, apart, strict=True):
                told(answer, "two_positions", metres)
        elif good:
            chosen[kode] = good[0]
    return chosen


def _signals(inputs: Inputs, answers: pd.DataFrame, conflicts: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Choose the newest answer of each operator; the strongest is what the TPS has."""
    found: dict[str, dict[str, str]] = {}
    for operator in OPERATORS:
        column = SIGNALS[operator]
        asked = answers[answers[column] != ""].sort_values(["tanggal", "baris"])
        for kode, own in asked.groupby("kode_tps", sort=True):
            last = own[own["tanggal"] == own["tanggal"].iloc[-1]]
            if len(set(last[column])) > 1:
                conflicts += [
                    (kode, "two_signals", operator, row.baris, "", getattr(row, column), np.nan, False)
                    for row in last.itertuples()
                ]
                continue
            word, day = last[column].iloc[0], last["tanggal"].iloc[0]
            older = own[(own["tanggal"] < day) & (own[column] != word)]
            conflicts += [
                (kode, "older_signal", operator, row.baris, getattr(row, column), word, np.nan, True)
                for row in older.itertuples()
            ]
            found.setdefault(str(kode), {}).update({column: word, DAYS[operator]: day})
    for kode, words in found.items():
        strongest = min((words[column] for column in SIGNALS.values() if column in words), key=SINYAL.index)
        listed = inputs.tps["sinyal_data"][kode]
        if listed not in {strongest, "belum_diketahui"}:
            row = int(answers.loc[answers["kode_tps"] == kode, "baris"].iloc[-1])
            listed_as = f"{listed} ({inputs.tps['sinyal_data_sumber'][kode]})"
            conflicts.append((kode, "listed_signal", "", row, listed_as, strongest, np.nan, True))
        words |= {"sinyal_data": strongest, "sinyal_data_sumber": "ukur"}
    columns = [
        "sinyal_data",
        "sinyal_data_sumber",
        *(name for pair in zip(SIGNALS.values(), DAYS.values(), strict=True) for name in pair),
    ]
    return _frame(found, columns)


def _frame(rows: dict[str, dict[str, str]], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype="str")
    return frame.rename_axis("kode_tps")


def _metres(lon: float, lat: float, lon2: float, lat2: float) -> float:
    return float(_GEOD.inv(lon, lat, lon2, lat2)[2])


def _degrees(lon: float, lat: float) -> str:
    return f"lat {lat:.5f}, lon {lon:.5f}"
