"""What OpenStreetMap calls places, and where it draws kabupaten and kecamatan: two optional layers to compare with."""

from __future__ import annotations

import geopandas as gpd
import shapely

from kaur_gis.config import Region
from kaur_gis.layers import BOUNDARY_LEVELS, Boundaries, PlaceNames
from kaur_gis.problems import Problem
from kaur_gis.read.cells import text_up_to, words
from kaur_gis.read.desa import MAX_NAME
from kaur_gis.read.drawn import AREAS, LINES, POINTS, Theirs, drawn_in, drawn_layer, is_area
from kaur_gis.read.raw import Raw
from kaur_gis.read.tables import Column, Table
from kaur_gis.spelling import bare, by_name

OSM_LEVELS = {"5": "kabupaten", "6": "kecamatan"}
"""Values of OSM's ``admin_level`` in Indonesia; 4 is a provinsi, 7 a desa or kelurahan.

References
----------
https://wiki.openstreetmap.org/wiki/Import/Catalogue/Indonesia/VillageBoundaries, "Import Data".
"""
NAMA = Column("nama", text_up_to(MAX_NAME), required=False, blank="")
TINGKAT = Column("tingkat", words(*BOUNDARY_LEVELS), required=False, blank="")


def read_boundaries(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read kabupaten and kecamatan by name, cut at the study box.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile of areas; lines, which OpenStreetMap draws between them, are passed over, and
        so are areas without a name and those of other levels.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Returns
    -------
    GeoDataFrame
        Layer `layers.Boundaries`, in the order of the file; empty where the file is refused.
    """
    found: list[Problem] = []
    columns = {TINGKAT: Theirs(("admin_level",), OSM_LEVELS), NAMA: Theirs(("name",))}
    records = [
        {**texts, "geometry": shape}
        for shape, texts in drawn_in(raw, region, columns, (*LINES, *AREAS), found)
        if is_area(shape) and texts.get("nama") and texts.get("tingkat")
    ]
    return drawn_layer(records, Boundaries, "batas", raw, found, problems)


def hint_points(desa: Table, kecamatan: gpd.GeoDataFrame | None, places: gpd.GeoDataFrame, file: str) -> None:
    """Name the place to look at for a village whose point can't be read: the only one of its name in its kecamatan.

    Parameters
    ----------
    desa : Table
        Villages as read; the hints are appended to its problems.
    kecamatan : GeoDataFrame or None
        Layer `layers.Kecamatan`; None where it is refused: no place is then known to lie in one.
    places : GeoDataFrame
        Layer `layers.PlaceNames`.
    file : str
        Where they come from.
    """
    named = by_name(places["nama"])
    areas = {} if kecamatan is None else dict(kecamatan.geometry.items())
    for line, kode, nama, lon, lat in desa.rows("kode_desa", "nama", "lon", "lat"):
        area = areas.get(str(kode)[: len("17.04.01")])
        if not nama or area is None or (lon is not None and lat is not None):
            continue
        here = [point for point in places.geometry.iloc[named[bare(nama)]] if area.intersects(point)]
        if len(here) == 1:
            at = {"lat": round(here[0].y, 6), "lon": round(here[0].x, 6)}
            desa.add("desa_place_named", line, "lon", nama, level="note", other=file, **at)


def read_place_names(raw: Raw, region: Region, problems: list[Problem]) -> gpd.GeoDataFrame:
    """Read places by name, cut at the study box.

    Parameters
    ----------
    raw : Raw
        A GeoJSON, GeoPackage or Shapefile of points, or of areas, of which a point inside is taken; what has no name is
        passed over.
    region : Region
        Study box.
    problems : list of Problem
        What is wrong is appended; `row` is the number of the feature, from 1.

    Returns
    -------
    GeoDataFrame
        Layer `layers.PlaceNames`, in the order of the file; empty where the file is refused.
    """
    found: list[Problem] = []
    drawn = drawn_in(raw, region, {NAMA: Theirs(("name",))}, (*POINTS, *AREAS), found)
    records = [{**texts, "geometry": shapely.point_on_surface(shape)} for shape, texts in drawn if texts.get("nama")]
    return drawn_layer(records, PlaceNames, "nama_tempat", raw, found, problems)
