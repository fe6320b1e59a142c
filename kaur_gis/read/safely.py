"""The gate: only regular local files of a known kind, size and beginning are opened, each once.

A file is read into memory once; its digest and its content come from the same bytes, so a file that
changes while the program runs cannot be half of one version and half of another.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from kaur_gis.problems import Problem

MEGABYTE = 1_000_000
MAX_BYTES: Mapping[str, int] = {
    ".cpg": 1 * MEGABYTE,
    ".csv": 200 * MEGABYTE,
    ".dbf": 60 * MEGABYTE,
    ".geojson": 200 * MEGABYTE,
    ".gpkg": 50 * MEGABYTE,
    ".json": 200 * MEGABYTE,
    ".prj": 1 * MEGABYTE,
    ".shp": 60 * MEGABYTE,
    ".shx": 20 * MEGABYTE,
    ".toml": 1 * MEGABYTE,
    ".xlsx": 50 * MEGABYTE,
}
"""Most bytes [B] that are read of each kind of file."""
MAX_VERTICES = 500_000  # of the polygons of one file: a kabupaten drawn to the metre has a tenth of it
MAX_ROWS = 1_500_000  # of a CSV file: the list of the whole country has 823,000
MAX_FEATURES = 200_000  # of a GeoJSON, GeoPackage or Shapefile

_REMOTE = re.compile(r"^([a-z][a-z0-9+.-]{1,}:|/vsi|\\\\|//)", re.IGNORECASE)  # URL, driver prefix, GDAL, UNC
_KNOWN_BEGINNINGS = (
    (b"PK\x03\x04", "ZIP/XLSX"),
    (b"SQLite format 3\x00", "SQLite/GeoPackage"),
    (b"PAR1", "Parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"<", "XML/HTML"),
)
_BLANK = b" \t\r\n\xef\xbb\xbf"
_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def local_file(
    folder: Path, name: str, problems: list[Problem], *, suffixes: Sequence[str], allow_outside: bool = False
) -> Path | None:
    """Find a regular file inside the operation's folder.

    Parameters
    ----------
    folder : Path
        Folder of the operation file.
    name : str
        The file as the operation or the command line gives it.
    problems : list of Problem
        What is wrong is appended.
    suffixes : sequence of str
        Endings that are taken here, in lower case.
    allow_outside : bool
        Whether the file may lie outside `folder` (``layers.allow_outside``, or a path typed by the planner).

    Returns
    -------
    Path or None
        None when the file is refused.
    """
    refusal = _refusal(folder, name, suffixes, allow_outside=allow_outside)
    if refusal is not None:
        problems.append(refusal)
        return None
    return folder / name


def _refusal(folder: Path, name: str, suffixes: Sequence[str], *, allow_outside: bool) -> Problem | None:
    """Say the first thing that speaks against opening a file."""
    shown, path = printable(name), folder / name
    if any(ord(char) < ord(" ") for char in name) or _REMOTE.match(name):
        return Problem("path_not_local", shown)
    if not allow_outside and not path.resolve().is_relative_to(folder.resolve()):
        return Problem("path_outside", shown)
    try:
        mode = path.stat().st_mode
        siblings = sorted(other.name for other in path.parent.iterdir())
    except OSError:
        return Problem("file_missing", shown, details={"folder": printable(str(path.parent))})
    if not stat.S_ISREG(mode):
        return Problem("file_not_regular", shown)
    if not name.lower().endswith(tuple(suffixes)):
        return Problem("file_kind", shown, details={"allowed": ", ".join(suffixes)})
    twin = next((other for other in siblings if other != path.name and _folded(other) == _folded(path.name)), None)
    return Problem("file_twin", shown, details={"twin": printable(twin)}) if twin is not None else None


def read_bytes(
    folder: Path,
    name: str,
    problems: list[Problem],
    sha256: dict[str, str],
    *,
    suffixes: Sequence[str],
    allow_outside: bool = False,
) -> bytes | None:
    """Read a whole local file, within the budget of its kind, and note its digest.

    Parameters
    ----------
    folder, name, problems, suffixes, allow_outside
        As in `local_file`.
    sha256 : dict
        The digest of what was read is added under `name`.

    Returns
    -------
    bytes or None
        None when the file is refused.
    """
    path = local_file(folder, name, problems, suffixes=suffixes, allow_outside=allow_outside)
    if path is None:
        return None
    budget = MAX_BYTES[path.suffix.lower()]
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = b"" if before.st_size > budget else file.read(budget + 1)
        after = path.stat()
    except PermissionError:
        problems.append(Problem("file_unreadable", file=name, details={"user": os.environ.get("USER", "?")}))
        return None
    except OSError as error:
        problems.append(Problem("file_broken", file=name, details={"reason": error.strerror or "?"}))
        return None
    refusal = None
    if before.st_size > budget or len(data) > budget:
        refusal = Problem("file_too_big", file=name, details={"limit_mb": budget // MEGABYTE})
    elif changed(before, after):
        refusal = Problem("file_changed", file=name)
    elif not (data[:4096].strip(_BLANK) or data.strip(_BLANK)):  # the beginning first: strip() copies all the rest
        refusal = Problem("file_empty", file=name)
    if refusal is not None:
        problems.append(refusal)
        return None
    sha256[name] = hashlib.sha256(data).hexdigest()
    return data


def changed(before: os.stat_result, after: os.stat_result) -> bool:
    """Whether a file is another one, longer, shorter or newer than when its reading began."""
    return any(getattr(before, name) != getattr(after, name) for name in ("st_ino", "st_size", "st_mtime_ns"))


def text_of(data: bytes, file: str, problems: list[Problem]) -> str | None:
    """Decode UTF-8 text (with or without BOM); anything else is refused with a guess of what it is.

    Parameters
    ----------
    data : bytes
        A whole file.
    file : str
        Its name, for the problem.
    problems : list of Problem
        What is wrong is appended, and that a BOM was taken away.

    Returns
    -------
    str or None
    """
    for beginning, kind in _KNOWN_BEGINNINGS:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(beginning):
            problems.append(Problem("disguised", file=file, row=1, details={"kind": kind}))
            return None
    guess = next((name for beginning, name in _ENCODINGS if data.startswith(beginning)), None)
    if guess is None and 4 * data[:4096].count(0) > len(data[:4096]):
        guess = "UTF-16"
    if guess is not None:
        problems.append(Problem("encoding", file=file, row=1, details={"guess": guess}))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem("encoding", file=file, row=row, details={"guess": "Latin-1 / Windows-1252"}))
        return None
    if data.startswith(codecs.BOM_UTF8):
        problems.append(Problem("bom", file=file, row=1, level="fix"))
    return text


def printable(text: str, most: int = 200) -> str:
    """Make a value fit to be named in a report: control characters as escapes, at most `most` characters."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[:most])
    return shown if len(text) <= most else f"{shown}…"


def _folded(name: str) -> str:
    """Give what a file system that ignores case and Unicode form takes a name for."""
    return unicodedata.normalize("NFC", name).casefold()
