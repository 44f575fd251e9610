"""What a selected part means to each flow: why it can stop it or not, and its share in figures."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model.design import Design
from app.rules.registry import Witness
from app.ui.document import Document

if TYPE_CHECKING:
    from app.analysis.blast import Blast
    from app.analysis.figures import FlowViews
    from app.analysis.why_not import Why

HELP = (
    "Share: contribution to the downtime, B · q / U. If it never failed: risk-reduction worth. "
    "Importance: Birnbaum's measure, how much more of the time the flow works with it than "
    "without it. Assumed: somewhere a usual figure of its kind stands in for one of yours."
)
BLAST = {"alone": "stops", "everything": "stops", "spared": "works on with less to spare"}


class PartFigures(QWidget):
    """Says for each flow whether the part can stop it and why not; "Show me" draws the way."""

    evidence_wanted = Signal(object)  # a Witness

    def __init__(self, document: Document) -> None:
        """Follow a document; hidden until a part is explained."""
        super().__init__()
        self._document = document
        self._part = ""
        self._why: Mapping[str, Why] = {}
        self._blast: Blast | None = None
        self._figures: Mapping[str, FlowViews] = {}
        self.texts: list[str] = []
        self.buttons: list[QToolButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.hide()

    def forget(self) -> None:
        """Say nothing until a part is explained."""
        self.explain("", {}, None)

    def explain(self, part: str, why: "Mapping[str, Why]", blast: "Blast | None") -> None:
        """Show how the flows stand to a part, and what else is lost with it."""
        self._part, self._why, self._blast = part, why, blast
        self._rebuild()

    def show_figures(self, figures: "Mapping[str, FlowViews]") -> None:
        """Take over the figures of the flows."""
        self._figures = figures
        self._rebuild()

    def _rebuild(self) -> None:
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.texts, self.buttons = [], []
        design = self._document.design
        there = self._part in design.components or self._part in design.links
        known = there and self._why.keys() <= design.flows.keys()
        self.setVisible(known and bool(self._why))
        if self.isHidden():
            return
        self._say("WHY, OR WHY NOT?", "sectionTitle")
        for flow, why in self._why.items():
            self._tell(flow, why)
            self._column.addSpacing(6)
        struck = [
            f"{design.flows[flow].name} {BLAST[why.standing]}"
            for flow, why in self._why.items()
            if why.standing in BLAST
        ]
        if struck:
            self._say(f"If this stops: {', '.join(struck)}.")
        self._tell_blast(design)

    def _tell_blast(self, design: Design) -> None:
        from app.analysis.blast import blast_words

        if self._blast is not None and self._blast.capabilities.keys() <= design.components.keys():
            for text in blast_words(design, self._blast):
                self._say(text)

    def _tell(self, flow: str, why: "Why") -> None:
        from app.analysis.figure_words import VIEW_WORDS, part_figures
        from app.analysis.why_not import why_words

        self._say(why_words(self._document.design, self._part, flow, why), "")
        if why.path:
            self._offer(flow, why)
        views = self._figures.get(flow)
        if views is None:
            return
        for view, figures in views.differing():
            if self._part in figures.spofs and self._part not in views.recoverable.spofs:
                self._say(f"{VIEW_WORDS[view].capitalize()} it alone stops the flow.")
        if why.standing in BLAST:
            for text in part_figures(views.recoverable, self._part):
                self._say(text)

    def _say(self, text: str, style: str = "muted") -> None:
        label = QLabel(text)
        label.setObjectName(style)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if style == "muted":
            label.setToolTip(HELP)
        self.texts.append(text)
        self._column.addWidget(label)

    def _offer(self, flow: str, why: "Why") -> None:
        button = QToolButton()
        button.setObjectName("wayLink")
        button.setText("Show me")
        button.setAccessibleName(f"Show me the way of {self._document.design.flows[flow].name}")
        button.setToolTip("Draw this way on the canvas; Esc takes it away")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(partial(self._show, why, self._part))
        self.buttons.append(button)
        self._column.addWidget(button)

    def _show(self, why: "Why", part: str, *_: bool) -> None:
        self.evidence_wanted.emit(Witness(path=why.path, cut=(part,)))
