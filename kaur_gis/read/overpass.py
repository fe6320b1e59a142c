"""Roads from an Overpass server, through osmnx, kept in memory."""

from __future__ import annotations

import datetime as dt
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import geopandas as gpd
import networkx as nx
import osmnx
import requests
import urllib3

from kaur_gis.config import Operation
from kaur_gis.inputs import Roads
from kaur_gis.problems import Problem
from kaur_gis.read.osm import HIGHWAYS
from kaur_gis.read.osm_layers import TAGS, roads_of, study_area, values_of
from kaur_gis.read.osm_pieces import Pieces, pieces_of
from kaur_gis.read.patience import heads_within
from kaur_gis.read.safely import MEGABYTE, printable

TIMEOUT_S = 180  # the longest silence of a server
PATIENCE = 10  # times that: the longest that one answer may take
MAX_ANSWER = 1_000 * MEGABYTE  # [B]
CHUNK = 1 << 16
FILTER = f'["highway"~"^({"|".join(HIGHWAYS)})$"]["area"!~"yes"]'
URL = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
STAMP = re.compile(rb'"timestamp_osm_base":\s*"(\d{4}-\d{2}-\d{2})T')
REMARK = re.compile(rb'"remark":\s*"([^"]{0,200})')


def download(
    operation: Operation, kecamatan: gpd.GeoDataFrame, problems: list[Problem], *, timeout_s: int = TIMEOUT_S
) -> Roads | None:
    """Download the drivable roads of the kecamatan and the buffer around them.

    Parameters
    ----------
    operation : Operation
        `roads.url` is the server, e.g. ``https://overpass-api.de/api``.
    kecamatan : GeoDataFrame
        Layer `Kecamatan`.
    problems : list of Problem
        One Problem is appended where the server is dead, busy or answers nonsense.
    timeout_s : int
        How long to wait for each answer [s].

    Returns
    -------
    Roads or None
        None when there is no usable answer.
    """
    url = str(operation.roads.url)
    if not URL.fullmatch(url):
        problems.append(Problem("overpass_url", file=printable(url)))
        return None
    answers = Answers()
    try:
        graph = _graph(url, operation, kecamatan, answers, timeout_s)
    except (requests.RequestException, ValueError, TypeError, LookupError, nx.NetworkXException) as error:
        reason = f"{type(error).__name__}: {error}"
        problems.append(Problem("overpass_failed", file=url, details={"reason": printable(reason)}))
        return None
    as_of = answers.as_of or operation.roads.as_of
    return roads_of(_pieces(graph), operation, kecamatan, problems, file=url, as_of=as_of)


def _graph(
    url: str, operation: Operation, kecamatan: gpd.GeoDataFrame, answers: Answers, timeout_s: int
) -> nx.MultiDiGraph:
    """Let osmnx ask the server, piece by piece where the area is big, and build the graph."""
    with osmnx_on(**answers.settings(url, timeout_s)):
        return osmnx.graph_from_polygon(
            study_area(operation, kecamatan),
            simplify=False,
            retain_all=True,
            truncate_by_edge=True,
            custom_filter=FILTER,
        )


def _pieces(graph: nx.MultiDiGraph) -> Pieces:
    """Take the pieces out of osmnx's graph; a ford at a node reaches to the pieces on both sides of it."""
    fords = {node for node, ford in graph.nodes(data="ford", default="no") if ford != "no"}
    xy = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    rows = (
        (u, v, int(data["osmid"]), values_of({**data, "ford": "yes"} if not fords.isdisjoint((u, v)) else data))
        for u, v, data in graph.edges(data=True)
    )
    return pieces_of(xy, rows)


@contextmanager
def osmnx_on(**more: object) -> Iterator[None]:
    """Set osmnx's process-wide settings for one call, and put them and what it replaces in Python back.

    `requests_timeout` is the longest silence of a server [s]; for the head of an answer it has `PATIENCE` times that.
    """
    tags = {"useful_tags_way": list(TAGS), "useful_tags_node": ["ford"]}
    wanted = {**tags, "use_cache": False, "log_console": False, **more}
    before = {key: getattr(osmnx.settings, key) for key in wanted}
    getaddrinfo = socket.getaddrinfo  # osmnx puts its own in place
    try:
        for key, value in wanted.items():
            setattr(osmnx.settings, key, value)
        with heads_within(PATIENCE * float(osmnx.settings.requests_timeout)):
            yield
    finally:
        socket.getaddrinfo = getaddrinfo
        for key, value in before.items():
            setattr(osmnx.settings, key, value)


class Answers:
    """Looks at every answer before osmnx does: osmnx would wait and ask a busy server again for ever.

    Parameters
    ----------
    tell : callable
        Told after each whole answer how many came, and how many megabytes.
    """

    def __init__(self, tell: Callable[[int, float], None] = lambda _n, _megabytes: None) -> None:
        self.as_of: dt.date | None = None
        self.tell = tell
        self.n = 0
        self.bytes = 0
        self.timeout_s = TIMEOUT_S

    def settings(self, url: str, timeout_s: int) -> dict[str, object]:
        """Give osmnx's settings for a server, with this one looking on."""
        self.timeout_s = timeout_s
        return {
            "overpass_url": url,
            "overpass_rate_limit": False,  # else osmnx waits a minute for a server whose status it can't read
            "requests_timeout": timeout_s,
            "requests_kwargs": {"hooks": {"response": self.check}},
            "doh_url_template": None,  # else osmnx asks a third party where the server is
        }

    def check(self, response: requests.Response, **_: object) -> None:
        """Refuse whatever is not a whole answer, and keep the day of the oldest data.

        Raises
        ------
        requests.RequestException
            For another status than 200, or an answer that the server itself calls incomplete.
        """
        if response.status_code != requests.codes.ok:
            response.close()  # nobody will read the rest of it
            msg = f"HTTP {response.status_code} {response.reason}"
            raise requests.RequestException(msg)
        response._content = self._whole(response)  # noqa: SLF001 - where requests itself would put it, without our limits
        if remark := REMARK.search(response.content[:2000] + response.content[-2000:]):
            raise requests.RequestException(remark[1].decode("utf-8", "replace"))
        if stamp := STAMP.search(response.content[:2000]):
            day = dt.date.fromisoformat(stamp[1].decode())
            self.as_of = min(self.as_of or day, day)
        self.n += 1
        self.bytes += len(response.content)
        self.tell(self.n, self.bytes / 1_000_000)

    def _whole(self, response: requests.Response) -> bytes:
        """Read an answer to its end: `requests` would wait for ever for one that comes a byte at a time."""
        until = time.monotonic() + PATIENCE * self.timeout_s
        read = bytearray()
        try:
            while part := response.raw.read1(CHUNK, decode_content=True):
                read += part
                if len(read) > MAX_ANSWER:
                    msg = f"> {MAX_ANSWER // MEGABYTE} MB"
                    raise requests.RequestException(msg)
                if time.monotonic() > until:
                    msg = f"> {PATIENCE * self.timeout_s} s"
                    raise requests.ReadTimeout(msg)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(str(error)) from error
        finally:
            response.close()
        if response.raw.length_remaining:
            msg = f"IncompleteRead: {len(read)}"
            raise requests.ConnectionError(msg)
        return bytes(read)
