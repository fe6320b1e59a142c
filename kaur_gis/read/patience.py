"""A limit on how long a server may take for the head of its answer.

`requests` waits for the next byte, so a server that sends its head a byte at a time would hold it for ever.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Watched:
    """A connection that is cut off when the head of the answer has not come in time."""

    limit_s = 0.0

    def _new_conn(self) -> socket.socket:
        opened: socket.socket = super()._new_conn()  # type: ignore[misc]
        self._line = opened.dup()  # the first one is given away where the line is encrypted
        self._late = threading.Event()
        self._watch = threading.Timer(self.limit_s, self._cut)
        self._watch.daemon = True
        self._watch.start()
        return opened

    def _cut(self) -> None:
        self._late.set()
        with suppress(OSError):  # the other side was quicker
            self._line.shutdown(socket.SHUT_RDWR)

    def getresponse(self) -> Any:  # noqa: ANN401 - whatever the connection gives
        answer = None
        try:
            answer = super().getresponse()  # type: ignore[misc]
        except (OSError, HTTPException):
            if not self._late.is_set():  # else the fault is our own cut
                raise
        finally:
            self._watch.cancel()
        if self._late.is_set():  # whatever came of it: half a head may look like a whole one
            if answer is not None:
                answer.close()
            msg = f"> {self.limit_s:g} s"
            raise TimeoutError(msg)
        return answer

    def close(self) -> None:
        if hasattr(self, "_watch"):
            self._watch.cancel()
            self._line.close()
        super().close()  # type: ignore[misc]


@contextmanager
def heads_within(seconds: float) -> Iterator[None]:
    """Let no server take longer for connecting and for the head of an answer, in all of this process.

    Parameters
    ----------
    seconds : float
        For each connection [s]; a later one is a `requests.ReadTimeout`.
    """
    pools: tuple[Any, ...] = (HTTPConnectionPool, HTTPSConnectionPool)
    before = [pool.ConnectionCls for pool in pools]
    try:
        for pool, plain in zip(pools, before, strict=True):
            pool.ConnectionCls = type("Watched", (_Watched, plain), {"limit_s": seconds})
        yield
    finally:
        for pool, plain in zip(pools, before, strict=True):
            pool.ConnectionCls = plain
