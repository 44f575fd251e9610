"""Child process: from an edit in the window to its findings on screen; `editing.py CARDS`."""

import json
import os
import statistics
import sys
import time
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.model import edits
from app.model.design import Design
from app.ui.application import Application, make_application
from app.ui.main_window import MainWindow
from benchmarks import designs

SIZE = (1600, 1000)
EDITS = 24
REST = 1000  # milliseconds between two edits: figures are computed in them
PATIENCE = 30_000  # milliseconds until the findings have to be there


class OnScreen(QObject):
    """Waits until the list of findings was painted with what a new check found."""

    def __init__(self, window: MainWindow) -> None:
        """Watch the window."""
        super().__init__()
        self._loop = QEventLoop()
        self._checked = False
        self._list: QWidget = window.findings.list.viewport()
        self._list.installEventFilter(self)
        window.check.findings_changed.connect(self._note)

    def _note(self, *_: Any) -> None:
        self._checked = True

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Let the event through; the wait is over when the first paint after a check is done."""
        if event.type() == QEvent.Type.Paint and self._checked:
            QTimer.singleShot(0, self._loop.quit)
        return False

    def wait(self) -> None:
        """Wait as the program does, so that the thread of the check is not held up.

        Raises:
            TimeoutError: the findings did not come.
        """
        late = QTimer(singleShot=True)
        late.timeout.connect(lambda: self._loop.exit(1))
        late.start(PATIENCE)
        self._checked = False
        if self._loop.exec():
            message = "the findings did not reach the screen"
            raise TimeoutError(message)


def rest(milliseconds: int) -> None:
    """Let the window do what it does between two edits."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def edited(subject: designs.Subject) -> Design:
    """Return the design without the link that leads to the load balancer in its middle."""
    design = subject.design
    return edits.remove(design, (design.incoming[subject.focus][0],))


def measure(cards: int) -> dict[str, float]:
    """Return the median milliseconds of an edit, seen at 100 % and with everything in view.

    An absolute time has no peer that would suffer from a busy machine as well, so the slower of
    the two edits at its best is told beside the median, which is judged.
    """
    subject = designs.make(cards)
    program = Application(make_application())
    window = program.new_window()
    window.resize(*SIZE)
    while not window.furnished:
        rest(REST)
    on_screen = OnScreen(window)
    window.document.reset(subject.design, None)
    window.canvas.fit_all()
    on_screen.wait()
    everything = times(window, on_screen, subject)
    window.canvas.zoom_reset()
    window.canvas.centre_on((subject.focus,))
    close = times(window, on_screen, subject)
    return {
        "findings": statistics.median(close),
        "findings_at_best": max(min(close[turn::2]) for turn in (0, 1)),
        "findings_everything_in_view": statistics.median(everything),
    }


def times(window: MainWindow, on_screen: OnScreen, subject: designs.Subject) -> list[float]:
    """Return the milliseconds of each edit: a link is taken away and drawn again in turn."""
    after = edited(subject)
    found = []
    for number in range(EDITS):
        rest(REST)
        began = time.perf_counter()
        window.document.apply("Edit", subject.design if number % 2 else after)
        on_screen.wait()
        found.append((time.perf_counter() - began) * 1e3)
    return found


def main() -> None:
    """Print the result as one line of JSON."""
    print(json.dumps(measure(int(sys.argv[1]))), flush=True)
    os._exit(0)  # no question about unsaved work


if __name__ == "__main__":
    main()
