"""One payload that neither a template engine nor an HTML parser can read, in base64.

Layout, before gzip: four bytes (little endian) with the length of a JSON text, the text
in UTF-8, then the geometry: zigzag varints of the steps from point to point in units of 1e-5 degree.
"""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_LOW_BITS, _MORE = 0x7F, 0x80
UNITS_PER_DEGREE = 100_000
"""Positions are kept to 1e-5 degree: at most 0.56 m off [1/degree]."""

Line = npt.NDArray[np.float64]


def pack_lines(lines: Iterable[Line]) -> bytes:
    """Pack lines as steps: their number; then for each its number of points and the points.

    Parameters
    ----------
    lines : iterable of ndarray, shape (n, 2)
        lon, lat [degree]. Steps run on from the end of one line to the start of the next.

    Returns
    -------
    bytes
    """
    out = bytearray()
    whole = [np.rint(np.asarray(line)[:, :2] * UNITS_PER_DEGREE).astype(np.int64) for line in lines]
    _put(out, len(whole))
    last = np.zeros((1, 2), dtype=np.int64)
    for points in whole:
        _put(out, len(points))
        steps = np.diff(points, axis=0, prepend=last)
        for step in ((steps << 1) ^ (steps >> 63)).ravel().tolist():
            _put(out, step)
        last = points[-1:] if len(points) else last
    return bytes(out)


def unpack_lines(data: bytes, start: int = 0) -> tuple[list[Line], int]:
    """Unpack what `pack_lines` packed; the page's script does the same.

    Returns
    -------
    lines : list of ndarray, shape (n, 2)
    end : int
        Where the next part begins.
    """
    reader = _Varints(data, start)
    lines = []
    x = y = 0
    for _ in range(next(reader)):
        points = []
        for _ in range(next(reader)):
            x += _unzigzag(next(reader))
            y += _unzigzag(next(reader))
            points.append((x, y))
        lines.append(np.array(points, dtype=np.float64).reshape(-1, 2) / UNITS_PER_DEGREE)
    return lines, reader.at


def pack(document: Any, parts: Iterable[bytes] = ()) -> bytes:  # noqa: ANN401 - whatever JSON holds
    """Pack a JSON document and geometry parts into one byte string.

    Raises
    ------
    ValueError
        For NaN or infinity, which JSON does not know.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    whole = b"".join([struct.pack("<I", len(text)), text, *parts])
    return gzip.compress(whole, compresslevel=9, mtime=0)


def unpack(packed: bytes) -> tuple[Any, bytes]:
    """Open what `pack` packed: the document, and the geometry parts one behind the other."""
    whole = gzip.decompress(packed)
    (length,) = struct.unpack_from("<I", whole)
    return json.loads(whole[4 : 4 + length]), whole[4 + length :]


def _put(out: bytearray, number: int) -> None:
    while number > _LOW_BITS:
        out.append(number & _LOW_BITS | _MORE)
        number >>= 7
    out.append(number)


def _unzigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


class _Varints(Iterator[int]):
    """Unsigned varints (LEB128) of a byte string, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def __next__(self) -> int:
        number = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & _LOW_BITS) << shift
            if byte < _MORE:
                return number
            shift += 7
