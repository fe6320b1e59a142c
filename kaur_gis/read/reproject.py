"""Other coordinate systems become WGS 84 longitude and latitude, by a transformation that is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyproj
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import AreaOfInterest, TransformerGroup

from kaur_gis.config import Region
from kaur_gis.layers import CRS
from kaur_gis.problems import Problem
from kaur_gis.read.safely import printable

MAX_OVERHANG = 1.0  # the study box may leave the area of use of a CRS by this much [degrees]
DECIMALS = 9  # of a degree: a tenth of a millimetre
KINDS = ("Geographic", "Projected", "Bound", "Compound")


class Reprojection:
    """Turns the coordinates of one file into WGS 84.

    Parameters
    ----------
    transformer : pyproj.Transformer
        Longitude or easting first, whatever the CRS says of its axes.
    name, operation : str
        Name of the CRS and of the transformation.
    accuracy_m : float
        As PROJ states it [m]; below 0 where it states none.
    """

    def __init__(self, transformer: pyproj.Transformer, name: str) -> None:
        self.transformer = transformer
        self.name = name
        self.operation = str(transformer.description)
        self.accuracy_m = float(transformer.accuracy)

    def note(self, file: str) -> Problem:
        """Say what was done."""
        accuracy = f"{self.accuracy_m:g} m" if self.accuracy_m >= 0 else "?"
        details = {"operation": printable(self.operation), "accuracy": accuracy}
        return Problem("crs_transformed", file, None, "", printable(self.name), "note", details)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Transform one point."""
        lon, lat = self.transformer.transform(x, y)
        return round(float(lon), DECIMALS), round(float(lat), DECIMALS)

    def geometry(self, geometry: Any) -> Any:  # noqa: ANN401 - GeoJSON as read, right or wrong
        """Transform a GeoJSON geometry; what is no position stays as it is, to be refused later."""
        if not isinstance(geometry, dict):
            return geometry
        if isinstance(geometry.get("geometries"), list):
            return {**geometry, "geometries": [self.geometry(part) for part in geometry["geometries"]]}
        copy = _as_lists(geometry.get("coordinates"))
        positions = list(_positions(copy))
        if positions:
            xy = np.array([position[:2] for position in positions], dtype=np.float64)
            lon, lat = self.transformer.transform(xy[:, 0], xy[:, 1])
            for position, one, other in zip(positions, lon, lat, strict=True):
                position[:2] = [round(float(one), DECIMALS), round(float(other), DECIMALS)]
        return {**geometry, "coordinates": copy}


def crs_named(text: str) -> pyproj.CRS | None:
    """Understand a CRS by its name, code or WKT; None for one that is unknown or of no place on Earth."""
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError:
        return None
    return crs if any(kind in crs.type_name for kind in KINDS) else None


def reprojection(crs: pyproj.CRS, region: Region, file: str, problems: list[Problem]) -> Reprojection | None:
    """Choose the transformation from a CRS to WGS 84.

    Parameters
    ----------
    crs : CRS
        Of the file.
    region : Region
        The study area, for which PROJ chooses.
    file : str
        Its name.
    problems : list of Problem
        Refused where the CRS is made for another part of the world; otherwise a note names the transformation.

    Returns
    -------
    Reprojection or None
        None for WGS 84 itself, and for a CRS that is refused.
    """
    if crs.equals(pyproj.CRS.from_user_input(CRS), ignore_axis_order=True):
        return None
    if not fits(crs, region):
        problems.append(Problem("crs_elsewhere", file, None, "crs", printable(crs.name)))
        return None
    box = AreaOfInterest(region.west_lon, region.south_lat, region.east_lon, region.north_lat)
    try:
        found = TransformerGroup(crs, CRS, always_xy=True, area_of_interest=box).transformers
    except (ProjError, CRSError):
        found = []
    if not found:
        problems.append(Problem("crs_other", file, None, "crs", printable(crs.name)))
        return None
    chosen = Reprojection(found[0], crs.name)
    problems.append(chosen.note(file))
    return chosen


def fits(crs: pyproj.CRS, region: Region) -> bool:
    """Whether a CRS is made for this part of the world, as far as it says."""
    area = crs.area_of_use
    return area is None or (area.west - MAX_OVERHANG <= region.west_lon and region.east_lon <= area.east + MAX_OVERHANG)


def _as_lists(coordinates: Any) -> Any:  # noqa: ANN401 - nested as deep as the geometry
    if isinstance(coordinates, list | tuple):
        return [_as_lists(item) for item in coordinates]
    return coordinates


def _positions(coordinates: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - nested as deep as the geometry
    """Give every pair of numbers inside nested lists."""
    if not isinstance(coordinates, list):
        return
    head = coordinates[:2]
    if len(head) == 2 and all(isinstance(x, int | float) and not isinstance(x, bool) for x in head):  # noqa: PLR2004
        yield coordinates
        return
    for item in coordinates:
        yield from _positions(item)
