"""Keeps the findings up to date while the design is edited."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal

from app.ui.background import Background
from app.ui.document import Document

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.model.design import Design
    from app.rules.registry import Finding, Rule

SOON = 250  # milliseconds after an edit: by then its check is mostly done
MEANING = ("components", "links", "flows", "waivers", "rules", "team_rules")
Result = tuple["Design", "tuple[Finding, ...]", "Analysis"]


class LiveCheck(QObject):
    """Checks the design of a document after each edit that changes what it means.

    The check always runs in a thread: how long it takes is known only afterwards, and the first
    one loads the graph library. While one runs, edits only note that another is due, so that a
    slow check is never asked for twice at once; a result for a design that is no longer the
    current one is dropped.
    """

    findings_changed = Signal(object, object)  # tuple of findings, the analysis behind them
    busy_changed = Signal(bool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        """Follow a document; `start` begins."""
        super().__init__(parent)
        self._document = document
        self._background = Background(self)
        self._running = False
        self._latest: Analysis | None = None
        self._due = False

    def start(self) -> None:
        """Check the current design, and every later one."""
        self._document.changed.connect(self._changed)
        self._document.path_changed.connect(self._moved)
        self.again()

    def again(self) -> None:
        """Check soon what is there then, even if it was checked already: rules may be others."""
        if not self.busy:
            self.busy_changed.emit(True)
        if not self._due:
            self._due = True
            # As an event: the edits of one gesture have all come by then. Before the other events:
            # what was edited is painted while the check runs.
            first = Qt.EventPriority.HighEventPriority.value
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), first)

    def customEvent(self, _: QEvent) -> None:
        """Begin the check that was asked for."""
        self._check()

    @property
    def busy(self) -> bool:
        """Whether findings of the current design are still to come."""
        return self._running or self._due

    def stop(self) -> None:
        """Check no more; waits for the check that runs, and says nothing of what is not done."""
        self._due = False
        self._background.wait()

    def _changed(self, before: "Design", after: "Design") -> None:
        if not same_meaning(before, after):
            self.again()

    def _moved(self, _: object) -> None:
        if self._document.design.team_rules:  # another folder has other rules
            self.again()

    def _check(self) -> None:
        if self._running or not self._due:
            return  # the end of one that runs comes back here
        self._due, self._running = False, True
        design, path = self._document.design, self._document.path
        before = self._latest
        self._background.run(lambda: _checked(design, path, before), self._done, self._failed)

    def _done(self, result: Result) -> None:
        design, findings, self._latest = result
        self._running = False
        if same_meaning(design, self._document.design):
            self.findings_changed.emit(findings, self._latest)
        self._go_on()

    def _failed(self) -> None:
        self._running = False
        self._go_on()

    def _go_on(self) -> None:
        self._check()
        if not self.busy:
            self.busy_changed.emit(False)


def same_meaning(before: "Design", after: "Design") -> bool:
    """Whether two designs hold the same objects, wherever these are drawn."""
    return all(getattr(before, name) is getattr(after, name) for name in MEANING)


def rules_for(design: "Design", path: Path | None) -> "Collection[Rule]":
    """Return the rules that judge a design in a file, the team's where the user trusts them."""
    from app.rules.team import rules_of
    from app.storage.trust import trusts

    return rules_of(design, path.parent if path else None, trusts).values()


def _checked(design: "Design", path: Path | None, before: "Analysis | None") -> Result:
    from app.analysis.analysis import Analysis
    from app.rules.check import check_analysis

    analysis = Analysis(design, before)
    return design, check_analysis(analysis, rules_for(design, path)), analysis
