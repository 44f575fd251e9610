"""What the benchmarks measure of a project that starts."""

import pytest

from benchmarks.projects import engine_answers, started

pytestmark = pytest.mark.docker


def test_the_start_and_the_memory_of_a_sample_can_be_measured() -> None:
    assert engine_answers()
    found = started("simple-web-stack")
    assert found["up.simple-web-stack"] > 0
    assert 1 < found["memory.simple-web-stack"] < 4_096
