"""What the bundled font can draw; what it can't is replaced visibly and remembered."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
MISSING = "\ufffd"  # a black diamond with a question mark: nobody takes it for a letter

_SELECTORS = dict.fromkeys(range(0xFE00, 0xFE10))  # variation selectors, to be left out
_UNPRINTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@cache
def drawable() -> frozenset[int]:
    """Code points that both weights of the bundled font can draw.

    References
    ----------
    ``fonts/cover.txt``, made from the fonts' own cmap tables.
    """
    points: set[int] = set()
    for line in (FONTS / "cover.txt").read_text(encoding="ascii").splitlines():
        first, last = (int(end, 16) for end in line.split("-"))
        points.update(range(first, last + 1))
    return frozenset(points)


class Glyphs:
    """Makes texts printable and keeps a list of what it had to replace.

    Control and format characters (line feeds, changes of writing direction) are replaced too:
    a name on paper must not turn or break the line it stands in. A variation selector only
    chooses a look and is left out.

    Attributes
    ----------
    replaced : set of (str, str)
        Printed text, and the code points in it that could not be printed, as ``U+XXXX U+YYYY``.
    """

    def __init__(self) -> None:
        self.replaced: set[tuple[str, str]] = set()

    def printable(self, text: str) -> str:
        """Give the text as the font can print it.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        str
            The same text, `MISSING` in place of every character that can't be printed.
        """
        plain = text.translate(_SELECTORS)
        lost = dict.fromkeys(f"U+{ord(char):04X}" for char in plain if not _prints(char))
        if lost:
            plain = "".join(char if _prints(char) else MISSING for char in plain)
            self.replaced.add((plain, " ".join(lost)))
        return plain


@cache
def _prints(char: str) -> bool:
    return ord(char) in drawable() and unicodedata.category(char) not in _UNPRINTED
