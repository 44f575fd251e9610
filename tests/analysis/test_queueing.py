"""M/M/c: laws that hold for every queue, and what is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.queueing import UNBOUNDED, Queue
from app.model.errors import DesignError

loads = st.floats(0.01, 0.99)
servers = st.integers(1, 60)


@given(loads, servers, st.floats(0.01, 1e4))
def test_erlang_b_is_the_end_of_the_truncated_poisson_distribution(
    load: float, count: int, rate: float
) -> None:
    offered = load * count
    terms = [math.exp(k * math.log(offered) - math.lgamma(k + 1)) for k in range(count + 1)]
    queue = Queue(offered * rate, rate, count)
    assert queue.blocking == pytest.approx(terms[-1] / math.fsum(terms), rel=1e-9)
    assert queue.blocking <= queue.waiting <= 1


@given(loads, servers)
def test_a_share_of_the_answers_is_as_fast_as_it_says(load: float, count: int) -> None:
    queue = Queue(load * count, 1.0, count)
    for share in (0.5, 0.95, 0.99):
        assert queue.longer_than(queue.response_within(share)) == pytest.approx(1 - share, rel=1e-6)
        assert queue.wait_within(share) <= queue.response_within(share)


@given(loads, st.floats(1e-3, 1e3))
def test_one_server_answers_in_an_exponential_time(load: float, rate: float) -> None:
    """P(T > t) = e^(−(μ − λ)t) for M/M/1."""
    queue = Queue(load * rate, rate)
    spare = rate * (1 - load)
    assert queue.mean_response == pytest.approx(1 / spare, rel=1e-9)
    assert queue.response_within(0.95) == pytest.approx(math.log(20) / spare, rel=1e-6)


def test_the_mean_response_is_the_integral_of_its_tail() -> None:
    queue = Queue(7.0, 2.0, 4)
    step = 0.001
    area = step * math.fsum(queue.longer_than(step * (k + 0.5)) for k in range(60_000))
    assert area == pytest.approx(queue.mean_response, rel=1e-4)


def test_the_tail_is_continuous_where_both_rates_are_equal() -> None:
    equal = Queue(1.0, 1.0, 2)  # cμ − λ = μ
    beside = Queue(1.0 + 1e-6, 1.0, 2)
    assert equal.longer_than(2.0) == pytest.approx(beside.longer_than(2.0), rel=1e-5)


@given(servers, st.floats(1.0, 3.0))
def test_more_work_than_can_be_done_waits_without_bound(count: int, load: float) -> None:
    queue = Queue(load * count, 1.0, count)
    assert queue.overloaded
    assert queue.waiting == queue.longer_than(1e9) == 1
    assert queue.mean_wait == queue.mean_response == UNBOUNDED
    assert queue.wait_within(0.5) == queue.response_within(0.5) == UNBOUNDED
    assert not queue.survives_one_loss


def test_nobody_waits_where_nobody_comes() -> None:
    queue = Queue(0.0, 10.0, 3)
    assert queue.blocking == queue.waiting == queue.mean_wait == queue.wait_within(0.95) == 0
    assert queue.mean_response == 0.1
    assert queue.survives_one_loss


def test_a_thousand_servers_do_not_overflow() -> None:
    queue = Queue(99_000.0, 1.0, 100_000)
    assert 0 < queue.blocking < queue.waiting < 1


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((-1, 1, 1), "arrival rate: -1 is no"),
        ((math.nan, 1, 1), "arrival rate: nan is no"),
        ((math.inf, 1, 1), "arrival rate: inf is no"),
        ((1, 0, 1), "service rate: 0 is no"),
        ((1, math.nan, 1), "service rate: nan is no"),
        ((1, 1, 0), "servers: 0 is not between"),
        ((1, 1, 10**7), "servers: 10000000 is not between"),
        ((1, 1, 1.5), "servers: 1.5 is no whole number"),
        ((1, 1, True), "servers: True is no whole number"),
        ((1e300, 1e-300, 1), "too large beside"),
    ],
)
def test_what_is_no_queue_is_refused(values: tuple[float, float, int], told: str) -> None:
    with pytest.raises(DesignError, match=told):
        Queue(*values)


@pytest.mark.parametrize("share", [0, 1, -0.5, math.nan])
def test_a_share_is_between_none_and_all(share: float) -> None:
    queue = Queue(1, 2)
    for asked in (queue.wait_within, queue.response_within):
        with pytest.raises(DesignError, match="share"):
            asked(share)
