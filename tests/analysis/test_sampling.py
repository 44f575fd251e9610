"""Estimates of what cannot be reckoned exactly."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.availability import availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.sampling import LEAST, scenarios, wilson
from app.model.compute import Service
from app.model.design import Design
from app.model.links import Flow
from app.model.traffic import Client
from tests.analysis.test_cutsets import networks

FAILING = (0.5, 0.02, 0.3, 0.1, 0.9, 0.05)


def probability(happened: tuple[bool, ...]) -> float:
    """Return the probability of a state of the events."""
    parts = zip(FAILING, happened, strict=True)
    return math.prod(failure if happens else 1 - failure for failure, happens in parts)


def test_each_event_is_as_frequent_as_it_is_where_three_happen() -> None:
    count = 20_000
    found = scenarios(FAILING, count, 7)
    chosen = [state for state in itertools.product((True, False), repeat=len(FAILING))
              if sum(state) >= LEAST]  # fmt: skip
    whole = sum(map(probability, chosen))
    for number, happens in enumerate(found):
        truth = sum(probability(state) for state in chosen if state[number]) / whole
        spread = math.sqrt(truth * (1 - truth) / count)
        assert happens.bit_count() / count == pytest.approx(truth, abs=5 * spread + 1e-9)


@given(st.lists(st.floats(0.001, 1), min_size=3, max_size=12), st.integers(1, 70), st.integers())
def test_three_happen_in_each_scenario(failing: list[float], count: int, seed: int) -> None:
    found = scenarios(failing, count, seed)
    for scenario in range(count):
        assert sum(happens >> scenario & 1 for happens in found) >= LEAST
    assert all(happens >> count == 0 for happens in found)


def test_a_score_interval_that_is_known() -> None:
    """Ten of a hundred: 0.0552 to 0.1744 (Newcombe 1998, method 3)."""
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=5e-5)
    assert wilson(0, 100)[0] == 0.0
    assert wilson(100, 100)[1] == 1.0


@given(networks())
def test_an_estimate_lies_between_its_bounds_and_is_the_same_twice(design: Design) -> None:
    graph = RequirementGraph(design, "recoverable")
    found = availability_of(graph, "visit", budget=2)
    if found.estimate is None or found.interval is None:
        assert found.exact
        return
    least, most = found.interval
    assert found.low <= least <= found.estimate <= most <= found.high
    assert availability_of(graph, "visit", budget=2) == found
    assert found.unavailability == found.estimate


def test_an_estimate_is_near_the_truth_where_bounds_say_little() -> None:
    """Nine of twelve parts, each down a fifth of the time: mostly three and more fail at once."""
    parts = {f"part-{number}": Service(name="x", availability=0.8) for number in range(12)}
    flow = Flow(name="visit", client="users", requires=f"9 of ({', '.join(parts)})")
    components: dict[str, Service | Client] = {"users": Client(name="users"), **parts}
    design = Design(components=components, flows={"visit": flow})
    graph = RequirementGraph(design, "recoverable")

    truth = availability_of(graph, "visit").unavailability
    found = availability_of(graph, "visit", budget=2)

    assert found.high - found.low > 0.3
    assert found.interval is not None
    assert found.interval[1] - found.interval[0] < 0.02
    assert found.unavailability == pytest.approx(truth, abs=0.01)
