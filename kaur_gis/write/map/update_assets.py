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
from pathlib import Path

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
        first = (vendor.ASSETS / "vendored.toml").read_text(encoding="utf-8").partition("\n")[0]
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
