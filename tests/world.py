"""Small worlds drawn in ASCII: checked `Inputs` in memory, without a file.

One character is one kilometre in either direction. Capital letters are villages of Kecamatan
17.04.01, small ones of 17.04.02. Some letters are places too:

=========  ==========================================================================
``G g``    gudang; ``P p`` PPK of the kecamatan of its case; ``O o`` Polsek
``A ...``  any other letter: a village, with one TPS unless `tps` says otherwise
``+``      a junction
``- |``    a road; ``. :`` an unpaved one; ``#`` a road with a bridge; ``~`` with a ford
``>``      a road open to the right only
=========  ==========================================================================

Letter number n of the alphabet is village ``17.04.0k.20nn``: ``A`` is ``17.04.01.2001`` and its
first TPS ``1704012001001``. A village that is a place has no TPS unless `tps` gives it some.
Every vehicle drives 60 km/h in `kering` (60 s a character), 30 in `hujan`, 20 in `hujan_lebat`;
on unpaved roads 30, 15 and not at all.

Examples
--------
>>> inputs = world('''
...     G---P---A
...         |
...         B..C
... ''', tps={"A": 2}, sulit="C", names={"B": "<b>Desa</b>"})
>>> list(inputs.tps.index)
['1704012001001', '1704012001002', '1704012002001', '1704012003001']
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from kaur_gis.config import BAWASLU, Operation, as_frozen
from kaur_gis.inputs import Inputs, Roads
from kaur_gis.layers import (
    CRS,
    Desa,
    Kecamatan,
    RoadEdges,
    RoadNodes,
    Tempat,
    Tps,
    checked,
    checked_geo,
)
from kaur_gis.plainly import kind
from kaur_gis.rules import GuardPattern, KitRules, SpeedTable

METRIC_CRS = "EPSG:32748"
WEST_M, NORTH_M = 311_000, 9_490_000  # upper left character, in Kaur [m]
PLACES = {"G": "gudang", "P": "ppk", "O": "polsek"}
ACROSS, DOWN = "-.#~>", "|:#~"
TO_LON_LAT = Transformer.from_crs(METRIC_CRS, CRS, always_xy=True)


def kode_desa(letter: str) -> str:
    """Code of the village drawn as `letter`."""
    return f"17.04.{1 if letter.isupper() else 2:02d}.{2000 + ord(letter.upper()) - ord('A') + 1}"


def kode_tps(letter: str, number: int = 1) -> str:
    """Code of a TPS of the village drawn as `letter`."""
    return kode_desa(letter).replace(".", "") + f"{number:03d}"


def lon_lat(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place of the drawing, in characters from its upper left."""
    return TO_LON_LAT.transform(WEST_M + 1000 * column, NORTH_M - 1000 * row)


def operation(**sections: Any) -> Operation:
    """Build the operation of the world; a section given as a mapping changes only its keys."""
    return Operation.model_validate(as_frozen(_merged(_OPERATION, sections)))


def kit_rules(**changes: Any) -> KitRules:
    """Build the kit of Pemilu 2024, with changes."""
    return KitRules.model_validate(as_frozen({**_KIT, **changes}))


def pattern(**changes: Any) -> GuardPattern:
    """Build the pattern of Kaur 2024, with changes."""
    return GuardPattern.model_validate(as_frozen(_merged(_PATTERN, changes)))


def speeds(**changes: Any) -> SpeedTable:
    """Build the speed table of the world, with changes."""
    return SpeedTable.model_validate(as_frozen({**_SPEEDS, **changes}))


def world(
    drawing: str,
    *,
    tps: Mapping[str, int] | None = None,
    pemilih: int | Mapping[str, int] = 200,
    sulit: str = "",
    psu: str = "",
    sinyal: Mapping[str, str] | None = None,
    polri: Mapping[str, str] | None = None,
    bawaslu: Mapping[str, Sequence[str]] | None = None,
    gps: Mapping[str, tuple[float, float]] | None = None,
    gates: Mapping[str, tuple[float, float]] | None = None,
    names: Mapping[str, str] | None = None,
    kit: KitRules | None = None,
    guard_pattern: GuardPattern | None = None,
    speed_table: SpeedTable | None = None,
    **sections: Any,
) -> Inputs:
    """Read a drawing into `Inputs`.

    Parameters
    ----------
    drawing : str
        As the module says.
    tps : mapping
        Letter -> number of its TPS.
    pemilih : int or mapping
        Voters of every TPS, or letter -> voters of each of its TPS (others 200).
    sulit, psu : str
        Letters whose TPS are hard to reach, or had a repeated vote.
    sinyal, polri : mapping
        Letter -> signal (else `kuat`), letter -> class given by the police.
    bawaslu : mapping
        Letter -> the variables for which Bawaslu flags its TPS.
    gps : mapping
        `kode_tps` -> (lon, lat) of a surveyed coordinate.
    gates : mapping
        `kode_tps` -> (lon, lat) of its access point.
    names : mapping
        Letter -> name of the village and of its place; ``"1"`` and ``"2"`` name the kecamatan.
    kit, guard_pattern, speed_table
        Other rule files.
    **sections
        Changes to the operation, as for `operation`.
    """
    letters, *layers = _read(drawing)
    nodes, edges = (layer.copy() for layer in layers)
    names = names or {}
    counts = {c: 0 if c.upper() in PLACES else 1 for c in letters} | dict(tps or {})
    return Inputs(
        operation=operation(**sections),
        kit_rules=kit or kit_rules(),
        pattern=guard_pattern or pattern(),
        speeds=speed_table or speeds(),
        kecamatan=_kecamatan(letters, counts, names),
        desa=_desa(letters, names),
        tempat=_tempat(letters, names),
        tps=_tps(counts, pemilih, sulit, psu, sinyal or {}, polri or {}, bawaslu or {}, gps or {}, gates or {}),
        roads=Roads(nodes=nodes, edges=edges, schematic=True, as_of=dt.date(2025, 6, 7), source="drawing"),
        notes=(),
        sha256={},
    )


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Replace keys of `base`, one level down where both are mappings."""
    return {
        **base,
        **{
            key: {**base[key], **value} if isinstance(value, Mapping) and isinstance(base.get(key), Mapping) else value
            for key, value in changes.items()
        },
    }


@cache
def _read(drawing: str) -> tuple[dict[str, tuple[int, int]], gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Find the letters, and the roads between them and the junctions: many worlds are drawn alike."""
    lines = textwrap.dedent(drawing).strip("\n").splitlines()
    cells = {(x, y): c for y, line in enumerate(lines) for x, c in enumerate(line) if c != " "}
    at = {xy: c for xy, c in cells.items() if c.isalpha() or c == "+"}
    letters = {c: xy for xy, c in at.items() if c != "+"}
    assert len(letters) == sum(c != "+" for c in at.values()), "every letter may stand once"
    assert set(cells.values()) <= set(at.values()) | set(ACROSS + DOWN), "unknown character"
    ids = {xy: n for n, xy in enumerate(sorted(at, key=lambda xy: (xy[1], xy[0])))}
    rows = []
    for start, u in ids.items():
        for step, road in (((1, 0), ACROSS), ((0, 1), DOWN)):
            seen, xy = "", (start[0] + step[0], start[1] + step[1])
            while cells.get(xy, " ") in road:
                seen, xy = seen + cells[xy], (xy[0] + step[0], xy[1] + step[1])
            if seen and xy in ids:
                rows += _arcs(len(rows), (u, start), (ids[xy], xy), seen)
    nodes = gpd.GeoDataFrame(
        {
            "label": pd.Series([f"{at[xy]}{n}" for xy, n in ids.items()], dtype=str),
            "kode_desa": pd.Series([kode_desa(at[xy]) if at[xy] != "+" else "" for xy in ids], dtype=str),
        },
        geometry=[shapely.Point(lon_lat(*xy)) for xy in ids],
        crs=CRS,
    ).rename_axis("node")
    columns = {name: kind(column) for name, column in RoadEdges.to_schema().columns.items() if name != "geometry"}
    edges = gpd.GeoDataFrame(pd.DataFrame(rows, columns=[*columns, "geometry"]).astype(columns), crs=CRS)
    return letters, checked_geo(nodes, RoadNodes), checked_geo(edges.rename_axis("edge"), RoadEdges)


def _arcs(first: int, start: Any, end: Any, seen: str) -> list[dict[str, Any]]:
    """Rows of one drawn road: both ways, or to the right only."""
    one_way = ">" in seen
    arcs = [(start, end, -1 if one_way else first + 1), (end, start, first)][: 1 if one_way else 2]
    silent = [
        "tracktype",
        "smoothness",
        "name",
        "ref",
        "access",
        "motor_vehicle",
        "motorcycle",
        "foot",
        "oneway",
        "lanes",
    ]
    text = dict.fromkeys(silent, "")
    return [
        {
            **text,
            "u": u,
            "v": v,
            "twin": twin,
            "metres": 1000.0 * (len(seen) + 1),
            "highway": "secondary",
            "surface": "unpaved" if set(seen) & set(".:") else "",
            "maxspeed_kmh": np.nan,
            "maxweight_t": np.nan,
            "width_m": np.nan,
            "bridges": seen.count("#"),
            "fords": seen.count("~"),
            "tunnel": False,
            "osm_way": 0,
            "geometry": shapely.LineString([lon_lat(*a), lon_lat(*b)]),
        }
        for (u, a), (v, b), twin in arcs
    ]


def _kecamatan(
    letters: Mapping[str, tuple[int, int]], counts: Mapping[str, int], names: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Give every square kilometre, up to one beyond the drawing, to the kecamatan of its nearest letter."""
    squares: dict[str, list[shapely.Polygon]] = {}
    columns, lines = [x for x, _ in letters.values()], [y for _, y in letters.values()]
    for x in range(min(columns) - 1, max(columns) + 2):
        for y in range(min(lines) - 1, max(lines) + 2):
            near = min(letters, key=lambda c: ((letters[c][0] - x) ** 2 + (letters[c][1] - y) ** 2, c))
            corners = [(x - 0.5, y - 0.5), (x + 0.5, y - 0.5), (x + 0.5, y + 0.5), (x - 0.5, y + 0.5)]
            squares.setdefault(kode_desa(near)[:8], []).append(shapely.Polygon(corners))
    codes = sorted(squares)
    frame = gpd.GeoDataFrame(
        {
            "nama": pd.Series([names.get(kode[-1], f"Kecamatan {kode[-1]}") for kode in codes], dtype=str),
            "dapil": pd.Series(["I" for _ in codes], dtype=str),
            "dapil_sumber": pd.Series(["contoh" for _ in codes], dtype=str),
            "n_tps_resmi": [sum(n for c, n in counts.items() if kode_desa(c)[:8] == kode) for kode in codes],
            "sumber": pd.Series(["contoh" for _ in codes], dtype=str),
        },
        geometry=[
            shapely.transform(shapely.union_all(squares[kode]), lambda xy: np.array([lon_lat(*p) for p in xy]))
            for kode in codes
        ],
        crs=CRS,
    )
    frame.index = pd.Index(codes, name="kode_kec", dtype=str)
    return checked_geo(frame, Kecamatan)


def _desa(letters: Mapping[str, tuple[int, int]], names: Mapping[str, str]) -> gpd.GeoDataFrame:
    order = sorted(letters, key=kode_desa)
    frame = gpd.GeoDataFrame(
        {
            "nama": pd.Series([names.get(c, f"Desa {c}") for c in order], dtype=str),
            "kode_kec": pd.Series([kode_desa(c)[:8] for c in order], dtype=str),
            "kode_bps": pd.Series(["" for _ in order], dtype=str),
            "mutu": pd.Series(["A" for _ in order], dtype=str),
            "selisih_m": [0.0 for _ in order],
            "titik_sumber": pd.Series(["contoh" for _ in order], dtype=str),
        },
        geometry=[shapely.Point(lon_lat(*letters[c])) for c in order],
        crs=CRS,
    )
    frame.index = pd.Index([kode_desa(c) for c in order], name="kode_desa", dtype=str)
    return checked_geo(frame, Desa)


def _tempat(letters: Mapping[str, tuple[int, int]], names: Mapping[str, str]) -> gpd.GeoDataFrame:
    order = sorted((c for c in letters if c.upper() in PLACES), key=lambda c: (PLACES[c.upper()], kode_desa(c)))
    gudang = [c for c in order if c in "Gg"]
    induk = ["" if c not in "Pp" else _kode_tempat("g" if c == "p" and "g" in gudang else gudang[0]) for c in order]
    frame = gpd.GeoDataFrame(
        {
            "jenis": pd.Series([PLACES[c.upper()] for c in order], dtype=str),
            "nama": pd.Series([names.get(c, f"{PLACES[c.upper()]} {c}") for c in order], dtype=str),
            "kode_desa": pd.Series([kode_desa(c) for c in order], dtype=str),
            "kode_kec": pd.Series([kode_desa(c)[:8] for c in order], dtype=str),
            "induk": pd.Series(induk, dtype=str),
            "induk_sumber": pd.Series(["contoh" if kode else "" for kode in induk], dtype=str),
            "dapil": pd.Series(["" for _ in order], dtype=str),
            "posisi": pd.Series(["desa" for _ in order], dtype=str),
            "sumber": pd.Series(["contoh" for _ in order], dtype=str),
        },
        geometry=[shapely.Point(lon_lat(*letters[c])) for c in order],
        crs=CRS,
    )
    frame.index = pd.Index([_kode_tempat(c) for c in order], name="kode_tempat", dtype=str)
    return checked_geo(frame, Tempat)


def _kode_tempat(letter: str) -> str:
    return f"{PLACES[letter.upper()].upper()}-{1 if letter.isupper() else 2}"


def _tps(
    counts: Mapping[str, int],
    pemilih: int | Mapping[str, int],
    sulit: str,
    psu: str,
    sinyal: Mapping[str, str],
    polri: Mapping[str, str],
    bawaslu: Mapping[str, Sequence[str]],
    gps: Mapping[str, tuple[float, float]],
    gates: Mapping[str, tuple[float, float]],
) -> pd.DataFrame:
    voters = pemilih if isinstance(pemilih, Mapping) else dict.fromkeys(counts, pemilih)
    rows = {
        kode_tps(c, number): {
            "kode_desa": kode_desa(c),
            "no_tps": number,
            "pemilih": voters.get(c, 200),
            "pemilih_sumber": "contoh",
            "lon": gps.get(kode_tps(c, number), (np.nan, np.nan))[0],
            "lat": gps.get(kode_tps(c, number), (np.nan, np.nan))[1],
            "posisi_data": "gps" if kode_tps(c, number) in gps else "",
            "akses_lon": gates.get(kode_tps(c, number), (np.nan, np.nan))[0],
            "akses_lat": gates.get(kode_tps(c, number), (np.nan, np.nan))[1],
            "akses_titik_sumber": "contoh" if kode_tps(c, number) in gates else "",
            "akses_sulit": c in sulit,
            "akses_sulit_sumber": "contoh",
            "sinyal_data": sinyal.get(c, "kuat"),
            "sinyal_data_sumber": "contoh",
            "psu_sebelumnya": c in psu,
            "psu_sebelumnya_sumber": "contoh",
            "kerawanan_polri": polri.get(c, ""),
            "kerawanan_polri_sumber": "contoh" if c in polri else "",
            **{f"bawaslu_{name}": "ya" if name in bawaslu.get(c, ()) else "" for name in BAWASLU},
            "bawaslu_sumber": "contoh" if c in bawaslu else "",
        }
        for c in sorted(counts, key=kode_desa)
        for number in range(1, counts[c] + 1)
    }
    dtypes = {name: kind(column) for name, column in Tps.to_schema().columns.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(dtypes)).astype(dtypes)
    frame.index = pd.Index(frame.index, name="kode_tps", dtype=str)
    return checked(frame, Tps)


_OPERATION: dict[str, Any] = {
    "operation": {"name": "Dunia contoh", "voting_day": dt.date(2024, 2, 14), "voting_opens": dt.time(7), "seed": 1},
    "region": {
        "kabupaten": "Kaur",
        "kode_kab": "17.04",
        "kode_kab_bps": "1704",
        "metric_crs": METRIC_CRS,
        "west_lon": 102.5,
        "south_lat": -5.5,
        "east_lon": 104.5,
        "north_lat": -4.0,
    },
    "election": {"kit": "kit.toml", "max_voters_per_tps": 300},
    "layers": {"kecamatan": "kecamatan.geojson", "desa": "desa.csv", "tempat": "tempat.csv", "tps": "tps.csv"},
    "roads": {"kind": "schematic", "nodes": "points.csv", "edges": "links.csv", "speeds": "speeds.toml"},
    "weather": {"plan": "kering", "late": "hujan"},
    "waves": [
        {"name": "H-2", "days_before": 2, "akses": ["sulit"], "deadline": dt.time(18)},
        {"name": "H-1", "days_before": 1, "akses": ["biasa"], "deadline": dt.time(18)},
    ],
    "stages": [
        {
            "name": name,
            "origin": origin,
            "target": target,
            "start": dt.time(6),
            "end": dt.time(20),
            "loading_minutes": 10.0,
            "handover_minutes_per_stop": 5.0,
            "handover_minutes_per_tps": 1.0,
            "sumber": "contoh",
        }
        for name, origin, target in (("gudang-ppk", "gudang", "ppk"), ("ppk-tps", "ppk", "tps"))
    ],
    "fleet": [
        {
            "kode": kode,
            "name": name,
            "stage": stage,
            "vehicle": vehicle,
            "count": count,
            "max_kotak": kotak,
            "max_kg": 30.0 * kotak,
            "max_m3": 0.1 * kotak,
            "akses": akses,
            "sumber": "contoh",
        }
        for kode, name, stage, vehicle, count, kotak, akses in (
            ("TR", "Truk", "gudang-ppk", "truck", 2, 100, ["biasa", "sulit"]),
            ("PU", "Pikap", "ppk-tps", "pickup", 2, 25, ["biasa"]),
            ("MT", "Tiga sepeda motor", "ppk-tps", "motor", 2, 5, ["biasa", "sulit"]),
        )
    ],
    "kerawanan": {
        "rules": [
            {"kelas": "sangat_rawan", "sebab": "pernah PSU", "psu_sebelumnya": True},
            {"kelas": "rawan", "sebab": "akses sulit", "akses": "sulit"},
            {"kelas": "rawan", "sebab": "tanpa sinyal", "sinyal": ["tidak_ada"]},
        ],
        "otherwise": "kurang_rawan",
        "otherwise_sebab": "tidak ada tanda kerawanan",
    },
    "guard": {"pattern": "pattern.toml", "vehicle": "motor"},
    "solver": {"iterations": 50},
}

_KIT: dict[str, Any] = {
    "name": "Pemilu 2024",
    "items": [
        {"key": key, "nama": nama, "name": name, "per_tps": count, "sumber": "terbit"}
        for key, nama, name, count in (
            ("kotak_suara", "Kotak suara", "Ballot box", 5),
            ("bilik", "Bilik suara", "Voting booth", 4),
            ("tinta", "Tinta", "Ink", 2),
        )
    ],
    "ballots": [
        {
            "key": key,
            "nama": nama,
            "name": nama,
            "spare_percent": 2.0,
            "by_dapil": key == "dprd_kab",
            "sumber": "terbit",
        }
        for key, nama in (("ppwp", "PPWP"), ("dprd_kab", "DPRD kabupaten"))
    ],
    "rounding": "up",
    "kotak_item": "kotak_suara",
    "kg_per_kotak": 25.0,
    "m3_per_kotak": 0.096,
    "load_sumber": "contoh",
}

_PATTERN: dict[str, Any] = {
    "name": "Kaur 2024",
    "kelas": {
        "kurang_rawan": {"officers": 2, "tps_per_group": 5},
        "rawan": {"officers": 1, "tps_per_group": 1},
        "sangat_rawan": {"officers": 2, "tps_per_group": 1},
    },
    "linmas_per_tps": 2,
    "sumber": "terbit",
    "source": "Kapolres Kaur, 23 Januari 2024",
}

_GOOD, _POOR = [60.0, 30.0, 20.0], [30.0, 15.0, 0.0]
_SPEEDS: dict[str, Any] = {
    "vehicles": {
        key: {
            "nama": nama,
            "name": key,
            "moves_as": moves_as,
            "weight_t": weight_t,
            "width_m": width_m,
            "ford_kmh": _POOR,
            "kmh": {"secondary": {"paved": _GOOD, "unknown": _GOOD, "unpaved": _POOR}},
            "sumber": "contoh",
        }
        for key, nama, moves_as, weight_t, width_m in (
            ("truck", "Truk", "motor_vehicle", 8.0, 2.3),
            ("pickup", "Pikap", "motor_vehicle", 2.5, 1.8),
            ("motor", "Sepeda motor", "motorcycle", 0.3, 0.8),
        )
    },
    "carry_kmh": [3.0, 2.0, 1.0],
    "paved_surfaces": ["asphalt"],
    "unpaved_surfaces": ["unpaved"],
    "bad_smoothness": ["bad"],
    "bad_tracktypes": ["grade5"],
    "sumber": "contoh",
}
