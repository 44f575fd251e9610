"""One export or write-up, run by the command line in a process of its own.

The window and the command line therefore write the same bytes, the window stays fluid, and a
cancelled export leaves nothing half written.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTemporaryDir, Signal

from app.model.design import Design
from app.storage.files import save_design

PATIENCE = 2_000  # milliseconds for a process to end


class ExportJob(QObject):
    """Runs `loadpath export`, or `loadpath report`, on a design as it is now."""

    finished = Signal(bool, str)  # whether it worked, and what the command said

    def __init__(self, design: Design, parent: QObject | None = None) -> None:
        """Take the design; `start` begins."""
        super().__init__(parent)
        self._folder = QTemporaryDir()
        self._file = Path(self._folder.path()) / "design.loadpath.json"
        save_design(self._file, design)
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("QT_QPA_PLATFORM", "offscreen")  # it draws but shows nothing
        self._process.setProcessEnvironment(environment)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)

    def start(self, target: str, path: Path, options: Sequence[str]) -> None:
        """Begin to export to a path; the target `report` is a command of its own."""
        command = [target] if target == "report" else ["export", target]
        arguments = ["-m", "app", *command, str(self._file), "-o", str(path), *options]
        self._process.start(sys.executable, arguments)

    def cancel(self) -> None:
        """End the process, which removes what it wrote so far; kill one that does not end."""
        self._process.terminate()
        if not self._process.waitForFinished(PATIENCE):
            self._process.kill()
            self._process.waitForFinished(PATIENCE)

    def _ended(self, code: int, status: QProcess.ExitStatus) -> None:
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip()
        worked = status == QProcess.ExitStatus.NormalExit and code == 0
        self.finished.emit(worked, said)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.finished.emit(False, "The export could not be started.")
