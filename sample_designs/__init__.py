"""Designs to start from; each is a template as well."""

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Sample:
    """A design that comes with the program: its name, its title and one sentence about it."""

    name: str
    title: str
    description: str


SAMPLES: tuple[Sample, ...] = (
    Sample(
        "simple-web-stack",
        "Simple web stack",
        "One server with a web server, an application server, its code and a database.",
    ),
    Sample(
        "distributed-web-infrastructure",
        "Distributed web infrastructure",
        "A load balancer, two servers with all the parts, a primary database and its replica.",
    ),
    Sample(
        "secured-and-monitored",
        "Secured and monitored",
        "The same with three firewalls, HTTPS, and monitoring on each machine.",
    ),
    Sample(
        "scale-up",
        "Scale up",
        "Two load balancers in a cluster; web server, application and database on own machines.",
    ),
    Sample(
        "two-of-everything",
        "Two of everything",
        "Two sites that can stand in for each other: no single point of failure.",
    ),
)


def read(name: str) -> bytes:
    """Return the design file of a sample.

    Raises:
        KeyError: there is no sample with this name.
    """
    if all(name != sample.name for sample in SAMPLES):
        raise KeyError(name)
    return resources.files(__name__).joinpath(f"{name}.loadpath.json").read_bytes()
