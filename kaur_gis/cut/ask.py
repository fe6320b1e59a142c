"""A closure in one line of text, as the command line takes it."""

from __future__ import annotations

import re

from kaur_gis.config import RoadClosure

KEYS = ("kendaraan", "mulai", "selesai", "malam", "sebab", "sumber")
YES_NO = {"ya": True, "tidak": False}


def closure_of(text: str) -> RoadClosure:
    """Read a closure from one line.

    Parameters
    ----------
    text : str
        `RoadClosure.lokasi`, then any of its other keys after semicolons:
        ``"jalan:Jalan Raya; kendaraan=truk,pikap; mulai=2024-02-13T06:00; selesai=2024-02-13T12:00; sebab=banjir"``.
        A day alone is the whole day: from its beginning, until its end. ``malam=ya``: in the dark alone.

    Returns
    -------
    RoadClosure

    Raises
    ------
    ValueError
        Where the line says something else; pydantic's own error where a value is not as its key wants.

    Examples
    --------
    >>> closure_of("way:123; kendaraan=truk").kendaraan
    ('truk',)
    >>> print(closure_of("way:123; mulai=2024-02-13; selesai=2024-02-13").selesai)
    2024-02-13 23:59:59
    """
    where, *more = (part.strip() for part in text.split(";"))
    given: dict[str, object] = {"lokasi": where}
    for part in filter(None, more):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or key not in KEYS or key in given:
            msg = f"{part!r} <> {', '.join(f'{known}=...' for known in KEYS)}"
            raise ValueError(msg)
        given[key] = value
        if key == "kendaraan":
            given[key] = tuple(name.strip() for name in value.split(","))
        if key == "malam":
            given[key] = YES_NO.get(value.casefold(), value)
        if key == "selesai" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            given[key] = f"{value}T23:59:59"
    return RoadClosure.model_validate(given, strict=False)
