"""Zoom, pan, minimap, themes, findings, evidence: what is seen, not what is edited."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem
from pytestqt.qtbot import QtBot

import assets
from app.model import edits
from app.model.design import Design
from app.model.kinds import KINDS
from app.model.links import Place
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.registry import Finding, Problem, Rule, Witness
from app.ui.canvas.component_item import ComponentItem
from app.ui.canvas.minimap import Minimap
from app.ui.canvas.scene import MANY, Scene
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.theme import DARK, LIGHT
from tests.ui.canvas.conftest import Hands

Key = Qt.KeyboardModifier


def wheel(view: CanvasView, spot: QPoint, turns: int, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(spot),
        QPointF(view.viewport().mapToGlobal(spot)),
        QPoint(),
        QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


@pytest.mark.parametrize("turns", [1, 3, -2])
def test_the_wheel_with_ctrl_zooms_at_the_cursor(view: CanvasView, turns: int) -> None:
    spot = QPoint(310, 170)
    before = view.scene_point(QPointF(spot))
    wheel(view, spot, turns, Key.ControlModifier)
    after = view.scene_point(QPointF(spot))
    assert (view.zoom > 1) == (turns > 0)
    assert (after - before).manhattanLength() < 2 / view.zoom


def test_zoom_stops_at_its_bounds(view: CanvasView) -> None:
    for _ in range(60):
        view.zoom_in()
    assert view.zoom == 4.0
    for _ in range(60):
        view.zoom_out()
    assert view.zoom == 0.05
    view.zoom_reset()
    assert view.zoom == 1.0


def test_the_wheel_scrolls_down_and_with_shift_sideways(view: CanvasView) -> None:
    before = view.seen_area()
    wheel(view, QPoint(300, 300), -1, Key.NoModifier)
    down = view.seen_area()
    assert (down.top() > before.top(), down.left() == before.left()) == (True, True)
    wheel(view, QPoint(300, 300), -1, Key.ShiftModifier)
    assert view.seen_area().left() > down.left()


def test_the_middle_button_pans(view: CanvasView, hands: Hands, document: Document) -> None:
    before = view.seen_area()
    hands.press(400, 120, button=Qt.MouseButton.MiddleButton)
    QTest.mouseMove(view.viewport(), hands.spot(400, 120) + QPoint(-50, -20))
    assert view.seen_area().left() == pytest.approx(before.left() + 50, abs=1)
    hands.key(Qt.Key.Key_Escape)
    assert view.seen_area() == before
    assert document.undo_stack.count() == 0


def test_space_and_drag_pans_over_a_card(view: CanvasView, hands: Hands,
                                         document: Document) -> None:  # fmt: skip
    before = view.seen_area()
    QTest.keyPress(view, Qt.Key.Key_Space)
    spot = hands.spot(*hands.middle("lb-1"))
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Key.NoModifier, spot)
    QTest.mouseMove(view.viewport(), spot + QPoint(-60, 0))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, Key.NoModifier, spot)
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.seen_area().left() == pytest.approx(before.left() + 60, abs=1)
    assert document.undo_stack.count() == 0


def test_fit_shows_everything_or_the_selection(view: CanvasView, hands: Hands) -> None:
    view.zoom_to(3.0)
    hands.key(Qt.Key.Key_Exclam, Key.ShiftModifier)
    assert view.seen_area().contains(view.stage.content())
    view.zoom_to(0.3)
    view.select(("db-1",))
    hands.key(Qt.Key.Key_At, Key.ShiftModifier)
    assert view.zoom == 1.0
    assert view.seen_area().contains(view.stage.content(("db-1",)))


def test_pictures_are_drawn_anew_for_the_scale_at_rest(view: CanvasView, qtbot: QtBot) -> None:
    card = view.stage.parts["lb-1"]
    assert isinstance(card, ComponentItem)
    view.zoom_to(2.0)
    sharp = 2.0 * view.devicePixelRatioF()
    qtbot.waitUntil(lambda: card.pixmap().devicePixelRatio() == sharp)
    assert view.stage.pictures.ratio == sharp


def test_cards_of_one_kind_share_one_picture(view: CanvasView, document: Document) -> None:
    after, first = edits.add(document.design, "cache", Place(x=0, y=400))
    after, second = edits.add(after, "cache", Place(x=240, y=400))
    document.apply("Add", after)
    cards = [view.stage.parts[key] for key in (first, second)]
    keys = {card.pixmap().cacheKey() for card in cards if isinstance(card, ComponentItem)}
    assert len(keys) == 1


def test_far_away_one_item_draws_everything_and_parts_can_still_be_moved(
    view: CanvasView, hands: Hands, document: Document
) -> None:
    view.zoom_to(0.1)
    assert view.scene() is view.far
    assert len([item for item in view.scene().items() if item.isVisible()]) < 12
    x, y = hands.middle("db-1")
    hands.drag((x, y), (x + 960, y + 480))
    assert document.design.layout["db-1"].x > 1000
    view.zoom_reset()
    assert view.scene() is view.stage


def grown(count: int) -> Design:
    design = Design()
    for number in range(count):
        place = Place(x=(number % 40) * 264, y=number // 40 * 144)
        design, key = edits.add(design, "web_server", place)
        if number % 40:
            design, _ = edits.connect(design, f"web-{number}", key, protocol="http")
    return design


def test_a_large_design_is_made_where_it_is_seen_first_and_complete_soon(qtbot: QtBot) -> None:
    design = grown(MANY + 100)
    view = CanvasView(Document(design), LIGHT)
    qtbot.addWidget(view)
    view.resize(900, 600)
    assert not view.stage.parts
    view.show()
    view.zoom_reset()
    view.centre_on(("web-1",))
    assert "web-1" in view.stage.parts
    qtbot.waitUntil(
        lambda: (
            len(view.stage.parts) == len(design.components)
            and len(view.stage.links) == len(design.links)
        ),
        timeout=20_000,
    )


def test_what_the_mouse_leaves_before_anything_is_drawn_outlives_the_bare_ground(
    qtbot: QtBot,
) -> None:
    view = CanvasView(Document(), LIGHT)
    qtbot.addWidget(view)
    view.show()
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    view.fit_all()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    view.overlay.show_band(None)
    assert view.overlay.band.scene() is view.stage


def test_a_change_while_a_large_design_is_being_made_is_shown(qtbot: QtBot) -> None:
    document = Document(grown(MANY + 50))
    view = CanvasView(document, LIGHT)
    qtbot.addWidget(view)
    view.show()
    document.apply("Delete", edits.remove(document.design, ("web-500", "web-2")))
    view.stage.finish()
    assert view.stage.parts.keys() == document.design.components.keys()
    assert view.stage.links.keys() == document.design.links.keys()


def test_a_large_design_is_made_while_nothing_is_more_urgent(qtbot: QtBot) -> None:
    document = Document(grown(MANY + 50))
    view = CanvasView(document, LIGHT)
    qtbot.addWidget(view)
    view.pause_work(True)
    view.show()
    view.zoom_reset()
    view.centre_on(("web-1",))
    document.apply("Delete", edits.remove(document.design, ("web-2",)))
    made = set(view.stage.parts)
    qtbot.wait(50)

    assert "web-1" in made, "what is seen is made at once"
    assert view.stage.parts.keys() == made < document.design.components.keys()

    view.pause_work(False)
    qtbot.waitUntil(lambda: view.stage.parts.keys() == document.design.components.keys())


def test_the_minimap_moves_the_view(view: CanvasView, qtbot: QtBot) -> None:
    minimap = Minimap(view)
    qtbot.addWidget(minimap)
    with qtbot.waitExposed(minimap):
        minimap.show()
    view.stage.mark({"lb-1": "critical"})
    view.select(("db-1",))
    qtbot.waitUntil(lambda: not minimap._soon.isActive())
    view.zoom_to(4.0)
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, Key.NoModifier, QPoint(10, 50))
    assert view.seen_area().center().x() < view.stage.content().center().x()
    before = view.seen_area().center()
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, Key.NoModifier, QPoint(165, 50))
    assert view.seen_area().center().x() > before.x()
    colours = {minimap.grab().toImage().pixelColor(x, y).name() for x in range(176)
               for y in range(112)}  # fmt: skip
    assert {LIGHT.accent.lower(), LIGHT.critical.lower()} <= colours


def test_another_theme_keeps_selection_findings_and_place(
    view: CanvasView, document: Document
) -> None:
    view.select(("lb-1",))
    view.show_findings(check(document.design))
    marks, seen = dict(view.stage.marks.severities), view.seen_area()
    view.set_theme(DARK)
    assert view.stage.theme is DARK
    assert view.stage.marks.selected == {"lb-1"}
    assert dict(view.stage.marks.severities) == marks
    assert view.seen_area() == seen
    assert view.grab().toImage().pixelColor(5, 5).lightness() < 60


def test_another_theme_keeps_the_worst_of_each_part(view: CanvasView) -> None:
    rules: dict[str, Rule] = {rule.severity: rule for rule in all_rules().values()}
    subjects = {"critical": ("lb-1",), "high": ("db-1",), "low": ("db-1", "lb-1")}
    view.show_findings(
        [Finding(rules[severity], Problem(keys, severity)) for severity, keys in subjects.items()]
    )
    view.set_theme(DARK)
    assert dict(view.stage.marks.severities) == {"lb-1": "critical", "db-1": "high"}


def test_findings_mark_the_cards_with_the_worst(view: CanvasView, document: Document,
                                                hands: Hands, qtbot: QtBot) -> None:  # fmt: skip
    findings = [item for item in check(document.design) if "lb-1" in item.problem.subjects]
    assert findings
    view.show_findings(findings)
    assert "lb-1" in view.stage.marks.severities
    assert "db-1" not in view.stage.marks.severities
    with qtbot.assertNotEmitted(view.drawn_anew):
        view.show_findings(findings)
    view.select(("lb-1",))
    assert "finding" in view.accessibleDescription()
    view.show_findings(())
    assert not view.stage.marks.severities


def test_a_click_on_a_badge_asks_for_its_finding(view: CanvasView, document: Document,
                                                 hands: Hands, qtbot: QtBot) -> None:  # fmt: skip
    view.show_findings(check(document.design))
    x, y, width, _ = view.stage.placing.rects["lb-1"]
    with qtbot.waitSignal(view.finding_requested) as caught:
        hands.click(x + width - 6, y + 3)
    assert caught.args == ["lb-1"]


def words(view: CanvasView) -> list[str]:
    return [item.text() for item in view.stage.items()
            if isinstance(item, QGraphicsSimpleTextItem) and item.isVisible()]  # fmt: skip


def test_evidence_raises_the_path_and_shows_what_has_no_second(view: CanvasView) -> None:
    stage = view.stage
    before = {key: part.zValue() for key, part in stage.parts.items()}
    count = len(stage.items())
    view.show_evidence(Witness(path=("users-1", "link-1", "lb-1"), cut=("lb-1",), missing="lb-1"))
    assert stage.parts["lb-1"].zValue() > stage.parts["db-1"].zValue()
    assert stage.links["link-1"].zValue() > stage.links["link-2"].zValue()
    assert "no second" in words(view)
    view.show_evidence(None)
    assert {key: part.zValue() for key, part in stage.parts.items()} == before
    assert len(stage.items()) == count


def far_parts(view: CanvasView) -> dict[str, int]:
    """How many parts the overview paints in each colour."""
    boxes = view.far.overview._boxes
    return {colour.name(): len(numbers) // 4 for colour, numbers in boxes}


def test_evidence_can_be_seen_from_afar(view: CanvasView) -> None:
    view.zoom_to(0.1)
    view.show_evidence(Witness(path=("users-1", "lb-1"), cut=("lb-1",)))
    view.grab()
    critical = QColor(LIGHT.critical).name()
    assert far_parts(view)[critical] == 2
    view.show_evidence(None)
    view.grab()
    assert critical not in far_parts(view)
    view.centre_on(("lb-1",))
    assert view.zoom > 0.2, "what is to be shown is shown large enough to read"


def test_from_afar_only_what_differs_is_made_again(view: CanvasView, document: Document) -> None:
    view.zoom_to(0.1)
    overview = view.far.overview

    def made() -> list[object]:
        view.grab()
        return [overview._fields, overview._lines, overview._boxes]

    before = made()
    document.apply("Remove", edits.remove(document.design, ("link-1",)))
    without = made()
    assert [a is b for a, b in zip(before, without, strict=True)] == [True, False, True]
    view.select(("db-1",))
    selected = made()
    assert [a is b for a, b in zip(without, selected, strict=True)] == [True, True, False]
    view.stage.hold({"db-1": (288, 500)}, {})  # which writes into the same rectangles
    assert not any(a is b for a, b in zip(selected, made(), strict=True))
    assert [288, 500] in [list(numbers[:2]) for _, numbers in overview._boxes]


def test_a_preview_shows_a_fix_and_changes_nothing(view: CanvasView, document: Document) -> None:
    before, count = document.design, len(view.stage.items())
    after, key = edits.add(before, "load_balancer")  # with no place of its own
    after, _ = edits.connect(after, "users-1", key, role="request", protocol="http")
    view.preview(edits.remove(after, ("db-1",)))
    assert "lb-2" in words(view)
    assert document.design is before
    assert len(view.stage.items()) > count
    view.preview(None)
    assert len(view.stage.items()) == count


def test_the_fixes_of_all_findings_can_be_previewed(view: CanvasView, document: Document) -> None:
    for finding in check(document.design):
        view.show_evidence(finding.problem.witness)
        for fix in finding.problem.fixes:
            view.preview(fix.edit(document.design))
        view.preview(None)
    view.show_evidence(None)
    assert document.undo_stack.count() == 0


def test_tidy_lays_out_in_the_background_as_one_step(
    view: CanvasView, document: Document, qtbot: QtBot
) -> None:
    view.hands.tidy()
    qtbot.waitUntil(lambda: document.undo_stack.count() == 1, timeout=20_000)
    places = document.design.layout
    assert places["users-1"].x < places["lb-1"].x < places["web-1"].x


def test_every_kind_and_severity_has_an_icon() -> None:
    names = {*KINDS, *(f"ui_{name}" for name in ("critical", "high", "medium", "low", "info"))}
    for name in names | {"ui_waive", "ui_lock_open", "ui_lock_closed"}:
        assert assets.icon(name).startswith(b"<svg")


def test_a_scene_for_files_has_text_as_text_and_no_pixels(document: Document, qtbot: QtBot) -> None:
    scene = Scene(LIGHT, vector=True)
    scene.show(None, document.design)
    names = {item.text() for item in scene.items() if isinstance(item, QGraphicsSimpleTextItem)}
    assert {"users-1", "lb-1", "web-1", "db-1", "server-1", "HTTP"} <= names
    assert not any(type(item).__name__ == "QGraphicsPixmapItem" for item in scene.items())
    assert scene.itemsBoundingRect().width() < 1000


def test_the_mouse_is_followed_without_a_button_held(view: CanvasView) -> None:
    assert view.viewport().hasMouseTracking()
