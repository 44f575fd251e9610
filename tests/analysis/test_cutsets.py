"""Cut sets of designs nobody thought of agree with failing the parts one by one."""

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.availability import Availability, availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.minimal_cuts import minimal_cut_sets
from app.model import expressions
from app.model.compute import Service
from app.model.containers import Server
from app.model.design import Design
from app.model.expressions import AtLeast, Need, Requirement
from app.model.links import Flow
from app.model.traffic import Client

PARTS = ("a", "b", "c", "d", "e", "f")
HOSTS = ("h", "i")
NEEDS = st.builds(Need, st.sampled_from((*PARTS, "nowhere")), st.sampled_from(("run", "alive")))


def _gate(items: list[Requirement], count: int) -> Requirement:
    return AtLeast(1 + count % len(items), tuple(items))


REQUIREMENTS: st.SearchStrategy[Requirement] = st.recursive(
    NEEDS,
    lambda inner: st.builds(_gate, st.lists(inner, min_size=1, max_size=3), st.integers(0, 2)),
    max_leaves=4,
)


@st.composite
def networks(draw: st.DrawFn) -> Design:
    """Return a design of parts that need each other in any way, cycles included."""
    figures = st.sampled_from((0.5, 0.9, 0.99, 1.0))
    components: dict[str, Service | Server | Client] = {"users": Client(name="users")}
    for key in HOSTS:
        components[key] = Server(name=key, availability=draw(figures))
    for key in PARTS:
        needs = draw(st.none() | REQUIREMENTS)
        text = "true" if needs is None else expressions.write(needs)
        parent = draw(st.sampled_from((None, *HOSTS)))
        components[key] = Service(
            name=key, availability=draw(figures), parent=parent, requires={"run": text}
        )
    flow = Flow(name="visit", client="users", requires=expressions.write(draw(REQUIREMENTS)))
    return Design(components=components, flows={"visit": flow})


def works(design: Design, down: frozenset[str]) -> bool:
    """Return whether the flow works with these parts down: literally, by rounds from all up."""
    alive = {
        key: key not in down and (item.parent is None or item.parent not in down)
        for key, item in design.components.items()
    }
    running = dict(alive)
    while True:
        after = {
            key: alive[key]
            and ("run" not in item.requires or _holds(item.requires["run"], alive, running))
            for key, item in design.components.items()
        }
        if after == running:
            return _holds(design.flows["visit"].requires, alive, running)
        running = after


def _holds(text: str, alive: Mapping[str, bool], running: Mapping[str, bool]) -> bool:
    def holds(requirement: Requirement) -> bool:
        if isinstance(requirement, Need):
            states = alive if requirement.capability == "alive" else running
            return states.get(requirement.component, False)
        assert isinstance(requirement, AtLeast)
        return sum(map(holds, requirement.items)) >= requirement.count

    return holds(expressions.parse(text))


def fallible(design: Design) -> list[str]:
    """Return the parts that can fail."""
    return [key for key, item in design.components.items() if (item.availability or 1.0) < 1]


@given(networks())
def test_single_points_of_failure_are_the_parts_whose_failure_alone_stops_the_flow(
    design: Design,
) -> None:
    graph = RequirementGraph(design, "recoverable")

    if not works(design, frozenset()):
        assert graph.dead("visit")
        assert graph.spofs("visit") == frozenset()
        return
    expected = {key for key in fallible(design) if not works(design, frozenset((key,)))}
    assert not graph.dead("visit")
    assert graph.spofs("visit") == expected


@given(networks())
def test_pairs_are_two_parts_that_stop_the_flow_together_and_neither_alone(
    design: Design,
) -> None:
    graph = RequirementGraph(design, "recoverable")

    harmless = [key for key in fallible(design) if works(design, frozenset((key,)))]
    expected = {
        frozenset(pair)
        for pair in itertools.combinations(harmless, 2)
        if not works(design, frozenset(pair))
    }
    before = list(graph.masks)
    assert graph.pairs("visit") == expected
    assert graph.masks == before


@given(networks())
def test_unavailability_is_the_sum_over_all_states(design: Design) -> None:
    graph = RequirementGraph(design, "recoverable")

    exact = _by_enumeration(design)
    found = availability_of(graph, "visit")
    bounds = availability_of(graph, "visit", budget=2)
    assert found.exact
    assert found.unavailability == pytest.approx(exact, rel=1e-9, abs=1e-15)
    assert bounds.low <= exact * (1 + 1e-9) + 1e-15
    assert exact <= bounds.high * (1 + 1e-9) + 1e-15


@given(networks())
def test_minimal_cut_sets_stop_the_flow_and_nothing_less_does(design: Design) -> None:
    cuts = minimal_cut_sets(RequirementGraph(design, "recoverable"), "visit")

    expected: list[frozenset[str]] = []
    names = fallible(design)
    for order in range(len(names) + 1):
        for chosen in map(frozenset, itertools.combinations(names, order)):
            if not any(cut <= chosen for cut in expected) and not works(design, chosen):
                expected.append(chosen)
    assert set(cuts.up_to(len(names))) == set(expected)
    assert sum(cuts.by_order.values()) == len(expected)


@given(networks())
def test_importance_is_the_difference_that_a_part_makes(design: Design) -> None:
    found = availability_of(RequirementGraph(design, "recoverable"), "visit")

    for key, importance in found.importance.items():
        with_it = _by_enumeration(design, never=key)
        without = _by_enumeration(design, always=key)
        assert importance == pytest.approx(without - with_it, abs=1e-12)


def _by_enumeration(design: Design, never: str = "", always: str = "") -> float:
    total = 0.0
    figures = {key: design.components[key].availability or 1.0 for key in fallible(design)}
    figures |= {never: 1.0} if never else {}
    figures |= {always: 0.0} if always else {}
    names = [key for key in figures if key]
    for states in itertools.product((True, False), repeat=len(names)):
        chance = 1.0
        for key, up in zip(names, states, strict=True):
            chance *= figures[key] if up else 1 - figures[key]
        down = frozenset(key for key, up in zip(names, states, strict=True) if not up)
        if chance and not works(design, down):
            total += chance
    return total


def test_downtime_is_counted_in_minutes_of_a_year_of_365_days() -> None:
    figure = Availability(0.001, 0.001, {})

    assert figure.downtime_minutes == pytest.approx(525.6)
    assert figure.availability == pytest.approx(0.999)


def test_a_flow_with_more_parts_than_a_diagram_holds_gets_bounds_that_contain_the_truth() -> None:
    parts = {f"part-{number}": Service(name="x", availability=0.999_99) for number in range(400)}
    every = " and ".join(parts)
    flow = Flow(name="visit", client="users", requires=every)
    components: dict[str, Service | Client] = {"users": Client(name="users"), **parts}
    design = Design(components=components, flows={"visit": flow})

    figure = availability_of(RequirementGraph(design, "recoverable"), "visit")

    truth = 1 - 0.999_99**400
    assert not figure.exact
    assert figure.low <= truth <= figure.high * (1 + 1e-9)
    assert figure.high - figure.low < 1e-7
