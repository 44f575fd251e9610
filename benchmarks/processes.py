"""Runs the subjects of the benchmarks, each measurement in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HOME = ROOT / "build" / "bench"
OWN = Path(sys.executable)
# An environment for each peer alone: it needs packages that the product must not see.
PINS = {
    "nodegraphqt": ("NodeGraphQt==0.6.44", "PySide6-Essentials<6.12", "setuptools<82", "numpy"),
    "dd": ("dd==0.6.0",),  # whose wheel for Linux has CUDD in it
}
LIMIT = 600  # seconds for one process


def peer_python(peer: str) -> Path:
    """Return the interpreter of the environment of a peer; make it when it is not there."""
    folder = "Scripts" if os.name == "nt" else "bin"
    python = HOME / peer / folder / "python"
    installed = HOME / peer / "installed"
    if not installed.exists():
        print(f"Installing {peer} into build/bench …", file=sys.stderr)
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", HOME / peer], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS[peer]], check=True)
        installed.write_text("\n".join(PINS[peer]) + "\n", encoding="utf-8")
    return python


def run(python: Path, module: str, *arguments: str) -> dict[str, Any]:
    """Run a module of the benchmarks; return the JSON object on its last line of output.

    Raises:
        RuntimeError: the process failed; the message ends with what it said.
    """
    environment = os.environ | {"QT_LOGGING_RULES": "*.debug=false", "PYTHONWARNINGS": "ignore"}
    # As it is for users: compiled modules are kept, also where a developer has switched that off.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # Nobody's settings, and no unsaved work to ask about.
    folders = ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    environment |= {name: str(HOME / "user") for name in folders}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [python, "-m", f"benchmarks.{module}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        message = f"benchmarks.{module} {' '.join(arguments)} failed:\n{done.stderr[-2000:]}"
        raise RuntimeError(message)
    result: dict[str, Any] = json.loads(lines[-1])
    return result
