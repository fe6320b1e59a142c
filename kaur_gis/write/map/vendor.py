"""Files of other projects that the page needs, checked against their digests; and how to bring a newer version.

``python -m kaur_gis.write.map.vendor leaflet 1.9.4`` fetches the package with npm, checks it against the
registry's integrity value, and rewrites the files and ``vendored.toml``.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

ASSETS = resources.files("kaur_gis.write.map.assets")
OWN_SCRIPTS = (
    "payload.js",
    "sheet.js",
    "marks.js",
    "model.js",
    "paint.js",
    "page.js",
    "card.js",
    "panel.js",
    "search.js",
    "app.js",
)
"""Our own scripts, in the order in which they stand in the page's one script."""


@cache
def vendored() -> dict[str, Any]:
    """Read what is vendored: package -> version, licence and files with their sha256."""
    return tomllib.loads((ASSETS / "vendored.toml").read_text(encoding="utf-8"))


@cache
def leaflet(name: str) -> str:
    """Read a file of Leaflet as published.

    Raises
    ------
    ValueError
        Where the file is not the published one.
    """
    content = (ASSETS / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != vendored()["leaflet"]["files"][name]["sha256"]:
        msg = f"{name} is not the file of Leaflet {vendored()['leaflet']['version']}"
        raise ValueError(msg)
    return content.decode("utf-8").replace("\r\n", "\n")  # as an HTML parser reads it, so that digests agree


@cache
def style() -> str:
    """Give the page's style: Leaflet's without its image files, then ours."""
    theirs = re.sub(r"url\((images/[^)]*|#default#VML)\)", "none", leaflet("leaflet.css"))
    return theirs + (ASSETS / "map.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Give our own scripts as one, in a scope of its own; it defines the one name `kaurMap`."""
    parts = [(ASSETS / name).read_text(encoding="utf-8") for name in OWN_SCRIPTS]
    return "\n".join(['const kaurMap = (() => {\n"use strict";', *parts, "return start;\n})();"])


@cache
def leaflet_script() -> str:
    """Give Leaflet without the line that names its source map, which a developer's browser would ask for."""
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", leaflet("leaflet.js"))


def main(package: str, version: str) -> None:
    """Bring another version of a vendored package.

    Parameters
    ----------
    package, version : str
        As npm knows them.

    Raises
    ------
    ValueError
        Where the package is not what the registry says it is.
    """
    folder = Path(str(ASSETS))
    entry = vendored()[package]
    with tempfile.TemporaryDirectory() as work:
        command = ["npm", "pack", "--json", f"{package}@{version}", "--pack-destination", work]
        told = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words, no shell
        said = json.loads(told.stdout)[0]
        archive = Path(work) / said["filename"]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if said["integrity"] != f"sha512-{digest}":
            msg = f"{archive.name} is not what the registry says it is"
            raise ValueError(msg)
        first = (ASSETS / "vendored.toml").read_text(encoding="utf-8").partition("\n")[0]
        lines = [
            first,
            f"\n[{package}]",
            f'version = "{said["version"]}"',
            f'license = "{entry["license"]}"',
            f'license_file = "{entry["license_file"]}"',
            f'integrity = "{said["integrity"]}"',
            f"\n[{package}.files]",
        ]
        with tarfile.open(archive) as tar:
            for name, file in entry["files"].items():
                member = tar.extractfile(f"package/{file['source']}")
                content = member.read() if member else b""
                (folder / name).write_bytes(content)
                sha256 = hashlib.sha256(content).hexdigest()
                lines.append(f'"{name}" = {{ source = "{file["source"]}", sha256 = "{sha256}" }}')
        (folder / "vendored.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
