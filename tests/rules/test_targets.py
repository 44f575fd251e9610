"""Targets: sets of edits that reach an availability, checked against the design from scratch."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import pytest

import sample_designs
from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.model import edits
from app.model.design import Design
from app.model.edits import Edit
from app.model.errors import DesignError
from app.model.links import Waiver
from app.rules import catalogue, redundancy, targets
from app.rules.fixes import PREVIEW_BUDGET, compare
from app.rules.registry import SEVERITIES, Finding, Fix, Problem, Rule, Severity
from app.rules.target_words import limit_words, result_words
from app.rules.targets import Answer, Point, Target, reach
from app.storage.codec import dump, load
from tests.rules.drawing import Drawing

SAMPLES = [item.name for item in sample_designs.SAMPLES if item.name != "empty"]
SEED = "distributed-web-infrastructure"
BOTH = ("browse", "checkout")
FEW = 40  # combinations: enough for a front, and soon done
ASKED = {
    "three nines": Target(BOTH, unavailability=1e-3),
    "four nines to browse": Target(("browse",), unavailability=1e-4),
    "six parts": Target(BOTH, parts=6),
}
CASES = [(sample, asked) for sample in SAMPLES for asked in ASKED]


@cache
def sample(name: str) -> Design:
    return load(sample_designs.read(name))


@cache
def answer(name: str, asked: str) -> Answer:
    return reach(sample(name), ASKED[asked], most=FEW)


def points(found: Answer) -> list[Point]:
    """All that is shown of an answer."""
    return [*found.front, *([found.best] if found.best and not found.front else [])]


def measure(point: Point, flows: tuple[str, ...]) -> tuple[tuple[int, int], tuple[float, float]]:
    """Cost and downtime, worked out from the two designs alone."""
    graph = Analysis(point.proof.after).recoverable
    down = [availability_of(graph, flow, PREVIEW_BUDGET).unavailability for flow in flows]
    return (point.parts, point.links), (max(down), sum(down))


def worst(findings: tuple[Finding, ...]) -> int:
    places = (SEVERITIES.index(item.rule.severity) for item in findings)
    return min(places, default=len(SEVERITIES))


@pytest.mark.parametrize(("name", "asked"), CASES)
def test_no_point_of_a_front_beats_another_and_each_keeps_to_the_target(
    name: str, asked: str
) -> None:
    found, target = answer(name, asked), ASKED[asked]
    measures = [measure(point, target.flows) for point in found.front]

    for (cost, down), (more, less) in pairwise(measures):
        assert cost < more
        assert down > less
    if target.unavailability is not None:
        assert all(down[0] <= target.unavailability for _, down in measures)
    else:
        assert all(parts <= (target.parts or 0) for (parts, _), _ in measures)
    assert found.front or found.best is None or target.unavailability is not None


@pytest.mark.parametrize(("name", "asked"), CASES)
def test_every_point_is_what_a_check_from_scratch_says(name: str, asked: str) -> None:
    before = sample(name)
    for point in points(answer(name, asked)):
        again = compare(before, load(dump(point.proof.after)))
        told = point.proof

        assert point.steps
        assert [item.key for item in again.gone] == [item.key for item in told.gone]
        assert [item.key for item in again.come] == [item.key for item in told.come]
        assert again.downtime == told.downtime
        assert again.continuity == told.continuity
        assert again.parts.added == told.parts.added
        assert again.links.added == told.links.added
        spofs = Analysis(point.proof.after).spofs
        assert set(point.single) == {key for flow in ASKED[asked].flows for key in spofs[flow]}


@pytest.mark.parametrize(("name", "asked"), CASES)
def test_nothing_comes_that_is_as_bad_as_what_goes_and_no_flow_gets_worse(
    name: str, asked: str
) -> None:
    for point in points(answer(name, asked)):
        assert not point.proof.come or worst(point.proof.come) > worst(point.proof.gone)
        for change in point.proof.downtime.values():
            assert change.after.unavailability <= change.before.unavailability * (1 + 1e-9)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_question_has_the_same_answer(name: str) -> None:
    again = reach(load(sample_designs.read(name)), ASKED["three nines"], most=FEW)
    before = answer(name, "three nines")

    assert [point.steps for point in again.front] == [point.steps for point in before.front]
    for one, other in zip(again.front, before.front, strict=True):
        assert dump(one.proof.after) == dump(other.proof.after)
    assert (again.limits, again.tried) == (before.limits, before.tried)


# --- what is found --------------------------------------------------------------------------


def titles(point: Point) -> list[str]:
    return [str(step) for step in point.steps]


def test_the_seed_reaches_three_nines_with_three_parts() -> None:
    found = reach(sample(SEED), ASKED["three nines"])

    assert titles(found.front[0]) == [
        "Let a replica take over automatically (db-1)",
        "Add a standby that takes over its address (lb)",
    ]
    assert titles(found.front[1])[1] == "Add a second load balancer (lb)"
    assert [(point.parts, point.links) for point in found.front[:2]] == [(3, 2), (3, 3)]
    assert found.front[0].single == ()
    assert found.front[0].steps[0].finding == "SPOF005@db-1"
    assert found.exhausted
    assert not found.reached_already


def test_four_nines_of_the_seed_are_limited_by_the_failover() -> None:
    found = reach(sample(SEED), Target(BOTH, unavailability=1e-4))

    assert found.front == ()
    assert found.best is not None
    assert [event for event, _ in found.limits] == ["mariadb.cover", "db-1", "server-1"]
    assert found.limits[0][1] > 0.9
    left = found.best.proof.downtime["checkout"].after.unavailability
    assert left == pytest.approx(1.41e-4, rel=0.01)


def test_four_nines_to_browse_the_seed_take_one_edit() -> None:
    found = answer(SEED, "four nines to browse")
    assert titles(found.front[0]) == ["Add a standby that takes over its address (lb)"]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_can_browse_for_three_nines(name: str) -> None:
    found = reach(sample(name), Target(("browse",), unavailability=1e-3), most=100)
    assert found.front or found.reached_already


def test_a_flow_that_is_there_already_is_left_alone() -> None:
    found = reach(sample("two-of-everything"), Target(BOTH, unavailability=1e-3))

    assert found.reached_already
    assert (found.front, found.best, found.tried, found.exhausted) == ((), None, 0, True)


def test_of_two_flows_one_may_be_there_already() -> None:
    found = reach(sample(SEED), Target(BOTH, unavailability=2e-3))

    assert found.reached("browse")
    assert not found.reached("checkout")
    assert titles(found.front[0]) == ["Let a replica take over automatically (db-1)"]


def test_edits_that_add_nothing_are_made_where_no_part_may_be_added() -> None:
    found = reach(sample(SEED), Target(BOTH, parts=0))

    assert titles(found.front[0]) == ["Let a replica take over automatically (db-1)"]
    assert {point.parts for point in found.front} == {0}


def test_the_front_is_that_of_all_combinations() -> None:
    """Tried one after the other, without any order or memory of what was tried."""
    design, target = sample("simple-web-stack"), Target(("checkout",), parts=6)
    search = targets._Search(design, target, None, 1, lambda *_: None)

    def all_from(node: targets._Node) -> Iterator[targets._Node]:
        yield node
        for step, fix in targets._edits(node):
            after = search._after(node, step, fix)
            if after is not None and after.fits:
                yield from all_from(after)

    measures = {(node.cost, search._down(node)) for node in all_from(search.start)}
    best = {
        (cost, down)
        for cost, down in measures
        if not any(
            less <= cost and shorter <= down and (less, shorter) != (cost, down)
            for less, shorter in measures
        )
    }
    found = reach(design, target)

    assert found.exhausted
    told = {(point.parts, point.links) for point in found.front}
    assert told == {cost for cost, _ in best} - {(0, 0)}


def test_no_more_is_tried_than_was_allowed_and_then_nothing_is_claimed() -> None:
    heard: list[tuple[int, int]] = []
    found = reach(sample(SEED), ASKED["three nines"], most=5, tell=lambda *told: heard.append(told))

    assert (found.tried, found.exhausted) == (5, False)
    assert heard == [(number, 5) for number in range(1, 6)]


def test_the_search_ends_when_the_listener_has_enough() -> None:
    heard: list[int] = []

    def stop(tried: int, _: int) -> None:
        heard.append(tried)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        reach(sample(SEED), ASKED["three nines"], tell=stop)
    assert heard == [1]


def test_what_is_waived_stays() -> None:
    design = edits.waive(sample(SEED), "SPOF004@lb", Waiver(reason="It is a demo"))
    found = reach(design, ASKED["four nines to browse"])

    assert found.front == ()
    assert found.limits[0][0] == "server-0"


def test_a_flow_that_cannot_work_at_all_has_no_way_and_no_limit() -> None:
    drawing = Drawing()
    found = reach(drawing.design, Target(("browse",), unavailability=0.01))

    assert (found.front, found.best, found.limits, found.exhausted) == ((), None, (), True)
    assert "Nobody can browse as drawn." in result_words(drawing.design, found)


def test_a_provider_is_named_as_the_limit() -> None:
    drawing = Drawing()
    web = drawing.on(None, "web_server")[0]
    pay = drawing.part("service", external=True, availability=0.99)
    drawing.link(drawing.users, web)
    drawing.link(web, pay)
    design = edits.waive(drawing.design, f"SPOF015@{pay}", Waiver(reason="Nobody else does it"))
    design = edits.set_rule(design, "SPOF020", off=True)
    found = reach(design, Target(("browse",), unavailability=1e-3))

    assert found.front == ()
    assert found.best is not None
    assert found.limits[0][0] == pay
    assert "service-1, which a provider runs (100%)." in limit_words(design, found)


# --- what may be an edit --------------------------------------------------------------------


def ruled(*fixes: Fix, brings: Severity | None = None) -> list[Rule]:
    """A rule that offers fixes in every design, and one that dislikes what is new in the seed."""
    known = set(sample(SEED).components)

    def offer(analysis: Analysis) -> Iterator[Problem]:
        yield Problem((), "There are edits.", fixes=fixes)

    def dislike(analysis: Analysis) -> Iterator[Problem]:
        if not known.issuperset(analysis.design.components):
            yield Problem((), "Something is new.")

    like = catalogue.all_rules()["SPOF004"]
    rules = [replace(like, id="TST001", name="offer", check=offer, severity="medium")]
    if brings:
        rules.append(replace(like, id="TST002", name="dislike", check=dislike, severity=brings))
    return rules


def found_with(*fixes: Fix, brings: Severity | None = None) -> list[list[str]]:
    answer = reach(sample(SEED), Target(BOTH, parts=9), ruled(*fixes, brings=brings), most=FEW)
    return [
        [step.title for step in point.steps if step.title in {fix.title for fix in fixes}]
        for point in answer.front
    ]


SECOND = Fix("Second", partial(redundancy.duplicate, component_id="lb"))


def refuse(design: Design) -> Design:
    raise DesignError("not this")


def without_checkout(design: Design) -> Design:
    return edits.remove(redundancy.duplicate(design, "lb"), ("checkout",))


def worse_to_write(design: Design) -> Design:
    """A second balancer, and a database that fails more often when it is written to."""
    return edits.set_fields(redundancy.duplicate(design, "lb"), "db-1", availability=0.9)


def test_an_edit_that_brings_nothing_may_be_made() -> None:
    assert ["Second"] in found_with(SECOND)


@pytest.mark.parametrize("edit", [refuse, without_checkout, worse_to_write])
def test_an_edit_that_fails_or_costs_a_flow_something_is_left_out(
    edit: Edit,
) -> None:
    assert ["Bad"] not in found_with(Fix("Bad", edit))


def test_an_edit_is_left_out_that_brings_what_is_as_bad_as_anything_it_removes() -> None:
    assert all("Second" not in steps for steps in found_with(SECOND, brings="info"))
    assert all("Second" not in steps for steps in found_with(SECOND, brings="high"))
