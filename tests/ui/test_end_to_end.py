"""A whole working day: draw the exercise, repair it, save, export, come back tomorrow."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QListView
from pytestqt.qtbot import QtBot

import sample_designs
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.storage.codec import load
from app.ui.application import Application
from app.ui.dialogs.export import ExportDialog
from app.ui.main_window import MainWindow
from app.ui.panels.finding_rows import can_fix
from exporters import EXPORTERS
from tests.ui.gestures import Held, Key, User, choose, click_item, in_dialog

Settle = Callable[[MainWindow], MainWindow]


@pytest.fixture
def program(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Application]:
    """The program with settings and unsaved work of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "homework").mkdir()
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "config")
    )
    found = Application(qapp)
    yield found
    for window in tuple(found.windows):
        window.document.undo_stack.setClean()
        window.close()


@pytest.fixture
def settle(qtbot: QtBot) -> Settle:
    """Wait until a window is complete and its design is checked."""

    def wait(window: MainWindow) -> MainWindow:
        qtbot.waitUntil(lambda: window.furnished and not window.check.busy, timeout=30_000)
        return window

    return wait


def by_name(design: Design, ids: frozenset[str]) -> set[str]:
    """The names of some parts."""
    return {design.components[key].name for key in ids}


def kinds(design: Design) -> dict[str, str]:
    """The kind of each part, by its name."""
    return {item.name: item.kind for item in design.components.values()}


def homes(design: Design) -> dict[str, str | None]:
    """The name of what each part lies in, by its name."""
    return {
        item.name: design.components[item.parent].name if item.parent else None
        for item in design.components.values()
    }


def links(design: Design) -> set[tuple[str, str, str]]:
    """Source, role and target of all links, by name."""
    return {
        (design.components[link.source].name, link.role, design.components[link.target].name)
        for link in design.links.values()
    }


def clusters(design: Design) -> dict[str, tuple[str, list[str]]]:
    """Mode and members of the clusters, by name."""
    return {
        item.name: (item.mode, [design.components[key].name for key in item.members])
        for item in design.components.values()
        if isinstance(item, Cluster)
    }


def critical(window: MainWindow) -> set[tuple[str, frozenset[str]]]:
    """Rule and subjects of the critical findings."""
    design = window.document.design
    return {
        (
            finding.rule.id,
            frozenset(
                design.components[key].name if key in design.components else key
                for key in finding.problem.subjects
            ),
        )
        for finding in window.findings.findings
        if finding.rule.severity == "critical"
    }


# --- the scenes -----------------------------------------------------------------------------


def draw_one_server(user: User) -> None:
    """Users, the balancer on its machine, and one machine with a whole site on it."""
    user.drop("client", (96, 360))
    user.rename("users")
    user.drop("server", (480, 360))
    user.rename("server-0")
    user.drop("load_balancer", (480, 384))
    user.rename("lb")
    user.drop("server", (888, 120))
    user.rename("server-1")
    user.enlarge("server-1", (1608, 324))
    user.drop("web_server", (912, 168))
    user.click(user.title("server-1"))
    user.add_by_double_click("app_server")
    user.drag(user.middle("app-1"), (1200, 168))
    user.click(user.title("server-1"))
    user.search_part("application files")
    user.drag(user.middle("files-1"), (1200, 264))
    user.quick_add("database")
    user.drag(user.middle("db-1"), (1488, 168))


def wire_one_server(user: User) -> None:
    """The way of a request, half with the mouse and half with the keyboard."""
    user.link("users", "lb")
    user.link("lb", "web-1")
    for source, way, target in (
        ("web-1", Key.Key_Right, "app-1"),
        ("app-1", Key.Key_Down, "files-1"),
    ):
        user.click(user.middle(source))
        user.press(Key.Key_L, way)
        assert user.canvas.gesture is not None, f"no link begins at {source}"
        user.press(Key.Key_Return)
        assert (source, "request", target) in links(user.window.document.design)
    user.link("app-1", "db-1")


def draw_second_server(user: User) -> None:
    """A copy of the first machine, wired so that its database is a replica."""
    user.click(user.title("server-1"))
    user.press(Key.Key_D, held=Held.ControlModifier)
    user.rename("server-2")
    user.drag(user.title("server-2"), (user.title("server-1")[0], 540))
    user.link("lb", "web-2")
    user.click(user.middle("db-2"))
    user.choose_field("role", "replica")
    user.click(a_link_point(user, "app-2", "write", "db-2"))
    user.press(Key.Key_Delete)
    user.link("app-2", "db-1")
    user.link("app-1", "db-2")
    user.link("db-1", "db-2")


def draw_cluster(user: User) -> None:
    """Primary and replica become one database."""
    user.drop("cluster", (1800, 360))
    user.rename("mariadb")
    user.choose_field("mode", "primary-replica")
    user.tick("members", "db-1")
    user.tick("members", "db-2")


def a_link_point(user: User, source: str, role: str, target: str) -> tuple[float, float]:
    """A point on the line of a link where no other link is nearer."""
    design = user.window.document.design
    ends = (user.id_of(source), role, user.id_of(target))
    [found] = [
        key for key, link in design.links.items() if (link.source, link.role, link.target) == ends
    ]
    path = user.canvas.stage.routes.route(found)
    middle = max(range(len(path) - 1), key=lambda i: abs(path[i][0] - path[i + 1][0]))
    (x, y), (to_x, to_y) = path[middle], path[middle + 1]
    return (x + to_x) / 2, (y + to_y) / 2


def repair(user: User, qtbot: QtBot, settle: Settle) -> None:
    """Repair what is critical, each with its button, its preview and Apply."""
    window = user.window
    for repairs in count():
        rows = [
            row
            for row, finding in enumerate(window.findings.rows.findings)
            if finding.rule.severity == "critical" and finding.waiver is None
        ]
        if not rows:
            return
        assert repairs < 12, "repairs bring as much as they take away"
        assert can_fix(window.findings.rows.findings[rows[0]])
        before = window.document.design
        user.click_fix(rows[0])
        bar = window.findings.bar
        qtbot.waitUntil(bar.apply_button.isEnabled, timeout=20_000)
        assert window.document.design is before, "a preview changes nothing"
        QTest.mouseClick(bar.apply_button, Qt.MouseButton.LeftButton)
        assert window.document.design is not before
        settle(window)


def save_as(user: User, qtbot: QtBot, name: str) -> None:
    """Save under a name, typed into the dialog, in the home folder."""

    def fill(dialog: QFileDialog) -> None:
        files, line = dialog.findChild(QListView, "listView"), dialog.findChild(QLineEdit)
        assert files is not None
        assert line is not None
        qtbot.waitUntil(lambda: files.model().rowCount(files.rootIndex()) > 0, timeout=20_000)
        line.selectAll()
        QTest.keyClicks(line, name)
        QTest.keyClick(line, Key.Key_Return)

    in_dialog(QFileDialog, fill)
    user.press(Key.Key_S, held=Held.ControlModifier)


def export(user: User, qtbot: QtBot, target: str, where: Path) -> None:
    """Export as something to a place, through the dialog."""

    def fill(dialog: ExportDialog) -> None:
        [row] = [row for row, known in enumerate(EXPORTERS) if known == target]
        click_item(dialog.targets, dialog.targets.item(row))
        if target == "image":
            choose(dialog.option("format"), "svg")
        dialog.place.selectAll()
        QTest.keyClicks(dialog.place, str(where))
        QTest.mouseClick(dialog.run_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(dialog.run_button.isEnabled, timeout=60_000)
        assert dialog.open_button.isVisible(), dialog.message.text()

    in_dialog(ExportDialog, fill)
    user.press(Key.Key_E, held=Held.ControlModifier)


def check_the_drawing(window: MainWindow) -> None:
    """What was drawn is the exercise, and is judged like it."""
    drawn = window.document.design
    wanted = load(sample_designs.read("distributed-web-infrastructure"))
    wanted = edits.remove(wanted, ("dns",))
    assert kinds(drawn) == kinds(wanted)
    assert homes(drawn) == homes(wanted)
    assert links(drawn) == links(wanted)
    assert len(drawn.links) == len(links(drawn))
    assert clusters(drawn) == clusters(wanted)
    spofs = Analysis(drawn).spofs
    assert {drawn.flows[key].name: by_name(drawn, parts) for key, parts in spofs.items()} == {
        "browse": {"lb", "server-0"},
        "checkout": {"lb", "server-0", "db-1", "server-1"},
    }
    assert ("SPOF004", frozenset({"lb"})) in critical(window)
    assert ("SPOF005", frozenset({"db-1"})) in critical(window)


def go_back_and_forth(user: User) -> None:
    """Undo down to the empty canvas, and do everything again."""
    document = user.window.document
    stack, before = document.undo_stack, document.design
    for _ in range(stack.count()):
        user.press(Key.Key_Z, held=Held.ControlModifier)
    assert not stack.canUndo()
    assert document.design == Design()
    for _ in range(stack.count()):
        user.press(Key.Key_Z, held=Held.ControlModifier | Held.ShiftModifier)
    assert not stack.canRedo()
    assert document.design == before


@pytest.mark.slow
def test_a_student_draws_repairs_exports_and_reopens_the_exercise(
    program: Application, settle: Settle, qtbot: QtBot, tmp_path: Path
) -> None:
    window = settle(program.begin(()))
    window.resize(1900, 1150)
    user = User(window)
    user.press(Key.Key_Minus, Key.Key_Minus, Key.Key_Minus, held=Held.ControlModifier)
    window.canvas.look_at(QPointF(960, 360))

    draw_one_server(user)
    wire_one_server(user)
    draw_second_server(user)
    draw_cluster(user)
    check_the_drawing(settle(window))

    repair(user, qtbot, settle)
    assert critical(window) == set()
    go_back_and_forth(user)

    save_as(user, qtbot, "exercise")
    path = tmp_path / "exercise.loadpath.json"
    assert window.document.path == path
    assert not window.document.modified
    export(user, qtbot, "image", tmp_path / "exercise.svg")
    export(user, qtbot, "compose", tmp_path / "exercise")
    assert b"server-0" in (tmp_path / "exercise.svg").read_bytes()
    assert (tmp_path / "exercise" / "compose.yaml").is_file()

    saved = window.document.design
    assert window.close()
    again = settle(program.begin((path,)))
    qtbot.waitUntil(lambda: again.document.path == path, timeout=20_000)
    assert again.document.design == saved
