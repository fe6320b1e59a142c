"""Very many points as one map: the TPS of a province or of the country, each with its place and class only."""

from __future__ import annotations

from pathlib import Path

import folium
import geopandas as gpd
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.config import KERAWANAN, Lang
from kaur_gis.layers import OSM_CREDIT
from kaur_gis.write.map.frame import PlanFigure, PlanLayers, PlanMap
from kaur_gis.write.map.pack import pack, pack_lines
from kaur_gis.write.map.words import first_words
from kaur_gis.write.safely import replace_with, web_text


def points_map(points: gpd.GeoDataFrame, title: str, lang: Lang = "id") -> folium.Map:
    """Draw points by their class.

    Parameters
    ----------
    points : GeoDataFrame
        Points in EPSG:4326 with the column `kerawanan`; at least one.
    title : str
        May come from data.
    lang : {"id", "en"}
        Language of its words.

    Returns
    -------
    folium.Map
    """
    # near points one after the other: short steps pack small
    sorted_ = points.iloc[points.hilbert_distance().argsort(kind="stable")]
    classes = [sorted_[sorted_["kerawanan"] == kelas] for kelas in KERAWANAN]
    counts = [f"{say(f'term.{kelas}', lang)}: {len(mine)}" for kelas, mine in zip(KERAWANAN, classes, strict=True)]
    shown = {
        "points": True,
        "title": title,
        "classes": [
            f"{say(f'term.{kelas}', lang)} ({thousands(len(mine), lang)})"
            for kelas, mine in zip(KERAWANAN, classes, strict=True)
        ],
    }
    lines = pack_lines([shapely.get_coordinates(mine.geometry.to_numpy()) for mine in classes])
    plain = f"<p>{web_text(title)}: {web_text('; '.join(counts))}</p>"
    west, south, east, north = points.total_bounds
    figure = PlanFigure(lang, title, pack(shown, [lines]), plain)
    drawn = PlanMap(figure, ((south + north) / 2, (west + east) / 2))
    drawn.add_child(PlanLayers({**first_words(lang), "credit": OSM_CREDIT}))
    return drawn


def write_points_map(points: gpd.GeoDataFrame, path: str | Path, title: str, lang: Lang = "id") -> Path:
    """Write the map of very many points as one HTML file that needs no network.

    Raises
    ------
    OutputError
        Where it could not be written.
    """
    place = Path(path)
    with replace_with(place) as new:
        new.write_text(points_map(points, title, lang).get_root().render(), encoding="utf-8", newline="\n")
    return place
