"""Files of a window: what is written, what is asked, what is said when it cannot be done."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from app.ui.document import Document
from app.ui.files import DocumentFile, same_file

Answer = Callable[[str], list[str]]


@pytest.fixture
def path(tmp_path: Path, design: Design) -> Path:
    found = tmp_path / "shop.loadpath.json"
    save_design(found, design)
    return found


@pytest.fixture
def document(qapp: QApplication) -> Iterator[Document]:
    found = Document()
    yield found
    found.undo_stack.setClean()


@pytest.fixture
def file(document: Document, qtbot: QtBot) -> DocumentFile:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return DocumentFile(document, window)


@pytest.fixture
def answer(qtbot: QtBot) -> Answer:
    """Press the button with this text in the next question; the list gets what it said."""

    def prepare(button: str) -> list[str]:
        said: list[str] = []

        def press(tries: int = 250) -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                if tries:
                    QTimer.singleShot(20, lambda: press(tries - 1))
                return
            said.append(f"{box.text()} {box.informativeText()}")
            wanted = [item for item in box.buttons() if item.text().replace("&", "") == button]
            (wanted[0] if wanted else box.buttons()[0]).click()

        QTimer.singleShot(0, press)
        return said

    return prepare


def _change(document: Document) -> None:
    document.apply("Add", edits.add(document.design, "database")[0])


def test_opening_shows_the_design_and_touches_nothing(
    file: DocumentFile, document: Document, path: Path, design: Design
) -> None:
    before = path.stat()

    assert file.open(path)

    assert document.design == design
    assert document.path == path
    assert not document.modified
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_broken_file_is_named_and_the_design_stays(
    file: DocumentFile, document: Document, tmp_path: Path, answer: Answer
) -> None:
    broken = tmp_path / "torn.loadpath.json"
    broken.write_text("{")
    before = document.design
    said = answer("OK")

    assert not file.open(broken)

    assert "torn.loadpath.json" in said[0]
    assert document.design is before


def test_saving_writes_what_is_shown(file: DocumentFile, document: Document, path: Path) -> None:
    file.open(path)
    _change(document)

    assert file.save()

    assert open_design(path) == document.design
    assert not document.modified


def test_a_failed_save_says_why_and_stays_unsaved(
    file: DocumentFile, document: Document, path: Path, tmp_path: Path, answer: Answer
) -> None:
    file.open(path)
    _change(document)
    path.unlink()
    path.mkdir()
    said = answer("Replace it"), answer("OK")

    assert not file.save()

    assert document.modified
    assert any("shop.loadpath.json" in text for texts in said for text in texts)


def test_save_as_adds_the_ending_and_makes_it_the_file_of_the_window(
    file: DocumentFile, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(tmp_path / "mine"), ""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: chosen)
    _change(document)

    assert file.save()

    assert document.path == tmp_path / "mine.loadpath.json"
    assert open_design(document.path) == document.design


def test_save_as_that_is_cancelled_writes_nothing(
    file: DocumentFile, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    _change(document)

    assert not file.save()

    assert document.modified
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("button", "kept"), [("Cancel", True), ("Replace it", False)])
def test_a_file_that_another_program_changed_is_replaced_only_when_told(
    file: DocumentFile, document: Document, path: Path, answer: Answer, button: str, *, kept: bool
) -> None:
    file.open(path)
    _change(document)
    theirs = Design(name="theirs, and longer than ours was before")
    save_design(path, theirs)
    said = answer(button)

    assert file.save() is not kept

    assert "Another program" in said[0]
    assert (open_design(path) == theirs) is kept


@pytest.mark.parametrize(
    ("button", "may_close", "saved"),
    [("Save", True, True), ("Discard", True, False), ("Cancel", False, False)],
)
def test_unsaved_work_is_asked_about(
    file: DocumentFile,
    document: Document,
    path: Path,
    answer: Answer,
    button: str,
    *,
    may_close: bool,
    saved: bool,
) -> None:
    file.open(path)
    _change(document)
    said = answer(button)

    assert file.may_close() is may_close

    assert "Save the changes" in said[0]
    assert (open_design(path) == document.design) is saved


def test_saved_work_is_not_asked_about(file: DocumentFile, path: Path) -> None:
    file.open(path)

    assert file.may_close()


def test_one_file_under_two_names_is_one_file(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.loadpath.json"
    link.symlink_to(path)

    assert same_file(path, link)
    assert same_file(path, path.parent / "." / path.name)
    assert not same_file(None, path)
    assert not same_file(path, tmp_path / "other.loadpath.json")
