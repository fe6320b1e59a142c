from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest
from pyvrp.exceptions import PenaltyBoundWarning

from kaur_gis.distribute.at_once import AT_ONCE, planned_at_once
from kaur_gis.distribute.solve import no_warnings

SOON_S = 30


@dataclass
class Asked:
    """A base that does something of its own."""

    planned: Callable[[], Any]


def test_bases_are_planned_side_by_side_and_told_in_their_order():
    """The first one ends only when the last one has."""
    last = Event()
    in_between = [Asked(lambda number=number: number) for number in range(1, 3 * AT_ONCE)]
    told = planned_at_once([Asked(lambda: last.wait(SOON_S)), *in_between, Asked(lambda: last.set() or "last")])
    assert told == [True, *range(1, 3 * AT_ONCE), "last"]


def test_what_one_base_raises_is_raised():
    def planned():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        planned_at_once([Asked(planned), Asked(lambda: 1)])


def test_no_base_warns_when_another_one_has_ended_before():
    """Each lets PyVRP not warn, and the one that began first ends first: what is ignored is one for all of them."""
    inside, outside = Event(), Event()

    def first():
        with no_warnings():
            assert inside.wait(SOON_S)
        outside.set()

    def second():
        with no_warnings():
            inside.set()
            assert outside.wait(SOON_S)
            warnings.warn("not all can be served", PenaltyBoundWarning, stacklevel=1)
        return "quiet"

    before = list(warnings.filters)
    assert planned_at_once([Asked(first), Asked(second)]) == [None, "quiet"]
    assert list(warnings.filters) == before
    with pytest.raises(PenaltyBoundWarning):
        warnings.warn("not all can be served", PenaltyBoundWarning, stacklevel=1)


def test_nothing_asked_nothing_told():
    assert planned_at_once([]) == []
