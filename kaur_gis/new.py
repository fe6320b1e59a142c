"""A new operation folder for another kabupaten: commented, with empty tables, ready for `check`."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.read.desa import COLUMNS as DESA
from kaur_gis.read.kecamatan import PROPERTIES
from kaur_gis.read.personel import COLUMNS as PERSONEL
from kaur_gis.read.places import COLUMNS as PLACES
from kaur_gis.read.signal import CLAIMS, POINTS, SITES
from kaur_gis.read.tables import IGNORED_COLUMN, Column
from kaur_gis.read.tags import KEY, open_to
from kaur_gis.read.tps import IDENTITY, TAGS
from kaur_gis.write.safely import replace_with

KODE = re.compile(r"\d{2}\.\d{2}", re.ASCII)
MAX_NAME = 100
TABLES: dict[str, tuple[Column, ...]] = {
    "kecamatan": PROPERTIES,
    "desa": DESA,
    "tempat": PLACES,
    "tps": (*IDENTITY, *TAGS),  # what a merged survey adds, it writes itself
    "tanda": (KEY, *open_to(TAGS)),
    "personel": PERSONEL,
    "sinyal": CLAIMS,
    "cakupan": POINTS,
    "relay": SITES,
}
HELP = "KOLOM.md"


def why_not(kode: str, nama: str, folder: Path, lang: Lang) -> str:
    """Say why no operation can be made; "" where it can."""
    if not KODE.fullmatch(kode):
        return say("cli.new_code_wrong", lang, kode=kode)
    if not 0 < len(nama.strip()) <= MAX_NAME or not nama.isprintable() or re.search(r"[\"\\\\]", nama):
        return say("cli.new_name_wrong", lang)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        return say("cli.new_there", lang, folder=folder)
    return ""


def new_operation(kode: str, nama: str, folder: Path, lang: Lang) -> list[Path]:
    """Write the folder.

    Parameters
    ----------
    kode : str
        Kemendagri code of the kabupaten; `why_not` has been asked.
    nama : str
        Its name.
    folder : Path
        Absent or empty.
    lang : {"id", "en"}
        Language of the help on the columns.

    Returns
    -------
    list of Path
        The files, sorted.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    files = []
    for name, text in sorted(_texts(kode, nama.strip(), lang)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_with(path) as new:
            new.write_text(text, encoding="utf-8", newline="")
        files.append(path)
    return files


def _texts(kode: str, nama: str, lang: Lang) -> Iterator[tuple[str, str]]:
    """Give each file of the folder by its name in it."""
    for name, text in _template(resources.files("kaur_gis") / "template"):
        filled = text.replace("@KODE@", kode).replace("@BPS@", kode.replace(".", "")).replace("@NAMA@", nama)
        yield name, filled
    yield "kecamatan.geojson", json.dumps({"type": "FeatureCollection", "features": []}) + "\n"
    for name, columns in TABLES.items():
        if name != "kecamatan":
            line = io.StringIO()
            csv.writer(line, lineterminator="\n").writerow([*(column.name for column in columns), IGNORED_COLUMN])
            yield f"{name}.csv", line.getvalue()
    yield HELP, _help(lang)


def _template(folder: Traversable, under: str = "") -> Iterator[tuple[str, str]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _template(item, f"{under}{item.name}/")
        elif item.name.endswith(".toml"):
            yield f"{under}{item.name}", item.read_text(encoding="utf-8")


def _help(lang: Lang) -> str:
    """Explain every column of every table."""
    lines = [f"# {say('kolom.intro', lang)}", "", say("kolom.how", lang)]
    for name, columns in TABLES.items():
        lines += ["", f"## {name}: {say(f'kolom.{name}', lang)}", "", say("kolom.head", lang), "|---|---|---|"]
        for column in columns:
            needed = say("kolom.required" if column.required else "kolom.optional", lang)
            lines.append(f"| `{column.name}` | {needed} | {say(f'kolom.{column.name}', lang)} |")
    return "\n".join(lines) + "\n"
