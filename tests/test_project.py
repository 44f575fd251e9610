"""What holds for the whole project: size, documentation, bounds of versions, cold imports."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PySide6.QtCore import QObject, Signal, Slot

ROOT = Path(__file__).parents[1]
FOLDERS = ("app", "exporters", "assets", "sample_designs", "tests", "benchmarks", ".ci")
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = [
    Requirement(text)
    for text in [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
]


def written_by_people(path: Path) -> bool:
    """Golden folders hold programs that the exporters wrote."""
    return "golden" not in path.parts


def test_no_file_is_longer_than_500_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in filter(written_by_people, SOURCES)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 500
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in filter(written_by_people, SOURCES)
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


class _Emitter(QObject):
    changed = Signal(bool)
    replaced = Signal(object, object)

    @Slot(bool)
    def receive(self, value: bool) -> None:
        self.received = value


def test_five_thousand_signals_leave_the_references_of_constants_alone() -> None:
    """PySide6 6.12.0 drops a reference to True with each emit until Python 3.11 aborts."""
    emitter = _Emitter()
    emitter.changed.connect(emitter.receive)
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(5_000):
        emitter.changed.emit(True)
        emitter.replaced.emit(None, emitter)
        # Inside the loop, to fail before the interpreter aborts.
        assert (sys.getrefcount(True), sys.getrefcount(None)) == pytest.approx(before, abs=100)
    assert emitter.received is True


@pytest.mark.parametrize("version", ["6.12.0", "6.11.0", "6.11.1", "6.7.3"])
def test_a_pyside_with_a_known_fault_is_refused(version: str) -> None:
    (pyside,) = (each for each in REQUIREMENTS if each.name == "PySide6-Essentials")
    assert version not in pyside.specifier
    assert "6.11.3" in pyside.specifier


def test_the_lock_pins_every_requirement_to_a_version_it_allows() -> None:
    pins = [
        Requirement(line)
        for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if line and not line.lstrip().startswith("#")
    ]
    for wanted in REQUIREMENTS:
        found = [
            pin for pin in pins if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
        ]
        assert found, f"{wanted.name} is not in requirements.lock: run make lock"
        for pin in found:
            (exact,) = pin.specifier
            assert exact.operator == "=="
            assert exact.version in wanted.specifier


HEAVY = {"PySide6", "cryptography", "diagrams", "jinja2", "networkx", "pydantic", "ruamel"}


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("app.model, app.model.edits, app.analysis, app.rules", HEAVY),
        ("app.cli, app.__main__, exporters, assets, sample_designs", HEAVY),
        ("app.ui.main_window", HEAVY - {"PySide6"}),
    ],
)
def test_importing_loads_no_library_before_it_is_needed(modules: str, absent: set[str]) -> None:
    script = f"import sys, {modules}; print(*{absent!r} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
