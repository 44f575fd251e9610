"""When the window paints: an edit during its check, and what the check found all at once."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from pytestqt.qtbot import QtBot

from app.model import edits
from app.ui.main_window import MainWindow

Settled = Callable[[MainWindow], MainWindow]


def test_an_edit_is_painted_during_its_check_and_all_that_is_found_in_one_frame(
    seeded: MainWindow, settled: Settled, qtbot: QtBot
) -> None:
    seen = _Paints(seeded).seen
    seeded.check.findings_changed.connect(lambda *_: seen.append("told"))

    seeded.document.apply("Remove", edits.remove(seeded.document.design, ("web-1",)))
    settled(seeded)
    qtbot.waitUntil(lambda: "list" in seen)

    told = seen.index("told")
    assert next(name for name in seen[:told] if "canvas" in name) == "canvas, checking"
    frame = seen.index("frame", told)
    assert set(seen[frame + 1 : frame + 3]) == {"canvas", "list"}


def test_the_canvas_makes_nothing_beforehand_while_a_check_is_due_or_runs(
    seeded: MainWindow, settled: Settled
) -> None:
    told: list[bool] = []
    seeded.check.busy_changed.connect(lambda _: told.append(seeded.canvas._paused))
    seeded.check.again()
    settled(seeded)
    assert told == [True, False]


class _Paints(QObject):
    """The frames of a window, and when its canvas and its list of findings are painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._check = window.check
        self._canvas, self._list = window.canvas.viewport(), window.findings.list.viewport()
        self.seen: list[str] = []
        for widget in (window, self._canvas, self._list):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() == QEvent.Type.UpdateRequest:
            self.seen.append("frame")
        elif event.type() == QEvent.Type.Paint and watched in (self._canvas, self._list):
            name = "canvas" if watched is self._canvas else "list"
            self.seen.append(f"{name}, checking" if self._check._running else name)
        return False
