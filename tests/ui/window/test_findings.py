"""The findings: always of the current design, shown, repaired, waived."""

import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.rules.check import check
from app.rules.registry import SEVERITIES, Finding, Fix
from app.ui.background import Background
from app.ui.dialogs.waive import WaiveDialog
from app.ui.document import Document
from app.ui.fixing import proof, words
from app.ui.live_check import LiveCheck
from app.ui.main_window import MainWindow
from app.ui.panels.finding_rows import FINDING, ROW, button_rect
from app.ui.panels.findings import FindingsPanel
from app.ui.theme import DARK, LIGHT

Act = Callable[[QWidget], object]
Settled = Callable[[MainWindow], MainWindow]


def _ids(window: MainWindow) -> list[str]:
    return [finding.rule.id for finding in window.findings.rows.findings]


def _row(window: MainWindow, rule_id: str) -> int:
    return _ids(window).index(rule_id)


def _click(window: MainWindow, row: int, button: str | None = None) -> None:
    rows = window.findings.list
    index = window.findings.rows.index(row, 0)
    rows.scrollTo(index)
    area = rows.visualRect(index)
    at = QPoint(area.x() + 200, area.center().y())
    if button == "fix":
        at = button_rect(area, "fix").center()
    elif button == "waive":
        at = button_rect(area, "waive").center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)


# --- the check ----------------------------------------------------------------------------------


def test_an_edit_is_checked_without_being_asked(seeded: MainWindow, settled: Settled) -> None:
    assert "SPOF004" in _ids(seeded)

    seeded.document.apply("Remove", edits.remove(seeded.document.design, ("lb",)))
    settled(seeded)

    assert "SPOF004" not in _ids(seeded)


def test_undo_is_checked_too(seeded: MainWindow, settled: Settled) -> None:
    before = _ids(seeded)
    seeded.document.apply("Remove", edits.remove(seeded.document.design, ("lb",)))
    settled(seeded)
    seeded.document.undo_stack.undo()
    settled(seeded)

    assert _ids(seeded) == before


def test_a_move_is_not_checked(seeded: MainWindow) -> None:
    after = edits.move(seeded.document.design, {"lb": Place(x=5, y=5)})

    seeded.document.apply("Move", after)

    assert not seeded.check.busy


def test_a_result_for_a_design_of_the_past_is_dropped(qtbot: QtBot, seed: Design) -> None:
    document = Document(seed)
    check_live = LiveCheck(document)
    seen: list[Design] = []
    check_live.findings_changed.connect(lambda _, analysis: seen.append(analysis.design))
    check_live.start()
    check_live._check()  # the check of the seed runs now, in its thread
    after = edits.remove(seed, ("lb",))
    document.apply("Remove", after)
    qtbot.waitUntil(lambda: not check_live.busy, timeout=10_000)

    assert seen == [after]
    check_live.stop()


def test_work_that_raises_is_told_to_the_caller(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    background = Background()
    told: list[str] = []

    def broken() -> str:
        message = "broken"
        raise ValueError(message)

    background.run(broken, told.append, lambda: told.append("failed"))
    qtbot.waitUntil(lambda: told == ["failed"])

    assert "broken" in caplog.text


# --- the list -----------------------------------------------------------------------------------


def test_findings_are_listed_worst_first(seeded: MainWindow) -> None:
    ranks = [SEVERITIES.index(item.rule.severity) for item in seeded.findings.rows.findings]

    assert ranks == sorted(ranks)


def test_the_chips_count_and_filter(seeded: MainWindow) -> None:
    panel = seeded.findings
    critical = [item for item in panel.findings if item.rule.severity == "critical"]
    chip = panel.chips["critical"]
    assert chip.accessibleName() == f"critical: {len(critical)}"
    assert chip.text() in (f"{len(critical)} critical", str(len(critical)))  # by room

    panel.chips["critical"].click()
    assert list(panel.rows.findings) == critical
    panel.chips["spof"].click()
    assert {item.rule.category for item in panel.rows.findings} == {"spof"}
    panel.chips["critical"].click()
    panel.chips["spof"].click()
    assert len(panel.rows.findings) == len(panel.findings)


def test_typing_filters_by_any_word_of_a_finding(seeded: MainWindow) -> None:
    QTest.keyClicks(seeded.findings.filter, "balancer spof004")

    assert _ids(seeded) == ["SPOF004"]


def test_a_filter_that_hides_all_says_so(seeded: MainWindow) -> None:
    QTest.keyClicks(seeded.findings.filter, "nonsense")

    assert seeded.findings.empty.text() == "No finding matches the filter."
    assert seeded.findings.pages.currentWidget() is seeded.findings.empty


def test_the_empty_list_of_an_empty_design_says_what_to_expect(window: MainWindow) -> None:
    assert "Nothing to check yet" in window.findings.empty.text()


def test_a_design_in_order_says_what_was_looked_for(document: Document) -> None:
    panel = FindingsPanel(document, lambda _: None)

    panel.show_findings(())

    assert "Everything is in order" in panel.empty.text()
    assert "missing firewall" in panel.empty.text()
    assert "5 parts" in panel.empty.text()


def test_the_current_finding_stays_current_over_an_edit(
    seeded: MainWindow, settled: Settled
) -> None:
    seeded.findings.list.set_current(_row(seeded, "SPOF005"))
    seeded.document.apply("Add", edits.add(seeded.document.design, "note")[0])
    settled(seeded)

    current = seeded.findings.list.current
    assert current is not None
    assert current.rule.id == "SPOF005"


def test_a_click_centres_the_finding_and_draws_its_evidence(seeded: MainWindow) -> None:
    _click(seeded, _row(seeded, "SPOF004"))

    assert seeded.canvas.evidence.shown
    assert seeded.bar.message.startswith("lb stops browse")


def test_evidence_and_grips_stay_in_another_theme(seeded: MainWindow) -> None:
    seeded.canvas.select(("server-1",))
    _click(seeded, _row(seeded, "SPOF004"))
    seeded.canvas.select(("server-1",))
    grips = sum(grip.isVisible() for grip in seeded.canvas.overlay.grips)

    seeded.canvas.set_theme(DARK if seeded.canvas.stage.theme is LIGHT else LIGHT)

    assert seeded.canvas.evidence.shown
    assert sum(grip.isVisible() for grip in seeded.canvas.overlay.grips) == grips == 8


def test_hovering_draws_the_evidence(seeded: MainWindow) -> None:
    rows = seeded.findings.list
    index = seeded.findings.rows.index(0, 0)
    QTest.mouseMove(rows.viewport(), rows.visualRect(index).center())
    rows.entered.emit(index)

    assert seeded.canvas.evidence.shown
    rows.hovered.emit(None)
    assert not seeded.canvas.evidence.shown


def test_f8_walks_through_the_findings_and_round(seeded: MainWindow) -> None:
    count = len(seeded.findings.rows.findings)
    QTest.keyClick(seeded, Qt.Key.Key_F8)
    assert seeded.findings.list.currentIndex().row() == 0

    QTest.keyClick(seeded, Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert seeded.findings.list.currentIndex().row() == count - 1
    QTest.keyClick(seeded, Qt.Key.Key_F8)
    assert seeded.findings.list.currentIndex().row() == 0


def test_the_details_explain_the_rule_and_name_what_to_read(seeded: MainWindow) -> None:
    seeded.findings.list.set_current(_row(seeded, "NET001"))
    finding = seeded.findings.list.current
    assert finding is not None

    told = seeded.findings.details.toPlainText()

    assert finding.rule.student in told
    assert finding.rule.references[0] in told
    assert not seeded.findings.details.isHidden()


def test_a_hostile_name_stays_text_in_the_details(seeded: MainWindow, settled: Settled) -> None:
    design = edits.set_fields(seeded.document.design, "lb", name="<img src=x><b>bold</b>")
    seeded.document.apply("Rename", design)
    settled(seeded)
    seeded.findings.list.set_current(_row(seeded, "SPOF004"))

    assert "<img src=x>" in seeded.findings.details.toPlainText()


def test_a_thousand_findings_are_rows_of_a_model_not_widgets(
    document: Document, seed: Design, qtbot: QtBot
) -> None:
    panel = FindingsPanel(document, lambda _: None)
    qtbot.addWidget(panel)
    panel.show()
    [first, *_] = check(seed)
    many = [
        Finding(first.rule, first.problem._replace(subjects=(f"part-{number}",)))
        for number in range(1000)
    ]
    before = len(panel.findChildren(QWidget))

    panel.show_findings(many)

    assert panel.rows.rowCount() == 1000
    assert len(panel.findChildren(QWidget)) == before
    assert panel.rows.index(999, 0).data(FINDING) is many[999]
    assert panel.list.verticalScrollBar().maximum() > 900 * ROW, "laid out at once"


def test_a_row_is_chosen_but_not_written_into(seeded: MainWindow) -> None:
    rows, shown = seeded.findings.rows, seeded.findings.list
    shown.set_current(0)

    assert not rows.flags(rows.index(0, 0)) & Qt.ItemFlag.ItemIsEditable
    assert shown.selectedIndexes() == [rows.index(0, 0)]


# --- repairs ------------------------------------------------------------------------------------


def _wait_for_offer(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.findings.bar.apply_button.isEnabled, timeout=10_000)


def test_a_fix_is_previewed_before_it_is_applied(
    seeded: MainWindow, settled: Settled, qtbot: QtBot
) -> None:
    before = seeded.document.design
    _click(seeded, _row(seeded, "SPOF005"), "fix")
    _wait_for_offer(seeded, qtbot)

    bar = seeded.findings.bar
    assert "Removes" in bar.text.text()
    assert "Single database for writes" in bar.text.text()
    assert "part" in bar.text.text()
    assert seeded.document.design is before

    QTest.mouseClick(bar.apply_button, Qt.MouseButton.LeftButton)
    settled(seeded)

    assert "SPOF005" not in _ids(seeded)
    assert not bar.isVisible()
    seeded.document.undo_stack.undo()
    assert seeded.document.design is before


def test_a_preview_can_be_cancelled(seeded: MainWindow, qtbot: QtBot) -> None:
    before = seeded.document.design
    seeded.findings.list.set_current(_row(seeded, "SPOF004"))
    seeded.actions_by_id["fix"].trigger()
    _wait_for_offer(seeded, qtbot)

    QTest.mouseClick(seeded.findings.bar.cancel_button, Qt.MouseButton.LeftButton)

    assert seeded.document.design is before
    assert not seeded.findings.bar.isVisible()
    assert seeded.canvas._preview is None


def test_ctrl_period_and_enter_repair_with_the_keyboard(
    seeded: MainWindow, settled: Settled, qtbot: QtBot
) -> None:
    seeded.findings.list.set_current(_row(seeded, "SPOF005"))
    QTest.keyClick(seeded, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    _wait_for_offer(seeded, qtbot)

    QTest.keyClick(seeded.findings.bar.apply_button, Qt.Key.Key_Space)
    settled(seeded)

    assert "SPOF005" not in _ids(seeded)


def test_several_fixes_are_offered_in_a_menu(seeded: MainWindow, qtbot: QtBot) -> None:
    row = next(
        row for row, item in enumerate(seeded.findings.rows.findings) if len(item.problem.fixes) > 1
    )
    finding = seeded.findings.rows.findings[row]
    _click(seeded, row, "fix")
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)

    assert [action.text() for action in menu.actions()] == [
        fix.title for fix in finding.problem.fixes
    ]
    menu.actions()[1].trigger()
    _wait_for_offer(seeded, qtbot)
    assert seeded.findings.bar.title.text() == finding.problem.fixes[1].title
    menu.close()


def test_an_edit_ends_a_preview(seeded: MainWindow, qtbot: QtBot) -> None:
    _click(seeded, _row(seeded, "SPOF004"), "fix")
    _wait_for_offer(seeded, qtbot)

    seeded.document.apply("Add", edits.add(seeded.document.design, "note")[0])

    assert not seeded.findings.bar.isVisible()


def test_every_fix_of_the_seed_says_what_it_does(seed: Design) -> None:
    findings = check(seed)
    for finding in findings:
        for fix in finding.problem.fixes:
            found = proof(seed, finding, fix)
            assert found.holds, fix.title
            assert finding.key in {item.key for item in found.removed}
            assert words(seed, found).startswith("Removes ")


def test_a_fix_says_what_it_brings_and_takes_away(seed: Design) -> None:
    findings = check(seed)
    spof = next(item for item in findings if item.rule.id == "SPOF004")
    first = spof.problem.fixes[0]
    removing = first._replace(edit=lambda design: edits.remove(first.edit(design), ("dns",)))

    told = words(seed, proof(seed, spof, removing))

    assert "Single load balancer" in told
    assert "takes away 1 part" in told.lower()


def test_a_fix_tells_the_downtime_before_and_after(seed: Design) -> None:
    finding = next(item for item in check(seed) if item.rule.id == "SPOF004")

    told = words(seed, proof(seed, finding, finding.problem.fixes[0]))

    assert re.search(r"browse [\d.]+ h → [\d.]+ (h|min) \(assumed\)", told)


def test_a_fix_that_leaves_its_finding_is_not_offered(seeded: MainWindow, qtbot: QtBot) -> None:
    finding = seeded.findings.rows.findings[_row(seeded, "SPOF004")]
    idle = Fix("Do nothing much", lambda design: edits.rename(design, "Another"))

    seeded.findings.bar.begin(finding, idle)
    qtbot.waitUntil(lambda: "still there" in seeded.findings.bar.text.text(), timeout=10_000)

    assert not seeded.findings.bar.apply_button.isEnabled()
    assert seeded.canvas._preview is None


def test_a_fix_that_crashes_says_so(seeded: MainWindow, qtbot: QtBot) -> None:
    finding = seeded.findings.rows.findings[_row(seeded, "SPOF004")]

    def crash(_: Design) -> Design:
        raise ZeroDivisionError

    seeded.findings.bar.begin(finding, Fix("Crash", crash))
    qtbot.waitUntil(lambda: "failed" in seeded.findings.bar.text.text(), timeout=10_000)

    assert not seeded.findings.bar.apply_button.isEnabled()


# --- waivers ------------------------------------------------------------------------------------


def _waive(reason: str) -> Act:
    def act(dialog: QWidget) -> None:
        assert isinstance(dialog, WaiveDialog)
        assert not dialog.waive_button.isEnabled()
        QTest.keyClicks(dialog.reason, reason)
        QTest.keyClicks(dialog.by, "Ada")
        QTest.mouseClick(dialog.waive_button, Qt.MouseButton.LeftButton)

    return act


def test_a_finding_is_waived_with_a_reason_and_taken_back(
    seeded: MainWindow, settled: Settled, when_asked: Callable[[Act], list[str]]
) -> None:
    row = _row(seeded, "SPOF004")
    key = seeded.findings.rows.findings[row].key
    when_asked(_waive("A short outage is fine."))
    _click(seeded, row, "waive")
    settled(seeded)

    waiver = seeded.document.design.waivers[key]
    assert (waiver.reason, waiver.by) == ("A short outage is fine.", "Ada")
    assert _ids(seeded)[-1] == "SPOF004"
    assert seeded.settings.name == "Ada"

    _click(seeded, len(_ids(seeded)) - 1, "waive")
    settled(seeded)
    assert not seeded.document.design.waivers


def test_a_waiver_that_is_cancelled_changes_nothing(
    seeded: MainWindow, when_asked: Callable[[Act], list[str]]
) -> None:
    asked = when_asked(lambda dialog: dialog.close())
    _click(seeded, _row(seeded, "SPOF004"), "waive")

    assert asked == ["Waive SPOF004"]
    assert not seeded.document.design.waivers


def test_a_waiver_can_end_on_a_day(seed: Design, qtbot: QtBot) -> None:
    dialog = WaiveDialog(check(seed)[0], "", None)
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.reason, "Until the new machine is here")
    dialog.ends.setChecked(True)

    waiver = dialog.waiver()

    assert waiver.until == dialog.until.date().toString("yyyy-MM-dd")


def test_a_name_that_is_too_long_is_refused_under_the_form(seed: Design, qtbot: QtBot) -> None:
    dialog = WaiveDialog(check(seed)[0], "", None)
    qtbot.addWidget(dialog)
    QTest.keyClicks(dialog.reason, "fine")
    dialog.by.setText("x" * 300)

    assert "120" in dialog.error.text()
    assert not dialog.waive_button.isEnabled()


# --- from elsewhere in the window ---------------------------------------------------------------


def test_a_badge_on_the_canvas_leads_to_its_finding(seeded: MainWindow) -> None:
    seeded.findings.chips["https"].click()

    seeded.canvas.finding_requested.emit("lb")

    current = seeded.findings.list.current
    assert current is not None
    assert "lb" in current.problem.subjects


def test_the_status_bar_says_how_each_flow_stands(seeded: MainWindow) -> None:
    analysis = seeded.check
    assert analysis is not None
    assert any(
        text.startswith("checkout: ") and "single point" in text for text in seeded.bar.texts
    )
    assert len(seeded.bar.texts) == len(seeded.document.design.flows)
