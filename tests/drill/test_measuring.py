"""The arithmetic of an interruption: times in seconds, chosen by hand."""

import pytest

from app.drill.measuring import Sample, Times, figures, interruption, is_down, settled

TIMES = Times(failed=10.0, returned=20.0, over=25.0)


def probes(marks: str, start: float = 8.0, takes: float = 0.1) -> list[Sample]:
    """Samples twice a second: `+` counts, `-` fails, each answered after so many seconds."""
    times = [start + number / 2 for number in range(len(marks))]
    return [
        Sample(time, time + takes, mark == "+", "" if mark == "+" else "503")
        for time, mark in zip(times, marks, strict=True)
    ]


def test_a_flow_that_never_fails_is_up_and_was_not_interrupted() -> None:
    found = figures(probes("+" * 34), TIMES, 0.0)
    assert (found.measured, found.interruption, found.recovery) == ("up", 0.0, 0.0)
    assert found.slowest == 0.1
    assert found.told == ""


@pytest.mark.parametrize(
    ("marks", "seconds"),
    [("++++----" + "+" * 26, 2.0), ("++++-+-+" + "+" * 26, 1.5), ("++++++++-" + "+" * 25, 0.5)],
)
def test_an_interruption_lasts_until_it_works_for_good(marks: str, seconds: float) -> None:
    found = figures(probes(marks), TIMES, allowed=seconds)
    assert (found.measured, found.interruption) == ("up", seconds)
    assert figures(probes(marks), TIMES, allowed=seconds - 0.2).measured == "interrupted"
    assert found.told == "503"


def test_a_request_in_flight_counts_from_the_moment_of_the_failure() -> None:
    samples = [Sample(8.0, 8.0, True), Sample(9.0, 12.0, False), *probes("+" * 20, 10.5)]
    assert figures(samples, TIMES, 1.0).interruption == 0.5


def test_as_long_as_an_answer_takes_anyway_is_no_interruption() -> None:
    samples = probes("++++----" + "+" * 26, takes=0.4)
    assert figures(samples, TIMES, 1.7).measured == "up"
    assert figures(samples, TIMES, 1.5).measured == "interrupted"


def test_what_was_answered_before_the_failure_does_not_count() -> None:
    assert figures(probes("-+++" + "+" * 30), TIMES, 0.0).interruption == 0.0


def test_a_flow_that_stays_away_is_down_until_it_works_after_the_return() -> None:
    found = figures(probes("++++" + "-" * 24 + "++++++"), TIMES, 2.5)
    assert (found.measured, found.interruption, found.recovery) == ("down", 12.0, 2.0)


def test_a_flow_that_is_there_at_once_after_the_return_recovers_in_no_time() -> None:
    found = figures(probes("++++" + "-" * 20 + "+" * 10), TIMES, 2.5)
    assert (found.measured, found.interruption, found.recovery) == ("down", 10.0, 0.0)


def test_a_flow_that_is_hurt_by_the_return_is_interrupted() -> None:
    samples = probes("+" * 26 + "----" + "++++")
    assert figures(samples, TIMES, 1.0).measured == "interrupted"
    found = figures(samples, TIMES, 2.0)
    assert (found.measured, found.interruption, found.recovery) == ("up", 0.0, 3.0)


def test_a_flow_that_never_comes_back_is_interrupted_until_the_end() -> None:
    found = figures(probes("++++" + "-" * 30), TIMES, 2.0)
    assert (found.interruption, found.recovery) == (15.0, 5.0)


def test_probes_that_hang_until_long_after_the_last_was_sent_say_that_it_is_down() -> None:
    hung = probes("++++" + "-" * 6, takes=6.0)
    assert is_down(hung, TIMES)


def test_a_flow_that_answers_now_and_then_is_not_down() -> None:
    assert not is_down(probes("++++" + "-+" * 10), TIMES)
    assert figures(probes("++++" + "-+" * 10), TIMES, 2.0).measured == "interrupted"
    assert not is_down([], TIMES)


def test_nothing_was_seen_is_no_interruption() -> None:
    assert interruption([], 0.0, 9.0) == 0.0


def test_enough_probes_in_a_row_settle_a_state() -> None:
    assert settled(probes("-++++"), "up", 4)
    assert not settled(probes("+++"), "up", 4)
    assert not settled(probes("-++++"), "down", 4)
    assert settled(probes("+----"), "down", 4)
