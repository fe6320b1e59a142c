"""The manifest of a run: what it was made from, by what, and the digest of every file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyogrio

from kaur_gis.config import Lang
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.plan import Plan
from kaur_gis.store import FORMAT_VERSION, MANIFEST, RUN_FORMAT
from kaur_gis.summary import figures, notices
from kaur_gis.write.map.vendor import vendored
from kaur_gis.write.replaced import Earlier, Pages
from kaur_gis.write.safely import replace_with

LIBRARIES = (
    *("folium", "geopandas", "numpy", "osmium", "pandas", "pyarrow", "pydantic", "pyogrio", "pyproj", "pyvrp", "scipy"),
    *("shapely", "typst", "xlsxwriter"),
)
FONTS = "kaur_gis/write/sheets/fonts/LICENSE-DejaVu.txt"
MAP_ASSETS = "kaur_gis/write/map/assets"
OSM_COPYRIGHT = "https://www.openstreetmap.org/copyright"


def write_manifest(
    plan: Plan,
    folder: str | Path,
    files: Iterable[str | Path],
    lang: Lang | None = None,
    *,
    seconds: Mapping[str, float] = MappingProxyType({}),
    replaces: str = "",
    pages: Mapping[str, Pages] = MappingProxyType({}),
    sealed: bool = False,
) -> Path:
    """Write ``manifest.json``: the last file of a run, and the only one that tells times of this machine.

    Parameters
    ----------
    plan : Plan
    folder : path
        Folder of the run.
    files : iterable of path
        Every other file of the run, inside the folder.
    lang : {"id", "en"}, optional
        Language of the notices; that of the operation by default.
    seconds : mapping of str to float
        How long each stage took [s].
    replaces : str, optional
        Version of the plan that this run replaces; "" for none.
    pages : mapping
        Paper -> its pages, as `replaced.stamped` gives them.
    sealed : bool
        Whether the restricted map is under a password.

    Returns
    -------
    Path
        The manifest.
    """
    into = Path(folder)
    content = _about(plan, lang or plan.inputs.operation.operation.lang)
    content["replaces"] = replaces
    content["pages"] = {paper: dict(codes) for paper, codes in sorted(pages.items())}
    content["sealed"] = sealed
    content["created"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    content["seconds"] = {stage: round(took, 2) for stage, took in seconds.items()}
    content["files"] = {
        file.relative_to(into).as_posix(): _facts(file) for file in sorted(Path(file) for file in files)
    }
    with replace_with(into / MANIFEST) as new:
        new.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return into / MANIFEST


def replaced_version(plan: Plan, folder: str | Path) -> str:
    """Version of the plan that stands in a folder before a new one takes its place.

    Parameters
    ----------
    plan : Plan
        The new plan.
    folder : path
        Where it shall stand.

    Returns
    -------
    str
        12 hex digits; "" where there is no earlier run. A run of the same plan hands on what it replaced
        itself, so that writing twice gives the same papers.
    """
    version = _earlier(folder).get("replaces" if holds(plan, folder) else "plan_version")
    return version if isinstance(version, str) and re.fullmatch(r"[0-9a-f]{12}", version) else ""


def earlier_papers(plan: Plan, folder: str | Path) -> Earlier:
    """Papers of the run that stands in a folder, which those of a new one replace; of the same plan, what they did."""
    told = _earlier(folder).get("pages")
    pages = told if isinstance(told, dict) and all(isinstance(codes, dict) for codes in told.values()) else {}
    return Earlier.of(replaced_version(plan, folder), pages, again=holds(plan, folder))


def holds(plan: Plan, folder: str | Path) -> bool:
    """Say whether a folder holds a run of this very plan; False where there is no run."""
    return bool(_earlier(folder).get("plan_version") == plan.version)


def was_sealed(folder: str | Path) -> bool:
    """Say whether the restricted map of the run in a folder is under a password; False where there is no run."""
    return _earlier(folder).get("sealed") is True


def _earlier(folder: str | Path) -> dict[str, Any]:
    """Read the manifest of the run in a folder; empty where there is none, or one that can't be read."""
    try:
        told = json.loads((Path(folder) / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def changed_files(folder: str | Path) -> list[str]:
    """Name the files of a run that are not as they were written.

    Parameters
    ----------
    folder : path
        Folder of a run.

    Returns
    -------
    list of str
        Files that are missing or whose digest differs, sorted; empty for a run that nobody touched.
    """
    into = Path(folder)
    listed = json.loads((into / MANIFEST).read_text(encoding="utf-8"))["files"]
    return sorted(name for name, facts in listed.items() if not (into / name).is_file() or _facts(into / name) != facts)


def _about(plan: Plan, lang: Lang) -> dict[str, Any]:
    inputs = plan.inputs
    operation = inputs.operation
    return {
        "format": RUN_FORMAT,
        "format_version": FORMAT_VERSION,
        "plan_version": plan.version,
        "operation": operation.operation.name,
        "kabupaten": {"nama": operation.region.kabupaten, "kode": operation.region.kode_kab},
        "voting_day": operation.operation.voting_day.isoformat(),
        "seed": operation.operation.seed,
        "iterations": operation.solver.iterations,
        "weather": {"plan": operation.weather.plan, "late": operation.weather.late},
        "made_with": {
            "kaur_gis": _version("kaur_gis"),
            "python": platform.python_version(),
            "gdal": pyogrio.__gdal_version_string__,
            **{name: _version(name) for name in LIBRARIES},
        },
        "inputs_sha256": dict(inputs.sha256),
        "roads": {
            "source": inputs.roads.source,
            "as_of": inputs.roads.as_of.isoformat() if inputs.roads.as_of else None,
            "schematic": inputs.roads.schematic,
        },
        "rules": {
            "kit": inputs.kit_rules.name,
            "pattern": inputs.pattern.name,
            "pattern_source": inputs.pattern.source,
        },
        "licences": {
            "roads": {"attribution": OSM_CREDIT, "licence": "ODbL-1.0", "see": OSM_COPYRIGHT},
            "fonts of the papers": {"attribution": "DejaVu", "licence": "Bitstream Vera, public domain", "see": FONTS},
            **{
                f"{package} in the maps": {"licence": facts["license"], "see": f"{MAP_ASSETS}/{facts['license_file']}"}
                for package, facts in vendored().items()
            },
        },
        "notices": notices(plan, lang),
        "counts": figures(plan),
        "broken": [problem.what for problem in plan.broken],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a checkout that is not installed
        return "unknown"


def _facts(file: Path) -> dict[str, str | int]:
    with file.open("rb") as stream:
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "bytes": file.stat().st_size}
