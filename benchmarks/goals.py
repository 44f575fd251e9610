"""The goals: what is divided by what, and the most that the ratio may be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.availability import CASES

Samples = Mapping[str, Sequence[float]]


def _best(values: Sequence[float]) -> float:
    """Return the least value, and NaN where one process measured nothing."""
    return math.nan if any(map(math.isnan, values)) else min(values)


@dataclass(frozen=True)
class Goal:
    """One line of the table. `measured` and `against` name series of samples.

    These are milliseconds, unless the title says something else.
    """

    title: str
    measured: str
    against: str
    limit: float

    def judge(self, samples: Samples) -> "Verdict | None":
        """Return the verdict over the best of all processes; None where one was not run.

        What else the machine does only ever adds to a time, and to that of one subject more than
        to that of another: the best of several says most about the programs.
        """
        if not samples.get(self.measured) or (self.against and not samples.get(self.against)):
            return None
        own = _best(samples[self.measured])
        peer = _best(samples[self.against]) if self.against else 1.0
        value = own / peer
        return Verdict(self.title, own, peer, value, self.limit, bool(value <= self.limit))


@dataclass(frozen=True)
class Verdict:
    """A goal beside what was measured. `value` is a ratio, or milliseconds for an absolute goal."""

    title: str
    own: float
    peer: float
    value: float
    limit: float
    reached: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain values, rounded to what the measurement can tell."""
        values = asdict(self)
        return {
            key: float(f"{value:.4g}")
            if isinstance(value, float) and math.isfinite(value)
            else value
            for key, value in values.items()
        }


GOALS = (
    Goal("first paint / empty PySide6 window", "startup.loadpath", "startup.empty", 1.8),
    Goal("first paint / NodeGraphQt", "startup.loadpath", "startup.nodegraphqt", 1 / 2),
    Goal(
        "1,000 cards: build and first paint / NodeGraphQt",
        "loadpath.1000.build_and_first_paint",
        "nodegraphqt.1000.build_and_first_paint",
        1 / 15,
    ),
    Goal("1,000 cards: pan / NodeGraphQt", "loadpath.1000.pan", "nodegraphqt.1000.pan", 1 / 30),
    Goal(
        "1,000 cards: fit-all repaint / NodeGraphQt",
        "loadpath.1000.fit_repaint",
        "nodegraphqt.1000.fit_repaint",
        1 / 12,
    ),
    Goal("1,000 cards: drag, 5 links / NodeGraphQt", "loadpath.1000.drag", "nodegraphqt.1000.drag",
         1 / 2.5),
    Goal("pan at 10,000 / at 1,000", "loadpath.10000.pan", "loadpath.1000.pan", 2),
    Goal("drag at 10,000 / at 1,000", "loadpath.10000.drag", "loadpath.1000.drag", 2),
    Goal("1,000 cards: edit to findings on screen, ms", "editing.findings", "", 100),
    *(
        goal
        for work, what in (("check", "the check"), ("pairs", "all pairs"), ("target", "a search"))
        for goal in (
            Goal(f"1,000 cards: pan during {what}, ms", f"working.{work}", "", 1000 / 60),
            Goal(f"1,000 cards: frames late during {what}, %", f"working.{work}_late", "", 5),
        )
    ),
    Goal("1,000 cards: frames late at rest, %", "working.at_rest_late", "", 5),
    Goal("10,000 cards: save after an edit / json.dumps", "storage.save", "storage.json", 1 / 10),
    Goal("10,000 cards: first save after opening / json.dumps", "storage.first_save",
         "storage.json", 1 / 10),
    Goal("1,000 parts: SPOF masks / networkx removal", "analysis.1000.masks",
         "analysis.1000.networkx_removal", 1 / 1000),
    *(
        Goal(f"{count:,} parts: SPOF masks / nx.immediate_dominators", f"analysis.{count}.masks",
             f"analysis.{count}.networkx_dominators", 1 / 2)
        for count in (100, 1000, 5000)
    ),
    *(
        Goal(f"{count:,} cards: all rules after an edit / networkx removal",
             f"analysis.{count}.all_rules", f"analysis.{count}.networkx_removal", 1 / 20)
        for count in (1000, 5000)
    ),
    Goal("1,000 cards: all rules after an edit, ms", "analysis.1000.all_rules", "", 100),
    Goal("1,000 parts: pairs of a flow, ms", "analysis.1000.pairs", "", 200),
    *(
        Goal(f"{events} events, {width} wide: exact availability / dd",
             f"availability.loadpath.{events}.{width}", f"availability.dd.{events}.{width}", 1 / 5)
        for events, width in CASES
    ),
    Goal("samples: exact availability of a flow, ms", "availability.samples", "", 5),
    Goal("100 cards: export of a compose project, ms", "projects.export_100", "", 1_000),
    Goal("seed design: up from built images, ms", "projects.up.distributed-web-infrastructure", "",
         45_000),
    Goal("seed design: memory, MiB", "projects.memory.distributed-web-infrastructure", "", 1_024),
    Goal("secured design: up from built images, ms", "projects.up.secured-and-monitored", "",
         90_000),
)  # fmt: skip


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts as text, one line each."""
    lines = [f"{'goal':<52} {'own':>9} {'peer':>9} {'measured':>9} {'at most':>8}"]
    for each in verdicts:
        peer = f"{each.peer:.4g}" if each.peer != 1 else "–"
        lines.append(
            f"{each.title:<52} {each.own:>9.4g} {peer:>9} {each.value:>9.4g} {each.limit:>8.3g}  "
            f"{'reached' if each.reached else 'MISSED'}"
        )
    return "\n".join(lines)
