"""What the planners of the kinds share: the design, its names, and the pieces that they return."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.model.design import Design
from app.model.kinds import AnyComponent
from exporters.deployment import (
    Certificate,
    ConfigFile,
    Copies,
    Issued,
    Note,
    Secret,
    Servers,
    Service,
    Source,
    Volume,
)
from exporters.plan.names import Names
from exporters.plan.ports import Ports
from exporters.plan.reaches import Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A connection between two services that must share a network."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one drawn part, or one helper of the project, adds to the deployment."""

    services: tuple[Service, ...] = ()
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Secret, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    sources: tuple[Source, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    issued: Issued | None = None
    notes: tuple[Note, ...] = ()
    wires: tuple[Wire, ...] = ()
    caches: tuple[Servers, ...] = ()
    copies: tuple[Copies, ...] = ()


def _nobody() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A design being planned: who runs under which name, and who talks to whom.

    `public` has the names for which the entrance gets a certificate by ACME, by its id.
    """

    design: Design
    names: Names
    slugs: Mapping[str, str]
    reaches: tuple[Reach, ...]
    ports: Ports = field(default_factory=Ports)
    takeover: str = "emulated"
    public: Mapping[str, tuple[str, ...]] = field(default_factory=_nobody)

    def name(self, component_id: str) -> str:
        """Return the service name of a part."""
        return self.slugs[component_id]

    def item(self, component_id: str) -> AnyComponent:
        """Return a drawn part."""
        return self.design.components[component_id]

    def out(self, component_id: str) -> Iterator[Reach]:
        """Yield the connections that a part opens."""
        return (reach for reach in self.reaches if reach.source == component_id)

    def into(self, component_id: str) -> Iterator[Reach]:
        """Yield the connections that end at a part."""
        return (reach for reach in self.reaches if reach.target == component_id)
