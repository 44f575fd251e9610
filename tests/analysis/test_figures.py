"""What is said of a flow in figures: outages, shares of the downtime, cut sets of every order."""

import math

import pytest

from app.analysis.availability import Availability, availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.minimal_cuts import minimal_cut_sets
from app.model import edits
from tests.analysis.test_requirements import drawn, linked


def test_figures_of_a_pair_that_is_known_by_its_repairs() -> None:
    design = drawn("web_server", "web_server")
    design = linked(design, "users-1 web-1", "users-1 web-2")
    for web in ("web-1", "web-2"):
        design = edits.set_fields(design, web, mtbf_hours=999.0, mttr_hours=1.0)

    found = availability_of(RequirementGraph(design, "recoverable"), "browse")

    assert found.unavailability == pytest.approx(1e-6)
    # One dies 8.76 times a year, and the other is down a thousandth of the time; so twice.
    assert found.outages_per_year == pytest.approx(2 * 8.76 / 1000 * 0.999 * 1000 / 999)
    assert found.mean_outage_hours == pytest.approx(0.5)
    assert found.contribution("web-1") == pytest.approx(1.0)
    assert found.risk_reduction_worth("web-1") == math.inf
    assert found.risk_reduction_worth("nobody") == 1.0
    assert found.risk_achievement_worth("web-1") == pytest.approx(1000.0)  # 1e-3 beside 1e-6
    assert found.risk_achievement_worth("nobody") == 1.0
    assert Availability(0.0, 0.0, {"web-1": 1.0}).risk_achievement_worth("web-1") == 1.0


def test_a_link_with_mean_times_stops_a_flow_as_often_as_it_fails() -> None:
    design = linked(drawn("web_server"), "users-1 web-1")
    [line] = design.links
    design = edits.set_fields(design, line, mtbf_hours=500.0, mttr_hours=2.0)
    design = edits.set_fields(design, "web-1", mtbf_hours=1000.0, mttr_hours=1.0)
    graph = RequirementGraph(design, "recoverable")

    found = availability_of(graph, "browse")

    carries, works = 500 / 502, 1000 / 1001
    assert graph.spofs("browse") == {line, "web-1"}
    assert found.unavailability == pytest.approx(1 - carries * works)
    assert found.outages_per_year == pytest.approx(8760 * carries * works * (1 / 500 + 1 / 1000))
    perfect = edits.set_fields(design, line, availability=1.0)
    assert RequirementGraph(perfect, "recoverable").spofs("browse") == {"web-1"}


def test_outages_are_not_counted_where_a_part_has_no_repair_time() -> None:
    design = linked(drawn("web_server"), "users-1 web-1")
    found = availability_of(RequirementGraph(design, "recoverable"), "browse")

    assert found.outages_per_year is None
    assert found.mean_outage_hours is None


def test_cut_sets_of_every_order_are_told_smallest_first() -> None:
    design = drawn("load_balancer", "web_server", "web_server", "web_server")
    design = linked(design, "users-1 lb-1", "lb-1 web-1", "lb-1 web-2", "lb-1 web-3")
    cuts = minimal_cut_sets(RequirementGraph(design, "recoverable"), "browse")

    assert cuts.by_order == {1: 1, 3: 1}
    assert cuts.degree == 1
    assert cuts.up_to(2) == (frozenset({"lb-1"}),)
    assert cuts.up_to(3)[-1] == frozenset({"web-1", "web-2", "web-3"})


def test_what_never_fails_has_no_cut_set() -> None:
    design = edits.set_fields(drawn("web_server"), "web-1", availability=1.0)
    cuts = minimal_cut_sets(
        RequirementGraph(linked(design, "users-1 web-1"), "recoverable"), "browse"
    )

    assert cuts.degree is None
    assert cuts.up_to(9) == ()
