"""How fast the border reads: the shipped list, and a generated list of the whole country.

Run by ``python -m tests.benchmarks.reading``. The baseline is pandas and geopandas alone in the same run:
``pandas.read_csv`` and ``geopandas.sjoin`` of the same files, which check nothing.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

import kaur_gis as kg
from kaur_gis.place import place
from kaur_gis.problems import Problem
from kaur_gis.read import references
from kaur_gis.read.desa import desa_layer, read_desa
from kaur_gis.read.kecamatan import read_kecamatan
from kaur_gis.read.raw import Raw
from kaur_gis.read.tps import read_tps, tps_layer

SHIPPED = Path(__file__).parents[2] / "data" / "kaur" / "operation.toml"
TPS, DESA, KECAMATAN = 823_000, 83_000, 7_277
WEST, SOUTH, STEP = 100.0, -8.0, 0.1  # a grid of square kecamatan
COLUMNS = 100  # kecamatan in a row of the grid
T = TypeVar("T")


def timed(what: str, work: Callable[[], T]) -> tuple[T, float]:
    """Do something and say how long it took."""
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    print(f"{what:<58} {seconds:8.2f} s")
    return result, seconds


def write_country(folder: Path) -> None:
    """Generate the three files of a made-up country: nothing in them is data."""
    number = np.arange(KECAMATAN)
    codes = [f"17.{n // 100:02d}.{n % 100:02d}" for n in number]
    corner = [(WEST + STEP * (n % COLUMNS), SOUTH + STEP * (n // COLUMNS)) for n in number]
    features = [
        {
            "type": "Feature",
            "properties": {"kode_kec": code, "nama": f"Kecamatan {code}", "sumber": "contoh"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + STEP, y], [x + STEP, y + STEP], [x, y + STEP], [x, y]]],
            },
        }
        for code, (x, y) in zip(codes, corner, strict=True)
    ]
    (folder / "kecamatan.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    random = np.random.default_rng(1)
    of_kec = np.arange(DESA) % KECAMATAN
    kode_desa = np.array([f"{codes[k]}.{2000 + n // KECAMATAN:04d}" for n, k in enumerate(of_kec)])
    at = np.array(corner)[of_kec] + STEP * random.uniform(0.05, 0.95, (DESA, 2))
    columns = {"kode_desa": kode_desa, "nama": "Desa", "lon": at[:, 0].round(6), "lat": at[:, 1].round(6)}
    pd.DataFrame({**columns, "titik_sumber": "contoh"}).to_csv(folder / "desa.csv", index=False)
    of_desa, no = np.arange(TPS) % DESA, 1 + np.arange(TPS) // DESA
    kode_tps = [f"{kode.replace('.', '')}{n:03d}" for kode, n in zip(kode_desa[of_desa], no, strict=True)]
    near = at[of_desa] + random.uniform(-0.002, 0.002, (TPS, 2))
    pd.DataFrame(
        {
            "kode_tps": kode_tps,
            "kode_desa": kode_desa[of_desa],
            "no_tps": no,
            "pemilih": random.integers(50, 300, TPS),
            "pemilih_sumber": "contoh",
            "lon": near[:, 0].round(6),
            "lat": near[:, 1].round(6),
            "posisi_data": "peta",
            "akses_sulit": "tidak",
            "akses_sulit_sumber": "contoh",
            "psu_sebelumnya": "tidak",
            "psu_sebelumnya_sumber": "contoh",
        }
    ).to_csv(folder / "tps.csv", index=False)


def read_country(folder: Path, shipped: kg.Inputs) -> tuple[int, int]:
    """Read and check the country, and place its TPS; gives how many, and how many notes."""
    region = shipped.operation.region.model_copy(
        update={"kode_kab": "17", "west_lon": 99.0, "east_lon": 111.0, "south_lat": -9.0, "north_lat": 1.0}
    )
    election = shipped.operation.election.model_copy(update={"expected_tps": None, "expected_voters": None})
    operation = shipped.operation.model_copy(update={"region": region, "election": election})
    problems: list[Problem] = []

    def raw(name: str) -> Raw:
        return Raw(name, (folder / name).read_bytes())

    (kecamatan, codes), _ = timed("  kecamatan", lambda: read_kecamatan(raw("kecamatan.geojson"), region, problems))
    desa, _ = timed("  desa", lambda: read_desa(raw("desa.csv"), region, problems))
    tps, _ = timed("  tps", lambda: read_tps(raw("tps.csv"), operation, problems))
    if kecamatan is None or desa is None or tps is None:
        raise kg.InputProblems(problems)

    def against_each_other() -> None:
        references.check_desa(desa, codes)
        references.check_bps(desa)
        references.check_tps(tps, desa)
        references.check_counts(tps, kecamatan)
        references.check_figures(tps, kecamatan, operation, "operation.toml")

    timed("  against each other", against_each_other)
    if refused := [problem for problem in problems if problem.level == "refuse"]:
        raise kg.InputProblems(refused)
    layers, _ = timed("  layers", lambda: (desa_layer(desa), tps_layer(tps)))
    whole = dataclasses.replace(shipped, operation=operation, kecamatan=kecamatan, desa=layers[0], tps=layers[1])
    (placed, notes), _ = timed("  each TPS in its place", lambda: place(whole))
    return len(placed), len(problems) + len(notes)


def bare(folder: Path) -> int:
    """Do what the plain stack does: read, and ask each point for its polygon."""
    tps = pd.read_csv(folder / "tps.csv", dtype={"kode_tps": str, "kode_desa": str})
    pd.read_csv(folder / "desa.csv", dtype=str)
    points = gpd.GeoDataFrame(tps, geometry=gpd.points_from_xy(tps["lon"], tps["lat"]), crs="EPSG:4326")
    return len(points.sjoin(gpd.read_file(folder / "kecamatan.geojson"), how="left"))


def main() -> None:
    """Print seconds, rows a second and ratios."""
    shipped = kg.read_inputs(SHIPPED)  # once to load everything
    _, small = timed("shipped: 434 TPS with all that belongs to them", lambda: kg.read_inputs(SHIPPED))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed("made-up country: written", lambda: write_country(folder))
        _, baseline = timed("baseline: pandas.read_csv and geopandas.sjoin", lambda: bare(folder))
        (count, notes), seconds = timed("kaur_gis: read, checked, placed", lambda: read_country(folder, shipped))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{count:,} TPS, {notes} notes: {count / seconds:,.0f} rows a second")
    print(f"ratio to the baseline {seconds / baseline:.1f}; 434 TPS in {small:.2f} s; peak {peak:.1f} GB")


if __name__ == "__main__":
    main()
