"""Names told apart by their letters alone: capitals, spaces, points and hyphens make no other place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_KIND = re.compile(r"(?:kabupaten|kab|kecamatan|kec|desa|kelurahan|kel)\b\W*", re.IGNORECASE)


def letters(name: str) -> str:
    """Keep what tells a name from another: its letters and digits, without case."""
    return re.sub(r"\W|_", "", name).casefold()


def bare(name: str) -> str:
    """Keep the letters of a name without the word for what it is: ``Kab. Kaur`` and ``KAUR`` are one.

    ``Kota`` stays: it is part of many names.
    """
    said = name.strip()
    kind = _KIND.match(said)
    return letters(said[kind.end() :] if kind else said) or letters(said)


def by_name(names: Iterable[str]) -> dict[str, list[int]]:
    """List where each name stands, by what `bare` keeps of it; nowhere for a name that is not there."""
    found: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        found[bare(name)].append(at)
    return found
