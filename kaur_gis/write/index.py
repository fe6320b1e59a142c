"""The front page of a run: one HTML file that links every other, without scripts and without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from kaur_gis.catalogue import say, sentences, thousands
from kaur_gis.config import Lang
from kaur_gis.plan import Plan
from kaur_gis.store import MANIFEST
from kaur_gis.summary import figures, notices
from kaur_gis.write.safely import replace_with, web_text

INDEX = "index.html"
CHANGES = "perubahan.html"
FIGURES = (
    "n_tps",
    "voters",
    "kotak",
    "trips",
    "vehicles",
    "posts",
    "officers",
    "unserved",
    "back_trips",
    "back_unserved",
)
GROUPS = {
    "map": (".html",),
    "paper": (".pdf", CHANGES),
    "table": (".xlsx", "tabel"),
    "phone": ("gpx", "kml"),
    "layer": (".gpkg", "layers", "geojson", ".json", "publik"),
}
"""Group -> the endings of its files and the names of its folders, in the order of the page."""
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.4rem 0 .3rem;border-bottom:1px solid #777}
p{margin:.3rem 0}ul{margin:.2rem 0;padding-left:1.2rem}li{margin:.2rem 0;overflow-wrap:anywhere}
a{color:#003f8a;display:inline-block;padding:.35rem 0}a:focus-visible,summary:focus-visible{outline:3px solid #111}
dl{display:flex;flex-wrap:wrap;gap:.6rem;margin:.4rem 0}dl div{border:1px solid #777;padding:.3rem .8rem}
dt{font-size:.85rem}dd{margin:0;font-size:1.3rem;font-weight:700}
small{color:#444}summary{cursor:pointer;padding:.35rem 0}.columns{columns:16rem}
.bad{border:3px solid #111;padding:.5rem;font-weight:700}
@media print{a{color:#111}}
"""


def write_index(plan: Plan, folder: str | Path, files: Iterable[str | Path], lang: Lang) -> Path:
    """Write ``index.html``: figures and notices of the plan, and a link to every file of its run.

    Parameters
    ----------
    plan : Plan
    folder : path
        Folder of the run.
    files : iterable of path
        Every other file of the run, inside the folder.
    lang : {"id", "en"}
        Language of the page.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    OutputError
        Where it could not be written.
    """
    into = Path(folder)
    sizes = {Path(file).relative_to(into).as_posix(): Path(file).stat().st_size for file in files}
    with replace_with(into / INDEX) as new:
        new.write_text("\n".join([*_head(plan, lang), *_links(sizes, lang), "</main></body></html>", ""]), "utf-8")
    return into / INDEX


def opened(title: str, lang: Lang, more_style: str = "") -> str:
    """Begin a page that neither runs a script nor asks a network: up to its heading."""
    style = f"{STYLE}{more_style}"
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    said = web_text(title)
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{said}</title><style>{style}</style></head><body><main><h1>{said}</h1>",
        ]
    )


def _head(plan: Plan, lang: Lang) -> Iterator[str]:
    head, counts = plan.inputs.operation.operation, figures(plan)
    yield opened(say("index.title", lang, operation=head.name), lang)
    yield tag("p", say("index.version", lang, version=plan.version, day=head.voting_day.isoformat()))
    if plan.broken:
        yield f'<p class="bad" role="alert">{web_text(say("index.broken", lang, n=len(plan.broken)))}</p>'
    yield tag("p", say("index.restricted", lang))
    yield f"{tag('h2', say('index.figures', lang))}<dl>"
    for name in (name for name in FIGURES if name in counts):
        words = say(f"index.figure_{name}", lang)
        yield f"<div>{tag('dt', words)}{tag('dd', thousands(counts[name], lang))}</div>"
    yield f"</dl>{tag('h2', say('index.notices', lang))}<ul>"
    yield from (tag("li", line) for line in notices(plan, lang))
    yield "</ul>"
    if not plan.unserved.empty:
        yield f"{tag('h2', say('index.unserved', lang))}<ul>"
        for kode, reason in plan.unserved["reason"].items():
            tps = plan.tps.loc[kode]
            said = {"desa": tps["nama_desa"], "no_tps": tps["no_tps"], "reason": say(f"term.{reason}", lang)}
            yield tag("li", say("index.unserved_row", lang, kode=kode, **said))
        yield "</ul>"


def _links(sizes: dict[str, int], lang: Lang) -> Iterator[str]:
    """Link the files of the run itself, and the files of each folder behind a line that opens."""
    for group, kinds in GROUPS.items():
        mine = sorted(name for name in sizes if _kind(name) in kinds)
        if mine or group == "layer":
            yield f"{tag('h2', say(f'index.group_{group}', lang))}<ul>"
            yield from (_link(name, lang, sizes[name]) for name in mine if "/" not in name)
            if group == "layer":  # written after this page, since it lists the page too
                yield _link(MANIFEST, lang)
            yield "</ul>"
        for folder, names in groupby((name for name in mine if "/" in name), lambda name: name.partition("/")[0]):
            below = list(names)
            said = say("index.all_of", lang, folder=f"{folder}/", n=len(below))
            yield f"<details><summary>{web_text(said)} {_about(folder, lang)}</summary>"
            yield '<ul class="columns">'
            yield from (_link(name, lang, sizes[name]) for name in below)
            yield "</ul></details>"
    yield f"<p><small>{web_text(say('index.offline', lang))}</small></p>"


def _kind(name: str) -> str:
    if name == CHANGES:
        return name
    return name.partition("/")[0] if "/" in name else Path(name).suffix


def _link(name: str, lang: Lang, size: int | None = None) -> str:
    kb = (
        ""
        if size is None
        else f" <small>{web_text(say('index.size', lang, kb=thousands(size / 1000, lang, 0)))}</small>"
    )
    return f'<li><a href="{quote(name)}">{web_text(name)}</a>{_about(name, lang)}{kb}</li>'


def _about(name: str, lang: Lang) -> str:
    key = f"index.file_{name}"
    return f" <span>{web_text(say(key, lang))}</span>" if key in sentences() else ""


def tag(name: str, text: str) -> str:
    """Wrap a text, whatever it holds, in a tag."""
    return f"<{name}>{web_text(text)}</{name}>"
