"""Keeps the findings up to date while the design is edited."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.background import Background
from app.ui.document import Document

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.model.design import Design
    from app.rules.registry import Finding, Rule

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

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        """Follow a document; `start` begins."""
        super().__init__(parent)
        self._document = document
        self._background = Background(self)
        self._running = False
        self._latest: Analysis | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(0)  # when the edits of one gesture have come, and are painted
        self._pause.timeout.connect(self._check)

    def start(self) -> None:
        """Check the current design, and every later one."""
        self._document.changed.connect(self._changed)
        self._document.path_changed.connect(self._moved)
        self._pause.start()

    def again(self) -> None:
        """Check what was checked already, since other rules may run now."""
        self._pause.start()

    @property
    def busy(self) -> bool:
        """Whether findings of the current design are still to come."""
        return self._running or self._pause.isActive()

    def stop(self) -> None:
        """Check no more; waits for the check that runs."""
        self._pause.stop()
        self._background.wait()

    def _changed(self, before: "Design", after: "Design") -> None:
        if not same_meaning(before, after):
            self._pause.start()

    def _moved(self, _: object) -> None:
        if self._document.design.team_rules:  # another folder has other rules
            self._pause.start()

    def _check(self) -> None:
        if self._running:
            return  # its end looks whether the design has changed meanwhile
        self._pause.stop()
        self._running = True
        design, path = self._document.design, self._document.path
        before = self._latest
        self._background.run(
            lambda: _checked(design, path, before), self._done, lambda: self._failed(design)
        )

    def _done(self, result: Result) -> None:
        design, findings, self._latest = result
        self._running = False
        if same_meaning(design, self._document.design):
            self.findings_changed.emit(findings, self._latest)
        else:
            self._check()

    def _failed(self, design: "Design") -> None:
        self._running = False
        if not same_meaning(design, self._document.design):
            self._check()


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
