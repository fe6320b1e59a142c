"""What can be wrong: the rows a reader collects, and the errors the package raises.

The error tree; each class is also the builtin a caller would expect::

    KaurError
    ├── InputProblems (ValueError)    inputs are refused; carries every Problem found       exit 2
    ├── TravelError   (ValueError)    a network or a matrix that breaks its own rules       exit 3
    ├── SolverError   (RuntimeError)  a route solver gave something that is not a solution  exit 3
    ├── BrokenPromise (RuntimeError)  the judge found a promise that a plan does not keep   exit 3
    └── OutputError   (OSError)       outputs could not be written; the earlier run stands  exit 3
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["refuse", "fix", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found in the inputs, said so that a person can go and mend it.

    `what` is the key of the sentence in the catalogue (``problem.<what>`` says what is wrong,
    ``problem.<what>_hint`` what to do); the core never holds the sentence itself.

    Attributes
    ----------
    what : str
        Key of the fault, e.g. ``"code_unknown"``.
    file : str
        File name as the operation gives it, never an absolute path.
    row : int or None
        Line of the file (the header is line 1) or feature number (from 1), where there is one.
    column, value : str
        The cell, as it was read.
    level : {"refuse", "fix", "note"}
        `refuse` stops the run, `fix` was repaired and is listed, `note` goes on and is listed.
    details : mapping
        Further values the sentence names (metres, the nearest name, ...).
    """

    what: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    level: Level = "refuse"
    details: Mapping[str, str | int | float] = field(default_factory=dict)


class KaurError(Exception):
    """Root of every error this package raises on purpose."""


class InputProblems(KaurError, ValueError):
    """The inputs are refused; `problems` lists everything that was found, by file, row and column.

    Parameters
    ----------
    problems : iterable of Problem
        At least one of level ``refuse``.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.row or 0, p.column)))
        super().__init__("; ".join(f"{p.file}:{p.row or ''}:{p.column} {p.what} {p.value!r}" for p in self.problems))


class TravelError(KaurError, ValueError):
    """A road network or a travel-time matrix breaks its own rules."""


class SolverError(KaurError, RuntimeError):
    """A route solver returned something that is not a solution of its problem."""


class BrokenPromise(KaurError, RuntimeError):
    """The judge found a promise that the plan does not keep."""


class OutputError(KaurError, OSError):
    """Outputs could not be written; what was there before still stands."""
