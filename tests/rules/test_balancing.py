"""Load balancers and clusters: entrances, take-over, detection, algorithms."""

from app.model import edits
from tests.rules.cases import CASES, balancers
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_standby_that_nobody_switches_to_is_the_one_cause() -> None:
    design = balancers("active-passive")

    assert subjects(design, "LB005") == [("cluster-1",)]
    assert subjects(design, "SPOF004") == []
    after = repaired(design, "LB005")
    assert subjects(after, "LB005") == subjects(after, "SPOF004") == []


def test_a_standby_without_an_address_that_moves_is_found() -> None:
    (finding,) = found(balancers("active-passive", "automatic"), "LB005")

    assert "its address does not move" in finding.problem.message
    assert subjects(balancers("active-passive", "automatic", virtual=True), "LB005") == []
    assert subjects(balancers("active-passive", "manual"), "LB005") == []
    assert subjects(balancers("active-passive", "manual"), "SPOF014") == [("cluster-1",)]


def test_a_pair_that_takes_no_requests_is_left_alone() -> None:
    drawing = Drawing()
    drawing.cluster(*drawing.on(None, "worker", "worker"), mode="active-passive")

    assert subjects(drawing.design, "LB005") == []


def test_a_door_that_no_request_reaches_is_found() -> None:
    assert subjects(CASES["one_door"](), "LB006") == [("cluster-1",)]
    assert subjects(CASES["two_doors"](), "LB006") == []
    after = repaired(CASES["one_door"](), "LB006")
    assert subjects(after, "LB006") == subjects(after, "SPOF004") == []


def test_names_that_are_handed_out_unchecked_are_found() -> None:
    design = CASES["round_robin_dns"]()

    assert subjects(design, "LB008") == [("dns-1",), ("dns-2",)]
    checked = edits.set_fields(design, "dns-1", health_check=True)
    assert subjects(checked, "LB008") == [("dns-2",)]
    one = edits.remove(design, ("web-2",))
    assert subjects(one, "LB008") == []


def test_one_address_that_moves_needs_no_check_of_names() -> None:
    drawing = Drawing()
    dns = drawing.part("dns")
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    drawing.cluster(*lbs, mode="active-passive", failover="automatic", virtual_address=True)
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, *lbs)

    assert subjects(drawing.design, "LB008") == []


def test_a_balancer_with_one_server_behind_it_has_nothing_to_choose() -> None:
    assert subjects(CASES["lonely_backends"](), "LB001") == [("lb-1",), ("lb-2",)]
    assert subjects(CASES["without_servers"](), "LB001") == []  # SPOF001 says it
    assert subjects(balancers("active-active"), "LB001") == []


def test_an_algorithm_is_chosen_on_purpose() -> None:
    assert subjects(CASES["unfinished"](), "LB002") == [("lb-1",)]
    assert subjects(repaired(CASES["unfinished"](), "LB002"), "LB002") == []


def test_a_balancer_that_hands_requests_to_nobody_is_found() -> None:
    design = balancers("active-active")
    [balancer, *_] = [
        key for key, item in design.components.items() if item.kind == "load_balancer"
    ]
    alone = edits.remove(design, design.outgoing[balancer])

    assert subjects(design, "LB014") == []
    assert subjects(alone, "LB014") == [(balancer,)]
    unasked = edits.remove(alone, alone.links)
    assert subjects(unasked, "LB014") == []
