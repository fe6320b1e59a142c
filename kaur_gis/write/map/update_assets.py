"""Bring another version of a vendored package: ``python -m kaur_gis.write.map.update_assets leaflet 1.9.4``.

Fetches the package with npm, checks it against the registry's integrity value, and rewrites the files
and ``vendored.toml``. Only for developers: nothing else in the package needs npm or a network.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaur_gis.write.map import vendor


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
    folder = Path(str(vendor.ASSETS))
    entry = vendor.vendored()[package]
    with tempfile.TemporaryDirectory() as work:
        command = ["npm", "pack", "--json", f"{package}@{version}", "--pack-destination", work]
        told = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words, no shell
        said = json.loads(told.stdout)[0]
        archive = Path(work) / said["filename"]
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if said["integrity"] != f"sha512-{digest}":
            msg = f"{archive.name} is not what the registry says it is"
            raise ValueError(msg)
        files = {}
        with tarfile.open(archive) as tar:
            for name, file in entry["files"].items():
                member = tar.extractfile(f"package/{file['source']}")
                content = member.read() if member else b""
                (folder / name).write_bytes(content)
                files[name] = {"source": file["source"], "sha256": hashlib.sha256(content).hexdigest()}
    licence = {key: entry[key] for key in ("license", "license_file")}
    write_vendored(
        folder, package, {"version": said["version"], **licence, "integrity": said["integrity"], "files": files}
    )


def write_vendored(folder: Path, package: str, entry: Mapping[str, Any]) -> None:
    """Write one package's entry into ``vendored.toml``; the others stay."""
    place = folder / "vendored.toml"
    text = place.read_text(encoding="utf-8")
    lines = [text.partition("\n")[0]]
    for name, told in sorted({**tomllib.loads(text), package: entry}.items()):
        lines.append(f"\n[{name}]")
        lines += [f'{key} = "{value}"' for key, value in told.items() if key != "files"]
        lines.append(f"\n[{name}.files]")
        lines += [
            f'"{file}" = {{ source = "{facts["source"]}", sha256 = "{facts["sha256"]}" }}'
            for file, facts in told["files"].items()
        ]
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
