"""What OpenStreetMap says of the same villages and kecamatan: told where it differs, never taken instead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from kaur_gis.inputs import Inputs
from kaur_gis.problems import Problem
from kaur_gis.spelling import bare, by_name

APART_M = 2000.0  # two points of one village that lie farther apart are told: one of them may be another village's
DIFFERS_PERCENT = 1.0  # two drawings of one border never agree to the metre
KM2 = 1e6
Details = dict[str, str | int | float]


def compared(inputs: Inputs) -> Iterator[Problem]:
    """Hold villages and kecamatan against the names and boundaries of OpenStreetMap, where the operation has them.

    Parameters
    ----------
    inputs : Inputs

    Yields
    ------
    Problem
        Level `note`: a village whose point lies more than `APART_M` from every place of its name in its kecamatan; a
        kecamatan whose area differs from the one of its name by more than `DIFFERS_PERCENT`; the kecamatan that have
        none of their name.
    """
    if len(inputs.nama_tempat):
        yield from _villages(inputs)
    if (inputs.batas["tingkat"] == "kecamatan").any():
        yield from _kecamatan(inputs)


def _villages(inputs: Inputs) -> Iterator[Problem]:
    """Compare the points of villages."""
    region, layers, places = inputs.operation.region, inputs.operation.layers, inputs.nama_tempat
    own = inputs.kecamatan.geometry.to_crs(region.metric_crs)
    points = inputs.desa.geometry.to_crs(region.metric_crs)
    others = places.geometry.to_crs(region.metric_crs).to_numpy()
    named = by_name(places["nama"])
    for kode, village in inputs.desa.sort_index().iterrows():
        within, limit = own[village["kode_kec"]], region.max_outside_m
        here = [at for at in named[bare(village["nama"])] if others[at].dwithin(within, limit)]
        if not here:
            continue
        metres = shapely.distance(others[here], points[kode])
        if metres.min() > APART_M:
            at = places.geometry.iloc[here[int(np.argmin(metres))]]
            details: Details = {"nama": village["nama"], "metres": round(float(metres.min()))}
            details |= {"other": layers.nama_tempat or "", "lat": round(at.y, 6), "lon": round(at.x, 6)}
            yield Problem("osm_place_far", layers.desa, None, "lon", str(kode), "note", details)


def _kecamatan(inputs: Inputs) -> Iterator[Problem]:
    """Compare the areas of kecamatan."""
    layers, metric = inputs.operation.layers, inputs.operation.region.metric_crs
    borders = inputs.batas[inputs.batas["tingkat"] == "kecamatan"]
    others = borders.geometry.to_crs(metric).to_numpy()
    own = inputs.kecamatan.geometry.to_crs(metric)
    named, without = by_name(borders["nama"]), []
    for kode, kecamatan in inputs.kecamatan.sort_index().iterrows():
        common = {at: others[at].intersection(own[kode]).area for at in named[bare(kecamatan["nama"])]}
        at = max(common, key=lambda at: common[at], default=-1)  # a kabupaten beside this one may have the same name
        if not common or not common[at]:
            without.append(kecamatan["nama"])
            continue
        areas = own[kode].area, others[at].area
        percent = 100 * (sum(areas) - 2 * common[at]) / areas[0]
        if percent > DIFFERS_PERCENT:
            details: Details = {
                "nama": kecamatan["nama"],
                "percent": round(percent, 1),
                "km2": round(areas[0] / KM2, 1),
                "km2_osm": round(areas[1] / KM2, 1),
                "sumber": kecamatan["sumber"] or "-",
                "other": layers.batas or "",
            }
            yield Problem("osm_kecamatan_differs", layers.kecamatan, None, "geometry", str(kode), "note", details)
    if without:
        yield Problem("osm_kecamatan_missing", layers.batas or "", None, "nama", ", ".join(without), "note")
