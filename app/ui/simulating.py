"""A simulation that plays in the window: it goes on in a thread, a slice at a time."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.analysis.simulation import Happening, Now, Scenario, Simulation
from app.ui.background import Background

TICK = 50  # milliseconds between two slices
MOST = 2_000  # events in a slice: some milliseconds
Slice = tuple[Sequence[Happening], Now, bool]


class SimulationRun(QObject):
    """Plays, pauses, steps and resets one simulation; only its thread touches that."""

    advanced = Signal(object, object)  # what happened, and the state after it
    playing_changed = Signal(bool)

    def __init__(self, scenario: Scenario, parent: QObject | None = None) -> None:
        """Begin at 0 seconds, paused; `speed` is simulated seconds in a second."""
        super().__init__(parent)
        self._background = Background(self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)
        self._asked = 0  # slices that have not come back
        self.speed = 1.0
        self._simulation = Simulation(scenario)
        self._until = 0.0

    @property
    def playing(self) -> bool:
        """Whether time goes on."""
        return self._timer.isActive()

    def play(self) -> None:
        """Let time go on."""
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        """Let time stand still."""
        self._timer.stop()
        self.playing_changed.emit(False)

    def step(self) -> None:
        """Carry out the next event alone."""
        self.pause()
        self._ask(lambda run: run.step())

    def reset(self, scenario: Scenario) -> None:
        """Begin anew; what is still under way in the thread is forgotten."""
        self.pause()
        self._simulation = Simulation(scenario)
        self._until = 0.0
        self._asked = 0
        self._ask(lambda run: run.advance(0.0))

    def kill(self, server: str) -> None:
        """Let a server die now."""
        self._ask(partial(_kill, server))

    def revive(self, server: str) -> None:
        """Let a server work again."""
        self._ask(partial(_revive, server))

    def stop(self) -> None:
        """Leave nothing running."""
        self.pause()
        self._background.wait()

    def _tick(self) -> None:
        if self._asked:
            return  # the thread has not caught up
        until = self._until + self.speed * TICK / 1000
        self._ask(lambda run: run.advance(until, MOST))

    def _ask(self, go: Callable[[Simulation], Sequence[Happening]]) -> None:
        simulation = self._simulation
        self._asked += 1
        self._background.run(partial(_slice, simulation, go), partial(self._take, simulation))

    def _take(self, simulation: Simulation, found: Slice) -> None:
        if simulation is not self._simulation:
            return  # it was reset meanwhile
        happened, now, over = found
        self._asked -= 1
        self._until = now.time
        self.advanced.emit(happened, now)
        if over and self.playing:
            self.pause()


def _kill(server: str, simulation: Simulation) -> Sequence[Happening]:
    simulation.kill(server)
    return simulation.advance(simulation.time)


def _revive(server: str, simulation: Simulation) -> Sequence[Happening]:
    simulation.revive(server)
    return simulation.advance(simulation.time)


def _slice(simulation: Simulation, go: Callable[[Simulation], Sequence[Happening]]) -> Slice:
    happened = go(simulation)
    return happened, simulation.now(), simulation.over
