"""Threads import modules while the window does."""

import subprocess
import sys
from pathlib import Path

# Another thread imports a module while pydantic.errors is, and ends when a hook looks at that.
IMPORTING = """
import app.ui
import PySide6.QtCore
import inspect, os, sys, threading
begun, met, looked, done = (threading.Event() for _ in range(4))
read = inspect.getsource
def while_it_runs(event, arguments):
    if event == "exec" and arguments[0].co_filename.endswith(os.path.join("pydantic", "errors.py")):
        begun.set()
        met.wait()
def watched(module):
    if module.__name__ == "colorsys":
        met.set()
        looked.wait()
    if module.__name__ == "pydantic.errors" and not looked.is_set():
        looked.set()
        done.wait()
    return read(module)
def other():
    begun.wait()
    import colorsys
    met.set()
    done.set()
inspect.getsource = watched
sys.addaudithook(while_it_runs)
thread = threading.Thread(target=other, daemon=True)
thread.start()
import pydantic
thread.join(20)
assert done.is_set(), "pydantic has no module errors any more"
"""


def test_a_thread_imports_while_another_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
