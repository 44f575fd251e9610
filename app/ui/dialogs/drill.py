"""Drill…: runs the drawing with Docker, lets parts fail, puts measured beside predicted."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.drill.telling import HEAD, borders, differs, mismatches, table
from app.storage.files import write_whole
from app.ui.dialogs.placing import lie_at_bottom, side_by_side
from app.ui.document import Document
from app.ui.drill_job import DrillJob
from app.ui.theme import current_theme

SIZE = (860, 380)
WHAT: Mapping[str, tuple[str, ...]] = {
    "Each part, alone": (),
    "Each server with all that runs on it": ("--hosts",),
    "The likeliest pairs": ("--pairs",),
}
HOW: Mapping[str, str] = {
    "Killed (SIGKILL)": "kill",
    "Frozen (docker pause)": "pause",
    "Cut off from all networks": "cut",
}
INTRODUCTION = (
    "Starts this design with Docker under a name of its own, lets parts fail, asks each flow twice "
    "a second, and removes everything. It takes a minute to start, and half a minute for each part."
)
_STEP = re.compile(r"(\d+)/(\d+) ")
_WORDS = 4  # columns of words, then of numbers


class DrillDialog(QDialog):
    """Chooses what is to fail and how; shows how far the drill is, then its matrix."""

    def __init__(self, document: Document, only: tuple[str, ...], parent: QWidget) -> None:
        """Drill the design of a document, or only the parts with some ids."""
        super().__init__(parent)
        self.setWindowTitle("Drill")
        self._document = document
        self._only = only
        self._job: DrillJob | None = None
        self._found: dict[str, Any] | None = None
        self.what, self.how = QComboBox(), QComboBox()
        self.start_button, self.cancel_button = QPushButton("Start"), QPushButton("Cancel")
        self.save_button, self.close_button = QPushButton("Save as JSON…"), QPushButton("Close")
        self.progress = QProgressBar()
        self.table = QTableWidget(0, len(HEAD))
        self.message, self.remarks = QLabel(INTRODUCTION), QLabel()
        self._name()
        self._arrange()
        self._busy(on=False)
        lie_at_bottom(self, parent, *SIZE)

    def _name(self) -> None:
        self.what.addItems([*WHAT])
        self.what.setAccessibleName("What fails")
        self.how.addItems([*HOW])
        self.how.setAccessibleName("How it fails")
        if self._only:
            self.what.insertItem(0, "What is selected")
            self.what.setCurrentIndex(0)
        self.progress.setAccessibleName("How far the drill is")
        self.progress.setTextVisible(False)
        self.table.setObjectName("table")
        self.table.setAccessibleName("Predicted and measured")
        self.message.setObjectName("muted")
        self.message.setWordWrap(True)
        self.remarks.setObjectName("muted")
        self.remarks.setWordWrap(True)
        self.remarks.hide()
        self.start_button.setObjectName("primary")
        self.start_button.clicked.connect(self._start)
        self.cancel_button.clicked.connect(self._cancel)
        self.save_button.clicked.connect(self._save)
        self.close_button.clicked.connect(self.reject)

    def _arrange(self) -> None:
        table = self.table
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setFrameShape(QFrame.Shape.NoFrame)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, text in enumerate(HEAD):
            table.setHorizontalHeaderItem(column, _cell(column, text[:1].upper() + text[1:]))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(10)
        whole.addLayout(side_by_side(self.what, self.how, self.start_button, None))
        whole.addWidget(table, 1)
        whole.addWidget(self.message)
        whole.addWidget(self.remarks)
        whole.addLayout(side_by_side(self.progress, self.cancel_button))
        whole.addLayout(side_by_side(self.save_button, None, self.close_button))

    # --- while it runs ----------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether a drill is going on."""
        return self._job is not None

    def _start(self) -> None:
        chosen = WHAT.get(self.what.currentText(), ("--only", *self._only))
        self._found = None
        self.table.setRowCount(0)
        self.remarks.hide()
        self.progress.setRange(0, 0)
        self._job = DrillJob(self._document.design, self)
        self._job.told.connect(self._tell)
        self._job.finished.connect(self._end)
        self._busy(on=True)
        self._say("Exporting the design…")
        path = self._document.path
        words = ("--how", HOW[self.how.currentText()], *chosen)
        self._job.start(words, path.parent if path else None)

    def _tell(self, line: str) -> None:
        self._say(line)
        step = _STEP.match(line)
        if step:
            self.progress.setRange(0, int(step[2]))
            self.progress.setValue(int(step[1]))

    def _cancel(self) -> None:
        if self._job is not None:
            self.cancel_button.setEnabled(False)
            self._say("Removing what was started…")
            self._job.cancel()

    def _end(self, found: dict[str, Any] | None, said: str) -> None:
        if self._job is not None:
            self._job.deleteLater()  # and with it the folder of the project
        self._job = None
        self._found = found
        self._busy(on=False)
        if found is None:
            self._say(said or "The drill was cancelled.", wrong=True)
            return
        rows = table(found)
        self.table.setRowCount(len(rows))
        for number, line in enumerate(rows):
            self._fill(number, line, QColor(current_theme().critical) if differs(line) else None)
        count = found["mismatches"]
        done, planned = len(found["experiments"]), found["planned"]
        verdict = {0: "nothing differs", 1: "1 mismatch"}.get(count, f"{count} mismatches")
        words = [f"{done} of {planned} failures: {verdict}.", *mismatches(found)]
        words += [said] if done < planned else []
        self._say("\n".join(words), wrong=bool(count))
        remarks = [_tried(line) for line in borders(found) if not differs(line)]
        self.remarks.setText("\n".join((*remarks, *found["left_out"])))
        self.remarks.setVisible(bool(self.remarks.text()))

    def _fill(self, number: int, texts: tuple[str, ...], colour: QColor | None) -> None:
        for column, text in enumerate(texts):
            item = _cell(column, text)
            if colour is not None:
                item.setForeground(colour)
            self.table.setItem(number, column, item)

    def _busy(self, *, on: bool) -> None:
        for widget in (self.what, self.how, self.start_button):
            widget.setEnabled(not on)
        self.progress.setVisible(on)
        self.cancel_button.setVisible(on)
        self.cancel_button.setEnabled(on)
        self.save_button.setEnabled(self._found is not None)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.message.setObjectName("fieldError" if wrong else "muted")
        self.message.style().polish(self.message)
        self.message.setText(text)

    # --- taking it away ---------------------------------------------------------------------

    def _save(self) -> None:
        folder = self._document.path.parent if self._document.path else Path.home()
        start = str(folder / "drill.json")
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the drill", start, "JSON (*.json)")
        if not chosen:
            return
        text = json.dumps(self._found, indent=2, ensure_ascii=False) + "\n"
        try:
            write_whole(Path(chosen), text.encode())
        except OSError as error:
            self._say(f"{chosen} cannot be written: {error.strerror or error}.", wrong=True)
        else:
            self._say(f"Written to {chosen}.")

    def reject(self) -> None:
        """Close; a drill that goes on is ended, and its guard removes what it has started."""
        if self._job is not None:
            self._job.abandon()
        super().reject()


def _cell(column: int, text: str) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    side = Qt.AlignmentFlag.AlignLeft if column < _WORDS else Qt.AlignmentFlag.AlignRight
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item


def _tried(line: tuple[str, ...]) -> str:
    firewall, connection, _, measured, _ = line
    return f"{firewall}: {connection} is {measured}, as predicted."
