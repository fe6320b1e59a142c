"""What the columns of the layers are called, for people: the aliases that QGIS shows."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

import pandera.pandas as pa

from kaur_gis.catalogue import LANGS, say, sentences
from kaur_gis.config import Lang
from kaur_gis.rules import KitRules
from kaur_gis.store import LAYERS


def column_name(layer: str, column: str, lang: Lang) -> str:
    """Say what a column of a layer holds, with its unit; a column without a name is called by its key."""
    known = sentences()
    keys = (f"column.{layer}_{column}", f"column.{column}", f"tables.{column}")
    return next((say(key, lang) for key in keys if key in known), column)


def kit_names(rules: KitRules, lang: Lang) -> dict[str, str]:
    """Name the columns of layer `Kits` that the rule file brings: pieces of each item, ballots of each kind."""
    pieces = {f"jml_{item.key}": ("pieces", item) for item in rules.items}
    sheets = {f"suara_{ballot.key}": ("ballots", ballot) for ballot in rules.ballots}
    return {
        column: say(f"tables.{unit}", lang, name=thing.nama if lang == "id" else thing.name)
        for column, (unit, thing) in (pieces | sheets).items()
    }


def aliases(layer: str, columns: Iterable[str], rules: KitRules, lang: Lang) -> dict[str, str]:
    """Name every column of a layer.

    Parameters
    ----------
    layer : str
        Name of the layer in the GeoPackage.
    columns : iterable of str
    rules : KitRules
        The rule file that names the kit's columns.
    lang : {"id", "en"}

    Returns
    -------
    dict
        Column -> its name for people, in the order of `columns`.
    """
    kit = kit_names(rules, lang)
    return {column: kit.get(column) or column_name(layer, column, lang) for column in columns}


TABLE = ("| column | type | may hold | id | en | meaning |", "|---|---|---|---|---|---|")


def layer_page() -> str:
    """Write the page that documents every layer: columns, types, what may stand in them, and what they mean.

    Returns
    -------
    str
        Markdown. The meaning is the comment beside the column in `kaur_gis.layers`, the names are the catalogue's.
    """
    lines = [
        "# Layers",
        "",
        "Every layer of a plan, as `kaur_gis.layers` types it: `plan.tps` and its like in Python,",
        "`layers/<layer>.parquet` in a run, and a layer of `layers.gpkg` (`road_edges` is `jalan` there).",
        "Geometry is EPSG:4326 (lon, lat).",
        "This page is made from the code by `make docs`; a test holds it against the code.",
    ]
    for name, model in LAYERS.items():
        schema = model.to_schema()
        meanings = _meanings(model)
        levels = getattr(schema.index, "indexes", [schema.index])
        about = inspect.cleandoc(model.__doc__ or "").replace("\n\n", " ").replace("\n", " ")
        lines += [
            "",
            f"## {name}",
            "",
            about,
            "",
            "| column | type | may hold | id | en | meaning |",
            "|---|---|---|---|---|---|",
        ]
        for part, index in [*((level, True) for level in levels), *((c, False) for c in schema.columns.values())]:
            shown = part.name.strip("^$").replace("[a-z0-9_]+", "*")
            names = [_cell(_name_or_pattern(name, part.name, lang)) for lang in LANGS]
            kind = f"{_type(part)}{' (index)' if index else ''}{', may be missing' if part.nullable else ''}"
            held = _cell(", ".join(_said(check) for check in part.checks))
            row = [f"`{shown}`", kind, held, *names, _cell(meanings.get(part.name, ""))]
            lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def _meanings(model: type[pa.DataFrameModel]) -> dict[str, str]:
    """Read the comments beside the columns, of a layer and of those it extends."""
    found: dict[str, str] = {}
    for layer in reversed(model.__mro__):
        if not layer.__module__.startswith("kaur_gis"):
            continue
        for line in inspect.getsource(layer).splitlines():
            if match := re.fullmatch(r"    (\w+): \w+\[.*  # (.*)", line):
                found[match[1]] = match[2]
    return found


def _name_or_pattern(layer: str, column: str, lang: Lang) -> str:
    if column.startswith("^"):
        return say("tables.pieces" if "jml" in column else "tables.ballots", lang, name="…")
    return column_name(layer, column, lang)


def _type(part: Any) -> str:  # noqa: ANN401 - a column or an index of pandera
    name = str(part.dtype)
    return "text" if name.startswith("str") else name


def _said(check: Any) -> str:  # noqa: ANN401 - a check of pandera
    told = check.statistics
    signs = {"greater_than_or_equal_to": ("min_value", "≥ "), "greater_than": ("min_value", "> ")}
    signs |= {"less_than_or_equal_to": ("max_value", "≤ "), "less_than": ("max_value", "< ")}
    if check.name in signs:
        key, sign = signs[check.name]
        return f"{sign}{told[key]}"
    if check.name == "isin":
        return " · ".join(f"`{value}`" if value else "empty" for value in told["allowed_values"])
    pattern = told["pattern"]
    return f"`{getattr(pattern, 'pattern', pattern)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
