"""An operation as it was opened: its files are read once, and what is wrong with any of them is gathered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kaur_gis.config import Operation, Source, SourceKey
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.read import shapefile
from kaur_gis.read.operation import M, read_model
from kaur_gis.read.raw import Raw
from kaur_gis.read.safely import read_bytes


@dataclass
class Opened:
    """One operation, and what was found so far in the files that it names.

    Attributes
    ----------
    operation : Operation
    file : str
        Name of the operation file.
    folder : Path
        Where it lies.
    problems : list of Problem
    sha256 : dict
        File -> digest of what was read.
    points : dict
        (file, row) -> longitude and latitude as the file gives them.
    """

    operation: Operation
    file: str
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    sha256: dict[str, str] = field(default_factory=dict)
    points: dict[tuple[str, int], tuple[float, float]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether anything found so far stops the run."""
        return any(problem.level == "refuse" for problem in self.problems)

    def data(self, name: str, *suffixes: str) -> bytes | None:
        """Read one file."""
        outside = self.operation.layers.allow_outside
        return read_bytes(self.folder, name, self.problems, self.sha256, suffixes=suffixes, allow_outside=outside)

    def raw(self, key: SourceKey, suffixes: Sequence[str]) -> Raw | None:
        """Open one layer's file, and those that belong to it; None where it is refused or the operation has none."""
        name = getattr(self.operation.layers, key)
        data = None if name is None else self.data(name, *suffixes)
        if data is None:
            return None
        beside: dict[str, bytes] = {}
        if name.lower().endswith(".shp"):
            stem = name[: -len(".shp")]
            for end in (*shapefile.NEEDED, *shapefile.OPTIONAL):
                if end in shapefile.NEEDED or (self.folder / (stem + end)).exists():
                    part = self.data(stem + end, end)
                    if part is None:
                        return None
                    beside[end] = part
        if name.lower().endswith(".gpkg") and _has_log(self.folder / name):
            self.problems.append(Problem("file_open_elsewhere", name))
            return None
        return Raw(name, data, beside, self.operation.sources.get(key, Source()), key, self.file)

    def model(self, name: str, model: type[M]) -> M | None:
        """Read one TOML file."""
        data = self.data(name, ".toml")
        return None if data is None else read_model(data, name, model, self.problems)


def opened(path: str | Path) -> Opened:
    """Open an operation by its file, which says what the other files may be.

    Parameters
    ----------
    path : str or Path
        The operation file (TOML).

    Returns
    -------
    Opened

    Raises
    ------
    InputProblems
        Where the operation file is refused.
    """
    folder, name = Path(path).parent, Path(path).name
    problems: list[Problem] = []
    sha256: dict[str, str] = {}
    # the operation file itself lies where the planner says
    data = read_bytes(folder, name, problems, sha256, suffixes=(".toml",), allow_outside=True)
    operation = None if data is None else read_model(data, name, Operation, problems)
    if operation is None:
        raise InputProblems(problems)
    return Opened(operation, name, folder, problems, sha256)


def _has_log(path: Path) -> bool:
    """Whether another program holds changes to a GeoPackage that are not in the file yet."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0
