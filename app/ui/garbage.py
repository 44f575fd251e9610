"""Garbage is collected in the thread of the window, and in no other.

The interpreter collects in whichever thread happens to allocate. An object of Qt that is part of a
cycle would then die in the thread of a check or an export, with its timers running in another:
Qt does not survive that.
"""

import gc

from PySide6.QtCore import QObject, Qt, QTimer

PAUSE = 5_000  # milliseconds between two looks at what is due


def collect_due() -> None:
    """Collect the oldest generation that is due, by the interpreter's own thresholds."""
    counts, thresholds = gc.get_count(), gc.get_threshold()
    for generation in reversed(range(len(counts))):
        if counts[generation] > thresholds[generation]:
            gc.collect(generation)
            return


def collect_in_this_thread(parent: QObject) -> None:
    """Collect in the event loop of this thread, as long as parent lives, and at no other time."""
    gc.disable()
    timer = QTimer(parent)
    timer.setTimerType(Qt.TimerType.VeryCoarseTimer)
    timer.timeout.connect(collect_due)
    timer.start(PAUSE)
