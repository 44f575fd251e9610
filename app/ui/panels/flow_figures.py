"""The figures of one flow, for the overview of the design."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model.design import Design

if TYPE_CHECKING:
    from app.analysis.figures import FlowViews

MOST_PARTS = 3  # the largest causes that are named
LEAST = 0.005  # a share that is told as a whole per cent
HELP = (
    "Failures are taken as independent. Assumed: a part has the usual figure of its kind, since "
    "nobody has set another. Estimate: the design is too entangled for an exact figure."
)


class FlowBlock(QWidget):
    """How much of the time a flow works, in both views, and the parts it is down for.

    Its lines stay and take other words: after each edit figures go and come, and new widgets cost
    more than all else that an edit shows.
    """

    part_chosen = Signal(str)

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 6)
        self._column.setSpacing(2)
        self.texts: list[str] = []
        self.parts: list[QToolButton] = []  # those that are shown
        self._labels: list[QLabel] = []
        self._buttons: list[QToolButton] = []
        self._offered: list[str] = []

    def tell(self, design: Design, flow_id: str, points: str, views: "FlowViews | None") -> None:
        """Tell of a flow; `points` counts its single points of failure, figures may be to come."""
        flow = design.flows[flow_id]
        texts = [f"{flow.name} ({flow.operation}s): {points}"]
        offers = []
        if views is not None:
            texts += _figures(views)
            offers = _largest(design, views)
        for number, text in enumerate(texts):
            label = self._label(number)
            label.setText(text)
            label.show()
        for number, (_, text) in enumerate(offers):
            button = self._button(number)
            button.setText(text.replace("&", "&&"))
            button.show()
        for unused in (*self._labels[len(texts) :], *self._buttons[len(offers) :]):
            unused.hide()
        self.texts, self.parts = texts, self._buttons[: len(offers)]
        self._offered = [part for part, _ in offers]

    def _label(self, number: int) -> QLabel:
        if number == len(self._labels):
            label = QLabel()
            label.setObjectName("muted" if number else "")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            label.setToolTip(HELP)
            self._column.insertWidget(number, label)
            self._labels.append(label)
        return self._labels[number]

    def _button(self, number: int) -> QToolButton:
        if number == len(self._buttons):
            button = QToolButton()
            button.setObjectName("partLink")
            button.setToolTip("Its share of the downtime; click to select it")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda: self.part_chosen.emit(self._offered[number]))
            self._column.addWidget(button)
            self._buttons.append(button)
        return self._buttons[number]


def _figures(views: "FlowViews") -> list[str]:
    from app.analysis.figure_words import redundancy, works

    found = [works(views.recoverable)]
    if views.continuity is not None:
        found.append(f"Without a switch by hand: {works(views.continuity).lower()}")
    return [*found, redundancy(views.recoverable)]


def _largest(design: Design, views: "FlowViews") -> list[tuple[str, str]]:
    """Return the parts that a flow is down for most, each with its share in words."""
    from app.analysis.events import described, part_of

    found = []
    for event, share in views.recoverable.contributions[:MOST_PARTS]:
        part = part_of(event)
        if part not in design.components:
            continue  # it has just been deleted; the figures without it are on their way
        told = f"{share:.0%}" if share >= LEAST else "<1%"
        assumed = " (assumed)" if part in views.recoverable.assumed else ""
        found.append((part, f"{told}  {described(event, design.components[part].name)}{assumed}"))
    return found
