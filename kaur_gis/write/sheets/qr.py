"""A QR code that opens a place in a phone's map."""

from __future__ import annotations

from functools import cache
from itertools import groupby

import segno

QUIET = 2  # white modules around; the paper around is white too


@cache
def geo_qr(lon: float, lat: float) -> str:
    """Draw the QR code of a ``geo:`` address.

    Parameters
    ----------
    lon, lat : float
        The place, EPSG:4326; told to the metre (five decimals).

    Returns
    -------
    str
        SVG of one path, black on white.

    References
    ----------
    RFC 5870. The mask is fixed: any of the eight may be used, and the choice costs most of the time.
    """
    code = segno.make_qr(f"geo:{lat:.5f},{lon:.5f}", error="m", mask=0, boost_error=False)
    side = len(code.matrix) + 2 * QUIET
    steps = []
    for row, modules in enumerate(code.matrix):
        column = 0
        for dark, run in groupby(modules):
            n = len(list(run))
            if dark:
                steps.append(f"M{column + QUIET} {row + QUIET}h{n}v1h-{n}z")
            column += n
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{"".join(steps)}"/></svg>'
