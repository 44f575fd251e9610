"""`loadpath doctor`: whether this machine has what the program leans on, and what to do if not."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from app import __version__
from app.cli.terminal import Style, coloured, plain
from app.display import answers as display_answers
from exporters.engines import COMPOSE, ENGINE, too_old

OLDEST_PYTHON = (3, 11)
# The bounds of pyproject.toml, which also says why: 6.11.0 and 6.11.1 lose docks, 6.12 aborts.
OLDEST_QT, NEWEST_QT, BAD_QT = (6, 8), (6, 12), ("6.11.0", "6.11.1")
PATIENCE = 20  # seconds for a program that is asked for its version
State = Literal["good", "missing", "bad"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: `missing` limits what can be done, `bad` keeps the program from working."""

    state: State
    told: str


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "doctor",
        help="look for what this machine lacks",
        description="Say whether this machine has what the program needs, and what to do if not.",
        epilog="exit status: 1 where something keeps the program from working\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--images",
        action="store_true",
        help="only list the container images that exported projects use",
    )
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask each question; 1 where an answer is bad."""
    if arguments.images:
        return _list_images()
    style = Style(colour=coloured(sys.stdout))
    marks: Mapping[State, str] = {
        "good": style("good", "ok"),
        "missing": style("medium", "--"),
        "bad": style("bad", "NO"),
    }
    print(f"Loadpath {__version__} on {platform.platform()}")
    worst = 0
    for question, answer in answers():
        first, *more = answer.told.splitlines()
        print(f"  {marks[answer.state]}  {question:14} {plain(first)}")
        for line in more:
            print(f"      {'':14} {plain(line)}")
        worst = max(worst, int(answer.state == "bad"))
    return worst


def _list_images() -> int:
    """Print the table of pinned images, one a line: what `docker pull` and mirrors take."""
    from exporters.images import IMAGES

    for image in IMAGES:
        print(image.tag)
    return 0


def answers() -> Iterator[tuple[str, Answer]]:
    """Yield each question with its answer."""
    questions: Mapping[str, Callable[[], Answer]] = {
        "Python": python,
        "Qt for Python": qt,
        "Qt's libraries": libraries,
        "display": display,
        "Graphviz": graphviz,
        "Docker engine": docker,
        "Docker Compose": compose,
        "state folder": state,
    }
    for question, ask in questions.items():
        yield question, ask()


def python() -> Answer:
    """Whether Python is new enough."""
    found = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        return Answer("bad", f"{found}; 3.11 or newer is needed")
    return Answer("good", found)


def qt() -> Answer:
    """Whether a release of PySide6 is there that works."""
    try:
        found = metadata.version("PySide6-Essentials")
    except metadata.PackageNotFoundError:
        return Answer("bad", "PySide6-Essentials is not installed: there is no window")
    return judge_qt(found)


def judge_qt(found: str) -> Answer:
    """Whether this release of PySide6 works."""
    release = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if found in BAD_QT or not OLDEST_QT <= release < NEWEST_QT:
        return Answer("bad", f"{found} does not work; 6.8 to 6.11 without 6.11.0 and 6.11.1 do")
    return Answer("good", found)


def libraries() -> Answer:
    """Whether the system has the libraries that Qt leans on."""
    from app.qt_libraries import explanation, missing_libraries

    missing = missing_libraries()
    if missing:
        told = explanation(missing).strip()
        return Answer("bad", "\n".join(line for line in told.splitlines() if line.strip()))
    return Answer("good", "all there")


def display(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> Answer:
    """Whether there is a display for the window."""
    if system in ("win32", "darwin"):
        return Answer("good", "of the system")
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        if environment.get(name):
            told = f"{name}={environment[name]}"
            if display_answers(environment):
                return Answer("good", told)
            return Answer("missing", f"{told} does not answer: the window cannot open")
    return Answer("missing", "none: check, fix and export work, the window does not")


def graphviz() -> Answer:
    """Whether Graphviz can lay out a drawing, in process."""
    try:
        import pygraphviz

        drawing = pygraphviz.AGraph("digraph { a -> b }")
        drawing.layout("dot")
        placed = drawing.get_node("a").attr["pos"]
    except (ImportError, OSError, ValueError) as error:
        return Answer("bad", f"pygraphviz does not work: {error}")
    version = metadata.version("pygraphviz")
    return Answer("good" if placed else "bad", f"pygraphviz {version} lays out a drawing")


def docker() -> Answer:
    """Whether a Docker engine answers, to run what is exported."""
    found = _ask("the engine does not answer", "version", "--format", "{{.Server.Version}}")
    return _new_enough(found, ENGINE)


def compose() -> Answer:
    """Whether Docker Compose is there, to run what is exported."""
    found = _ask("the compose plugin is not installed", "compose", "version", "--short")
    return _new_enough(found, COMPOSE)


def _new_enough(found: Answer, oldest: str) -> Answer:
    if found.state == "good" and too_old(found.told, oldest):
        return Answer("missing", f"{found.told}; exported projects need {oldest} or newer")
    return found


def _ask(why_not: str, *arguments: str) -> Answer:
    program = shutil.which("docker")
    if program is None:
        return Answer(
            "missing", "docker is not installed: exported projects cannot be started here"
        )
    try:
        done = subprocess.run(  # noqa: S603  # a fixed command, found on PATH
            [program, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return Answer("missing", why_not)
    if done.returncode != 0 or not done.stdout.strip():
        return Answer("missing", why_not)
    return Answer("good", done.stdout.strip())


def state() -> Answer:
    """Whether unsaved work of a new design can be kept."""
    from app.storage.files import state_folder

    folder = state_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Answer("good", str(folder))
    except OSError as error:
        return Answer("missing", f"{folder} cannot be written: {error.strerror or error}")
