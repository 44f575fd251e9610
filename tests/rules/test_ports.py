"""Ports: administration, two programs on one port, ports of other protocols."""

import pytest

from app.model.containers import Server
from tests.rules.drawing import Drawing
from tests.rules.looking import proven, repaired, subjects


def balanced() -> Drawing:
    """Users before a balancer with one web server behind it."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, lb, protocol="http")
    drawing.link(lb, web, protocol="http")
    return drawing


def administration(port: int | None = None, protocol: str = "ssh") -> Drawing:
    """An administrator who comes in from the internet to a web server."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web, role="admin", protocol=protocol, port=port)
    return drawing


@pytest.mark.parametrize(("port", "protocol"), [(None, "ssh"), (2222, "ssh"), (3389, "tcp")])
def test_an_administration_port_open_to_the_internet_goes_through_a_bastion(
    port: int | None, protocol: str
) -> None:
    design = repaired(administration(port, protocol).design, "NET006")

    (door,) = (key for key, item in design.components.items() if item.kind == "bastion")
    host = design.components[str(design.host(door))]
    assert isinstance(host, Server)
    assert host.firewall
    assert [design.links[key].target for key in design.outgoing[door]] == ["web-1"]
    assert subjects(design, "NET001") == []


def test_administration_through_a_firewall_is_still_open() -> None:
    drawing = Drawing()
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, wall, role="admin", protocol="ssh")
    drawing.link(wall, web, role="admin", protocol="ssh")

    assert subjects(drawing.design, "NET006") == [(web,)]
    assert proven(drawing.design, "NET006")


def test_a_bastion_is_the_way_in_and_web_traffic_is_no_administration() -> None:
    drawing = balanced()
    (bastion,) = drawing.on(None, "bastion")
    drawing.link(drawing.users, bastion, role="admin", protocol="ssh")
    drawing.link(bastion, "web-1", role="admin", protocol="ssh")

    assert subjects(drawing.design, "NET006") == []


def test_two_programs_on_one_port_are_found_and_parted() -> None:
    drawing = Drawing()
    lb, web = drawing.on(None, "load_balancer", "web_server")
    drawing.link(drawing.users, lb, protocol="http")
    drawing.link(lb, web, protocol="http")

    design = repaired(drawing.design, "NET014")

    assert subjects(drawing.design, "NET014") == [(lb, web)]
    assert design.links["link-2"].number != design.links["link-1"].number


def test_one_port_on_two_machines_and_the_monitoring_port_are_no_conflict() -> None:
    drawing = balanced()
    agent = drawing.part("monitoring_agent", "server-1")
    collector = drawing.part("monitoring_server")
    drawing.link(collector, agent, "lb-1", role="monitor", protocol="http")

    assert subjects(drawing.design, "NET014") == []


@pytest.mark.parametrize(
    ("protocol", "port", "expected"),
    [("https", 80, True), ("mysql", 443, True), ("http", 3306, True), ("ssh", 443, True),
     ("http", 8080, False), ("http", 3000, False), ("tcp", 443, False), ("https", 8000, False)],
)  # fmt: skip
def test_a_port_of_another_protocol_is_a_slip(
    protocol: str,
    port: int,
    expected: bool,
) -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web, protocol=protocol, port=port)

    assert bool(subjects(drawing.design, "NET015")) == expected
    for design in proven(drawing.design, "NET015"):
        assert design.links["link-1"].port is None


def test_http_inside_tls_may_use_the_port_of_https() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web, protocol="http", port=443, tls="1.3")

    assert subjects(drawing.design, "NET015") == []


def test_a_port_conflict_leaves_the_other_doors_of_a_program_alone() -> None:
    drawing = Drawing()
    lb, web = drawing.on(None, "load_balancer", "web_server")
    drawing.link(drawing.users, lb, protocol="http")
    drawing.link(lb, web, protocol="http")
    drawing.link(lb, web, protocol="http", port=8443)

    design = repaired(drawing.design, "NET014")

    assert design.links["link-3"].number == 8443
