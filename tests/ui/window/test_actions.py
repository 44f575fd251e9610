"""The one table of actions, and what is generated from it."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.model.stores import Database
from app.ui import actions
from app.ui.command_palette import CommandPalette, Entry, ranked, score
from app.ui.dialogs.shortcuts import Shortcuts
from app.ui.main_window import MainWindow

IDS = {action.id for action in actions.ACTIONS}


def test_every_action_has_a_command_and_every_command_an_action(window: MainWindow) -> None:
    assert set(window.commands.table) == IDS
    assert set(window.actions_by_id) == IDS


def test_every_action_is_in_exactly_one_menu() -> None:
    listed = Counter(
        name for ids in actions.MENUS.values() for name in ids if name not in ("", "recent")
    )

    assert set(listed) == IDS
    assert set(listed.values()) == {1}


def test_actions_are_in_the_menu_of_their_group() -> None:
    for group, ids in actions.MENUS.items():
        for name in ids:
            if name not in ("", "recent"):
                assert actions.by_id(name).group == group


def test_no_two_actions_share_a_key() -> None:
    keys = Counter(
        QKeySequence(key).toString() for action in actions.ACTIONS for key in action.keys
    )

    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_the_toolbar_and_the_context_menus_show_actions_only() -> None:
    for ids in (actions.TOOLBAR, actions.CONTEXT_PART, actions.CONTEXT_GROUND):
        assert set(ids) - {""} <= IDS


def test_the_shortcut_sheet_tells_every_key_and_gesture(window: MainWindow, qtbot: QtBot) -> None:
    sheet = Shortcuts(window)
    qtbot.addWidget(sheet)

    told = "".join(label.text() for label in sheet.findChildren(QLabel))

    for action in actions.ACTIONS:
        if action.keys:
            assert action.text.rstrip("…") in told
    for _, text in actions.GESTURES:
        assert text in told


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("undo", "Undo"),
        ("fts", "Fit selection"),
        ("exp", "Export"),
        ("dark", "Dark colours"),
        ("tidy", "Tidy up"),
    ],
)
def test_what_is_typed_finds_the_command(typed: str, first: str) -> None:
    entries = [
        Entry(action.text.rstrip("…"), action.help, lambda: None) for action in actions.ACTIONS
    ]

    assert ranked(typed, entries)[0].text == first


@given(st.text("abcde fgh", min_size=1, max_size=20), st.data())
def test_letters_in_order_always_match(text: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    pattern = "".join(letter for letter, keep in zip(text, kept, strict=True) if keep)

    assert score(pattern, text) is not None


def test_letters_out_of_order_do_not_match() -> None:
    assert score("odnu", "Undo") is None


def _popup() -> CommandPalette:
    [found] = [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, CommandPalette) and widget.isVisible()
    ]
    return found


def test_a_command_runs_from_the_palette_by_keys_alone(seeded: MainWindow) -> None:
    QTest.keyClick(
        seeded,
        Qt.Key.Key_P,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    popup = _popup()
    QTest.keyClicks(popup.line, "select all")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)

    assert len(seeded.canvas.selection()) > 10
    assert not popup.isVisible()


def test_the_arrows_choose_in_the_palette(window: MainWindow) -> None:
    window.actions_by_id["commands"].trigger()
    popup = _popup()

    QTest.keyClick(popup.line, Qt.Key.Key_Down)
    assert popup.list.currentRow() == 1
    QTest.keyClick(popup.line, Qt.Key.Key_Up)
    QTest.keyClick(popup.line, Qt.Key.Key_Up)
    assert popup.list.currentRow() == popup.list.count() - 1
    popup.close()


def test_a_command_that_is_impossible_now_is_not_offered(window: MainWindow) -> None:
    window.actions_by_id["commands"].trigger()
    popup = _popup()

    rows = [popup.list.item(row).text() for row in range(popup.list.count())]

    assert "Undo" not in rows
    assert "Open" in rows
    popup.close()


def test_quick_add_adds_a_kind_by_its_name(window: MainWindow) -> None:
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    popup = _popup()
    QTest.keyClicks(popup.line, "datab")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)

    [item] = window.document.design.components.values()
    assert isinstance(item, Database)
    assert item.name == "db-1"


def test_actions_follow_what_is_selected(seeded: MainWindow) -> None:
    assert not seeded.actions_by_id["delete"].isEnabled()

    seeded.canvas.select(("lb",))

    assert seeded.actions_by_id["delete"].isEnabled()


def test_every_control_of_the_window_has_a_name_for_screen_readers(
    seeded: MainWindow, named: Callable[[QWidget], list[str]]
) -> None:
    assert named(seeded) == []
