"""Keeps the figures of the flows up to date, and says what a part means to them.

All is computed beside the window, on an analysis of its own: the search for pairs writes into its
graph while it runs. What comes for a design that is no longer the current one is dropped.
"""

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.model.design import Design
from app.ui.background import Background
from app.ui.document import Document
from app.ui.live_check import LiveCheck, same_meaning

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.analysis.blast import Blast
    from app.analysis.figures import FlowViews, WeighedCuts
    from app.analysis.why_not import Why

    Meaning = tuple[dict[str, Why], Blast | None]  # how flows stand to a part, what is lost with it

PAUSE = 400  # milliseconds after the last check: who edits on is not held up by figures
MOST_FLOWS = 8  # that are told where no part is selected


class LiveFigures(QObject):
    """Follows the check of a document with figures, and explains one part when asked."""

    figures_changed = Signal(object)  # flow → FlowViews, of the current design; others: to come
    triples_found = Signal(str, object)  # a flow, its likeliest sets of three, None if too many
    explained = Signal(str, object, object)  # a part, flow → Why, and its Blast or None

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        """Follow a document; `follow` begins."""
        super().__init__(parent)
        self._document = document
        self._figuring, self._explaining = Background(self), Background(self)
        self._finding = Background(self)
        self._analysis: Analysis | None = None  # only the thread of explanations asks it
        self._running = self._stopped = False
        self._part = ""
        self._told: tuple[Design, dict[str, FlowViews]] = document.design, {}
        self._check: LiveCheck | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._compute)

    @property
    def busy(self) -> bool:
        """Whether figures of the current design are still to come."""
        return self._running or self._pause.isActive()

    def follow(self, check: LiveCheck) -> None:
        """Compute after each check."""
        self._check = check
        check.findings_changed.connect(lambda *_: self._checked())

    def find_triples(self, flow: str) -> None:
        """Ask for the sets of three parts that stop a flow; `triples_found` answers."""
        design = self._document.design
        self._finding.run(
            partial(_triples, design, flow), lambda found: self._tell_triples(design, flow, found)
        )

    def _tell_triples(self, design: Design, flow: str, found: "WeighedCuts | None") -> None:
        if same_meaning(design, self._document.design):
            self.triples_found.emit(flow, found)

    def stop(self) -> None:
        """Compute no more; waits for the flow that is being computed."""
        self._stopped = True
        self._pause.stop()
        self._figuring.wait()
        self._explaining.wait()
        self._finding.wait()

    def explain(self, part: str) -> None:
        """Ask what a part or link means to the flows; `explained` answers.

        Nothing ends the last ask.
        """
        self._part = part
        design = self._document.design
        if self._lacking():
            self._compute()
        if self._analysis is None or not part or not same_meaning(self._analysis.design, design):
            return  # the check of this very design is still to come, and asks again
        analysis = self._analysis
        self._explaining.run(
            lambda: self._explain(analysis, part),
            lambda found: self._tell(design, part, found),
        )

    def _checked(self) -> None:
        from app.analysis.analysis import Analysis  # after the first paint

        self._analysis = Analysis(self._document.design)
        self._pause.start()
        self.explain(self._part)

    def _explain(self, analysis: "Analysis", part: str) -> "Meaning":
        from app.analysis.events import link_fails
        from app.analysis.what_if import blast_of
        from app.analysis.why_not import why_not

        if part != self._part or self._stopped:
            return {}, None
        link = analysis.design.links.get(part)
        if link is not None and not link_fails(link):
            return {}, None  # nearly every link is so: nothing to tell of each
        return why_not(analysis, part), blast_of(analysis, (part,))

    def _tell(self, design: Design, part: str, found: "Meaning") -> None:
        if part == self._part and same_meaning(design, self._document.design):
            self.explained.emit(part, *found)

    def _compute(self) -> None:
        if self._running:
            return  # its end looks whether the design has changed meanwhile
        if self._check is not None and self._check.busy:
            self._pause.start()  # beside two threads at work the window waits twice as long
            return
        self._running = True
        design = self._document.design
        self._figuring.run(
            partial(self._figures, design, self._wanted(design)),
            partial(self._done, design),
            partial(self._done, design, {}),
        )

    def _wanted(self, design: Design) -> tuple[str, ...]:
        """All flows where a part is selected, which means something to each; else the first."""
        return tuple(design.flows if self._part else islice(design.flows, MOST_FLOWS))

    def _lacking(self) -> bool:
        """Whether the figures that were told of the current design are fewer than wanted now."""
        design, told = self._told
        fewer = 0 < len(told) < len(self._wanted(design))  # none: they could not be computed
        return fewer and same_meaning(design, self._document.design)

    def _figures(self, design: Design, flows: tuple[str, ...]) -> "dict[str, FlowViews]":
        from app.analysis.analysis import Analysis
        from app.analysis.figures import views_of

        analysis = Analysis(design)
        found = {}
        for flow in flows:
            if self._stopped or not same_meaning(design, self._document.design):
                return {}
            found[flow] = views_of(analysis, flow)
        return found

    def _done(self, design: Design, found: "dict[str, FlowViews]") -> None:
        self._running = False
        if not same_meaning(design, self._document.design):
            self._pause.start()
            return
        self._told = design, found
        self.figures_changed.emit(found)
        if self._lacking():  # a part was selected meanwhile
            self._compute()


def _triples(design: Design, flow: str) -> "WeighedCuts | None":
    from app.analysis.cutsets import RequirementGraph
    from app.analysis.figures import triples_of

    return triples_of(RequirementGraph(design, "recoverable"), flow)
