"""What fails all members of a cluster at once."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import described, failure_probability, failures_per_hour
from app.analysis.figures import figures_of
from app.analysis.minimal_cuts import minimal_cut_sets
from app.analysis.what_if import outcomes
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import drawn, linked


def pair(beta: float) -> Design:
    """Return users in front of a cluster of two web servers, each down a tenth of the time."""
    design = drawn("web_server", "web_server", "cluster")
    design = edits.set_fields(
        design, "cluster-1", members=("web-1", "web-2"), common_cause=beta, availability=1.0
    )
    for web in ("web-1", "web-2"):
        design = edits.set_fields(design, web, mtbf_hours=900.0, mttr_hours=100.0)
    return linked(design, "users-1 cluster-1")


def test_three_trains_of_valves_and_pumps_agree_with_the_published_figure() -> None:
    """SCRAM 0.16 gives 0.04308 for q = 0.1 and beta = 0.2, and 0.00686 without common cause."""
    design = drawn(*["service"] * 9, "cluster", "cluster")
    parts = [f"service-{number}" for number in range(1, 10)]
    for part in parts:
        design = edits.set_fields(design, part, availability=0.9)
    valves, pumps, trains = parts[:3], parts[3:6], parts[6:]
    for cluster, members in (("cluster-1", valves), ("cluster-2", pumps)):
        design = edits.set_fields(design, cluster, members=tuple(members), common_cause=0.2)
    for train, valve, pump in zip(trains, valves, pumps, strict=True):
        words = {"run": f"{valve}.alive and {pump}.alive"}
        design = edits.set_fields(design, train, availability=1.0, requires=words)
    any_train = " or ".join(f"{train}.run" for train in trains)
    design = edits.set_fields(design, "browse", requires=any_train)

    graph = RequirementGraph(design, "recoverable")
    assert availability_of(graph, "browse").unavailability == pytest.approx(
        0.0430803730612224, rel=1e-9
    )
    assert minimal_cut_sets(graph, "browse").by_order == {1: 2, 3: 8}


@pytest.mark.parametrize("beta", [0.0, 0.25, 1.0])
def test_a_member_fails_as_often_as_before(beta: float) -> None:
    """The common cause takes its share from the failures of a member and adds none."""
    design = pair(beta)
    alone, shared = failure_probability(design, "web-1"), 0.1 * beta
    assert alone + shared == pytest.approx(0.1)
    if beta:
        assert failure_probability(design, "cluster-1.common") == pytest.approx(shared)


def test_without_a_share_there_is_no_such_event() -> None:
    assert "cluster-1.common" not in RequirementGraph(pair(0.0), "recoverable").events
    perfect = pair(0.5)
    for web in ("web-1", "web-2"):
        perfect = edits.set_fields(perfect, web, availability=1.0)
    assert "cluster-1.common" not in RequirementGraph(perfect, "recoverable").events


def test_members_that_differ_share_the_worst_of_their_figures() -> None:
    design = edits.set_fields(pair(0.5), "web-2", mtbf_hours=None, mttr_hours=None)
    design = edits.set_fields(design, "web-2", availability=0.99)
    assert failure_probability(design, "cluster-1.common") == pytest.approx(0.05)
    graph = RequirementGraph(design, "recoverable")
    assert availability_of(graph, "browse").outages_per_year is None  # web-2 has no MTBF


def test_outages_of_the_common_cause_are_counted() -> None:
    """Both at once: beta / MTBF. One after the other: twice (1 - beta) / MTBF times the rest."""
    beta, mtbf = 0.2, 900.0
    found = availability_of(RequirementGraph(pair(beta), "recoverable"), "browse")
    alone, shared = 0.1 * (1 - beta), 0.1 * beta
    at_once = (1 - alone**2) * (1 - shared) * beta / mtbf
    in_turn = 2 * alone * (1 - shared) * (1 - alone) * (1 - beta) / mtbf
    assert found.unavailability == pytest.approx(1 - (1 - shared) * (1 - alone**2))
    assert found.outages_per_year == pytest.approx(8760 * (at_once + in_turn))


def test_it_is_no_part_that_could_have_a_second() -> None:
    analysis = Analysis(pair(0.2))
    assert analysis.spofs == {"browse": frozenset(), "checkout": frozenset()}
    figures = figures_of(analysis.recoverable, "browse")
    assert figures.spofs == ("cluster-1.common",)
    assert figures.degree == 1
    after = outcomes(analysis, ("web-1",))["browse"]
    assert (after.state, after.exposed) == ("degraded", frozenset({"web-2"}))


def test_nor_is_it_one_where_a_person_has_to_switch() -> None:
    design = edits.set_fields(pair(0.2), "cluster-1", mode="active-passive", failover="manual")
    assert Analysis(design).continuity_spofs["browse"] == frozenset({"web-1"})


def test_events_in_words() -> None:
    told = [described(f"db{kind}", "orders") for kind in ("", ".cover", ".common")]
    assert told == ["orders", "the failover of orders", "the common cause of orders"]


def test_a_switch_fails_only_when_it_is_needed() -> None:
    assert failures_per_hour(pair(0.2), "cluster-1.cover") == 0.0
