"""Child process: from its spawning to the first paint, `startup.py SUBJECT BORN [ARGUMENT …]`.

SUBJECT is empty, nodegraphqt or loadpath; BORN the CLOCK_MONOTONIC instant at which the parent
spawned it. The product is started through its own entry point, with the design that follows; the
first paint is that of its window, the design is opened right after.
"""

import importlib
import json
import os
import sys
import time
from typing import Any, NoReturn

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

SIZE = (1600, 1000)
# What analysis, exports, files and templates need, and a first paint does not.
LATER = ("networkx", "ruamel", "jinja2", "diagrams", "pygraphviz", "pydantic", "yaml")


class FirstPaint(QObject):
    """Notes that a widget was painted."""

    def __init__(self, watched: QObject) -> None:
        """Watch a widget."""
        super().__init__()
        self.painted = False
        watched.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Look for the paint, and let the event through."""
        if event.type() == QEvent.Type.Paint:
            self.painted = True
        return False


def milliseconds() -> float:
    """Return the time since this process was spawned."""
    return round((time.monotonic() - float(sys.argv[2])) * 1e3, 2)


def at_first_paint() -> dict[str, Any]:
    """Return what is known at the first paint."""
    loaded = {name.partition(".")[0] for name in sys.modules}
    return {
        "first_paint": milliseconds(),
        "modules": len(sys.modules),
        "loaded_too_early": sorted(loaded.intersection(LATER)),
        "resident_mb": _resident(),
    }


def report(found: dict[str, Any]) -> NoReturn:
    """Print what was found, and end without tearing the window down."""
    print(json.dumps(found), flush=True)
    os._exit(0)


def _resident() -> float:
    """Return the resident memory in megabytes, 0 where the system does not say."""
    if not os.path.exists("/proc/self/statm"):  # noqa: PTH110  # pathlib would be a module more
        return 0.0
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        pages = int(statm.read().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def wait_for_paint(application: QApplication, window: QWidget, canvas: QWidget) -> NoReturn:
    """Show a window and report when the part of it that matters was painted."""
    paint = FirstPaint(canvas)
    window.resize(*SIZE)
    window.show()
    while not paint.painted:
        application.processEvents()
    application.processEvents()
    report(at_first_paint())


def loadpath() -> None:
    """Start the product as `loadpath` does; its event loop becomes the wait for the paints."""

    def wait(*_: Any) -> NoReturn:
        window: Any = next(
            each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow)
        )
        found: dict[str, Any] = {}
        # The canvas tells it right after its paint; asking for the viewport would take 7 ms here.
        window.canvas.painted.connect(lambda: found.update(at_first_paint()))
        while not found:
            QApplication.processEvents()
        viewport = window.canvas.viewport()
        paint = FirstPaint(viewport)
        while not window.document.design.components:
            QApplication.processEvents()
        paint.painted = False
        viewport.update()
        while not paint.painted:
            QApplication.processEvents()
        report(found | {"design_painted": milliseconds()})

    QApplication.exec = staticmethod(wait)  # type: ignore[method-assign]  # stands in for the loop
    importlib.import_module("app.__main__").main(sys.argv[3:])


def empty() -> None:
    """Start PySide6 with a window that has nothing in it."""
    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    wait_for_paint(application, window, window)


def nodegraphqt() -> None:
    """Start the editor of the peer with an empty graph."""
    peer: Any = importlib.import_module("NodeGraphQt")
    application = QApplication(sys.argv[:1])
    graph = peer.NodeGraph()
    wait_for_paint(application, graph.widget, graph.viewer().viewport())


if __name__ == "__main__":
    {"empty": empty, "nodegraphqt": nodegraphqt, "loadpath": loadpath}[sys.argv[1]]()
