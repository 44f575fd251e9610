"""How a part fails over: the one source of the analysis, the exporters and the drill."""

import pytest

from app.analysis import failover
from app.model import edits
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.storage.codec import load
from exporters.compose import export
from sample_designs import read


@pytest.fixture
def two() -> Design:
    return load(read("two-of-everything"))


def without_switch(design: Design, cluster: str) -> Design:
    return edits.set_fields(design, cluster, failover="manual")


@pytest.mark.parametrize(
    ("failed", "seconds"),
    [((), 2.0), (("web-1",), 2.0), (("db-2",), 30.0), (("db-1",), 30.0), (("lb-2",), 30.0),
     (("web-1", "db-1"), 30.0)],
)  # fmt: skip
def test_a_failure_may_interrupt_for_as_long_as_its_cluster_declares(
    two: Design, failed: tuple[str, ...], seconds: float
) -> None:
    assert failover.interruption(two, failed) == seconds


def test_what_is_silent_is_noticed_by_the_time_limit_of_the_checks(two: Design) -> None:
    assert failover.interruption(two, ("web-1",), silent=True) == 5.5
    assert failover.interruption(two, ("db-1",), silent=True) == 30.0


def test_a_firewall_is_silent_however_it_ends(two: Design) -> None:
    assert failover.interruption(two, ("fw-1",)) == 5.5


def test_where_somebody_switches_by_hand_nothing_is_declared(two: Design) -> None:
    assert failover.interruption(without_switch(two, "postgres"), ("db-1",)) == 2.0


def test_the_passive_one_of_a_pair_is_missed_by_nobody(two: Design) -> None:
    passive = edits.set_fields(two, "entrance", mode="active-passive")
    first: AnyComponent = passive.components["entrance"]
    assert first.kind == "cluster"
    assert failover.interruption(passive, ("lb-1",)) == 30.0
    assert failover.interruption(passive, ("lb-2",)) == 2.0


def test_writes_may_be_lost_only_where_a_replica_takes_over_that_none_waited_for(
    two: Design,
) -> None:
    flow = next(key for key, flow in two.flows.items() if flow.operation == "write")
    careless = edits.set_fields(two, flow, recovery_point_seconds=60)

    assert not failover.may_lose_writes(two, ("web-1", "db-1"))
    assert failover.may_lose_writes(careless, ("web-1", "db-1"))
    assert failover.may_lose_writes(careless, ("db-2",)), "it leads after a switch"
    assert not failover.may_lose_writes(careless, ("lb-1", "web-1"))
    copy = edits.set_fields(careless, "db-2", promotable=False)
    assert not failover.may_lose_writes(copy, ("db-2",))
    assert failover.interruption(copy, ("db-2",)) == 2.0
    assert not failover.may_lose_writes(without_switch(careless, "postgres"), ("db-1",))


def test_the_exported_balancer_checks_as_often_as_the_analysis_says(
    two: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    balancer, web = "config/lb-1/haproxy.cfg", "config/web-1/site.conf"
    assert b"timeout check 2s\n" in export(two)[balancer]
    assert b" inter 1s fastinter 500ms fall 2 " in export(two)[balancer]
    assert export(two)[web].count(b"proxy_connect_timeout 250ms;") == 1
    monkeypatch.setattr(failover, "CHECK_EVERY", 0.5)
    monkeypatch.setattr(failover, "CHECK_CONNECT", 0.1)
    assert b" inter 0.5s fastinter 500ms " in export(two)[balancer]
    assert b"proxy_connect_timeout 100ms;" in export(two)[web]
