"""Which element of one design is which of another: same ids, other ids, and what is ambiguous."""

from hypothesis import given

from app.model import edits
from app.model.design import Design
from app.model.fields import field_of
from app.model.links import Link
from app.model.matching import match
from app.model.traffic import LoadBalancer
from tests.redrawing import redrawn
from tests.rules.drawing import Drawing
from tests.strategies import designs


def drawing() -> Drawing:
    """Users, a balancer, two web servers with a firewall between, and a cluster of both."""
    drawn = Drawing()
    lb = drawn.part("load_balancer", name="Front")
    wall = drawn.part("firewall", name="Wall")
    webs = [drawn.part("web_server", name=name) for name in ("One", "Two")]
    drawn.link(drawn.users, lb)
    drawn.link(lb, *webs, via=(wall,))
    drawn.cluster(*webs, name="Both")
    return drawn


@given(designs())
def test_a_design_is_matched_with_itself_by_its_ids(design: Design) -> None:
    found = match(design, design)
    every = {*design.components, *design.links, *design.flows}
    assert found.ids == {key: key for key in every}
    assert found.redrawn == {}


@given(designs(), designs())
def test_two_elements_are_never_matched_with_one(before: Design, after: Design) -> None:
    forth, back = match(before, after), match(after, before)
    assert len(set(forth.ids.values())) == len(forth.ids)
    assert back.pairs == {new: old for old, new in forth.pairs.items()}


def test_what_was_drawn_again_is_matched_by_kind_and_name_and_by_ends() -> None:
    design = drawing().design
    other = redrawn(design)
    found = match(design, other)
    every = {*design.components, *design.links, *design.flows}
    assert found.redrawn == {key: f"x-{key}" for key in every}


def test_ids_in_the_fields_are_those_of_the_other_design() -> None:
    design = drawing().design
    found = match(design, redrawn(design))
    via = field_of(Link, "via")
    assert found.value(field_of(Link, "source"), "lb-1") == "x-lb-1"
    assert found.value(via, ("fw-1|fw-9",)) == ("x-fw-1|fw-9",)
    assert found.value(field_of(LoadBalancer, "name"), "lb-1") == "lb-1"
    needs = field_of(LoadBalancer, "requires")
    assert found.value(needs, {"": "(web-1)  or web-2"}) == {"": "x-web-1 or x-web-2"}
    assert found.value(needs, {"": "(other)  or more"}) == {"": "(other)  or more"}
    assert found.value(field_of(type(next(iter(design.flows.values()))), "requires"), "") == ""


def test_two_of_one_name_are_not_told_apart() -> None:
    drawn = Drawing()
    for _ in range(2):
        drawn.part("web_server", name="Same")
    found = match(drawn.design, redrawn(drawn.design))
    assert not {"web-1", "web-2"} & found.pairs.keys()
    assert found.id("web-1") == "-web-1"
    assert found.id("nothing of the kind") == "nothing of the kind"


def test_two_of_one_name_are_told_apart_by_what_they_lie_in() -> None:
    drawn = Drawing()
    for site in ("East", "West"):
        zone = drawn.part("zone", drawn.part("site", name=site), name="dmz")
        drawn.part("web_server", zone, name="web")
    found = match(drawn.design, redrawn(drawn.design))
    assert found.redrawn.keys() >= drawn.design.components.keys()
    west = edits.set_fields(redrawn(drawn.design), "x-site-2", name="South")
    apart = match(drawn.design, west)
    assert apart.pairs["web-1"] == "x-web-1"
    assert "web-2" not in apart.pairs


def test_a_part_of_the_same_id_that_shares_neither_kind_nor_name_is_another() -> None:
    before, _ = edits.add(Design(), "database")
    (key,) = before.components
    cache, _ = edits.add(Design(), "cache")
    (item,) = cache.components.values()
    after = Design(components={key: item})
    assert match(before, after).pairs == {}
    renamed = edits.set_fields(before, key, name="Another")
    assert match(before, renamed).pairs == {key: key}


def test_links_that_took_each_others_ids_are_matched_by_their_ends() -> None:
    design = drawing().design
    one, two = design.links["link-2"], design.links["link-3"]
    swapped = Design(
        components=design.components,
        links={**design.links, "link-2": two, "link-3": one},
        flows=design.flows,
    )
    assert match(design, swapped).redrawn == {"link-2": "link-3", "link-3": "link-2"}


def test_a_link_that_was_led_elsewhere_is_the_same_link() -> None:
    design = drawing().design
    after = edits.set_fields(design, "link-3", target="fw-1")
    assert match(design, after).pairs["link-3"] == "link-3"
    both = edits.set_fields(design, "link-3", source="fw-1", target="lb-1")
    assert "link-3" not in match(design, both).pairs
