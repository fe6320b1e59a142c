"""BORDER OUT: a plan becomes files, whole or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from kaur_gis.config import Lang
from kaur_gis.plan import Plan
from kaur_gis.store import EXACT

if TYPE_CHECKING:
    from kaur_gis.cut.delta import Delta
    from kaur_gis.write.map.shown import Edition
    from kaur_gis.write.replaced import Earlier

__all__ = ["write_plan"]


def write_plan(
    plan: Plan,
    folder: str | Path,
    lang: Lang | None = None,
    *,
    password: str | None = None,
    online: str = "",
    never: Iterable[Path] = (),
    progress: Callable[[str], None] = lambda _file: None,
    seconds: Mapping[str, float] = MappingProxyType({}),
    geojson: bool = False,
    changes: Delta | None = None,
    earlier: str | Path | None = None,
) -> list[Path]:
    """Write a run: every output of a plan, in a folder that appears only when it is whole.

    Parameters
    ----------
    plan : Plan
    folder : path
        Absent, empty, or an earlier run, which is replaced.
    lang : {"id", "en"}, optional
        Language of what people read; that of the operation by default.
    password : str, optional
        Seals ``peta_operasi.html``, the file that is handed on; the others stay open.
    online : str, optional
        Address of online tiles under both maps, as for `write_map`; without it the maps need no network.
    never : iterable of Path
        Folders that must not be replaced, nor any folder around them: that of the operation file.
    progress : callable
        Told the name of each output before it is written.
    seconds : mapping of str to float
        How long each earlier stage took [s], for the manifest; the outputs are timed here.
    geojson : bool
        Whether the layers are written as GeoJSON too.
    changes : Delta, optional
        What this plan changes: written, too.
    earlier : path, optional
        Folder of the run whose papers these replace; that of this run itself by default.

    Returns
    -------
    list of Path
        The files, sorted.

    Raises
    ------
    OutputError
        Where the folder is refused or could not be written; what stood there before still does.
    ValueError
        Where the password is too short.
    """
    # imported here, so that one writer can be used without loading the engines of all the others
    from kaur_gis.write.changes import keep_changes, write_changes  # noqa: PLC0415
    from kaur_gis.write.drives import drives_of  # noqa: PLC0415
    from kaur_gis.write.gps import write_gpx  # noqa: PLC0415
    from kaur_gis.write.index import write_index  # noqa: PLC0415
    from kaur_gis.write.kml import write_kml  # noqa: PLC0415
    from kaur_gis.write.layers import write_geojson, write_geopackage, write_parquet  # noqa: PLC0415
    from kaur_gis.write.manifest import write_manifest  # noqa: PLC0415
    from kaur_gis.write.map import write_map  # noqa: PLC0415
    from kaur_gis.write.public import write_public  # noqa: PLC0415
    from kaur_gis.write.safely import whole_folder  # noqa: PLC0415
    from kaur_gis.write.sheets import write_papers  # noqa: PLC0415
    from kaur_gis.write.survey import write_survey  # noqa: PLC0415
    from kaur_gis.write.tables import write_tables  # noqa: PLC0415

    said: Lang = lang or plan.inputs.operation.operation.lang
    target = Path(folder)
    before = _replaced(plan, target, earlier, changes)
    drives = cache(lambda: drives_of(plan, said))

    def draw(file: Path, edition: Edition, key: str | None) -> None:
        write_map(plan, file, said, edition, password=key, online=online)

    # the papers are set by compiled code, which works beside the other writers
    with whole_folder(target, never=never, lang=said) as new, ThreadPoolExecutor(1) as beside:
        (new / EXACT).mkdir()
        took = dict(seconds)
        progress("pdf")
        papers = beside.submit(write_papers, plan, new, said, before)
        writers: list[tuple[str, Callable[[], object]]] = [
            ("layers.gpkg", lambda: write_geopackage(plan, new / "layers.gpkg", said)),
            (f"{EXACT}/", lambda: write_parquet(plan, new / EXACT)),
            ("xlsx, csv", lambda: write_tables(plan, new, said)),
            ("survei.xlsx", lambda: write_survey(plan, new, said)),
            ("gpx/", lambda: write_gpx(plan, new, said, drives())),
            ("kml/", lambda: write_kml(plan, new, said, drives())),
            ("peta_operasi.html", lambda: draw(new / "peta_operasi.html", "operasi", password)),
            ("peta_publik.html", lambda: draw(new / "peta_publik.html", "publik", None)),
        ]
        if changes is not None:
            writers.append(("perubahan.html", lambda: write_changes(changes, new, said)))
        writers.append(("publik/", lambda: write_public(plan, new, said, geojson=geojson)))
        if geojson:
            (new / "geojson").mkdir()
            writers.append(("geojson/", lambda: write_geojson(plan, new / "geojson", said)))
        for name, write in writers:
            progress(name)
            begun = time.monotonic()
            write()
            took[name] = time.monotonic() - begun
        if changes is None:
            keep_changes(plan, target, new)
        begun = time.monotonic()
        # it began first; what it still takes is waited for
        pages = {file.name: own for file, own in papers.result().items()}
        took["pdf"] = time.monotonic() - begun
        files = sorted(item for item in new.rglob("*") if item.is_file())
        files.append(write_index(plan, new, files, said))
        manifest = partial(write_manifest, seconds=took, replaces=before.version, pages=pages, sealed=bool(password))
        files.append(manifest(plan, new, files, said))
        written = sorted(file.relative_to(new) for file in files)
    return [target / file for file in written]


def _replaced(plan: Plan, target: Path, earlier: str | Path | None, changes: Delta | None) -> Earlier:
    """Find the papers that those of a plan replace."""
    from kaur_gis.write.manifest import earlier_papers  # noqa: PLC0415
    from kaur_gis.write.replaced import Earlier  # noqa: PLC0415

    if changes is None:
        return earlier_papers(plan, target if earlier is None else earlier)
    if earlier is None:
        return Earlier(changes.before.version)
    # a latest departure that moves earlier changes a sheet, and is not in its code
    changed = changes.sheets["state"] == "changed"
    return earlier_papers(plan, earlier).without(set(changes.sheets["hash"][changed]))
