"""Road worlds drawn in ASCII.

A drawing is a grid of 100 m cells. Letters and ``+`` are nodes; ``-`` and ``|`` are roads between them. One of these in
a road gives it a tag: ``> < ^ v`` one-way, ``~`` ford, ``=`` bridge, ``:`` unpaved, ``?`` surface not known,
``!`` a weight limit of 3 t, ``x`` private, ``s`` steps, ``f`` ferry. Everything else is asphalt, of class tertiary.

    A->-B
    |   |
    C-~-D
"""

from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from kaur_gis.inputs import Inputs, Roads
from kaur_gis.layers import CRS, RoadEdges, RoadNodes, Stops, checked_geo
from kaur_gis.rules import SpeedTable

METRIC = "EPSG:32748"
TO_LONLAT = Transformer.from_crs(METRIC, CRS, always_xy=True)
CELL_M = 100.0
EAST, NORTH = 320_000.0, 9_480_000.0  # somewhere in Kaur
ROADS = {"right": "-><~=:?!xsf", "down": "|^v~=:?!xsf"}
TAGS: dict[str, dict[str, object]] = {
    "~": {"fords": 1},
    "=": {"bridges": 1},
    ":": {"surface": "dirt"},
    "?": {"surface": ""},
    "!": {"maxweight_t": 3.0},
    "x": {"access": "private"},
    "s": {"highway": "steps", "surface": ""},
    "f": {"highway": "ferry", "surface": ""},
}
SILENT_TAGS = (
    *("tracktype", "smoothness", "name", "ref", "access", "motor_vehicle", "motorcycle", "foot", "oneway", "lanes"),
)
SILENT: dict[str, object] = {
    "highway": "tertiary",
    "surface": "asphalt",
    **dict.fromkeys(SILENT_TAGS, ""),
    **dict.fromkeys(("maxspeed_kmh", "maxweight_t", "width_m"), math.nan),
    "bridges": 0,
    "fords": 0,
    "tunnel": False,
    "osm_way": 0,
}


def point(column: float, row: float) -> shapely.Point:
    """Where a cell of the drawing lies, in longitude and latitude."""
    return shapely.Point(*TO_LONLAT.transform(EAST + CELL_M * column, NORTH - CELL_M * row))


class World:
    """A drawing as roads, and stops put into it."""

    def __init__(self, drawing: str, *, schematic: bool = False) -> None:
        rows = drawing.strip("\n").split("\n")
        margin = min(len(row) - len(row.lstrip()) for row in rows if row.strip())
        self.rows = [row[margin:] for row in rows]
        self.schematic = schematic
        self.at: dict[str, tuple[int, int]] = {}
        for y, row in enumerate(self.rows):
            for x, char in enumerate(row):
                if self._is_node(char):
                    self.at[char if char.isupper() else f"{x},{y}"] = (x, y)
        self.names = sorted(self.at)
        self.villages: dict[str, str] = {}
        self.lines: list[tuple[str, str, str, float, dict[str, object], list[shapely.Point]]] = []
        for name, (x, y) in self.at.items():
            self._follow(name, x, y, "right", 1, 0)
            self._follow(name, x, y, "down", 0, 1)

    @staticmethod
    def _is_node(char: str) -> bool:
        return char.isupper() or char == "+"

    def _cell(self, x: int, y: int) -> str:
        return self.rows[y][x] if 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y]) else " "

    def _follow(self, name: str, x: int, y: int, way: str, dx: int, dy: int) -> None:
        seen = ""
        x, y = x + dx, y + dy
        while (char := self._cell(x, y)) in ROADS[way]:
            seen += char
            x, y = x + dx, y + dy
        if seen and self._is_node(char):
            end = next(other for other, place in self.at.items() if place == (x, y))
            direction = "one" if set(seen) & set(">v") else "back" if set(seen) & set("<^") else "both"
            tags = {key: value for mark in seen for key, value in TAGS.get(mark, {}).items()}
            course = [point(*self.at[name]), point(x, y)]
            self.lines.append((name, end, direction, CELL_M * (len(seen) + 1), tags, course))

    def road(self, one: str, other: str, metres: float, direction: str = "both", **tags: object) -> World:
        """Add a road that can't be drawn: a parallel one, or a loop, beside the drawing."""
        (x, y), (p, q) = self.at[one], self.at[other]
        bulge = [point((x + p) / 2 - 0.7, (y + q) / 2 + 0.6), point((x + p) / 2 + 0.7, (y + q) / 2 + 0.6)]
        self.lines.append((one, other, direction, metres, tags, [point(x, y), *bulge, point(p, q)]))
        return self

    def without(self, number: int) -> World:
        """Take away the road of this number."""
        other = object.__new__(World)
        other.__dict__ = {**self.__dict__, "lines": [line for n, line in enumerate(self.lines) if n != number]}
        return other

    def roads(self) -> Roads:
        """Make the layers."""
        number = {name: at for at, name in enumerate(self.names)}
        nodes = pd.DataFrame(
            {"label": self.names, "kode_desa": [self.villages.get(name, "") for name in self.names]},
            index=pd.RangeIndex(len(number), name="node").astype("int64"),
            dtype="str",
        )
        points = [point(*self.at[name]) for name in self.names]
        arcs: list[dict[str, object]] = []
        for one, other, direction, metres, tags, course in self.lines:
            line = shapely.LineString(course)
            forth = {**SILENT, **tags, "u": number[one], "v": number[other], "metres": metres, "geometry": line}
            back = {**forth, "u": number[other], "v": number[one], "geometry": line.reverse()}
            chosen = {"both": [forth, back], "one": [forth], "back": [back]}[direction]
            for at, arc in enumerate(chosen):
                arc["twin"] = len(arcs) + 1 - at if len(chosen) > 1 else -1
            arcs += chosen
        edges = gpd.GeoDataFrame(arcs, geometry="geometry", crs=CRS)
        edges.index = pd.RangeIndex(len(arcs), name="edge").astype("int64")
        texts = [key for key, value in SILENT.items() if isinstance(value, str)]
        return Roads(
            checked_geo(gpd.GeoDataFrame(nodes, geometry=points, crs=CRS), RoadNodes),
            checked_geo(edges.astype(dict.fromkeys(texts, "str")), RoadEdges),
            self.schematic,
            None,
            "drawing",
        )

    def stops(
        self, *names: str, gates: dict[str, tuple[float, float]] | None = None, **places: tuple[float, float]
    ) -> gpd.GeoDataFrame:
        """Put stops at nodes (`names`) and anywhere else (`places`, in cells); the first one is the gudang.

        Vehicles make for the `gates` of those that have one.
        """
        where, gates = {name: self.at[name] for name in names} | places, gates or {}
        codes = [f"{n:013d}" if n else "GDG-1" for n in range(len(where))]
        frame = gpd.GeoDataFrame(
            {
                "kind": ["gudang", *["tps"] * (len(where) - 1)],
                "nama": list(where),
                "kode_desa": [self.villages.get(name, "17.04.01.2999") for name in where],
                "kode_kec": "17.04.01",
                "n_tps": np.arange(len(where)).clip(0, 1),
                "posisi": "gps",
                "akses_lon": [point(*gates[name]).x if name in gates else math.nan for name in where],
                "akses_lat": [point(*gates[name]).y if name in gates else math.nan for name in where],
            },
            index=pd.Index(codes, name="kode_stop"),
            geometry=[point(x, y) for x, y in where.values()],
            crs=CRS,
        )
        return checked_geo(frame, Stops)


def table(**vehicles: dict[str, object]) -> SpeedTable:
    """Make a speed table; every vehicle drives 36 km/h (100 m in 10 s) unless said otherwise."""
    kmh = {"paved": (36.0, 36.0, 36.0), "unknown": (36.0, 36.0, 36.0), "unpaved": (36.0, 36.0, 36.0)}
    usual = {
        "nama": "Mobil", "name": "Car", "moves_as": "motor_vehicle", "weight_t": 2.0, "width_m": 1.8,
        "sumber": "contoh", "ford_kmh": (18.0, 0.0, 0.0), "kmh": {"tertiary": kmh},
    }  # fmt: skip
    return SpeedTable.model_validate(
        {
            "vehicles": {name: usual | more for name, more in (vehicles or {"mobil": {}}).items()},
            "carry_kmh": (3.6, 3.6, 0.0),
            "paved_surfaces": ("asphalt", "paved"),
            "unpaved_surfaces": ("dirt", "gravel"),
            "bad_smoothness": ("very_bad",),
            "bad_tracktypes": ("grade5",),
            "sumber": "contoh",
        }
    )


def inputs(
    roads: Roads,
    speeds: SpeedTable | None = None,
    *,
    plan: str = "kering",
    late: str = "kering",
    max_snap_m: float = 300,
    home: shapely.Polygon | None = None,
) -> Inputs:
    """Give as much of `Inputs` as travel reads."""
    speeds = speeds or table()
    vehicles = sorted(speeds.vehicles)
    operation = SimpleNamespace(
        operation=SimpleNamespace(voting_day=dt.date(2024, 2, 14)),
        back_wave=SimpleNamespace(name="kembali"),
        tutup=[],
        waves=[],
        stages=[],
        kembali=[],
        daylight=None,
        fleet=[SimpleNamespace(kode=name, vehicle=name) for name in vehicles],
        guard=SimpleNamespace(vehicle=vehicles[0]),
        komunikasi=None,
        weather=SimpleNamespace(plan=plan, late=late),
        roads=SimpleNamespace(max_snap_m=max_snap_m),
        region=SimpleNamespace(metric_crs=METRIC),
    )
    home = gpd.GeoDataFrame(geometry=[home or shapely.box(102, -6, 105, -3)], crs=CRS)
    return SimpleNamespace(operation=operation, speeds=speeds, roads=roads, kecamatan=home)  # type: ignore[return-value]
