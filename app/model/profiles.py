"""Availability to choose from: the usual figure of each kind, and what providers promise.

What a provider promises is the point from which it pays back a part of the price (a service level
agreement). It is no measurement, and a promise of 100 % is left out: 1 means that a part never
fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.model.kinds import AnyComponent

TEACHING = "a round figure for teaching; replace it by what you have measured"


@dataclass(frozen=True, slots=True)
class Profile:
    """A named availability, the share of the time that a part works, and where it is from."""

    label: str
    availability: float
    source: str


_AWS_COMPUTE = Profile(
    "AWS, one EC2 instance", 0.995, "Amazon Compute Service Level Agreement, instance level"
)
_AZURE_VM = Profile(
    "Azure, one virtual machine",
    0.999,
    "Microsoft SLA for Virtual Machines, single instance on premium storage",
)
_PROMISED: Mapping[str, tuple[Profile, ...]] = MappingProxyType(
    {
        "server": (_AWS_COMPUTE, _AZURE_VM),
        "load_balancer": (
            Profile(
                "AWS, managed balancer", 0.9999, "Elastic Load Balancing Service Level Agreement"
            ),
        ),
        "cdn": (Profile("AWS CloudFront", 0.999, "Amazon CloudFront Service Level Agreement"),),
        "database": (
            Profile("AWS RDS, several zones", 0.9995, "Amazon RDS Service Level Agreement"),
        ),
        "object_store": (Profile("AWS S3", 0.999, "Amazon S3 Service Level Agreement"),),
        "queue": (Profile("AWS MQ", 0.999, "Amazon MQ Service Level Agreement"),),
    }
)


def profiles(kind: str, cls: type[AnyComponent]) -> tuple[Profile, ...]:
    """Return the figures to choose from for a kind, the usual one first."""
    usual = Profile("Usual for this kind", cls.default_availability, TEACHING)
    return (usual, *_PROMISED.get(kind, ()))
