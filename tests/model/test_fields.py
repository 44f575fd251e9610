"""Fields: the facts that forms, docs and the schema read, and the check at construction."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.component import Component
from app.model.compute import Service, WebServer
from app.model.containers import Cluster
from app.model.errors import DesignError
from app.model.fields import field_of, fields_of, unprintable
from app.model.kinds import GROUPS, KINDS, kind_named
from app.model.links import (
    ADMIN_ROLES,
    TRAFFIC_ROLES,
    Flow,
    Link,
    Place,
    ProtocolName,
    Role,
    Waiver,
)
from app.model.protocols import PROTOCOLS
from app.model.stores import Backup
from app.model.traffic import Client, Dns, LoadBalancer
from app.model.traits import Trait

ELEMENTS: tuple[type, ...] = (*KINDS.values(), Link, Flow, Waiver)


@pytest.mark.parametrize("cls", ELEMENTS, ids=lambda cls: cls.__name__)
def test_every_field_has_a_label_and_help(cls: type) -> None:
    for facts in fields_of(cls):
        if facts.name != "kind":
            assert facts.label
            assert facts.help


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_it_is(kind: str) -> None:
    cls = KINDS[kind]
    item = cls(name="x")
    assert item.kind == kind
    assert (cls.title, cls.summary) > ("", "")
    assert cls.summary.endswith(".")
    assert cls.group in GROUPS
    assert 0 < cls.default_availability <= 1
    assert isinstance(item.fact, str)
    assert "\n" not in item.fact


def test_every_kind_has_a_prefix_of_its_own() -> None:
    assert len({cls.prefix for cls in KINDS.values()}) == len(KINDS)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(DesignError, match="no kind of component called 'toaster'"):
        kind_named("toaster")


def test_the_facts_of_a_field_are_those_of_its_declaration() -> None:
    facts = field_of(Dns, "ttl_seconds")
    assert (facts.type, facts.minimum, facts.maximum, facts.unit) == ("integer", 0, 604800, "s")
    assert facts.label == "Time to live"
    assert field_of(LoadBalancer, "algorithm").choices[0] == "roundrobin"
    assert field_of(WebServer, "capacity").exclusive_minimum == 0
    assert field_of(WebServer, "description").multiline
    assert not field_of(WebServer, "certificate").multiline
    assert [field_of(Link, name).type for name in ("source", "via")] == ["id", "ids"]
    assert field_of(Service, "requires").default == {}


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(DesignError, match="Client has no field 'wheels'"):
        field_of(Client, "wheels")


REFUSED: list[tuple[type, dict[str, Any], str]] = [
    (WebServer, {"name": ""}, "name: must not be empty"),
    (WebServer, {"name": "  "}, "name: must not be empty"),
    (WebServer, {"name": 3}, "name: expected text, found 3"),
    (WebServer, {"name": "x" * 121}, "name: longer than 120 characters"),
    (WebServer, {"name": "a\nb"}, r"name: holds the character U\+000A"),
    (WebServer, {"description": "a\x1b[2J"}, r"description: holds the character U\+001B"),
    (WebServer, {"description": "\ud800"}, r"description: holds the character U\+D800"),
    (WebServer, {"redirect": 1}, "redirect: expected true or false, found 1"),
    (WebServer, {"capacity": 0}, "capacity: 0 is not above 0"),
    (WebServer, {"capacity": True}, "capacity: expected a number, found True"),
    (WebServer, {"capacity": "9"}, "capacity: expected a number, found '9'"),
    (WebServer, {"capacity": float("nan")}, "capacity: this is not a number to reckon with"),
    (WebServer, {"capacity": float("inf")}, "capacity: this is not a number to reckon with"),
    (WebServer, {"capacity": 10**400}, "capacity: this is not a number to reckon with"),
    (WebServer, {"availability": 1.5}, "availability: 1.5 is above 1"),
    (WebServer, {"requires": "web-1"}, "requires: expected a table"),
    (WebServer, {"requires": {1: "a"}}, "requires: expected text, found 1"),
    (WebServer, {"requires": {"read": 1}}, "requires: expected text, found 1"),
    (WebServer, {"requires": {"read": "a or"}}, r"requires\.read: expected the id of a part"),
    (Dns, {"ttl_seconds": 1.5}, "ttl_seconds: expected a whole number, found 1.5"),
    (Dns, {"ttl_seconds": True}, "ttl_seconds: expected a whole number, found True"),
    (Dns, {"ttl_seconds": -1}, "ttl_seconds: -1 is below 0"),
    (Dns, {"record": "MX"}, "record: 'MX' is not one of A, AAAA, CNAME"),
    (Cluster, {"members": ["a"]}, "members: expected a list"),
    (Cluster, {"members": (1,)}, "members: expected text, found 1"),
]


@pytest.mark.parametrize(("cls", "values", "why"), REFUSED)
def test_a_value_that_a_field_cannot_hold_is_refused(
    cls: type[Component], values: dict[str, Any], why: str
) -> None:
    with pytest.raises(DesignError, match=why):
        cls(**{"name": "x"} | values)


def test_a_description_may_have_several_lines() -> None:
    assert WebServer(name="x", description="a\n\tb").description == "a\n\tb"


@pytest.mark.parametrize("number", [24, 24.0])
def test_a_number_is_kept_as_a_float(number: float) -> None:
    assert repr(Backup(name="b", interval_hours=number).interval_hours) == "24.0"


def test_there_is_no_negative_zero() -> None:
    assert str(Place(x=-0.0).x) == "0.0"


def test_what_a_part_requires_cannot_be_written_to() -> None:
    requires: Any = WebServer(name="x", requires={"read": "a"}).requires
    with pytest.raises(TypeError):
        requires["read"] = "b"


@given(st.text())
def test_what_is_printable_has_no_control_character(text: str) -> None:
    if not unprintable(text):
        assert not any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in text)


@pytest.mark.parametrize("until", ["2027-1-31", "20270131", "2027-W04-7", "2027-02-30", "soon"])
def test_the_last_day_of_a_waiver_is_a_day(until: str) -> None:
    with pytest.raises(DesignError, match=r"until: .* is no day, such as 2027-01-31"):
        Waiver(reason="r", until=until)


def test_a_waiver_may_end_or_not() -> None:
    assert Waiver(reason="r", until="2028-02-29").until == "2028-02-29"
    assert Waiver(reason="r").until == ""


def test_a_flow_with_an_expression_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(DesignError, match="requires: expected the id of a part at character 1"):
        Flow(name="f", client="a", requires="or")


def test_every_protocol_a_link_may_speak_is_in_the_registry() -> None:
    assert set(get_args(ProtocolName)) == set(PROTOCOLS)
    assert all(not item.over_tls or item.over_tls in PROTOCOLS for item in PROTOCOLS.values())


def test_traffic_and_administration_are_roles_apart() -> None:
    assert set(get_args(Role)) > TRAFFIC_ROLES | ADMIN_ROLES
    assert not TRAFFIC_ROLES & ADMIN_ROLES


def test_a_link_knows_whether_it_is_traffic_and_can_be_read_on_the_way() -> None:
    plain = Link(source="a", target="b", protocol="http")
    assert plain.is_traffic
    assert not plain.encrypted
    assert Link(source="a", target="b", protocol="http", tls="1.3").encrypted
    assert Link(source="a", target="b", protocol="https").encrypted
    assert not Link(source="a", target="b", role="monitor").is_traffic


def test_the_port_of_a_link_is_its_own_or_that_of_the_protocol() -> None:
    assert Link(source="a", target="b", protocol="https").number == 443
    assert Link(source="a", target="b", protocol="https", port=8443).number == 8443
    assert Link(source="a", target="b", protocol="tcp").number is None


def test_a_store_holds_data_and_a_container_holds_parts() -> None:
    assert Trait.HOLDS_DATA in KINDS["database"].traits
    holders = {kind for kind, cls in KINDS.items() if Trait.CONTAINER in cls.traits}
    assert holders == {"site", "zone", "server"}
