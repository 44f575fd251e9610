"""An estimate where the exact figure is out of reach: scenarios drawn by chance, one to a bit.

Up to two failures at a time are reckoned exactly elsewhere; what remains is how often three and
more at once stop a flow. Scenarios are drawn from those alone (stratified sampling), so that a
small number of them says much although three failures at once are rare.
"""

import math
from collections.abc import Iterator, Sequence
from random import Random

from app.analysis.cutsets import RequirementGraph

LEAST = 3  # failures in each scenario
SCENARIOS = 20_000
SEED = 1  # the same design gets the same estimate
Z95 = 1.959963984540054  # the 97.5 % quantile of the normal distribution


def share_down(
    graph: RequirementGraph, flow_id: str, failing: dict[str, float], count: int = SCENARIOS
) -> tuple[float, tuple[float, float]]:
    """Return how often a flow is down given that at least three events happen, and its interval.

    `failing` has the probability of each event that the flow rests on. The interval covers the
    truth in 95 of 100 cases (Wilson 1927, score interval).
    """
    drawn = dict(zip(failing, scenarios(tuple(failing.values()), count, SEED), strict=True))
    down = graph.down_in(drawn, count)[flow_id]
    return down.bit_count() / count, wilson(down.bit_count(), count)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share of which `hits` of `count` were seen."""
    seen, square = hits / count, Z95**2
    middle = (seen + square / (2 * count)) / (1 + square / count)
    spread = math.sqrt(seen * (1 - seen) / count + square / (4 * count**2))
    reach = Z95 * spread / (1 + square / count)
    return middle - reach if hits else 0.0, middle + reach if hits < count else 1.0


def scenarios(failing: Sequence[float], count: int, seed: int) -> list[int]:
    """Return for each event the scenarios in which it happens, as bits of an integer.

    In every scenario at least three events happen; there have to be as many that can. Event after
    event is decided by its probability given how many are still needed of those that follow.
    """
    random = Random(seed)  # noqa: S311  # chance, not secrecy
    tails = _tails(failing)
    waiting: list[list[int]] = [[] for _ in range(LEAST)] + [list(range(count))]
    found = []
    for number, failure in enumerate(failing):
        happens = bytearray(count // 8 + 1)
        for need, group in enumerate(waiting):  # the next group is filled only after its turn
            fewer = max(need - 1, 0)
            sure = tails[number][need]
            chance = failure * tails[number + 1][fewer] / sure if sure else 0.0
            for place in reversed(list(_chosen(len(group), chance, random))):
                scenario = group[place]
                happens[scenario // 8] |= 1 << scenario % 8
                if need:
                    group[place] = group[-1]
                    group.pop()
                    waiting[fewer].append(scenario)
        found.append(int.from_bytes(happens, "little"))
    return found


def _tails(failing: Sequence[float]) -> list[list[float]]:
    """Return for each event the probability of 0, 1, 2, 3 and more among it and those after it."""
    tails = [[1.0] + [0.0] * LEAST]
    for failure in reversed(failing):
        later = tails[-1]
        tails.append(
            [1.0]
            + [
                failure * later[need - 1] + (1 - failure) * later[need]
                for need in range(1, LEAST + 1)
            ]
        )
    return tails[::-1]


def _chosen(size: int, chance: float, random: Random) -> Iterator[int]:
    """Yield the places of a list that are chosen, each by this chance, without asking each."""
    if chance >= 1:
        yield from range(size)
        return
    if chance <= 0:
        return
    scale = math.log1p(-chance)
    place = int(math.log(1 - random.random()) / scale)
    while place < size:
        yield place
        place += 1 + int(math.log(1 - random.random()) / scale)
