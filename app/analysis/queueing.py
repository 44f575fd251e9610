"""Queues: M/M/c, requests that come by chance and are served by c equal servers.

Sources: A. K. Erlang, Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges (1917); D. Gross et al., Fundamentals of Queueing Theory, section 3.3.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from app.model.errors import DesignError

MOST_SERVERS = 1_000_000
UNBOUNDED = math.inf  # the wait where more work arrives than can be done
_STEPS = 200  # halvings, after which a float cannot be told more precisely


@dataclass(frozen=True)
class Queue:
    """Requests of one common queue in front of equal servers.

    `arrival_rate` and `service_rate` (of one server) are in requests per unit of time, whichever
    it is; times come out in that unit. Requests come independently of each other, the time that
    one takes is exponential, and they are served in order of arrival.

    Raises:
        DesignError: a rate is no number, negative or (of service) zero, or there is no server.
    """

    arrival_rate: float
    service_rate: float
    servers: int = 1

    def __post_init__(self) -> None:
        """Refuse what is no queue."""
        if not math.isfinite(self.arrival_rate) or self.arrival_rate < 0:
            _refuse(f"arrival rate: {self.arrival_rate} is no number of requests, 0 or more")
        if not math.isfinite(self.service_rate) or self.service_rate <= 0:
            _refuse(f"service rate: {self.service_rate} is no number of requests above 0")
        if isinstance(self.servers, bool) or not isinstance(self.servers, int):
            _refuse(f"servers: {self.servers!r} is no whole number")
        if not 1 <= self.servers <= MOST_SERVERS:
            _refuse(f"servers: {self.servers} is not between 1 and {MOST_SERVERS:,}")
        if not math.isfinite(self.offered):
            _refuse("the arrival rate is too large beside the service rate to reckon with")

    @property
    def offered(self) -> float:
        """The work that arrives, a = λ/μ, in erlang: how many servers it would keep busy."""
        return self.arrival_rate / self.service_rate

    @property
    def utilisation(self) -> float:
        """The share of the servers' time that is asked for, a/c; above 1 is too much."""
        return self.offered / self.servers

    @property
    def overloaded(self) -> bool:
        """Whether the queue never ends: as much work arrives as can be done, or more."""
        return self.arrival_rate >= self._fastest

    @property
    def _fastest(self) -> float:
        return self.servers * self.service_rate

    @cached_property
    def blocking(self) -> float:
        """Erlang B: the probability that a request is turned away where nobody may wait.

        By the recursion B(0) = 1, B(k) = a·B(k−1) / (k + a·B(k−1)), which never overflows.
        """
        found = 1.0
        for count in range(1, self.servers + 1):
            found = self.offered * found / (count + self.offered * found)
        return found

    @property
    def waiting(self) -> float:
        """Erlang C: the probability that a request has to wait; 1 when overloaded.

        C = B / (1 − u·(1 − B)), where u is the utilisation.
        """
        if self.overloaded:
            return 1.0
        return self.blocking / (1 - self.utilisation * (1 - self.blocking))

    @property
    def mean_wait(self) -> float:
        """The mean time in the queue, C / (cμ − λ); UNBOUNDED when overloaded."""
        return UNBOUNDED if self.overloaded else self.waiting / self._spare

    @property
    def mean_response(self) -> float:
        """The mean time from arrival to answer, mean wait + 1/μ; UNBOUNDED when overloaded."""
        return self.mean_wait + 1 / self.service_rate

    @property
    def _spare(self) -> float:
        return self._fastest - self.arrival_rate

    def wait_within(self, share: float) -> float:
        """Return the time in the queue that this share of the requests do not exceed.

        ln(C / (1 − share)) / (cμ − λ), and 0 where fewer than that wait at all.

        Raises:
            DesignError: the share is not between 0 and 1.
        """
        _check_share(share)
        if self.overloaded:
            return UNBOUNDED
        return max(0.0, math.log(self.waiting / (1 - share)) / self._spare) if self.waiting else 0.0

    def longer_than(self, time: float) -> float:
        """Return the probability that an answer takes longer than a time.

        The wait is 0 or, with probability C, exponential with the rate θ = cμ − λ, and the
        service exponential with μ: P(T > t) = e^(−μt) + C·μ·(e^(−μt) − e^(−θt)) / (θ − μ).
        """
        if self.overloaded:
            return 1.0
        served = math.exp(-self.service_rate * time)
        rates_apart = (self._spare - self.service_rate) * time
        if abs(rates_apart) < 1e-9:  # noqa: PLR2004  # the limit, where the quotient is 0/0
            return served * (1 + self.waiting * self.service_rate * time)
        both = served * -math.expm1(-rates_apart) * self.service_rate * time / rates_apart
        return min(1.0, served + self.waiting * both)

    def response_within(self, share: float) -> float:
        """Return the time from arrival to answer that this share of the requests do not exceed.

        Raises:
            DesignError: the share is not between 0 and 1.
        """
        _check_share(share)
        if self.overloaded:
            return UNBOUNDED
        low, high = 0.0, self.mean_response
        while self.longer_than(high) > 1 - share:
            low, high = high, 2 * high
        for _ in range(_STEPS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.longer_than(middle) > 1 - share else (low, middle)
        return high

    @property
    def survives_one_loss(self) -> bool:
        """Whether the servers can still do all work when one of them is down (N+1)."""
        return self.servers > 1 and self.arrival_rate < self._fastest - self.service_rate


def _check_share(share: float) -> None:
    if not 0 < share < 1:
        _refuse(f"share: {share} is not between 0 and 1")


def _refuse(why: str) -> None:
    raise DesignError(why)
