"""Names and addresses: what nobody has named, what two parts share, what leads elsewhere."""

from typing import Any

import pytest

from app.model import edits
from tests.rules import chosen
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def test_links_on_which_nobody_said_what_is_spoken_are_found_once() -> None:
    design = CASES["shared_server"]()

    (finding,) = found(design, "MOD001")
    assert len(finding.problem.subjects) == 5
    assert "users-1 → lb-1" in finding.problem.message
    assert "and 2 more" in finding.problem.message
    after = repaired(design, "MOD001")
    assert {link.protocol for link in after.links.values()} == {"http"}
    assert subjects(after, "NET014") == []  # two programs on one machine got two ports


def test_links_to_one_program_get_one_port() -> None:
    drawing = Drawing()
    one, other, app = drawing.on(None, "web_server", "web_server", "app_server")
    for web in (one, other):
        drawing.link(drawing.users, web, protocol="https", port=443 if web == one else 444)
        drawing.link(web, app)

    after = repaired(drawing.design, "MOD001")
    assert [after.links[key].number for key in after.incoming[app]] == [8000, 8000]


@pytest.mark.parametrize("values", [{"protocol": "http"}, {"protocol": "tcp", "port": 7000}])
def test_a_protocol_or_a_port_says_enough(values: dict[str, Any]) -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server"), **values)

    assert subjects(drawing.design, "MOD001") == []


def test_what_is_not_usually_linked_gets_no_guess() -> None:
    drawing = Drawing()
    drawing.link(drawing.part("app_server"), drawing.part("cache"), role="log")
    drawing.link(drawing.part("note"), drawing.part("web_server"))

    (finding,) = found(drawing.design, "MOD001")
    assert finding.problem.fixes == ()


def test_a_service_without_an_image_could_be_anything() -> None:
    drawing = Drawing()
    one, other = (drawing.part("service", image=image) for image in ("", "mail:1"))
    drawing.link(drawing.users, one, other, protocol="http")
    drawing.part("service")  # not linked: DEP002 says it
    drawing.link(drawing.users, drawing.part("service", external=True), protocol="http")

    (finding,) = found(drawing.design, "MOD001")
    assert finding.problem.subjects == (one,)
    assert finding.problem.fixes == ()


def test_two_parts_of_one_name_are_found() -> None:
    design = chosen.same_names()

    assert subjects(design, "MOD002") == [("web-1", "web-2")]
    after = repaired(design, "MOD002")
    assert [after.components[key].name for key in ("web-1", "web-2")] == ["web", "web-2"]


def test_a_new_number_is_not_taken() -> None:
    drawing = Drawing()
    drawing.part("cache", name="Web-2")
    drawing.part("web_server", name="web")
    drawing.part("app_server", name="WEB")

    (after,) = proven(drawing.design, "MOD002")
    assert {item.name for item in after.components.values()} == {"users-1", "Web-2", "web", "WEB-3"}


def test_one_name_in_two_zones_or_of_two_zones_is_left_alone() -> None:
    drawing = Drawing()
    zones = [drawing.part("zone", name="public") for _ in range(2)]
    for zone in zones:
        drawing.part("web_server", zone, name="web")

    assert subjects(drawing.design, "MOD002") == []
    drawing.part("note", name="web")
    assert subjects(drawing.design, "MOD002") == []


@pytest.mark.parametrize(
    ("record", "address", "right"),
    [("A", "lb.example.com", "CNAME"), ("A", "2001:db8::1", "AAAA"), ("AAAA", "8.8.8.8", "A"),
     ("CNAME", "8.8.8.8", "A"), ("AAAA", "lb.example.com", "CNAME")],
)  # fmt: skip
def test_a_record_that_cannot_hold_what_it_holds_is_found(
    record: str, address: str, right: str
) -> None:
    design = edits.set_fields(chosen.same_names(), "dns-1", record=record, address=address)

    (finding,) = found(design, "MOD004")
    assert address in finding.problem.message
    after = repaired(design, "MOD004")
    assert getattr(after.components["dns-1"], "record", "") == right


def test_a_record_that_leads_past_the_entrance_is_found() -> None:
    (finding,) = found(chosen.another_house(), "MOD004")

    assert "leads to 198.51.100.7, and users enter by lb-1 at 203.0.113.5" in (
        finding.problem.message
    )
    after = repaired(chosen.another_house(), "MOD004")
    assert getattr(after.components["dns-1"], "address", "") == "203.0.113.5"


@pytest.mark.parametrize(
    ("record", "address", "known"),
    [("A", "203.0.113.5", "203.0.113.5"), ("A", "203.0.113.5", ""),
     ("CNAME", "lb.example.com", "203.0.113.5"), ("CNAME", "LB.example.com", "lb.example.com")],
)  # fmt: skip
def test_a_record_that_leads_to_the_entrance_or_may_do_so_is_left_alone(
    record: str, address: str, known: str
) -> None:
    assert subjects(chosen.addressed(record, address, known), "MOD004") == []


def test_each_entrance_has_to_have_an_address_before_a_record_is_judged() -> None:
    drawing = Drawing()
    dns = drawing.part("dns", address="198.51.100.7")
    doors = [drawing.part("firewall"), *drawing.on(None, "load_balancer", address="203.0.113.5")]
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, *doors, protocol="https")

    assert subjects(drawing.design, "MOD004") == []
    drawing.set(doors[0], address="203.0.113.6")
    assert subjects(drawing.design, "MOD004") == [(dns,)]
    drawing.set(dns, address="203.0.113.6")
    assert subjects(drawing.design, "MOD004") == []


def test_a_cluster_is_entered_by_its_own_address_or_by_those_of_its_members() -> None:
    drawing = Drawing()
    dns = drawing.part("dns", address="203.0.113.5")
    lbs = [drawing.part("load_balancer", address=f"203.0.113.{n}") for n in (5, 6)]
    cluster = drawing.cluster(*lbs, mode="active-active")
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, cluster, protocol="https")

    assert subjects(drawing.design, "MOD004") == []
    drawing.set(cluster, virtual_address=True, address="203.0.113.7")
    assert subjects(drawing.design, "MOD004") == [(dns,)]


def test_users_without_a_domain_are_not_misled() -> None:
    assert subjects(edits.remove(chosen.another_house(), ("dns-1",)), "MOD004") == []
    alone = edits.remove(chosen.another_house(), ("lb-1",))
    assert subjects(alone, "MOD004") == []


def test_two_machines_with_one_address_are_found() -> None:
    drawing = Drawing()
    hosts = [drawing.part("server", address="10.0.0.5") for _ in range(3)]
    drawing.part("load_balancer", hosts[0], address="10.0.0.5")

    (finding,) = found(drawing.design, "MOD002")
    assert finding.problem.subjects == (hosts[0], hosts[1])
    assert finding.problem.fixes == ()
    drawing.set(hosts[1], address="10.0.0.6")
    drawing.set(hosts[2], address="")
    assert subjects(drawing.design, "MOD002") == []


def test_the_address_that_moves_may_be_that_of_a_member() -> None:
    drawing = Drawing()
    lbs = [drawing.part("load_balancer", address=address) for address in ("10.0.0.5", "10.0.0.6")]
    drawing.cluster(*lbs, mode="active-passive", address="10.0.0.5")
    drawing.part("dns", address="10.0.0.5")

    assert subjects(drawing.design, "MOD002") == []


@pytest.mark.parametrize(
    ("record", "address"),
    [("A", "8.8.8.8"), ("AAAA", "2001:db8::1"), ("CNAME", "lb.example.com"), ("A", "")],
)
def test_a_record_that_holds_what_it_can_is_left_alone(record: str, address: str) -> None:
    design = edits.set_fields(chosen.same_names(), "dns-1", record=record, address=address)

    assert subjects(design, "MOD004") == []
