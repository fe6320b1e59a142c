"""The page's assets: files of other projects, checked against their digests, and our own scripts and style."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

ASSETS = resources.files("kaur_gis.write.map.assets")
OWN_SCRIPTS = (
    "payload.js",
    "sheet.js",
    "ground.js",
    "marks.js",
    "model.js",
    "paint.js",
    "page.js",
    "card.js",
    "panel.js",
    "search.js",
    "print.js",
    "address.js",
    "pick.js",
    "lock.js",
    "many.js",
    "app.js",
)
"""Our own scripts, in the order in which they stand in the page's one script."""


@cache
def vendored() -> dict[str, Any]:
    """Read what is vendored: package -> version, licence and files with their sha256."""
    return tomllib.loads((ASSETS / "vendored.toml").read_text(encoding="utf-8"))


@cache
def published(package: str, name: str) -> str:
    """Read a file of another project as published.

    Raises
    ------
    ValueError
        Where the file is not the published one.
    """
    content = (ASSETS / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != vendored()[package]["files"][name]["sha256"]:
        msg = f"{name} is not the file of {package} {vendored()[package]['version']}"
        raise ValueError(msg)
    return content.decode("utf-8").replace("\r\n", "\n")  # as an HTML parser reads it, so that digests agree


@cache
def style() -> str:
    """Give the page's style: Leaflet's without its image files, then ours."""
    theirs = re.sub(r"url\((images/[^)]*|#default#VML)\)", "none", published("leaflet", "leaflet.css"))
    return theirs + (ASSETS / "map.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Give our own scripts as one, in a scope of its own; it defines the one name `kaurMap`."""
    parts = [(ASSETS / name).read_text(encoding="utf-8") for name in OWN_SCRIPTS]
    return "\n".join(['const kaurMap = (() => {\n"use strict";', *parts, "return start;\n})();"])


@cache
def leaflet_script() -> str:
    """Give Leaflet without the line that names its source map, which a developer's browser would ask for."""
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", published("leaflet", "leaflet.js"))


@cache
def noble_script() -> str:
    """Give ciphers and our rounds of PBKDF2 for browsers that have none; only sealed pages carry them."""
    return published("noble", "noble.js") + (ASSETS / "stretch.js").read_text(encoding="utf-8")
