"""The promise about other kabupaten: which ones each leg passes, measured again in what of each is not at home."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely
from pyproj import Geod

from kaur_gis.judge.facts import Broken, Facts
from kaur_gis.judge.passed import home_of
from kaur_gis.spelling import bare

GEOD = Geod(ellps="WGS84")
LEAST_M = 2.0  # what is shorter may be rounded away


def neighbours(facts: Facts) -> Iterator[Broken]:
    """Each leg names the other kabupaten that its line passes, and the metres in each."""
    plan = facts.plan
    said: dict[tuple[str, int, str], int] = defaultdict(int)
    for row in facts.rows(plan.neighbours):
        said[row["kode_trip"], row["order"], row["kabupaten"]] += row["metres"]
    found = _measured(facts)
    for key in sorted(said.keys() | found.keys()):
        kode, order, name = key
        if abs(said.get(key, 0) - found.get(key, 0.0)) > LEAST_M:
            yield Broken(f"{kode} {order}", f"{name} {said.get(key, 0)} m", f"{found.get(key, 0.0):.0f} m")


def _measured(facts: Facts) -> dict[tuple[str, int, str], float]:
    """Measure every leg, out and back, in every other kabupaten [m]; none where the course is not known."""
    inputs = facts.plan.inputs
    if inputs.roads.schematic:
        return {}
    own, home = bare(inputs.operation.region.kabupaten), facts.once(home_of)
    pieces = defaultdict(list)
    for row in facts.rows(inputs.batas):
        if row["tingkat"] == "kabupaten" and bare(row["nama"]) != own:
            pieces[row["nama"]].append(shapely.difference(row["geometry"], home))
    foreign = {name: shapely.union_all(shapes) for name, shapes in pieces.items()}
    legs = [*facts.rows(facts.plan.legs), *facts.rows(facts.plan.back_legs)] if foreign else []
    lines = np.array([leg["geometry"] for leg in legs], dtype=object)
    found = {}
    for name, shape in foreign.items():
        shapely.prepare(shape)
        crosses = shapely.intersects(shape, lines)
        for leg, meets in zip(legs, crosses.tolist(), strict=True):
            if meets:
                metres = GEOD.geometry_length(shapely.intersection(leg["geometry"], shape))
                found[leg["kode_trip"], leg["order"], name] = metres
    return found
