"""Files: new, open, save, the question about unsaved work, several windows."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.storage import files
from app.storage.files import open_design, save_design
from app.ui.application import Application
from app.ui.dialogs.start import StartDialog
from app.ui.main_window import MainWindow
from sample_designs import SAMPLES

Act = Callable[[QWidget], object]
Asked = Callable[[Act], list[str]]
Settled = Callable[[MainWindow], MainWindow]


@pytest.fixture
def saved(tmp_path: Path, seed: Design) -> Path:
    """A file with the seed design."""
    path = tmp_path / "shop.loadpath.json"
    save_design(path, seed)
    return path


def _press(button: QMessageBox.StandardButton) -> Act:
    def act(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        QTest.mouseClick(dialog.button(button), Qt.MouseButton.LeftButton)

    return act


def _name(path: Path) -> Act:
    def act(dialog: QWidget) -> None:
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert line is not None
        line.setText(str(path))
        QTest.keyClick(line, Qt.Key.Key_Return)

    return act


def _edit(window: MainWindow) -> None:
    window.document.apply("Add", edits.add(window.document.design, "note")[0])


# --- opening ------------------------------------------------------------------------------------


def test_a_file_that_is_being_read_is_not_opened_once_more(
    program: Application, window: MainWindow, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[MainWindow | None] = []
    read = threading.Event()

    def slow(path: Path) -> Design:
        read.wait(30)
        return open_design(path)

    def open_again() -> None:
        again.append(program.open(saved, window))
        read.set()

    monkeypatch.setattr(files, "open_for_editing", slow)
    QTimer.singleShot(50, open_again)

    assert program.open(saved, window) is window
    assert again == program.windows == [window]
    assert window.file.reading is None


def test_a_file_opens_in_the_window_that_is_empty(
    program: Application, window: MainWindow, saved: Path, seed: Design
) -> None:
    assert program.open(saved, window) is window
    assert window.document.design == seed
    assert window.windowTitle() == "shop[*] — Loadpath"
    assert not window.isWindowModified()


def test_opening_does_not_touch_the_file(
    program: Application, window: MainWindow, saved: Path
) -> None:
    before = saved.read_bytes(), saved.stat().st_mtime_ns
    program.open(saved, window)

    assert (saved.read_bytes(), saved.stat().st_mtime_ns) == before
    assert list(saved.parent.glob(".*")) == []


def test_a_file_is_chosen_in_the_dialog(
    window: MainWindow, saved: Path, seed: Design, when_asked: Asked
) -> None:
    when_asked(_name(saved))
    window.actions_by_id["open"].trigger()

    assert window.document.design == seed


def test_a_second_file_opens_in_a_second_window(
    program: Application, window: MainWindow, saved: Path
) -> None:
    _edit(window)

    made = program.open(saved, window)

    assert made is not window
    assert program.windows == [window, made]


def test_a_file_that_is_open_comes_to_the_front_instead(
    program: Application, window: MainWindow, saved: Path, tmp_path: Path
) -> None:
    program.open(saved, window)
    other = tmp_path / "other"
    other.mkdir()
    link = other / "link.loadpath.json"
    link.symlink_to(saved)

    assert program.open(link) is window
    assert program.windows == [window]


def test_a_file_that_is_no_design_is_told_and_nothing_changes(
    program: Application, window: MainWindow, tmp_path: Path, when_asked: Asked
) -> None:
    path = tmp_path / "broken.loadpath.json"
    path.write_text('{"version": 1,')
    told: list[str] = []

    def read(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        told.append(dialog.informativeText())
        dialog.accept()

    when_asked(read)

    assert program.open(path, window) is None
    assert told[0].startswith("broken.loadpath.json: ")
    assert window.pristine
    assert path.read_text() == '{"version": 1,'


def test_a_file_dragged_in_is_opened(window: MainWindow, saved: Path, seed: Design) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(saved))])
    copy, left, plain = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter = QDragEnterEvent(QPointF(400, 300).toPoint(), copy, mime, left, plain)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()

    window.dropEvent(QDropEvent(QPointF(400, 300), copy, mime, left, plain))

    assert window.document.design == seed


def test_what_is_dragged_in_and_no_file_is_left_alone(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("words")
    enter = QDragEnterEvent(
        QPointF(400, 300).toPoint(),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    window.dragEnterEvent(enter)

    assert not enter.isAccepted()


def test_recent_files_are_offered_and_forgotten_when_gone(
    program: Application, window: MainWindow, saved: Path, when_asked: Asked
) -> None:
    program.open(saved, window)
    assert window.settings.recent == (str(saved),)
    assert [action.text().split(" ")[0] for action in window.recent_menu.actions()] == [saved.name]

    saved.unlink()
    window.document.reset(Design(), None)
    when_asked(lambda dialog: dialog.close())
    window.recent_menu.actions()[0].trigger()

    assert not window.settings.recent


# --- saving -------------------------------------------------------------------------------------


def test_saving_writes_the_design_and_takes_the_mark_away(
    program: Application, window: MainWindow, saved: Path
) -> None:
    program.open(saved, window)
    _edit(window)
    assert window.isWindowModified()

    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)

    assert open_design(saved) == window.document.design
    assert not window.isWindowModified()
    assert window.bar.message == "Saved shop.loadpath.json"


def test_a_new_design_is_saved_under_the_name_that_is_asked_for(
    window: MainWindow, tmp_path: Path, when_asked: Asked
) -> None:
    _edit(window)
    asked = when_asked(_name(tmp_path / "mine"))
    window.actions_by_id["save"].trigger()

    assert asked == ["Save as"]
    path = tmp_path / "mine.loadpath.json"
    assert open_design(path) == window.document.design
    assert window.document.path == path


def test_a_folder_that_cannot_be_written_is_told_and_the_mark_stays(
    program: Application, window: MainWindow, saved: Path, when_asked: Asked
) -> None:
    program.open(saved, window)
    _edit(window)
    saved.unlink()
    saved.mkdir()
    titles: list[str] = []

    def read(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        titles.append(dialog.text())
        chosen = [one for one in dialog.buttons() if one.text() == "Replace it"]
        if chosen:
            when_asked(read)
        QTest.mouseClick((chosen or dialog.buttons())[0], Qt.MouseButton.LeftButton)

    when_asked(read)
    assert not window.file.save()

    assert titles[-1] == "The design was not saved"
    assert window.isWindowModified()


def test_a_file_that_another_program_changed_is_not_overwritten_silently(
    program: Application, window: MainWindow, saved: Path, seed: Design, when_asked: Asked
) -> None:
    program.open(saved, window)
    _edit(window)
    save_design(saved, edits.rename(seed, "theirs"))

    asked = when_asked(_press(QMessageBox.StandardButton.Cancel))
    assert not window.file.save()
    assert asked == ["Changed on disk"]
    assert open_design(saved).name == "theirs"

    def replace(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        [button] = [one for one in dialog.buttons() if one.text() == "Replace it"]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    when_asked(replace)
    assert window.file.save()
    assert open_design(saved) == window.document.design


# --- closing ------------------------------------------------------------------------------------


def test_a_window_without_changes_closes_without_a_question(
    program: Application, window: MainWindow
) -> None:
    assert window.close()
    assert program.windows == []


def test_cancel_keeps_the_window_and_the_work(
    program: Application, window: MainWindow, when_asked: Asked
) -> None:
    _edit(window)
    when_asked(_press(QMessageBox.StandardButton.Cancel))

    assert not window.close()
    assert program.windows == [window]


def test_discard_closes_and_leaves_the_file(
    program: Application, window: MainWindow, saved: Path, seed: Design, when_asked: Asked
) -> None:
    program.open(saved, window)
    _edit(window)
    when_asked(_press(QMessageBox.StandardButton.Discard))

    assert window.close()
    assert open_design(saved) == seed


def test_save_saves_and_closes(
    program: Application, window: MainWindow, saved: Path, when_asked: Asked
) -> None:
    program.open(saved, window)
    _edit(window)
    design = window.document.design
    when_asked(_press(QMessageBox.StandardButton.Save))

    assert window.close()
    assert open_design(saved) == design


def test_quitting_stops_at_the_window_that_the_user_keeps(
    program: Application, window: MainWindow, when_asked: Asked
) -> None:
    _edit(window)
    other = program.new_window()
    when_asked(_press(QMessageBox.StandardButton.Cancel))

    window.actions_by_id["quit"].trigger()

    assert window in program.windows
    assert other in program.windows


# --- new ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_each_sample_begins_a_design_that_was_never_saved(
    program: Application, window: MainWindow, name: str
) -> None:
    shown = program.start(name, window)

    assert shown is window
    assert shown.document.design.components
    assert shown.document.path is None
    assert not shown.document.modified


def test_new_asks_and_opens_the_chosen_sample(
    program: Application, window: MainWindow, when_asked: Asked
) -> None:
    _edit(window)

    def choose(dialog: QWidget) -> None:
        assert isinstance(dialog, StartDialog)
        [item] = dialog.samples.findItems("Scale up", Qt.MatchFlag.MatchExactly)
        at = dialog.samples.visualItemRect(item).center()
        QTest.mouseClick(dialog.samples.viewport(), Qt.MouseButton.LeftButton, pos=at)

    when_asked(choose)
    window.actions_by_id["new"].trigger()

    assert len(program.windows) == 2
    assert any(
        item.kind == "cluster" for item in program.windows[1].document.design.components.values()
    )


def test_leaving_the_question_opens_nothing(
    program: Application, window: MainWindow, when_asked: Asked
) -> None:
    def leave(dialog: QWidget) -> None:
        assert isinstance(dialog, QDialog)
        dialog.reject()

    when_asked(leave)
    window.actions_by_id["new"].trigger()

    assert program.windows == [window]
    assert window.pristine


def test_the_empty_canvas_offers_the_samples_until_something_is_drawn(
    window: MainWindow, settled: Settled
) -> None:
    overlay = window.samples
    assert overlay is not None
    assert overlay.isVisible()
    assert overlay.samples.count() == len(SAMPLES)

    item = overlay.samples.item(0)
    at = overlay.samples.visualItemRect(item).center()
    QTest.mouseClick(overlay.samples.viewport(), Qt.MouseButton.LeftButton, pos=at)
    settled(window)

    assert window.document.design.components
    assert not overlay.isVisible()


def test_the_pictures_of_the_samples_are_drawn_one_after_the_other(
    window: MainWindow, qtbot: QtBot
) -> None:
    assert window.samples is not None
    picker = window.samples.samples

    def pictures() -> set[int]:
        return {picker.item(row).icon().cacheKey() for row in range(picker.count())}

    qtbot.waitUntil(lambda: len(pictures()) == len(SAMPLES))


def test_the_name_of_a_design_cannot_lead_out_of_the_folder(
    window: MainWindow, tmp_path: Path, when_asked: Asked
) -> None:
    window.document.reset(Design(name="../../etc/passwd"), None)
    seen: list[str] = []

    def look(dialog: QWidget) -> None:
        assert isinstance(dialog, QFileDialog)
        seen.extend(dialog.selectedFiles())
        dialog.reject()

    when_asked(look)
    assert not window.file.save()

    assert os.path.basename(seen[0]) == "etc-passwd.loadpath.json"  # noqa: PTH119  # as shown
    assert Path(seen[0]).parent == Path.home()


def test_work_done_while_the_file_is_written_is_still_unsaved(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = window.document
    document.apply("Add", edits.add(document.design, "cache")[0])
    path = tmp_path / "shop.loadpath.json"
    document.saved_as(path, document.design)
    document.apply("Add", edits.add(document.design, "queue")[0])
    go_on = threading.Event()

    def slowly(target: Path, design: Design) -> None:
        assert go_on.wait(30)
        save_design(target, design)

    def meanwhile() -> None:
        document.apply("Add", edits.add(document.design, "dns")[0])
        assert not window.close()  # the window has to stay until the file is whole
        assert not window.file.save()  # one after the other
        go_on.set()

    monkeypatch.setattr("app.storage.files.save_design", slowly)
    QTimer.singleShot(20, meanwhile)

    assert window.file.save()
    assert window.isVisible()
    assert window.document.modified
    assert "queue-1" in open_design(path).components
    assert "dns-1" not in open_design(path).components
