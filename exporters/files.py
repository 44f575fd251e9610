"""What every exporter returns, files by path, and how they reach a folder: all of them or none.

The new folder is written beside the old one, flushed to the disk, and takes its place by one
rename. A full disk or a kill half-way leaves the old folder whole.
"""

import contextlib
import ctypes
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from exporters import manifest
from exporters.errors import ExportError
from exporters.manifest import MANIFEST

Files = Mapping[str, bytes]
_PRIVATE = ("secrets", "pki")
_FOLDER_MODE, _PRIVATE_FOLDER_MODE = 0o755, 0o700
_FILE_MODE, _SCRIPT_MODE, _KEY_MODE = 0o644, 0o755, 0o600
_AT_FDCWD, _EXCHANGE = -100, 2  # of renameat2(2)
_SHOWN = 3  # paths that a message names
_ASIDE = re.compile(r"\.yours(-\d+)?(/|$)")  # what an export has put aside is in nobody's way


class Written(NamedTuple):
    """What became of the user's own changes in a folder that was written again."""

    kept: tuple[str, ...] = ()  # files that the user has changed, and this export has not
    aside: tuple[str, ...] = ()  # the user's files that had to give way, under new names


class _Found(NamedTuple):
    """What lies in a folder beside what an earlier export wrote there."""

    foreign: tuple[str, ...]
    changed: tuple[str, ...]  # written by an export, then changed by the user
    rivals: tuple[str, ...]  # of either, those of which this export has another content


def write(files: Files, folder: Path, *, force: bool = False) -> Written:
    """Make a folder hold these files, in one step.

    What an earlier export wrote is replaced, and stays as the user has changed it since, unless
    this export changes it as well: that is refused. So are files of anybody else. With `force`
    these stay, and what is in the way of the export is put aside as `NAME.yours`. Modes do not
    depend on the umask: scripts can be executed, secrets and keys lie in folders that only their
    owner enters.

    Raises:
        ExportError: the folder holds what must not be lost, or a path would leave it.
        OSError: the disk is full, or the place cannot be written; nothing has changed.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  # resolve() would follow a symlink
    paths = {path: _safe(path) for path in (*files, MANIFEST)}
    _refuse_no_folder(folder)
    _restore(folder)
    _restore_private(folder)
    found = _look_into(folder, files)
    if not force:
        _refuse(folder, found)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    fresh = _fresh(folder)
    try:
        stays = {path for path in found.changed if path not in found.rivals}
        contents = {path: content for path, content in files.items() if path not in stays}
        for path, content in (*contents.items(), (MANIFEST, manifest.text(files))):
            _write_file(fresh, paths[path], content)
        for path in (*found.foreign, *stays):
            if path not in found.rivals:
                _copy(folder / path, fresh / path)
        aside = [_put_aside(folder, fresh, path, _barred(path, files)) for path in found.rivals]
        _set_folder_modes(fresh, folder, _folders(files))
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Written(tuple(sorted(stays & files.keys())), tuple(aside))


def read_private(folder: Path) -> dict[str, str]:
    """Return the secrets and keys that an earlier export left in a folder, by path."""
    found: dict[str, str] = {}
    for name in _PRIVATE:
        place = folder / name
        if not os.path.lexists(place):
            place = _aside(place)  # a kill left it there
        if place.is_symlink() or not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            if not path.is_symlink() and path.is_file():
                with contextlib.suppress(UnicodeDecodeError):
                    found[f"{name}/{path.name}"] = path.read_text(encoding="utf-8")
    return found


def replace(files: Files, folder: Path, name: str) -> None:
    """Put files into the folder of this name in an export, in one step; all others stay.

    Raises:
        ExportError: no export is there, or not this folder of it.
        OSError: the disk is full, or the place cannot be written; nothing has changed.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  # as above
    place = folder / name
    _restore_private(folder)
    if manifest.read(folder) is None or place.is_symlink() or not place.is_dir():
        raise ExportError(f"{folder}: holds no exported project with a folder {name}")
    _sweep(place)
    fresh = _fresh(place)
    try:
        for path, content in files.items():
            _write_file(fresh, _safe(path).relative_to(name), content)
        for item in _walk(place):
            if not os.path.lexists(fresh / item.relative_to(place)):
                _copy(item, fresh / item.relative_to(place))
        fresh.chmod(_PRIVATE_FOLDER_MODE)
        _swap(fresh, place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    manifest.replace(folder, files)


def mode_of(path: str) -> int:
    """Return the mode of a file of an export."""
    if path.endswith(".key"):
        return _KEY_MODE
    script = path.endswith(".sh") and "/" in path and not path.startswith("config/")
    if script or path == "ops":
        return _SCRIPT_MODE
    return _FILE_MODE


def _safe(path: str) -> PurePosixPath:
    pure = PurePosixPath(path)
    parts = path.split("/")
    if pure.is_absolute() or any(part in ("", ".", "..") for part in parts) or "\\" in path:
        raise ExportError(f"{path!r}: this path would leave the folder")
    if any(letter < " " or letter == ":" for letter in path):
        raise ExportError(f"{path!r}: this path does not exist on every system")
    return pure


def _refuse_no_folder(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ExportError(f"{folder}: is no folder")


def _look_into(folder: Path, files: Files) -> _Found:
    if not folder.exists():
        return _Found((), (), ())
    before = manifest.read(folder) or {}
    folders = _folders(files)
    foreign: list[str] = []
    changed: list[str] = []
    rivals: list[str] = []
    for path in (item.relative_to(folder).as_posix() for item in _walk(folder)):
        now, then = manifest.digest_of(folder / path), before.get(path)
        new = manifest.digest(files[path]) if path in files else then
        if path == MANIFEST or now == then or (now and now == new):
            continue
        (foreign if then is None else changed).append(path)
        empty = _is_folder(folder / path)
        if new != then or (path in folders and not empty) or _barred(path, files):
            rivals.append(path)
    return _Found(tuple(foreign), tuple(changed), tuple(rivals))


def _folders(files: Files) -> frozenset[str]:
    """Return the folders that files lie in."""
    parents = {parent for path in files for parent in PurePosixPath(path).parents}
    return frozenset(str(parent) for parent in parents) - {"."}


def _barred(path: str, files: Files) -> str:
    """Return the part of a path that is a file of the export, and a folder of the user's."""
    parents = [str(parent) for parent in PurePosixPath(path).parents]
    return next((parent for parent in parents if parent in files or parent == MANIFEST), "")


def _refuse(folder: Path, found: _Found) -> None:
    changed = [path for path in found.rivals if path in found.changed]
    if changed:
        what = _shown(changed)
        raise ExportError(f"{folder}: you have changed what this export changes as well ({what})")
    foreign = [path for path in found.foreign if not _ASIDE.search(path)]
    if foreign:
        raise ExportError(f"{folder}: holds files that no export wrote ({_shown(foreign)})")


def _shown(paths: Sequence[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (", …" if len(paths) > _SHOWN else "")


def _fresh(folder: Path) -> Path:
    """Make the folder that becomes the new one; its name says which process fills it."""
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-{os.getpid()}-", dir=folder.parent))


def _sweep(folder: Path) -> None:
    """Remove what exports of this folder left that were killed half-way: it holds secrets."""
    start = f".{folder.name}.new-"
    for path in folder.parent.iterdir():
        number = path.name.removeprefix(start).partition("-")[0]
        if path.name.startswith(start) and number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _runs(process: int) -> bool:
    if process == os.getpid() or os.name != "posix":  # elsewhere signal 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _walk(folder: Path) -> Iterator[Path]:
    """Yield files, links and empty folders below a folder, following no link."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            inside = list(_walk(path))
            yield from inside or [path]
        else:
            yield path


def _write_file(root: Path, path: PurePosixPath, content: bytes) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as stream:
        stream.write(content)
        stream.flush()
        target.chmod(mode_of(str(path)))
        os.fsync(stream.fileno())


def _copy(old: Path, new: Path) -> None:
    """Carry over what the user has made: a file, a link or an empty folder."""
    new.parent.mkdir(parents=True, exist_ok=True)
    if old.is_dir() and not old.is_symlink():
        new.mkdir(exist_ok=True)
    else:
        shutil.copy2(old, new, follow_symlinks=False)


def _put_aside(folder: Path, fresh: Path, path: str, barred: str) -> str:
    """Carry a file of the user over under a name that nothing else has; return that name.

    Where the export has a file in place of a folder of it, that folder gets the new name.
    """
    stem = barred or path
    rest = path.removeprefix(stem)
    number, aside = 1, f"{stem}.yours{rest}"
    while os.path.lexists(fresh / aside) or os.path.lexists(folder / aside):
        number += 1
        aside = f"{stem}.yours-{number}{rest}"
    _copy(folder / path, fresh / aside)
    return aside


def _set_folder_modes(root: Path, old: Path, own: frozenset[str]) -> None:
    """Give the folders of the export their modes; those of the user keep theirs."""
    for path in (root, *(item for item in root.rglob("*") if _is_folder(item))):
        relative = path.relative_to(root).as_posix()
        private = path.parent == root and path.name in _PRIVATE
        if path == root or relative in own:
            path.chmod(_PRIVATE_FOLDER_MODE if private else _FOLDER_MODE)
        elif (old / relative).is_dir():
            shutil.copymode(old / relative, path)
        _flush(path)


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _flush(folder: Path) -> None:
    """Make the entries of a folder reach the disk, where the system can say so."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows opens no folders
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
    elif not _exchange(fresh, folder):
        _swap_in_two_steps(fresh, folder)
    _flush(folder.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where that cannot be."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # no Linux, or an old one
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    return done == 0


def _aside(folder: Path) -> Path:
    return folder.parent / f".{folder.name}.old"


def _swap_in_two_steps(fresh: Path, folder: Path) -> None:
    """Move the old folder aside for a moment; `_restore` repairs a kill between the steps."""
    aside = _aside(folder)
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    try:
        fresh.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _restore_private(folder: Path) -> None:
    """Repair what a kill between the steps of `replace` left in an export.

    What lies aside is ours where it holds a file as an export wrote it.
    """
    written = manifest.read(folder) or {}
    for place in (folder / name for name in _PRIVATE):
        aside = _aside(place)
        ours = not aside.is_symlink() and any(
            manifest.digest_of(aside / path.removeprefix(f"{place.name}/")) == digest
            for path, digest in written.items()
        )
        if ours and os.path.lexists(place):
            shutil.rmtree(aside)  # the new one had taken its place
        elif ours:
            aside.rename(place)


def _restore(folder: Path) -> None:
    aside = _aside(folder)
    left = aside.is_dir() and not aside.is_symlink() and manifest.read(aside) is not None
    if left and not folder.exists():
        aside.rename(folder)
