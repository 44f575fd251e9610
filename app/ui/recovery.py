"""Unsaved work survives: a copy beside nobody's file, found again after a crash.

Each running program has a folder of its own with a lock in the folder for the program's state.
Unsaved designs are written there some seconds after an edit. A folder whose lock belongs to no
living process is what a crash has left; its designs are offered at the next start. The user's own
files are never written here.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer

from app.ui.background import Background
from app.ui.document import Document

if TYPE_CHECKING:
    from PySide6.QtCore import QLockFile

    from app.model.design import Design

DELAY = 2_000  # milliseconds between an edit and its copy
LOCK, SUFFIX, ORIGIN = "lock", ".recovery", ".origin"


class Recovered(NamedTuple):
    """A design with unsaved work, and the file that it belongs to."""

    design: "Design"
    path: Path | None


class Session:
    """The folder of this run of the program, locked for as long as it lives."""

    def __init__(self, root: Path | None = None) -> None:
        """Choose the folder; nothing is written before there is something to keep."""
        self._root = root
        self._name = os.urandom(16).hex()
        self._lock: QLockFile | None = None
        self._numbers = iter(range(1, 1_000_000))

    @property
    def root(self) -> Path:
        """The folder that holds one folder for each session."""
        if self._root is None:
            from app.storage.files import state_folder

            self._root = state_folder() / "sessions"
        return self._root

    def slot(self) -> Path:
        """Return a name for the copy of one more document, without a suffix."""
        return self.root / self._name / str(next(self._numbers))

    def claim(self) -> None:
        """Make the folder and lock it."""
        if self._lock is None:
            folder = self.root / self._name
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _lock(folder)
            self._lock.tryLock(0)

    def end(self) -> None:
        """Leave nothing behind: everything is saved or was given up."""
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
            shutil.rmtree(self.root / self._name, ignore_errors=True)

    def left_behind(self) -> "tuple[LeftBehind, ...]":
        """Return what sessions that are gone have left; each is locked for whoever asks first."""
        found = []
        with suppress(OSError):
            for folder in sorted(self.root.iterdir()):
                if folder.name != self._name and _abandoned(folder):
                    lock = _lock(folder)
                    if lock.tryLock(0):
                        found.append(LeftBehind(folder, lock))
        return tuple(found)


def _abandoned(folder: Path) -> bool:
    """Whether to look whose it is; one without lock and copy is just being made by a program."""
    return (folder / LOCK).exists() or any(folder.glob(f"*{SUFFIX}"))


def _lock(folder: Path) -> "QLockFile":
    from PySide6.QtCore import QLockFile

    lock = QLockFile(str(folder / LOCK))
    lock.setStaleLockTime(0)  # only the death of its process frees a lock, not time
    return lock


class LeftBehind:
    """The folder of a session that did not end properly."""

    def __init__(self, folder: Path, lock: "QLockFile") -> None:
        """Take the folder and the lock on it."""
        self._folder = folder
        self._lock = lock

    @property
    def files(self) -> tuple[Path, ...]:
        """The copies in it."""
        return tuple(sorted(self._folder.glob(f"*{SUFFIX}")))

    def designs(self) -> tuple[Recovered, ...]:
        """Return the designs in it; a damaged copy is passed over."""
        from app.storage.errors import FileError
        from app.storage.files import open_design

        found = []
        for file in self.files:
            with suppress(FileError):
                found.append(Recovered(open_design(file), _origin(file)))
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """Return what to call the designs when asking the user: whose copy, and from when."""
        return tuple(map(_called, self.files))

    def forget(self) -> None:
        """Delete the folder."""
        self._lock.unlock()
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self) -> None:
        """Leave it for the next start."""
        self._lock.unlock()


def _called(file: Path) -> str:
    from datetime import datetime  # no start waits for it, unless there was a crash

    origin = _origin(file)
    name = origin.name if origin else "A design that was never saved"
    when = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    return f"{name}, {when:%d %B %Y, %H:%M}"


def _origin(file: Path) -> Path | None:
    try:
        text = file.with_suffix(ORIGIN).read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return None
    return Path(text) if text else None


class Copy(QObject):
    """Keeps a copy of the unsaved work in one document."""

    def __init__(self, document: Document, session: Session) -> None:
        """Follow a document."""
        super().__init__(document)
        self._document = document
        self._session = session
        self._slot: Path | None = None
        self._background = Background(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.write)
        document.changed.connect(self._changed)
        document.undo_stack.cleanChanged.connect(self._clean_changed)

    def _changed(self, before: "Design", after: "Design") -> None:
        if not self._timer.isActive():  # not begun anew: long drawing must not put it off
            self._timer.start()

    def _clean_changed(self, clean: bool) -> None:
        if clean:
            self._timer.stop()
            self.discard()

    def write(self) -> None:
        """Write the copy now, in the background, if there is unsaved work."""
        document = self._document
        if not document.modified:
            return
        if self._slot is None:
            self._slot = self._session.slot()
        slot, design, path, session = self._slot, document.design, document.path, self._session
        self._background.run(lambda: _write(session, slot, design, path))

    def write_now(self) -> bool:
        """Write the copy and wait for it; whether it is on disk."""
        self.write()
        self.wait()
        return self._slot is not None and self._slot.with_suffix(SUFFIX).exists()

    def discard(self) -> None:
        """Delete the copy: the work is saved, or the user gave it up."""
        slot = self._slot
        if slot is not None:
            self._background.run(lambda: _delete(slot))

    def wait(self) -> None:
        """Wait until what was asked for is on disk."""
        self._timer.stop()
        self._background.wait()

    def end(self) -> None:
        """Follow the document no more; the user has decided about the work in it."""
        # The stack of a document that is destroyed says that it is clean.
        self._document.changed.disconnect(self._changed)
        self._document.undo_stack.cleanChanged.disconnect(self._clean_changed)
        self.discard()
        self.wait()


def _write(session: Session, slot: Path, design: "Design", path: Path | None) -> None:
    from app.storage.codec import dump
    from app.storage.files import write_whole

    session.claim()
    slot.with_suffix(ORIGIN).write_text(str(path) if path else "", encoding="utf-8")
    write_whole(slot.with_suffix(SUFFIX), dump(design))


def _delete(slot: Path) -> None:
    for suffix in (SUFFIX, ORIGIN):
        slot.with_suffix(suffix).unlink(missing_ok=True)
