"""The simulation of servers: laws that hold for every run, and what a death does."""

import math
from collections import Counter
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.queueing import Queue
from app.analysis.scenarios import common_queue, mean_interval
from app.analysis.simulation import (
    MOST_REQUESTS,
    Happening,
    Mode,
    Outage,
    Scenario,
    Server,
    Simulation,
)
from app.model.errors import DesignError
from app.model.traffic import Algorithm

PAIR = (Server("a", 10.0), Server("b", 10.0))
NAMES = "abcd"


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    names = NAMES[: draw(st.integers(1, 4))]
    times = st.floats(0, 20)
    outages = []
    for name in draw(st.lists(st.sampled_from(names), max_size=4)):
        at = draw(times)
        back = draw(st.none() | st.floats(0.001, 20))
        outages.append(Outage(name, at, None if back is None else at + back))
    return Scenario(
        servers=tuple(
            Server(n, draw(st.floats(1, 30)), draw(st.integers(1, 3)), draw(st.booleans()))
            for n in names
        ),
        rate=draw(st.floats(1, 60)),
        algorithm=draw(st.sampled_from(get_args(Algorithm))),
        consistent=draw(st.booleans()),
        mode=draw(st.sampled_from(get_args(Mode))),
        writes=draw(st.floats(0, 1)),
        detection=draw(st.floats(0, 3)),
        switch=draw(st.floats(0, 3)),
        switch_success=draw(st.floats(0, 1)),
        failover=draw(st.booleans()),
        outages=tuple(outages),
        seed=draw(st.integers(0, 100)),
    )


@settings(deadline=None)
@given(scenarios())
def test_nothing_is_won_or_lost_on_the_way(scenario: Scenario) -> None:
    run = Simulation(scenario, 300)
    while happened := run.step():
        now = run.now()
        assert now.arrived == now.served + now.lost + now.in_flight
        held = sum(server.busy + server.waiting for server in now.servers) + now.waiting
        assert now.in_flight == held
        assert all(item.time == now.time for item in happened)
        assert not any(server.busy and not server.works for server in now.servers)
    now = run.now()
    assert (now.arrived, now.in_flight) == (300, 0)
    assert run.over
    for server in now.servers:
        assert server.tally.sent == server.tally.served + server.tally.lost
        assert server.tally.busy_time <= now.time * (1 + 1e-9)


@settings(deadline=None)
@given(scenarios())
def test_a_seed_gives_the_same_run_however_it_is_cut(scenario: Scenario) -> None:
    whole, steps, slices = (Simulation(scenario, 200) for _ in range(3))
    whole.finish()
    found: list[Happening] = []
    while happened := steps.step():
        found += happened
    cut: list[Happening] = []
    while not slices.over:
        cut += slices.advance(slices.time + 0.5, most=7)
    assert found == cut
    assert whole.waits == steps.waits == slices.waits
    assert whole.log == steps.log == slices.log
    assert whole.now().servers == steps.now().servers


def test_another_seed_gives_another_run() -> None:
    runs = [Simulation(Scenario(servers=PAIR, rate=10.0, seed=seed), 50) for seed in (1, 2)]
    for run in runs:
        run.finish()
    assert runs[0].waits != runs[1].waits


@pytest.mark.parametrize(
    ("count", "rate", "seed"), [(1, 6.0, 1), (3, 24.0, 2), (8, 72.0, 3), (2, 10.0, 4)]
)
def test_one_common_queue_waits_as_the_formula_says(count: int, rate: float, seed: int) -> None:
    servers = tuple(Server(f"s{k}", 10.0) for k in range(count))
    scenario = Scenario(servers=servers, rate=rate, algorithm="first", seed=seed)
    run = Simulation(scenario, 40_000)
    run.finish()
    formula, found = common_queue(scenario), mean_interval(run.waits)
    assert formula is not None
    assert found is not None
    mean, low, high = found
    half = high - mean
    assert low < high
    assert abs(mean - formula.mean_wait) < 2 * half  # 95 % lie within one half: with seeds, all
    busy = sum(server.tally.busy_time for server in run.now().servers)
    assert busy / run.time / count == pytest.approx(formula.utilisation, rel=0.05)


def test_by_lot_each_server_waits_as_one_alone() -> None:
    """A hash of the users splits chance arrivals into chance arrivals: M/M/1 each."""
    scenario = Scenario(servers=PAIR, rate=12.0, algorithm="source", seed=3)
    run = Simulation(scenario, 60_000)
    run.finish()
    for server in run.now().servers:
        alone = Queue(server.tally.sent / run.time, 10.0)
        assert server.tally.waited / server.tally.served == pytest.approx(alone.mean_wait, rel=0.2)
        length = server.tally.queued_time / run.time  # Little's law
        assert length == pytest.approx(
            server.tally.sent / run.time * server.tally.waited / server.tally.served, rel=0.02
        )


def test_fewer_wait_the_more_is_known_of_the_servers() -> None:
    def wait(algorithm: Algorithm) -> float:
        servers = tuple(Server(f"s{k}", 1.0) for k in range(10))
        run = Simulation(Scenario(servers=servers, rate=8.0, algorithm=algorithm), 20_000)
        run.finish()
        return math.fsum(run.waits) / len(run.waits)

    waits = [wait(algorithm) for algorithm in ("source", "roundrobin", "random", "leastconn")]
    assert waits == sorted(waits, reverse=True)


def test_a_slow_server_drowns_in_its_turn_and_not_with_weights() -> None:
    uneven = (Server("fast", 20.0), Server("slow", 5.0))
    run = Simulation(Scenario(servers=uneven, rate=15.0), 5000)
    run.finish()
    assert run.now().servers[1].tally.longest_queue > 300
    weighted = (Server("fast", 20.0, 4), Server("slow", 5.0, 1))
    run = Simulation(Scenario(servers=weighted, rate=15.0), 5000)
    run.finish()
    assert run.now().servers[1].tally.longest_queue < 40


def _lost(**values: Any) -> tuple[Counter[str], list[str], Simulation]:
    base = Scenario(servers=PAIR, rate=10.0, outages=(Outage("a", 10.0, 40.0),), detection=5.0)
    run = Simulation(replace(base, **values), 1000)
    seen: Counter[str] = Counter()
    while happened := run.step():
        seen.update(item.server for item in happened if item.what == "lost")
    return seen, [f"{item.what} {item.server}" for item in run.log], run


def test_active_active_loses_what_is_sent_until_it_is_noticed() -> None:
    lost, log, _ = _lost()
    assert 20 < lost["a"] < 35  # half of ten a second, for five seconds, and what it had
    assert lost.keys() == {"a"}
    assert log == ["died a", "found dead a", "returned a", "found working a"]


def test_active_passive_loses_all_until_the_other_took_over() -> None:
    lost, log, run = _lost(mode="active-passive", switch=3.0)
    assert 35 < lost["a"] < 70
    assert 15 < lost[""] < 45
    assert "took over b" in log
    assert [server.leads for server in run.now().servers] == [False, True]


def test_without_a_failover_it_waits_for_the_first_to_return() -> None:
    lost, log, run = _lost(mode="active-passive", failover=False)
    assert lost["a"] + lost[""] > 250
    assert "took over b" not in log
    assert run.now().servers[1].tally.sent == 0


def test_a_switch_may_fail() -> None:
    _, log, _ = _lost(mode="active-passive", switch_success=0.0)
    assert "switch failed a" in log
    assert "took over b" not in log


def test_reads_go_on_without_the_primary_and_writes_do_not() -> None:
    lost, _, run = _lost(mode="primary-replica", writes=0.5, failover=False)
    assert 100 < lost[""] < 200  # ten a second, every second a write, for thirty seconds
    assert run.now().servers[1].tally.sent > 300


def test_a_replica_that_may_not_lead_is_never_promoted() -> None:
    servers = (Server("a", 10.0), Server("b", 10.0, leads=False))
    _, log, run = _lost(mode="primary-replica", writes=0.5, servers=servers)
    assert "took over b" not in log
    assert run.now().servers[0].leads
    none = Simulation(replace(run.scenario, servers=servers[1:], outages=(), writes=1.0), 10)
    none.finish()
    assert none.now().lost == 10


def test_the_first_that_returns_takes_over_where_nobody_could() -> None:
    outages = (Outage("b", 5.0, 50.0), Outage("a", 10.0))
    _, log, _ = _lost(mode="active-passive", outages=outages)
    assert log[-2:] == ["found working b", "took over b"]


def test_the_old_one_leads_on_when_it_is_back_before_the_switch() -> None:
    outages = (Outage("a", 10.0, 12.0),)
    _, log, run = _lost(mode="active-passive", outages=outages, detection=3.0, switch=10.0)
    assert log == ["died a", "returned a"]  # it was away for less than it takes to notice
    _, log, run = _lost(
        mode="active-passive", outages=(Outage("a", 10.0, 15.0),), detection=3.0, switch=10.0
    )
    assert log == ["died a", "found dead a", "returned a", "found working a"]
    assert run.now().servers[0].leads


def test_a_dead_server_that_nobody_noticed_draws_all_requests() -> None:
    """It has no connections: the least that there are."""
    lost, _, _ = _lost(algorithm="leastconn", rate=15.0)
    assert lost["a"] > 40


def test_who_waits_at_the_balancer_is_lost_with_the_last_server() -> None:
    one = (Server("a", 1.0),)
    lost, _, _ = _lost(algorithm="first", servers=one, outages=(Outage("a", 10.0),))
    assert lost[""] > 100
    lost, log, run = _lost(algorithm="first", servers=one, outages=(Outage("a", 10.0, 11.0),))
    assert log == ["died a", "returned a"]
    assert run.over


def test_servers_die_and_return_by_hand() -> None:
    run = Simulation(Scenario(servers=PAIR, rate=10.0), 500)
    run.advance(5.0)
    assert run.time == 5.0
    run.kill("a")
    run.kill("a")  # dead already
    run.advance(20.0)
    assert [server.works for server in run.now().servers] == [False, True]
    run.revive("a")
    run.revive("a")
    run.finish()
    assert [item.what for item in run.log] == ["died", "found dead", "returned", "found working"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"servers": ()}, "there must be a server"),
        ({"servers": (PAIR[0], PAIR[0])}, "a name of its own"),
        ({"servers": (Server("a", 0.0),)}, "a: its rate must be above 0"),
        ({"servers": (Server("a", math.nan),)}, "a: its rate must be above 0"),
        ({"servers": (Server("a", 1.0, 0),)}, "its weight 1 or more"),
        ({"rate": 0.0}, "rate: 0.0 is no number"),
        ({"rate": math.inf}, "rate: inf is no number"),
        ({"detection": -1.0}, "detection: -1.0 is not between"),
        ({"switch": math.nan}, "switch: nan is not between"),
        ({"writes": 1.5}, "writes: 1.5 is not between"),
        ({"switch_success": -0.1}, "switch_success: -0.1 is not between"),
        ({"outages": (Outage("z", 1.0),)}, "there is no server 'z' here; there are a, b"),
        ({"outages": (Outage("a", -1.0),)}, "a: it cannot die at -1.0"),
        ({"outages": (Outage("a", 3.0, 3.0),)}, "a: it must work again later than 3"),
    ],
)
def test_what_cannot_be_simulated_is_refused(values: dict[str, Any], told: str) -> None:
    with pytest.raises(DesignError, match=told):
        replace(Scenario(servers=PAIR, rate=1.0), **values)


@pytest.mark.parametrize("requests", [0, MOST_REQUESTS + 1])
def test_a_run_has_a_beginning_and_an_end(requests: int) -> None:
    with pytest.raises(DesignError, match="requests"):
        Simulation(Scenario(servers=PAIR, rate=1.0), requests)
