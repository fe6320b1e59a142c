"""Maps of an area: the kabupaten for the meeting, a kecamatan for the wall; classes by shape and lightness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from kaur_gis.catalogue import ranges, say
from kaur_gis.config import KERAWANAN, SINYAL, Lang
from kaur_gis.write.sheets import words
from kaur_gis.write.sheets.frame import Box, Frame, Terrain, path
from kaur_gis.write.sheets.glyphs import Glyphs
from kaur_gis.write.sheets.names import Letters, Names

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

SYMBOLS = {
    "kurang_rawan": '<circle cx="{x:.2f}" cy="{y:.2f}" r="{r:.2f}" fill="#fff" stroke="#000" stroke-width="0.3"/>',
    "rawan": '<path d="M{x:.2f} {y:.2f}m0 -{r:.2f}l{r:.2f} {d:.2f}h-{d:.2f}z" fill="#9a9a9a" stroke="#000"'
    ' stroke-width="0.3"/>',
    "sangat_rawan": '<path d="M{x:.2f} {y:.2f}m-{r:.2f} -{r:.2f}h{d:.2f}v{d:.2f}h-{d:.2f}z" fill="#000"'
    ' stroke="#fff" stroke-width="0.3"/>',
}
"""A stop's symbol by its worst class, as on the interactive map: circle, triangle, square; white, grey, black."""
NO_SIGNAL = '<path d="M{x:.2f} {y:.2f}l1.4 1.4m0 -1.4l-1.4 1.4" stroke="#000" stroke-width="0.45"/>'
PLACES = {
    "gudang": '<rect x="{x:.2f}" y="{y:.2f}" width="4.2" height="4.2" fill="#fff" stroke="#000" stroke-width="0.8"/>',
    "ppk": '<rect x="{x:.2f}" y="{y:.2f}" width="3.6" height="3.6" fill="#fff" stroke="#000" stroke-width="0.8"/>',
}
"""White squares, as on the map without scripts."""
DOT_MM = 1.0  # round the point that a line leads to no name stands
PLACE_MM = {"gudang": 2.1, "ppk": 1.8}  # half a side
PEAK = '<path d="M{x:.2f} {y:.2f}m-1.1 0.9l1.1 -1.8l1.1 1.8" stroke="#000" stroke-width="0.35"/>'
PEAK_MM = 1.1


@dataclass(frozen=True)
class Style:
    """How large an area is drawn.

    Attributes
    ----------
    width_mm, height_mm, pad_mm : float
        Size on paper, and the room left at its edges [mm].
    radius_mm : float
        Of a stop's symbol [mm].
    stops, places : Letters or None
        Size of the names; None draws none.
    areas : Letters or None
        Size of the names of kecamatan.
    """

    width_mm: float
    height_mm: float
    pad_mm: float
    radius_mm: float
    stops: Letters | None
    places: Letters | None
    areas: Letters | None


class Ground:
    """What lies on the ground of a plan, in the metric CRS, looked up once."""

    def __init__(self, plan: Plan, lang: Lang, glyphs: Glyphs, terrain: Terrain | None = None) -> None:
        terrain = terrain or Terrain.of(plan)
        metric = plan.inputs.operation.region.metric_crs
        self.lang = lang
        roads = plan.inputs.roads
        self.roads = [terrain.minor, terrain.main]
        self.schematic = roads.schematic
        self.waters = list(zip(map(glyphs.printable, terrain.waters["nama"]), terrain.waters.geometry, strict=True))
        self.peaks = [
            (glyphs.printable(words.peak(row.nama, row.elevasi_m, lang)), row.geometry)
            for row in terrain.peaks.itertuples()
        ]
        self.areas = terrain.areas
        self.borders = terrain.borders
        self.area_names = {str(kode): glyphs.printable(name) for kode, name in plan.inputs.kecamatan["nama"].items()}
        self.points = dict(zip(plan.stops.index, plan.stops.geometry.to_crs(metric), strict=True))
        self.places = [
            (row.kind, glyphs.printable(row.nama), self.points[kode])
            for kode, row in zip(plan.stops.index, plan.stops.itertuples(), strict=True)
            if row.kind in PLACES
        ]
        grouped = plan.tps.groupby("kode_stop", sort=True)
        self.stops = [
            (
                str(here["kode_kec"].iloc[0]),
                f"{glyphs.printable(here['nama_desa'].iloc[0])} {ranges(sorted(here['no_tps']))}",
                max(here["kerawanan"], key=KERAWANAN.index),
                bool((here["sinyal"] == SINYAL[3]).any()),
                self.points[str(kode)],
            )
            for kode, here in grouped
        ]

    def draw(self, style: Style, kode_kec: str = "") -> dict[str, Any]:
        """Draw one kecamatan, or all.

        Parameters
        ----------
        style : Style
        kode_kec : str, optional
            The kecamatan; "" for the whole kabupaten.

        Returns
        -------
        dict
            `svg` (numbers only), `names` with their boxes [mm], `unnamed` kecamatan that found no room, `bar`, `width`,
            `height` [mm].
        """
        mine = [stop for stop in self.stops if kode_kec in ("", stop[0])]
        shown = [stop[-1] for stop in mine] if kode_kec else [*self.areas.to_numpy(), *(stop[-1] for stop in mine)]
        frame = Frame.around(shown, style.width_mm, style.height_mm, style.pad_mm)
        minor, main = (frame.lines(roads.within(frame.bounds)) for roads in self.roads)
        borders = frame.lines([shapely.clip_by_rect(self.borders, *frame.bounds)])
        stops = [(*frame.on_paper([(point.x, point.y)])[0].tolist(), stop) for *stop, point in mine]
        inside = shapely.box(*frame.bounds)
        places = [
            (*frame.on_paper([(point.x, point.y)])[0].tolist(), kind, name)
            for kind, name, point in self.places
            if inside.contains(point)
        ]
        waters = [(name, frame.lines([shapely.clip_by_rect(line, *frame.bounds)])) for name, line in self.waters]
        room, unnamed = self._names(frame, style, main, stops, places, kode_kec)
        hills = []
        if style.places:
            _name_waters(room, waters, style.places)
            peaks = [(point, name) for name, point in self.peaks if inside.contains(point)]
            hills = list(_hills(room, peaks, style.places))
        svg = [
            *(path(lines, 'stroke="#c4c4c4" stroke-width="0.9"') for _, lines in waters),
            path(borders, 'stroke="#000" stroke-width="0.35" stroke-dasharray="2 0.9 0.3 0.9"'),
            path(minor, 'stroke="#a0a0a0" stroke-width="0.15"'),
            path(main, 'stroke="#555" stroke-width="0.45"'),
            *(_place(kind, x, y) for x, y, kind, _ in places),
            *(_symbol(x, y, kelas, style.radius_mm, blank=blank) for x, y, (_, _, kelas, blank) in stops),
            *hills,
            *room.leads,
        ]
        metres, _ = frame.scale_bar()
        return {
            "svg": frame.svg(svg),
            "names": room.labels,
            "unnamed": unnamed,
            "bar": words.length(metres, self.lang),
            "width": style.width_mm,
            "height": style.height_mm,
        }

    def _names(
        self,
        frame: Frame,
        style: Style,
        road: Any,  # noqa: ANN401 - a MultiLineString
        stops: Sequence[tuple[float, float, Any]],
        places: Sequence[tuple[float, float, str, str]],
        kode_kec: str,
    ) -> tuple[Names, list[str]]:
        r = style.radius_mm + 0.2
        taken = [
            *(_around(x, y, PLACE_MM[kind]) for x, y, kind, _ in places),
            *(_around(x, y, r) for x, y, _ in stops),
            *((x + r, y - r - 1.4, x + r + 1.6, y - r + 1.2) for x, y, (*_, blank) in stops if blank),
        ]
        room, unnamed = Names(frame, taken, road), list[str]()
        if style.places:
            for x, y, kind, name in places:
                room.beside(_around(x, y, PLACE_MM[kind]), name, style.places)
        if style.areas and not kode_kec:
            areas = shapely.transform(self.areas.to_numpy(), frame.on_paper)
            named = list(zip(areas, (self.area_names[str(kode)] for kode in self.areas.index), strict=True))
            apart = [(area, name) for area, name in named if not room.inside(area, name, style.areas)]
            middles = shapely.get_coordinates(shapely.point_on_surface([area for area, _ in apart])).tolist()
            room.taken += [_around(x, y, DOT_MM) for x, y in middles]
            unnamed = [
                name
                for (x, y), (_, name) in zip(middles, apart, strict=True)
                if not room.apart(x, y, name, style.areas)
            ]
        if style.stops:
            for x, y, (_, name, _, _) in stops:
                room.beside(_around(x, y, r), name, style.stops)
        return room, unnamed

    def legend(self, style: Style) -> str:
        """Say what the symbols of a map mean."""
        keys = ["area_legend", "area_schematic" if self.schematic else "area_roads"]
        keys += ["area_waters"] if self.waters else []
        keys += ["area_peaks"] if self.peaks and style.places else []
        return " ".join(say(f"sheets.{key}", self.lang) for key in keys)


def _name_waters(room: Names, waters: Sequence[tuple[str, Any]], letters: Letters) -> None:
    """Write the name of each water once, beside the middle of its longest line."""
    longest: dict[str, Any] = {}
    for name, lines in waters:
        for line in shapely.get_parts(lines):
            if name and (name not in longest or line.length > longest[name].length):
                longest[name] = line
    own = shapely.MultiLineString(list(longest.values()))
    for name, line in longest.items():
        at = line.interpolate(0.5, normalized=True)
        room.beside(_around(at.x, at.y, 0.5), name, letters, off=own)


def _hills(room: Names, peaks: Sequence[tuple[Any, str]], letters: Letters) -> Iterator[str]:
    """Draw the hills whose names have room, the highest first: a mark without a name helps nobody."""
    for point, text in peaks:
        ((x, y),) = room.frame.on_paper([(point.x, point.y)]).tolist()
        mark = _around(x, y, PEAK_MM)
        if room.is_free(mark) and room.beside(mark, text, letters):
            room.taken.append(mark)
            yield PEAK.format(x=x, y=y)


def _around(x: float, y: float, r: float) -> Box:
    return x - r, y - r, x + r, y + r


def _place(kind: str, x: float, y: float) -> str:
    r = PLACE_MM[kind]
    return PLACES[kind].format(x=x - r, y=y - r)


def _symbol(x: float, y: float, kelas: str, r: float, *, blank: bool) -> str:
    """Draw one stop; the symbols of the higher classes are larger, since they are few."""
    larger = r * (1.0, 1.25, 1.25)[KERAWANAN.index(kelas)]
    mark = NO_SIGNAL.format(x=x + larger, y=y - larger - 1) if blank else ""
    return SYMBOLS[kelas].format(x=x, y=y, r=larger, d=2 * larger) + mark
