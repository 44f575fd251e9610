"""How Qt fills areas with colour."""

import os
from collections.abc import MutableMapping

_SWITCH = "QT_NO_GUI_THREADPOOL"


def fill_in_one_thread(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let Qt fill in the thread that paints; to be called before the first paint.

    Else it hands every patterned fill of 96 rows and more to a pool of threads and waits for them
    (`qtGuiThreadPool` of QGuiApplication), which takes longer than the fill: the dotted ground made
    a frame twice as long (docs/decisions/0012). What the user has set stays.
    """
    environment.setdefault(_SWITCH, "1")
