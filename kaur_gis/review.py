"""What is known of the data before anything is planned: where TPS and villages lie, how far from a road, totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from kaur_gis.catalogue import say, thousands
from kaur_gis.compared import compared
from kaur_gis.config import Lang
from kaur_gis.inputs import Inputs
from kaur_gis.layers import POSISI
from kaur_gis.place import place
from kaur_gis.problems import Problem
from kaur_gis.report import visible
from kaur_gis.travel.stops import gates_of

STALE_DAYS = 365


@dataclass(frozen=True)
class Review:
    """The data, looked at.

    Attributes
    ----------
    tps : GeoDataFrame
        Layer `layers.PlacedTps` with `lies_in` (kode_kec of the polygons at the point) and `road_m` (distance to the
        nearest road [m]).
    desa : GeoDataFrame
        Layer `layers.Desa` with `nama_kec`, `lies_in` and `border_m` (distance to the polygon of its own kecamatan
        [m], 0 inside).
    totals : DataFrame
        One row a kecamatan, then one a dapil: `wilayah`, `nama`, `n_desa`, `n_tps`, `n_tps_resmi`, `pemilih`,
        `pemilih_resmi`; the decree's figures are NaN where it states none.
    notes : tuple of Problem
        Level `note`.
    """

    tps: gpd.GeoDataFrame
    desa: gpd.GeoDataFrame
    totals: pd.DataFrame
    notes: tuple[Problem, ...]


def review(inputs: Inputs) -> Review:
    """Look at checked inputs.

    Parameters
    ----------
    inputs : Inputs

    Returns
    -------
    Review
    """
    placed, notes = place(inputs)
    tps = placed.assign(lies_in=_lies_in(placed, inputs.kecamatan), road_m=_road_m(placed, inputs))
    desa = inputs.desa.assign(
        nama_kec=inputs.kecamatan["nama"].reindex(inputs.desa["kode_kec"]).to_numpy(),
        lies_in=_lies_in(inputs.desa, inputs.kecamatan),
        border_m=_border_m(inputs.desa, inputs),
    )
    found = [*notes, *_only_desa(tps, inputs), *_far(tps, inputs), *_dates(inputs), *compared(inputs)]
    return Review(tps, desa, _totals(tps, inputs), tuple(found))


def told(inputs: Inputs, review: Review, lang: Lang) -> list[str]:
    """Say the data in a few lines."""
    tps, desa = review.tps, review.desa
    counts = tps["posisi"].value_counts()
    figures = {
        "n_tps": len(tps),
        "n_desa": len(desa),
        "n_kec": len(inputs.kecamatan),
        "voters": int(tps["pemilih"].sum()),
        **{posisi: int(counts.get(posisi, 0)) for posisi in POSISI},
    }
    outside = tps[tps["border_m"] > 0]
    spread = {"n_tps": len(outside), "n_desa": int(outside["kode_desa"].nunique())}
    roads = {"median": int(tps["road_m"].median()), "most": int(tps["road_m"].max()), "source": inputs.roads.source}
    few = [
        say(f"check.{key}", lang, **{name: _number(value, lang) for name, value in values.items()})
        for key, values in (("figures", figures), ("outside", spread), ("roads", roads))
    ]
    return [*few, "", *_table_of_totals(review.totals, lang)]


def _table_of_totals(totals: pd.DataFrame, lang: Lang) -> Iterator[str]:
    """Lay the totals out, a line a kecamatan and a dapil, the decree's figures beside them where it states any."""
    names = {name: say(f"check.{name}", lang) for name in totals.columns}
    yield say("check.total", lang, **names)
    for row in totals.to_dict("records"):
        cells = {str(name): value for name, value in row.items()}
        counted = {name: _number(int(cells[name]), lang) for name in ("n_desa", "n_tps", "pemilih")}
        stated = {
            name: "-" if pd.isna(cells[name]) else _number(int(cells[name]), lang)
            for name in ("n_tps_resmi", "pemilih_resmi")
        }
        yield say("check.total", lang, **{**cells, "nama": visible(str(cells["nama"])), **counted, **stated})


def _number(value: object, lang: Lang) -> str:
    return thousands(value, lang) if isinstance(value, int) else str(value)


def _lies_in(points: gpd.GeoDataFrame, kecamatan: gpd.GeoDataFrame) -> pd.Series:
    """Name the polygons at each point by their codes, in order."""
    shapes = kecamatan.geometry.to_numpy()
    at, polygon = shapely.STRtree(shapes).query(points.geometry.to_numpy(), predicate="intersects")
    codes = pd.Series(kecamatan.index[polygon], index=at).sort_values().groupby(level=0).agg(", ".join)
    return pd.Series(codes.reindex(range(len(points)), fill_value="").to_numpy(), index=points.index, dtype=str)


def _border_m(points: gpd.GeoDataFrame, inputs: Inputs) -> pd.Series:
    """Distance from each point to the polygon of its own kecamatan [m]."""
    metric = inputs.operation.region.metric_crs
    own = inputs.kecamatan.geometry.to_crs(metric).loc[points["kode_kec"]].set_axis(points.index)
    metres: pd.Series = points.geometry.to_crs(metric).distance(own).round(0)
    return metres


def _road_m(points: gpd.GeoDataFrame, inputs: Inputs) -> pd.Series:
    """Distance from each point, or from its gate, to the nearest road of any class [m]."""
    metric = inputs.operation.region.metric_crs
    lines = inputs.roads.edges.geometry.to_crs(metric).to_numpy()
    tree = shapely.STRtree(lines)
    (at, _), metres = tree.query_nearest(
        gates_of(points).to_crs(metric).to_numpy(), return_distance=True, all_matches=False
    )
    return pd.Series(metres, index=points.index[at]).reindex(points.index).round(0)


def _totals(tps: gpd.GeoDataFrame, inputs: Inputs) -> pd.DataFrame:
    """Count TPS and voters by kecamatan and by dapil, beside the decree's figures."""
    kecamatan, election = inputs.kecamatan, inputs.operation.election
    rows = []
    for kode, row in kecamatan.iterrows():
        mine, stated = tps[tps["kode_kec"] == kode], election.kecamatan.get(str(kode))
        official = (stated.tps if stated else None) or row["n_tps_resmi"] or None
        voters = stated.pemilih if stated else None
        villages = int((inputs.desa["kode_kec"] == kode).sum())
        rows.append((kode, row["nama"], villages, len(mine), official, int(mine["pemilih"].sum()), voters))
    dapil = tps["kode_kec"].map(kecamatan["dapil"])
    of_desa = inputs.desa["kode_kec"].map(kecamatan["dapil"])
    for name in sorted(set(kecamatan["dapil"]) - {""}):
        mine, stated = tps[dapil == name], election.dapil.get(name)
        villages = int((of_desa == name).sum())
        figures = (stated.tps, stated.pemilih) if stated else (None, None)
        rows.append((name, name, villages, len(mine), figures[0], int(mine["pemilih"].sum()), figures[1]))
    columns = ["wilayah", "nama", "n_desa", "n_tps", "n_tps_resmi", "pemilih", "pemilih_resmi"]
    return pd.DataFrame(rows, columns=columns).astype({"n_tps_resmi": "float64", "pemilih_resmi": "float64"})


def _only_desa(tps: gpd.GeoDataFrame, inputs: Inputs) -> Iterator[Problem]:
    """Count by kecamatan the TPS that have no coordinate of their own."""
    for (kode, nama), here in tps[tps["posisi"] == "desa"].groupby(["kode_kec", "nama_kec"]):
        details: dict[str, str | int | float] = {"n": len(here), "nama_kec": nama}
        yield Problem("only_desa", inputs.operation.layers.tps, None, "lon", kode, "note", details)


def _far(tps: gpd.GeoDataFrame, inputs: Inputs) -> Iterator[Problem]:
    """List the stops that lie too far from every road; a schematic line does not show where its road runs."""
    limit = inputs.operation.roads.max_snap_m
    for kode_stop, here in tps[tps["road_m"] > limit].groupby("kode_stop") if not inputs.roads.schematic else ():
        first = here.iloc[0]
        layers = inputs.operation.layers
        file = layers.desa if first["posisi"] == "desa" else layers.tps
        nama = f"{first['nama_desa']} ({len(here)} TPS)"
        details: dict[str, str | int | float] = {"nama": nama, "metres": int(first["road_m"]), "limit": int(limit)}
        yield Problem("far_from_road", file, None, "lon", str(kode_stop), "note", details)


def _dates(inputs: Inputs) -> Iterator[Problem]:
    """Note data that is old, dated after the day it is for, or older than the roads."""
    operation = inputs.operation
    day, roads = operation.operation.voting_day, inputs.roads.as_of
    dated: dict[str, dt.date | None] = {
        str(getattr(operation.layers, key)): source.as_of for key, source in operation.sources.items()
    }
    for file, as_of in {**dated, inputs.roads.source: roads}.items():
        if as_of is None:
            continue
        days = (day - as_of).days
        if days > STALE_DAYS:
            yield Problem("stale", file, None, "", as_of.isoformat(), "note", {"days": days})
        elif days < 0 and file != inputs.roads.source:  # roads of today serve a vote of yesterday
            yield Problem("from_the_future", file, None, "", as_of.isoformat(), "note")
        elif roads is not None and (roads - as_of).days > STALE_DAYS:
            yield Problem("older_than_roads", file, None, "", as_of.isoformat(), "note", {"roads": roads.isoformat()})
