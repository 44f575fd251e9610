"""The algorithms of a balancer: who gets what, and what moves when a server goes."""

import math
from collections import Counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.balancing import (
    ConsistentHash,
    MappedHash,
    Request,
    Target,
    mean_time_of_choices,
    moved_share,
    picker,
)
from app.model.errors import DesignError
from app.model.traffic import Algorithm

ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)
weights = st.lists(st.integers(1, 9), min_size=1, max_size=6)
THREE = [Target("a"), Target("b"), Target("c")]
IDLE = dict.fromkeys("abc", 0)


def _users(count: int) -> list[Request]:
    return [Request(source=f"10.0.{k // 256}.{k % 256}", uri=f"/page/{k}") for k in range(count)]


@given(weights, st.integers(1, 5))
def test_weighted_round_robin_is_exact_in_every_turn(shares: list[int], turns: int) -> None:
    live = [Target(f"s{k}", weight) for k, weight in enumerate(shares)]
    choose = picker("roundrobin")
    for _ in range(turns):
        found = Counter(choose(Request(), live, {}).name for _ in range(sum(shares)))
        assert found == {target.name: target.weight for target in live}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("consistent", [False, True])
def test_only_live_servers_are_chosen_and_always_the_same(
    algorithm: Algorithm, consistent: bool
) -> None:
    def sequence() -> list[str]:
        choose = picker(algorithm, consistent=consistent)
        live = [THREE, THREE[1:], THREE[2:]]
        return [choose(user, live[k // 20], IDLE).name for k, user in enumerate(_users(60))]

    found = sequence()
    assert found == sequence()
    assert set(found[20:40]) <= {"b", "c"}
    assert set(found[40:]) == {"c"}


def test_the_least_busy_for_its_weight_gets_the_next() -> None:
    choose = picker("leastconn")
    live = [Target("a", 1), Target("b", 4)]
    assert choose(Request(), live, {"a": 1, "b": 3}).name == "b"
    assert choose(Request(), live, {"a": 1, "b": 5}).name == "a"


def test_the_first_with_a_free_slot_gets_the_next() -> None:
    choose = picker("first")
    live = [Target("a", slots=2), Target("b", slots=1)]
    assert choose(Request(), live, {"a": 1, "b": 0}).name == "a"
    assert choose(Request(), live, {"a": 2, "b": 0}).name == "b"
    assert choose(Request(), live, {"a": 3, "b": 2}).name == "b"


@pytest.mark.parametrize("seed", range(5))
def test_of_two_the_busier_is_rarely_chosen(seed: int) -> None:
    choose = picker("random", str(seed))
    live = [Target("a"), Target("b")]
    found = Counter(choose(Request(), live, {"a": 9, "b": 0}).name for _ in range(2000))
    assert 400 < found["a"] < 600  # only where both draws are a: a quarter


def test_a_user_keeps_the_server_and_so_does_a_page() -> None:
    by_user, by_page = picker("source"), picker("uri")
    users = [Request("10.0.0.1", f"/{k}") for k in range(50)]
    pages = [Request(f"10.0.0.{k}", "/home") for k in range(50)]
    assert len({by_user(user, THREE, IDLE) for user in users}) == 1
    assert len({by_user(user, THREE, IDLE) for user in pages}) == 3
    assert len({by_page(user, THREE, IDLE) for user in pages}) == 1
    assert len({by_page(user, THREE, IDLE) for user in users}) == 3


@pytest.mark.parametrize("hashing", [MappedHash, ConsistentHash])
def test_hashes_follow_the_weights(hashing: type[MappedHash] | type[ConsistentHash]) -> None:
    choose = hashing(lambda request: request.source)
    live = [Target("a", 3), Target("b", 1)]
    found = Counter(choose(user, live, {}).name for user in _users(20_000))
    assert found["a"] / 20_000 == pytest.approx(0.75, abs=0.06)


@pytest.mark.parametrize(("before", "after"), [(3, 4), (4, 3), (10, 9), (2, 4)])
def test_as_many_keys_move_as_the_formula_says(before: int, after: int) -> None:
    names = [Target(f"web-{k}") for k in range(max(before, after))]
    users = _users(20_000)
    for hashing, consistent in ((MappedHash, False), (ConsistentHash, True)):
        choose = hashing(lambda request: request.source)
        old = [choose(user, names[:before], {}) for user in users]
        new = [choose(user, names[:after], {}) for user in users]
        moved = sum(a != b for a, b in zip(old, new, strict=True)) / len(users)
        assert moved == pytest.approx(moved_share(before, after, consistent=consistent), abs=0.05)


def test_with_a_consistent_hash_nobody_moves_between_servers_that_stay() -> None:
    choose = ConsistentHash(lambda request: request.source)
    users = _users(3000)
    old = [choose(user, THREE, {}).name for user in users]
    new = [choose(user, THREE[1:], {}).name for user in users]
    assert all(b in ("b", "c") if a == "a" else a == b for a, b in zip(old, new, strict=True))


def test_nothing_moves_where_nothing_changes() -> None:
    assert moved_share(3, 3) == moved_share(3, 3, consistent=True) == 0
    with pytest.raises(DesignError, match="one at least"):
        moved_share(0, 3)


@given(st.floats(0, 0.999), st.integers(1, 5))
def test_another_choice_never_makes_it_slower(load: float, choices: int) -> None:
    fewer, more = (mean_time_of_choices(load, d) for d in (choices, choices + 1))
    assert 1 <= more <= fewer * (1 + 1e-12)


def test_choices_of_an_overloaded_system_take_without_bound() -> None:
    assert mean_time_of_choices(1.0, 2) == math.inf
    for load, choices in ((-0.1, 2), (math.nan, 2), (0.5, 0)):
        with pytest.raises(DesignError, match="load"):
            mean_time_of_choices(load, choices)
