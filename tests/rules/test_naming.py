"""Names and addresses: what nobody has named, what two parts share, what leads elsewhere."""

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
def test_a_protocol_or_a_port_says_enough(values: dict[str, object]) -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server"), **values)

    assert subjects(drawing.design, "MOD001") == []


def test_what_is_not_usually_linked_gets_no_guess() -> None:
    drawing = Drawing()
    drawing.link(drawing.part("web_server"), drawing.part("database"), role="log")
    drawing.link(drawing.part("note"), drawing.part("web_server"))

    (finding,) = found(drawing.design, "MOD001")
    assert finding.problem.fixes == ()


def test_a_service_without_an_image_could_be_anything() -> None:
    drawing = Drawing()
    one, other = (drawing.part("service", image=image) for image in ("", "mail:1"))
    drawing.link(drawing.users, one, other, protocol="http")
    drawing.part("service")  # not linked: DEP002 says it

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


@pytest.mark.parametrize(
    ("record", "address"),
    [("A", "8.8.8.8"), ("AAAA", "2001:db8::1"), ("CNAME", "lb.example.com"), ("A", "")],
)
def test_a_record_that_holds_what_it_can_is_left_alone(record: str, address: str) -> None:
    design = edits.set_fields(chosen.same_names(), "dns-1", record=record, address=address)

    assert subjects(design, "MOD004") == []
