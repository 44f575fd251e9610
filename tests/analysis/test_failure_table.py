"""The table of failures says what asking for each of them by itself says."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis import failure_table as tables
from app.analysis.analysis import Analysis
from app.analysis.cutsets import RequirementGraph
from app.analysis.failure_table import (
    Failure,
    FailureTable,
    PairCount,
    failure_of,
    failure_table,
)
from app.analysis.failure_words import failed_words, hours_words, kind_words, notes, outcome_words
from app.analysis.what_if import outcomes, with_contents
from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.analysis.test_requirements import databases, drawn, linked
from tests.strategies import designs

RANKS = ("up", "degraded", "by hand", "down")


def sample(name: str) -> Analysis:
    return Analysis(load(read(name)))


def rank(failure: Failure, flow: str) -> int:
    return RANKS.index(failure.states[flow])


def asked(analysis: Analysis, failure: Failure) -> dict[str, str]:
    """What asking for this one failure says, in both views."""
    design = analysis.design
    links = frozenset(failure.failed) & design.links.keys()
    continuity = RequirementGraph(design, "continuity", links)
    stopped = continuity.down_when(with_contents(design, failure.failed))
    told: dict[str, str] = {}
    for flow, outcome in outcomes(analysis, failure.failed).items():
        by_hand = outcome.state != "down" and flow in stopped
        told[flow] = "by hand" if by_hand else outcome.state
    return told


def check_all(analysis: Analysis, *, links: bool) -> None:
    """Hold every single failure and every pair of a design against asking for it."""
    table = failure_table(analysis, links=links, pairs=True)
    for failure in table.failures:
        assert dict(failure.states) == asked(analysis, failure)
        assert failure_of(analysis, failure.failed) == failure
    alone = {row.failed[0]: row for row in table.failures if len(row.failed) == 1}
    pairs = {row.failed for row in table.failures if len(row.failed) == 2}
    worse = set()
    for pair in combinations(sorted(alone), 2):
        both = failure_of(analysis, pair)
        worst = {flow: max(rank(alone[key], flow) for key in pair) for flow in both.states}
        if any(rank(both, flow) > worst[flow] for flow in both.states):
            worse.add(pair)
    assert pairs == worse
    assert table.pairs is not None
    count = len(alone) * (len(alone) - 1) // 2
    assert table.pairs == PairCount(count, count, len(worse), len(worse))
    orders = [failure.order for failure in table.failures]
    assert orders == sorted(orders)


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_each_row_says_what_asking_for_it_says(name: str) -> None:
    check_all(sample(name), links=False)


def test_links_fail_too_where_they_are_asked_for() -> None:
    analysis = sample("simple-web-stack")
    check_all(analysis, links=True)
    told = {row.failed for row in failure_table(analysis, links=True).failures}
    traffic = {key for key, link in analysis.design.links.items() if link.is_traffic}
    assert {(key,) for key in traffic} <= told
    assert not {(key,) for key in traffic} & {
        row.failed for row in failure_table(analysis).failures
    }


@given(designs(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_same_holds_for_designs_nobody_thought_of(design: Design, links: bool) -> None:
    check_all(Analysis(design), links=links)


def test_a_flow_may_feel_only_one_of_a_pair_that_stops_another() -> None:
    design = drawn("web_server", "web_server", "web_server", "client")
    design = linked(design, "users-1 web-1", "users-1 web-2", "users-2 web-1", "users-2 web-3")
    design, other = edits.add_flow(design, "users-2", "elsewhere")
    analysis = Analysis(design)
    check_all(analysis, links=False)
    rows = {row.failed: row for row in failure_table(analysis, pairs=True).failures}
    assert rows["web-1", "web-2"].states[other] == "degraded"
    assert rows["web-1", "web-2"].states["browse"] == "down"


def test_a_failover_by_hand_is_told_apart(databases_by_hand: Analysis) -> None:
    [primary] = [
        row for row in failure_table(databases_by_hand).failures if row.failed == ("db-1",)
    ]
    assert primary.states["checkout"] == "by hand"
    assert (primary.harm.down, primary.harm.by_hand) == (0, 1)
    told = outcome_words(databases_by_hand.design, primary)
    assert "checkout down until someone switches by hand" in told


@pytest.fixture
def databases_by_hand() -> Analysis:
    """A primary and its replica, and a person who switches."""
    return Analysis(databases(failover="manual"))


def test_users_notes_and_empty_zones_cannot_fail_and_a_zone_takes_its_parts_along() -> None:
    design = drawn("web_server", "zone", "zone", "note")
    design = edits.nest(linked(design, "users-1 web-1"), ("web-1",), "zone-1")
    rows = failure_table(Analysis(design)).failures
    assert [row.failed for row in rows] == [("web-1",), ("zone-1",)]
    assert [row.states["browse"] for row in rows] == ["down", "down"]
    assert (rows[1].share, hours_words(rows[1])) == (0.0, "0")


def test_a_flow_that_cannot_work_as_drawn_counts_nowhere() -> None:
    analysis = Analysis(drawn("web_server"))
    table = failure_table(analysis, pairs=True)
    assert [row.harm[:3] for row in table.failures] == [(0, 0, 0)]
    assert set(table.failures[0].states.values()) == {"down"}
    assert "Counted nowhere, since it cannot work as drawn: browse and checkout." in notes(table)


def two_webs(count: int = 2) -> Analysis:
    design = linked(
        drawn(*["web_server"] * count), *(f"users-1 web-{number + 1}" for number in range(count))
    )
    return Analysis(design)


def test_the_work_is_told_and_ends_when_the_listener_raises() -> None:
    told: list[tuple[int, int]] = []
    failure_table(two_webs(), pairs=True, tell=lambda *step: told.append(step))
    assert told == [(2, 2)]

    def stop(*_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        failure_table(two_webs(), pairs=True, tell=stop)


def test_many_parts_are_paired_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = failure_table(sample("two-of-everything"), pairs=True)
    for widest in (1, 64, 100):
        monkeypatch.setattr(tables, "WIDEST", widest)
        assert failure_table(sample("two-of-everything"), pairs=True).failures == whole.failures


def test_limits_are_kept_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = failure_table(sample("two-of-everything"), pairs=True)
    assert whole.pairs is not None
    monkeypatch.setattr(tables, "MOST_PAIRS", 5)
    table = failure_table(sample("two-of-everything"), pairs=True)
    worst = [row for row in whole.failures if len(row.failed) == 2][:5]
    assert [row for row in table.failures if len(row.failed) == 2] == worst
    told = f"{whole.pairs.worse} do more harm together than apart; the 5 worst are told."
    assert list(notes(table)) == [f"Looked at {whole.pairs.looked_at:,} pairs: {told}"]
    monkeypatch.setattr(tables, "MOST_PARTS", 2)
    found = failure_table(two_webs(4), pairs=True)
    assert found.pairs == PairCount(6, 1, 0, 0)
    assert list(notes(found)) == ["Looked at 1 of 6 pairs: 0 do more harm together than apart."]


def test_one_worse_pair_is_told_as_one() -> None:
    assert list(notes(failure_table(two_webs(), pairs=True))) == [
        "Looked at 1 pair: 1 does more harm together than apart."
    ]


def test_one_pass_answers_for_all_single_failures() -> None:
    passes: list[int] = []
    analysis = two_webs(40)
    graph = analysis.recoverable

    class Counted:
        def __getattr__(self, name: str) -> Any:
            if name == "down_in":
                passes.append(1)
            return getattr(graph, name)

    analysis.__dict__["recoverable"] = Counted()
    failure_table(analysis)
    assert len(passes) == 1


def test_failures_in_words() -> None:
    design = edits.set_fields(
        two_webs().design, "web-2", name="Shop", mtbf_hours=1000.0, mttr_hours=1.0
    )
    analysis = Analysis(design)
    [pair] = [row for row in failure_table(analysis, pairs=True).failures if len(row.failed) == 2]
    assert failed_words(design, pair) == "web-1 and Shop (web-2)"
    assert kind_words(design, pair) == "Web server and Web server"
    assert outcome_words(design, pair) == "browse down, checkout down"
    assert hours_words(pair) == "0.0088"
    one = failure_of(analysis, ("web-2",))
    assert hours_words(one) == "8.8"
    link = failure_of(analysis, ("link-2", "web-1"))
    assert failed_words(design, link) == "users-1 → Shop (link-2) and web-1"
    assert kind_words(design, link) == "Link and Web server"
    assert (link.share, hours_words(link)) == (None, "")
    assert outcome_words(design, failure_of(analysis, ())) == "nothing changes"
    assert list(notes(FailureTable(Analysis(Design()), ()))) == [
        "There are no flows: nobody uses this yet."
    ]
