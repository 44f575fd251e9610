"""One drill from start to end: up, fail, watch, bring back, wait, read back; then the next part."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from app.analysis.analysis import Analysis
from app.analysis.words import listed
from app.drill import DrillError
from app.drill.alarms import Alarm, Alarms
from app.drill.borders import Attempt, Borders, attempts, told
from app.drill.experiments import Experiment, How, Wanted, program
from app.drill.judging import Cell, Mismatch, alarm_mismatch, judged
from app.drill.measuring import Times, figures, settled
from app.drill.probing import EVERY, Address, Visitor, Watch
from app.model.design import Design
from exporters.recipe import Recipe

Tell = Callable[[str], None]
MARK = "drill-"
STEADY = 4  # probes in a row that say that a flow works, or does not


class Pace(NamedTuple):
    """How long things are given, in seconds."""

    outage: float = 8.0  # at least; longer where a flow is allowed a longer interruption
    margin: float = 4.0  # after what is allowed
    recovery: float = 300.0  # at most
    start: float = 60.0  # until flows work after the start, at most
    every: float = EVERY


class Runs(Borders, Protocol):
    """A project that is up (`engine.Project`)."""

    @property
    def ports(self) -> Mapping[str, int]:
        """The numbers of the published ports, by their variables."""
        ...

    def fail(self, services: Sequence[str], how: How) -> None:
        """Let services fail."""
        ...

    def bring_back(self, services: Sequence[str], how: How) -> None:
        """Undo that."""
        ...

    def unhealthy(self) -> tuple[str, ...]:
        """Return the services that are not well."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One experiment, what became of each flow, and whether somebody was told."""

    experiment: Experiment
    cells: tuple[Cell, ...]
    alarm: Alarm
    healthy_after: float  # seconds from bringing back until all services were well

    @property
    def mismatches(self) -> tuple[tuple[Cell | None, Mismatch], ...]:
        """What differs, and in which cell; an alarm that is missing is in none."""
        found = [(cell, cell.mismatch) for cell in self.cells if cell.mismatch]
        told = alarm_mismatch(self.alarm)
        return (*found, *([(None, told)] if told else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """All that a drill has found."""

    design: Design
    engine: str
    compose: str
    how: How
    day: str
    rows: tuple[Row, ...]
    planned: int
    left_out: tuple[str, ...]
    attempts: tuple[Attempt, ...] = ()

    @property
    def differing(self) -> int:
        """How much is not as predicted: of the flows, and of the firewalls."""
        return len(self.mismatches) + sum(a.mismatch is not None for a in self.attempts)

    @property
    def mismatches(self) -> tuple[tuple[Row, Cell | None, Mismatch], ...]:
        """Where predicted and measured differ, and how; in no cell where an alarm is missing."""
        return tuple(
            (row, cell, mismatch) for row in self.rows for cell, mismatch in row.mismatches
        )


class Drill:
    """A drill of a project that is up; iterate over `rows` to carry it out."""

    def __init__(
        self,
        design: Design,
        recipe: Recipe,
        *,
        wanted: Wanted,
        how: How = "kill",
        pace: Pace | None = None,
    ) -> None:
        """Plan the experiments.

        Raises:
            DrillError: nothing can be made to fail, or no flow can be seen.
        """
        self.design = design
        self.recipe = recipe
        self.how: How = how
        self.pace = pace or Pace()
        analysis = Analysis(design)
        self.program = program(analysis, recipe, wanted, how)
        dead = {key for key in design.flows if analysis.recoverable.dead(key)}
        self.probes = tuple(
            p for p in recipe.probes if p.entrances and p.flow in design.flows.keys() - dead
        )
        if not self.probes:
            raise DrillError("no flow of this design can be watched from outside")
        self.left_out = (*self.program.left_out, *self._unseen(dead))
        self.borders = tuple(
            border
            for border in recipe.borders
            if border.firewall in design.components
            and wanted.singles
            and (not wanted.only or border.firewall in wanted.only)
        )
        self.attempts: tuple[Attempt, ...] = ()

    def _unseen(self, dead: set[str]) -> Iterator[str]:
        seen = {probe.flow for probe in self.probes}
        why = {probe.flow: probe.why for probe in self.recipe.probes}
        for key, flow in self.design.flows.items():
            if key not in seen:
                reason = (
                    "cannot work as drawn" if key in dead else why.get(key, "is not known here")
                )
                yield f"{flow.name} is not watched: {reason}."

    def rows(self, project: Runs, authority: Path | None, tell: Tell) -> Iterator[Row]:
        """Carry out one experiment after the other.

        Raises:
            DrillError: a flow does not work before anything failed, or not again afterwards.
        """
        visitors = {
            probe.flow: Visitor(
                probe,
                [Address(e.port.scheme, project.ports[e.port.variable]) for e in probe.entrances],
                authority,
                f"{MARK}{number}-",
            )
            for number, probe in enumerate(self.probes, 1)
        }
        self._wait_until_all_work(visitors)
        self._try_firewalls(project, tell)
        known: dict[str, frozenset[str]] = {flow: frozenset() for flow in visitors}
        for number, experiment in enumerate(self.program.experiments, 1):
            row = self._row(experiment, project, visitors, known, tell)
            yield row  # before it is told: who cancels on hearing of a row has that row
            told = _brief(row, self.design)
            tell(f"{number}/{len(self.program.experiments)} {experiment.name}: {told}")

    def _wait_until_all_work(self, visitors: Mapping[str, Visitor]) -> None:
        watch = Watch(visitors, self.pace.every)
        with watch.watching():
            end = time.monotonic() + self.pace.start
            while not all(settled(watch.samples(flow), "up", STEADY) for flow in visitors):
                if time.monotonic() > end:
                    break
                time.sleep(self.pace.every / 2)
        for flow in visitors:
            if not settled(watch.samples(flow), "up", STEADY):
                told = next((s.told for s in reversed(watch.samples(flow)) if not s.good), "")
                name = self.design.flows[flow].name
                raise DrillError(f"{name} does not work before anything has failed: {told}")

    def _try_firewalls(self, project: Borders, tell: Tell) -> None:
        for border in self.borders:
            for attempt in attempts(project, border):
                self.attempts = (*self.attempts, attempt)
                tell(f"{told(self.design, attempt)}: {attempt.measured}")

    def _row(
        self,
        experiment: Experiment,
        project: Runs,
        visitors: Mapping[str, Visitor],
        known: dict[str, frozenset[str]],
        tell: Tell,
    ) -> Row:
        alarms = Alarms(self.recipe.watchers, project.ports, experiment.services)
        self._wait_for_the_end_of_alarms(alarms, tell)
        watch = Watch(visitors, self.pace.every)
        with watch.watching():
            time.sleep(2 * self.pace.every)
            failed = time.monotonic()
            alarms.begin()
            project.fail(experiment.services, self.how)
            self._wait_for_the_end_of_the_outage(watch, experiment, alarms)
        returned = time.monotonic()  # every probe of the outage has had its answer
        with watch.watching():
            project.bring_back(experiment.services, self.how)
            healthy = self._wait_for_recovery(watch, project, experiment, returned)
        times = Times(failed, returned, time.monotonic())
        cells = []
        for flow, visitor in visitors.items():
            lost = self._lost(visitor)
            fresh = None if lost is None else lost - known[flow]
            known[flow] |= fresh or frozenset()
            found = figures(watch.samples(flow), times, self._allowed(experiment))
            cells.append(judged(self.design, self.recipe, experiment, flow, found, fresh))
        return Row(
            experiment=experiment,
            cells=tuple(cells),
            alarm=alarms.outcome(self.pace.every),
            healthy_after=round(healthy, 1),
        )

    def _wait_for_the_end_of_alarms(self, alarms: Alarms, tell: Tell) -> None:
        """Wait until nothing is told any more of an earlier failure of the same parts."""
        end = time.monotonic() + self.pace.recovery
        waiting = False
        while held := alarms.held():
            if time.monotonic() > end:
                tell(f"after {self.pace.recovery:g} s it has not ended")
                return
            if not waiting:
                tell(f"waiting for the end of the alarm about {listed(held)}")
            waiting = True
            time.sleep(self.pace.every)

    def _allowed(self, experiment: Experiment) -> float:
        """Return the longest interruption: what is declared, and what lies between two probes."""
        return experiment.allowed + self.pace.every

    def _wait_for_the_end_of_the_outage(
        self, watch: Watch, experiment: Experiment, alarms: Alarms
    ) -> None:
        gone = time.monotonic()
        least = gone + self.pace.outage
        declared = max(experiment.allowed, alarms.within)
        most = max(least, gone + declared + self.pace.margin)
        while True:
            told = alarms.all_raised()  # asked from the first second on: it says how soon
            now = time.monotonic()
            if now >= most or (now >= least and told and self._as_predicted(watch, experiment)):
                return
            time.sleep(self.pace.every / 2)

    def _as_predicted(self, watch: Watch, experiment: Experiment) -> bool:
        return all(
            settled(watch.samples(probe.flow), experiment.predicted[probe.flow], STEADY)
            for probe in self.probes
        )

    def _wait_for_recovery(
        self, watch: Watch, project: Runs, experiment: Experiment, returned: float
    ) -> float:
        """Wait until all services are well and all flows work; return how long the former took."""
        end = returned + self.pace.recovery
        healthy = 0.0
        while True:
            ill = project.unhealthy()
            if not ill and not healthy:
                healthy = time.monotonic() - returned
            flows = [p.flow for p in self.probes if not self._works(watch, p.flow, returned)]
            if not ill and not flows:
                return healthy
            if time.monotonic() > end:
                names = [*ill, *(self.design.flows[flow].name for flow in flows)]
                raise DrillError(
                    f"{experiment.name}: brought back, and yet after {self.pace.recovery:g} "
                    f"seconds not well: {', '.join(names)}"
                )
            time.sleep(self.pace.every)

    def _works(self, watch: Watch, flow: str, returned: float) -> bool:
        return settled([s for s in watch.samples(flow) if s.began >= returned], "up", STEADY)

    def _lost(self, visitor: Visitor) -> frozenset[str] | None:
        """Return which acknowledged writes are gone; asks again while that cannot be read."""
        for _ in range(STEADY):
            lost = visitor.lost()
            if lost is not None:
                return lost
            time.sleep(self.pace.every)
        return None

    def matrix(self, versions: tuple[str, str], rows: Sequence[Row]) -> Matrix:
        """Return what has been found so far."""
        return Matrix(
            design=self.design,
            engine=versions[0],
            compose=versions[1],
            how=self.how,
            day=datetime.now(UTC).date().isoformat(),
            rows=tuple(rows),
            planned=len(self.program.experiments),
            left_out=self.left_out,
            attempts=self.attempts,
        )


def _brief(row: Row, design: Design) -> str:
    return ", ".join(
        f"{design.flows[cell.flow].name} {cell.figures.measured}"
        + (f" (predicted {cell.predicted})" if cell.mismatch else "")
        for cell in row.cells
    ) + (f", alarm {row.alarm.words}" if row.alarm.services else "")
