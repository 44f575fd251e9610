"""Child process: frames of a pan while the analysis works beside it; `working.py CARDS TURNS`."""

import json
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from PySide6.QtCore import QTimer

from app.analysis.analysis import Analysis
from app.ui.application import Application, make_application
from app.ui.dialogs.failures import FailuresDialog
from app.ui.dialogs.target import TargetDialog
from app.ui.main_window import MainWindow
from benchmarks.canvases.loadpath import LoadpathCanvas
from benchmarks.frames import Bench

FRAME = 1000 / 60  # milliseconds
PROMISED = "99.9999999 %"  # so little downtime that all there is to try is tried
SOON = 10  # milliseconds between two looks whether a work is done


class Window(LoadpathCanvas):
    """The canvas in the window of the program, with all that follows the design beside it."""

    def build(self) -> None:
        """Make the window."""
        self._program = Application(make_application())
        self.window = self._program.new_window()
        self.window.document.reset(self._subject.design, None)
        self._document, self._view = self.window.document, self.window.canvas


@contextmanager
def repeated(begin: Callable[[], object], busy: Callable[[], bool]) -> Iterator[None]:
    """Have the window begin a work anew as soon as it is done."""
    timer = QTimer(interval=SOON)
    timer.timeout.connect(lambda: None if busy() else begin())
    begin()
    timer.start()
    yield
    timer.stop()


@contextmanager
def check(window: MainWindow) -> Iterator[None]:
    """Check as after an edit, and show what was found."""
    with repeated(window.check.again, lambda: window.check.busy):
        yield


@contextmanager
def pairs(window: MainWindow) -> Iterator[None]:
    """Fill the table of all failures and pairs of failures."""
    dialog = FailuresDialog(window.document, (), window)
    dialog.pairs.setChecked(True)
    dialog.show()
    analysis = Analysis(window.document.design)
    with repeated(lambda: dialog.show_analysis(analysis), lambda: dialog.busy):
        yield
    dialog.close()


@contextmanager
def target(window: MainWindow) -> Iterator[None]:
    """Look for the ways to a promise that none reaches."""
    dialog = TargetDialog(window.document, window)
    dialog.availability.setText(PROMISED)
    dialog.show()
    with repeated(dialog.search, lambda: dialog.busy):
        yield
    dialog.close()


WORKS: dict[str, Callable[[MainWindow], AbstractContextManager[None]]] = {
    "check": check,
    "pairs": pairs,
    "target": target,
}


def measure(cards: int, turns: int) -> dict[str, float]:
    """Return the median of the frames at rest and beside each work, and how many came late.

    The first are milliseconds, the second percent. All take turns: what else the machine does
    meanwhile meets them alike.
    """
    window = Window({"size": cards})
    bench = Bench(window, window.focus)
    bench.build()
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(turns):
        bench.rests = True
        bench.pan()
        times["at_rest"] += bench.times
        bench.rests = False  # nothing comes to rest now
        for name, work in WORKS.items():
            with work(window.window):
                bench.pan()
            times[name] += bench.times
    found = {name: statistics.median(frames) for name, frames in times.items()}
    for name, frames in times.items():
        found[f"{name}_late"] = 100 * statistics.fmean(frame > FRAME for frame in frames)
    return found


def main() -> None:
    """Print the result as one line of JSON."""
    print(json.dumps(measure(*map(int, sys.argv[1:]))), flush=True)
    os._exit(0)  # no question about unsaved work


if __name__ == "__main__":
    main()
