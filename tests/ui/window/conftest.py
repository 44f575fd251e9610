"""What the tests of the whole window share: a program with its own settings and state folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import sample_designs
from app.model.design import Design
from app.storage.codec import load
from app.ui.application import Application
from app.ui.main_window import SIZE, MainWindow

Act = Callable[[QWidget], object]


@pytest.fixture
def seed() -> Design:
    """The seed exercise's design."""
    return load(sample_designs.read("distributed-web-infrastructure"))


@pytest.fixture
def program(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """The program, without a window yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "config")
    )
    found = Application(qapp)
    yield found
    for window in tuple(found.windows):
        window.document.undo_stack.setClean()
        window.close()


@pytest.fixture
def settled(qtbot: QtBot) -> Callable[[MainWindow], MainWindow]:
    """Wait until a window is complete and its design is checked."""

    def wait(window: MainWindow) -> MainWindow:
        qtbot.waitUntil(lambda: window.furnished and not window.check.busy, timeout=20_000)
        return window

    return wait


@pytest.fixture
def window(program: Application, settled: Callable[[MainWindow], MainWindow]) -> MainWindow:
    """A window with an empty design."""
    found = settled(program.begin(()))
    found.resize(*SIZE)  # the screen of the tests is small
    return found


@pytest.fixture
def seeded(
    window: MainWindow, seed: Design, settled: Callable[[MainWindow], MainWindow]
) -> MainWindow:
    """A window with the seed design, checked."""
    window.document.reset(seed, None)
    return settled(window)


@pytest.fixture
def when_asked(qtbot: QtBot) -> Callable[[Act], list[str]]:
    """Do something with the next dialog that asks; returns a list that gets its title."""

    def prepare(act: Act) -> list[str]:
        seen: list[str] = []

        def look(tries: int = 200) -> None:
            dialog = QApplication.activeModalWidget()
            if dialog is None:
                if tries:
                    QTimer.singleShot(20, lambda: look(tries - 1))
                return
            seen.append(dialog.windowTitle())
            act(dialog)

        QTimer.singleShot(0, look)
        return seen

    return prepare


@pytest.fixture
def named() -> Callable[[QWidget], list[str]]:
    """Return the controls of a widget that can have the focus and have no name to be read out."""

    def nameless(root: QWidget) -> list[str]:
        found = []
        for widget in root.findChildren(QWidget):
            takes_keys = widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not widget.focusProxy()
            if not takes_keys or not widget.isVisibleTo(root):
                continue
            text = getattr(widget, "text", lambda: "")
            if not (widget.accessibleName() or (callable(text) and text())):
                found.append(f"{type(widget).__name__} {widget.objectName()}")
        return found

    return nameless
