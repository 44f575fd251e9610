"""What becomes of the flows when something fails."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.what_if import outcomes
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import drawn, linked


@pytest.fixture
def design() -> Design:
    """Users, a balancer, two web servers in a zone each, and one database."""
    found = drawn("load_balancer", "web_server", "web_server", "database", "zone", "cache")
    found = edits.nest(found, ("web-1",), "zone-1")
    found = linked(found, "users-1 lb-1", "lb-1 web-1", "lb-1 web-2")
    found = linked(found, "web-1 db-1", "web-2 db-1", role="read")
    return linked(found, "web-1 db-1", "web-2 db-1", role="write")


def states(design: Design, *failed: str) -> dict[str, str]:
    """Return what becomes of each flow."""
    return {flow: told.state for flow, told in outcomes(Analysis(design), failed).items()}


def test_a_part_that_has_a_second_degrades_and_leaves_the_other_alone(design: Design) -> None:
    told = outcomes(Analysis(design), ("web-1",))["browse"]

    assert told.state == "degraded"
    assert told.exposed == {"web-2"}
    assert told.path == ("users-1", "link-1", "lb-1", "link-3", "web-2", "link-5", "db-1")


def test_what_no_flow_rests_on_changes_nothing(design: Design) -> None:
    told = outcomes(Analysis(design), ("cache-1",))["browse"]

    assert (told.state, told.exposed) == ("up", frozenset())
    assert told.path[-1] == "db-1"


def test_a_place_takes_along_what_is_in_it(design: Design) -> None:
    assert states(design, "zone-1") == {"browse": "degraded", "checkout": "degraded"}
    assert states(design, "zone-1", "web-2") == {"browse": "down", "checkout": "down"}


def test_a_link_takes_along_what_is_behind_it(design: Design) -> None:
    assert states(design, "link-1") == {"browse": "down", "checkout": "down"}
    assert states(design, "link-2") == {"browse": "degraded", "checkout": "degraded"}
    told = outcomes(Analysis(design), ("link-2",))["browse"]
    assert "link-3" in told.path
    # The way of a write is no way of a read.
    assert states(design, "link-6") == {"browse": "up", "checkout": "degraded"}


def test_both_ways_broken_is_down(design: Design) -> None:
    assert states(design, "link-2", "link-3") == {"browse": "down", "checkout": "down"}
