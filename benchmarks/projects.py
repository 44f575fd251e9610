"""Child process: what an export takes, `projects.py export CARDS`, or its project, `up SAMPLE`."""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from app.drill import DrillError
from app.drill.engine import Project, guarded, project_name
from app.model.design import Design
from app.storage.codec import dump, load
from benchmarks import designs
from exporters.compose import export
from exporters.files import write
from exporters.plan import plan
from exporters.recipe import recipe_of
from sample_designs import read

EXPORTS = 5
SIZES = {"B": 1 / 2**20, "KiB": 1 / 2**10, "MiB": 1.0, "GiB": 2.0**10}
_LABEL = "label=com.docker.compose.project="


def exported(cards: int) -> dict[str, float]:
    """Return the median milliseconds of planning, rendering and writing a project."""
    design = designs.make(cards).design
    times = []
    for _ in range(EXPORTS):
        with tempfile.TemporaryDirectory() as home:
            began = time.perf_counter()
            write(export(design, document=dump(design)), Path(home) / "project")
            times.append((time.perf_counter() - began) * 1e3)
    return {f"export_{cards}": statistics.median(times)}


def started(sample: str) -> dict[str, float]:
    """Return the milliseconds until a project is up, its images built before, and its memory.

    The memory, in MiB, is what the engine counts for all containers, right after the start.
    """
    design = load(read(sample))
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home).resolve() / "project"
        write(export(design, document=dump(design)), folder)
        _up(folder, design)  # builds the images: their layers stay with the engine
        took, memory = _up(folder, design)
    return {f"up.{sample}": took, f"memory.{sample}": memory}


def _up(folder: Path, design: Design) -> tuple[float, float]:
    name = project_name(design.name)
    with guarded(name) as hold:
        project = Project(folder, name, recipe_of(plan(design)).variables, hold)
        began = time.perf_counter()
        project.up()
        return (time.perf_counter() - began) * 1e3, _memory(name)


def _memory(name: str) -> float:
    containers = _docker("container", "ls", "--quiet", "--filter", f"{_LABEL}{name}")
    used = _docker("stats", "--no-stream", "--format", "{{.MemUsage}}", *containers)
    found = (re.match(r"([\d.]+)([KMG]?i?B)", line) for line in used if line[0].isdigit())
    return sum(float(each[1]) * SIZES[each[2]] for each in found if each)


def _docker(*words: str) -> list[str]:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def engine_answers() -> bool:
    """Whether there is an engine to start projects on."""
    try:
        _docker("version", "--format", "{{.Server.Version}}")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def main() -> int:
    """Print the result as one line of JSON."""
    what, of = sys.argv[1:]
    try:
        found = exported(int(of)) if what == "export" else started(of)
    except DrillError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
