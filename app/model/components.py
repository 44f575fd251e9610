"""The parts a design is made of, apart from containers and clusters: one dataclass a kind."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from app.model.expressions import check_expression
from app.model.fields import Help, Length, Range, check_values
from app.model.traits import Trait

Group = Literal["traffic", "compute", "data", "operations", "containers", "annotation"]
Name = Annotated[str, Length(120, minimum=1), Help("What people call it")]
Probability = Annotated[float, Range(above=0, maximum=1)]
Hours = Annotated[float, Range(above=0, maximum=1e9)]
Port = Annotated[int, Range(1, 65535)]
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
    mtbf_hours: Annotated[
        Hours | None, Help("Mean time between failures", "h", "Time between failures")
    ] = None
    mttr_hours: Annotated[Hours | None, Help("Mean time to repair", "h", "Time to repair")] = None
    requires: Annotated[
        Mapping[str, str],
        Help("Expressions that replace what the links say it needs, one for each capability"),
    ] = field(default_factory=_nothing, hash=False)
    description: Annotated[str, Length(4000), Help("Why this part is there")] = ""

    def __post_init__(self) -> None:
        """Refuse values outside their declared range."""
        check_values(self)
        for capability, text in self.requires.items():
            check_expression(f"requires.{capability}", text)
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


def _rebuild(cls: "type[Component]", values: dict[str, object]) -> "Component":
    return cls(**values)  # type: ignore[arg-type]  # the values came from this very class


_PROGRAM = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.LISTENS})
_SERVER_PROGRAM = _PROGRAM | {Trait.SERVES}


@dataclass(frozen=True, kw_only=True)
class Client(Component):
    """People and their browsers: where every flow begins."""

    kind: Literal["client"] = "client"
    title: ClassVar = "Users"
    summary: ClassVar = "The people and browsers that use the service; every user flow starts here."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "users"
    traits: ClassVar = frozenset({Trait.OUTSIDE})
    default_availability: ClassVar = 1.0

    @property
    def fact(self) -> str:
        """Say where they are."""
        return "browsers"


@dataclass(frozen=True, kw_only=True)
class Dns(Component):
    """A name server or DNS provider."""

    kind: Literal["dns"] = "dns"
    title: ClassVar = "DNS"
    summary: ClassVar = "Turns the domain name into addresses; users ask it before they connect."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "dns"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.OUTSIDE, Trait.LISTENS})
    default_availability: ClassVar = 0.9999

    domain: Annotated[str, Length(253), Help("Host name that users type")] = "www.example.com"
    record: Annotated[
        Literal["A", "AAAA", "CNAME"],
        Help("A and AAAA give an address, CNAME gives another name", label="Record type"),
    ] = "A"
    address: Annotated[
        str, Length(253), Help("Where the record points: an address, or a name for CNAME")
    ] = ""
    name_servers: Annotated[
        int, Range(1, 13), Help("Name servers in different failure domains")
    ] = 2
    health_check: Annotated[
        bool, Help("Stops handing out the addresses of dead targets", label="Health-checked")
    ] = False
    ttl_seconds: Annotated[
        int, Range(0, 604800), Help("How long an answer may be kept", "s", "Time to live")
    ] = 300

    @property
    def fact(self) -> str:
        """Show the domain and its record."""
        return f"{self.domain} {self.record}"


@dataclass(frozen=True, kw_only=True)
class Cdn(Component):
    """A content delivery network in front of the site."""

    kind: Literal["cdn"] = "cdn"
    title: ClassVar = "CDN"
    summary: ClassVar = "Keeps copies of pages near the users and takes the first load."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "cdn"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.OUTSIDE, Trait.SERVES, Trait.LISTENS})
    default_availability: ClassVar = 0.9999

    provider: Annotated[str, Length(80), Help("Who runs it")] = ""

    @property
    def fact(self) -> str:
        """Show who runs it."""
        return self.provider or "edge cache"


@dataclass(frozen=True, kw_only=True)
class Firewall(Component):
    """A packet filter or web application firewall that traffic crosses."""

    kind: Literal["firewall"] = "firewall"
    title: ClassVar = "Firewall"
    summary: ClassVar = "Lets through the declared traffic and drops everything else."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "fw"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.FILTERS_TRAFFIC, Trait.LISTENS})

    inspects: Annotated[
        Literal["packets", "requests"],
        Help("Packets: addresses and ports. Requests: a web application firewall (WAF)"),
    ] = "packets"
    default_policy: Annotated[
        Literal["deny", "allow"], Help("What happens to traffic that no rule names")
    ] = "deny"

    @property
    def fact(self) -> str:
        """Show what it looks at and what it does with the rest."""
        what = "packet filter" if self.inspects == "packets" else "WAF"
        return f"{what}, default {self.default_policy}"


Algorithm = Literal[
    "roundrobin", "static-rr", "leastconn", "source", "uri", "random", "first", "unset"
]


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Component):
    """Distributes requests over several servers."""

    kind: Literal["load_balancer"] = "load_balancer"
    title: ClassVar = "Load balancer"
    summary: ClassVar = "Spreads requests over several servers and leaves out the dead ones."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "lb"
    traits: ClassVar = _SERVER_PROGRAM | {Trait.CHOOSES}
    default_availability: ClassVar = 0.9995

    algorithm: Annotated[Algorithm, Help("How the next server is chosen")] = "roundrobin"
    layer: Annotated[
        Literal["http", "tcp"], Help("Reads requests (layer 7) or passes connections (layer 4)")
    ] = "http"
    health_check: Annotated[
        Literal["http", "tcp", "none"], Help("How a dead server is noticed")
    ] = "http"
    certificate: Annotated[
        str, Length(253), Help("Names that its certificate covers, separated by blanks")
    ] = ""
    redirect: Annotated[
        bool, Help("Sends plain HTTP visitors to HTTPS", label="Redirect to HTTPS")
    ] = False
    metrics: Annotated[bool, Help("Reports requests a second to the monitoring")] = False
    image: Annotated[str, Length(200), Help("Program and version")] = "haproxy:3.2"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the algorithm."""
        return {
            "roundrobin": "round robin",
            "static-rr": "static round robin",
            "leastconn": "least connections",
            "source": "source hash",
            "uri": "URI hash",
            "random": "random, two choices",
            "first": "first available",
            "unset": "no algorithm chosen",
        }[self.algorithm]


@dataclass(frozen=True, kw_only=True)
class ReverseProxy(Component):
    """A proxy that hands requests on to what stands behind it."""

    kind: Literal["reverse_proxy"] = "reverse_proxy"
    title: ClassVar = "Reverse proxy"
    summary: ClassVar = "Receives requests for other servers: ends TLS, caches, routes by path."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "proxy"
    traits: ClassVar = _SERVER_PROGRAM

    certificate: Annotated[
        str, Length(253), Help("Names that its certificate covers, separated by blanks")
    ] = ""
    redirect: Annotated[
        bool, Help("Sends plain HTTP visitors to HTTPS", label="Redirect to HTTPS")
    ] = False
    metrics: Annotated[bool, Help("Reports requests a second to the monitoring")] = False
    image: Annotated[str, Length(200), Help("Program and version")] = "nginx:1.30"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image


@dataclass(frozen=True, kw_only=True)
class Bastion(Component):
    """The one door for administration: a jump host or VPN."""

    kind: Literal["bastion"] = "bastion"
    title: ClassVar = "Bastion"
    summary: ClassVar = "The only machine that administrators may enter from outside."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "bastion"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.LISTENS, Trait.NEEDS_HOST})

    @property
    def fact(self) -> str:
        """Say what it is for."""
        return "administration"


@dataclass(frozen=True, kw_only=True)
class WebServer(Component):
    """Answers HTTP: serves files itself and hands the rest to the application."""

    kind: Literal["web_server"] = "web_server"
    title: ClassVar = "Web server"
    summary: ClassVar = "Speaks HTTP with the users: serves files, passes the rest on."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "web"
    traits: ClassVar = _SERVER_PROGRAM

    certificate: Annotated[
        str, Length(253), Help("Names that its certificate covers, separated by blanks")
    ] = ""
    redirect: Annotated[
        bool, Help("Sends plain HTTP visitors to HTTPS", label="Redirect to HTTPS")
    ] = False
    metrics: Annotated[bool, Help("Reports requests a second to the monitoring")] = False
    image: Annotated[str, Length(200), Help("Program and version")] = "nginx:1.30"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image


@dataclass(frozen=True, kw_only=True)
class AppServer(Component):
    """Runs the application's code."""

    kind: Literal["app_server"] = "app_server"
    title: ClassVar = "Application server"
    summary: ClassVar = "Runs the code that makes the pages: reads and writes the data."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "app"
    traits: ClassVar = _SERVER_PROGRAM

    state: Annotated[
        Literal["none", "local", "shared"],
        Help("Where sessions and uploads live: nowhere, on this server, or in a shared store"),
    ] = "none"
    image: Annotated[str, Length(200), Help("Program and version")] = "python:3.13-slim"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image


@dataclass(frozen=True, kw_only=True)
class AppFiles(Component):
    """The code base that an application server runs."""

    kind: Literal["app_files"] = "app_files"
    title: ClassVar = "Application files"
    summary: ClassVar = "The code base: without it the application server has nothing to run."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "files"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.LISTENS})
    default_availability: ClassVar = 0.9999

    version: Annotated[str, Length(80), Help("Release that is installed")] = "1.0"
    writable: Annotated[bool, Help("The servers may change the files")] = False

    @property
    def fact(self) -> str:
        """Show the release."""
        return f"code base {self.version}"


@dataclass(frozen=True, kw_only=True)
class Worker(Component):
    """Does work in the background, away from the users' requests."""

    kind: Literal["worker"] = "worker"
    title: ClassVar = "Worker"
    summary: ClassVar = "Takes jobs from a queue and does them in the background."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "worker"
    traits: ClassVar = _PROGRAM

    image: Annotated[str, Length(200), Help("Program and version")] = "python:3.13-slim"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image


@dataclass(frozen=True, kw_only=True)
class Service(Component):
    """Any program that has no kind of its own."""

    kind: Literal["service"] = "service"
    title: ClassVar = "Service"
    summary: ClassVar = "Any container image that has no kind of its own."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "service"
    traits: ClassVar = _PROGRAM

    image: Annotated[str, Length(200), Help("Container image with its version")] = ""
    port: Annotated[Port | None, Help("Port it listens on")] = None

    @property
    def fact(self) -> str:
        """Show the image."""
        return self.image or "any program"
