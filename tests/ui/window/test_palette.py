"""The palette, with mouse and keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.model.kinds import KINDS
from app.ui.canvas.clipboard import KIND
from app.ui.main_window import MainWindow
from app.ui.panels.palette import KIND as KIND_ROLE


def _shown(window: MainWindow) -> list[str]:
    rows = window.palette_panel.list
    items = [rows.item(row) for row in range(rows.count())]
    return [
        str(item.data(KIND_ROLE)) for item in items if item.data(KIND_ROLE) and not item.isHidden()
    ]


def test_all_kinds_are_offered(window: MainWindow) -> None:
    assert sorted(_shown(window)) == sorted(KINDS)


def test_the_search_finds_kinds_by_name_and_purpose(window: MainWindow) -> None:
    QTest.keyClicks(window.palette_panel.search, "balancer")

    assert "load_balancer" in _shown(window)
    assert "database" not in _shown(window)


def test_groups_without_a_match_disappear(window: MainWindow) -> None:
    QTest.keyClicks(window.palette_panel.search, "database")

    rows = window.palette_panel.list
    headings = [
        rows.item(row).text()
        for row in range(rows.count())
        if rows.item(row).data(KIND_ROLE) is None and not rows.item(row).isHidden()
    ]
    assert "Data" in headings
    assert "Notes" not in headings


def test_enter_in_the_search_adds_the_best_match(window: MainWindow) -> None:
    search = window.palette_panel.search
    QTest.keyClicks(search, "load b")
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert [item.kind for item in window.document.design.components.values()] == ["load_balancer"]


def test_nothing_is_added_when_nothing_matches(window: MainWindow) -> None:
    search = window.palette_panel.search
    QTest.keyClicks(search, "zzz")
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert not window.document.design.components


def test_down_and_enter_add_from_the_list(window: MainWindow) -> None:
    window.activateWindow()
    QTest.keyClick(window.palette_panel.search, Qt.Key.Key_Down)
    QTest.keyClick(window.palette_panel.list, Qt.Key.Key_Return)

    assert [item.kind for item in window.document.design.components.values()] == ["client"]


def test_escape_clears_the_search(window: MainWindow) -> None:
    search = window.palette_panel.search
    QTest.keyClicks(search, "web")
    QTest.keyClick(search, Qt.Key.Key_Escape)

    assert search.text() == ""
    assert sorted(_shown(window)) == sorted(KINDS)


def test_a_double_click_adds(window: MainWindow) -> None:
    rows = window.palette_panel.list
    [item] = rows.findItems("Database", Qt.MatchFlag.MatchExactly)
    rows.scrollToItem(item)
    at = rows.visualItemRect(item).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)

    assert [part.kind for part in window.document.design.components.values()] == ["database"]


def test_new_parts_get_readable_names(window: MainWindow) -> None:
    search = window.palette_panel.search
    QTest.keyClicks(search, "web server")
    QTest.keyClick(search, Qt.Key.Key_Return)
    QTest.keyClick(search, Qt.Key.Key_Return)

    assert [item.name for item in window.document.design.components.values()] == ["web-1", "web-2"]


def test_a_drag_carries_the_kind_and_a_picture(window: MainWindow) -> None:
    rows = window.palette_panel.list
    [item] = rows.findItems("Cache", Qt.MatchFlag.MatchExactly)
    rows.setCurrentItem(item)

    drag = rows.make_drag()

    assert drag is not None
    assert bytes(drag.mimeData().data(KIND).data()) == b"cache"
    assert not drag.pixmap().isNull()


def test_a_heading_cannot_be_dragged(window: MainWindow) -> None:
    rows = window.palette_panel.list
    rows.setCurrentRow(0)

    assert rows.make_drag() is None
