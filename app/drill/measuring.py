"""From single answers to what happened to a flow: pure arithmetic on times in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.drill.experiments import State

Measured = Literal["up", "interrupted", "down"]
TAIL = 3  # the last third of an outage says whether a flow is down


class Sample(NamedTuple):
    """One probe: when it was sent, when its outcome was known, whether it counts, what came."""

    began: float
    ended: float
    good: bool
    told: str = ""


class Times(NamedTuple):
    """When parts were made to fail, when they were brought back, and when all was over."""

    failed: float
    returned: float
    over: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What happened to one flow; seconds.

    `interruption` is while the parts were away, up to where the flow worked for good again;
    `recovery` from the moment at which they were brought back.
    """

    measured: Measured
    interruption: float
    recovery: float
    slowest: float
    told: str  # what came instead of an answer that counts


def figures(samples: Sequence[Sample], times: Times, allowed: float) -> Figures:
    """Return what happened to a flow that may be interrupted for so long at a time.

    As long as an answer took before anything failed comes on top: so slow is the machine itself.
    """
    ordered = sorted(samples)
    allowed += max((s.ended - s.began for s in ordered if s.ended < times.failed), default=0.0)
    outage = [s for s in ordered if s.ended >= times.failed and s.began < times.returned]
    after = [s for s in ordered if times.returned <= s.began < times.over]
    if is_down(outage, times):
        whole = [*outage, *after]
        measured: Measured = "down"
        away = interruption(whole, times.failed, times.over)
        recovery = _works_again(whole, times.over) - times.returned
    else:
        away = interruption(outage, times.failed, times.returned)
        back = interruption(after, times.returned, times.over)
        measured = "up" if max(away, back) <= allowed else "interrupted"
        recovery = _works_again(after, times.over) - times.returned if back else 0.0
    return Figures(
        measured=measured,
        interruption=round(away, 1),
        recovery=round(max(0.0, recovery), 1),
        slowest=round(max((s.ended - s.began for s in outage if s.good), default=0.0), 1),
        told=next((s.told for s in reversed([*outage, *after]) if not s.good), ""),
    )


def interruption(samples: Sequence[Sample], since: float, until: float) -> float:
    """Return the time from the first probe that failed to the first that worked for good.

    Failures with answers between them count as one interruption.
    """
    first = next((max(since, s.began) for s in samples if not s.good), None)
    return 0.0 if first is None else max(0.0, _works_again(samples, until) - first)


def _works_again(samples: Sequence[Sample], until: float) -> float:
    """Return when the first probe after the last failure was sent; the end, where there is none."""
    last = max((number for number, sample in enumerate(samples) if not sample.good), default=-1)
    following = samples[last + 1 :]
    return following[0].began if following else until


def is_down(outage: Sequence[Sample], times: Times) -> bool:
    """Whether a flow had stopped and not come back by itself: nothing worked at the end."""
    if not outage:
        return False
    end = outage[-1].began
    since = end - (end - times.failed) / TAIL
    return not any(sample.good for sample in outage if sample.began >= since)


def settled(samples: Sequence[Sample], expected: State, count: int) -> bool:
    """Whether the last so many probes all say what was expected."""
    last = sorted(samples)[-count:]
    return len(last) == count and all(sample.good == (expected == "up") for sample in last)
