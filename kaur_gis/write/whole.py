"""Files and folders that appear whole or not at all.

What a kill at any moment leaves behind. A file: the old one or the new one. A folder: the old run
or the new run, because on Linux the two change places in one system call. Where the system or the
file system has no such call, the old run first steps aside to ``.old-<name>``: killed exactly
between those two renames, the folder is absent and the old run stands whole beside its place; the
next `whole_folder` puts it back.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from kaur_gis.catalogue import say
from kaur_gis.config import Lang
from kaur_gis.problems import OutputError
from kaur_gis.store import MANIFEST, RUN_FORMAT

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no flock: leftovers of killed runs stay there
    fcntl = None  # type: ignore[assignment]

_BUILDING = ".run-"  # begins the name of a folder in which a run is being built
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NO_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
_SIDE_FILES = re.compile(r"(-wal|-shm|-journal)$|^\.~lock\..*#$|^~\$|^\.DS_Store$|\.gpkg\.aux\.xml$")


@contextmanager
def replace_with(path: str | Path) -> Iterator[Path]:
    """Write a file beside its place, and put it there whole.

    Parameters
    ----------
    path : path
        Where the file shall stand.

    Yields
    ------
    Path
        The file to write: in the same folder, with the same ending; who may read it is for the umask to say.

    Raises
    ------
    OutputError
        Where it could not be written; the file that stood there before still does.
    """
    place = Path(path)
    new = place.with_name(f".new-{secrets.token_hex(8)}{place.suffix}")
    within_a_run = any(part.startswith(_BUILDING) for part in place.absolute().parts[:-1])
    try:
        new.touch(exist_ok=False)
    except OSError as error:
        raise _failed(place, error) from error
    try:
        yield new
        if within_a_run:  # `whole_folder` brings all of it to the disk at once
            new.replace(place)
        else:
            _sync(new)
            new.replace(place)
            _sync(place.parent)
    except OSError as error:
        raise _failed(place, error) from error
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path, *, never: Iterable[Path] = (), lang: Lang = "id") -> Iterator[Path]:
    """Build a run in a folder beside its place, and put it there whole.

    An older run at the place is removed only after the new one stands there.

    Parameters
    ----------
    path : path
        Where the run shall stand: absent, empty, or a former run and nothing else.
    never : iterable of Path
        Folders that must not be replaced, nor any folder around them: that of the operation file.
    lang : {"id", "en"}
        Language of a refusal.

    Yields
    ------
    Path
        The folder to fill.

    Raises
    ------
    OutputError
        Where the place is refused or the run could not be written; what stood there before still does.

    References
    ----------
    rename(2), ``RENAME_EXCHANGE``.
    """
    place = Path(path).absolute()
    lock = None
    build = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(place.parent):
            _step_back(place)
            _refuse(place, Path(path), tuple(never), lang)
            _clear_leftovers(place)
            build = place.with_name(f"{_BUILDING}{place.name}-{secrets.token_hex(8)}")
            build.mkdir()
            lock = _lock(build)
        yield build
        _sync_tree(build)
        with _alone_in(place.parent):
            _refuse(place, Path(path), tuple(never), lang)
            _swap(build, place)
            _sync(place.parent)
    except OutputError:
        raise
    except OSError as error:
        raise _failed(Path(path), error, lang) from error
    finally:
        if build is not None:
            shutil.rmtree(build, ignore_errors=True)  # an unfinished run, or the old one after the exchange
        if lock is not None:
            os.close(lock)


def why_not(path: str | Path, *, never: Iterable[Path] = (), lang: Lang = "id") -> str:
    """Say why a folder would be refused, before the work of hours is done for it.

    Parameters
    ----------
    path, never, lang
        As in `whole_folder`.

    Returns
    -------
    str
        The sentence of the refusal; "" for a place where a run may be put.
    """
    why, values = _why_not(Path(path).absolute(), tuple(never))
    return say(f"safely.{why}", lang, folder=path, **values) if why else ""


def _failed(place: Path, error: OSError, lang: Lang = "id") -> OutputError:
    cause = error.strerror or str(error)
    return OutputError(error.errno, say("safely.out_failed", lang, folder=place, cause=cause))


def _refuse(place: Path, said: Path, never: tuple[Path, ...], lang: Lang) -> None:
    """Refuse a place that is not ours to replace; `said` is the path as the caller wrote it."""
    why, values = _why_not(place, never)
    if why:
        raise OutputError(errno.EEXIST, say(f"safely.{why}", lang, folder=said, **values))


def _why_not(place: Path, never: tuple[Path, ...]) -> tuple[str, dict[str, object]]:
    """Key of the sentence that refuses a place, and what it names; "" for a place that may be replaced."""
    if place.is_symlink():
        return "out_link", {}
    real = place.resolve()
    is_root = real == Path(real.anchor)
    if is_root or any(folder.resolve().is_relative_to(real) for folder in never):
        return ("out_root" if is_root else "out_input"), {}
    if not place.exists():
        return "", {}
    if not place.is_dir():
        return "out_file", {}
    found = sorted(item.relative_to(place).as_posix() for item in place.rglob("*") if not item.is_dir())
    ours = _files_of_a_run(place)
    if found and ours is None:
        return "out_not_ours", {}
    foreign = [name for name in found if name not in (ours or ()) and not _SIDE_FILES.search(name.rpartition("/")[2])]
    return ("out_foreign", {"n": len(foreign), "names": ", ".join(foreign[:3])}) if foreign else ("", {})


def _files_of_a_run(folder: Path) -> frozenset[str] | None:
    """Files that the manifest of a run lists, itself among them; None where there is no such manifest."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return frozenset({MANIFEST, *manifest["files"]}) if manifest["format"] == RUN_FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _swap(build: Path, place: Path) -> None:
    """Put `build` at `place`; what stood there is then at `build`, or removed."""
    if not place.exists() or not any(place.iterdir()):
        build.replace(place)  # rename(2) takes the place of an empty folder
        return
    if _exchange(build, place):
        return
    aside = _aside(place)
    place.rename(aside)
    try:
        build.rename(place)
    except OSError:
        aside.rename(place)
        raise
    _sync(place.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where the system has no such call."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):  # another system, or an old C library
        return False
    done = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done == 0:
        return True
    number = ctypes.get_errno()
    if number in _NO_EXCHANGE:  # this file system can't
        return False
    raise OSError(number, os.strerror(number), str(other))


def _aside(place: Path) -> Path:
    return place.parent / f".old-{place.name}"


def _step_back(place: Path) -> None:
    """Mend what a kill between the two renames left: put the old run back, or remove it."""
    aside = _aside(place)
    if aside.is_dir() and not aside.is_symlink():
        if place.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(place)


def _clear_leftovers(place: Path) -> None:
    """Remove what killed runs left beside the place; a run that is still being written holds its lock."""
    for leftover in sorted(place.parent.glob(f"{_BUILDING}{_glob_safe(place.name)}-*")):
        lock = _lock(leftover)
        if lock is not None:
            shutil.rmtree(leftover, ignore_errors=True)
            os.close(lock)


def _glob_safe(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


def _lock(folder: Path) -> int | None:
    """Lock a folder for as long as this process lives; None where another holds it or locks do not exist."""
    if fcntl is None or folder.is_symlink():
        return None
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Be the only run that starts or ends in a folder."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks: only the clearing of leftovers needs them
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    """Bring a file or a folder's entries to the disk."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_tree(folder: Path) -> None:
    with ThreadPoolExecutor(8) as waiting:  # a disk takes many of these at once for the price of one
        for _done in waiting.map(_sync, sorted(folder.rglob("*"))):
            pass
    _sync(folder)
