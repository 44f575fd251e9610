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
    """How much of the time a flow works, in all views, and the parts it is down for."""

    part_chosen = Signal(str)
    triples_wanted = Signal(str)  # the flow

    def __init__(self, design: Design, flow_id: str, points: str) -> None:
        """Tell of a flow; `points` counts its single points of failure."""
        super().__init__()
        flow = design.flows[flow_id]
        self._design = design
        self._flow = flow_id
        self.more = QToolButton()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 6)
        self._column.setSpacing(2)
        self.texts: list[str] = []
        self.parts: list[QToolButton] = []
        self._say(f"{flow.name} ({flow.operation}s): {points}", "")

    def show_figures(self, views: "FlowViews") -> None:
        """Tell the figures below the name."""
        from app.analysis.events import described, part_of
        from app.analysis.failure_words import called
        from app.analysis.figure_words import outages, redundancy, works, works_in, worst_pair

        found = views.recoverable
        self._say(works(found))
        for view, figures in views.differing():
            self._say(works_in(view, figures))
        self._say(redundancy(found))
        known = {part_of(event) for pair, _ in found.pairs for event in pair}
        drawn = self._design.components.keys() | self._design.links.keys()
        pair = worst_pair(self._design, found) if known <= drawn else ""
        for text in (outages(found.availability), pair):
            if text:
                self._say(text)
        for event, share in found.contributions[:MOST_PARTS]:
            part = part_of(event)
            if part not in self._design.components and part not in self._design.links:
                continue  # it has just been deleted; the figures without it are on their way
            name = described(event, called(self._design, part))
            told = f"{share:.0%}" if share >= LEAST else "<1%"
            self._offer(part, f"{told}  {name}", part in found.assumed)

        self._offer_triples()

    def show_triples(self, found: "WeighedCuts | None") -> None:
        """Tell the sets of three that stop the flow, in place of the button."""
        from app.analysis.figure_words import triples_words

        self.more.hide()
        for text in triples_words(self._design, found):
            self._say(text)

    def _offer_triples(self) -> None:
        button = self.more
        button.setObjectName("wayLink")
        button.setText("Sets of three")
        button.setAccessibleName(f"Sets of three of {self._design.flows[self._flow].name}")
        button.setToolTip("Find the likeliest three parts that stop it only together")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self._want_triples)
        self._column.addWidget(button)

    def _want_triples(self) -> None:
        self.more.setEnabled(False)
        self.more.setText("Finding sets of three …")
        self.triples_wanted.emit(self._flow)

    def _say(self, text: str, style: str = "muted") -> None:
        label = QLabel(text)
        label.setObjectName(style)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setToolTip(HELP)
        self.texts.append(text)
        self._column.addWidget(label)

    def _offer(self, part: str, text: str, assumed: bool) -> None:
        button = QToolButton()
        button.setObjectName("partLink")
        told = f"{text} (assumed)" if assumed else text
        button.setText(told.replace("&", "&&"))
        button.setToolTip("Its share of the downtime; click to select it")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda: self.part_chosen.emit(part))
        self.parts.append(button)
        self._column.addWidget(button)
