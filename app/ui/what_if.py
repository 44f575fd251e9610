"""What if it fails: parts and links are struck out on the canvas, and the flows say what becomes.

Nothing is edited. The analysis behind it is the one that the last check has made; it is asked
beside the window, since it takes long for a large design.
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.background import Background
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.live_check import LiveCheck, same_meaning
from app.ui.status import StatusBar

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.analysis.what_if import Outcome

MOST_NAMED = 4  # parts in a sentence


class WhatIf(QObject):
    """Which components and links are taken for failed, and what becomes of the flows."""

    changed = Signal(object, object)  # ids that have failed; outcomes by flow, empty for none

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        """Begin with nothing failed."""
        super().__init__(parent)
        self._document = document
        self.analysis: Analysis | None = None  # the last one; a newer design may be due
        self.failed: tuple[str, ...] = ()
        self.outcomes: dict[str, Outcome] = {}
        self._asking = Background(self)
        self._asked = 0  # answers that are still to come

    def join(self, check: LiveCheck, canvas: CanvasView, bar: StatusBar) -> None:
        """Listen to the check, and tell the canvas and the bar what becomes."""
        check.findings_changed.connect(lambda _, analysis: self.show_analysis(analysis))
        canvas.restored.connect(self.restore)
        self.changed.connect(canvas.show_failure)
        self.changed.connect(bar.show_outcomes)
        self.changed.connect(lambda failed, outcomes: bar.say(self._told(failed, outcomes)))

    def _told(self, failed: tuple[str, ...], outcomes: "dict[str, Outcome]") -> str:
        design = self._document.design
        if not failed:
            return "Everything works again"
        named = [design.components[key].name for key in failed if key in design.components]
        links = len(failed) - len(named)
        named += [f"{links} link{'s' if links > 1 else ''}"] if links else []
        alone = sorted({key for told in outcomes.values() for key in told.exposed})
        left = [design.components[key].name for key in alone if key in design.components]
        rest = f"; what nothing can replace now: {', '.join(left[:MOST_NAMED])}" if left else ""
        return f"Without {', '.join(named)}{rest}. K again lets it work, Esc everything"

    def toggle(self, ids: Iterable[str]) -> None:
        """Let some fail, or work again where all of them have failed already."""
        chosen = tuple(dict.fromkeys(ids))
        if not chosen:
            return
        if set(chosen) <= set(self.failed):
            self._fail(tuple(key for key in self.failed if key not in chosen))
        else:
            self._fail(tuple(dict.fromkeys((*self.failed, *chosen))))

    def show(self, failed: tuple[str, ...], outcomes: "dict[str, Outcome]") -> None:
        """Let exactly these fail; what becomes of the flows is known already.

        Where the design has changed since, the check that is still to come asks again.
        """
        design = self._document.design
        if all(key in design.components or key in design.links for key in failed):
            self.failed = failed
            self._tell(failed, outcomes)

    def restore(self) -> None:
        """Let everything work again."""
        if self.failed:
            self._fail(())

    def show_analysis(self, analysis: "Analysis") -> None:
        """Ask again, of the design as it is now."""
        self.analysis = analysis
        design = self._document.design
        kept = tuple(key for key in self.failed if key in design.components or key in design.links)
        if self.failed:
            self._fail(kept)

    @property
    def busy(self) -> bool:
        """Whether what becomes of the flows is still to come."""
        return bool(self._asked)

    def stop(self) -> None:
        """Ask no more; waits for what was asked."""
        self._asking.wait()

    def _fail(self, failed: tuple[str, ...]) -> None:
        """Take these for failed, and ask beside the window what becomes of the flows."""
        self.failed = failed
        analysis = self.analysis
        if not failed or analysis is None or not self._fits(analysis):
            self._tell(failed, {})  # the check of this very design is still to come, and asks again
            return
        self._asked += 1
        self._asking.run(
            partial(_outcomes, analysis, failed),
            partial(self._answered, analysis, failed),
            partial(self._answered, analysis, failed, {}),
        )

    def _fits(self, analysis: "Analysis") -> bool:
        return same_meaning(analysis.design, self._document.design)

    def _answered(
        self, analysis: "Analysis", failed: tuple[str, ...], found: "dict[str, Outcome]"
    ) -> None:
        self._asked -= 1
        if failed == self.failed and self._fits(analysis):  # else another answer is on its way
            self._tell(failed, found)

    def _tell(self, failed: tuple[str, ...], found: "dict[str, Outcome]") -> None:
        self.outcomes = found
        self.changed.emit(failed, found)


def _outcomes(analysis: "Analysis", failed: tuple[str, ...]) -> "dict[str, Outcome]":
    from app.analysis.what_if import outcomes  # after the first paint

    return outcomes(analysis, failed)
