"""Takes pictures of the real window with each sample: light and dark, 100 % and 200 %.

`python docs/screenshots.py [FOLDER]` writes FOLDER/PLATFORM-SCALE-THEME-SAMPLE.png, drawn in memory
(offscreen) and, where Xvfb is installed, on an X display. The README's pictures, docs/images/
window-light.png and window-dark.png, are two of the first. Each picture is taken by a process of
its own, because the scale holds for a process.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
SAMPLES = ROOT / "sample_designs"
SHOWN_FIRST = "distributed-web-infrastructure"
SIZE = (1600, 1000)
SCALES = (1, 2)
THEMES = ("light", "dark")
SHOOT = "--shoot"
PATIENCE = 20.0  # seconds until the findings have to be in
REST = 1.0  # seconds after that, for sharp pictures and scroll bars that fade


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "screenshots")
    folder: Path = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    IMAGES.mkdir(exist_ok=True)
    with ExitStack() as stack:
        user = stack.enter_context(tempfile.TemporaryDirectory())  # nobody's settings
        platforms = {"offscreen": {"QT_QPA_PLATFORM": "offscreen"}}
        if shutil.which("Xvfb"):
            display = stack.enter_context(virtual_display())
            platforms["xcb"] = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": display}
        for platform, scale, theme in product(platforms, SCALES, THEMES):
            environment = os.environ | platforms[platform]
            environment |= {"QT_SCALE_FACTOR": str(scale)}
            environment |= dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME"), user)
            for sample in sorted(SAMPLES.glob("*.loadpath.json")):
                name = f"{platform}-{scale * 100}-{theme}-{sample.name.partition('.')[0]}.png"
                command = [sys.executable, __file__, SHOOT, theme, str(folder / name), str(sample)]
                subprocess.run(command, env=environment, cwd=ROOT, check=True)
    for theme in THEMES:
        shot = folder / f"offscreen-100-{theme}-{SHOWN_FIRST}.png"
        shutil.copyfile(shot, IMAGES / f"window-{theme}.png")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


@contextmanager
def virtual_display() -> Iterator[str]:
    """Start Xvfb, large enough for 200 %, with a window manager if there is one; yield its name."""
    reader, writer = os.pipe()
    width, height = (2 * length + 100 for length in SIZE)
    command = ["Xvfb", "-displayfd", str(writer), "-nolisten", "tcp"]
    server = subprocess.Popen(
        [*command, "-screen", "0", f"{width}x{height}x24"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as answer:
        display = f":{answer.readline().strip()}"
    started = [server]
    try:
        if shutil.which("openbox"):
            variables = os.environ | {"DISPLAY": display}
            started.append(subprocess.Popen(["openbox"], env=variables, stderr=subprocess.DEVNULL))
        yield display
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def shoot(theme: str, target: Path, sample: Path) -> NoReturn:
    """Open a sample in the window, wait for its findings, and save what the window shows.

    Raises:
        SystemExit: the window could not be saved, or the findings did not come.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    from app.ui import settings
    from app.ui.application import Application, make_application

    def rest(seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1e3), loop.quit)
        loop.exec()

    app = make_application()
    settings.save(settings.store(), settings.Settings(theme=theme))  # type: ignore[arg-type]
    window = Application(app).begin([sample])
    window.resize(*SIZE)
    end = time.monotonic() + PATIENCE
    while not window.furnished or window.check.busy or window.document.path is None:
        if time.monotonic() > end:
            raise SystemExit(f"{sample.name}: the findings did not come")
        rest(0.05)
    spofs = [each for each in window.findings.findings if each.rule.category == "spof"]
    if spofs:  # the findings that the product is about: with the part in question
        window.findings.select(spofs[0].key)
        window.canvas.select(spofs[0].problem.subjects)
    window.canvas.fit_all()
    rest(REST)
    if not window.grab().save(str(target)):
        raise SystemExit(f"{target} could not be written")
    os._exit(0)  # no questions, no waiting for what runs in the background


if __name__ == "__main__":
    if sys.argv[1:2] == [SHOOT]:
        shoot(sys.argv[2], *map(Path, sys.argv[3:]))
    main()
