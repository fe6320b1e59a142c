"""How long 60 route sheets with their strip maps take, against the road lines alone drawn page by page by matplotlib.

Run it with ``python -m tests.benchmarks.sheets``. Every figure is of the first time, as in a run: later ones would come
from typst's own memory. The plan is the shipped one of Kaur.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

import kaur_gis as kg
from kaur_gis.write.sheets import PAPERS, routes
from kaur_gis.write.sheets.base import in_order
from kaur_gis.write.sheets.press import press
from tests.benchmarks.travel import OPERATION

N = 60


def main() -> None:
    """Print the figures."""
    mpl.use("pdf")
    plan = kg.make_plan(kg.read_inputs(OPERATION))
    print(f"plan of {len(plan.trips)} trips, {len(plan.tps)} TPS; seconds of the clock (and of all processors)")
    with tempfile.TemporaryDirectory() as folder:
        ours = _told(f"{N} route sheets with maps, QR codes and tables", lambda: _sheets(plan, Path(folder)))
        theirs = _told(f"baseline: {N} pages of road lines, matplotlib", lambda: _lines(plan, Path(folder)))
        print(f"ratio to the baseline: {ours / theirs:.2f}")
        for name, (template, content) in PAPERS.items():
            _told(name, lambda t=template, c=content, f=name: press(t, c(plan, "id", ""), Path(folder) / f))


def _sheets(plan: kg.Plan, folder: Path) -> None:
    content = routes.content(plan, "id")
    press("route", content | {"trips": content["trips"][:N]}, folder / "sheets.pdf")


def _lines(plan: kg.Plan, folder: Path) -> None:
    with PdfPages(folder / "lines.pdf") as pdf:
        for kode in in_order(plan)[:N]:
            figure = Figure(figsize=(8.27, 11.69))
            axes = figure.add_subplot()
            for line in plan.legs.loc[kode].geometry:
                axes.plot(*line.xy, color="black")
            pdf.savefig(figure)


def _told(what: str, work: Callable[[], object]) -> float:
    begun, used = time.monotonic(), time.process_time()
    work()
    took = time.monotonic() - begun
    print(f"{what}: {took:.2f} s ({time.process_time() - used:.2f} s)")
    return took


if __name__ == "__main__":
    main()
