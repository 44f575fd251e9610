"""How a load balancer chooses: the algorithms as pickers, deterministic for a given seed.

They follow HAProxy (Configuration Manual, `balance` and `hash-type`) and, for the order of a
weighted round robin, nginx's smooth one; the same calls give the same choices on every machine.
"""

import math
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import NamedTuple, Protocol

from app.model.errors import DesignError
from app.model.traffic import Algorithm

POINTS = 160  # of each unit of weight on the ring of a consistent hash


class Request(NamedTuple):
    """What a balancer may look at: who asks, and for what."""

    source: str = ""
    uri: str = ""


class Target(NamedTuple):
    """A server to choose from: `weight` is its share beside the others, `slots` what `first` fills.

    A server with no free slot still takes requests into its queue.
    """

    name: str
    weight: int = 1
    slots: int = 1


class Picker(Protocol):
    """Chooses for each request a server."""

    def __call__(self, request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
        """Return one of the live targets, of which there is one at least.

        `busy` says how many requests each has, being served or waiting.
        """
        ...


def picker(algorithm: Algorithm, seed: str = "", *, consistent: bool = False) -> Picker:
    """Return a fresh picker.

    `seed` is for what is chosen by lot, `consistent` for the hashes, which else are map-based. An
    algorithm that nobody has chosen is round robin, as in HAProxy.
    """
    hashing = ConsistentHash if consistent else MappedHash
    made: Mapping[Algorithm, Callable[[], Picker]] = {
        "roundrobin": RoundRobin,
        "static-rr": RoundRobin,
        "unset": RoundRobin,
        "leastconn": lambda: least_connections,
        "source": lambda: hashing(lambda request: request.source),
        "uri": lambda: hashing(lambda request: request.uri),
        "random": lambda: RandomOfTwo(seed),
        "first": lambda: first_available,
    }
    return made[algorithm]()


class RoundRobin:
    """In turn, each as often as its weight says and spread as evenly as can be.

    Before each choice every server gains its weight; the richest is chosen and pays the sum of all
    weights. Source: nginx, `ngx_http_upstream_get_peer`.
    """

    def __init__(self) -> None:
        """Begin with the first server."""
        self._credit: dict[str, int] = {}

    def __call__(self, request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
        """Return the next in turn; one that comes back begins with no credit."""
        self._credit = {
            target.name: self._credit.get(target.name, 0) + target.weight for target in live
        }
        chosen = max(live, key=lambda target: self._credit[target.name])
        self._credit[chosen.name] -= sum(target.weight for target in live)
        return chosen


def least_connections(request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
    """Return the server with the fewest requests for its weight; the first of equals."""
    return min(live, key=lambda target: busy[target.name] / target.weight)


def first_available(request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
    """Return the first server with a free slot, or the least busy where none has one."""
    free = (target for target in live if busy[target.name] < target.slots)
    return next(free, None) or least_connections(request, live, busy)


class RandomOfTwo:
    """Two are drawn by lot, by their weights, and the less busy of them gets the request.

    Source: M. Mitzenmacher, The power of two choices in randomized load balancing (2001).
    """

    def __init__(self, seed: str) -> None:
        """Draw the same for the same seed."""
        self._random = Random(seed)  # noqa: S311  # nothing is kept secret by it

    def __call__(self, request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
        """Return the better of two draws, which may be the same server twice."""
        weights = [target.weight for target in live]
        return least_connections(request, self._random.choices(live, weights, k=2), busy)


class MappedHash:
    """A property of the request decides: its hash modulo the sum of the weights (`map-based`).

    Almost every key moves when a server comes or goes.
    """

    def __init__(self, key: Callable[[Request], str]) -> None:
        """Hash what the key tells of a request."""
        self._key = key

    def __call__(self, request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
        """Return the server of the request's key."""
        slot = hashed(self._key(request)) % sum(target.weight for target in live)
        shares = accumulate(target.weight for target in live)
        return next(target for target, end in zip(live, shares, strict=True) if slot < end)


class ConsistentHash:
    """A property of the request decides: the next point on a ring of hashes (`consistent`).

    Only the keys of a server that goes, or those that a new one takes over, move. Source:
    D. Karger et al., Consistent hashing and random trees (1997).
    """

    def __init__(self, key: Callable[[Request], str]) -> None:
        """Hash what the key tells of a request."""
        self._key = key
        self._rings: dict[tuple[Target, ...], tuple[list[int], list[Target]]] = {}

    def __call__(self, request: Request, live: Sequence[Target], busy: Mapping[str, int]) -> Target:
        """Return the server of the request's key."""
        servers = tuple(live)
        if servers not in self._rings:
            self._rings = {servers: _ring(servers)}  # live servers change seldom
        points, owners = self._rings[servers]
        return owners[bisect(points, hashed(self._key(request))) % len(points)]


def _ring(servers: tuple[Target, ...]) -> tuple[list[int], list[Target]]:
    points = sorted(
        (hashed(f"{target.name}#{number}"), index)
        for index, target in enumerate(servers)
        for number in range(POINTS * target.weight)
    )
    return [point for point, _ in points], [servers[index] for _, index in points]


def hashed(text: str) -> int:
    """Return 64 bits that depend on the text alone, on every machine and in every run."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def moved_share(before: int, after: int, *, consistent: bool = False) -> float:
    """Return the share of keys that change their server when the number of servers changes.

    Map-based: a key stays only where its hash has the same remainder by both numbers, which it
    has for min(n, m) of the least common multiple. Consistent: what it must be, |n − m| / max.

    Raises:
        DesignError: a number is below 1.
    """
    if min(before, after) < 1:
        message = "servers: there must be one at least before and after"
        raise DesignError(message)
    if consistent:
        return abs(after - before) / max(before, after)
    return 1 - min(before, after) / math.lcm(before, after)


def mean_time_of_choices(load: float, choices: int) -> float:
    """Return the mean time in the system, in service times, where d of many servers are asked.

    The fixed point of the supermarket model: the sum of λ^((d^i − d)/(d − 1)) over i ≥ 1, and
    1/(1 − λ) for d = 1. Requests come by chance, service is exponential, queues are infinite;
    `math.inf` from a load of 1 on. Source: M. Mitzenmacher (2001), Theorem 1.

    Raises:
        DesignError: the load is negative or no number, or fewer than one server is asked.
    """
    if not load >= 0 or choices < 1:
        message = "load: must be 0 or more, of one choice or more"
        raise DesignError(message)
    if load >= 1:
        return math.inf
    if choices == 1:
        return 1 / (1 - load)
    total, exponent, step = 0.0, 0.0, float(choices)
    while (term := load**exponent) > 1e-17:  # noqa: PLR2004  # below what a float adds to 1
        total += term
        exponent += step  # (d^(i+1) − d)/(d − 1) is larger than that before by d^i
        step *= choices
    return total
