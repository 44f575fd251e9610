"""Qt fills in the thread that paints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.ui.raster import fill_in_one_thread

PAINT = """
import os, sys
from app.ui.application import make_application
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QImage, QPainter, QPixmap
if sys.argv[1] == "ours":
    make_application()
else:
    application = QGuiApplication([])
image = QImage(1600, 1000, QImage.Format.Format_ARGB32_Premultiplied)
tile = QPixmap(24, 24)
tile.fill(QColor("white"))
painter = QPainter(image)
painter.fillRect(image.rect(), QBrush(tile))
painter.end()
print(len(os.listdir("/proc/self/task")))
"""


def threads(which: str) -> int:
    """Return how many threads a process has after it has filled a window with a pattern."""
    environment = {key: value for key, value in os.environ.items() if key[:6] != "QT_NO_"}
    command = [sys.executable, "-c", PAINT, which]
    folder = Path(__file__).parents[2]
    return int(subprocess.check_output(command, env=environment, cwd=folder))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted as on Linux")
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor gets no pool of threads")
def test_the_program_fills_patterns_without_a_pool_of_threads() -> None:
    assert threads("plain") > threads("ours")


def test_what_the_user_has_set_stays() -> None:
    environment: dict[str, str] = {}
    fill_in_one_thread(environment)
    assert environment == {"QT_NO_GUI_THREADPOOL": "1"}
    environment = {"QT_NO_GUI_THREADPOOL": ""}
    fill_in_one_thread(environment)
    assert environment == {"QT_NO_GUI_THREADPOOL": ""}
