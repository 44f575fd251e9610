"""Balancers that are blind or narrow, small standbys, long chains, lost addresses, twins."""

from typing import Any

import pytest

from app.model import edits
from tests.rules.cases import CASES
from tests.rules.looking import found, proven, repaired, subjects
from tests.rules.spoken import doors, numbered, passing, row, spare, twins


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"algorithm": "uri"}, "choose by the URI"),
        ({"redirect": True}, "redirect"),
        ({"algorithm": "uri", "redirect": True}, "choose by the URI or redirect"),
    ],
)
def test_a_balancer_that_cannot_see_requests_is_found(fields: dict[str, Any], told: str) -> None:
    design = passing(**fields).design

    (finding,) = found(design, "LB009")
    assert finding.problem.message == f"lb-1 passes connections and cannot {told}."
    reading, blind = (after.components["lb-1"] for after in proven(design, "LB009"))
    assert (reading.layer, reading.algorithm) == ("http", fields.get("algorithm", "roundrobin"))  # type: ignore[union-attr]
    assert (blind.layer, blind.redirect) == ("tcp", False)  # type: ignore[union-attr]
    assert blind.algorithm == ("source" if "algorithm" in fields else "roundrobin")  # type: ignore[union-attr]


def test_one_that_reads_or_wants_nothing_of_the_requests_is_fine() -> None:
    assert subjects(passing(algorithm="source").design, "LB009") == []
    reading = edits.set_fields(passing(algorithm="uri").design, "lb-1", layer="http")
    assert subjects(reading, "LB009") == []


def test_what_it_cannot_open_it_is_not_told_to_read() -> None:
    drawing = passing(algorithm="uri")
    drawing.set("link-1", protocol="https", tls="1.3")
    assert len(proven(drawing.design, "LB009")) == 1

    drawing.set("lb-1", certificate="www.example.com")
    assert len(proven(drawing.design, "LB009")) == 2


def test_a_balancer_that_is_slower_than_its_servers_is_found() -> None:
    design = doors(150.0).design

    (finding,) = found(design, "CAP007")
    assert finding.problem.message == (
        "lb-1 hands on 150 requests a second, and web-1, web-2 and web-3 can serve 400 even "
        "without the largest of them."
    )
    after = repaired(design, "CAP007")
    assert len(after.by_kind["load_balancer"]) == 3


def test_of_two_that_take_turns_only_the_active_one_counts() -> None:
    standby: dict[str, Any] = {"mode": "active-passive", "failover": "automatic",
                               "virtual_address": True}  # fmt: skip
    design = doors(300.0, 300.0, **standby).design

    (finding,) = found(design, "CAP007")
    assert finding.problem.message.startswith("lb-1 and lb-2 hand on 300")
    assert finding.problem.fixes == ()
    assert subjects(doors(300.0, 300.0, mode="active-active").design, "CAP007") == []


def test_nobody_adds_fifty_balancers() -> None:
    (finding,) = found(doors(1.0).design, "CAP007")

    assert finding.problem.fixes == ()


@pytest.mark.parametrize(
    ("capacity", "each", "load"),
    [(400.0, 200.0, None), (None, 200.0, None), (150.0, None, None), (150.0, 200.0, 10.0)],
)
def test_a_wide_one_unknown_figures_or_a_known_load_are_quiet(
    capacity: float | None, each: float | None, load: float | None
) -> None:
    drawing = doors(capacity, each=each)  # type: ignore[arg-type]
    drawing.set("browse", requests_per_second=load)

    assert subjects(drawing.design, "CAP007") == []


def test_one_server_needs_no_wide_door() -> None:
    assert subjects(CASES["lonely_backends"](), "CAP007") == []


@pytest.mark.parametrize("mode", ["active-passive", "primary-replica"])
def test_a_standby_smaller_than_the_active_member_is_found(mode: str) -> None:
    drawing = spare(200.0, 100.0, mode)

    (finding,) = found(drawing.design, "AVL008")
    assert "100 requests a second at most" in finding.problem.message
    other = drawing.design.components["cluster-1"].members[1]  # type: ignore[union-attr]
    assert repaired(drawing.design, "AVL008").components[other].capacity == 200.0  # type: ignore[union-attr]


@pytest.mark.parametrize(("load", "fires"), [(150.0, True), (90.0, False)])
def test_a_known_load_is_what_it_must_carry(load: float, *, fires: bool) -> None:
    drawing = spare(200.0, 100.0)
    drawing.set("browse", requests_per_second=load)

    assert subjects(drawing.design, "AVL008") == ([("cluster-1",)] if fires else [])


def test_where_callers_may_choose_the_standby_another_rule_says_it() -> None:
    standby: dict[str, Any] = {"mode": "active-passive", "failover": "automatic",
                               "virtual_address": True}  # fmt: skip
    drawing = doors(200.0, 100.0, each=20.0, **standby)
    assert subjects(drawing.design, "AVL008") == [("cluster-1",)]

    drawing.set("browse", requests_per_second=150.0)
    assert subjects(drawing.design, "AVL008") == []
    assert ("lb-1", "lb-2") in subjects(drawing.design, "CAP003")


@pytest.mark.parametrize(("active", "other"), [(100.0, 100.0), (None, 100.0), (200.0, None)])
def test_an_equal_standby_or_unknown_figures_are_quiet(
    active: float | None, other: float | None
) -> None:
    assert subjects(spare(active, other).design, "AVL008") == []


def test_what_nobody_switches_to_or_has_no_standby_is_quiet() -> None:
    design = spare(200.0, 100.0).design
    assert subjects(edits.set_fields(design, "cluster-1", failover="none"), "AVL008") == []
    assert subjects(edits.set_fields(design, "cluster-1", members=()), "AVL008") == []
    assert subjects(edits.set_fields(design, "cluster-1", mode="active-active"), "AVL008") == []
    replicas = spare(200.0, 100.0, "primary-replica").design
    assert subjects(edits.set_fields(replicas, "db-2", promotable=False), "AVL008") == []
    assert subjects(edits.set_fields(replicas, "db-1", role="replica"), "AVL008") == []


def test_of_several_standbys_the_small_ones_are_enlarged() -> None:
    drawing = spare(200.0, 100.0, "primary-replica")
    (third,) = drawing.on(None, "database", role="replica", capacity=150.0)
    drawing.link("db-1", third, role="replicate", protocol="postgres", tls="1.3")
    members = ("db-1", "db-2", third)
    drawing.design = edits.join(drawing.design, "cluster-1", members)
    drawing.set("checkout", requests_per_second=160.0)  # browsing goes to all of them

    after = repaired(drawing.design, "AVL008")
    assert [after.components[key].capacity for key in members] == [200.0, 160.0, 160.0]  # type: ignore[union-attr]
    drawing.set(third, capacity=200.0)
    assert subjects(drawing.design, "AVL008") == []


def test_a_chain_of_six_calls_is_found_with_its_way() -> None:
    design = row(6).design

    (finding,) = found(design, "DEP004")
    assert finding.problem.subjects == ("users-1", "service-6")
    assert finding.problem.message == (
        "users-1 wait for 6 calls in a row, from service-1 to service-6."
    )
    path = finding.problem.witness.path
    assert path[:3] == ("users-1", "link-1", "service-1")
    assert path[-1] == "service-6"


def test_five_are_not_too_many_and_the_number_is_the_users() -> None:
    assert subjects(row(5).design, "DEP004") == []
    shorter = edits.set_rule(row(3).design, "DEP004", parameters={"calls": 2.0})
    assert subjects(shorter, "DEP004") == [("users-1", "service-3")]


def test_what_nobody_waits_for_does_not_count() -> None:
    for change in ({"dependency": "soft"}, {"role": "publish"}, {"protocol": "file"}):
        design = edits.set_fields(row(6).design, "link-6", **change)
        assert subjects(design, "DEP004") == []


def test_firewalls_and_clusters_are_passed_and_rings_are_cut() -> None:
    drawing = row(4)
    wall = drawing.part("firewall")
    members = [drawing.on(None, "service", image="shop:1")[0] for _ in range(2)]
    cluster = drawing.cluster(*members)
    drawing.link("service-4", wall, protocol="http")
    drawing.link(wall, cluster, protocol="http")
    drawing.link(members[0], "service-1", protocol="http")
    assert subjects(drawing.design, "DEP004") == []

    drawing.link(members[1], *drawing.on(None, "database"), role="read", protocol="postgres")
    (finding,) = found(drawing.design, "DEP004")
    assert finding.problem.subjects == ("users-1", "db-1")
    assert finding.problem.witness.numbers == {"calls": 6}
    assert {wall, cluster, members[1]} <= set(finding.problem.witness.path)


def test_those_who_wait_for_the_same_end_are_one_finding() -> None:
    drawing = row(7)
    others = drawing.part("client")
    drawing.link(others, "service-2", protocol="http")
    drawing.design, other = edits.add_flow(drawing.design, others, "look", operation="read")

    (finding,) = found(drawing.design, "DEP004")
    assert finding.problem.subjects == ("users-1", "service-7")
    assert finding.problem.witness.flows == ("browse", "checkout", other)


def test_users_who_do_nothing_wait_for_nothing() -> None:
    design = row(6).design
    assert subjects(edits.remove(design, tuple(design.flows)), "DEP004") == []


def test_a_domain_that_leads_to_a_private_address_is_found() -> None:
    design = numbered("192.168.0.10").design

    (finding,) = found(design, "MOD003")
    assert finding.problem.subjects == ("dns-1",)
    assert finding.problem.message.endswith("192.168.0.10, which the internet cannot find.")


@pytest.mark.parametrize(
    "address", ["203.0.113.5", "172.32.0.1", "127.0.0.1", "100.64.0.1", "", "shop.example.com"]
)
def test_a_public_or_reserved_address_or_a_name_is_not(address: str) -> None:
    assert subjects(numbered(address).design, "MOD003") == []


def test_a_domain_that_leads_elsewhere_is_one_finding() -> None:
    drawing = numbered("10.0.0.1")
    drawing.set("server-1", address="203.0.113.5")

    assert subjects(drawing.design, "MOD003") == []
    assert subjects(drawing.design, "MOD004") == [("dns-1",)]
    drawing.set("server-1", address="10.0.0.1")
    assert subjects(drawing.design, "MOD003") == [("dns-1",)]


def test_people_in_the_house_may_use_private_addresses() -> None:
    drawing = numbered("10.0.0.1")
    house = drawing.part("zone", trust="internal")
    drawing.design = edits.nest(drawing.design, (drawing.users,), house)

    assert subjects(drawing.design, "MOD003") == []


def test_inner_machines_with_public_addresses_are_one_finding() -> None:
    design = numbered("203.0.113.9", "203.0.113.5", "203.0.113.6").design

    (finding,) = found(design, "MOD003")
    assert finding.problem.subjects == ("server-2", "server-3")
    assert "have public addresses" in finding.problem.message
    after = repaired(design, "MOD003")
    assert after.components["server-2"].firewall  # type: ignore[union-attr]


@pytest.mark.parametrize("address", ["10.0.0.5", "", "2001:db8::1", "db.example.com"])
def test_an_inner_machine_with_another_address_is_fine(address: str) -> None:
    assert subjects(numbered("203.0.113.9", address).design, "MOD003") == []


def test_in_front_or_behind_a_firewall_a_public_address_is_fine() -> None:
    assert subjects(numbered("", "203.0.113.5", trust="dmz").design, "MOD003") == []
    assert subjects(numbered("", "203.0.113.5", firewall=True).design, "MOD003") == []
    drawing = numbered("", "203.0.113.5")
    assert subjects(drawing.design, "MOD003") == [("server-2",)]
    wall = drawing.part("firewall")
    (link,) = drawing.design.incoming["db-1"]
    drawing.set(link, via=(wall,))
    assert subjects(drawing.design, "MOD003") == []


def test_twins_behind_a_promise_are_found() -> None:
    design = twins().design

    assert subjects(design, "SPOF017") == [("cluster-1",)]
    after = repaired(design, "SPOF017")
    assert after.components["cluster-1"].common_cause == 0.05  # type: ignore[union-attr]


def test_without_a_promise_with_a_share_or_with_different_releases_they_are_not() -> None:
    design = twins().design
    assert subjects(edits.set_fields(design, "browse", target_availability=None), "SPOF017") == []
    assert subjects(twins(common_cause=0.1).design, "SPOF017") == []
    assert subjects(edits.set_fields(design, "web-2", image="nginx:1.28"), "SPOF017") == []


def test_two_clusters_of_twins_are_one_finding_and_unused_members_are_no_copies() -> None:
    drawing = twins()
    caches = [drawing.on(None, "cache")[0] for _ in range(2)]
    second = drawing.cluster(*caches, mode="active-active")
    assert subjects(drawing.design, "SPOF017") == [("cluster-1",)]

    for web in ("web-1", "web-2"):
        drawing.link(web, second, role="read", protocol="redis", dependency="hard")
    (finding,) = found(drawing.design, "SPOF017")
    assert finding.problem.subjects == ("cluster-1", "cluster-2")
    assert "run one release" in finding.problem.message
