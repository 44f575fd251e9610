"""The file of a window: open, save, save as, and the question about unsaved work."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.ui.document import Document

if TYPE_CHECKING:
    from app.model.design import Design

FILTER = "Loadpath designs (*.loadpath.json *.json);;All files (*)"
SUFFIX = ".loadpath.json"
Stamp = tuple[int, int]
T = TypeVar("T")


class DocumentFile(QObject):
    """Reads and writes the file of one document; says plainly what went wrong."""

    opened = Signal()
    used = Signal(object)  # a path that was opened or saved
    failed = Signal(object)  # a path that could not be opened
    said = Signal(str)

    def __init__(self, document: Document, window: QWidget) -> None:
        """Work for the document of a window."""
        super().__init__(window)
        self._document = document
        self._window = window
        self._stamp: Stamp | None = None
        self.busy = False  # a file is being read or written; the window has to stay
        self.reading: Path | None = None

    # --- opening ----------------------------------------------------------------------------

    def open(self, path: Path) -> bool:
        """Show the design in a file; the file is not touched."""
        design = self.read(path)
        if design is None:
            return False
        self.show(design, path)
        return True

    def show(self, design: "Design", path: Path) -> None:
        """Show a design that was read from a file."""
        self._document.reset(design, path)
        self._stamp = _stamp(path)
        self.opened.emit()
        self.used.emit(path)

    def read(self, path: Path) -> "Design | None":
        """Return the design in a file; None after telling why it cannot be read."""
        from app.storage.errors import FileError
        from app.storage.files import open_for_editing
        from app.ui.waiting import GivenUp

        self.reading = path
        try:
            return self._wait(lambda: open_for_editing(path), f"Opening {path.name} …")
        except GivenUp:
            return None
        except FileError as error:
            self.failed.emit(path)
            _tell(self._window, "This file cannot be opened", str(error))
            return None
        finally:
            self.reading = None

    def restore(self, design: "Design", path: Path | None) -> None:
        """Show unsaved work that was kept; what is on disk is the step before it."""
        from app.model.design import Design
        from app.storage.errors import FileError
        from app.storage.files import open_design

        before = Design()
        if path is not None:
            try:
                before = open_design(path)
            except FileError:
                path = None  # the file is gone or damaged: the work gets a name when it is saved
        self._document.reset(before, path)
        self._stamp = _stamp(path) if path else None
        self._document.apply("Restore unsaved work", design)
        self.opened.emit()

    def choose(self) -> tuple[Path, ...]:
        """Ask which files to open."""
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Open", self._folder(), FILTER)
        return tuple(Path(name) for name in chosen)

    # --- saving -----------------------------------------------------------------------------

    def save(self) -> bool:
        """Save in the document's own file; False if that did not happen."""
        path = self._document.path
        if path is None:
            return self.save_as()
        foreign = self._stamp is not None and _stamp(path) not in (self._stamp, None)
        if foreign and not self._ask_overwrite(path):
            return False
        return self._write(path)

    def save_as(self) -> bool:
        """Ask for a name and save; False if that did not happen."""
        from PySide6.QtWidgets import QFileDialog

        path = self._document.path
        start = path or Path(self._folder()) / f"{_file_name(self._document.design.name)}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(start), FILTER)
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_name(f"{path.name}{SUFFIX}"))

    def _write(self, path: Path) -> bool:
        from app.storage.errors import FileError
        from app.storage.files import save_design
        from app.ui.waiting import GivenUp

        design = self._document.design
        saving = f"Saving {path.name} …"
        try:
            self._wait(lambda: save_design(path, design), saving, may_give_up=False)
        except GivenUp:
            return False
        except FileError as error:
            _tell(self._window, "The design was not saved", str(error))
            return False
        self._stamp = _stamp(path)
        self._document.saved_as(path, design)
        self.used.emit(path)
        self.said.emit(f"Saved {path.name}")
        return True

    def _wait(self, work: Callable[[], T], text: str, *, may_give_up: bool = True) -> T:
        """Wait for one thing at a time: another one is given up before it begins."""
        from app.ui.waiting import GivenUp, wait_for  # the first paint waits for no dialog

        if self.busy:
            raise GivenUp
        self.busy = True
        try:
            return wait_for(work, self._window, text, may_give_up=may_give_up)
        finally:
            self.busy = False

    def _ask_overwrite(self, path: Path) -> bool:
        from PySide6.QtWidgets import QMessageBox

        question = QMessageBox(
            QMessageBox.Icon.Warning,
            "Changed on disk",
            f"Another program has changed {path.name} since it was opened here.",
            parent=self._window,
        )
        question.setInformativeText("Saving replaces what that program wrote.")
        replace = question.addButton("Replace it", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.exec()
        return question.clickedButton() is replace

    def may_close(self) -> bool:
        """Whether the window may go: nothing is unsaved, or the user has decided."""
        from PySide6.QtWidgets import QMessageBox

        if not self._document.modified:
            return True
        question = QMessageBox(
            QMessageBox.Icon.NoIcon,
            "Unsaved changes",
            f"Save the changes to {self._document.design.name}?",
            QMessageBox.StandardButton.Save
            | QMessageBox.StandardButton.Discard
            | QMessageBox.StandardButton.Cancel,
            self._window,
        )
        question.setInformativeText("Without saving they are lost.")
        question.setDefaultButton(QMessageBox.StandardButton.Save)
        answer = question.exec()
        if answer == QMessageBox.StandardButton.Save:
            return self.save()
        return answer == QMessageBox.StandardButton.Discard

    def _folder(self) -> str:
        return str(self._document.path.parent if self._document.path else Path.home())


def _stamp(path: Path) -> Stamp | None:
    """Return what tells one version of a file from another."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _tell(window: QWidget, title: str, text: str) -> None:
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=window)
    box.setInformativeText(text)
    box.exec()


def _file_name(name: str) -> str:
    """Return the name of a design as a harmless name of a file."""
    letters = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return "-".join(filter(None, letters.split("-")))[:60] or "design"


def same_file(one: Path | None, other: Path) -> bool:
    """Whether two paths lead to one file, by whatever way."""
    return one is not None and os.path.realpath(one) == os.path.realpath(other)
