"""Other kabupaten on the way of each leg, looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaur_gis.plan import Plan


def beyond(plan: Plan) -> dict[tuple[str, int], list[tuple[str, int]]]:
    """Look up, by trip and number of the leg, which other kabupaten it passes, and how far [m]; only legs with any."""
    rows = plan.neighbours.reset_index().sort_values(["kode_trip", "order", "metres"], ascending=[True, True, False])
    found: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for kode, order, name, metres in rows.itertuples(index=False, name=None):
        found.setdefault((kode, order), []).append((name, metres))
    return found
