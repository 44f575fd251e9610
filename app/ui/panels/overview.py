"""What the inspector shows when nothing is selected: the design, its flows, and what to try."""

from collections.abc import Mapping, Sequence
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.errors import DesignError
from app.ui.document import Document
from app.ui.live_check import SOON
from app.ui.live_figures import MOST_FLOWS
from app.ui.panels.flow_figures import FlowBlock

if TYPE_CHECKING:
    from app.analysis.figures import FlowViews, WeighedCuts

TIPS = (
    "Drag a part from the left onto the canvas.",
    "Hover over a card and drag a handle to another card to link them.",
    "Drop a part on a server, a zone or a site to place it there.",
    "Press F8 to walk through what was found, Ctrl+. to repair it.",
    "Ctrl+Shift+P finds every command by its name.",
)


class Overview(QWidget):
    """The name of the design, what it counts, its flows with their figures, and a few tips."""

    part_chosen = Signal(str)  # a part that was named and clicked
    triples_wanted = Signal(str)  # a flow whose sets of three are to be found

    def __init__(self, document: Document) -> None:
        """Follow a document; the inspector says when to refresh."""
        super().__init__()
        self._document = document
        self._findings: Sequence[Any] = ()  # that were told
        self._found: Sequence[Any] = ()  # that are to be told
        self._spofs: Mapping[str, frozenset[str]] = {}
        self._figures: Mapping[str, FlowViews] = {}
        self._told: tuple[object, ...] = ()
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._tell)
        self.blocks: list[FlowBlock] = []
        self._block_of: dict[str, FlowBlock] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(_titled("Design"))
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the design")
        self.name.textEdited.connect(self._rename)
        column.addWidget(self.name)
        self._counts = _quiet("")
        column.addWidget(self._counts)
        column.addSpacing(8)
        column.addWidget(_titled("User flows"))
        self._none = _quiet("None yet: they come with the first users.")
        column.addWidget(self._none)
        self._flows = QVBoxLayout()
        column.addLayout(self._flows)
        column.addSpacing(8)
        column.addWidget(_titled("Try this"))
        for tip in TIPS:
            column.addWidget(_quiet(tip))
        self._tell()

    def show_findings(self, findings: Sequence[Any]) -> None:
        """Take over what the check found."""
        self._found = findings
        self.refresh()

    def show_analysis(self, analysis: Analysis) -> None:
        """Take over what the analysis found about the flows."""
        if analysis.spofs != self._spofs:  # what stays the same is not told again
            self._spofs = analysis.spofs
            self.refresh()

    def refresh(self) -> None:
        """Show the current design soon, once for many changes in a row; other flows at once."""
        same = self._told[:1] == (self._document.design.flows,)
        if not (same and self._soon.isActive()):
            self._soon.start(SOON if same else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up: little was told while nobody saw it."""
        super().showEvent(event)
        self._tell()

    def _tell(self) -> None:
        design = self._document.design
        if not self.name.hasFocus():
            self.name.setText(design.name)
        # Nobody else holds those before: to let go of hundreds takes longer than to list others.
        self._findings = self._found
        open_findings = [finding for finding in self._findings if finding.waiver is None]
        found = _count(len(open_findings), "finding")
        parts = _count(len(design.components), "part")
        self._counts.setText(f"{parts}, {_count(len(design.links), 'link')}, {found}")
        self._none.setVisible(not design.flows)
        told = (design.flows, design.components, self._spofs, self._figures)
        changed = any(one is not other for one, other in zip_longest(told, self._told))
        if changed and not self.isHidden():  # it is refreshed when it comes back
            self._told = told
            self._tell_flows()

    def show_figures(self, figures: "Mapping[str, FlowViews]") -> None:
        """Take over the figures of the flows."""
        self._figures = figures
        self.refresh()

    def show_triples(self, flow: str, found: "WeighedCuts | None") -> None:
        """Take over the sets of three that stop a flow; of another design they come never."""
        if flow in self._block_of:
            self._block_of[flow].show_triples(found)

    def _tell_flows(self) -> None:
        design = self._document.design
        shown = list(islice(design.flows, MOST_FLOWS))
        while len(self.blocks) > len(shown):
            surplus = self.blocks.pop()
            self._flows.removeWidget(surplus)
            surplus.hide()
            surplus.deleteLater()
        while len(self.blocks) < len(shown):
            block = FlowBlock()
            block.part_chosen.connect(self.part_chosen)
            block.triples_wanted.connect(self.triples_wanted)
            self.blocks.append(block)
            self._flows.addWidget(block)
        self._block_of = dict(zip(shown, self.blocks, strict=True))
        for key, block in self._block_of.items():
            points = _points(len(self._spofs.get(key, ())))
            block.tell(design, key, points, self._figures.get(key))

    def _rename(self, name: str) -> None:
        try:
            after = edits.rename(self._document.design, name)
        except DesignError:
            return  # an empty field while typing; the old name comes back when the focus goes
        self._document.apply("Rename the design", after, "design name")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _points(number: int) -> str:
    if not number:
        return "no single point of failure"
    return f"{number} single point{'' if number == 1 else 's'} of failure"


def _titled(text: str) -> QLabel:
    label = QLabel(text.upper())
    label.setObjectName("sectionTitle")
    return label


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label
