"""Plan an election day in an Indonesian kabupaten: kit, distribution, guards, maps and sheets.

The public names, and nothing else::

    import kaur_gis as kg

    plan = kg.make_plan(kg.read_inputs("data/kaur/operation.toml"))
    kg.write_plan(plan, "outputs/kaur")
"""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

SKIPPED_DRIVERS = (
    "VRT OGR_VRT GDALG HTTP WMS WMTS WCS WFS OAPIF OGCAPI CSW STACIT STACTA Carto AmigoCloud Elasticsearch EEDA EEDAI "
    "NGW PLSCENES PLMOSAIC DAAS ADBC GPSBabel MBTiles MVT PDS4 PMTiles"
)
"""GDAL drivers that fetch from a network or read other files than the one they are handed."""


def _harden_gdal() -> None:
    """Take from GDAL what reads other files or the network.

    A file is judged by its first bytes before GDAL sees it (`read.safely`); this is the second gate.
    """
    os.environ["GDAL_SKIP"] = f"{os.environ.get('GDAL_SKIP', '')} {SKIPPED_DRIVERS}".strip()
    os.environ["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".none"
    os.environ["GDAL_HTTP_TIMEOUT"] = "1"
    os.environ["PROJ_NETWORK"] = "OFF"
    if "pyogrio" in sys.modules:
        logging.getLogger(__name__).info("geopandas was imported before kaur_gis: GDAL keeps all its drivers")


_harden_gdal()  # GDAL looks at the environment once, when it is loaded: nothing above loads it

if TYPE_CHECKING:
    from kaur_gis.config import Operation, RoadClosure
    from kaur_gis.cut import close_roads, closure_of
    from kaur_gis.cut.delta import Delta
    from kaur_gis.cut.move import move_tps
    from kaur_gis.cut.replan import replan
    from kaur_gis.cut.weak import Weakness, weak_points
    from kaur_gis.inputs import Closure, Inputs, Roads
    from kaur_gis.pipeline import make_plan
    from kaur_gis.plan import Plan
    from kaur_gis.problems import (
        BrokenPromise,
        InputProblems,
        KaurError,
        OutputError,
        Problem,
        SolverError,
        TravelError,
    )
    from kaur_gis.read import read_inputs
    from kaur_gis.read.run import read_plan
    from kaur_gis.write import write_plan

__all__ = [
    "BrokenPromise",
    "Closure",
    "Delta",
    "InputProblems",
    "Inputs",
    "KaurError",
    "Operation",
    "OutputError",
    "Plan",
    "Problem",
    "RoadClosure",
    "Roads",
    "SolverError",
    "TravelError",
    "Weakness",
    "close_roads",
    "closure_of",
    "make_plan",
    "move_tps",
    "read_inputs",
    "read_plan",
    "replan",
    "weak_points",
    "write_plan",
]

_HOMES = {
    "config": ("Operation", "RoadClosure"),
    "cut": ("close_roads", "closure_of"),
    "cut.delta": ("Delta",),
    "cut.move": ("move_tps",),
    "cut.replan": ("replan",),
    "cut.weak": ("Weakness", "weak_points"),
    "inputs": ("Closure", "Inputs", "Roads"),
    "pipeline": ("make_plan",),
    "plan": ("Plan",),
    "problems": (
        "BrokenPromise",
        "InputProblems",
        "KaurError",
        "OutputError",
        "Problem",
        "SolverError",
        "TravelError",
    ),
    "read": ("read_inputs",),
    "read.run": ("read_plan",),
    "write": ("write_plan",),
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for: `kaur-gis --help` needs none of the engines."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
