"""The plan as one interactive map: a folium map in Jupyter, one HTML file without network elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import folium

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.write.map.frame import PlanFigure, PlanLayers, PlanMap
from kaur_gis.write.map.lock import ROUNDS, locked
from kaur_gis.write.map.more import Lead, MapLayer
from kaur_gis.write.map.online import tile_host
from kaur_gis.write.map.pack import pack
from kaur_gis.write.map.plain import plain_page
from kaur_gis.write.map.shown import Edition, credit, document, title
from kaur_gis.write.map.words import first_words
from kaur_gis.write.safely import replace_with, web_text

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def plan_map(
    plan: Plan,
    lang: Lang = "id",
    edition: Edition = "operasi",
    *,
    password: str | None = None,
    online: str = "",
    also: Sequence[MapLayer] = (),
    lead: Lead | None = None,
) -> folium.Map:
    """Draw a plan as a folium map.

    It shows itself in Jupyter, and takes any further folium layer there. As long as nothing was added
    it needs no network, and a content security policy lets nothing but its own scripts run. What is
    added goes through folium's templates: never add names from data that you do not trust.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}
        Language of its words.
    edition : {"operasi", "publik"}
        The public one holds no guards, no trips and no tags that were not published.
    password : str, optional
        Seals the map: nothing of the plan can be read in the page until it is given.
    online : str, optional
        Address of online tiles that lie under it, such as ``https://tile.openstreetmap.org/{z}/{x}/{y}.png``:
        then, and only then, the page asks for something, from that host. Its own base map stays until a
        tile has come.
    also : sequence of MapLayer, optional
        Layers of this map alone; none of them is in the public edition.
    lead : Lead, optional
        What a map that answers a question of its own says first.

    Returns
    -------
    folium.Map

    Raises
    ------
    ValueError
        Where the password is too short, or the address is none of tiles.
    """
    pictures = tile_host(online) if online else ""
    shown, parts = document(plan, lang, edition, also, lead)
    payload = pack({**shown, "online": online} if online else shown, parts)
    if password is None:
        name = lead.title if lead else title(plan, lang)
        figure = PlanFigure(lang, name, payload, plain_page(plan, lang, edition, lead), 0, pictures)
    else:
        no_script = f'<p class="plain">{web_text(say("map.lock_no_script", lang))}</p>'
        figure = PlanFigure(lang, say("map.lock_title", lang), locked(payload, password), no_script, ROUNDS, pictures)
    region = plan.inputs.operation.region
    middle = (0.0, 0.0)  # of a sealed map not even the place is told
    if password is None:
        middle = ((region.south_lat + region.north_lat) / 2, (region.west_lon + region.east_lon) / 2)
    drawn = PlanMap(figure, middle)
    drawn.add_child(PlanLayers({**first_words(lang), "credit": credit(plan, lang)}))
    return drawn


def write_map(
    plan: Plan,
    path: str | Path,
    lang: Lang = "id",
    edition: Edition = "operasi",
    *,
    password: str | None = None,
    online: str = "",
    also: Sequence[MapLayer] = (),
    lead: Lead | None = None,
) -> Path:
    """Write a plan's map as one HTML file, which needs no network unless it is asked to show online tiles.

    Parameters
    ----------
    plan : Plan
    path : path
        The file; it appears only when it is whole.
    lang : {"id", "en"}
        Language of its words.
    edition : {"operasi", "publik"}
    password, online, also, lead
        As for `plan_map`.

    Returns
    -------
    Path
        The file written; the same plan gives the same bytes, unless it is sealed.

    Raises
    ------
    OutputError
        Where it could not be written.
    ValueError
        Where the password is too short, or the address is none of tiles.
    """
    page = plan_map(plan, lang, edition, password=password, online=online, also=also, lead=lead).get_root().render()
    place = Path(path)
    with replace_with(place) as new:
        new.write_text(page, encoding="utf-8", newline="\n")
    return place
