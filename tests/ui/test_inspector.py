"""The inspector, driven as a user drives it; what counts is the design."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.explanations import explained, explanation
from app.model.fields import field_of, fields_of
from app.model.kinds import KINDS
from app.model.links import Link
from app.model.traffic import LoadBalancer
from app.rules.check import check
from app.ui.document import Document
from app.ui.panels.editors import (
    ChoiceEditor,
    FlagEditor,
    IdsEditor,
    LongTextEditor,
    NumberEditor,
    TextEditor,
)
from app.ui.panels.inspector import Inspector


def _design() -> Design:
    design, _ = edits.add(Design(name="shop"), "client")
    design, _ = edits.add(design, "load_balancer")
    design, _ = edits.add(design, "web_server")
    design, _ = edits.add(design, "web_server")
    design, _ = edits.add(design, "server")
    design, _ = edits.add(design, "firewall")
    design, _ = edits.add(design, "database")
    design, _ = edits.add(design, "database", role="replica")
    design, _ = edits.add(design, "cluster")
    design, _ = edits.connect(design, "users-1", "lb-1", protocol="http")
    design, _ = edits.connect(design, "lb-1", "web-1", protocol="http")
    return edits.connect(design, "lb-1", "web-2", protocol="http")[0]


@pytest.fixture
def document() -> Document:
    return Document(_design())


def _text(inspector: Inspector, field: str) -> TextEditor:
    assert inspector.form is not None
    editor = inspector.form.editor(field)
    assert isinstance(editor, TextEditor)
    return editor


def _choice(inspector: Inspector, field: str) -> ChoiceEditor:
    assert inspector.form is not None
    editor = inspector.form.editor(field)
    assert isinstance(editor, ChoiceEditor)
    return editor


def _shown(inspector: Inspector, field: str) -> bool:
    assert inspector.form is not None
    return inspector.form.editor(field).isVisibleTo(inspector.form)


def _finding_buttons(inspector: Inspector) -> list[QToolButton]:
    buttons = inspector.findChildren(QToolButton)
    return [item for item in buttons if item.objectName() == "findingLink" and item.isVisible()]


def _choose(editor: ChoiceEditor, value: str | None) -> None:
    editor.box.setCurrentIndex(editor.box.findData(value))
    editor.box.activated.emit(editor.box.currentIndex())


def test_typing_a_name_is_one_undo_step(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("web-1",))
    line = _text(inspector, "name").line
    line.selectAll()

    QTest.keyClicks(line, "front")

    assert document.design.components["web-1"].name == "front"
    document.undo_stack.undo()
    assert document.design.components["web-1"].name == "web-1"
    assert not document.undo_stack.canUndo()


def test_a_value_out_of_range_is_refused_under_its_field(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("web-1",))
    editor = _text(inspector, "availability")

    QTest.keyClicks(editor.line, "7")

    assert "above 1" in editor.error
    assert document.design.components["web-1"].availability is None
    editor.line.clear()
    QTest.keyClicks(editor.line, "0.9")
    assert editor.error == ""
    assert document.design.components["web-1"].availability == 0.9


def test_words_are_no_number(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("link-1",))
    editor = _text(inspector, "port")

    QTest.keyClicks(editor.line, "many")

    assert editor.error == "Expected a whole number."
    assert document.design.links["link-1"].port is None


def test_what_was_refused_stays_with_the_reason_until_the_value_is_another(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("web-1",))
    editor = _text(inspector, "availability")
    QTest.keyClicks(editor.line, "7")

    document.apply("Rename", edits.set_fields(document.design, "db-1", name="data"))
    assert editor.line.text() == "7"
    assert "above 1" in editor.error

    document.apply("Set", edits.set_fields(document.design, "web-1", availability=0.5))
    assert editor.line.text() == "0.5"
    assert editor.error == ""


def test_an_optional_number_can_be_taken_back(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("link-1",))
    editor = _text(inspector, "port")
    QTest.keyClicks(editor.line, "8080")
    assert document.design.links["link-1"].port == 8080

    editor.line.selectAll()
    QTest.keyClick(editor.line, Qt.Key.Key_Delete)

    assert document.design.links["link-1"].port is None


def test_choosing_an_algorithm_sets_and_explains_it(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))

    _choose(_choice(inspector, "algorithm"), "leastconn")

    balancer = document.design.components["lb-1"]
    assert isinstance(balancer, LoadBalancer)
    assert balancer.algorithm == "leastconn"
    told = explanation("load_balancer", "algorithm", "leastconn")
    assert told is not None
    assert told.text.count(".") >= 2


def test_a_field_is_shown_where_it_counts_and_keeps_its_value(
    inspector: Inspector, document: Document
) -> None:
    document.apply("Set", edits.set_fields(document.design, "lb-1", hashing="modulo"))
    inspector.show_selection(("lb-1",))
    assert not _shown(inspector, "hashing")
    _choose(_choice(inspector, "algorithm"), "uri")
    assert _shown(inspector, "hashing")
    assert _choice(inspector, "hashing").box.currentData() == "modulo"
    document.undo_stack.undo()
    assert not _shown(inspector, "hashing")


@pytest.mark.parametrize("kind", ["app_server", "worker"])
def test_a_source_folder_is_asked_for_where_one_is_built(
    inspector: Inspector, document: Document, kind: str
) -> None:
    design, key = edits.add(document.design, kind)
    document.apply("Add", design)
    inspector.show_selection((key,))
    assert not _shown(inspector, "source")
    _choose(_choice(inspector, "program"), "folder")
    assert _shown(inspector, "source")
    assert document.design.components[key].kind == kind


def test_a_field_is_shown_where_it_counts_for_one_of_several(
    inspector: Inspector, document: Document
) -> None:
    design, primary = edits.add(document.design, "database")
    design, replica = edits.add(design, "database")
    document.apply("Add", edits.set_fields(design, replica, role="replica"))
    inspector.show_selection((primary,))
    assert not _shown(inspector, "lag")
    inspector.show_selection((primary, replica))
    assert _shown(inspector, "lag")


def test_a_part_is_placed_by_choosing_its_container(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("web-1",))

    _choose(_choice(inspector, "parent"), "server-1")
    assert document.design.components["web-1"].parent == "server-1"
    _choose(_choice(inspector, "parent"), None)
    assert document.design.components["web-1"].parent is None


def test_a_container_cannot_be_placed_in_what_it_holds(
    inspector: Inspector, document: Document
) -> None:
    design, zone = edits.add(document.design, "zone")
    document.apply("Add", edits.nest(design, ("server-1",), zone))

    inspector.show_selection((zone,))

    assert _choice(inspector, "parent").box.findData("server-1") == -1


def test_several_parts_are_set_together_as_one_step(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("web-1", "web-2"))
    line = _text(inspector, "image").line
    line.selectAll()

    QTest.keyClicks(line, "caddy:2")

    assert [document.design.components[key].image for key in ("web-1", "web-2")] == ["caddy:2"] * 2  # type: ignore[union-attr]  # both are web servers
    document.undo_stack.undo()
    assert not document.undo_stack.canUndo()


def test_different_values_are_shown_as_such(inspector: Inspector, document: Document) -> None:
    document.apply("Set", edits.set_fields(document.design, "web-1", image="caddy:2"))

    inspector.show_selection(("web-1", "web-2"))

    line = _text(inspector, "image").line
    assert line.text() == ""
    assert line.placeholderText() == "several values"


def test_parts_of_different_kinds_offer_what_they_share(inspector: Inspector) -> None:
    inspector.show_selection(("web-1", "lb-1"))

    assert inspector.form is not None
    _text(inspector, "certificate")
    with pytest.raises(KeyError):
        inspector.form.editor("algorithm")


def test_members_join_a_cluster_in_the_order_of_the_clicks(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("cluster-1",))
    assert inspector.form is not None
    for member in ("db-2", "db-1"):
        editor = inspector.form.editor("members")
        assert isinstance(editor, IdsEditor)
        rows = [editor.list.item(row) for row in range(editor.list.count())]
        [row] = [row for row in rows if row.data(Qt.ItemDataRole.UserRole) == member]
        row.setCheckState(Qt.CheckState.Checked)

    cluster = document.design.components["cluster-1"]
    assert isinstance(cluster, Cluster)
    assert cluster.members == ("db-2", "db-1")


def test_members_are_offered_first_and_stay_in_place_while_they_are_chosen(
    inspector: Inspector, document: Document
) -> None:
    document.apply("Join", edits.join(document.design, "cluster-1", ("db-2",)))
    inspector.show_selection(("cluster-1",))
    assert inspector.form is not None
    editor = inspector.form.editor("members")
    assert isinstance(editor, IdsEditor)

    def offered() -> list[str]:
        return [editor.list.item(row).text() for row in range(editor.list.count())]

    assert offered()[:3] == ["db-2 (database)", "db-1 (database)", "lb-1 (load balancer)"]
    editor.list.item(2).setCheckState(Qt.CheckState.Checked)
    assert offered()[:3] == ["db-2 (database)", "db-1 (database)", "lb-1 (load balancer)"]
    cluster = document.design.components["cluster-1"]
    assert isinstance(cluster, Cluster)
    assert cluster.members == ("db-2", "lb-1")


def test_a_link_passes_firewalls(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("link-2",))
    assert inspector.form is not None
    editor = inspector.form.editor("via")
    assert isinstance(editor, IdsEditor)

    editor.list.item(0).setCheckState(Qt.CheckState.Checked)

    assert document.design.links["link-2"].via == ("fw-1",)


def test_a_flag_is_set_with_one_click(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("server-1",))
    assert inspector.form is not None
    editor = inspector.form.editor("firewall")
    assert isinstance(editor, FlagEditor)

    editor.check.click()

    assert document.design.components["server-1"].firewall  # type: ignore[union-attr]  # a server


def test_the_reason_is_typed_as_one_step(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("web-1",))
    assert inspector.form is not None
    editor = inspector.form.editor("description")
    assert isinstance(editor, LongTextEditor)

    QTest.keyClicks(editor.text, "Serves pages.")

    assert document.design.components["web-1"].description == "Serves pages."
    document.undo_stack.undo()
    assert document.design.components["web-1"].description == ""


def test_the_requirement_is_told_and_can_be_replaced(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]
    assert "web-1" in read.words.text()
    assert "web-2" in read.words.text()

    read.expression.line.setText("web-1 and web-2")
    read.expression.line.editingFinished.emit()

    assert document.design.components["lb-1"].requires == {"read": "web-1 and web-2"}
    read.expression.line.setText("")
    read.expression.line.editingFinished.emit()
    assert document.design.components["lb-1"].requires == {}


def test_parts_that_links_have_to_join_are_taken_and_told_in_words(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]

    QTest.keyClicks(read.expression.line, "reach(lb-1 -> web-1, web-2)")
    QTest.keyClick(read.expression.line, Qt.Key.Key_Return)

    assert document.design.components["lb-1"].requires == {"read": "reach(lb-1 -> web-1, web-2)"}
    assert read.words.text() == "To read, lb-1 needs links that lead from lb-1 to web-1 and web-2."
    read.expression.line.clear()
    QTest.keyClicks(read.expression.line, "reach(lb-1)")
    QTest.keyClick(read.expression.line, Qt.Key.Key_Return)
    assert read.expression.error.text() == "Reach needs two parts or more at character 11."


def test_a_wrong_expression_is_refused_at_the_character(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]

    read.expression.line.setText("web-1 and )")
    read.expression.line.editingFinished.emit()

    assert "character 11" in read.expression.error.text()
    assert document.design.components["lb-1"].requires == {}
    document.apply("Rename", edits.set_fields(document.design, "db-1", name="data"))
    assert read.expression.line.text() == "web-1 and )"
    assert "character 11" in read.expression.error.text()


def test_findings_of_the_selection_are_listed_and_lead_to_the_panel(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    inspector.show_selection(("lb-1",))
    inspector.show_findings(check(document.design))
    qtbot.waitUntil(lambda: bool(_finding_buttons(inspector)))

    with qtbot.waitSignal(inspector.finding_requested) as caught:
        _finding_buttons(inspector)[0].click()

    assert caught.args is not None
    assert "lb-1" in caught.args[0]


def test_undo_is_shown_at_once(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("lb-1",))
    _choose(_choice(inspector, "algorithm"), "source")

    document.undo_stack.undo()

    assert _choice(inspector, "algorithm").box.currentData() == "roundrobin"


def test_a_removed_part_leaves_the_inspector(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("web-1",))

    document.apply("Remove", edits.remove(document.design, ("web-1",)))

    assert inspector.form is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_form_with_accessible_names(
    kind: str, document: Document, inspector: Inspector
) -> None:
    design, component_id = edits.add(document.design, kind)
    document.apply("Add", design)

    inspector.show_selection((component_id,))

    assert inspector.form is not None
    proxy = inspector.form.editor("name").focusProxy()
    assert proxy is not None
    assert proxy.accessibleName() == "Name"


@pytest.mark.parametrize("field", ["algorithm", "mode", "role", "failover"])
def test_every_choice_that_needs_it_is_explained(field: str) -> None:
    for kind, cls in KINDS.items():
        for facts in fields_of(cls):
            if facts.name == field:
                assert all(explanation(kind, field, choice) for choice in facts.choices)


def test_no_explanation_is_of_a_choice_that_does_not_exist() -> None:
    for kind, field, choice in explained():
        assert choice in field_of(KINDS[kind], field).choices


def test_a_link_shows_its_fields(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("link-1",))

    _choose(_choice(inspector, "tls"), "1.3")

    assert document.design.links["link-1"] == Link(
        source="users-1", target="lb-1", protocol="http", tls="1.3"
    )
    assert isinstance(inspector.form.editor("port"), NumberEditor) if inspector.form else False


def test_the_wheel_over_a_choice_changes_nothing(document: Document, inspector: Inspector) -> None:
    inspector.show_selection(("lb-1",))
    box = _choice(inspector, "algorithm").box
    middle = QPointF(box.rect().center())
    turn = QWheelEvent(
        middle,
        box.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    box.setFocus()

    QApplication.sendEvent(box, turn)

    assert not turn.isAccepted()
    assert document.undo_stack.count() == 0
