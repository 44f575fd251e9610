"""The bottom line of the window: the truth per flow, what goes on, and a toast that offers undo."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStatusBar,
    QToolButton,
    QWidget,
)

from app.model.diff import diff
from app.ui.document import Document
from app.ui.theme import Theme, current_theme

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.analysis.what_if import Outcome
    from app.model.design import Design

MOST_FLOWS = 4
SHOWN_FOR = 6_000  # milliseconds of a message
TOAST_FOR = 7_000


class Standing(NamedTuple):
    """How a flow stands: `spofs` are the parts that stop it alone; a dead one never works."""

    key: str
    name: str
    spofs: tuple[str, ...]
    dead: bool


def standings(analysis: "Analysis") -> tuple[Standing, ...]:
    """Return how the flows of a design stand."""
    return tuple(
        Standing(key, flow.name, tuple(sorted(analysis.spofs[key])), analysis.recoverable.dead(key))
        for key, flow in analysis.design.flows.items()
    )


def summary(name: str, spofs: int, *, dead: bool = False) -> str:
    """Return what is said of a flow, such as "checkout: 3 single points of failure"."""
    if dead:
        return f"{name}: cannot work as drawn"
    if spofs == 0:
        return f"{name}: no single point of failure"
    return f"{name}: {spofs} single point{'s' if spofs > 1 else ''} of failure"


class StatusBar(QStatusBar):
    """One summary per flow at the left, parts and zoom at the right, messages in between."""

    flow_chosen = Signal(str)

    def __init__(self) -> None:
        """Begin with nothing to say."""
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setMinimumHeight(30)
        self.flows = QWidget()
        self._row = QHBoxLayout(self.flows)
        self._row.setContentsMargins(8, 0, 8, 0)
        self._row.setSpacing(4)
        self._buttons = [self._button(number) for number in range(MOST_FLOWS)]
        self._rest = QLabel()
        self._rest.hide()
        self._row.addWidget(self._rest)
        self._said = ""
        self._message = QLabel()
        self._message.setObjectName("muted")
        # A long sentence is cut; it must not make the window wider.
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._figures = QLabel()
        self._figures.setObjectName("muted")
        self._parts, self._zoom = 0, 1.0
        self._shown: tuple[Standing, ...] | None = None
        self._theme = current_theme()
        self._outcomes: Mapping[str, Outcome] = {}
        self.addWidget(self.flows)
        self.addWidget(self._message, 1)
        self.addPermanentWidget(self._figures)
        self._clear = QTimer(self)
        self._clear.setSingleShot(True)
        self._clear.setInterval(SHOWN_FOR)
        self._clear.timeout.connect(self._fall_silent)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is said of the flows."""
        return tuple(button.text() for button in self._buttons if not button.isHidden())

    @property
    def message(self) -> str:
        """The sentence that is shown now."""
        return self._said

    def say(self, text: str) -> None:
        """Show a sentence for a few seconds."""
        self._said = text
        room = max(80, self._message.width())
        self._message.setText(
            self._message.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        )
        self._message.setToolTip(text)
        self._clear.start()

    def _fall_silent(self) -> None:
        self._said = ""
        self._message.clear()

    def show_outcomes(self, failed: Sequence[str], outcomes: "Mapping[str, Outcome]") -> None:
        """Say what becomes of each flow when something fails; else how they stand."""
        self._outcomes = outcomes if failed else {}
        self._tell()

    def show_analysis(self, analysis: "Analysis") -> None:
        """Say how each flow stands."""
        told = standings(analysis)
        if told != self._shown:
            self._shown = told
            self._tell()

    def spofs(self, key: str) -> tuple[str, ...]:
        """Return the parts that were told to stop a flow alone."""
        return next((flow.spofs for flow in self._shown or () if flow.key == key), ())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._tell()

    def _tell(self) -> None:
        """Write how the flows stand; the buttons stay, since new ones cost more than words."""
        told = self._shown or ()
        for button, flow in zip_longest(self._buttons, told[:MOST_FLOWS]):
            button.setVisible(flow is not None)
            if flow is not None:
                self._tell_flow(button, flow)
        self._rest.setVisible(len(told) > MOST_FLOWS)
        self._rest.setText(f"and {len(told) - MOST_FLOWS} more")
        self._rest.setToolTip("\n".join(_said(flow, flow.name) for flow in told))

    def _tell_flow(self, button: QToolButton, flow: Standing) -> None:
        short = flow.name if len(flow.name) <= 24 else f"{flow.name[:23]}…"
        outcome = self._outcomes.get(flow.key)
        button.setText((_said(flow, short) if outcome is None else f"{short}: {outcome.state}")
                       .replace("&", "&&"))  # fmt: skip
        button.setAccessibleName(
            _said(flow, flow.name) if outcome is None else f"{flow.name}: {outcome.state}"
        )
        style = f"color: {self._colour(flow)};"
        if style != button.styleSheet():
            button.setStyleSheet(style)

    def _colour(self, flow: Standing) -> str:
        theme, outcome = self._theme, self._outcomes.get(flow.key)
        if outcome is not None:
            known = {"up": theme.good, "degraded": theme.high}
            return known.get(outcome.state, theme.critical)
        return theme.critical if flow.spofs or flow.dead else theme.good

    def _button(self, number: int) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setToolTip("Select the single points of failure")
        button.clicked.connect(lambda: self._choose(number))
        button.hide()
        self._row.addWidget(button)
        return button

    def _choose(self, number: int) -> None:
        if self._shown:
            self.flow_chosen.emit(self._shown[number].key)

    def show_design(self, design: "Design") -> None:
        """Count the parts."""
        self._parts = len(design.components)
        self._show_figures()

    def show_zoom(self, zoom: float) -> None:
        """Tell the scale of the canvas."""
        if zoom != self._zoom:
            self._zoom = zoom
            self._show_figures()

    def _show_figures(self) -> None:
        parts = f"{self._parts} part{'' if self._parts == 1 else 's'}"
        self._figures.setText(f"{parts} · {round(self._zoom * 100)} %  ")


def _said(flow: Standing, name: str) -> str:
    return summary(name, len(flow.spofs), dead=flow.dead)


class Toast(QFrame):
    """Says for some seconds what was deleted, and offers to take it back."""

    def __init__(self, parent: QWidget, document: Document) -> None:
        """Lie at the bottom of a widget and follow a document."""
        super().__init__(parent)
        self._ground = parent
        self.setObjectName("toast")
        self._document = document
        self._before = document.design
        self._index = document.undo_stack.index()
        self.text = QLabel()
        self.undo_button = QPushButton("Undo")
        self.undo_button.setFlat(True)
        self.undo_button.clicked.connect(self._undo)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 8, 6)
        row.addWidget(self.text)
        row.addWidget(self.undo_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_FOR)
        self._timer.timeout.connect(self.hide)
        stack: QUndoStack = document.undo_stack
        document.changed.connect(self._changed)
        stack.indexChanged.connect(self._stepped)
        parent.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the bottom when the widget is resized."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _changed(self, before: "Design", after: "Design") -> None:
        self._before = before

    def _stepped(self, index: int) -> None:
        before, after = self._before, self._document.design
        forward, self._index = index > self._index, index
        gone = len(diff(before.components, after.components).removed)
        links = len(diff(before.links, after.links).removed)
        if not forward or not (gone or links):
            self.hide()
            return
        number, what = (gone, "part") if gone else (links, "link")
        self.text.setText(f"Deleted {number} {what}{'s' if number > 1 else ''}")
        self.show()
        self._place()
        self.raise_()
        self._timer.start()

    def _undo(self) -> None:
        self.hide()
        self._document.undo_stack.undo()

    def _place(self) -> None:
        self.adjustSize()
        area = self._ground.rect()
        self.move((area.width() - self.width()) // 2, area.height() - self.height() - 20)
