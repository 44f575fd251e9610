"""What one way of measuring consists of: an exporter where one is needed, its jobs and alarms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from exporters.deployment import Service
from exporters.images import Image
from exporters.plan.draft import Part
from exporters.programs import Alert, Case, Job, Panel, Series


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How it is known of parts whether they work: a metric of some jobs that is 1 or 0.

    `singly` when each part is a target: one that is silent for too long has no such metric, and
    shows by not being scraped.
    """

    metric: str
    jobs: tuple[str, ...]
    parts: tuple[str, ...]
    singly: bool = True

    @property
    def expression(self) -> str:
        """What selects it for all parts."""
        metrics = dict.fromkeys((self.metric, "up") if self.singly else (self.metric,))
        return " or ".join(f"{metric}{{{among('job', self.jobs)}}}" for metric in metrics)

    def cases(self) -> Iterator[Case]:
        """Yield the failure of each part."""
        for part in self.parts:
            selector = f'{self.metric}{{job="{self.jobs[0]}",part="{part}"}}'
            yield Case(series=(Series(selector=selector),), labels=(("part", part),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One way of measuring: the exporter where one is needed, its jobs and alarms.

    `collector` is the service that asks `targets`; empty where Prometheus asks them itself.
    `panels` are about the targets.
    """

    part: Part = field(default_factory=Part)
    collector: str = ""
    targets: frozenset[str] = frozenset()
    jobs: tuple[Job, ...] = ()
    state: State | None = None
    alerts: tuple[Alert, ...] = ()
    panels: tuple[Panel, ...] = ()


def among(label: str, values: Sequence[str]) -> str:
    """Return what selects the series whose label has one of some values: slugs, or with dots."""
    if len(values) == 1:
        return f'{label}="{values[0]}"'
    found = "|".join(sorted(values)).replace(
        ".", "[.]"
    )  # a class, for a backslash is one of the string
    return f'{label}=~"{found}"'


def names(services: Sequence[Service], *roles: str, image: Image | None = None) -> tuple[str, ...]:
    """Return the names of the services that have one of these roles, and the image if one is."""
    return tuple(
        service.name
        for service in services
        if service.role in roles and (image is None or service.image == image.tag)
    )


def exporter(name: str, image: Image, **values: Any) -> Service:
    """Return the service of an exporter; `values` are more fields of it."""
    return Service(
        name=name,
        title=name,
        role="exporter",
        image=image.tag,
        limits=image.limits,
        **values,
    )
