"""What one way of measuring consists of: an exporter where one is needed, its jobs and alarms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from exporters.deployment import Service
from exporters.images import Image
from exporters.plan.draft import Part
from exporters.programs import Alert, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One way of measuring: the exporter where one is needed, its jobs and alarms.

    `collector` is the service that asks `targets`; empty where Prometheus asks them itself.
    """

    part: Part = field(default_factory=Part)
    collector: str = ""
    targets: frozenset[str] = frozenset()
    jobs: tuple[Job, ...] = ()
    alerts: tuple[Alert, ...] = ()


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
