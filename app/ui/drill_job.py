"""One drill of a design as it is now, run by the command line in a process of its own.

Whatever becomes of the window, the guard of the drill removes what it has started.
"""

import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QTemporaryDir, Signal

from app.model.design import Design
from app.ui.export_job import PATIENCE, ExportJob


class DrillJob(QObject):
    """Exports a design into a folder of its own, and runs `loadpath drill` on that."""

    told = Signal(str)  # a line about what goes on
    finished = Signal(object, str)  # what was measured (docs/json.md) or None, and the last words

    def __init__(self, design: Design, parent: QObject | None = None) -> None:
        """Take the design; `start` begins."""
        super().__init__(parent)
        self._folder = QTemporaryDir()
        self._project = Path(self._folder.path()) / "project"
        self._words: tuple[str, ...] = ()
        self._last = ""
        self._cancelled = False
        self._export: ExportJob | None = ExportJob(design, self)
        self._export.finished.connect(self._exported)
        self._process = QProcess(self)
        self._process.setReadChannel(QProcess.ProcessChannel.StandardError)
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)

    def start(self, words: Sequence[str], sources: Path | None) -> None:
        """Begin, with options of `loadpath drill`; folders of programs lie in `sources`."""
        self._words = tuple(words)
        options = ["--sources", str(sources)] if sources else []
        if self._export is not None:
            self._export.start("compose", self._project, options)

    def cancel(self) -> None:
        """End the drill; what was measured so far is told, and all is removed."""
        self._cancelled = True  # the export may have ended just now
        if self._export is not None:
            self._export.cancel()
        else:
            self._process.terminate()

    def abandon(self) -> None:
        """End it at once, and tell nothing more; the guard removes what it has started."""
        self.blockSignals(True)
        if self._export is not None:
            self._export.cancel()
        self._process.kill()
        self._process.waitForFinished(PATIENCE)

    def _exported(self, worked: bool, said: str) -> None:
        self._export = None
        if not worked:
            self.finished.emit(None, said.removeprefix("loadpath: "))
            return
        if self._cancelled:
            self.finished.emit(None, "")
            return
        command = ["-m", "app", "drill", str(self._project), "--format", "json", *self._words]
        self._process.start(sys.executable, command)

    def _read(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode(errors="replace").strip()
            self._last = line.removeprefix("loadpath: ")
            self.told.emit(self._last)

    def _ended(self) -> None:
        self._read()
        found: Any = None
        with contextlib.suppress(ValueError):  # nothing was measured
            found = json.loads(bytes(self._process.readAllStandardOutput().data()))
        self.finished.emit(found, self._last)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.finished.emit(None, "The drill could not be started.")
