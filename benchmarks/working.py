"""Child process: frames of a pan in the window while the analysis works; `working.py CARDS`."""

import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.analysis.analysis import Analysis
from app.analysis.failure_table import failure_table
from app.rules.targets import Target, reach
from app.ui.application import Application, make_application
from app.ui.background import Background
from app.ui.waiting import GivenUp
from benchmarks.canvases.loadpath import LoadpathCanvas
from benchmarks.frames import Bench

FRAME = 1000 / 60  # milliseconds
PROMISED = 1e-9  # so little downtime that all there is to try is tried


class Window(LoadpathCanvas):
    """The canvas in the window of the program, with all that follows the design beside it."""

    def build(self) -> None:
        """Make the window."""
        self._program = Application(make_application())
        self.window = self._program.new_window()
        self.window.document.reset(self._subject.design, None)
        self._document, self._view = self.window.document, self.window.canvas


class Work:
    """Something that a thread does again and again while frames are timed."""

    def __init__(self, window: Window) -> None:
        """Take the window whose design it is about."""
        self._window = window.window
        self._design = self._window.document.design
        self._background = Background(self._window)
        self._wanted = False

    @contextmanager
    def check(self) -> Iterator[None]:
        """Check as after an edit, and show what was found."""
        again = self._window.check.again
        self._window.check.findings_changed.connect(again)
        again()
        yield
        self._window.check.findings_changed.disconnect(again)

    def pairs(self) -> Any:
        """Look for all pairs of parts that do more harm together than apart."""
        return self._thread(lambda: failure_table(Analysis(self._design), pairs=True,
                                                  tell=self._tell))  # fmt: skip

    def target(self) -> Any:
        """Look for the ways to a promise that none reaches."""
        flows = tuple(self._design.flows)
        wanted = Target(flows, unavailability=PROMISED)
        return self._thread(lambda: reach(self._design, wanted, tell=self._tell))

    @contextmanager
    def _thread(self, function: Callable[[], object]) -> Iterator[None]:
        self._wanted = True
        self._background.run(lambda: self._again(function))
        yield
        self._wanted = False
        self._background.wait()

    def _again(self, function: Callable[[], object]) -> None:
        while self._wanted:
            try:
                function()
            except GivenUp:
                return

    def _tell(self, *_: object) -> None:
        if not self._wanted:
            raise GivenUp


def measure(cards: int) -> dict[str, Any]:
    """Return the median of the frames beside each work, and the share of them that came late."""
    window = Window({"size": cards})
    bench = Bench(window, window.focus)
    bench.build()
    found = {"at_rest": bench.pan()}
    work = Work(window)
    bench.rests = False  # nothing comes to rest now
    for name in ("check", "pairs", "target"):
        with getattr(work, name)():
            found[name] = bench.pan()
        found[f"{name}_late"] = statistics.fmean(t > FRAME for t in bench.times)
    return found


def main() -> None:
    """Print the result as one line of JSON."""
    print(json.dumps(measure(int(sys.argv[1]))), flush=True)
    os._exit(0)  # no question about unsaved work


if __name__ == "__main__":
    main()
