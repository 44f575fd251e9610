"""The program with its windows: one theme, one set of settings, each file in one window."""

import gc
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox

from app.ui import settings as stored
from app.ui.background import let_the_window_first
from app.ui.document import Document
from app.ui.files import same_file
from app.ui.garbage import collect_in_this_thread
from app.ui.icons import icon
from app.ui.main_window import MainWindow
from app.ui.raster import fill_in_one_thread
from app.ui.recovery import LeftBehind, Session
from app.ui.settings import Settings
from app.ui.theme import DARK, LIGHT, Theme, apply_theme, current_theme, system_theme


class Application(QObject):
    """Opens and closes windows, and keeps what they share."""

    def __init__(self, app: QApplication) -> None:
        """Read the settings and choose the theme."""
        super().__init__()
        self.app = app
        self.windows: list[MainWindow] = []
        self.session = Session()
        self.settings = stored.load(stored.store())
        self._to_open: tuple[Path, ...] = ()
        apply_theme(app, self._theme())
        collect_in_this_thread(self)
        app.styleHints().colorSchemeChanged.connect(lambda _: self._apply_theme())
        app.setWindowIcon(icon("app", current_theme().accent))

    # --- windows ----------------------------------------------------------------------------

    def new_window(self) -> MainWindow:
        """Show a window with an empty design."""
        window = MainWindow(Document(), self.settings, self.session)
        window.open_requested.connect(lambda path: self.open(path, window))
        window.start_requested.connect(lambda sample: self.start(sample, window))
        window.quit_requested.connect(self.quit)
        window.settings_changed.connect(self._keep)
        window.closed.connect(self._forget)
        window.painted.connect(lambda: self._furnish(window))
        if self.windows:
            last = self.windows[-1]
            window.move(last.x() + 32, last.y() + 32)
        self.windows.append(window)
        window.show()
        return window

    def open(self, path: Path, window: MainWindow | None = None) -> MainWindow | None:
        """Show the design in a file; a file that is open already comes to the front.

        It takes the given window if nothing was drawn there yet. None if it cannot be read.
        """
        for known in self.windows:
            if any(same_file(own, path) for own in (known.document.path, known.file.reading)):
                _raise(known)
                return known
        if window is not None and window.pristine:
            return window if window.file.open(path) else None
        asking = window or (self.windows[-1] if self.windows else None)
        design = asking.file.read(path) if asking else None
        if asking is not None and design is None:
            return None
        made = self.new_window()
        if design is None:
            return made if made.file.open(path) else None
        made.file.show(design, path)
        return made

    def start(self, sample: str, window: MainWindow | None = None) -> MainWindow:
        """Begin a new design from a sample; an empty name begins empty."""
        shown = window if window is not None and window.pristine else self.new_window()
        if sample:
            import sample_designs
            from app.storage.codec import load

            shown.document.reset(load(sample_designs.read(sample)), None)
            shown.canvas.fit_all()
        return shown

    def quit(self) -> None:
        """Close all windows, unless the user keeps one."""
        for window in tuple(self.windows):
            if not window.close():
                return

    def _forget(self, window: MainWindow) -> None:
        self.windows.remove(window)
        window.deleteLater()
        if not self.windows:
            self.session.end()

    # --- what windows share -----------------------------------------------------------------

    def _keep(self, settings: Settings) -> None:
        theme_changed = settings.theme != self.settings.theme
        self.settings = settings
        stored.save(stored.store(), settings)
        for window in self.windows:
            if window.settings != settings:
                window.set_settings(settings)
        if theme_changed:
            self._apply_theme()

    def _theme(self) -> Theme:
        return {"light": LIGHT, "dark": DARK}.get(self.settings.theme) or system_theme()

    def _apply_theme(self) -> None:
        theme = self._theme()
        if theme is current_theme():
            return
        apply_theme(self.app, theme)
        for window in self.windows:
            window.set_theme(theme)

    # --- after a crash ----------------------------------------------------------------------

    def offer_recovery(self, window: MainWindow) -> "QMessageBox | None":
        """Ask what to do with unsaved work that a crash has left; None if there is none."""
        left = []
        for folder in self.session.left_behind():
            if folder.files:
                left.append(folder)
            else:
                folder.forget()
        if not left:
            return None
        from PySide6.QtWidgets import QMessageBox

        question = QMessageBox(window)
        question.setWindowTitle("Unsaved work was found")
        question.setText("Loadpath did not end properly last time. Unsaved work was kept.")
        question.setInformativeText("\n".join(name for folder in left for name in folder.names()))
        restore = question.addButton("Restore", QMessageBox.ButtonRole.AcceptRole)
        delete = question.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton("Ask again next time", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(restore)

        def answered() -> None:
            chosen = question.clickedButton()
            for folder in left:
                if chosen is restore:
                    self.restore(folder, window)
                elif chosen is delete:
                    folder.forget()
                else:
                    folder.keep()

        question.finished.connect(lambda _: answered())
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()
        return question

    def restore(self, folder: LeftBehind, window: MainWindow) -> None:
        """Show what a crash has left, each in a window; the old copy goes once there is a new."""
        designs = folder.designs()
        whole = len(designs) == len(folder.files)
        for recovered in designs:
            shown = window if window.pristine else self.new_window()
            shown.file.restore(recovered.design, recovered.path)
            whole = shown.copy.write_now() and whole
        if whole:
            folder.forget()
        else:
            folder.keep()

    def fault(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Tell of a fault of the program itself, in the terminal and in the window; go on."""
        sys.__excepthook__(kind, error, trace)
        for window in self.windows:
            window.bar.say(f"This did not work because of a fault inside: {kind.__name__}: {error}")

    # --- start ------------------------------------------------------------------------------

    def begin(self, paths: Sequence[Path]) -> MainWindow:
        """Show the first window; files are opened after it was painted."""
        self._to_open = tuple(paths)
        window = self.new_window()
        window.painted.connect(lambda: self.offer_recovery(window))
        window.check.findings_changed.connect(_settle, Qt.ConnectionType.SingleShotConnection)
        return window

    def _furnish(self, window: MainWindow) -> None:
        """After the first paint: first what the user wants to see, then the panels."""
        paths, self._to_open = self._to_open, ()
        try:
            for path in paths:
                self.open(path, window)
        finally:
            window.furnish()


def _settle(*_: object) -> None:
    """Take what lives as long as the program out of the reach of the garbage collector."""
    gc.collect()
    gc.freeze()


def _raise(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()


def make_application() -> QApplication:
    """Return the one QApplication, with the name of the product."""
    fill_in_one_thread()
    let_the_window_first()
    QGuiApplication.setDesktopFileName("loadpath")
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        # The style as an argument: setStyle() would hand back a QStyle, whose enums take 4 ms.
        app = QApplication([*sys.argv[:1], "-style", "fusion"])
    app.setApplicationName("loadpath")
    app.setApplicationDisplayName("")
    return app


def run(paths: Sequence[Path]) -> int:
    """Show the window, with files if there are any; return when the last window is closed."""
    app = make_application()
    program = Application(app)
    sys.excepthook = program.fault
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C in the terminal ends Qt's loop too
    program.begin(paths)
    return int(app.exec())
