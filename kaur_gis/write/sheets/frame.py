"""A piece of ground on paper: where things come to lie, and lines as SVG paths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import numpy as np
import shapely

from kaur_gis.inputs import Roads

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

FINEST_MM = 0.15  # bends smaller than this on paper are left out
BACKGROUND_FINEST_M = 5.0
LEAST_M = 600.0  # smaller ground than this is not drawn larger
MAIN_ROADS = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified")
MAIN_ROADS_WITH_LINKS = frozenset(MAIN_ROADS) | {f"{road}_link" for road in MAIN_ROADS}
Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom on paper [mm]."""


@dataclass(frozen=True)
class Background:
    """Roads around, drawn thin under a map, in the metric CRS.

    Attributes
    ----------
    tree : STRtree
        Over the lines of the roads, one direction each.
    """

    tree: shapely.STRtree

    @classmethod
    def of(cls, roads: Roads, metric_crs: str, *, main: bool = True) -> Background:
        """Take the main roads of a network, or all others."""
        edges = roads.edges
        once = (edges["twin"] < 0) | (edges["twin"] > edges.index)
        found = edges.loc[once & (edges["highway"].isin(MAIN_ROADS_WITH_LINKS) == main), "geometry"]
        lines = shapely.simplify(found.to_crs(metric_crs).to_numpy(), BACKGROUND_FINEST_M, preserve_topology=False)
        return cls(shapely.STRtree(lines))

    def within(self, bounds: Box) -> Sequence[Any]:
        """Give the lines inside a box [m], cut at its edge."""
        found = np.sort(self.tree.query(shapely.box(*bounds)))
        return list(shapely.clip_by_rect(self.tree.geometries[found], *bounds))


@dataclass(frozen=True, eq=False)
class Terrain:
    """What lies under every map of a plan, in the metric CRS: prepared once for all papers.

    Attributes
    ----------
    main, minor : Background
        Main roads, and all others.
    areas : GeoSeries
        Kecamatan.
    borders : MultiLineString
        Of the kecamatan, shared ones once.
    waters : GeoDataFrame
        `inputs.sungai` without the small ones: rivers, the coast, and the shores of lakes, as lines.
    peaks : GeoDataFrame
        `inputs.puncak`, the highest first.
    """

    main: Background
    minor: Background
    areas: gpd.GeoSeries
    borders: Any
    waters: gpd.GeoDataFrame
    peaks: gpd.GeoDataFrame

    @classmethod
    def of(cls, plan: Plan) -> Terrain:
        """Prepare the ground of a plan."""
        metric, roads = plan.inputs.operation.region.metric_crs, plan.inputs.roads
        areas = plan.inputs.kecamatan.geometry.to_crs(metric)
        borders = shapely.line_merge(shapely.union_all(areas.boundary.to_numpy()))
        waters = plan.inputs.sungai[plan.inputs.sungai["jenis"] != "anak_sungai"].to_crs(metric)
        shores = waters.boundary.where(waters.geom_type.isin(["Polygon", "MultiPolygon"]), waters.geometry)
        return cls(
            Background.of(roads, metric),
            Background.of(roads, metric, main=False),
            areas,
            borders,
            waters.set_geometry(shores),
            plan.inputs.puncak.sort_index().to_crs(metric),
        )


@dataclass(frozen=True)
class Frame:
    """The piece of ground that a map shows, and the size of its paper.

    Attributes
    ----------
    west, north : float
        Upper left corner in the metric CRS [m].
    mm_per_m : float
        Scale.
    width_mm, height_mm : float
        Size on paper [mm].
    """

    west: float
    north: float
    mm_per_m: float
    width_mm: float
    height_mm: float

    @classmethod
    def around(cls, geometries: Sequence[Any], width_mm: float, height_mm: float, pad_mm: float) -> Frame:
        """Fit a frame of the paper's shape round geometries in the metric CRS."""
        west, south, east, north = shapely.total_bounds(geometries)
        inner_w, inner_h = width_mm - 2 * pad_mm, height_mm - 2 * pad_mm
        scale = min(inner_w / max(east - west, LEAST_M), inner_h / max(north - south, LEAST_M))
        return cls(
            west=float((west + east) / 2 - width_mm / 2 / scale),
            north=float((south + north) / 2 + height_mm / 2 / scale),
            mm_per_m=float(scale),
            width_mm=width_mm,
            height_mm=height_mm,
        )

    @property
    def bounds(self) -> Box:
        """West, south, east, north in the metric CRS [m]."""
        return (
            self.west,
            self.north - self.height_mm / self.mm_per_m,
            self.west + self.width_mm / self.mm_per_m,
            self.north,
        )

    def on_paper(self, points: Any) -> np.ndarray:  # noqa: ANN401 - anything numpy reads
        """Turn metres, shape (n, 2), into millimetres from the upper left corner, shape (n, 2)."""
        xy = np.asarray(points, dtype=float)
        return np.column_stack([(xy[:, 0] - self.west) * self.mm_per_m, (self.north - xy[:, 1]) * self.mm_per_m])

    def lines(self, lines: Sequence[Any]) -> Any:  # noqa: ANN401 - a MultiLineString
        """Put lines on paper, without the bends that nobody could see."""
        plain = shapely.simplify(np.asarray(lines, dtype=object), FINEST_MM / self.mm_per_m, preserve_topology=False)
        return shapely.transform(shapely.MultiLineString([*shapely.get_parts(plain)]), self.on_paper)

    def scale_bar(self) -> tuple[int, float]:
        """Choose a round length for the scale bar: metres, and millimetres on paper."""
        most = 30 / self.mm_per_m
        power = 10 ** math.floor(math.log10(most))
        metres = int(max(step * power for step in (1, 2, 5) if step * power <= most))
        return metres, metres * self.mm_per_m

    def svg(self, layers: Iterable[str]) -> str:
        """Join drawings into one SVG with an arrow to the north and the scale bar."""
        _, bar_mm = self.scale_bar()
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width_mm:g} {self.height_mm:g}" fill="none"'
            f' stroke-linecap="round" stroke-linejoin="round">{"".join(layers)}'
            f'<path d="M{self.width_mm - 5:g} 7l1.5 -5l1.5 5l-1.5 -1.2z" fill="#000"/>'
            f'<path d="M2 {self.height_mm - 3:g}v1.4h{bar_mm:.2f}v-1.4" stroke="#000" stroke-width="0.35"/></svg>'
        )

    def taken(self) -> list[Box]:
        """Where no name may stand: the scale bar and the arrow."""
        _, bar_mm = self.scale_bar()
        return [
            (0, self.height_mm - 8, bar_mm + 12, self.height_mm),
            (self.width_mm - 8, 0, self.width_mm, 11),
        ]


def path(lines: Any, style: str) -> str:  # noqa: ANN401 - a MultiLineString
    """Draw lines on paper as one SVG path; "" for none."""
    coordinates, line_of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    if not len(coordinates):
        return ""
    starts = np.diff(line_of, prepend=-1) > 0
    steps = zip(np.where(starts, "M", "L"), *coordinates.round(1).T.tolist(), strict=True)
    return f'<path d="{"".join(f"{step}{x:g} {y:g}" for step, x, y in steps)}" {style}/>'


def placed(box: Box) -> dict[str, float]:
    """Say a box as the templates want it."""
    left, top, right, bottom = box
    return {"x": round(left, 2), "y": round(top, 2), "w": round(right - left, 2), "h": round(bottom - top, 2)}
