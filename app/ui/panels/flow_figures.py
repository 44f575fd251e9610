"""The figures of one flow, for the overview of the design."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model.design import Design

if TYPE_CHECKING:
    from app.analysis.figures import FlowViews, WeighedCuts

MOST_PARTS = 3  # the largest causes that are named
LEAST = 0.005  # a share that is told as a whole per cent
HELP = (
    "Failures are taken as independent. Assumed: a part has the usual figure of its kind, since "
    "nobody has set another. Estimate: the design is too entangled for an exact figure. The "
    "busiest time is told where the rates of the flows and the capacities of the parts make it "
    "differ."
)


class FlowBlock(QWidget):
    """How much of the time a flow works, in all views, and the parts it is down for.

    Its lines stay and take other words: after each edit figures go and come, and new widgets cost
    more than all else that an edit shows.
    """

    part_chosen = Signal(str)
    triples_wanted = Signal(str)  # the flow

    def __init__(self) -> None:
        """Say nothing yet."""
        super().__init__()
        self._flow = ""
        self.texts: list[str] = []
        self.parts: list[QToolButton] = []  # those that are shown
        self._labels: list[QLabel] = []
        self._buttons: list[QToolButton] = []
        self._offered: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(2)
        self._said, self._named = QVBoxLayout(), QVBoxLayout()
        for lines in (self._said, self._named):
            lines.setSpacing(2)
            column.addLayout(lines)
        self.more = _link("Find the likeliest three parts that stop it only together")
        self.more.setObjectName("wayLink")
        self.more.clicked.connect(self._want_triples)
        column.addWidget(self.more)
        self._triples = _line()
        self._triples.setObjectName("muted")
        column.addWidget(self._triples)

    def tell(self, design: Design, flow_id: str, points: str, views: "FlowViews | None") -> None:
        """Tell of a flow; `points` counts its single points of failure, figures may be to come."""
        self._design, self._flow = design, flow_id
        flow = design.flows[flow_id]
        texts = [f"{flow.name} ({flow.operation}s): {points}"]
        offers = []
        if views is not None:
            texts += _figures(design, views)
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
        self.more.setVisible(views is not None)
        self.more.setEnabled(True)
        self.more.setText("Sets of three")
        self.more.setAccessibleName(f"Sets of three of {flow.name}")
        self._triples.hide()

    def show_triples(self, found: "WeighedCuts | None") -> None:
        """Tell the sets of three that stop the flow, in place of the button."""
        from app.analysis.figure_words import triples_words

        self.more.hide()
        told = list(triples_words(self._design, found))
        self.texts = [*self.texts, *told]
        self._triples.setText("\n".join(told))
        self._triples.show()

    def _want_triples(self) -> None:
        self.more.setEnabled(False)
        self.more.setText("Finding sets of three …")
        self.triples_wanted.emit(self._flow)

    def _label(self, number: int) -> QLabel:
        if number == len(self._labels):
            label = _line()
            label.setObjectName("muted" if number else "")
            self._said.addWidget(label)
            self._labels.append(label)
        return self._labels[number]

    def _button(self, number: int) -> QToolButton:
        if number == len(self._buttons):
            button = _link("Its share of the downtime; click to select it")
            button.setObjectName("partLink")
            button.clicked.connect(lambda: self.part_chosen.emit(self._offered[number]))
            self._named.addWidget(button)
            self._buttons.append(button)
        return self._buttons[number]


def _line() -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setToolTip(HELP)
    return label


def _link(told: str) -> QToolButton:
    button = QToolButton()
    button.setToolTip(told)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    return button


def _figures(design: Design, views: "FlowViews") -> list[str]:
    from app.analysis.events import part_of
    from app.analysis.figure_words import outages, redundancy, works, works_in, worst_pair

    found = views.recoverable
    told = [works(found), *(works_in(view, figures) for view, figures in views.differing())]
    known = {part_of(event) for pair, _ in found.pairs for event in pair}
    drawn = design.components.keys() | design.links.keys()
    pair = worst_pair(design, found) if known <= drawn else ""
    return [*told, redundancy(found), *filter(None, (outages(found.availability), pair))]


def _largest(design: Design, views: "FlowViews") -> list[tuple[str, str]]:
    """Return the parts that a flow is down for most, each with its share in words."""
    from app.analysis.events import described, part_of
    from app.analysis.failure_words import called

    found = []
    for event, share in views.recoverable.contributions[:MOST_PARTS]:
        part = part_of(event)
        if part not in design.components and part not in design.links:
            continue  # it has just been deleted; the figures without it are on their way
        told = f"{share:.0%}" if share >= LEAST else "<1%"
        assumed = " (assumed)" if part in views.recoverable.assumed else ""
        found.append((part, f"{told}  {described(event, called(design, part))}{assumed}"))
    return found
