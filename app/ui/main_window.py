"""The window: canvas, panels, menus and toolbar, and how they are connected."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QMargins, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QSplitter,
    QToolBar,
    QToolButton,
    QWidget,
)

from app.ui import actions
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.files import DocumentFile
from app.ui.holders import Corner, Holder
from app.ui.live_check import LiveCheck
from app.ui.recovery import Copy, Session
from app.ui.settings import THEMES, Settings
from app.ui.status import StatusBar, Toast
from app.ui.theme import Theme, current_theme

if TYPE_CHECKING:
    from app.model.design import Design
    from app.model.links import Waiver
    from app.rules.registry import Finding
    from app.ui.dialogs.start import SamplesOverlay
    from app.ui.window_commands import WindowCommands

FINDINGS_HEIGHT = 220
INSPECTOR_WIDTH = 340
PALETTE_WIDTH = 224
SIZE = (1440, 900)
ICON = QSize(18, 18)
BORDER = QMargins(8, 36, 8, 12)  # at most, around a window
FRAME = 16  # milliseconds in which what was painted reaches the screen before more is done


class MainWindow(QMainWindow):
    """Shows one document. What is more than one window's business it asks for by signals."""

    painted = Signal()  # once, after it was seen for the first time
    open_requested = Signal(object)  # a path
    start_requested = Signal(str)  # the name of a sample; empty for an empty design
    quit_requested = Signal()
    settings_changed = Signal(object)
    closed = Signal(object)

    def __init__(self, document: Document, settings: Settings, session: Session) -> None:
        """Show a document; heavy parts come after the first paint."""
        super().__init__()
        self.document = document
        self.settings = settings
        self.furnished = False
        self.samples: SamplesOverlay | None = None
        self.canvas = CanvasView(document, current_theme())
        self.palette_holder = Holder()
        self.inspector_holder = Holder()
        self.history_holder = Holder()
        self.map_corner = Corner(self.canvas)
        self.findings_holder = Holder()
        self.file = DocumentFile(document, self)
        self.check = LiveCheck(document, self)
        self.copy = Copy(document, session)
        self.bar = StatusBar()
        self.actions_by_id = actions.make_actions(self, self.canvas, self._run)
        self._arrange()
        self._make_menus()
        self._make_toolbar()
        self._connect()
        self.set_settings(settings)
        self.set_theme(current_theme())
        self._restore_layout()
        self._show_title()
        self.setAcceptDrops(True)
        self.canvas.painted.connect(self._canvas_painted)
        self.canvas.setFocus()

    @cached_property
    def commands(self) -> "WindowCommands":
        """What the actions do; loaded with the first of them."""
        from app.ui.window_commands import WindowCommands

        return WindowCommands(self)

    def _run(self, action_id: str) -> None:
        self.furnish()  # a key may come between the first paint and the panels
        self.commands.run(action_id)

    # --- building ---------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.side = QSplitter(Qt.Orientation.Vertical)
        for holder in (self.inspector_holder, self.history_holder):
            self.side.addWidget(holder)
        self.side.setSizes([500, 200])
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self.columns.addWidget(self.canvas)
        self.columns.addWidget(self.side)
        self.rows = QSplitter(Qt.Orientation.Vertical)
        self.rows.addWidget(self.columns)
        self.rows.addWidget(self.findings_holder)
        self.whole = QSplitter(Qt.Orientation.Horizontal)
        self.whole.addWidget(self.palette_holder)
        self.whole.addWidget(self.rows)
        for splitter in (self.whole, self.rows, self.columns, self.side):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        for splitter, stretched in ((self.whole, 1), (self.rows, 0), (self.columns, 0)):
            splitter.setStretchFactor(stretched, 1)
            splitter.setStretchFactor(1 - stretched, 0)
        self.findings_holder.setMinimumHeight(120)
        self.palette_holder.setMinimumWidth(160)
        self.side.setMinimumWidth(240)
        self.setCentralWidget(self.whole)
        self.setStatusBar(self.bar)

    def _make_menus(self) -> None:
        self.recent_menu = QMenu("Open recent", self)
        self._menus = {title: self.menuBar().addMenu(f"&{title}") for title in actions.MENUS}
        choices = QActionGroup(self)
        for theme in THEMES:
            choices.addAction(self.actions_by_id[f"theme_{theme}"])

    def _fill_menus(self) -> None:
        for title, menu in self._menus.items():
            for action_id in actions.MENUS[title]:
                if action_id == "recent":
                    menu.addMenu(self.recent_menu)
                elif action_id == actions.SEPARATOR:
                    menu.addSeparator()
                else:
                    menu.addAction(self.actions_by_id[action_id])

    def _make_toolbar(self) -> None:
        bar = self.toolbar = QToolBar("Tools")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setIconSize(ICON)
        for action_id in actions.TOOLBAR:
            if action_id == actions.SEPARATOR:
                bar.addSeparator()
            else:
                bar.addAction(self._tool(action_id))
        primary = QToolButton()
        primary.setObjectName("primary")
        primary.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        primary.setIconSize(ICON)
        primary.setDefaultAction(self._tool(actions.PRIMARY))
        primary.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menus = self.menuBar()
        if menus.isNativeMenuBar():
            bar.setMovable(False)
            bar.addWidget(primary)
            self.addToolBar(bar)
            return
        header = QWidget()  # menus and tools share one quiet line
        header.setObjectName("header")
        row = QHBoxLayout(header)
        row.setContentsMargins(8, 5, 8, 5)
        row.addWidget(menus, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(bar)
        row.addWidget(primary)
        self.setMenuWidget(header)

    def _tool(self, action_id: str) -> QAction:
        action = self.actions_by_id[action_id]
        action.setIconText(actions.by_id(action_id).text.rstrip("…"))
        return action

    def _name_tools(self) -> None:
        """Let the keyboard and screen readers reach the tools.

        After the first paint: asked for the buttons that Qt made, PySide looks through all kinds
        of widgets, which takes 7 ms.
        """
        for action in self.toolbar.actions():
            button = self.toolbar.widgetForAction(action)
            if not action.isSeparator():
                button.setAccessibleName(action.iconText())
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _connect(self) -> None:
        document, canvas = self.document, self.canvas
        # Methods rather than closures: Qt lets go of them when the window goes.
        stack = document.undo_stack
        document.changed.connect(self._follow)
        document.path_changed.connect(self._show_title)
        stack.cleanChanged.connect(self._show_title)
        stack.canUndoChanged.connect(self.actions_by_id["undo"].setEnabled)
        stack.canRedoChanged.connect(self.actions_by_id["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)
        stack.redoTextChanged.connect(self._name_redo)
        canvas.hint.connect(self.bar.say)
        canvas.view_changed.connect(lambda: self.bar.show_zoom(canvas.zoom))
        canvas.edit_requested.connect(lambda _: self.commands.edit())
        canvas.quick_add_requested.connect(lambda: self._run("quick_add"))
        canvas.menu_requested.connect(self.show_context_menu)
        canvas.selection_changed.connect(lambda _: self._enable())
        self.check.busy_changed.connect(canvas.pause_work)
        self.check.findings_changed.connect(lambda _, analysis: self.bar.show_analysis(analysis))
        self.bar.flow_chosen.connect(self._show_flow)
        self.file.said.connect(self.bar.say)
        self.file.opened.connect(canvas.fit_all)
        self.file.used.connect(lambda path: self.change_settings(self.settings.opened(path)))
        self.file.failed.connect(lambda path: self.change_settings(self.settings.forgotten(path)))
        self._enable()

    def furnish(self) -> None:
        """Add what nobody needs in the first moment, in the order of Tab, and begin to check."""
        if self.furnished:
            return
        from app.ui.canvas.clipboard import KIND
        from app.ui.canvas.minimap import Minimap
        from app.ui.dialogs.start import SamplesOverlay
        from app.ui.live_figures import LiveFigures
        from app.ui.panels.findings import FindingsPanel
        from app.ui.panels.history import History
        from app.ui.panels.inspector import Inspector
        from app.ui.panels.palette import Palette
        from app.ui.team_rules import TeamRules
        from app.ui.what_if import WhatIf

        self._fill_menus()
        self._name_tools()
        self.bar.show_design(self.document.design)
        self.toast = Toast(self.canvas, self.document)
        self.canvas.furnish()
        self.palette_panel = Palette(KIND)
        self.palette_panel.kind_chosen.connect(self.canvas.hands.add)
        self.palette_holder.hold(self.palette_panel)
        self.findings = FindingsPanel(self.document, self._ask_waiver)
        self.findings.set_theme(current_theme())
        self.findings_holder.hold(self.findings)
        self._connect_findings()
        self.inspector = Inspector(self.document)
        self.inspector_holder.hold(self.inspector)
        self.canvas.selection_changed.connect(self.inspector.show_selection)
        self.inspector.finding_requested.connect(self.findings.go_to)
        self.check.findings_changed.connect(
            lambda _, analysis: self.inspector.show_analysis(analysis)
        )
        self.check.findings_changed.connect(lambda found, _: self.inspector.show_findings(found))
        self.inspector.part_chosen.connect(self.commands.go_to)
        self.inspector.evidence_wanted.connect(self.canvas.show_evidence)
        self.figures = LiveFigures(self.document, self)
        self.figures.follow(self.check)
        self.inspector.join(self.figures)
        self.inspector.show_selection(self.canvas.selection())
        self.history = History(self.document.undo_stack)
        self.history_holder.hold(self.history)
        self.what_if = WhatIf(self.document, self)
        self.what_if.join(self.check, self.canvas, self.bar)
        self.team_rules = TeamRules(self.document, self.check, self)
        self.map_corner.hold(Minimap(self.canvas))
        self.map_corner.follow()
        self.check.start()
        if self.pristine:
            self.samples = SamplesOverlay(self.canvas)
            self.samples.picked.connect(self.start_requested)
            self.samples.show()
        actions.colour_icons(self.actions_by_id, current_theme())
        self.furnished = True

    def _connect_findings(self) -> None:
        canvas, panel = self.canvas, self.findings
        canvas.finding_requested.connect(panel.about)
        panel.evidence_wanted.connect(canvas.show_evidence)
        panel.centre_wanted.connect(canvas.centre_on)
        panel.preview_wanted.connect(canvas.preview)
        panel.said.connect(self.bar.say)
        panel.rules_wanted.connect(self._show_rules)
        self.check.findings_changed.connect(lambda found, _: panel.show_findings(found))
        # After the panel: a scene has its view painted first of all, and the panel with it.
        self.check.findings_changed.connect(lambda found, _: canvas.show_findings(found))

    def _show_rules(self, rule_id: str) -> None:
        self.commands.rules(rule_id)

    # --- state ------------------------------------------------------------------------------

    @property
    def pristine(self) -> bool:
        """Whether nothing was ever drawn or opened here."""
        document = self.document
        return document.path is None and document.empty and not document.undo_stack.count()

    def _follow(self, before: "Design", after: "Design") -> None:
        self.bar.show_design(after)
        self._show_title()
        self.map_corner.follow()
        if self.samples is not None:
            self.samples.setVisible(not after.components)

    def _show_flow(self, key: str) -> None:
        self.findings.show_only("spof")
        parts = self.bar.spofs(key)
        self.canvas.select(parts)
        if parts:
            self.canvas.centre_on(parts)

    def _show_title(self, *_: object) -> None:
        path = self.document.path
        name = path.name.removesuffix(".json").removesuffix(".loadpath") if path else ""
        self.setWindowTitle(f"{name or self.document.name}[*] — Loadpath")
        self.setWindowModified(self.document.modified)
        self.setWindowFilePath(str(path) if path else "")

    def _name_undo(self, text: str) -> None:
        self.actions_by_id["undo"].setText(f"Undo {text}".strip())

    def _name_redo(self, text: str) -> None:
        self.actions_by_id["redo"].setText(f"Redo {text}".strip())

    def _enable(self) -> None:
        some = bool(self.canvas.selection())
        for name in ("cut", "copy", "duplicate", "delete", "rename", "link", "fit_selection",
                     "what_if"):  # fmt: skip
            self.actions_by_id[name].setEnabled(some)
        stack = self.document.undo_stack
        self.actions_by_id["undo"].setEnabled(stack.canUndo())
        self.actions_by_id["redo"].setEnabled(stack.canRedo())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        # The icons of the menus are drawn when nobody waits for the first paint.
        only = None if self.furnished else (*actions.TOOLBAR, actions.PRIMARY)
        actions.colour_icons(self.actions_by_id, theme, only)
        if self.canvas.theme is not theme:
            self.canvas.set_theme(theme)
        self.bar.set_theme(theme)
        if self.furnished:
            self.findings.set_theme(theme)
            self.history.set_theme(theme)
        if self.samples is not None:
            self.samples.samples.set_theme(theme)

    def set_settings(self, settings: Settings) -> None:
        """Show what is remembered: which panels, which theme, which files."""
        self.settings = settings
        panels: dict[str, tuple[bool, QWidget]] = {
            "palette": (settings.palette_shown, self.palette_holder),
            "inspector": (settings.inspector_shown, self.inspector_holder),
            "findings": (settings.findings_shown, self.findings_holder),
            "history": (settings.history_shown, self.history_holder),
            "minimap": (settings.minimap_shown, self.map_corner),
        }
        for name, (shown, panel) in panels.items():
            panel.setVisible(shown)
            self.actions_by_id[f"show_{name}"].setChecked(shown)
        self.side.setVisible(settings.inspector_shown or settings.history_shown)
        self.actions_by_id[f"theme_{settings.theme}"].setChecked(True)
        self._fill_recent()

    def change_settings(self, settings: Settings) -> None:
        """Remember something, in all windows."""
        if settings != self.settings:
            self.set_settings(settings)
            self.settings_changed.emit(settings)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for name in self.settings.recent:
            path = Path(name)
            shown = f"{path.name} — {path.parent}".replace("&", "&&")
            self.recent_menu.addAction(shown, _sending(self.open_requested.emit, path))
        self.recent_menu.setEnabled(bool(self.settings.recent))

    def _restore_layout(self) -> None:
        room = self.screen().availableSize().shrunkBy(BORDER)
        self.resize(QSize(*SIZE).boundedTo(room))
        if self.settings.window:
            self.restoreGeometry(QByteArray.fromHex(self.settings.window.encode()))
        width, height = self.width(), self.height()
        self.whole.setSizes([PALETTE_WIDTH, width - PALETTE_WIDTH])
        self.rows.setSizes([height - FINDINGS_HEIGHT, FINDINGS_HEIGHT])
        self.columns.setSizes([width - PALETTE_WIDTH - INSPECTOR_WIDTH, INSPECTOR_WIDTH])
        for splitter, state in zip(self._splitters(), self.settings.splitters, strict=False):
            splitter.restoreState(QByteArray.fromHex(state.encode()))

    def _splitters(self) -> tuple[QSplitter, ...]:
        return self.whole, self.rows, self.columns, self.side

    def remember_layout(self) -> None:
        """Keep the size of the window and of its panels."""
        states = (splitter.saveState().toHex().data() for splitter in self._splitters())
        self.change_settings(
            self.settings._replace(
                window=bytes(self.saveGeometry().toHex().data()).decode(),
                splitters=tuple(bytes(state).decode() for state in states),
            )
        )

    def _ask_waiver(self, finding: "Finding") -> "Waiver | None":
        return self.commands.ask_waiver(finding)

    # --- events -----------------------------------------------------------------------------

    def show_context_menu(self, at: QPoint) -> None:
        """Offer what can be done with what is under the mouse."""
        ids = actions.CONTEXT_PART if self.canvas.selection() else actions.CONTEXT_GROUND
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in ids:
            if action_id == actions.SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(self.actions_by_id[action_id])
        menu.popup(at)

    def _canvas_painted(self) -> None:
        QTimer.singleShot(FRAME, self, self._was_painted)

    def _was_painted(self) -> None:
        if not self.isHidden():  # closed again at once
            self.painted.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take design files."""
        if _files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the files that were dropped."""
        for path in _files(event):
            self.open_requested.emit(path)
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work; then leave nothing running."""
        if self.file.busy or not self.file.may_close():
            event.ignore()
            return
        self.remember_layout()
        self.copy.end()
        self.check.stop()
        if self.furnished:
            self.findings.bar.stop()
            self.figures.stop()
            self.what_if.stop()
        event.accept()
        self.closed.emit(self)


def _files(event: QDropEvent) -> tuple[Path, ...]:
    urls = event.mimeData().urls() if event.mimeData().hasUrls() else []
    return tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())


def _sending(send: Callable[[Path], None], path: Path) -> Callable[[], None]:
    return lambda: send(path)
