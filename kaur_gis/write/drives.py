"""What a phone shows of each trip: where it begins, where it stops and what for, and the way along the roads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import shapely

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.summary import notices
from kaur_gis.write.safely import file_name, replace_with

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


@dataclass(frozen=True)
class Point:
    """A place on a trip.

    Attributes
    ----------
    kode : str
        Its stop.
    lon, lat : float
    name, desc : str
        What it is called, and what happens there.
    kind : {"base", "stop"}
    """

    kode: str
    lon: float
    lat: float
    name: str
    desc: str
    kind: str


@dataclass(frozen=True)
class Drive:
    """One trip.

    Attributes
    ----------
    kode : str
        `kode_trip`.
    desc : str
        When, and how much.
    way : str
        What its line is: along roads, or straight.
    base, end : Point
        Where it starts and where it ends.
    before : tuple of Point
        From where the vehicle comes to its base first, empty; none where it stands there.
    after : tuple of Point
        Where it goes on to after counting, empty, when it is unloaded; none where it stays.
    visits : tuple of Point
        Where boxes are handed over, in order.
    ways : tuple of tuple of (float, float)
        The (lon, lat) of each leg's line, in order.
    """

    kode: str
    desc: str
    way: str
    base: Point
    end: Point
    before: tuple[Point, ...]
    after: tuple[Point, ...]
    visits: tuple[Point, ...]
    ways: tuple[tuple[tuple[float, float], ...], ...]


def drives_of(plan: Plan, lang: Lang) -> dict[str, list[Drive]]:
    """Collect the trips of every vehicle that drives, out and back.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    lang : {"id", "en"}
        Language of the descriptions.

    Returns
    -------
    dict
        Vehicle -> its trips in the order of the day; vehicles sorted.
    """
    drives: dict[str, list[Drive]] = {}
    for part, words in ((plan, ""), (plan.brought_back("kotak"), "_kotak"), (plan.brought_back("salinan"), "_salinan")):
        for vehicle, own in _driven(part, words, lang):
            drives.setdefault(vehicle, []).append(own)
    return dict(sorted(drives.items()))


def _driven(plan: Plan, words: str, lang: Lang) -> Iterator[tuple[str, Drive]]:
    """Give every trip with its vehicle; `words` ends the keys of the sentences for what is on board."""
    # plain records: a row of a frame costs a hundred times a row of a list, and there are thousands
    stops: dict[Any, dict[Any, Any]] = pd.DataFrame(plan.stops).to_dict("index")
    legs: dict[str, dict[int, dict[Any, Any]]] = {}
    for leg in pd.DataFrame(plan.legs).reset_index().sort_values(["kode_trip", "order"]).to_dict("records"):
        legs.setdefault(leg["kode_trip"], {})[leg["order"]] = leg
    loads: dict[tuple[str, int], list[dict[Any, Any]]] = {}
    boxes = plan.loads.reset_index().join(plan.tps[["no_tps", "nama_desa"]], on="kode_tps")
    for load in boxes.sort_values(["kode_trip", "order", "kode_tps"]).to_dict("records"):
        loads.setdefault((load["kode_trip"], load["order"]), []).append(load)
    way = say("gps.schematic" if plan.inputs.roads.schematic else "gps.roads", lang)
    for trip in plan.trips.reset_index().sort_values(["vehicle", "depart"], kind="stable").to_dict("records"):
        kode = trip["kode_trip"]
        base = stops[trip["base"]]
        handed = [(order, loads[kode, order]) for order in legs[kode] if (kode, order) in loads]
        home = max(order for order, _ in handed) + 1
        last = legs[kode][home]["to_stop"]
        ends = _point(last, stops[last], say("gps.base", lang, kind=say(f"term.{stops[last]['kind']}", lang)), "base")
        same_day = trip["depart"].date() == trip["back"].date()
        drive = Drive(
            kode=kode,
            desc=say(
                f"gps.trip{words}",
                lang,
                trip=kode,
                depart=f"{trip['depart']:%Y-%m-%d %H:%M}",
                back=f"{trip['back']:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}",
                n_tps=trip["n_tps"],
                kotak=trip["kotak"],
            ),
            way=way,
            base=_point(trip["base"], base, say("gps.base", lang, kind=say(f"term.{base['kind']}", lang)), "base"),
            end=ends,
            before=tuple(_empty(kode, leg, stops, lang, "from") for order, leg in legs[kode].items() if not order),
            after=tuple(_empty(kode, leg, stops, lang, "to") for order, leg in legs[kode].items() if order > home),
            visits=tuple(
                _visit(number, kode, legs[kode][order], here, stops, words, lang)
                for number, (order, here) in enumerate(handed, start=1)
            ),
            ways=tuple(
                tuple(map(tuple, shapely.get_coordinates(leg["geometry"]).tolist())) for leg in legs[kode].values()
            ),
        )
        yield trip["vehicle"], drive


def write_drives(
    plan: Plan,
    folder: str | Path,
    kind: str,
    lang: Lang,
    page: Callable[[str, str, list[Drive]], Iterable[str]],
    drives: Mapping[str, list[Drive]] | None = None,
) -> list[Path]:
    """Write one file for each vehicle that drives.

    Parameters
    ----------
    plan : Plan
        The whole plan.
    folder : path
        Folder of the run.
    kind : str
        Ending of the files, and the folder inside `folder` in which they stand.
    lang : {"id", "en"}
        Language of the descriptions.
    page : callable
        Turns the name of a file, what is said of the plan, and the trips of its vehicle into lines.
    drives : mapping, optional
        As `drives_of` gives them; found here where nobody has done so before.

    Returns
    -------
    list of Path
        The files, in the order of their vehicles.

    Raises
    ------
    OutputError
        Where a file could not be written.
    """
    place = Path(folder) / kind
    place.mkdir(parents=True, exist_ok=True)
    about = f"{plan.version} · {' · '.join(notices(plan, lang))}"
    files = []
    for vehicle, own in (drives_of(plan, lang) if drives is None else drives).items():
        name = say("gps.vehicle", lang, operation=plan.inputs.operation.operation.name, vehicle=vehicle)
        files.append(place / f"{file_name(vehicle)}.{kind}")
        with replace_with(files[-1]) as new:
            new.write_text("\n".join([*page(name, about, own), ""]), encoding="utf-8")
    return files


def places_of(drives: list[Drive]) -> list[Point]:
    """Collect every place of some trips once, with what happens there on each of them."""
    found: dict[str, list[Point]] = {}
    for drive in drives:
        for point in (*drive.before, drive.base, drive.end, *drive.visits, *drive.after):
            found.setdefault(point.kode, []).append(point)
    return [
        Point(
            kode,
            points[0].lon,
            points[0].lat,
            points[0].name,
            "\n".join(dict.fromkeys(point.desc for point in points)),
            points[0].kind,
        )
        for kode, points in found.items()
    ]


def _point(kode: str, stop: dict[Any, Any], desc: str, kind: str) -> Point:
    return Point(kode, stop["geometry"].x, stop["geometry"].y, stop["nama"], desc, kind)


def _empty(
    kode: str, leg: dict[Any, Any], stops: dict[Any, dict[Any, Any]], lang: Lang, way: Literal["from", "to"]
) -> Point:
    at = {name: f"{leg[name]:%Y-%m-%d %H:%M}" for name in ("depart", "arrive")}
    stop = leg[f"{way}_stop"]
    return _point(stop, stops[stop], say("gps.coming" if way == "from" else "gps.going", lang, trip=kode, **at), "base")


def _visit(
    number: int,
    kode: str,
    leg: dict[Any, Any],
    here: list[dict[Any, Any]],
    stops: dict[Any, dict[Any, Any]],
    words: str,
    lang: Lang,
) -> Point:
    desc = say(
        f"gps.stop{words}",
        lang,
        tps=", ".join(f"{load['nama_desa']} TPS {load['no_tps']} ({load['kode_tps']})" for load in here),
        kotak=sum(load["kotak"] for load in here),
        arrive=f"{leg['arrive']:%Y-%m-%d %H:%M}",
    )
    visit = say("gps.visit", lang, no=number, trip=kode)
    return _point(leg["to_stop"], stops[leg["to_stop"]], f"{visit}: {desc}", "stop")
