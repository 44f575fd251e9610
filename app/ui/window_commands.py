"""What the actions of a window do."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QDialog, QLineEdit, QMessageBox, QWidget

from app import __version__
from app.model.kinds import GROUPS, KINDS
from app.model.links import Waiver
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.rules.registry import Finding
from app.ui import actions
from app.ui.canvas import commands as canvas_commands
from app.ui.canvas import editing, picking
from app.ui.command_palette import CommandPalette, Entry
from app.ui.icons import icon
from app.ui.settings import Panel, ThemeChoice
from app.ui.theme import current_theme

if TYPE_CHECKING:
    from app.ui.main_window import MainWindow


class WindowCommands:
    """The commands of one window, by the id of their action."""

    def __init__(self, window: "MainWindow") -> None:
        """Work on a window."""
        self._window = window

    def run(self, action_id: str) -> None:
        """Do what an action is for.

        Raises:
            KeyError: the action has no command.
        """
        self.table[action_id]()

    @cached_property
    def table(self) -> Mapping[str, Callable[[], object]]:
        """What each action does."""
        window, canvas = self._window, self._window.canvas
        stack = window.document.undo_stack
        return {
            "new": self.new,
            "open": self.open,
            "save": window.file.save,
            "save_as": window.file.save_as,
            "export": self.export,
            "write_up": lambda: self.export("report"),
            "close": window.close,
            "quit": window.quit_requested.emit,
            "undo": stack.undo,
            "redo": stack.redo,
            "cut": canvas.hands.cut,
            "copy": canvas.hands.copy,
            "paste": canvas.hands.paste,
            "duplicate": canvas.hands.duplicate,
            "delete": canvas.hands.delete,
            "rename": canvas.hands.rename,
            "link": canvas.hands.connect,
            "select_all": canvas.select_all,
            "select_none": lambda: canvas.select(()),
            "quick_add": self.quick_add,
            "tidy": canvas.hands.tidy,
            "find": self.find,
            "flows": self.flows,
            "zoom_in": canvas.zoom_in,
            "zoom_out": canvas.zoom_out,
            "zoom_reset": canvas.zoom_reset,
            "fit": canvas.fit_all,
            "fit_selection": canvas.fit_selection,
            "show_palette": lambda: self.toggle("palette"),
            "show_inspector": lambda: self.toggle("inspector"),
            "show_findings": lambda: self.toggle("findings"),
            "show_history": lambda: self.toggle("history"),
            "show_minimap": lambda: self.toggle("minimap"),
            "next_panel": self.next_panel,
            "theme_system": lambda: self.theme("system"),
            "theme_light": lambda: self.theme("light"),
            "theme_dark": lambda: self.theme("dark"),
            "next_finding": lambda: self._step(1),
            "previous_finding": lambda: self._step(-1),
            "fix": lambda: self._with_findings(window.findings.fix_current),
            "fix_all": lambda: self._with_findings(window.findings.bar.begin_all),
            "target": self.target,
            "waive": lambda: self._with_findings(window.findings.waive_current),
            "what_if": lambda: window.what_if.toggle(canvas.selection()),
            "failures": self.failures,
            "restore": window.what_if.restore,
            "simulate": self.simulate,
            "drill": self.drill,
            "rules": self.rules,
            "commands": self.palette,
            "shortcuts": self.shortcuts,
            "about": self.about,
        }

    # --- files ------------------------------------------------------------------------------

    def new(self) -> None:
        """Ask what a new design begins with, and open it."""
        from app.ui.dialogs.start import StartDialog

        dialog = StartDialog(self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._window.start_requested.emit(dialog.chosen)

    def open(self) -> None:
        """Ask for files and open them."""
        for path in self._window.file.choose():
            self._window.open_requested.emit(path)

    def export(self, target: str = "") -> None:
        """Open the export dialog, at a target."""
        from app.ui.dialogs.export import ExportDialog

        window = self._window
        ExportDialog(window.document, window, window.canvas.selection(), target).exec()

    def simulate(self) -> None:
        """Simulate the selected load balancer or cluster, else the first that there is."""
        from app.analysis.scenarios import subjects
        from app.ui.dialogs.simulation import SimulationDialog

        window, able = self._window, subjects(self._window.document.design)
        chosen = [key for key in window.canvas.selection() if key in able]
        if not able:
            window.bar.say("There is no load balancer with servers behind it, and no cluster")
            return
        for open_one in window.findChildren(SimulationDialog):
            open_one.close()
        SimulationDialog(window.document, window.canvas, (chosen or able)[0], window).show()

    # --- panels and looks -------------------------------------------------------------------

    def toggle(self, panel: Panel) -> None:
        """Show a panel that is hidden, hide one that is shown."""
        settings = self._window.settings
        self.show_panel(panel, not getattr(settings, f"{panel}_shown"))

    def show_panel(self, panel: Panel, shown: bool = True) -> None:
        """Show or hide a panel, and remember that."""
        self._window.change_settings(self._window.settings.showing(panel, shown))

    def theme(self, choice: ThemeChoice) -> None:
        """Choose light, dark, or as the system is."""
        self._window.change_settings(self._window.settings._replace(theme=choice))

    def edit(self) -> None:
        """Go to the first field of the inspector."""
        self.show_panel("inspector")
        inspector = self._window.inspector
        form = inspector.form
        first = (form or inspector).findChild(QLineEdit)
        if first is not None:
            first.setFocus()
            first.selectAll()

    def next_panel(self) -> None:
        """Move the focus to the next panel that is shown."""
        window = self._window
        stops: list[QWidget] = [
            window.palette_panel.search,
            window.canvas,
            window.inspector,
            window.findings.list,
        ]
        shown = [stop for stop in stops if stop.isVisibleTo(window)]
        here = cast("QWidget | None", window.focusWidget())
        now = [
            number
            for number, stop in enumerate(shown)
            if here is not None and (here is stop or stop.isAncestorOf(here))
        ]
        following = shown[(now[0] + 1) % len(shown)] if now else window.canvas
        following.setFocus(Qt.FocusReason.TabFocusReason)
        if following is window.inspector:
            self.edit()

    def _with_findings(self, command: Callable[[], None]) -> None:
        self.show_panel("findings")
        command()

    def _step(self, by: int) -> None:
        self._with_findings(lambda: self._window.findings.step(by))

    # --- dialogs ----------------------------------------------------------------------------

    def quick_add(self) -> None:
        """Find a kind by its name and add it: beside the selection, else under the mouse."""
        colours = current_theme()
        at = self._mouse()
        entries = [
            Entry(
                cls.title,
                cls.summary,
                self._adding(kind, at),
                GROUPS[cls.group],
                icon(kind, colours.tint(cls.group)),
            )
            for kind, cls in KINDS.items()
        ]
        self._pop_up("Add a part", entries)

    def _adding(self, kind: str, at: QPointF | None) -> Callable[[], object]:
        canvas = self._window.canvas
        if at is None or canvas.selection():
            return lambda: canvas.hands.add(kind)
        return lambda: self._add_at(kind, at)

    def _add_at(self, kind: str, at: QPointF) -> None:
        """Add a part where the mouse is, or as near as there is room."""
        canvas = self._window.canvas
        taken = editing.cards(canvas.document.design, canvas.stage.placing.rects)
        corner = editing.free_spot(at.x() - CARD_WIDTH / 2, at.y() - CARD_HEIGHT / 2, taken)
        parent = picking.container_at(canvas.stage, at)
        key = canvas_commands.add(canvas.document, kind, corner, parent)
        if key is not None:
            canvas.select((key,))

    def _mouse(self) -> QPointF | None:
        """The point of the scene under the mouse; None when it is elsewhere."""
        viewport = self._window.canvas.viewport()
        spot = viewport.mapFromGlobal(QCursor.pos())
        if not viewport.rect().contains(spot):
            return None
        return self._window.canvas.scene_point(QPointF(spot))

    def find(self) -> None:
        """Find a part by its name and go to it."""
        colours = current_theme()
        entries = [
            Entry(
                item.name,
                item.title,
                partial(self.go_to, key),
                item.fact,
                icon(item.kind, colours.tint(item.group)),
            )
            for key, item in self._window.document.design.components.items()
        ]
        self._pop_up("Find a part", entries)

    def go_to(self, key: str) -> None:
        """Select a part and bring it into view."""
        canvas = self._window.canvas
        canvas.select((key,))
        canvas.centre_on((key,))
        canvas.setFocus()

    def palette(self) -> None:
        """Find a command by its name."""
        known = self._window.actions_by_id
        entries = [
            Entry(
                action.text.rstrip("…"),
                action.help,
                known[action.id].trigger,
                actions.shown_keys(action),
                known[action.id].icon() if action.icon and action.id != "export" else None,
            )
            for action in actions.ACTIONS
            if known[action.id].isEnabled() and action.id != "commands"
        ]
        self._pop_up("What do you want to do?", entries)

    def _pop_up(self, placeholder: str, entries: list[Entry]) -> None:
        popup = CommandPalette(self._window, placeholder, entries)
        popup.open_over(self._window.geometry())

    def flows(self) -> None:
        """Edit the flows as one step."""
        from app.ui.dialogs.flows import FlowsDialog

        document = self._window.document
        dialog = FlowsDialog(document.design, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            document.apply("Edit flows", dialog.after())

    def failures(self) -> None:
        """Show all failures, to step through; bring the table to the front where it is open."""
        from app.ui.dialogs.failures import FailuresDialog

        window = self._window
        for dialog in window.findChildren(FailuresDialog):
            if dialog.isVisible():
                dialog.come_forward()
                return
        dialog = FailuresDialog(window.document, window.what_if.failed, window)
        dialog.chosen.connect(window.what_if.show)
        dialog.chosen.connect(lambda failed, _: window.canvas.centre_on(failed))
        dialog.finished.connect(window.what_if.restore)
        window.check.findings_changed.connect(dialog.follow)
        if window.what_if.analysis is not None:
            dialog.show_analysis(window.what_if.analysis)
        dialog.show()

    def drill(self) -> None:
        """Drill the design, or the selected parts; come to the front where it is open."""
        from app.ui.dialogs.drill import DrillDialog

        window = self._window
        for dialog in window.findChildren(DrillDialog):
            if dialog.isVisible():
                dialog.raise_()
                dialog.activateWindow()
                return
        design = window.document.design
        chosen = [key for key in window.canvas.selection() if key in design.components]
        DrillDialog(window.document, tuple(chosen), window).show()

    def target(self) -> None:
        """Ask for an availability or a number of parts; come to the front where it is open."""
        from app.ui.dialogs.target import TargetDialog

        window = self._window
        for dialog in window.findChildren(TargetDialog):
            if dialog.isVisible():
                dialog.come_forward()
                return
        window.findings.bar.end()  # one preview at a time
        dialog = TargetDialog(window.document, window)
        dialog.preview_wanted.connect(window.canvas.preview)
        dialog.applied.connect(window.bar.say)
        dialog.show()

    def rules(self, rule_id: str = "") -> None:
        """Set the rules of the design as one step, beginning with one of them."""
        from app.ui.dialogs.rules import RulesDialog

        document = self._window.document
        dialog = RulesDialog(document.design, document.path, self._window)
        dialog.show_rule(rule_id)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            document.apply("Set the rules", dialog.after())

    def ask_waiver(self, finding: Finding) -> Waiver | None:
        """Ask why a finding is accepted; None if it is not."""
        from app.ui.dialogs.waive import WaiveDialog

        window = self._window
        dialog = WaiveDialog(finding, window.settings.name, window)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return None
        waiver = dialog.waiver()
        window.change_settings(window.settings._replace(name=waiver.by))
        return waiver

    def shortcuts(self) -> None:
        """Show all keys on one page."""
        from app.ui.dialogs.shortcuts import Shortcuts

        Shortcuts(self._window).show()

    def about(self) -> None:
        """Tell the version and the licence."""
        QMessageBox.about(
            self._window,
            "About Loadpath",
            f"<p><b>Loadpath {__version__}</b></p><p>Draw a web infrastructure, see what brings "
            "it down, fix it, and run what you drew.</p><p>Apache License 2.0</p>",
        )
