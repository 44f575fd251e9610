"""What things look like: clusters, notes, roles, marks; changes reach the items."""

import time
from itertools import product
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem, QGraphicsTextItem, QToolTip
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.fields import fields_of
from app.model.kinds import KINDS
from app.model.links import Place, Waiver
from app.rules.check import check
from app.ui import picture
from app.ui.canvas import speech
from app.ui.canvas.cards import TEXT_WIDTH
from app.ui.canvas.container_item import ContainerItem, NoteItem
from app.ui.canvas.scene import Scene
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.theme import DARK, FONT_FAMILIES, LIGHT, Theme, ui_font
from tests.ui.canvas.conftest import Hands
from tests.ui.conftest import add


def texts(scene: Scene) -> set[str]:
    return {item.text() for item in scene.items()
            if isinstance(item, QGraphicsSimpleTextItem) and item.isVisible()}  # fmt: skip


def clustered(apart: bool) -> Design:
    design, one = add(Design(), "database", 0, 0)
    design, other = add(design, "database", 0, 400 if apart else 96)
    if apart:
        design, _ = add(design, "cache", 0, 200)
    design, key = add(design, "cluster", 0 if not apart else 400, 192)
    design = edits.set_fields(design, key, mode="primary-replica")
    return edits.join(design, key, (one, other))


def facts(kind: str) -> set[str]:
    """Return all facts that a card of a kind may show: what is chosen of the fields they tell."""
    cls: type[Any] = KINDS[kind]
    read: set[str] = set()

    class Watched(cls):  # type: ignore[misc]  # of whichever kind
        def __getattribute__(self, name: str) -> Any:
            read.add(name)
            return super().__getattribute__(name)

    choices = {field.name: field.choices for field in fields_of(cls) if field.choices}
    told: list[str] = []
    while True:  # what is chosen in one field may let another one be told
        chosen = [dict(zip(told, values, strict=True))
                  for values in product(*map(choices.__getitem__, told))]  # fmt: skip
        items = [Watched(name="x", **values) for values in chosen]
        read.clear()
        found = {item.fact for item in items}
        if {*told} >= (read & choices.keys()):
            return found
        told = sorted(read & choices.keys() | {*told})


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"note"}))
def test_the_fact_of_a_card_is_not_cut_whatever_is_chosen(kind: str, qapp: QApplication) -> None:
    shown = facts(kind)
    assert shown
    for family in FONT_FAMILIES:  # those that this machine lacks are replaced by its own
        font = ui_font(12)
        font.setFamilies([family])
        widths = {fact: QFontMetricsF(font).horizontalAdvance(fact) for fact in shown}
        assert max(widths.values()) <= TEXT_WIDTH, (family, widths)


@pytest.mark.parametrize("vector", [True, False])
def test_members_side_by_side_get_a_common_outline_with_the_mode(
    qapp: QApplication, vector: bool
) -> None:
    scene = Scene(LIGHT, vector=vector)
    scene.show(None, clustered(apart=False))
    outline = scene.clusters["cluster-1"]
    for key in ("db-1", "db-2", "cluster-1"):
        assert outline.path().boundingRect().contains(QRectF(*scene.placing.rects[key]))
    assert "primary-replica" in texts(scene)


def test_members_with_others_between_are_tied_to_the_cluster(document: Document,
                                                             view: CanvasView) -> None:  # fmt: skip
    document.apply("Cluster", clustered(apart=True))
    stage = view.stage
    assert stage.routes.ties.keys() == {"cluster-1~db-1", "cluster-1~db-2"}
    before = stage.clusters["cluster-1"]._line.path().boundingRect()
    assert not before.isEmpty()
    after = edits.move(document.design, {"db-2": Place(x=0, y=600)})
    document.apply("Move", after)
    assert stage.clusters["cluster-1"]._line.path().boundingRect().bottom() > before.bottom()
    document.apply("Delete", edits.remove(document.design, ("cluster-1",)))
    assert not stage.clusters
    assert not stage.routes.ties


def test_a_cluster_that_loses_its_members_shows_none(document: Document,
                                                     view: CanvasView) -> None:  # fmt: skip
    document.apply("Cluster", clustered(apart=False))
    document.apply("Leave", edits.set_fields(document.design, "cluster-1", members=()))
    assert view.stage.clusters["cluster-1"].path().isEmpty()


@pytest.mark.parametrize("vector", [True, False])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_role_has_its_colour_and_arrow(qapp: QApplication, theme: Theme, vector: bool) -> None:
    design, one = add(Design(), "web_server", 0, 0)
    expected = {
        "request": theme.request,
        "read": theme.read,
        "write": theme.write,
        "replicate": theme.replicate,
        "monitor": theme.operation,
    }
    keys = {}
    for index, role in enumerate(expected):
        design, other = add(design, "web_server", 480, 120 * index)
        design, keys[role] = edits.connect(design, one, other, role=role, protocol="http")
    scene = Scene(theme, vector=vector)
    scene.show(None, design)
    for role, colour in expected.items():
        item = scene.links[keys[role]]
        assert item.line.brush().color() == QColor(colour)
        striped = role in ("replicate", "monitor")
        assert (item.line.path().elementCount() > 60) == (striped and vector)
        for piece in (*item.runs, *item.corners):
            assert (piece.brush().style() == Qt.BrushStyle.TexturePattern) == striped


def test_a_selected_link_and_then_another_role(document: Document, view: CanvasView) -> None:
    view.select(("link-1",))
    item = view.stage.links["link-1"]
    assert item.line.brush().color() == QColor(LIGHT.accent)
    view.select(())
    assert item.line.brush().color() == QColor(LIGHT.request)
    for role, colour in (("replicate", LIGHT.replicate), ("write", LIGHT.write)):
        document.apply("Role", edits.set_fields(document.design, "link-1", role=role))
        assert item.line.brush().color() == QColor(colour)


@pytest.mark.parametrize("vector", [True, False])
def test_a_note_shows_its_text_and_never_runs_out_of_its_paper(
    qapp: QApplication, vector: bool
) -> None:
    design, key = add(Design(), "note", 0, 0)
    design = edits.set_fields(design, key, text="Why is there only one? " * 40)
    scene = Scene(LIGHT, vector=vector)
    scene.show(None, design)
    note = scene.parts[key]
    assert isinstance(note, NoteItem)
    shown = [item for item in scene.items() if isinstance(item, QGraphicsTextItem)]
    assert shown[0].toPlainText().startswith("Why is there only one?")
    assert note.sceneBoundingRect().contains(shown[0].sceneBoundingRect())


def test_a_note_is_resized_by_its_edge(document: Document, view: CanvasView,
                                       hands: Hands) -> None:  # fmt: skip
    after, key = edits.add(document.design, "note", Place(x=0, y=480))
    document.apply("Add", after)
    view.select((key,))
    hands.hover(188, 480 + 48)
    hands.drag((188, 480 + 48), (188 + 96, 480 + 48))
    place = document.design.layout[key]
    assert (place.width, place.height) == (288, 96)


def test_what_changes_in_the_document_changes_on_the_canvas(
    document: Document, view: CanvasView
) -> None:
    stage = view.stage
    design = edits.set_fields(document.design, "lb-1", name="entrance", algorithm="leastconn")
    document.apply("Edit", edits.set_fields(design, "server-1", name="big machine"))
    assert {"entrance", "least connections", "big machine"} <= texts(stage)
    document.apply("Kind", edits.change_kind(document.design, "db-1", "cache"))
    assert stage.parts["db-1"]._look.kind == "cache"  # type: ignore[union-attr]  # a card
    document.apply("Wrap", nested(document.design))
    zone, server = stage.parts["zone-1"], stage.parts["server-1"]
    assert isinstance(zone, ContainerItem)
    assert zone.zValue() < server.zValue()
    while document.undo_stack.canUndo():
        document.undo_stack.undo()
    assert {"lb-1", "round robin", "server-1"} <= texts(stage)
    assert "zone-1" not in stage.parts


def nested(design: Design) -> Design:
    design, zone = edits.add(design, "zone")
    return edits.nest(design, ("server-1",), zone)


def test_long_names_are_cut_before_they_touch_the_edge(document: Document,
                                                       view: CanvasView) -> None:  # fmt: skip
    after = edits.set_fields(document.design, "lb-1", name="an entrance with a very long name")
    document.apply("Rename", after)
    cut = next(text for text in texts(view.stage) if text.startswith("an entrance"))
    assert cut.endswith("…")
    assert "an entrance with a very long name" in speech.tip(after, "lb-1")


def test_a_server_in_trouble_carries_a_badge_and_loses_it(document: Document,
                                                          view: CanvasView) -> None:  # fmt: skip
    server = view.stage.parts["server-1"]
    count, area = len(server.childItems()), server.boundingRect()
    view.stage.mark({"server-1": "critical"})
    assert len(server.childItems()) == count + 1
    assert server.boundingRect() == area, "what is in it need not be painted anew"
    assert area.contains(server.childrenBoundingRect())
    view.stage.mark({"server-1": "high"})
    assert len(server.childItems()) == count + 1
    view.stage.mark({})
    assert len(server.childItems()) == count


def test_a_waived_finding_is_told_as_waived(document: Document, view: CanvasView) -> None:
    finding = next(item for item in check(document.design) if item.problem.subjects == ("lb-1",))
    waived = edits.waive(document.design, finding.key, Waiver(reason="a test"))
    document.apply("Waive", waived)
    mine = [item for item in check(waived) if item.key == finding.key]
    view.show_findings(mine)
    assert view.stage.marks.severities["lb-1"] == "waived"
    assert "waived: " in speech.tip(waived, "lb-1", mine)
    assert "finding" not in view.describe("lb-1")


def test_the_tool_tip_says_what_is_under_the_mouse(view: CanvasView, hands: Hands,
                                                   qtbot: QtBot) -> None:  # fmt: skip
    spot = hands.spot(*hands.middle("lb-1"))
    where = view.viewport().mapToGlobal(spot)
    QApplication.sendEvent(view.viewport(), QHelpEvent(QHelpEvent.Type.ToolTip, spot, where))
    assert QToolTip.text().startswith("lb-1, Load balancer")
    QToolTip.hideText()


@pytest.mark.parametrize(
    ("chosen", "clicked", "expected"),
    [
        (("users-1", "lb-1"), "lb-1", ("users-1", "lb-1")),
        (("users-1",), "lb-1", ("lb-1",)),
        (("users-1",), None, ()),
    ],
)
def test_a_right_click_selects_what_is_under_it_and_keeps_what_holds_it(
    view: CanvasView,
    hands: Hands,
    qtbot: QtBot,
    chosen: tuple[str, ...],
    clicked: str | None,
    expected: tuple[str, ...],
) -> None:
    view.select(chosen)
    spot = hands.spot(*hands.middle(clicked)) if clicked else QPoint(5, 5)
    where = view.viewport().mapToGlobal(spot)
    with qtbot.waitSignal(view.menu_requested):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, where)
        QApplication.sendEvent(view.viewport(), event)
    assert view.selection() == expected


def test_the_cursor_says_how_a_corner_resizes(view: CanvasView, hands: Hands) -> None:
    view.select(("server-1",))
    x, y, width, height = view.stage.placing.rects["server-1"]
    hands.hover(x + width, y + height)
    assert view.viewport().cursor().shape() == Qt.CursorShape.SizeFDiagCursor
    hands.hover(900, 600)
    assert view.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_a_png_that_does_not_fit_into_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "MOST_PIXELS", 10_000_000)
    design, _ = edits.add(Design(), "cache", Place(x=-900_000, y=-900_000))
    design, _ = edits.add(design, "cache", Place(x=900_000, y=900_000))

    with pytest.raises(ValueError, match="does not fit into memory"):
        picture.draw(design, "png", scale=4)


@pytest.mark.parametrize("file_format", picture.FORMATS)
def test_the_same_design_is_the_same_picture_to_the_byte(
    file_format: picture.Format,
) -> None:
    design = clustered(apart=True)
    first = picture.draw(design, file_format)
    time.sleep(1.1)  # the clock in a file counts seconds
    assert picture.draw(design, file_format) == first
    assert picture.draw(edits.remove(design, ("cache-1",)), file_format) != first


def test_a_png_that_would_be_too_large_is_smaller_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(picture, "MOST_PIXELS", 300)
    design, _ = edits.add(Design(), "cache", Place(x=0, y=0))
    told: list[str] = []

    small = QImage.fromData(picture.draw(design, "png", scale=1, tell=told.append))
    assert told == []
    large = QImage.fromData(picture.draw(design, "png", scale=4, tell=told.append))
    assert (small.width() < large.width(), large.width()) == (True, 300)
    assert "instead of 4: a PNG has at most 300 pixels on a side" in told[0]
