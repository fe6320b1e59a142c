"""A streaming look at OSM XML before any other parser sees it: no DOCTYPE, no bombs, no odd structure."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from typing import IO, NoReturn, cast
from xml.parsers import expat

MEGABYTE = 1_000_000
MAX_UNPACKED = 4_000 * MEGABYTE  # [B]
MIN_BUDGET = 50 * MEGABYTE  # [B]; a small file may unpack to this much, however well it is packed
MAX_RATIO = 40  # real extracts unpack to 8 to 25 times their size
MAX_ELEMENTS = 60_000_000
MAX_DEPTH = 6
CHUNK = 1 << 16
INSIDE = {"tag": ("node", "way", "relation", "changeset"), "nd": ("way",), "member": ("relation",)}


MAX_LAT, MAX_LON = 90.0, 180.0  # [degrees]


class ScanError(ValueError):
    """What the scan found; `what` is the key of the Problem, `reason` a detail."""

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(what, reason)
        self.what = what
        self.reason = reason


def stop(what: str, reason: str = "") -> NoReturn:
    """Refuse the file.

    Raises
    ------
    ScanError
        Always.
    """
    raise ScanError(what, reason)


def scan_xml(data: bytes, packing: str) -> str:
    """Run through an OSM XML file once, holding no more of it than one chunk.

    Parameters
    ----------
    data : bytes
        The file, packed or not.
    packing : {"", "gz", "bz2"}
        How it is packed.

    Returns
    -------
    str
        Time of the data as the file states it, "" where it does not.

    Raises
    ------
    ScanError
        For a DOCTYPE, anything that unpacks beyond the budget, damaged packing or XML, or elements where the
        format has none.

    References
    ----------
    https://wiki.openstreetmap.org/wiki/OSM_XML
    """
    budget = MAX_UNPACKED if not packing else min(MAX_UNPACKED, max(MIN_BUDGET, MAX_RATIO * len(data)))
    watch = _Watch()
    try:
        with _unpacked(data, packing) as stream:
            done = 0
            while chunk := stream.read(CHUNK):
                done += len(chunk)
                if done > budget:
                    stop("osm_bomb", str(budget // MEGABYTE))
                watch.parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keyword
        watch.parser.Parse(b"", True)  # noqa: FBT003 - expat takes no keyword
    except (OSError, EOFError, zlib.error, expat.ExpatError) as error:
        stop("osm_broken", str(error))
    return watch.stamp


def _is_degrees(text: str, most: float) -> bool:
    try:
        return -most <= float(text) <= most  # False for NaN
    except ValueError:
        return False


def _unpacked(data: bytes, packing: str) -> IO[bytes]:
    raw = io.BytesIO(data)
    if packing == "gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    return bz2.BZ2File(raw) if packing == "bz2" else raw


class _Watch:
    """Expat's handlers: count, keep the path of open elements, and stop at what must not be there."""

    def __init__(self) -> None:
        self.stamp = ""
        self.elements = 0
        self.path: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, *_: object) -> None:
        stop("osm_doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            stop("osm_too_many", str(MAX_ELEMENTS))
        if not self.path and name != "osm":
            stop("osm_broken", f"<{name}>")
        if len(self.path) >= MAX_DEPTH or (name in INSIDE and self.path[-1] not in INSIDE[name]):
            stop("osm_broken", f"<{name}> ({self.parser.CurrentLineNumber})")
        if name == "node" and not (
            _is_degrees(attributes.get("lat", "0"), MAX_LAT) and _is_degrees(attributes.get("lon", "0"), MAX_LON)
        ):
            stop("osm_position", f"node {attributes.get('id', '?')}")
        if len(self.path) < 2:  # noqa: PLR2004 - the root, and the elements right below it
            self.stamp = self.stamp or attributes.get("osm_base", "") or self._of_root(name, attributes)
        self.path.append(name)

    def _end(self, _: str) -> None:
        self.path.pop()

    @staticmethod
    def _of_root(name: str, attributes: dict[str, str]) -> str:
        return attributes.get("timestamp", "") if name == "osm" else ""
