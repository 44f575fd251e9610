"""Unsaved work survives a program that is killed, and nobody else's file is touched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from app.ui.application import Application
from app.ui.document import Document
from app.ui.main_window import MainWindow
from app.ui.recovery import Copy, Session

Settled = Callable[[MainWindow], MainWindow]

# The whole program: it opens a file, draws, and waits; the copy is written by its own timer.
_PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app.ui.application import Application, make_application

app = make_application()
program = Application(app)
paths = [Path(name) for name in sys.argv[1:]]
window = program.begin(paths)

def draw():
    window.canvas.hands.add("cache")

def told():
    slot = window.copy._slot
    if slot is not None and slot.with_suffix(".recovery").exists():
        print("written", flush=True)
    else:
        QTimer.singleShot(50, told)

QTimer.singleShot(1500, draw)
QTimer.singleShot(1600, told)
sys.exit(app.exec())
"""


Keep = Callable[[Document, Session], Copy]


@pytest.fixture
def keep() -> Iterator[Keep]:
    """Keep a copy of the work in a document until the test ends."""
    copies: list[Copy] = []

    def begin(document: Document, session: Session) -> Copy:
        copies.append(Copy(document, session))
        return copies[-1]

    yield begin
    for copy in copies:
        copy.end()


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A running session with a folder of its own."""
    found = Session(tmp_path / "sessions")
    yield found
    found.end()


def _killed(tmp_path: Path, *paths: Path) -> None:
    environment = os.environ | {
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config-of-the-other"),
        "QT_QPA_PLATFORM": "offscreen",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *map(str, paths)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def _answer(question: QMessageBox | None, text: str) -> None:
    assert question is not None
    [button] = [button for button in question.buttons() if button.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.slow
def test_work_survives_kill_minus_nine(
    program: Application, window: MainWindow, seed: Design, tmp_path: Path, settled: Settled
) -> None:
    path = tmp_path / "shop.loadpath.json"
    save_design(path, seed)
    before = path.read_bytes(), path.stat().st_mtime_ns

    _killed(tmp_path, path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    question = program.offer_recovery(window)
    assert question is not None
    assert f"{path.name}, {datetime.now().astimezone():%d %B %Y}" in question.informativeText()
    _answer(question, "Restore")
    settled(window)

    kinds = [item.kind for item in window.document.design.components.values()]
    assert "cache" in kinds
    assert window.document.path == path
    assert window.document.modified
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    window.document.undo_stack.undo()
    assert window.document.design == seed


@pytest.mark.slow
def test_work_that_never_had_a_file_survives_too(
    program: Application, window: MainWindow, tmp_path: Path
) -> None:
    _killed(tmp_path)

    _answer(program.offer_recovery(window), "Restore")

    assert [item.kind for item in window.document.design.components.values()] == ["cache"]
    assert window.document.path is None
    assert program.offer_recovery(window) is None


def _crash(root: Path, design: Design, path: Path | None = None) -> None:
    """Leave behind what a crash leaves: a copy, and a lock that nobody holds."""
    session = Session(root)
    document = Document(Design(), path)
    copy = Copy(document, session)
    document.apply("Draw", design)
    assert copy.write_now()
    document.changed.disconnect(copy._changed)
    document.undo_stack.cleanChanged.disconnect(copy._clean_changed)
    assert session._lock is not None
    session._lock.unlock()
    lock = f"QLockFile({str(root / session._name / 'lock')!r})"
    program = f"import os; from PySide6.QtCore import QLockFile; l = {lock}; l.lock(); os._exit(1)"
    subprocess.run([sys.executable, "-c", program], check=False)


def _root(program: Application) -> Path:
    return program.session.root


def test_asking_again_later_keeps_the_work(
    program: Application, window: MainWindow, seed: Design
) -> None:
    _crash(_root(program), seed)

    _answer(program.offer_recovery(window), "Ask again next time")

    assert window.pristine
    question = program.offer_recovery(window)
    assert question is not None
    question.close()


def test_deleting_it_is_final(program: Application, window: MainWindow, seed: Design) -> None:
    _crash(_root(program), seed)

    _answer(program.offer_recovery(window), "Delete")

    assert program.offer_recovery(window) is None
    assert window.pristine


def test_two_designs_come_back_in_two_windows(
    program: Application, window: MainWindow, seed: Design
) -> None:
    _crash(_root(program), seed)
    _crash(_root(program), edits.rename(seed, "other"))

    _answer(program.offer_recovery(window), "Restore")

    assert {one.document.design.name for one in program.windows} == {seed.name, "other"}


def test_work_for_a_file_that_is_gone_becomes_a_new_design(
    program: Application, window: MainWindow, seed: Design, tmp_path: Path
) -> None:
    _crash(_root(program), seed, tmp_path / "gone.loadpath.json")

    _answer(program.offer_recovery(window), "Restore")

    assert window.document.path is None
    assert window.document.design == seed


def test_a_damaged_copy_is_passed_over_and_kept(
    program: Application, window: MainWindow, seed: Design
) -> None:
    _crash(_root(program), seed)
    [copy] = _root(program).glob("*/*.recovery")
    copy.write_bytes(b"{")

    _answer(program.offer_recovery(window), "Restore")

    assert window.pristine
    assert copy.exists()


def test_the_work_of_a_program_that_runs_is_not_offered(
    session: Session, keep: Keep, seed: Design, tmp_path: Path
) -> None:
    document = Document()
    copy = keep(document, session)
    document.apply("Draw", seed)
    assert copy.write_now()

    assert Session(tmp_path / "sessions").left_behind() == ()


def test_a_copy_appears_some_seconds_after_an_edit_and_goes_when_saved(
    session: Session, keep: Keep, seed: Design, tmp_path: Path, qtbot: QtBot
) -> None:
    document = Document()
    copy = keep(document, session)
    copy._timer.setInterval(20)
    document.apply("Draw", seed)

    def copies() -> list[Path]:
        return list((tmp_path / "sessions").glob("*/*.recovery"))

    qtbot.waitUntil(lambda: len(copies()) == 1)
    assert open_design(copies()[0]) == seed
    document.saved_as(tmp_path / "shop.loadpath.json", document.design)
    copy.wait()
    assert copies() == []


def test_undoing_everything_needs_no_copy(
    session: Session, keep: Keep, seed: Design, tmp_path: Path
) -> None:
    document = Document()
    copy = keep(document, session)
    document.apply("Draw", seed)
    copy.write()
    document.undo_stack.undo()
    copy.wait()

    assert list((tmp_path / "sessions").glob("*/*.recovery")) == []


def test_long_drawing_does_not_put_the_copy_off(session: Session, keep: Keep, seed: Design) -> None:
    document = Document(seed)
    copy = keep(document, session)
    document.apply("Add", edits.add(document.design, "note")[0])
    first = copy._timer.remainingTime()
    time.sleep(0.05)
    document.apply("Add", edits.add(document.design, "note")[0])

    assert copy._timer.remainingTime() < first
    copy.wait()


def test_a_session_that_ends_properly_leaves_nothing(
    program: Application, window: MainWindow, seed: Design
) -> None:
    window.document.apply("Draw", seed)
    window.copy.write_now()
    root = _root(program)
    assert list(root.iterdir())
    window.document.undo_stack.setClean()

    window.close()

    assert list(root.iterdir()) == []
