"""The rules of a design in the window: turned off, weighed otherwise, and those of a team."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QMenu, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.rules.catalogue import all_rules
from app.storage import trust as store
from app.storage.files import save_design
from app.ui.dialogs.rules import RulesDialog
from app.ui.main_window import MainWindow
from app.ui.team_rules import MEANING
from tests.ui.window.conftest import Act

Settled = Callable[[MainWindow], MainWindow]
RULES = """
from app.rules.registry import Fix, Problem, rule
from app.model import edits

@rule("ACME001", "ours", "Ours", severity="critical", category="other", student="It is ours.",
      references=("Acme",))
def ours(analysis):
    "Finds a balancer that is not called Acme."
    if analysis.design.components["lb"].name != "Acme":
        fix = Fix("Call it Acme", lambda design: edits.set_fields(design, "lb", name="Acme"))
        yield Problem((), "It is not ours.", fixes=(fix,))
"""


@pytest.fixture(autouse=True)
def own_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the trust of the tests apart from that of the user."""
    monkeypatch.setattr(store, "trust_file", lambda: tmp_path / "config" / "trust.json")


@pytest.fixture
def team(seed: Design, tmp_path: Path) -> Path:
    """A file with a design that names team rules."""
    path = tmp_path / "team" / "shop.loadpath.json"
    path.parent.mkdir()
    save_design(path, edits.set_team_rules(seed, "rules.py"))
    (path.parent / "rules.py").write_text(RULES)
    return path


def _ids(window: MainWindow) -> list[str]:
    return [finding.rule.id for finding in window.findings.findings]


def _menu(window: MainWindow, rule_id: str) -> QMenu:
    finding = next(item for item in window.findings.findings if item.rule.id == rule_id)
    return window.findings.row_menu(finding)


def _choose(menu: QMenu, *texts: str) -> None:
    for text in texts:
        [action] = [action for action in menu.actions() if action.text() == text]
        inner = action.menu()
        menu = inner if isinstance(inner, QMenu) else menu
    action.trigger()


# --- the menu of a row --------------------------------------------------------------------------


def test_a_rule_is_turned_off_in_the_menu_of_its_finding_and_undo_turns_it_on(
    seeded: MainWindow, settled: Settled
) -> None:
    _choose(_menu(seeded, "SPOF004"), "Turn SPOF004 off for this design")
    settled(seeded)

    assert "SPOF004" not in _ids(seeded)
    assert seeded.document.undo_stack.undoText() == "Turn off SPOF004"
    seeded.document.undo_stack.undo()
    settled(seeded)
    assert "SPOF004" in _ids(seeded)


def test_a_severity_is_changed_in_the_menu_and_the_findings_are_sorted_anew(
    seeded: MainWindow, settled: Settled
) -> None:
    assert "SPOF004" in _ids(seeded)[:4]

    _choose(_menu(seeded, "SPOF004"), "Change its severity", "Info")
    settled(seeded)

    assert _ids(seeded)[-1] == "SPOF004"
    menu = _menu(seeded, "SPOF004")
    [severities] = [found for action in menu.actions() if isinstance(found := action.menu(), QMenu)]
    checked = [action.text() for action in severities.actions() if action.isChecked()]
    assert checked == ["Info"]


def test_a_right_click_on_a_row_opens_its_menu(seeded: MainWindow, qtbot: QtBot) -> None:
    rows = seeded.findings.list
    spot = rows.visualRect(rows.model().index(1, 0)).center()

    QTest.mousePress(rows.viewport(), Qt.MouseButton.RightButton, pos=spot)
    rows.customContextMenuRequested.emit(spot)

    [menu] = [menu for menu in seeded.findings.findChildren(QMenu) if menu.isVisible()]
    assert menu.actions()[2].text() == f"Turn {rows.current.rule.id} off for this design"  # type: ignore[union-attr]
    menu.close()
    rows.customContextMenuRequested.emit(QPoint(5, 5000))
    assert not [menu for menu in seeded.findings.findChildren(QMenu) if menu.isVisible()]


def test_the_menu_leads_to_the_rules_of_the_design(
    seeded: MainWindow, when_asked: Callable[[Act], list[str]]
) -> None:
    shown = []

    def look(dialog: QWidget) -> None:
        assert isinstance(dialog, RulesDialog)
        shown.append(dialog.current.id if dialog.current else "")
        dialog.reject()

    when_asked(look)
    _choose(_menu(seeded, "SPOF004"), "Rules of this design…")

    assert shown == ["SPOF004"]
    assert not seeded.document.modified


# --- the dialog ---------------------------------------------------------------------------------


@pytest.fixture
def dialog(seed: Design, qtbot: QtBot) -> RulesDialog:
    found = RulesDialog(seed, None)
    qtbot.addWidget(found)
    found.show()
    return found


def _ok(dialog: RulesDialog) -> bool:
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_the_dialog_sets_rules_as_one_step(
    seeded: MainWindow, settled: Settled, when_asked: Callable[[Act], list[str]]
) -> None:
    def act(dialog: QWidget) -> None:
        assert isinstance(dialog, RulesDialog)
        dialog.show_rule("SPOF004")
        QTest.mouseClick(dialog.off, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
        dialog.show_rule("SPOF005")
        dialog.severity.setCurrentIndex(dialog.severity.findData("low"))
        dialog.severity.activated.emit(dialog.severity.currentIndex())
        dialog.accept()

    asked = when_asked(act)
    seeded.actions_by_id["rules"].trigger()
    settled(seeded)

    assert asked == ["Rules of this design"]
    rules = seeded.document.design.rules
    assert rules["SPOF004"].off
    assert rules["SPOF005"].severity == "low"
    assert seeded.document.undo_stack.count() == 1


def test_all_rules_are_there_and_the_search_finds_them(dialog: RulesDialog) -> None:
    assert dialog.list.count() == len(all_rules())

    QTest.keyClicks(dialog.search, "name server")
    shown = [row for row in range(dialog.list.count()) if not dialog.list.item(row).isHidden()]
    assert [dialog.list.item(row).text()[:7] for row in shown] == ["SPOF007"]
    assert dialog.current is not None
    assert dialog.current.id == "SPOF007"

    QTest.keyClicks(dialog.search, " zzz")
    assert dialog.about.text() == "No rule matches the search."


def test_a_tick_in_the_list_turns_a_rule_off(dialog: RulesDialog) -> None:
    dialog.show_rule("SPOF004")
    item = dialog.list.currentItem()

    item.setCheckState(Qt.CheckState.Unchecked)

    assert dialog.after().rules["SPOF004"].off
    assert not dialog.off.isChecked()
    assert dialog.count.text() == f"{len(all_rules())} rules · 1 off"
    dialog.buttons.button(dialog.reset).click()
    assert not dialog.after().rules
    assert item.checkState() == Qt.CheckState.Checked


def test_a_parameter_is_set_and_one_out_of_range_is_told_at_its_place(dialog: RulesDialog) -> None:
    dialog.show_rule("SPOF007")
    editor = dialog.parameters["fewest"]

    editor.line.clear()
    QTest.keyClicks(editor.line, "99")
    assert editor.error == "99 is above 13."
    assert not _ok(dialog)

    editor.line.clear()
    QTest.keyClicks(editor.line, "3")
    assert editor.error == ""
    assert _ok(dialog)
    assert dialog.after().rules["SPOF007"].parameters == {"fewest": 3}

    editor.line.clear()
    QTest.keyClicks(editor.line, "2")
    assert not dialog.after().rules


def test_team_rules_elsewhere_are_refused_at_the_place(dialog: RulesDialog) -> None:
    QTest.keyClicks(dialog.team, "../rules.py")
    assert dialog.error.text() == (
        "Team rules: expected a Python file in the folder of the design or below it, such as "
        "rules.py."
    )
    assert not _ok(dialog)

    dialog.team.clear()
    QTest.keyClicks(dialog.team, "rules.py")
    assert _ok(dialog)
    assert dialog.after().team_rules == "rules.py"


def test_every_control_of_the_dialog_has_a_name(
    dialog: RulesDialog, named: Callable[[QWidget], list[str]]
) -> None:
    dialog.show_rule("SPOF007")

    assert named(dialog) == []


# --- trust --------------------------------------------------------------------------------------


def _asked(window: MainWindow, qtbot: QtBot) -> QMessageBox:
    qtbot.waitUntil(lambda: window.team_rules.question is not None, timeout=10_000)
    box = window.team_rules.question
    assert box is not None
    return box


def _answer(box: QMessageBox, text: str) -> None:
    [button] = [button for button in box.buttons() if button.text().replace("&", "") == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_opening_a_design_with_team_rules_asks_and_no_is_the_default(
    window: MainWindow, settled: Settled, team: Path, qtbot: QtBot
) -> None:
    window.file.open(team)
    box = _asked(window, qtbot)

    assert box.defaultButton().text().replace("&", "") == "Do not run"
    assert box.informativeText() == MEANING.format(name="rules.py", folder=team.parent)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    settled(window)
    assert "CFG002" in _ids(window)
    assert "ACME001" not in _ids(window)
    window.check.again()
    settled(window)
    assert window.team_rules.question is None  # asked once


def test_after_yes_the_rules_run_and_a_changed_file_is_asked_for_again(
    window: MainWindow, settled: Settled, team: Path, qtbot: QtBot
) -> None:
    window.file.open(team)
    _answer(_asked(window, qtbot), "Trust and run")
    qtbot.waitUntil(lambda: "ACME001" in _ids(window), timeout=10_000)
    assert "CFG002" not in _ids(window)

    (team.parent / "rules.py").write_text(f"{RULES}# changed\n")
    window.check.again()
    _answer(_asked(window, qtbot), "Do not run")
    settled(window)
    assert "ACME001" not in _ids(window)


def test_a_repair_of_a_team_rule_is_proven_by_it(
    window: MainWindow, settled: Settled, team: Path, qtbot: QtBot
) -> None:
    window.file.open(team)
    _answer(_asked(window, qtbot), "Trust and run")
    qtbot.waitUntil(lambda: "ACME001" in _ids(window), timeout=10_000)

    window.findings.go_to("ACME001@design")
    window.findings.fix_current()
    qtbot.waitUntil(window.findings.bar.apply_button.isEnabled, timeout=10_000)
    window.findings.bar.apply()
    settled(window)

    assert window.document.design.components["lb"].name == "Acme"
    assert "ACME001" not in _ids(window)


def test_trust_that_cannot_be_kept_is_told_and_nothing_runs(
    window: MainWindow,
    settled: Settled,
    team: Path,
    tmp_path: Path,
    qtbot: QtBot,
    when_asked: Callable[[Act], list[str]],
) -> None:
    (tmp_path / "config").mkdir(exist_ok=True)
    (tmp_path / "config" / "trust.json").mkdir()
    window.file.open(team)
    box = _asked(window, qtbot)
    told = when_asked(lambda dialog: dialog.close())
    _answer(box, "Trust and run")
    settled(window)

    assert told == ["The answer was not kept"]
    assert "ACME001" not in _ids(window)


def test_a_design_that_was_saved_elsewhere_is_judged_by_the_rules_there(
    window: MainWindow, settled: Settled, seed: Design, team: Path, qtbot: QtBot
) -> None:
    window.document.reset(edits.set_team_rules(seed, "rules.py"), None)
    settled(window)
    [finding] = [item for item in window.findings.findings if item.rule.id == "CFG002"]
    assert "save it first" in finding.problem.message

    window.document.saved_as(team, window.document.design)

    _answer(_asked(window, qtbot), "Trust and run")
    qtbot.waitUntil(lambda: "ACME001" in _ids(window), timeout=10_000)
