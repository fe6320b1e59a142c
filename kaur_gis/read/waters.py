"""Rivers, lakes and the coast for the map: an optional layer, as `kaur-gis fetch` writes it or in its own columns."""

from __future__ import annotations

import geopandas as gpd

from kaur_gis.config import Region
from kaur_gis.layers import WATER_KINDS, Waters
from kaur_gis.problems import Problem
from kaur_gis.read.cells import text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.drawn import AREAS, LINES, Theirs, drawn_in, drawn_layer, is_area
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column

OSM_KINDS = {
    "river": "sungai",
    "canal": "sungai",
    "stream": "anak_sungai",
    "drain": "anak_sungai",
    "ditch": "anak_sungai",
    "water": "danau",
    "riverbank": "sungai",
    "coastline": "pantai",
}
"""Values of OSM's ``waterway`` and ``natural``, and what they are here."""
COLUMNS = {
    Column("jenis", words(*WATER_KINDS), required=False, blank=""): Theirs(("waterway", "natural"), OSM_KINDS),
    Column("nama", text_up_to(MAX_NAME), required=False, blank=""): Theirs(("name",)),
}


def read_waters(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read the waters of one file, cut at the study box.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile of lines and areas.
    region : Region
        Study box: what lies outside is left out.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Waters`, in the order of the file; empty where the file is refused.
    """
    found: list[Problem] = []
    records = [
        {
            "jenis": texts.get("jenis") or ("danau" if is_area(shape) else "sungai"),
            "nama": texts.get("nama", ""),
            "geometry": shape,
        }
        for shape, texts in drawn_in(raw, region, COLUMNS, (*LINES, *AREAS), found)
    ]
    return drawn_layer(records, Waters, "sungai", raw, found, problems)
