"""GeoJSON geometries become valid polygons, without GDAL; what can't be is refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from kaur_gis.config import Region
from kaur_gis.read.cells import Fault
from kaur_gis.read.position import position_fault
from kaur_gis.read.safely import MAX_VERTICES, printable

MAX_REPAIR_SHARE = 0.01  # a repair may change the area of a polygon by this share
_RING_LENGTHS = 4  # a closed triangle
_POSITION_LENGTHS = (2, 3, 4)  # lon, lat, and sometimes a height and a measure


class RefusedGeometry(ValueError):
    """A geometry is no polygon that could be used; carries the `Fault`."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.what)


class PolygonReader:
    """Reads the geometries of one file, within one budget of vertices.

    Parameters
    ----------
    region : Region
        Study box: every position must lie inside.
    """

    def __init__(self, region: Region) -> None:
        self.region = region
        self.vertices_left = MAX_VERTICES
        self.repairs: dict[str, Fault] = {}

    def read(self, geometry: object) -> tuple[Polygon | MultiPolygon, list[Fault]]:
        """Build the polygon(s) of one GeoJSON geometry.

        Returns
        -------
        polygon : Polygon or MultiPolygon
            Valid, of some area, normalized, two-dimensional.
        repairs : list of Fault
            What was repaired.

        Raises
        ------
        RefusedGeometry
        """
        self.repairs = {}
        parts = [Polygon(rings[0], rings[1:]) for rings in self._polygons(geometry)]
        shape: BaseGeometry = parts[0] if len(parts) == 1 else MultiPolygon(parts)
        if not shape.is_valid:
            shape = self._mended(shape)
        if not shape.area:
            raise RefusedGeometry(Fault("geometry_empty"))
        return shapely.normalize(shape), list(self.repairs.values())

    def _mended(self, shape: BaseGeometry) -> BaseGeometry:
        """Repair an invalid polygon where that hardly changes its area."""
        mended = made_valid(shape)
        before = sum(Polygon(part.exterior).area for part in getattr(shape, "geoms", [shape]))
        percent = 100 * abs(mended.area - before) / before if before else 100.0
        usable = mended.is_valid and mended.geom_type in {"Polygon", "MultiPolygon"}
        if percent > 100 * MAX_REPAIR_SHARE or not usable:
            at = shapely.is_valid_reason(shape).partition("[")[2].rstrip("]")
            raise RefusedGeometry(Fault("geometry_invalid", percent=round(percent, 1), at=at))
        self.repairs["geometry_mended"] = Fault("geometry_mended", percent=round(percent, 3))
        return mended

    def _polygons(self, geometry: object) -> Iterator[list[list[tuple[float, float]]]]:
        """Give the rings of each polygon."""
        if geometry is None:
            raise RefusedGeometry(Fault("geometry_empty"))
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if isinstance(geometry, dict) and kind == "GeometryCollection":
            inner = geometry.get("geometries")
            areas = [part for part in inner if _is_area(part)] if isinstance(inner, list | tuple) else []
            self.repairs["geometry_collection"] = Fault("geometry_collection")
        else:
            areas = [geometry] if _is_area(geometry) else []
        if not areas:
            raise RefusedGeometry(Fault("geometry_kind", kind=printable(str(kind))))
        for area in areas:
            coordinates = area.get("coordinates")
            polygons = [coordinates] if area["type"] == "Polygon" else coordinates
            for rings in _filled(polygons):
                yield [self._ring(ring) for ring in _filled(rings)]

    def _ring(self, ring: object) -> list[tuple[float, float]]:
        """Check one ring, position by position."""
        if not isinstance(ring, list | tuple) or len(ring) < _RING_LENGTHS:
            raise RefusedGeometry(Fault("ring_short"))
        self.vertices_left -= len(ring)
        if self.vertices_left < 0:
            raise RefusedGeometry(Fault("too_many_vertices", limit=MAX_VERTICES))
        points = [self._position(position) for position in ring]
        if points[0] != points[-1]:
            raise RefusedGeometry(Fault("ring_open"))
        return points

    def _position(self, position: object) -> tuple[float, float]:
        """Check one position; a height is dropped."""
        if not isinstance(position, list | tuple) or len(position) not in _POSITION_LENGTHS:
            raise RefusedGeometry(Fault("coord_not_number"))
        if any(isinstance(value, bool) or not isinstance(value, int | float) for value in position):
            raise RefusedGeometry(Fault("coord_not_number"))
        lon, lat, *rest = position
        fault = position_fault(lon, lat, self.region)
        if fault is not None:
            raise RefusedGeometry(Fault(fault.what, value=f"{lon}, {lat}"[:80], **fault.details))
        if rest:
            self.repairs["height_dropped"] = Fault("height_dropped")
        return float(lon), float(lat)


def made_valid(shape: BaseGeometry) -> BaseGeometry:
    """Let GEOS mend areas that cross themselves.

    It rounds the corners that it adds, by which lines may cross anew (about once in 7,000 random rings, mended by a
    second turn in all that were tried), so the result may still be invalid.
    """
    for _ in range(2):
        if not shape.is_valid:
            shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return shape


def _is_area(geometry: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(geometry, dict) and geometry.get("type") in ("Polygon", "MultiPolygon")


def _filled(items: object) -> Sequence[Any]:
    """Give a list that holds something."""
    if not isinstance(items, list | tuple) or not items:
        raise RefusedGeometry(Fault("geometry_empty"))
    return items
