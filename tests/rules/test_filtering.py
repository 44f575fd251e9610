"""What firewalls let through: everything, what nobody needs, not what is drawn."""

import pytest

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from tests.rules.careless import behind_firewall
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def walled(**values: str) -> Design:
    """A firewall with these fields before a web server."""
    return behind_firewall(**values).design


@pytest.mark.parametrize(
    ("values", "fires"),
    [({"default_policy": "allow"}, True), ({"open_ports": "any"}, True),
     ({"default_policy": "allow", "inspects": "requests"}, False), ({}, False),
     ({"open_ports": "443"}, False)],
)  # fmt: skip
def test_a_packet_filter_that_lets_everything_through_is_found(
    values: dict[str, str], *, fires: bool
) -> None:
    assert subjects(walled(**values), "NET005") == ([("fw-1",)] if fires else [])


@pytest.mark.parametrize(("before", "after"), [("", ""), ("any", ""), ("any 22", "443")])
def test_it_then_lets_through_what_is_drawn(before: str, after: str) -> None:
    design = repaired(walled(default_policy="allow", open_ports=before), "NET005")

    wall = design.components["fw-1"]
    assert (getattr(wall, "default_policy"), getattr(wall, "open_ports")) == ("deny", after)  # noqa: B009


def test_a_port_that_nothing_drawn_goes_to_is_closed() -> None:
    design = CASES["firewall_with_wrong_ports"]()

    (finding,) = found(design, "NET011")
    assert finding.problem.message == "fw-1 opens ports 22, 25, to which nothing drawn goes."
    assert subjects(repaired(design, "NET011"), "NET011") == []


@pytest.mark.parametrize("ports", ["", "443", "any 22"])
def test_ports_that_are_needed_or_not_named_are_fine(ports: str) -> None:
    assert subjects(walled(open_ports=ports), "NET011") == []


def test_a_firewall_that_nothing_passes_is_told_once() -> None:
    drawing = Drawing()
    drawing.part("firewall", open_ports="22")

    assert subjects(drawing.design, "NET011") == []
    assert subjects(drawing.design, "NET018") == [("fw-1",)]


def test_a_drawn_link_that_its_firewall_drops_is_found() -> None:
    design = CASES["firewall_with_wrong_ports"]()

    (finding,) = found(design, "NET019")
    assert finding.problem.message == "fw-1 drops what is drawn to port 443."
    assert finding.problem.witness.path == ("users-1", "link-1", "fw-1")
    after = repaired(design, "NET019")
    assert getattr(after.components["fw-1"], "open_ports") == "22 25 443"  # noqa: B009


@pytest.mark.parametrize("ports", ["", "443", "any 22"])
def test_a_link_through_an_open_port_is_fine(ports: str) -> None:
    assert subjects(walled(open_ports=ports), "NET019") == []


def test_links_past_a_firewall_and_to_a_cluster_of_them_count() -> None:
    drawing = Drawing()
    walls = [drawing.part("firewall", open_ports="443") for _ in range(2)]
    (web,) = drawing.on(None, "web_server")
    (app,) = drawing.on(None, "app_server")
    pair = drawing.cluster(*walls, mode="active-active")
    drawing.link(drawing.users, pair, protocol="https", port=8443, tls="1.3")
    drawing.link(web, app, protocol="http", via=(f"{walls[0]}|{walls[1]}",))

    assert subjects(drawing.design, "NET019") == [("fw-1",), ("fw-2",)]
    (first, _) = found(drawing.design, "NET019")
    assert first.problem.message == "fw-1 drops what is drawn to ports 80, 8443."


def test_a_protocol_without_a_port_asks_for_none() -> None:
    drawing = behind_firewall(open_ports="443")
    drawing.link("web-1", "app-1", protocol="file", via=("fw-1",))

    assert subjects(drawing.design, "NET019") == []


@pytest.mark.parametrize("ports", ["https", "0", "65536", "80,443", "²"])
def test_what_is_no_list_of_ports_is_refused(ports: str) -> None:
    with pytest.raises(DesignError, match=r"open_ports: .* is neither a port nor 'any'"):
        edits.set_fields(walled(), "fw-1", open_ports=ports)
