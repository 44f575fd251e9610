"""The dialog that edits what users do."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.ui.dialogs.flows import FlowsDialog
from app.ui.main_window import MainWindow
from app.ui.panels.editors import ChoiceEditor, TextEditor

Act = Callable[[QWidget], object]
Asked = Callable[[Act], list[str]]


@pytest.fixture
def flows(seed: Design, qtbot: QtBot) -> FlowsDialog:
    """The dialog for the flows of the seed."""
    return shown(seed, qtbot)


def shown(design: Design, qtbot: QtBot) -> FlowsDialog:
    dialog = FlowsDialog(design)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def line(dialog: FlowsDialog, name: str) -> QLineEdit:
    editor = dialog.editors[name]
    assert isinstance(editor, TextEditor)
    return editor.line


def enter(dialog: FlowsDialog, name: str, text: str) -> None:
    """Type a text over what stands in a field."""
    field = line(dialog, name)
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    QTest.keyClicks(field, text)


def ok(dialog: FlowsDialog) -> QPushButton:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(dialog: FlowsDialog, row: int) -> None:
    place = dialog.list.visualItemRect(dialog.list.item(row)).center()
    QTest.mouseClick(
        dialog.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )


def test_a_flow_is_renamed_with_a_promise(flows: FlowsDialog, seed: Design) -> None:
    key = next(iter(seed.flows))
    enter(flows, "name", "look around")
    enter(flows, "target_availability", "99,9 %")

    flow = flows.after().flows[key]

    assert (flow.name, flow.target_availability) == ("look around", 0.999)
    assert flow.client == seed.flows[key].client
    assert flows.list.item(0).text() == "look around"


def test_every_promise_is_entered_and_shown_again(
    qtbot: QtBot, flows: FlowsDialog, seed: Design
) -> None:
    key = next(iter(seed.flows))
    entered = {
        "target_availability": "99.95",
        "target_response_seconds": "0.25",
        "requests_per_second": "120",
        "recovery_time_seconds": "60",
        "recovery_point_seconds": "0",
    }
    for name, text in entered.items():
        enter(flows, name, text)

    after = flows.after()

    flow = after.flows[key]
    assert flow.target_availability == 0.9995
    assert (flow.target_response_seconds, flow.requests_per_second) == (0.25, 120)
    assert (flow.recovery_time_seconds, flow.recovery_point_seconds) == (60, 0)
    again = shown(after, qtbot)
    assert {name: line(again, name).text() for name in entered} == entered


def test_a_flow_only_reads_or_also_writes(flows: FlowsDialog, seed: Design) -> None:
    editor = flows.editors["operation"]
    assert isinstance(editor, ChoiceEditor)
    assert seed.flows[next(iter(seed.flows))].operation == "read"
    assert flows.expression.line.placeholderText()

    editor.box.setFocus()
    QTest.keyClick(editor.box, Qt.Key.Key_Down)

    assert flows.after().flows[next(iter(seed.flows))].operation == "write"


def test_flows_are_added_and_removed(flows: FlowsDialog, seed: Design) -> None:
    first = next(iter(seed.flows))
    click(flows.add_button)
    enter(flows, "name", "search")
    choose(flows, 0)
    click(flows.remove_button)

    after = flows.after()

    assert first not in after.flows
    assert "search" in {flow.name for flow in after.flows.values()}
    assert len(after.flows) == len(seed.flows)


def test_without_flows_the_dialog_says_what_to_do(flows: FlowsDialog, seed: Design) -> None:
    for _ in seed.flows:
        click(flows.remove_button)

    assert not flows.after().flows
    assert not flows.remove_button.isEnabled()
    assert flows.form.isHidden()
    assert flows.none.text() == "Add a flow for each thing that users come for."


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("name", "", "Must not be empty."),
        ("target_availability", "often", "Expected a number."),
        ("target_availability", "120", "Expected a percentage from 0 to 100."),
        ("target_availability", "nan", "Expected a percentage from 0 to 100."),
        ("requests_per_second", "-5", "-5.0 is not above 0."),
    ],
)
def test_nonsense_is_told_at_its_field_and_the_dialog_stays(
    flows: FlowsDialog, field: str, text: str, told: str
) -> None:
    enter(flows, field, text)

    assert flows.editors[field].error == told
    assert not ok(flows).isEnabled()
    assert not flows.list.isEnabled(), "what was entered would be lost"
    flows.accept()
    assert flows.isVisible()

    enter(flows, field, "10")

    assert not flows.editors[field].error
    assert ok(flows).isEnabled()


def test_a_requirement_replaces_what_the_links_say(flows: FlowsDialog, seed: Design) -> None:
    flows.expression.line.setFocus()
    QTest.keyClicks(flows.expression.line, " web-1 or web-2 ")
    click(ok(flows))

    assert flows.after().flows[next(iter(seed.flows))].requires == "web-1 or web-2"
    assert not flows.isVisible()


def test_a_requirement_is_taken_over_when_it_was_not_left_yet(
    flows: FlowsDialog, seed: Design
) -> None:
    flows.expression.line.setText("web-1")  # and OK from a menu or another tool: no focus moves
    flows.accept()

    assert flows.after().flows[next(iter(seed.flows))].requires == "web-1"


def test_a_wrong_requirement_is_shown_at_its_character(flows: FlowsDialog) -> None:
    flows.expression.line.setFocus()
    QTest.keyClicks(flows.expression.line, "web-1 ore web-2")
    QTest.keyClick(flows.expression.line, Qt.Key.Key_Return)

    assert flows.isVisible()
    assert flows.expression.error.text() == "'ore' is not expected at character 7."
    assert flows.expression.line.selectedText() == "o"
    assert not ok(flows).isEnabled()


def test_without_users_no_flow_can_be_added(qtbot: QtBot) -> None:
    dialog = shown(Design(), qtbot)

    assert not dialog.add_button.isEnabled()
    assert "Users" in dialog.none.text()


def test_a_requirement_without_a_flow_is_nobodys(qtbot: QtBot) -> None:
    dialog = shown(Design(), qtbot)
    dialog.accept()

    assert dialog.after() == Design()


def test_flows_are_edited_from_the_menu_as_one_step(seeded: MainWindow, when_asked: Asked) -> None:
    before = seeded.document.design

    def rename(dialog: QWidget) -> None:
        assert isinstance(dialog, FlowsDialog)
        enter(dialog, "name", "window shopping")
        dialog.list.setCurrentRow(1)
        enter(dialog, "name", "pay")
        dialog.accept()

    when_asked(rename)
    seeded.actions_by_id["flows"].trigger()

    assert {"window shopping", "pay"} <= {f.name for f in seeded.document.design.flows.values()}
    seeded.document.undo_stack.undo()
    assert seeded.document.design is before


def test_a_flow_may_start_where_it_starts_already(qtbot: QtBot, seed: Design) -> None:
    key = next(iter(seed.flows))
    elsewhere = edits.set_fields(seed, key, client="web-1")
    dialog = shown(elsewhere, qtbot)
    editor = dialog.editors["client"]

    assert isinstance(editor, ChoiceEditor)
    assert editor.box.currentData() == "web-1"
