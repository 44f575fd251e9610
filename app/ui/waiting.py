"""Waiting for work that may take long: the window lives on, and the user may give up."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QProgressDialog, QWidget

from app.ui.background import Background

T = TypeVar("T")
PATIENCE = 400  # milliseconds before it is said that something takes long


class GivenUp(Exception):  # noqa: N818  # what the user did, not an error
    """The user waits no more."""


def wait_for(work: Callable[[], T], window: QWidget, text: str, *, may_give_up: bool = True) -> T:
    """Run work in a thread and return its result; the window is painted meanwhile.

    What the user does in the first moments waits; after `PATIENCE` a dialog says what goes on.

    Raises:
        GivenUp: the user has cancelled; the work ends by itself, its result is dropped.
        Exception: whatever the work raises.
    """
    outcome: list[T] = []
    errors: list[Exception] = []

    def attempt() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001  # raised again, in the thread that waits
            errors.append(error)

    loop = QEventLoop()
    background = Background()
    background.run(attempt, lambda _: loop.quit())
    QTimer.singleShot(PATIENCE, loop, loop.quit)
    loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
    if not outcome and not errors:
        background.setParent(window)  # it may have to outlive this call
        _say(loop, window, text, may_give_up=may_give_up)
    if not outcome and not errors:
        raise GivenUp
    background.wait()  # its thread is at its end, and must not be the last to hold it
    if errors:
        raise errors[0]
    return outcome[0]


def _say(loop: QEventLoop, window: QWidget, text: str, *, may_give_up: bool) -> None:
    dialog = _Waiting(text, "Cancel", 0, 0, window)
    dialog.setWindowTitle("Loadpath")
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    if may_give_up:
        dialog.canceled.connect(loop.quit)
    else:
        dialog.stays = True
        dialog.setCancelButton(None)
    dialog.show()
    loop.exec()
    dialog.stays = False
    dialog.close()
    dialog.deleteLater()


class _Waiting(QProgressDialog):
    stays = False  # neither Esc nor the window manager takes it away

    def reject(self) -> None:
        if not self.stays:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.stays:
            event.ignore()
        else:
            super().closeEvent(event)
