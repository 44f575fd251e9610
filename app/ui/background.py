"""Work beside the window: a function runs in a thread and its result comes back to the window."""

import logging
import sys
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

SHARE = 0.0001  # seconds for which a thread may keep the interpreter while the window waits for it

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def let_the_window_first() -> None:
    """Have the threads at work hand over the interpreter at once when the window needs it.

    A frame calls into Python a dozen times, and each call waits until the thread at work lets go:
    with Python's 5 ms a frame during a check takes four times as long as one without.
    """
    sys.setswitchinterval(SHARE)


class Background(QObject):
    """Runs functions one after the other in a thread of its own."""

    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Begin with no work; the thread starts with the first function."""
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        # A queued connection brings the result into the thread of the window.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        function: Callable[[], _T],
        then: Callable[[_T], None] | None = None,
        failed: Callable[[], None] | None = None,
    ) -> None:
        """Run a function in the thread, then hand its result over in the thread of the window.

        A function that raises is logged, and `failed` is called instead of `then`.
        """
        self._pool.start(_Job(function, then, failed, self._finished.emit))

    def wait(self) -> None:
        """Wait until everything that was asked for has run."""
        self._pool.waitForDone()

    @Slot(object)
    def _deliver(self, deliver: Callable[[], None]) -> None:
        deliver()


class _Job(QRunnable, Generic[_T]):
    def __init__(
        self,
        function: Callable[[], _T],
        then: Callable[[_T], None] | None,
        failed: Callable[[], None] | None,
        hand_over: Callable[[Callable[[], None]], None],
    ) -> None:
        super().__init__()
        self._function = function
        self._then = then
        self._failed = failed
        self._hand_over = hand_over

    def run(self) -> None:
        try:
            result = self._function()
        except Exception:  # noqa: BLE001  # the window must go on, whatever went wrong
            _log.exception("work in the background failed")
            if self._failed is not None:
                self._deliver(self._failed)
            return
        then = self._then
        if then is not None:
            self._deliver(lambda: then(result))

    def _deliver(self, deliver: Callable[[], None]) -> None:
        try:
            self._hand_over(deliver)
        except RuntimeError:  # the window was closed meanwhile, and its signals with it
            _log.debug("a result came after its window was gone")
