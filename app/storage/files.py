"""Designs on disk: open, save in one piece, and where the recovery copy lies."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from app.model.design import Design
from app.storage.codec import dump, load
from app.storage.errors import FileError
from app.storage.parsing import LARGEST_MEGABYTES

SUFFIX = ".loadpath.json"


def open_design(path: Path) -> Design:
    """Read the design in a file; the file is not touched.

    Raises:
        FileError: it cannot be read or is no design; the sentence begins with its name.
    """
    data = content(path)
    try:
        return load(data)
    except FileError as error:
        raise _named(path, str(error)) from None


def open_for_editing(path: Path) -> Design:
    """Read the design in a file, and encode it ahead: a save then takes the time of the edits.

    Raises:
        FileError: as `open_design`.
    """
    design = open_design(path)
    dump(design)
    return design


def content(path: Path) -> bytes:
    """Read a file, no further than a design may be long.

    Raises:
        FileError: it cannot be read; the sentence begins with its name.
    """
    try:
        return _content(path)
    except OSError as error:
        raise _named(path, f"cannot be read: {_reason(error)}.") from None
    except FileError as error:
        raise _named(path, str(error)) from None


def _content(path: Path) -> bytes:
    if not path.is_file():
        path.stat()  # a file that is not there says so itself
        message = "This is a folder." if path.is_dir() else "This is no regular file."
        raise FileError(message)
    with path.open("rb") as file:
        return file.read((LARGEST_MEGABYTES << 20) + 1)


def save_design(path: Path, design: Design) -> None:
    """Write a design to a file, whole or not at all.

    A new file is written beside the old one, flushed to the disk, and takes its place. The
    permissions of the old file stay; through a symbolic link the file behind it is replaced.

    Raises:
        FileError: it cannot be written; the old file is as it was.
    """
    try:
        write_whole(path, dump(design))
    except OSError as error:
        raise _named(path, f"cannot be saved: {_reason(error)}.") from None


def write_whole(path: Path, content: bytes) -> None:
    """Put content into a file, whole or not at all.

    Raises:
        OSError: it cannot be written; what was there is as it was.
    """
    target = Path(os.path.realpath(path))
    mode = _mode(target)
    beside = target.with_name(f".{secrets.token_hex(8)}.loadpath-tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def _mode(target: Path) -> int | None:
    """Return the permissions of the file that is replaced; None where there is none yet."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        raise IsADirectoryError(0, "it is no regular file")
    if not os.access(target, os.W_OK):
        raise PermissionError(0, "the file is read-only")
    return stat.S_IMODE(found.st_mode)


def _flush_folder(folder: Path) -> None:
    # Not every system can open a folder, nor every file system flush one; the file is whole.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _named(path: Path, sentence: str) -> FileError:
    return FileError(f"{path.name or path}: {sentence}")


def _reason(error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{reason[:1].lower()}{reason[1:]}"


def state_folder() -> Path:
    """Return the folder in which the program keeps what it needs between two starts."""
    import platformdirs

    return platformdirs.user_state_path("loadpath", appauthor=False)
