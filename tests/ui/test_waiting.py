"""Work that takes long: the window lives on, and the user may give up."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProgressDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.ui import waiting
from app.ui.waiting import GivenUp, wait_for


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def when_it_is_said(then: Callable[[QProgressDialog], None]) -> None:
    """Do something with the dialog as soon as it is there."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QProgressDialog):
            then(dialog)
        else:
            QTimer.singleShot(5, look)

    look()


def test_the_result_comes_from_another_thread(window: QWidget) -> None:
    here = threading.get_ident()

    assert wait_for(threading.get_ident, window, "Working …") != here


def test_what_the_work_raises_is_raised_here(window: QWidget) -> None:
    with pytest.raises(ZeroDivisionError):
        wait_for(lambda: 1 // 0, window, "Working …")


def test_the_window_lives_on_meanwhile(window: QWidget) -> None:
    go_on = threading.Event()
    QTimer.singleShot(20, go_on.set)  # runs only if events are delivered

    assert wait_for(lambda: go_on.wait(30), window, "Working …")


def test_short_work_says_nothing(window: QWidget) -> None:
    wait_for(lambda: None, window, "Working …")

    assert not window.findChildren(QProgressDialog)


def test_long_work_says_what_goes_on(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0)
    go_on, said = threading.Event(), []

    def read(dialog: QProgressDialog) -> None:
        said.append(dialog.labelText())
        go_on.set()

    when_it_is_said(read)

    assert wait_for(lambda: go_on.wait(30), window, "Opening shop …")
    assert said == ["Opening shop …"]


def test_the_user_may_give_up(window: QWidget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0)
    go_on = threading.Event()
    when_it_is_said(lambda dialog: dialog.findChildren(QPushButton)[0].click())

    with pytest.raises(GivenUp):
        wait_for(lambda: go_on.wait(30), window, "Working …")
    go_on.set()


def test_what_must_be_whole_cannot_be_given_up(
    window: QWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0)
    go_on = threading.Event()

    def close(dialog: QProgressDialog) -> None:
        assert not dialog.findChildren(QPushButton)
        dialog.close()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        go_on.set()

    when_it_is_said(close)

    assert wait_for(lambda: go_on.wait(30), window, "Saving …", may_give_up=False)
