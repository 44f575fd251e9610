"""The dialog that edits what users do."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.model.design import Design
from app.model.errors import DesignError
from app.ui.dialogs.flows import FlowsDialog
from app.ui.main_window import MainWindow

Act = Callable[[QWidget], object]
Asked = Callable[[Act], list[str]]


@pytest.fixture
def flows(seed: Design, qtbot: QtBot) -> FlowsDialog:
    """The dialog for the flows of the seed."""
    dialog = FlowsDialog(seed)
    qtbot.addWidget(dialog)
    return dialog


def test_a_flow_is_renamed_with_a_promise(flows: FlowsDialog, seed: Design) -> None:
    row = flows.rows[0]
    assert row.key is not None
    row.name.setText("look around")
    row.target.setText("99,9 %")

    flow = flows.after().flows[row.key]

    assert flow.name == "look around"
    assert flow.target_availability == 0.999
    assert flow.client == seed.flows[row.key].client


def test_a_load_and_a_promised_time_are_entered_and_shown(
    qtbot: QtBot, flows: FlowsDialog, seed: Design
) -> None:
    row = flows.rows[0]
    assert row.key is not None
    row.response.setText("0,25")
    row.load.setText("120")

    after = flows.after()

    flow = after.flows[row.key]
    assert (flow.target_response_seconds, flow.requests_per_second) == (0.25, 120)
    again = FlowsDialog(after)
    qtbot.addWidget(again)
    assert (again.rows[0].response.text(), again.rows[0].load.text()) == ("0.25", "120")
    row.load.setText("many")
    with pytest.raises(DesignError, match="'many' is no number, such as 120 requests a second"):
        flows.after()


def test_flows_are_added_and_removed(flows: FlowsDialog, seed: Design) -> None:
    first = flows.rows[0].key
    flows.add_button.click()
    flows.rows[-1].name.setText("search")
    flows.rows[0].remove.click()

    after = flows.after()

    assert first not in after.flows
    assert "search" in {flow.name for flow in after.flows.values()}
    assert len(after.flows) == len(seed.flows)


@pytest.mark.parametrize(("name", "target"), [("", ""), ("x", "often"), ("x", "120"), ("x", "nan")])
def test_nonsense_is_told_and_the_dialog_stays(flows: FlowsDialog, name: str, target: str) -> None:
    flows.rows[0].name.setText(name)
    flows.rows[0].target.setText(target)

    with pytest.raises(DesignError):
        flows.after()
    flows.accept()

    assert flows.error.text()
    assert flows.result() == 0


def test_without_users_no_flow_can_be_added(qtbot: QtBot) -> None:
    dialog = FlowsDialog(Design())
    qtbot.addWidget(dialog)

    assert not dialog.add_button.isEnabled()
    assert "Users" in dialog.error.text()


def test_flows_are_edited_from_the_menu_as_one_step(seeded: MainWindow, when_asked: Asked) -> None:
    before = seeded.document.design

    def rename(dialog: QWidget) -> None:
        assert isinstance(dialog, FlowsDialog)
        dialog.rows[0].name.setText("window shopping")
        dialog.rows[1].name.setText("pay")
        dialog.accept()

    when_asked(rename)
    seeded.actions_by_id["flows"].trigger()

    assert {"window shopping", "pay"} <= {f.name for f in seeded.document.design.flows.values()}
    seeded.document.undo_stack.undo()
    assert seeded.document.design is before
