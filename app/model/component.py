"""What all parts of a design have; the kinds are in traffic, compute, stores and containers."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from app.model.fields import Help, Length, Range, check_values
from app.model.traits import Trait

Group = Literal["traffic", "compute", "data", "operations", "containers", "annotation"]
Name = Annotated[str, Length(120, minimum=1), Help("What people call it")]
Probability = Annotated[float, Range(above=0, maximum=1)]
Hours = Annotated[float, Range(above=0, maximum=1e9)]
BetweenFailures = Annotated[
    Hours | None,
    Help(
        "Mean time between failures; counts with the time to repair", "h", "Time between failures"
    ),
]
ToRepair = Annotated[
    Hours | None,
    Help("Mean time to repair; counts with the time between failures", "h", "Time to repair"),
]
Port = Annotated[int, Range(1, 65535)]
Image = Annotated[str, Length(200), Help("Program and version")]
Certificate = Annotated[
    str, Length(253), Help("Names that its certificate covers, separated by blanks")
]
Address = Annotated[
    str, Length(253), Help("Address or name that others reach it by; empty when nobody has said")
]
Redirect = Annotated[bool, Help("Sends plain HTTP visitors to HTTPS", label="Redirect to HTTPS")]
Metrics = Annotated[bool, Help("Reports requests a second to the monitoring")]
# Of what follows a drawing need not speak: no rule takes "unknown" for wrong.
AtRest = Annotated[
    Literal["unknown", "none", "encrypted"],
    Help("Whether a thief of the disk can read what is on it", label="Encryption at rest"),
]
Renewal = Annotated[
    Literal["unknown", "automatic", "watched", "by-hand"],
    Help(
        "Who renews the certificate: a program, a person whom the monitoring reminds, or a person "
        "who has to remember",
        label="Certificate renewal",
    ),
]
OwnMetrics = Annotated[
    Literal["unknown", "reported", "none"],
    Help(
        "Whether it tells of its own work, such as requests, errors and connections: its machine "
        "may be fine while it is dead",
        label="Own metrics",
    ),
]
Capacity = Annotated[
    float | None,
    Range(above=0),
    Help("Requests that one copy can serve in a second; empty when not known", "requests/s"),
]


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Component:
    """What every part has: a name, a place in a container and figures of its reliability."""

    title: ClassVar[str] = ""
    summary: ClassVar[str] = ""
    group: ClassVar[Group]
    prefix: ClassVar[str]
    traits: ClassVar[frozenset[Trait]] = frozenset()
    default_availability: ClassVar[float] = 0.999

    name: Name
    parent: Annotated[
        str | None, Help("The server, zone or site that holds it", "id", "Placed in")
    ] = None
    availability: Annotated[
        Probability | None,
        Help("Share of the time that it works; 1 means that it never fails", "probability"),
    ] = None
    mtbf_hours: BetweenFailures = None
    mttr_hours: ToRepair = None
    requires: Annotated[
        Mapping[str, str],
        Help("Expressions that replace what the links say it needs, one for each capability"),
    ] = field(default_factory=_nothing, hash=False)
    description: Annotated[str, Length(4000), Help("Why this part is there")] = ""

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)
        if self.requires:
            _check_requires(self.requires)
        if not isinstance(self.requires, MappingProxyType):
            object.__setattr__(self, "requires", MappingProxyType(dict(self.requires)))

    def __reduce__(self) -> "tuple[object, tuple[type[Component], dict[str, object]]]":
        """Let copies and worker processes carry it; the read-only mapping cannot travel itself."""
        values: dict[str, object] = {
            item.name: getattr(self, item.name) for item in dataclasses.fields(self) if item.init
        }
        values["requires"] = dict(self.requires)
        return _rebuild, (type(self), values)

    @property
    def fact(self) -> str:
        """The one fact that matters most, for the second line of a card."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Program(Component):
    """A process on a machine: who starts it again, what it may do there, and how much it takes."""

    restart: Annotated[
        Literal["unknown", "automatic", "never"],
        Help("What happens after it crashed: it is started again, or waits for a person"),
    ] = "unknown"
    runs_as: Annotated[
        Literal["unknown", "user", "root", "host"],
        Help(
            "A user of its own, root, or host: it may do everything on its machine, such as a "
            "privileged container or one that holds the Docker socket"
        ),
    ] = "unknown"
    listens: Annotated[
        Literal["unknown", "inside", "everywhere"],
        Help(
            "On which addresses of its machine it answers: those of the inner network alone, or "
            "all of them, such as 0.0.0.0",
            label="Listens",
        ),
    ] = "unknown"
    limits: Annotated[
        Literal["unknown", "set", "none"],
        Help("Whether the memory and the processor time that it may take are limited"),
    ] = "unknown"


def _check_requires(requires: Mapping[str, str]) -> None:
    from app.model.expressions import check_expression  # few parts have any

    for capability, text in requires.items():
        check_expression(f"requires.{capability}", text)


def _rebuild(cls: "type[Component]", values: dict[str, object]) -> "Component":
    return cls(**values)  # type: ignore[arg-type]  # the values came from this very class
