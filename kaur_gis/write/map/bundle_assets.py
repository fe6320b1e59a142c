"""Bundle the ciphers anew: ``python -m kaur_gis.write.map.bundle_assets 2.4.0 2.4.0 0.28.2``.

Installs @noble/ciphers, @noble/hashes and esbuild of these versions with npm, which checks them against
the registry's integrity values, bundles ``noble-entry.js`` to ``noble.js``, and writes both and the
licence into ``vendored.toml``. Only for developers: nothing else in the package needs npm or a network.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kaur_gis.write.map import vendor
from kaur_gis.write.map.update_assets import write_vendored

ENTRY, BUNDLE, LICENSE = "noble-entry.js", "noble.js", "LICENSE-noble.txt"
BUNDLED = ("@noble/ciphers", "@noble/hashes")


def main(ciphers: str, hashes: str, esbuild: str) -> None:
    """Bundle the ciphers of these versions.

    Parameters
    ----------
    ciphers, hashes, esbuild : str
        As npm knows them.
    """
    folder = Path(str(vendor.ASSETS))
    with tempfile.TemporaryDirectory() as work:
        wanted = [f"{name}@{version}" for name, version in zip(BUNDLED, (ciphers, hashes), strict=True)]
        _run(["npm", "install", "--ignore-scripts", "--prefix", work, *wanted, f"esbuild@{esbuild}"])
        shutil.copy(folder / ENTRY, work)
        _run(
            [
                f"{work}/node_modules/.bin/esbuild",
                f"{work}/{ENTRY}",
                *("--bundle", "--minify", "--format=iife", "--global-name=noble", "--target=es2020"),
                *("--legal-comments=none", "--charset=ascii", f"--outfile={folder / BUNDLE}"),
            ]
        )
        lock = json.loads((Path(work) / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        texts = [(Path(work) / "node_modules" / name / "LICENSE").read_text(encoding="utf-8") for name in BUNDLED]
    parts = [f"{name}\n\n{text}" for name, text in zip(BUNDLED, texts, strict=True)]
    (folder / LICENSE).write_text("\n".join(parts), encoding="utf-8", newline="\n")
    integrity = {name: lock[f"node_modules/{name}"]["integrity"] for name in BUNDLED}
    write_vendored(
        folder,
        "noble",
        {
            "version": f"ciphers {ciphers}, hashes {hashes}, bundled by esbuild {esbuild}",
            "license": "MIT",
            "license_file": LICENSE,
            "integrity": " ".join(integrity.values()),
            "files": {
                name: {"source": source, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
                for name, source in ((BUNDLE, ENTRY), (LICENSE, "LICENSE"))
            },
        },
    )


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])
