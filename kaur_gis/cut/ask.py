"""A closure in one line of text, as the command line takes it."""

from __future__ import annotations

from kaur_gis.config import RoadClosure

KEYS = ("kendaraan", "mulai", "selesai", "sebab", "sumber")


def closure_of(text: str) -> RoadClosure:
    """Read a closure from one line.

    Parameters
    ----------
    text : str
        `RoadClosure.lokasi`, then any of its other keys after semicolons:
        ``"jalan:Jalan Raya; kendaraan=truk,pikap; mulai=2024-02-13T06:00; selesai=2024-02-13T12:00; sebab=banjir"``.

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
    """
    where, *more = (part.strip() for part in text.split(";"))
    given: dict[str, object] = {"lokasi": where}
    for part in filter(None, more):
        key, sign, value = (piece.strip() for piece in part.partition("="))
        if not sign or key not in KEYS or key in given:
            msg = f"{part!r}: wanted is one of {', '.join(f'{known}=...' for known in KEYS)}, once"
            raise ValueError(msg)
        given[key] = tuple(name.strip() for name in value.split(",")) if key == "kendaraan" else value
    return RoadClosure.model_validate(given, strict=False)
