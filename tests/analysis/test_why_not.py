"""Why a part is a single point of failure of a flow, or why it is none."""

import pytest
from hypothesis import given

from app.analysis.analysis import Analysis
from app.analysis.why_not import Why, why_not, why_words
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import drawn, linked
from tests.strategies import designs


@pytest.fixture
def design() -> Design:
    """Users, a balancer, two web servers, the first in a zone, one database, an idle cache."""
    found = drawn("load_balancer", "web_server", "web_server", "database", "zone", "cache")
    found = edits.nest(found, ("web-1",), "zone-1")
    found = linked(found, "users-1 lb-1", "lb-1 web-1", "lb-1 web-2")
    found = linked(found, "web-1 db-1", "web-2 db-1", role="read")
    return linked(found, "web-1 db-1", "web-2 db-1", role="write")


def said(design: Design, part: str) -> str:
    """What is said of a part and the first flow."""
    return why_words(design, part, "browse", why_not(Analysis(design), part)["browse"])


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("web-1", "web-1 is no single point of failure for browse, because of lb-1 → web-2 → db-1"),
        ("zone-1", "zone-1 is no single point of failure for browse, because of lb-1 → web-2"),
        (
            "db-1",
            "db-1 is a single point of failure for browse: the way is lb-1 → web-1 → db-1, and",
        ),
        ("cache-1", "browse does not need cache-1 at all."),
        ("users-1", "users-1 does not fail by itself, so it is no single point of failure"),
    ],
)
def test_each_part_answers_why_not(design: Design, part: str, words: str) -> None:
    assert said(design, part).startswith(words)


def test_a_zone_with_everything_in_it_stops_the_flow_only_as_a_whole(design: Design) -> None:
    design = edits.nest(design, ("web-2",), "zone-1")

    assert said(design, "zone-1") == (
        "zone-1 does not fail by itself; if all that is in it fails, browse stops."
    )


def test_what_cannot_work_as_drawn_says_so() -> None:
    assert said(drawn("web_server"), "web-1") == (
        "browse cannot work as drawn, with or without web-1."
    )


def test_reasons_without_a_way_to_draw_are_told_without_one(design: Design) -> None:
    alone = edits.set_fields(design, "browse", requires="cache-1")
    spared = edits.set_fields(design, "browse", requires="cache-1 or lb-1")
    spared = edits.remove(spared, spared.outgoing["users-1"])

    assert said(alone, "cache-1") == "cache-1 is a single point of failure for browse."
    assert said(spared, "cache-1") == "cache-1 is no single point of failure for browse."


def test_a_link_with_figures_answers_as_well(design: Design) -> None:
    entry, first, *_ = design.links
    for key in (entry, first):
        design = edits.set_fields(design, key, mtbf_hours=1000.0, mttr_hours=1.0)

    assert said(design, entry) == (
        "users-1 → lb-1 is a single point of failure for browse: the way is lb-1, and there is "
        "none round it."
    )
    assert why_not(Analysis(design), entry)["browse"].path == ("users-1", entry, "lb-1")
    assert said(design, first) == (
        "lb-1 → web-1 is no single point of failure for browse, because of lb-1 → web-2 → db-1."
    )


def test_a_link_without_figures_does_not_fail(design: Design) -> None:
    assert said(design, next(iter(design.links))) == (
        "users-1 → lb-1 does not fail by itself, so it is no single point of failure for browse."
    )


def test_a_link_that_no_way_leads_to_has_no_way_to_it(design: Design) -> None:
    design = edits.set_fields(design, "browse", requires="reach(web-1, db-1)")
    link, other = design.outgoing["web-1"]
    design = edits.remove(design, (other, *design.incoming["web-1"]))
    design = edits.set_fields(design, link, availability=0.9)

    assert why_not(Analysis(design), link)["browse"] == Why("alone", ())


@given(designs())
def test_only_single_points_of_failure_are_told_to_be_ones(design: Design) -> None:
    analysis = Analysis(design)
    for part in (*design.components, *design.links):
        for flow, why in why_not(analysis, part).items():
            assert (why.standing == "alone") == (part in analysis.spofs[flow])
            assert why.standing != "spared" or part not in why.path
            assert why_words(design, part, flow, why).endswith(".")
