"""Figures in words, with what they rest on."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability
from app.analysis.cutsets import RequirementGraph
from app.analysis.figure_words import (
    a_year,
    change,
    downtime,
    outages,
    part_figures,
    redundancy,
    triples_words,
    works,
    worst_pair,
)
from app.analysis.figures import FlowFigures, figures_of, triples_of, views_of
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import drawn, linked


@pytest.fixture
def design() -> Design:
    """Users and a web server that is up 99 % of the time."""
    found = linked(drawn("web_server"), "users-1 web-1")
    return edits.set_fields(found, "web-1", availability=0.99)


def figures(design: Design) -> FlowFigures:
    return figures_of(RequirementGraph(design, "recoverable"), "browse")


def estimate(degrees: dict[int, int] | None) -> FlowFigures:
    found = Availability(0.001, 0.003, {}, estimate=0.0015, interval=(0.001, 0.002))
    return FlowFigures(found, (), degrees, (), frozenset(("web-1",)))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0.0 min"), (52.56, "52.6 min"), (599, "599 min"), (600, "10.0 h"), (60_000, "1,000 h")],
)
def test_time_is_told_in_minutes_then_in_hours(minutes: float, words: str) -> None:
    assert a_year(minutes / 525_600) == words


def test_an_estimate_is_told_with_its_interval_and_named() -> None:
    found = estimate(None)

    assert downtime(found.availability) == "about 13.1 h (526 min to 17.5 h)"
    assert works(found) == (
        "Works about 99.850% of the time, down about 13.1 h (526 min to 17.5 h) a year "
        "(estimate, assumed)"
    )
    told = change(found.availability, Availability(0.0, 0.0, {}), assumed=False)
    assert told == "about 13.1 h (526 min to 17.5 h) → 0.0 min (estimate)"
    assert list(part_figures(found, "web-1")) == [
        "The figures of the flow are an estimate, which has no share of each part."
    ]


def test_figures_that_somebody_has_set_carry_no_mark(design: Design) -> None:
    assert works(figures(design)) == "Works 99.00% of the time, down 87.6 h a year"


def test_outages_are_told_where_repairs_are_known(design: Design) -> None:
    assert outages(figures(design).availability) == ""
    known = edits.set_fields(design, "web-1", availability=None, mtbf_hours=876.0, mttr_hours=2.0)
    assert outages(figures(known).availability) == "9.98 outages a year of 120 min each"
    perfect = edits.set_fields(design, "web-1", availability=1.0)
    assert outages(figures(perfect).availability) == ""


def test_the_worst_pair_is_told_where_no_part_alone_is_worse(design: Design) -> None:
    assert worst_pair(design, figures(design)) == ""
    pair, second = edits.add(design, "web_server", availability=0.99)
    pair = linked(pair, f"users-1 {second}")
    assert worst_pair(pair, figures(pair)) == (
        "Worst pair: web-1 and web-2, both down 52.6 min a year"
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (None, ["Sets of three: too entangled to find them"]),
        ((), ["Sets of three: none without a smaller one in it"]),
    ],
)
def test_there_may_be_no_sets_of_three(
    design: Design, found: tuple[()] | None, words: list[str]
) -> None:
    assert list(triples_words(design, found)) == words


def test_the_likeliest_sets_of_three_are_found(design: Design) -> None:
    for _ in range(2):
        design, web = edits.add(design, "web_server", availability=0.9)
        design = linked(design, f"users-1 {web}")
    found = triples_of(RequirementGraph(design, "recoverable"), "browse")

    assert found is not None
    assert list(triples_words(design, found)) == [
        "Likeliest sets of three, and the share of the time in which all have failed:",
        "1.00e-04  web-1, web-2 and web-3",
    ]


def test_a_part_tells_its_share_worth_and_importance(design: Design) -> None:
    assert list(part_figures(figures(design), "web-1")) == [
        "100.00% of the downtime has it as a cause",
        "If it never failed: 87.6 h → 0.0 min a year",
        "Importance 1: the share of the time in which the flow rests on it",
    ]
    assert list(part_figures(figures(design), "users-1")) == []


@pytest.mark.parametrize(
    ("degrees", "words"),
    [
        ({0: 1}, "It cannot work as drawn"),
        ({1: 2, 2: 5}, "Redundancy degree 1: 1 failure is enough to stop it"),
        ({3: 1}, "Redundancy degree 3: 3 failures at once are enough to stop it"),
        ({}, "Nothing can stop it"),
        (None, "Too entangled to count what stops it"),
    ],
)
def test_the_redundancy_degree_is_told(degrees: dict[int, int] | None, words: str) -> None:
    assert redundancy(estimate(degrees)) == words


def test_both_views_are_given_where_they_differ(design: Design) -> None:
    assert views_of(Analysis(design), "browse").continuity is None
    pair = drawn("cluster", "web_server", "web_server", "cluster")
    pair = edits.join(pair, "cluster-1", ("web-1", "web-2"))
    pair = linked(pair, "users-1 cluster-1")
    pair = edits.set_fields(pair, "cluster-1", mode="active-passive", failover="manual")
    strict = views_of(Analysis(pair), "browse")
    assert strict.continuity is not None
    assert strict.continuity.availability.high > strict.recoverable.availability.high
    idle = linked(drawn("cluster", "web_server"), "users-1 web-1")
    idle = edits.set_fields(idle, "cluster-1", failover="manual")
    assert views_of(Analysis(idle), "browse").continuity is None
