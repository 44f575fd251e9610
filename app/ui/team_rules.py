"""Asks whether the rules of a team, a program beside the design, may run. The default is no."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from app.model.design import Design
from app.ui.document import Document
from app.ui.live_check import LiveCheck

if TYPE_CHECKING:
    from app.rules.team import TeamFile

QUESTION = "May the rules of your team run?"
MEANING = (
    "{name} is a Python program that this design names. If it runs, it runs with your rights: it "
    "can read, change and send whatever you can. Say yes only if you know who wrote it.\n\n"
    "Your answer holds for the folder {folder} and for the file as it is now; a file that was "
    "changed is asked for again. Without it all rules of Loadpath run."
)


class TeamRules(QObject):
    """Watches over the team rules of one window: asks once about each version of the file."""

    def __init__(self, document: Document, check: LiveCheck, window: QWidget) -> None:
        """Follow the checks of a document."""
        super().__init__(window)
        self._document = document
        self._check = check
        self._window = window
        self._asked: set[str] = set()
        self.question: QMessageBox | None = None
        check.findings_changed.connect(lambda *_: self.consider())

    def consider(self) -> None:
        """Ask about team rules that did not run, unless the user was asked already."""
        design, path = self._document.design, self._document.path
        if not design.team_rules or path is None or self.question is not None:
            return
        file = untrusted(design, path)
        if file is not None and file.digest not in self._asked:
            self._asked.add(file.digest)
            self._ask(file)

    def _ask(self, file: "TeamFile") -> None:
        box = question(file, self._window)
        box.finished.connect(lambda _: self._answered(file, box))
        self.question = box
        box.open()

    def _answered(self, file: "TeamFile", box: QMessageBox) -> None:
        self.question = None
        if agreed(box) and remember(file, self._window):
            self._check.again()


def untrusted(design: Design, path: Path) -> "TeamFile | None":
    """Return the team's file that a design in a file names, if it is there and not trusted."""
    from app.rules.team import TeamFileError, team_file
    from app.storage.trust import trusts

    try:
        file = team_file(design, path.parent)
    except TeamFileError:
        return None  # the finding says why
    return None if trusts(file.folder, file.digest) else file


def question(file: "TeamFile", parent: QWidget) -> QMessageBox:
    """Return the question whether a file may run."""
    box = QMessageBox(QMessageBox.Icon.Warning, "Rules of your team", QUESTION, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a folder may be called anything
    box.setInformativeText(MEANING.format(name=file.path.name, folder=file.folder))
    box.addButton("Trust and run", QMessageBox.ButtonRole.YesRole)
    no = box.addButton("Do not run", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(no)
    box.setEscapeButton(no)
    return box


def agreed(box: QMessageBox) -> bool:
    """Whether the user has said yes."""
    clicked: QAbstractButton | None = box.clickedButton()
    return clicked is not None and box.buttonRole(clicked) == QMessageBox.ButtonRole.YesRole


def remember(file: "TeamFile", window: QWidget) -> bool:
    """Trust a file from now on; False after telling why that cannot be kept."""
    from app.storage.errors import FileError
    from app.storage.trust import trust

    try:
        trust(file.folder, (file.digest,))
    except FileError as error:
        QMessageBox.warning(window, "The answer was not kept", str(error))
        return False
    return True
