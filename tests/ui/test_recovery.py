"""Unsaved work after a crash: a process is killed, the next start offers what it had."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from app.ui.application import Application
from app.ui.document import Document
from app.ui.recovery import Copy, Session

ROOT = Path(__file__).parents[2]
CRASHING = """
import sys, time
from pathlib import Path
from app.model import edits
from app.ui.application import Application, make_application
app = make_application()
program = Application(app)
window = program.new_window()
if len(sys.argv) > 1:
    assert window.file.open(Path(sys.argv[1]))
window.document.apply("Add", edits.add(window.document.design, "database")[0])
assert window.copy.write_now()
print("ready", flush=True)
time.sleep(600)
"""


def _crash(*arguments: str, home: Path) -> None:
    """Run the program until its copy is on disk, and kill it where it stands."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING, *arguments],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
        process.wait()
        assert process.returncode in (-signal.SIGKILL, 1)


@pytest.fixture
def program(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "config")
    )
    found = Application(qapp)
    yield found
    for window in tuple(found.windows):
        window.document.undo_stack.setClean()
        window.close()


Kept = tuple[Document, Copy]


@pytest.fixture
def kept(tmp_path: Path, qapp: QApplication) -> Iterator[Kept]:
    """A document whose unsaved work is kept below the folder of the test."""
    session = Session(tmp_path)
    document = Document()
    copy = Copy(document, session)
    yield document, copy
    document.undo_stack.setClean()
    copy.stop()
    session.end()


def test_work_in_a_new_design_survives_a_killed_process(
    program: Application, tmp_path: Path
) -> None:
    _crash(home=tmp_path)
    window = program.new_window()

    question = program.offer_recovery(window)

    assert question is not None
    assert "never saved" in question.informativeText()
    question.defaultButton().click()
    assert [item.kind for item in window.document.design.components.values()] == ["database"]
    assert window.document.modified


def test_work_on_a_file_comes_back_as_unsaved_and_the_file_is_untouched(
    program: Application, tmp_path: Path, design: Design
) -> None:
    path = tmp_path / "shop.loadpath.json"
    save_design(path, design)
    before = path.read_bytes()
    _crash(str(path), home=tmp_path)
    window = program.new_window()

    question = program.offer_recovery(window)
    assert question is not None
    assert "shop.loadpath.json" in question.informativeText()
    question.defaultButton().click()

    document = window.document
    assert document.path == path
    assert len(document.design.components) == len(design.components) + 1
    assert path.read_bytes() == before
    document.undo_stack.undo()
    assert document.design == design


def test_restored_work_is_offered_once_and_survives_a_second_crash(
    program: Application, tmp_path: Path
) -> None:
    _crash(home=tmp_path)
    question = program.offer_recovery(program.new_window())
    assert question is not None
    question.defaultButton().click()

    assert program.session.left_behind() == ()
    [copy] = (tmp_path / "state").rglob("*.recovery")
    assert open_design(copy).components


def test_declined_work_is_deleted(program: Application, tmp_path: Path) -> None:
    _crash(home=tmp_path)
    question = program.offer_recovery(program.new_window())
    assert question is not None

    next(button for button in question.buttons() if button.text() == "Delete").click()

    assert not list((tmp_path / "state").rglob("*.recovery"))


def test_without_a_crash_nothing_is_asked(program: Application) -> None:
    assert program.offer_recovery(program.new_window()) is None


def test_the_work_of_a_program_that_still_runs_is_left_alone(
    kept: Kept, tmp_path: Path, design: Design
) -> None:
    document, copy = kept
    document.apply("Draw", design)
    assert copy.write_now()

    assert Session(tmp_path).left_behind() == ()


def test_a_copy_is_written_by_itself_after_a_change(
    kept: Kept, tmp_path: Path, design: Design, qtbot: QtBot
) -> None:
    document, copy = kept

    document.apply("Draw", design)

    qtbot.waitUntil(lambda: bool(list(tmp_path.rglob("*.recovery"))), timeout=20_000)
    copy.stop()
    [file] = tmp_path.rglob("*.recovery")
    assert open_design(file) == design


def test_saving_takes_the_copy_away(kept: Kept, tmp_path: Path, design: Design) -> None:
    document, copy = kept
    document.apply("Draw", design)
    assert copy.write_now()

    document.undo_stack.setClean()
    copy.stop()

    assert not list(tmp_path.rglob("*.recovery"))


def test_a_damaged_copy_is_passed_over_and_the_others_come_back(
    program: Application, tmp_path: Path
) -> None:
    _crash(home=tmp_path)
    [copy] = (tmp_path / "state").rglob("*.recovery")
    copy.with_name("0.recovery").write_bytes(b"{ torn")
    window = program.new_window()

    question = program.offer_recovery(window)
    assert question is not None
    question.defaultButton().click()

    assert window.document.design.components


def test_the_copy_is_the_design_as_it_is_now(kept: Kept, tmp_path: Path) -> None:
    document, copy = kept
    for kind in ("client", "load_balancer", "web_server"):
        document.apply("Add", edits.add(document.design, kind)[0])
        assert copy.write_now()

    [file] = tmp_path.rglob("*.recovery")

    assert open_design(file) == document.design
