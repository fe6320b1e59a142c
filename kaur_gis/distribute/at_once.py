"""The bases of a stage are planned at once: each has its own vehicles and its own boxes, so none asks for another.

PyVRP and HiGHS let go of Python's lock while they search, so that a second processor does not stand idle.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import methodcaller

from kaur_gis.distribute.parts import AtBase, Outcome
from kaur_gis.distribute.solve import no_warnings

AT_ONCE = 3
"""Bases. How many these are changes no plan, only when it is there. Two search while a third is in Python."""


def planned_at_once(asked: Sequence[AtBase]) -> list[Outcome]:
    """Plan bases of one stage.

    Parameters
    ----------
    asked : sequence of AtBase

    Returns
    -------
    list of Outcome
        In the order in which they were asked.
    """
    with no_warnings(), ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(methodcaller("planned"), asked))
