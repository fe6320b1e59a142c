"""Text from data that stays text: in file names, in web pages and in the cells of a table.

`replace_with` and `whole_folder` stand here too: what leaves the package safely, by one name.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from xml.sax.saxutils import escape

from kaur_gis.write.whole import replace_with, whole_folder, why_not

__all__ = ["cell_text", "file_name", "replace_with", "web_text", "whole_folder", "why_not", "xml_text"]

_DEVICES = re.compile(r"(?i)con|prn|aux|nul|com\d|lpt\d")
_PLAIN_ID = re.compile(r"[A-Z0-9-]{1,40}|(?=[\d.]{1,40}$)\d+(\.\d+)+")
_MAX_NAME = 80
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # Cc and Cs, but for tab and line ends
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def file_name(identifier: str, text: str = "") -> str:
    """Make a file name (without ending) that any file system takes and that no other identifier gives.

    Parameters
    ----------
    identifier : str
        What tells the file from its like: a code. It stands in front.
    text : str
        A name for people, behind it.

    Returns
    -------
    str
        1 to 80 characters of ``[A-Za-z0-9_-]``, no device name of Windows, unique by `identifier` even
        where case does not count.
    """
    if _PLAIN_ID.fullmatch(identifier) and not _DEVICES.fullmatch(identifier):
        front = identifier.replace(".", "_")
    else:  # whatever was lost in the spelling, the digest tells apart
        digest = hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        front = f"{_slug(identifier)[:24]}_x{digest}"
    back = _slug(text)[: _MAX_NAME - len(front) - 2].rstrip("-")
    return f"{front}__{back}" if back else front


def web_text(text: str) -> str:
    """Make a text safe in HTML, in a JavaScript template literal and in a Jinja template at once.

    Parameters
    ----------
    text : str
        Anything from data.

    Returns
    -------
    str
        On one line; shows the same characters, none of which opens a tag, a quote or an expression.
    """
    line = "".join(" " if _breaks(c) else c for c in text)
    return html.escape(line, quote=True).translate({ord(c): f"&#{ord(c)};" for c in "`$\\{}"})


def xml_text(text: str) -> str:
    """Make a text safe in XML, between tags and between quotes; what XML can't hold becomes U+FFFD."""
    return escape(_NOT_XML.sub("\ufffd", text), {'"': "&quot;"})


def cell_text(text: str) -> str:
    """Make a text safe in a cell of a table: no spreadsheet takes it for a formula.

    Parameters
    ----------
    text : str
        Anything from data. Numbers do not belong here: -7 as a number is no formula.

    Returns
    -------
    str
        The text, behind an apostrophe where it would have begun a formula; control characters become U+FFFD.

    References
    ----------
    OWASP ASVS 5.0, 1.2.10 (CSV and formula injection).
    """
    seen = text.lstrip(" \u00a0\u3000\ufeff\u200b")
    clean = _CONTROL.sub("\ufffd", text)
    return f"'{clean}" if seen[:1] in _FORMULA_STARTS and seen else clean


def _breaks(char: str) -> bool:
    """Whether a character ends a line or controls a terminal, or is half of a character."""
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
