"""What holds or joins other parts: servers, zones, sites, clusters; and notes."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from app.model.component import Address, Component, Group, Probability
from app.model.fields import Help, Length, Range
from app.model.traits import Trait

Trust = Literal["internet", "dmz", "app", "data", "management", "internal"]


@dataclass(frozen=True, kw_only=True)
class Site(Component):
    """A place whose loss takes everything in it: a failure domain."""

    kind: Literal["site"] = "site"
    title: ClassVar = "Site"
    summary: ClassVar = "A data centre, region, rack or power feed: what is in it fails together."
    group: ClassVar[Group] = "containers"
    prefix: ClassVar = "site"
    traits: ClassVar = frozenset({Trait.CONTAINER, Trait.FAILS})
    default_availability: ClassVar = 0.9995

    domain: Annotated[
        Literal["provider", "region", "datacenter", "rack", "power", "switch", "uplink"],
        Help("What sort of place it is", label="Failure domain"),
    ] = "datacenter"

    @property
    def fact(self) -> str:
        """Show the sort of place."""
        return {"datacenter": "data centre", "power": "power feed"}.get(self.domain, self.domain)


@dataclass(frozen=True, kw_only=True)
class Zone(Component):
    """A network segment with a level of trust."""

    kind: Literal["zone"] = "zone"
    title: ClassVar = "Network zone"
    summary: ClassVar = "A network segment whose members trust each other to the same degree."
    group: ClassVar[Group] = "containers"
    prefix: ClassVar = "zone"
    traits: ClassVar = frozenset({Trait.CONTAINER})
    default_availability: ClassVar = 1.0

    trust: Annotated[Trust, Help("How exposed it is: internet, DMZ, application, data…")] = "dmz"
    network: Annotated[
        str, Length(60), Help("Zones with the same network name are one segment in several sites")
    ] = ""

    @property
    def fact(self) -> str:
        """Show the level of trust."""
        return {"dmz": "DMZ", "app": "application"}.get(self.trust, self.trust)


@dataclass(frozen=True, kw_only=True)
class Server(Component):
    """A machine, real or virtual: what runs on it fails with it."""

    kind: Literal["server"] = "server"
    title: ClassVar = "Server"
    summary: ClassVar = "A machine, real or virtual. What runs on it stops when it stops."
    group: ClassVar[Group] = "containers"
    prefix: ClassVar = "server"
    traits: ClassVar = frozenset({Trait.CONTAINER, Trait.FAILS})

    firewall: Annotated[
        bool, Help("The machine filters what comes in by itself", label="Host firewall")
    ] = False
    address: Address = ""

    @property
    def fact(self) -> str:
        """Show whether it filters."""
        return "host firewall" if self.firewall else ""


ClusterMode = Literal[
    "active-active", "active-passive", "primary-replica", "multi-primary", "quorum", "sharded"
]
Failover = Literal["automatic", "manual", "none"]


@dataclass(frozen=True, kw_only=True)
class Cluster(Component):
    """Several parts that answer as one: a virtual address, a DNS name, a database cluster."""

    kind: Literal["cluster"] = "cluster"
    title: ClassVar = "Cluster"
    summary: ClassVar = "Several parts that answer as one, so that one of them may fail."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "cluster"
    traits: ClassVar = frozenset({Trait.LISTENS})
    default_availability: ClassVar = 1.0

    members: Annotated[
        tuple[str, ...], Help("The parts that form it; in active-passive the first is active")
    ] = ()
    mode: Annotated[ClusterMode, Help("How the members share the work")] = "active-active"
    needed: Annotated[
        int | None,
        Range(1, 1000),
        Help("How many members must work; empty: what the mode says", label="Members needed (k)"),
    ] = None
    failover: Annotated[Failover, Help("Who switches when the active or primary one dies")] = "none"
    virtual_address: Annotated[
        bool, Help("Members share one address that moves between them (VRRP)")
    ] = False
    address: Address = ""
    witness: Annotated[
        bool,
        Help(
            "A third vote, a quorum device or fencing decides who leads when the members do not "
            "see each other"
        ),
    ] = False
    detection_seconds: Annotated[
        float, Range(0, 86400), Help("Time until a failure is noticed", "s", "Detection")
    ] = 10
    switch_seconds: Annotated[
        float, Range(0, 604800), Help("Time that the switch takes", "s", "Switch")
    ] = 20
    switch_success: Annotated[
        Probability, Help("Share of switches that succeed", "probability", "Success of a switch")
    ] = 0.95
    common_cause: Annotated[
        float,
        Range(0, 1),
        Help(
            "Share of the failures of its members that hit all of them at once: the same release, "
            "the same mistake (beta factor)",
            "probability",
            "Common cause",
        ),
    ] = 0.0

    @property
    def fact(self) -> str:
        """Show who switches, where that matters, else the mode; the outline names that too."""
        if self.mode in ("active-passive", "primary-replica"):
            return "no failover" if self.failover == "none" else f"{self.failover} failover"
        return self.mode


@dataclass(frozen=True, kw_only=True)
class Note(Component):
    """A remark on the canvas; it takes part in nothing."""

    kind: Literal["note"] = "note"
    title: ClassVar = "Note"
    summary: ClassVar = "A remark for the reader; it takes part in nothing."
    group: ClassVar[Group] = "annotation"
    prefix: ClassVar = "note"
    default_availability: ClassVar = 1.0

    text: Annotated[str, Length(4000), Help("What it says")] = ""

    @property
    def fact(self) -> str:
        """Show the first line."""
        return self.text.split("\n", 1)[0]
