"""The map and its tables for readers without JavaScript, such as a phone's file viewer: SVG and HTML, no script."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.summary import arrivals, notices
from kaur_gis.tag import class_said
from kaur_gis.write.map.more import Lead
from kaur_gis.write.map.shown import LOCAL_ROAD, Edition, credit, once, road_class, title
from kaur_gis.write.public import PUBLIC_PLACES, published
from kaur_gis.write.safely import web_text
from kaur_gis.write.sheets.words import peak

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

BANNERS: dict[Edition, str] = {"operasi": "map_operasi.banner", "publik": "map.banner_public"}
BASES = ("gudang", "ppk")
HEADS = ("kode", "kecamatan", "desa", "tps", "pemilih", "kotak")
WIDTH = 1000
"""Width of the drawing [SVG unit]."""
LETTER, LINE = 9, 18
"""Width of a letter and height of a line of the names [SVG unit], of the font that the style sheet names."""
STOP = 8
"""What a stop's mark takes around its point [SVG unit]."""
SIMPLER_DEGREES = 5e-4
"""How far a drawn line may leave its course [degree]: 55 m, a third of a unit at Kaur's width."""


def plain_page(plan: Plan, lang: Lang, edition: Edition = "operasi", lead: Lead | None = None) -> str:
    """Write title, notices, drawing, legend and the table of all TPS as HTML; first what this map says first.

    Returns
    -------
    str
        Every text in it went through `web_text`.
    """
    lines = [
        f'<div class="plain"><p class="banner">{web_text(say(BANNERS[edition], lang))}</p>',
        f"<h1>{web_text(lead.title if lead else title(plan, lang))}</h1>",
        *(_lead(lead) if lead else ()),
        f"<p>{web_text(say('map.no_script', lang))}</p>",
        *_drawing(plan, lang, edition),
        f"<p>{web_text(credit(plan, lang))}</p>",
        f"<h2>{web_text(say('map.notices', lang))}</h2>",
        "<ul>",
        *(f"<li>{web_text(line)}</li>" for line in notices(plan, lang, public=edition == "publik")),
        "</ul>",
        *(_table(plan, lang) if edition == "operasi" else _public_table(plan, lang)),
        "</div>",
    ]
    return "\n".join(lines)


def _lead(lead: Lead) -> Iterator[str]:
    """Write the table of a map that answers a question of its own."""
    yield f'<h2>{web_text(lead.heading)}</h2><div class="wide"><table><thead><tr>'
    yield "".join(f"<th>{web_text(head)}</th>" for head in lead.heads) + "</tr></thead><tbody>"
    for row in lead.rows:
        yield "<tr>" + "".join(f"<td>{web_text(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"
    yield from (f"<p>{web_text(note)}</p>" for note in lead.notes)


class _Paper:
    """Where a position lies on the drawing: plate carrée, true to shape at the middle latitude."""

    def __init__(self, plan: Plan) -> None:
        west, south, east, north = plan.inputs.kecamatan.total_bounds
        margin = 0.02 * (east - west)
        self.west, self.north = west - margin, north + margin
        self.per_degree = WIDTH / (east - west + 2 * margin)
        self.stretch = 1 / math.cos(math.radians((south + north) / 2))
        self.height = round((north - south + 2 * margin) * self.per_degree * self.stretch)

    def path(self, coordinates: list[list[float]]) -> str:
        """Write a line as SVG path data in whole units, points that fall on one another once."""
        points: list[tuple[int, int]] = []
        for lon, lat in coordinates:
            point = self.point(lon, lat)
            if not points or points[-1] != point:
                points.append(point)
        return "M" + "L".join(f"{x} {y}" for x, y in points) if len(points) > 1 else ""

    def point(self, lon: float, lat: float) -> tuple[int, int]:
        """Place one position [SVG unit]."""
        return round((lon - self.west) * self.per_degree), round((self.north - lat) * self.per_degree * self.stretch)


def _drawing(plan: Plan, lang: Lang, edition: Edition) -> Iterator[str]:
    paper = _Paper(plan)
    label = web_text(say("map.drawing", lang))
    yield f'<div class="wide"><svg viewBox="0 0 {WIDTH} {paper.height}" role="img" aria-label="{label}">'
    for shape in shapely.simplify(plan.inputs.kecamatan.sort_index().geometry.to_numpy(), SIMPLER_DEGREES):
        rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
        data = "".join(paper.path(shapely.get_coordinates(ring).tolist()) + "Z" for ring in rings)
        yield f'<path d="{data}" class="kec"/>'
    yield from _waters(plan.inputs.sungai, paper)
    yield from _roads(once(plan.inputs.roads.edges), paper)
    tps = plan.tps if edition == "operasi" else plan.tps.assign(**published(plan.tps))
    yield from _stops(tps, plan.stops.geometry, paper)
    tempat = plan.inputs.tempat.sort_index()
    for point in tempat[tempat["jenis"].isin(BASES if edition == "operasi" else PUBLIC_PLACES)].geometry:
        x, y = paper.point(point.x, point.y)
        yield f'<rect x="{x - 7}" y="{y - 21}" width="14" height="14" class="base"/>'
    yield from _names(plan, lang, paper)
    yield "</svg></div>"
    names = ", ".join(f"{mark} {say(f'term.{kelas}', lang)}" for kelas, mark in zip(KERAWANAN, "○▲■", strict=True))
    own = f"{names}. {say('map_operasi.plain_legend', lang)}"
    legend = own if edition == "operasi" else say("map.plain_legend_public", lang)
    yield f"<p>{web_text(legend)} {web_text(say('map.layer_outside', lang))}.</p>"


def _names(plan: Plan, lang: Lang, paper: _Paper) -> Iterator[str]:
    """Write the names of the kecamatan: where no stop lies if there is such a place near, and never on one another.

    Hills follow, the highest first: with their names where there is room, or not at all.
    """
    stops = [paper.point(point.x, point.y) for point in plan.stops.geometry]
    taken: list[tuple[float, float, float]] = []  # middle and half length of the names that stand already
    for row in plan.inputs.kecamatan.sort_index().itertuples():
        at = row.geometry.representative_point()
        (x, middle), half = paper.point(at.x, at.y), len(row.nama) * LETTER / 2
        heights = [middle + step * LINE for step in (0, -1, 1, -2, 2, -3, 3)]
        apart = [y for y in heights if _free((x, y, half), taken)]
        clear = [y for y in apart if not _on_stop((x, y, half), stops)]
        y = (clear or apart or heights)[0]
        taken.append((x, y, half))
        yield f'<text x="{x}" y="{y}">{web_text(row.nama)}</text>'
    yield from _hills(plan, lang, paper, stops, taken)


def _hills(
    plan: Plan, lang: Lang, paper: _Paper, stops: list[tuple[int, int]], taken: list[tuple[float, float, float]]
) -> Iterator[str]:
    """Draw the hills whose names have room beside them, the highest first."""
    for row in plan.inputs.puncak.sort_index().itertuples():
        name = peak(row.nama, row.elevasi_m, lang)
        (px, py), half = paper.point(row.geometry.x, row.geometry.y), len(name) * LETTER / 2
        mark = (px, py + 5, STOP)
        for x, y in ((px + half + STOP, py + 5), (px - half - STOP, py + 5), (px, py + LINE + 2), (px, py - STOP)):
            boxes = (mark, (x, y, half))
            free = half < x < WIDTH - half and all(_free(box, taken) for box in boxes)
            if free and not any(_on_stop(box, stops) for box in boxes):
                taken += boxes
                yield f'<path d="M{px - 6} {py + 5}l6 -10l6 10" class="peak"/>'
                yield f'<text x="{x:g}" y="{y}" class="peak">{web_text(name)}</text>'
                break


def _free(name: tuple[float, float, float], taken: list[tuple[float, float, float]]) -> bool:
    """Whether a name, told as middle and half length, lies on none of the others."""
    x, y, half = name
    return all(abs(y - other) >= LINE or abs(x - ox) > half + long for ox, other, long in taken)


def _on_stop(name: tuple[float, float, float], stops: list[tuple[int, int]]) -> bool:
    x, y, half = name
    return any(abs(x - sx) < half + STOP and -LINE < sy - y < STOP for sx, sy in stops)


def _waters(waters: gpd.GeoDataFrame, paper: _Paper) -> Iterator[str]:
    big = waters[waters["jenis"] != "anak_sungai"].geometry.to_numpy()
    for part in shapely.get_parts(shapely.simplify(big, SIMPLER_DEGREES)):
        area = part.geom_type == "Polygon"
        rings = (part.exterior, *part.interiors) if area else (part,)
        data = "".join(paper.path(shapely.get_coordinates(ring).tolist()) for ring in rings)
        if data:
            yield f'<path d="{data}" class="water{" lake" if area else ""}"/>'


def _roads(edges: gpd.GeoDataFrame, paper: _Paper) -> Iterator[str]:
    kinds = pd.Series([road_class(highway) for highway in edges["highway"]], index=edges.index)
    for kind in range(LOCAL_ROAD, -1, -1):
        lines = shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings(edges.geometry[kinds == kind].to_numpy()))
        )
        data = "".join(
            paper.path(shapely.get_coordinates(line).tolist()) for line in shapely.simplify(lines, SIMPLER_DEGREES)
        )
        if data:
            yield f'<path d="{data}" class="road r{kind}"/>'


def _stops(tps: pd.DataFrame, at: gpd.GeoSeries, paper: _Paper) -> Iterator[str]:
    """Draw each stop once, by the highest class of its TPS; a ring where one of them has no signal."""
    rank = tps["kerawanan"].map(dict(zip(KERAWANAN, range(3), strict=True))).fillna(-1)
    rank = rank.groupby(tps["kode_stop"]).max().sort_index().sort_values(kind="stable")
    blank = (tps["sinyal"] == "tidak_ada").groupby(tps["kode_stop"]).any()
    for kode, kelas in zip(rank.index.astype(str), rank, strict=True):
        x, y = paper.point(at[kode].x, at[kode].y)
        if blank[kode]:
            yield f'<circle cx="{x}" cy="{y}" r="10" class="blank"/>'
        if kelas < 1:
            yield f'<circle cx="{x}" cy="{y}" r="5" class="{"k0" if kelas == 0 else "k"}"/>'
        elif kelas == 1:
            yield f'<path d="M{x} {y - 7}l7 12h-14z" class="k1"/>'
        else:
            yield f'<path d="M{x - 6} {y - 6}h12v12h-12z" class="k2"/>'


def _table(plan: Plan, lang: Lang) -> Iterator[str]:
    heads = [f"map.{head}" for head in (*HEADS, "kerawanan", "sinyal", "akses")]
    yield _head([*heads, "map_operasi.tiba", "map_operasi.pos"], lang)
    due, guards = arrivals(plan), plan.guards["kode_post"]
    for kode, row in _rows(plan.tps):
        yield _row(
            *_identity(plan, kode, row, lang),
            class_said(row["kerawanan"], row["kerawanan_polri"], row["kerawanan_aturan"], lang),
            *(say(f"term.{row[axis]}", lang) for axis in ("sinyal", "akses")),
            _arrival(due, kode, lang) if kode in due.index else _reason(plan, kode, lang),
            guards.get(kode, ""),
        )
    yield "</tbody></table></div>"


def _public_table(plan: Plan, lang: Lang) -> Iterator[str]:
    yield _head([f"map.{head}" for head in (*HEADS, "sinyal", "akses")], lang)
    for kode, row in _rows(plan.tps.assign(**published(plan.tps))):
        tags = (row[axis] and say(f"term.{row[axis]}", lang) for axis in ("sinyal", "akses"))
        yield _row(*_identity(plan, kode, row, lang), *tags)
    yield "</tbody></table></div>"


def _head(words: list[str], lang: Lang) -> str:
    cells = "".join(f"<th>{web_text(say(word, lang))}</th>" for word in words)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>'


def _rows(tps: pd.DataFrame) -> Iterator[tuple[str, dict[Any, Any]]]:
    table = tps.drop(columns="geometry").sort_values(["kode_kec", "kode_desa", "no_tps"])
    yield from ((str(kode), row) for kode, row in table.to_dict("index").items())


def _identity(plan: Plan, kode: str, row: dict[Any, Any], lang: Lang) -> tuple[Any, ...]:
    voters = thousands(row["pemilih"], lang)
    return kode, row["nama_kec"], row["nama_desa"], row["no_tps"], voters, plan.kits["kotak"][kode]


def _row(*values: Any) -> str:  # noqa: ANN401 - codes, names and counts
    return f"<tr>{''.join(f'<td>{web_text(str(value))}</td>' for value in values)}</tr>"


def _arrival(due: pd.DataFrame, kode: str, lang: Lang) -> str:
    early, late = due["arrive"][kode], due["arrive_late"][kode]
    if pd.isna(late):
        return f"{early:%d/%m %H:%M}–{say('map_operasi.road_closed', lang)}"
    return (
        f"{early:%d/%m %H:%M}–{late:%H:%M}"
        if late.date() == early.date()
        else f"{early:%d/%m %H:%M} – {late:%d/%m %H:%M}"
    )


def _reason(plan: Plan, kode: str, lang: Lang) -> str:
    if kode not in plan.unserved.index:
        return "–"
    reason = say(f"term.{plan.unserved['reason'][kode]}", lang)
    return say("map_operasi.unserved_because", lang, reason=reason)
