"""A file as it was opened: its bytes, and what the operation says about reading it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from kaur_gis.config import Source
from kaur_gis.problems import Problem
from kaur_gis.read.near import near
from kaur_gis.read.safely import printable


@dataclass(frozen=True)
class Raw:
    """One input file, opened once.

    Attributes
    ----------
    file : str
        Its name as the operation gives it.
    data : bytes
        The whole of it.
    beside : mapping of str to bytes
        The other files of a Shapefile, by their endings.
    how : Source
        Layer, columns, fixed values and CRS that the operation states for it.
    key : str
        Name of the layer in the operation, ``tps`` of ``[sources.tps]``.
    operation : str
        Name of the operation file.
    """

    file: str
    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    how: Source = field(default_factory=Source)
    key: str = ""
    operation: str = "operation.toml"

    @property
    def suffix(self) -> str:
        """Ending of the name, in lower case."""
        return PurePath(self.file).suffix.lower()

    @property
    def is_foreign(self) -> bool:
        """Whether the file has names of its own: columns that nobody asked for are then passed over."""
        return bool(self.how.columns) or self.suffix not in {".csv", ".xlsx"}

    def theirs(self, name: str) -> str:
        """Name in the file of one of our columns."""
        return self.how.columns.get(name, name)

    def check_columns(self, known: Collection[str]) -> Iterator[Problem]:
        """Give a problem for each name in ``[sources]`` that is no column of ours, and each that stands twice."""
        for table, names in (("columns", self.how.columns), ("fixed", self.how.fixed)):
            for name in names:
                at = f"sources.{self.key}.{table}.{printable(name)}"
                if name not in known:
                    yield Problem("source_column", self.operation, None, at, details=near(name, known))
                elif table == "fixed" and name in self.how.columns:
                    yield Problem("source_twice", self.operation, None, at)


def choose_layer(raw: Raw, names: Collection[str]) -> str | Problem:
    """Choose the layer or sheet that the operation names, or the only one."""
    wanted = raw.how.layer
    if wanted is None and len(names) == 1:
        return next(iter(names))
    listed = ", ".join(printable(name) for name in names)
    if not names or wanted is None:
        return Problem("layer_choose" if names else "no_rows", raw.file, details={"known": listed, "key": raw.key})
    if wanted not in names:
        at = f"sources.{raw.key}.layer"
        return Problem("layer_unknown", raw.operation, None, at, printable(wanted), details=near(wanted, names))
    return wanted
