"""The samples, which are templates too, as a package so that they ship in the wheel."""

from importlib.resources import files
from typing import NamedTuple


class Sample(NamedTuple):
    """One sample: the name of its file, and what people read about it."""

    name: str
    title: str
    description: str


SAMPLES = (
    Sample(
        "simple-web-stack",
        "Simple web stack",
        "One server that does everything: the first task of the exercise.",
    ),
    Sample(
        "distributed-web-infrastructure",
        "Distributed web infrastructure",
        "A load balancer, two equal servers, a primary and a replica: the second task.",
    ),
    Sample(
        "secured-and-monitored",
        "Secured and monitored",
        "The same with three firewalls, HTTPS and three monitoring clients: the third task.",
    ),
    Sample(
        "scale-up",
        "Scale up",
        "Two clustered load balancers and a server for each tier: the fourth task.",
    ),
    Sample(
        "two-of-everything",
        "Two of everything",
        "Two sites, and no single point of failure in them.",
    ),
)


def read(name: str) -> bytes:
    """Return the file of a sample.

    Raises:
        FileNotFoundError: there is no sample of this name.
    """
    if name not in {sample.name for sample in SAMPLES}:
        raise FileNotFoundError(name)
    return (files(__name__) / f"{name}.loadpath.json").read_bytes()
