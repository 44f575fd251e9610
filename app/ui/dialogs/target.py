"""Reach a target: the ways to an availability, or what some parts can do, shown on the canvas."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.analysis.allowance import FORMS, allowed_unavailability
from app.analysis.figure_words import a_year, percent
from app.model.design import Design
from app.model.errors import DesignError
from app.rules.target_words import asked_words, cost_words, left_words, result_words
from app.rules.targets import MOST_TRIED, Answer, Point, Target, reach
from app.ui.background import Background
from app.ui.dialogs.placing import lie_at_bottom, side_by_side
from app.ui.document import Document
from app.ui.fixing import words
from app.ui.live_check import rules_for
from app.ui.waiting import GivenUp

if TYPE_CHECKING:
    from app.rules.fixes import Downtime

SIZE = (940, 360)
USUAL = "99.9 %"
SOME_PARTS = 3
MOST_PARTS = 99
COLUMNS = ("Adds", "Down a year", "Edits")
_WIDTHS = (150, 280)  # pixels of the columns; what is left goes to the edits


class _Search:
    """Looks for ways to a target in another thread; can be given up."""

    def __init__(
        self, design: Design, path: Path | None, target: Target, tell: Callable[[int], None]
    ) -> None:
        self._design, self._path, self._target = design, path, target
        self._tell_on = tell
        self._wanted = True

    def give_up(self) -> None:
        self._wanted = False

    def found(self) -> Answer | None:
        """Return the answer; None if it was given up."""
        rules = rules_for(self._design, self._path)
        try:
            return reach(self._design, self._target, rules, tell=self._tell)
        except GivenUp:
            return None

    def _tell(self, tried: int, _: int) -> None:
        if not self._wanted:
            raise GivenUp
        self._tell_on(tried)


class TargetDialog(QDialog):
    """Asks for a target and lists the ways to it; the current one is previewed on the canvas."""

    preview_wanted = Signal(object)  # the design that a way would make, or None
    applied = Signal(str)  # what was done, in words
    _progressed = Signal(int)  # from the thread that searches

    def __init__(self, document: Document, parent: QWidget) -> None:
        """Ask about the design of a document; nothing is looked for yet."""
        super().__init__(parent)
        self.setWindowTitle("Reach a target")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self._search: _Search | None = None
        self._answer: Answer | None = None
        self._background = Background(self)
        self.flow = QComboBox()
        self.goal = QComboBox()
        self.availability = QLineEdit()
        self.parts = QSpinBox()
        self.search_button = QPushButton("Find ways")
        self.view = QTreeWidget()
        self.details = QLabel()
        self.note = QLabel()
        self.progress = QProgressBar()
        self.cancel_button = QPushButton("Cancel")
        self.apply_button = QPushButton("Apply")
        self._waiting = QWidget()
        self._name()
        self._arrange()
        self._connect()
        self._list_flows()
        lie_at_bottom(self, parent, *SIZE)
        self.availability.setFocus()
        self.availability.selectAll()

    def _name(self) -> None:
        self.goal.addItems(("Availability", "Added parts at most"))
        self.goal.setAccessibleName("Target")
        self.flow.setAccessibleName("Flow")
        self.availability.setAccessibleName("Availability")
        self.availability.setToolTip(f"Give {FORMS}")
        self.parts.setAccessibleName("Added parts")
        self.parts.setRange(0, MOST_PARTS)
        self.parts.setValue(SOME_PARTS)
        self.parts.setToolTip("A server and a cluster count as parts")
        self.view.setObjectName("table")
        self.view.setAccessibleName("Ways, the arrow keys step through them")
        self.progress.setAccessibleName("Trying combinations")
        self.progress.setRange(0, MOST_TRIED)
        self.progress.setTextVisible(False)
        self.apply_button.setObjectName("primary")
        self.search_button.setDefault(True)
        for label in (self.details, self.note):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)

    def _arrange(self) -> None:
        view = self.view
        view.setHeaderLabels(COLUMNS)
        view.setRootIsDecorated(False)
        view.setAllColumnsShowFocus(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        header = view.header()
        header.setStretchLastSection(False)
        for column, width in enumerate(_WIDTHS):
            header.resizeSection(column, width)
        header.setSectionResizeMode(len(_WIDTHS), QHeaderView.ResizeMode.Stretch)
        labels = (_label("F&low", self.flow), _label("&Target", self.goal))
        asked = (self.availability, self.parts, self.search_button)
        self.parts.hide()
        self._waiting.setLayout(side_by_side(self.progress, self.cancel_button))
        self._waiting.hide()
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        for button in (self.cancel_button, self.apply_button, close):
            button.setAutoDefault(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(10)
        whole.addLayout(side_by_side(labels[0], self.flow, labels[1], self.goal, *asked, None))
        whole.addWidget(view, 1)
        whole.addWidget(self._waiting)
        whole.addWidget(self.details)
        whole.addWidget(self.note)
        whole.addLayout(side_by_side(None, close, self.apply_button))

    def _connect(self) -> None:
        self._progressed.connect(self._show_progress)
        self.goal.currentIndexChanged.connect(self._choose_goal)
        self.flow.currentIndexChanged.connect(self._show_promise)
        self.search_button.clicked.connect(self.search)
        self.cancel_button.clicked.connect(self._cancel)
        self.apply_button.clicked.connect(self.apply)
        self.view.currentItemChanged.connect(lambda *_: self._show_way())
        self._document.changed.connect(self._follow)

    def _list_flows(self) -> None:
        self.flow.clear()
        design = self._document.design
        if len(design.flows) > 1:
            self.flow.addItem("All flows", tuple(design.flows))
        for key, flow in design.flows.items():
            self.flow.addItem(flow.name, (key,))
        self.search_button.setEnabled(bool(design.flows))
        self._clear("" if design.flows else "Nobody uses this yet: draw users and what they do.")

    def come_forward(self) -> None:
        """Be the active window again."""
        self.raise_()
        self.activateWindow()

    # --- what is asked ----------------------------------------------------------------------

    def _choose_goal(self, row: int) -> None:
        self.availability.setVisible(row == 0)
        self.parts.setVisible(row == 1)

    def _show_promise(self) -> None:
        """Begin with what is promised for the chosen flow."""
        flows = self._document.design.flows
        promised = [flows[key].target_availability for key in self.flow.currentData() or ()]
        shares = [share for share in promised if share]
        self.availability.setText(percent(max(shares)) if shares else USUAL)

    def target(self) -> Target:
        """Return what is asked for.

        Raises:
            DesignError: the availability is none.
        """
        flows = self.flow.currentData()
        if self.goal.currentIndex() == 1:
            return Target(flows, parts=self.parts.value())
        return Target(flows, unavailability=allowed_unavailability(self.availability.text()))

    # --- searching --------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._search is not None

    def search(self) -> None:
        """Look for ways; say what is wrong where what is asked for makes no sense."""
        self._give_up()
        self._clear("")
        try:
            target = self.target()
        except DesignError as error:
            self._say(f"{error}.", wrong=True)
            return
        document = self._document
        search = _Search(document.design, document.path, target, self._progressed.emit)
        self._search = search
        self.progress.setValue(0)
        self._waiting.show()
        self.search_button.setEnabled(False)
        self._background.run(search.found, partial(self._take, search), partial(self._fail, search))

    def _show_progress(self, tried: int) -> None:
        if self._search is not None:
            self.progress.setValue(tried)
            self._say(f"{tried:,} combination{'' if tried == 1 else 's'} tried…")

    def _take(self, search: _Search, answer: Answer | None) -> None:
        if search is not self._search or answer is None:
            return  # another one has begun since, or nobody wants it
        self._give_up()
        self._answer = answer
        design = self._document.design
        self._say(result_words(design, answer))
        for point in answer.front or ([answer.best] if answer.best else []):
            self.view.addTopLevelItem(_row(design, answer.target, point))
        first = self.view.topLevelItem(0)
        if first is not None:
            self.view.setCurrentItem(first)
            self.view.setFocus()

    def _fail(self, search: _Search) -> None:
        if search is self._search:
            self._give_up()
            self._say("Something went wrong in the search; the log says what.", wrong=True)

    def _give_up(self) -> None:
        if self._search is not None:
            self._search.give_up()
            self._search = None
        self._waiting.hide()
        self.search_button.setEnabled(bool(self._document.design.flows))

    def _cancel(self) -> None:
        self._give_up()
        self._say("The search was cancelled.")
        self.availability.setFocus()

    # --- what was found ---------------------------------------------------------------------

    def _current(self) -> Point | None:
        item = self.view.currentItem()
        found: Point | None = item.data(0, Qt.ItemDataRole.UserRole) if item else None
        return found

    def _show_way(self) -> None:
        point = self._current()
        self.apply_button.setEnabled(point is not None)
        self.details.setVisible(point is not None)
        if point is not None:
            edits, left = _steps(point), left_words(point)
            told = words(self._document.design, point.proof)
            self.details.setText(f"{edits}.\n{told} {left[:1].upper()}{left[1:]}.")
        self.preview_wanted.emit(point.proof.after if point else None)

    def apply(self) -> None:
        """Make the way that is shown the next step of the document, and close."""
        point, answer = self._current(), self._answer
        if point is None or answer is None:
            return
        asked, told = asked_words(self._document.design, answer.target), self.details.text()
        self._document.changed.disconnect(self._follow)
        self.preview_wanted.emit(None)
        self._document.apply("Reach a target", point.proof.after)
        self.applied.emit(" ".join(f"Reach a target: {asked}. {told}".split()))
        self.accept()

    def _follow(self, before: Design, after: Design) -> None:
        """Let go of what was found for another design."""
        self._give_up()
        if before.flows is not after.flows:
            self._list_flows()
        elif self._answer is not None:
            self._clear("The design has changed: look for ways again.")

    def _clear(self, text: str) -> None:
        self._answer = None
        self.view.clear()
        self._show_way()
        self._say(text)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        style = "fieldError" if wrong else "muted"
        if self.note.objectName() != style:
            self.note.setObjectName(style)
            self.note.style().unpolish(self.note)  # to be drawn in the other style
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def done(self, result: int) -> None:
        """Close; leave nothing running, and nothing on the canvas."""
        self._give_up()
        self._background.wait()
        self.preview_wanted.emit(None)
        super().done(result)


def _label(text: str, field: QWidget) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setBuddy(field)
    return label


def _row(design: Design, target: Target, point: Point) -> QTreeWidgetItem:
    """Return a way as a row; the flows of the target are told, in the view of its promise."""
    found = point.proof.downtime
    down = ", ".join(f"{design.flows[key].name} {_after(found[key])}" for key in target.flows)
    item = QTreeWidgetItem([cost_words(point), down, _steps(point)])
    item.setData(0, Qt.ItemDataRole.UserRole, point)
    for column in range(item.columnCount()):
        item.setToolTip(column, item.text(column))
    return item


def _steps(point: Point) -> str:
    return "; ".join(map(str, point.steps))


def _after(change: "Downtime") -> str:
    return a_year(change.after.unavailability)
