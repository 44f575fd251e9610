"""What every exporter returns, files by path, and how they reach a folder: all of them or none.

The new folder is written beside the old one, flushed to the disk, and takes its place by one
rename. A full disk or a kill half-way leaves the old folder whole.
"""

import contextlib
import ctypes
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from exporters.errors import ExportError

Files = Mapping[str, bytes]
MANIFEST = ".loadpath-files"
_PRIVATE = ("secrets", "pki")
_FOLDER_MODE, _PRIVATE_FOLDER_MODE = 0o755, 0o700
_FILE_MODE, _SCRIPT_MODE, _KEY_MODE = 0o644, 0o755, 0o600
_AT_FDCWD, _EXCHANGE = -100, 2  # of renameat2(2)


def write(files: Files, folder: Path, *, force: bool = False) -> None:
    """Make a folder hold these files, in one step.

    What an earlier export wrote is replaced. Files of anybody else are refused, unless `force`,
    which keeps them. Modes do not depend on the umask: scripts can be executed, secrets and keys
    lie in folders that only their owner enters.

    Raises:
        ExportError: the folder holds foreign files, or a path would leave it.
        OSError: the disk is full, or the place cannot be written; nothing has changed.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  # resolve() would follow a symlink
    paths = {path: _safe(path) for path in (*files, MANIFEST)}
    _refuse_no_folder(folder)
    _restore(folder)
    foreign = sorted(_foreign(folder))
    if foreign and not force:
        shown = ", ".join(foreign[:3]) + (", …" if len(foreign) > 3 else "")  # noqa: PLR2004
        raise ExportError(f"{folder}: holds files that no export wrote ({shown})")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
    try:
        manifest = "".join(f"{path}\n" for path in sorted(files)).encode()
        for path, content in (*files.items(), (MANIFEST, manifest)):
            _write_file(fresh, paths[path], content)
        for path in foreign:
            _keep(folder / path, fresh / path)
        _set_folder_modes(fresh)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_private(folder: Path) -> dict[str, str]:
    """Return the secrets and keys that an earlier export left in a folder, by path."""
    found: dict[str, str] = {}
    for name in _PRIVATE:
        place = folder / name
        if place.is_symlink() or not place.is_dir():
            continue
        for path in sorted(place.iterdir()):
            if not path.is_symlink() and path.is_file():
                with contextlib.suppress(UnicodeDecodeError):
                    found[f"{name}/{path.name}"] = path.read_text(encoding="utf-8")
    return found


def mode_of(path: str) -> int:
    """Return the mode of a file of an export."""
    if path.endswith(".key"):
        return _KEY_MODE
    if path.endswith(".sh") and "/" in path and not path.startswith("config/"):
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


def _foreign(folder: Path) -> Iterator[str]:
    """Yield the paths in a folder that no export wrote."""
    if not folder.exists():
        return
    own = {MANIFEST, *_manifest(folder)}
    for path in _walk(folder):
        relative = path.relative_to(folder).as_posix()
        if relative not in own:
            yield relative


def _manifest(folder: Path) -> Iterable[str]:
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        return ()
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


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


def _keep(old: Path, new: Path) -> None:
    """Carry a foreign file over, unless the export has one of that name."""
    if os.path.lexists(new):
        return
    new.parent.mkdir(parents=True, exist_ok=True)
    if old.is_dir() and not old.is_symlink():
        new.mkdir()
    else:
        shutil.copy2(old, new, follow_symlinks=False)


def _set_folder_modes(root: Path) -> None:
    for path in (root, *(item for item in root.rglob("*") if _is_folder(item))):
        private = path.parent == root and path.name in _PRIVATE
        path.chmod(_PRIVATE_FOLDER_MODE if private else _FOLDER_MODE)
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


def _restore(folder: Path) -> None:
    aside = _aside(folder)
    if aside.is_dir() and not aside.is_symlink() and not folder.exists():
        aside.rename(folder)
