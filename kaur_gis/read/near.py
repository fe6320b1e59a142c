"""What was perhaps meant: the known name most like one that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from kaur_gis.read.safely import printable

LISTED = 20
CUTOFF = 0.6  # of difflib: below it, two names have nothing to do with each other


def near(name: str, known: Collection[str]) -> dict[str, str | int | float]:
    """Give the details of a Problem about an unknown name.

    Parameters
    ----------
    name : str
        As it was found.
    known : collection of str
        What it might have been.

    Returns
    -------
    dict
        `nearest`, the known name most like it or ``""``; `known`, the first of all of them.
    """
    folded = {other.casefold(): other for other in known}
    match = difflib.get_close_matches(name.casefold()[:100], list(folded), n=1, cutoff=CUTOFF)
    listed = ", ".join(list(known)[:LISTED]) + ("" if len(known) <= LISTED else ", …")
    return {"nearest": printable(folded[match[0]] if match else ""), "known": printable(listed)}
