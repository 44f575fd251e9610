"""Requests that arrive, wait and are served, one event after the other; the same for each seed.

Requests come by chance (Poisson) and take an exponential time; each server serves one after the
other in order of arrival. With the algorithm `first` they wait in one queue at the balancer, as
in HAProxy where each server has a limit, else in a queue of the server that was chosen.

A server that dies loses what it has. Until that is noticed it is still chosen, and what is sent
to it is lost; nothing is tried twice.
"""

import heapq
import math
from array import array
from bisect import bisect
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple

from app.analysis.balancing import Request, Target, picker
from app.model.errors import DesignError
from app.model.traffic import Algorithm

Mode = Literal["active-active", "active-passive", "primary-replica"]
USERS = 1000  # addresses that requests come from, all alike
PAGES = 200  # the k-th is asked for in proportion to 1/k (Zipf)
MOST_REQUESTS = 1_000_000
UNNOTICED = 1e9  # seconds: longer than any run
NOBODY = ""


class Server(NamedTuple):
    """A server: `rate` is what it can serve, requests a second; `weight` its share.

    `leads`: whether it may be the active one, or the primary.
    """

    name: str
    rate: float
    weight: int = 1
    leads: bool = True


class Outage(NamedTuple):
    """A server dies at a time and, where there is an `until`, works again from then; seconds."""

    server: str
    at: float
    until: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is simulated. Times are in seconds, rates in requests a second.

    In active-passive the leader serves alone; in primary-replica it takes the writes and all share
    the reads. The first server that may lead does so at first. `detection` is the time until a
    death or a return is noticed, `switch` the time that a take-over takes after that; it happens
    only with a `failover`, and succeeds with `switch_success`.

    Raises:
        DesignError: a figure is out of its range, or an outage is of no server.
    """

    servers: tuple[Server, ...]
    rate: float
    algorithm: Algorithm = "roundrobin"
    consistent: bool = False
    mode: Mode = "active-active"
    writes: float = 0.0
    detection: float = 2.0
    switch: float = 0.0
    switch_success: float = 1.0
    failover: bool = True
    outages: tuple[Outage, ...] = ()
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        names = {server.name for server in self.servers}
        if not names or len(names) < len(self.servers):
            _refuse("there must be a server, and each must have a name of its own")
        for server in self.servers:
            if not _above_zero(server.rate) or server.weight < 1:
                _refuse(f"{server.name}: its rate must be above 0, its weight 1 or more")
        if not _above_zero(self.rate):
            _refuse(f"rate: {self.rate} is no number of requests a second above 0")
        for name, most in (("detection", UNNOTICED), ("switch", UNNOTICED),
                           ("writes", 1), ("switch_success", 1)):  # fmt: skip
            if not 0 <= (value := getattr(self, name)) <= most:
                _refuse(f"{name}: {value} is not between 0 and {most:g}")
        for outage in self.outages:
            _check_outage(outage, names)


def _check_outage(outage: Outage, names: set[str]) -> None:
    if outage.server not in names:
        _refuse(f"there is no server {outage.server!r} here; there are {', '.join(sorted(names))}")
    if not 0 <= outage.at < math.inf:
        _refuse(f"{outage.server}: it cannot die at {outage.at} seconds")
    if outage.until is not None and not outage.at < outage.until < math.inf:
        _refuse(f"{outage.server}: it must work again later than {outage.at:g} seconds")


def _above_zero(value: float) -> bool:
    return 0 < value < math.inf


def _refuse(why: str) -> None:
    raise DesignError(why)


What = Literal[
    "sent", "queued", "started", "served", "lost",
    "died", "returned", "found dead", "found working", "took over", "switch failed",
]  # fmt: skip
TOLD: frozenset[What] = frozenset(
    ("died", "returned", "found dead", "found working", "took over", "switch failed")
)


class Happening(NamedTuple):
    """What happened at a time, in seconds: to a server (NOBODY for none) and to a request.

    `request` is its number from 1 on, and 0 where it is about no request.
    """

    time: float
    what: What
    server: str = NOBODY
    request: int = 0


@dataclass(slots=True)
class Tally:
    """What one server did so far; times in seconds.

    `waited` and `answered` are the sums over the served requests, `queued_time` is the integral of
    the length of the queue over the time.
    """

    sent: int = 0
    served: int = 0
    lost: int = 0
    waited: float = 0.0
    answered: float = 0.0
    busy_time: float = 0.0
    longest_queue: int = 0
    queued_time: float = 0.0


class _Job(NamedTuple):
    number: int
    arrived: float
    work: float  # in service times
    began: float = 0.0


@dataclass(slots=True)
class _State:
    server: Server
    works: bool = True
    seen: bool = True  # to work, by whoever sends requests
    serving: _Job | None = None
    queue: deque[_Job] = field(default_factory=deque)
    changed: float = 0.0  # when the queue changed last
    tally: Tally = field(default_factory=Tally)


class ServerNow(NamedTuple):
    """A server at one moment: `busy` while it serves a request, `waiting` in its queue."""

    name: str
    works: bool
    seen: bool
    leads: bool
    busy: bool
    waiting: int
    tally: Tally


class Now(NamedTuple):
    """A simulation at one moment: arrived = served + lost + in_flight.

    `waiting` are those in the common queue of the balancer.
    """

    time: float
    arrived: int
    served: int
    lost: int
    in_flight: int
    waiting: int
    servers: tuple[ServerNow, ...]


_Event = tuple[float, int, str, str, int]


class Simulation:
    """A run of a scenario, event by event."""

    def __init__(self, scenario: Scenario, requests: int = MOST_REQUESTS) -> None:
        """Begin at 0 seconds; after so many requests no more arrive.

        Raises:
            DesignError: the number of requests is not between 1 and MOST_REQUESTS.
        """
        if not 1 <= requests <= MOST_REQUESTS:
            _refuse(f"requests: {requests} is not between 1 and {MOST_REQUESTS:,}")
        self.scenario = scenario
        self.time = 0.0
        self.waits = array("d")  # of the requests, in the order in which they began to be served
        self.log: list[Happening] = []  # what happened to servers
        self._requests = requests
        # A source of chance for each thing, so that another algorithm meets the same requests.
        self._arrivals, self._works, self._faces, self._switches = (
            Random(f"{scenario.seed} {name}")  # noqa: S311  # nothing is kept secret by it
            for name in ("arrivals", "works", "faces", "switches")
        )
        self._pick = picker(
            scenario.algorithm, f"{scenario.seed} choices", consistent=scenario.consistent
        )
        self._states = {server.name: _State(server) for server in scenario.servers}
        self._busy = dict.fromkeys(self._states, 0)
        self._common: deque[_Job] = deque()
        self._one_queue = scenario.algorithm == "first" and scenario.mode == "active-active"
        self._leader = self._next_leader()
        self._vacant = False
        self._live = self._targets()
        self._arrived = self._served = self._lost = self._order = 0
        self._popularity = list(accumulate(1 / k for k in range(1, PAGES + 1)))
        self._events: list[_Event] = []
        for outage in scenario.outages:
            self._plan(outage.at, "die", outage.server)
            if outage.until is not None:
                self._plan(outage.until, "return", outage.server)
        self._plan(self._arrivals.expovariate(scenario.rate), "arrive")

    def kill(self, server: str) -> None:
        """Let a server die now."""
        self._plan(self.time, "die", server)

    def revive(self, server: str) -> None:
        """Let a server work again from now on."""
        self._plan(self.time, "return", server)

    @property
    def over(self) -> bool:
        """Whether every request has come and is served or lost."""
        return self._arrived == self._requests == self._served + self._lost

    def step(self) -> tuple[Happening, ...]:
        """Carry out the next event and return what happened; nothing when it is over."""
        while self._events and not self.over:
            self.time, _, what, server, number = heapq.heappop(self._events)
            if found := tuple(self._carried_out(what, server, number)):
                self.log += (item for item in found if item.what in TOLD)
                return found
        return ()

    def advance(self, until: float, most: float = math.inf) -> list[Happening]:
        """Carry out the events up to a time, in seconds, and return what happened.

        After about `most` happenings it stops, at the time that it has come to.
        """
        found: list[Happening] = []
        while self._events and self._events[0][0] <= until and not self.over:
            if len(found) >= most:
                return found
            found += self.step()
        if not self.over:
            self.time = max(self.time, until)
        return found

    def finish(self) -> None:
        """Go on until every request is served or lost."""
        while self.step():
            pass

    def now(self) -> Now:
        """Return the state at this moment; it does not change with the simulation."""
        servers = tuple(self._server_now(state) for state in self._states.values())
        in_flight = self._arrived - self._served - self._lost
        return Now(self.time, self._arrived, self._served, self._lost, in_flight,
                   len(self._common), servers)  # fmt: skip

    def _server_now(self, state: _State) -> ServerNow:
        known = state.tally
        queued = known.queued_time + len(state.queue) * (self.time - state.changed)
        working = self.time - state.serving.began if state.serving else 0.0
        tally = Tally(known.sent, known.served, known.lost, known.waited, known.answered,
                      known.busy_time + working, known.longest_queue, queued)  # fmt: skip
        name = state.server.name
        return ServerNow(name, state.works, state.seen, name == self._leader,
                         state.serving is not None, len(state.queue), tally)  # fmt: skip

    def _plan(self, time: float, what: str, server: str = NOBODY, number: int = 0) -> None:
        self._order += 1  # of events at the same time the earlier planned comes first
        heapq.heappush(self._events, (time, self._order, what, server, number))

    def _carried_out(self, what: str, server: str, number: int) -> Iterator[Happening]:
        match what:
            case "arrive":
                yield from self._arrive()
            case "serve":
                yield from self._serve(self._states[server], number)
            case "die":
                yield from self._die(self._states[server])
            case "return":
                yield from self._return(self._states[server])
            case "notice":
                yield from self._notice(self._states[server])
            case _:
                yield from self._take_over()

    # Requests

    def _arrive(self) -> Iterator[Happening]:
        self._arrived += 1
        job = _Job(self._arrived, self.time, self._works.expovariate(1.0))
        write = self._faces.random() < self.scenario.writes
        request = Request(f"user {self._faces.randrange(USERS)}", f"/page/{self._page()}")
        if self._arrived < self._requests:
            self._plan(self.time + self._arrivals.expovariate(self.scenario.rate), "arrive")
        live = self._live
        if self.scenario.mode == "active-passive" or write:
            live = tuple(target for target in live if target.name == self._leader)
        if not live:
            self._lost += 1
            yield Happening(self.time, "lost", NOBODY, job.number)
        elif self._one_queue and all(self._busy[target.name] for target in live):
            self._common.append(job)
            yield Happening(self.time, "queued", NOBODY, job.number)
        else:
            chosen = self._pick(request, live, self._busy).name
            yield from self._send(self._states[chosen], job)

    def _page(self) -> int:
        return bisect(self._popularity, self._faces.random() * self._popularity[-1])

    def _send(self, state: _State, job: _Job) -> Iterator[Happening]:
        name = state.server.name
        state.tally.sent += 1
        yield Happening(self.time, "sent", name, job.number)
        if not state.works:
            yield self._lose(state, job)
        elif state.serving is None:
            self._busy[name] += 1
            yield self._begin(state, job)
        else:
            self._busy[name] += 1
            self._count_queue(state)
            state.queue.append(job)
            state.tally.longest_queue = max(state.tally.longest_queue, len(state.queue))
            yield Happening(self.time, "queued", name, job.number)

    def _begin(self, state: _State, job: _Job) -> Happening:
        state.serving = job._replace(began=self.time)
        self.waits.append(self.time - job.arrived)
        self._plan(self.time + job.work / state.server.rate, "serve", state.server.name, job.number)
        return Happening(self.time, "started", state.server.name, job.number)

    def _serve(self, state: _State, number: int) -> Iterator[Happening]:
        job, name = state.serving, state.server.name
        if job is None or job.number != number:
            return  # the server died meanwhile
        state.serving = None
        self._busy[name] -= 1
        self._served += 1
        state.tally.served += 1
        state.tally.waited += job.began - job.arrived
        state.tally.answered += self.time - job.arrived
        state.tally.busy_time += self.time - job.began
        yield Happening(self.time, "served", name, job.number)
        if state.queue:
            self._count_queue(state)
            yield self._begin(state, state.queue.popleft())
        else:
            yield from self._take_common(state)

    def _lose(self, state: _State, job: _Job) -> Happening:
        self._lost += 1
        state.tally.lost += 1
        return Happening(self.time, "lost", state.server.name, job.number)

    def _count_queue(self, state: _State) -> None:
        state.tally.queued_time += len(state.queue) * (self.time - state.changed)
        state.changed = self.time

    # Servers

    def _die(self, state: _State) -> Iterator[Happening]:
        if not state.works:
            return
        state.works = False
        yield Happening(self.time, "died", state.server.name)
        self._count_queue(state)
        if state.serving is not None:
            state.tally.busy_time += self.time - state.serving.began
            yield self._lose(state, state.serving)
        for job in state.queue:
            yield self._lose(state, job)
        state.serving = None
        state.queue.clear()
        self._busy[state.server.name] = 0
        self._plan(self.time + self.scenario.detection, "notice", state.server.name)

    def _return(self, state: _State) -> Iterator[Happening]:
        if not state.works:
            state.works = True
            self._plan(self.time + self.scenario.detection, "notice", state.server.name)
            yield Happening(self.time, "returned", state.server.name)
            if state.seen:  # nobody had noticed that it was away
                yield from self._take_common(state)

    def _take_common(self, state: _State) -> Iterator[Happening]:
        if self._common:
            yield from self._send(state, self._common.popleft())

    def _notice(self, state: _State) -> Iterator[Happening]:
        if state.seen == state.works:
            return
        state.seen = state.works
        self._live = self._targets()
        name = state.server.name
        yield Happening(self.time, "found working" if state.seen else "found dead", name)
        if state.seen:
            yield from self._take_common(state)
        if not self._live:
            yield from self._lose_common()
        if (self._vacant if state.seen else name == self._leader) and self._may_switch():
            self._vacant = False
            if self._switches.random() < self.scenario.switch_success:
                self._plan(self.time + self.scenario.switch, "take over")
            else:
                yield Happening(self.time, "switch failed", name)

    def _lose_common(self) -> Iterator[Happening]:
        """Give up the requests that wait for a server, when none is left."""
        for job in self._common:
            self._lost += 1
            yield Happening(self.time, "lost", NOBODY, job.number)
        self._common.clear()

    def _may_switch(self) -> bool:
        return self.scenario.mode != "active-active" and self.scenario.failover

    def _take_over(self) -> Iterator[Happening]:
        """Let the next one lead, unless the old one was found to work meanwhile."""
        if self._states[self._leader].seen:
            return
        found = self._next_leader()
        self._vacant = not found  # until another is found to work
        if found:
            self._leader = found
            yield Happening(self.time, "took over", found)

    def _next_leader(self) -> str:
        able = (state.server for state in self._states.values() if state.seen)
        return next((server.name for server in able if server.leads), NOBODY)

    def _targets(self) -> tuple[Target, ...]:
        return tuple(
            Target(state.server.name, state.server.weight)
            for state in self._states.values()
            if state.seen
        )
