"""What the columns of the layers are called, for people: the aliases that QGIS shows."""

from __future__ import annotations

from collections.abc import Iterable

from kaur_gis.catalogue import say, sentences
from kaur_gis.config import Lang
from kaur_gis.rules import KitRules


def column_name(layer: str, column: str, lang: Lang) -> str:
    """Say what a column of a layer holds, with its unit.

    Raises
    ------
    KeyError
        For a column that the catalogue does not know.
    """
    known = sentences()
    keys = [f"column.{layer}_{column}", f"column.{column}", f"tables.{column}"]
    return say(next((key for key in keys if key in known), keys[1]), lang)


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
