"""Online tiles under the map: only where somebody asks for them, and from the one host that was named."""

from __future__ import annotations

import re

_URL = re.compile(r"(https://([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?)/[\w.,/?=&%~+@:{}-]*", re.ASCII)
_NEEDED, _KNOWN = {"z", "x", "y"}, {"z", "x", "y", "r"}


def tile_host(url: str) -> str:
    """Name the host of an address of tiles, as a content security policy names it.

    Parameters
    ----------
    url : str
        ``https://host/...`` with ``{z}``, ``{x}`` and ``{y}``; ``{r}`` for sharper tiles may stand in it.

    Returns
    -------
    str
        ``https://host``, with its port if it has one.

    Raises
    ------
    ValueError
        For any other address: not https, without one exact host, or with other names in braces.
    """
    found = _URL.fullmatch(url)
    names = set(re.findall(r"\{([^{}]*)\}", url))
    left = re.sub(r"\{\w+\}", "", url)
    if found is None or not _NEEDED <= names <= _KNOWN or "{" in left or "}" in left:
        msg = f"not an address of map tiles: {url!r}"
        raise ValueError(msg)
    return found[1]
