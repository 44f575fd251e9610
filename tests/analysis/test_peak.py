"""The busiest time: so many of the parts that share a load are needed as can serve it."""

from typing import Any

import pytest

from app.analysis.analysis import Analysis
from app.analysis.cutsets import RequirementGraph
from app.analysis.figure_words import works_in
from app.analysis.figures import views_of
from app.analysis.loads import needed_at_peak
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import databases, drawn, linked, spofs


def pool(rate: float | None, *capacities: float | None) -> Design:
    """Users before web servers with these capacities; browse brings the rate."""
    design = drawn(*["web_server"] * len(capacities))
    for number, able in enumerate(capacities, start=1):
        design = linked(design, f"users-1 web-{number}")
        design = edits.set_fields(design, f"web-{number}", capacity=able)
    return edits.set_fields(design, "browse", requests_per_second=rate)


@pytest.mark.parametrize(
    ("load", "capacities", "needed"),
    [
        (100, (100, 100), 1),
        (101, (100, 100), 2),
        (201, (100, 100), 3),  # more than all can serve
        (100 / 3 * 3.0000000001, (100 / 3,) * 3, 3),  # what only rounding adds needs no fourth
        (150, (100, 200), 2),  # the smaller one alone is too little
        (90, (100, 200), 1),
        (100, (100, None), 0),
        (0, (100, 100), 0),
    ],
)
def test_so_many_are_needed_as_any_of_them_can_serve_the_load_with(
    load: float, capacities: tuple[float | None, ...], needed: int
) -> None:
    design = pool(None, *capacities)
    parts = [f"web-{number}" for number, _ in enumerate(capacities, start=1)]
    assert needed_at_peak(design, {"web-1": load}, parts) == needed


def test_what_is_spare_at_night_is_needed_at_noon() -> None:
    design = pool(140.0, 100.0, 100.0)

    assert spofs(design) == []
    assert spofs(design, view="peak") == ["web-1", "web-2"]
    assert spofs(design, "checkout", "peak") == ["web-1", "web-2"]  # it goes the same way
    assert spofs(edits.set_fields(design, "web-2", capacity=None), view="peak") == []


def test_two_failures_of_three_are_too_many_at_noon() -> None:
    graph = RequirementGraph(pool(140.0, 100.0, 100.0, 100.0), "peak")

    assert graph.spofs("browse") == frozenset()
    assert len(graph.pairs("browse")) == 3


def behind_address(mode: str, **values: Any) -> Design:
    design = drawn("web_server", "web_server")
    design, _ = edits.add(design, "cluster", mode=mode, members=("web-1", "web-2"), **values)
    design = linked(design, "users-1 cluster-1")
    for key in ("web-1", "web-2"):
        design = edits.set_fields(design, key, capacity=100.0)
    return edits.set_fields(design, "browse", requests_per_second=140.0)


def test_members_behind_one_address_share_the_load() -> None:
    assert spofs(behind_address("active-active"), view="peak") == ["web-1", "web-2"]


def test_where_one_serves_alone_its_spare_takes_over_as_ever() -> None:
    design = behind_address("active-passive", failover="manual")
    assert spofs(design, view="peak") == []  # a switch by hand counts

    store = databases(failover="automatic")
    for key in ("db-1", "db-2"):
        store = edits.set_fields(store, key, capacity=10.0)
    store = edits.set_fields(store, "checkout", requests_per_second=15.0)
    assert not RequirementGraph(store, "peak").dead("checkout")


def test_the_view_is_the_usual_one_where_no_more_are_needed() -> None:
    for design in (pool(90.0, 100.0, 100.0), pool(None, 100.0, 100.0), pool(140.0, None, None)):
        analysis = Analysis(design)
        assert analysis.peak is analysis.recoverable
        assert views_of(analysis, "browse").peak is None


def test_a_flow_that_does_not_come_to_the_pool_has_no_view_of_it() -> None:
    design = pool(140.0, 100.0, 100.0)
    design, other = edits.add(design, "client")
    design, far = edits.add(design, "web_server")
    design, _ = edits.connect(design, other, far)
    design = edits.set_fields(design, "checkout", client=other)

    analysis = Analysis(design)
    assert views_of(analysis, "browse").peak is not None
    assert views_of(analysis, "checkout").peak is None


def test_the_view_is_told_in_words() -> None:
    views = views_of(Analysis(pool(140.0, 100.0, 100.0)), "browse")
    assert [works_in(*view) for view in views.differing()] == [
        "At the busiest time: works 99.800% of the time, down 17.5 h a year (assumed)"
    ]
    views = views_of(Analysis(pool(240.0, 100.0, 100.0)), "browse")
    assert [works_in(*view) for view in views.differing()] == [
        "At the busiest time: more comes than all of it can serve"
    ]
