"""Measures the product beside its peers in one interleaved run; prints a table, writes JSON."""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import designs
from benchmarks.availability import CASES
from benchmarks.goals import GOALS, Verdict, table
from benchmarks.processes import HOME, OWN, ROOT, peer_python, run
from benchmarks.projects import engine_answers

RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
SEED = ROOT / "sample_designs" / "distributed-web-infrastructure.loadpath.json"
STARTED = ("distributed-web-infrastructure", "secured-and-monitored")
TURNS = 3  # of the pans at rest and beside each work in one process
STARTS = 3  # of each subject in a round: a start is short and its time varies


class Session:
    """Collects the samples of all rounds."""

    def __init__(self) -> None:
        """Begin with no sample."""
        self.samples: dict[str, list[float]] = defaultdict(list)
        self.facts: dict[str, Any] = {}
        self.notes: set[str] = set()

    def startup(self) -> None:
        """Start each subject in turn, up to its first paint."""
        for _ in range(STARTS):
            for subject, python in (
                ("empty", OWN),
                ("loadpath", OWN),
                ("nodegraphqt", peer_python("nodegraphqt")),
            ):
                born = repr(time.monotonic())
                arguments = [str(SEED)] if subject == "loadpath" else []
                found = run(python, "startup", subject, born, *arguments)
                self.samples[f"startup.{subject}"].append(found.pop("first_paint"))
                if shown := found.pop("design_painted", None):
                    self.samples[f"startup.{subject}.design"].append(shown)
                self.facts[f"startup.{subject}"] = found
                if early := found["loaded_too_early"]:
                    self.notes.add(f"{subject} has loaded {', '.join(early)} at its first paint")

    def canvas(self) -> None:
        """Time the frames of both canvases at 1,000 cards, and of ours at 10,000."""
        for subject, python, cards in (
            ("loadpath", OWN, 1000),
            ("nodegraphqt", peer_python("nodegraphqt"), 1000),
            ("loadpath", OWN, 10_000),
        ):
            found = run(python, "canvas", subject, str(drawing(cards)))
            self.notes.update(f"{subject}, {cards}: {note}" for note in found.pop("notes"))
            self._add(f"{subject}.{cards}", found)

    def editing(self) -> None:
        """Time an edit in the window until its findings are on screen."""
        self._add("editing", run(OWN, "editing", "1000"))

    def working(self) -> None:
        """Time the frames of a pan in the window while the analysis works beside it."""
        self._add("working", run(OWN, "working", "1000", str(TURNS)))

    def projects(self) -> None:
        """Time an export, and where an engine answers the start of two exported samples."""
        self._add("projects", run(OWN, "projects", "export", "100"))
        if not engine_answers():
            self.notes.add("no engine answers: no project was started")
            return
        for sample in STARTED:
            self._add("projects", run(OWN, "projects", "up", sample))

    def storage(self) -> None:
        """Time saves."""
        self._add("storage", run(OWN, "storage", "10000"))

    def analysis(self) -> None:
        """Time points of failure, pairs and all rules; count what naive methods get wrong."""
        for count in (100, 1000, 5000):
            self._add(f"analysis.{count}", run(OWN, "analysis", str(count)))
        self.facts["naive"] = found = run(OWN, "naive")
        self.notes.update(
            f"single points of failure of {found['flows']} flows of the oracles: "
            f"{method.replace('_', ' ')}: wrong about {found[method]}"
            for method in ("loadpath", "articulation_points", "dominators")
        )

    def availability(self) -> None:
        """Time exact availability beside the decision diagrams of `dd`; both have to agree."""
        for events, width in CASES:
            case = str(events), str(width)
            own = run(OWN, "availability", "loadpath", *case)
            peer = run(peer_python("dd"), "availability", "dd", *case)
            down = own["unavailability"], peer["unavailability"]
            if not math.isclose(*down, rel_tol=1e-9):
                raise RuntimeError(f"{events} events, {width} wide: {down[0]} is not {down[1]}")
            if not peer["compiled"]:
                self.notes.add("dd has no CUDD here: its diagrams in Python were measured")
            self.samples[f"availability.loadpath.{events}.{width}"].append(own["milliseconds"])
            self.samples[f"availability.dd.{events}.{width}"].append(peer["milliseconds"])
        self._add("availability", run(OWN, "availability", "samples"))

    def _add(self, area: str, found: dict[str, Any]) -> None:
        for metric, value in found.items():
            self.samples[f"{area}.{metric}"].append(value)


AREAS: dict[str, Callable[[Session], None]] = {
    name: getattr(Session, name)
    for name in (
        "startup",
        "canvas",
        "editing",
        "working",
        "storage",
        "analysis",
        "availability",
        "projects",
    )
}


def drawing(cards: int, folder: Path = HOME) -> Path:
    """Write the file with the cards and links that both canvases draw; return its path."""
    path = folder / f"drawing-{cards}.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(designs.make(cards).drawing), encoding="utf-8")
    return path


def written(session: Session, verdicts: Sequence[Verdict], rounds: int) -> dict[str, Any]:
    """Return the result as it is stored: what was run, where, the verdicts and all samples."""
    names = ("PySide6_Essentials", "networkx", "orjson", "loadpath")
    return {
        "rounds": rounds,
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
            "platform": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        },
        "versions": {name: metadata.version(name) for name in names},
        "goals": [verdict.as_json() for verdict in verdicts],
        "facts": session.facts,
        "notes": sorted(session.notes),
        "milliseconds": {
            name: [round(value, 3) for value in values]
            for name, values in sorted(session.samples.items())
        },
    }


def main() -> int:
    """Run the areas asked for, in turn and several times; return 1 where a goal is missed.

    A subject that fails is told below the table, and does not end the run.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("areas", nargs="*", help=f"{', '.join(AREAS)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each subject")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the JSON goes")
    options = parser.parse_args()
    wanted = options.areas or list(AREAS)
    if unknown := set(wanted) - set(AREAS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    session = Session()
    if "startup" in wanted:
        Session().startup()  # compiles the modules, which is done once in a lifetime
    failed = False
    for number in range(options.rounds):
        for area in wanted:
            print(f"round {number + 1} of {options.rounds}: {area} …", file=sys.stderr, flush=True)
            try:
                AREAS[area](session)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                failed = True
                session.notes.add(f"{area}: {str(error).strip().splitlines()[-1]}")
    verdicts = [found for goal in GOALS if (found := goal.judge(session.samples))]
    print(table(verdicts))
    for note in sorted(session.notes):
        print(f"note: {note}")
    result = written(session, verdicts, options.rounds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 1 if failed or not all(verdict.reached for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
