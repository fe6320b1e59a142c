"""Scenarios side by side as files: workbook, CSV, and their layers on the operation's map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import Lang
from kaur_gis.summary import closed, notices
from kaur_gis.write.map import write_map
from kaur_gis.write.map.more import Lead, MapLayer, Shape, Thing, mark_at
from kaur_gis.write.workbook import Table, write_book_and_csv

if TYPE_CHECKING:
    from kaur_gis.cut.scenarios import Comparison

NAME = "skenario"
PLACE = ["kode_tps", "nama_kec", "nama_desa", "no_tps", "pemilih", "kotak"]
SHAPES: dict[str, tuple[Shape, bool]] = {
    "late": ("diamond", False),
    "cut": ("cross", True),
    "earlier": ("hexagon", False),
}
LED = ["n_served", "n_late", "n_cut", "n_earlier", "vehicles", "km"]  # what the map's own table says


def write_scenarios(found: Comparison, folder: Path, lang: Lang) -> list[Path]:
    """Write ``skenario.xlsx``, its tables as CSV, and ``peta_skenario.html``.

    Parameters
    ----------
    found : Comparison
    folder : Path
        Made where it is not there; earlier files of the same names are replaced.
    lang : {"id", "en"}

    Returns
    -------
    list of Path

    Raises
    ------
    OutputError
        Where a file could not be written; the earlier one then still stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plan = found.plans[0]
    names = [name or say("skenario.as_is", lang) for name in found.names]
    assumed = [assumed_of(found, number, lang) for number in range(len(names))]
    table = found.table.assign(
        nama=pd.Series(names, dtype="str"),
        anggapan=pd.Series([what for what, _ in assumed], dtype="str"),
        sumber=pd.Series([sumber for _, sumber in assumed], dtype="str"),
    )
    tps = pd.DataFrame(plan.tps).assign(kotak=plan.kits["kotak"]).reset_index()[PLACE]
    heads = {name: say(f"weak.{name}", lang) for name in PLACE}
    states = _states(found, lang)
    for number, name in enumerate(names):
        tps[f"s{number}"] = states[number].to_numpy()
        heads[f"s{number}"] = name
    both = (found.state + found.wave).to_numpy()
    other = (both != both[:, [0]]).any(axis=1)
    changed_first = tps.iloc[np.argsort(~other, kind="stable")]
    tables = [
        Table(
            "perbandingan",
            say("skenario.sheet_perbandingan", lang),
            table,
            {name: say(f"skenario.{name}", lang) for name in table.columns},
            decimals={"km": 0, "hours": 1},
        ),
        Table("per_tps", say("skenario.sheet_per_tps", lang), changed_first, heads, frozen=4),
    ]
    about = [
        (say("tables.about_operation", lang), plan.inputs.operation.operation.name),
        (say("skenario.method", lang), say("skenario.method_text", lang)),
        *((name, one.version) for name, one in zip(names, found.plans, strict=True)),
        *((say("tables.about_notice", lang), line) for line in notices(plan, lang)),
    ]
    files = write_book_and_csv(folder / f"{NAME}.xlsx", (say("tables.about", lang), about), tables, f"{NAME}_")
    files.append(folder / f"peta_{NAME}.html")
    write_map(plan, files[-1], lang, also=map_layers(found, lang), lead=lead_of(found, lang))
    return files


def assumed_of(found: Comparison, number: int, lang: Lang) -> tuple[str, str]:
    """Say what a scenario assumes other than the operation itself, and the source of that."""
    inputs = found.plans[number].inputs
    told = []
    for scenario in inputs.operation.skenario if number else ():
        if scenario.cuaca is not None:
            told.append(say("skenario.weather", lang, cuaca=say(f"term.{scenario.cuaca}", lang)))
        told += [closed(closure, lang) for closure in inputs.roads.closures if closure.asked in scenario.tutup]
        for fleet in inputs.operation.fleet:
            more = scenario.armada.get(fleet.kode, 0)
            if more:
                told.append(say(f"skenario.{'added' if more > 0 else 'fewer'}", lang, n=abs(more), nama=fleet.name))
        return "; ".join(told) or "-", say(f"term.{scenario.sumber}", lang)
    return "-", "-"


def lead_of(found: Comparison, lang: Lang) -> Lead:
    """Lay out the comparison for the first thing that the map says."""
    plan = found.plans[0]
    names = [name or say("skenario.as_is", lang) for name in found.names]
    notes = []
    for number, name in enumerate(names):
        what, sumber = assumed_of(found, number, lang)
        if number:
            notes.append(say("skenario.map_note", lang, nama=name, anggapan=what, sumber=sumber))
    return Lead(
        say("skenario.map_title", lang, name=plan.inputs.operation.operation.name, version=plan.version),
        say("skenario.sheet_perbandingan", lang),
        [say(f"skenario.short_{name}", lang) for name in ("nama", *LED)],
        [
            [name, *(thousands(round(row[column]), lang) for column in LED)]
            for name, row in zip(names, found.table.to_dict("records"), strict=True)
        ],
        [*notes, say("skenario.method_text", lang)],
    )


def map_layers(found: Comparison, lang: Lang) -> list[MapLayer]:
    """Show for each scenario who is late or not served and which roads are closed, on the map of the first plan."""
    layers: list[MapLayer] = []
    states = _states(found, lang)
    shown = 0  # the first scenario that has anything to show is shown at first
    for number, plan in enumerate(found.plans):
        own = []
        name = found.names[number] or say("skenario.as_is", lang)
        earlier = found.day[number] > found.day[0]
        for state, (shape, dark) in SHAPES.items():
            things = []
            theirs = earlier if state == "earlier" else found.state[number] == state
            for kode in plan.tps.index[theirs.reindex(plan.tps.index)]:
                tps = plan.tps.loc[kode]
                facts = [
                    (say("weak.pemilih", lang), thousands(int(tps["pemilih"]), lang)),
                    (say("weak.kotak", lang), thousands(int(plan.kits["kotak"][kode]), lang)),
                    *((label or say("skenario.as_is", lang), states[at][kode]) for at, label in enumerate(found.names)),
                ]
                title = say("skenario.thing", lang, desa=tps["nama_desa"], no_tps=tps["no_tps"])
                things.append(Thing(str(kode), title, mark_at(tps.geometry.x, tps.geometry.y), facts))
            label = say(f"skenario.layer_{state}", lang, nama=name)
            own.append(MapLayer(f"{state}_{_letters(number)}", label, things, shape, str(number), dark))
        roads = _closed(found, number, name)
        label = say("skenario.layer_roads", lang, nama=name)
        own.append(MapLayer(f"tutup_{_letters(number)}", label, roads, stroke=7, dash=(2, 4)))
        own = [layer for layer in own if layer.things]
        if own and number and not shown:
            shown, own = number, [replace(layer, on=True) for layer in own]
        layers += own
    return layers


def _states(found: Comparison, lang: Lang) -> list[pd.Series]:
    """Say of each TPS what becomes of it in each plan, and why it is not served."""
    told = []
    for number, plan in enumerate(found.plans):
        waves = zip(found.state[number], found.wave[number], strict=True)
        words = [
            say("skenario.in_wave", lang, state=say(f"skenario.state_{state}", lang), wave=wave)
            if wave
            else say(f"skenario.state_{state}", lang)
            for state, wave in waves
        ]
        why = [plan.unserved["reason"].get(kode, "") for kode in found.state.index]
        full = [
            f"{word}: {say(f'term.{reason}', lang)}" if reason else word
            for word, reason in zip(words, why, strict=True)
        ]
        told.append(pd.Series(full, index=found.state.index, dtype="str"))
    return told


def _closed(found: Comparison, number: int, name: str) -> list[Thing]:
    """Lines of the roads that a scenario closes beyond those that are closed anyway."""
    roads = found.plans[number].inputs.roads
    things: list[Thing] = []
    for closure in roads.closures[len(found.plans[0].inputs.roads.closures) :]:
        edges = [edge for edge in closure.edges if not 0 <= roads.edges["twin"][edge] < edge]
        for edge in edges:
            line = shapely.get_coordinates(roads.edges.geometry[edge])
            things.append(
                Thing(
                    f"{len(things) + 1}",
                    closure.asked.sebab or closure.asked.lokasi,
                    line,
                    [(name, closure.asked.lokasi)],
                )
            )
    return things


def _letters(number: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[number]
