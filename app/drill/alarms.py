"""Whether the alarm of each part that failed is raised, and how soon."""

import http.client
import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from exporters.deployment import Watcher

PATIENCE = 2.0  # seconds for one answer
_LARGEST_ANSWER = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What was to be told of a failure: the services, and what became of it; seconds.

    `after` is when the last of the alarms was raised; None where one is missing. `held` are those
    of which an alarm held before the failure, which cannot be raised again.
    """

    services: tuple[str, ...]
    within: float
    after: float | None
    missing: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the matrix says of it."""
        if not self.services:
            return "–"
        return "none" if self.after is None else f"{self.after:.1f}"

    @property
    def in_time(self) -> bool:
        """Whether all that was to be told was told, and soon enough."""
        return not self.services or (self.after is not None and self.after <= self.within)


class Alarms:
    """Asks the monitoring servers of a project which alarms have been raised since a failure."""

    def __init__(
        self, watchers: Sequence[Watcher], ports: Mapping[str, int], failed: Collection[str]
    ) -> None:
        """Take who watches and what has just failed; a server that failed itself tells nothing."""
        self._ports = ports
        self._asked = [w for w in watchers if w.service not in failed]
        self._wanted = {
            (watcher.service, part)
            for watcher in self._asked
            for part in watcher.parts
            if part in failed
        }
        self._raised: dict[tuple[str, str], float] = {}
        self._held: tuple[str, ...] = ()
        self.begin()

    def begin(self) -> None:
        """Take what is raised from now on for told of the failure."""
        self._since = time.time()
        self._began = time.monotonic()

    @property
    def within(self) -> float:
        """For how many seconds it may take until all are raised; 0 where none is expected."""
        services = {service for service, _ in self._wanted}
        return float(max((w.within for w in self._asked if w.service in services), default=0))

    def held(self) -> tuple[str, ...]:
        """Return of which parts an alarm holds already, pending or firing; asks for it.

        One from the failure before ends only when its server has measured the part again.
        """
        found = {
            str(alert["labels"]["part"])
            for watcher in self._asked
            for alert in self._about_parts(watcher)
            if (watcher.service, alert["labels"]["part"]) in self._wanted
        }
        self._held = tuple(sorted(found))
        return self._held

    def all_raised(self) -> bool:
        """Whether all that was expected is raised by now; asks for it."""
        for watcher in self._asked:
            missing = {part for name, part in self._missing if name == watcher.service}
            if missing:
                seen = missing.intersection(self._firing(watcher))
                after = time.monotonic() - self._began
                self._raised |= {(watcher.service, part): after for part in seen}
        return not self._missing

    @property
    def _missing(self) -> set[tuple[str, str]]:
        return self._wanted - self._raised.keys()

    def outcome(self, pace: float) -> Alarm:
        """Return what was found; `pace` is the time between two looks, in seconds."""
        missing = tuple(sorted({part for _, part in self._missing}))
        return Alarm(
            services=tuple(sorted({part for _, part in self._wanted})),
            within=self.within + pace,
            after=None if missing else round(max(self._raised.values(), default=0.0), 1),
            missing=missing,
            held=tuple(part for part in self._held if part in missing),
        )

    def _firing(self, watcher: Watcher) -> Iterator[str]:
        """Yield the parts of which an alarm is raised that did not hold before the failure."""
        for alert in self._about_parts(watcher):
            began = datetime.fromisoformat(alert["activeAt"]).timestamp()
            if alert["state"] == "firing" and began >= self._since:
                yield str(alert["labels"]["part"])

    def _about_parts(self, watcher: Watcher) -> Iterator[dict[str, Any]]:
        """Yield the alarms that a server has, pending or firing, about parts that died.

        Source: https://prometheus.io/docs/prometheus/latest/querying/api/#alerts
        """
        for alert in _alerts(self._ports.get(watcher.port.variable, 0)):
            labels = alert["labels"]
            if labels.get("alertname") == watcher.alert and "part" in labels:
                yield alert


def _alerts(port: int) -> list[dict[str, Any]]:
    """Return the alerts that a Prometheus tells of; none where it gives no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/api/v1/alerts")
        with connection.getresponse() as answer:
            found = json.loads(answer.read(_LARGEST_ANSWER))["data"]["alerts"]
        return [a for a in found if {"labels", "activeAt", "state"} <= a.keys()]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return []
    finally:
        connection.close()
