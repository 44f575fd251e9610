"""What stands between users and what serves them: one dataclass a kind."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from app.model.component import (
    Address,
    Capacity,
    Certificate,
    Component,
    Group,
    Metrics,
    Program,
    Redirect,
    Renewal,
)
from app.model.errors import DesignError
from app.model.fields import Help, Length, Range, Where
from app.model.traits import SERVER_PROGRAM, Trait

ANY_PORT = "any"
HIGHEST_PORT = 65535


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
        """Show the domain."""
        return self.domain


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
    address: Address = ""

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
    address: Address = ""
    open_ports: Annotated[
        str,
        Length(200),
        Help(
            "Ports that it lets through, such as `80 443`, or `any`; empty: those that the links "
            "through it need"
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse what is no list of ports."""
        super().__post_init__()
        for word in self.open_ports.split():
            if word != ANY_PORT and not (
                word.isascii() and word.isdigit() and 1 <= int(word) <= HIGHEST_PORT
            ):
                message = f"open_ports: {word!r} is neither a port nor {ANY_PORT!r}"
                raise DesignError(message)

    @property
    def opened(self) -> frozenset[int]:
        """The ports that it names one by one."""
        return frozenset(int(word) for word in self.open_ports.split() if word != ANY_PORT)

    @property
    def lets_all_through(self) -> bool:
        """Whether it keeps nothing out."""
        return self.default_policy == "allow" or ANY_PORT in self.open_ports.split()

    @property
    def fact(self) -> str:
        """Show what it looks at and what it does with the rest."""
        what = "" if self.inspects == "packets" else "WAF, "
        return f"{what}default {self.default_policy}"


Algorithm = Literal[
    "roundrobin", "static-rr", "leastconn", "source", "uri", "random", "first", "unset"
]
HASHED: frozenset[Algorithm] = frozenset(("source", "uri"))


@dataclass(frozen=True, kw_only=True)
class LoadBalancer(Program):
    """Distributes requests over several servers."""

    kind: Literal["load_balancer"] = "load_balancer"
    title: ClassVar = "Load balancer"
    summary: ClassVar = "Spreads requests over several servers and leaves out the dead ones."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "lb"
    traits: ClassVar = SERVER_PROGRAM | {Trait.CHOOSES}
    default_availability: ClassVar = 0.9995

    algorithm: Annotated[Algorithm, Help("How the next server is chosen")] = "roundrobin"
    layer: Annotated[
        Literal["http", "tcp"], Help("Reads requests (layer 7) or passes connections (layer 4)")
    ] = "http"
    health_check: Annotated[
        Literal["http", "tcp", "none"], Help("How a dead server is noticed")
    ] = "http"
    address: Address = ""
    certificate: Certificate = ""
    renewal: Renewal = "unknown"
    redirect: Redirect = False
    metrics: Metrics = False
    image: Annotated[
        str,
        Length(200),
        Help(
            "Program and version; haproxy, nginx, caddy and traefik are exported, and pgbouncer "
            "before PostgreSQL"
        ),
    ] = "haproxy:3.2"
    hashing: Annotated[
        Literal["consistent", "modulo"],
        Where("algorithm", tuple(sorted(HASHED))),
        Help(
            "What an algorithm that hashes moves when a server comes or goes: consistent its share "
            "alone, modulo almost everything"
        ),
    ] = "consistent"
    capacity: Capacity = None

    @property
    def hashes_by_modulo(self) -> bool:
        """Whether almost every request goes to another server when one comes or goes."""
        return self.algorithm in HASHED and self.hashing == "modulo"

    @property
    def fact(self) -> str:
        """Show the algorithm."""
        return {
            "roundrobin": "round robin",
            "static-rr": "static round robin",
            "leastconn": "least connections",
            "source": "source hash",
            "uri": "URI hash",
            "random": "random of two",
            "first": "first available",
            "unset": "no algorithm chosen",
        }[self.algorithm]


@dataclass(frozen=True, kw_only=True)
class ReverseProxy(Program):
    """A proxy that hands requests on to what stands behind it."""

    kind: Literal["reverse_proxy"] = "reverse_proxy"
    title: ClassVar = "Reverse proxy"
    summary: ClassVar = "Receives requests for other servers: ends TLS, caches, routes by path."
    group: ClassVar[Group] = "traffic"
    prefix: ClassVar = "proxy"
    traits: ClassVar = SERVER_PROGRAM

    certificate: Certificate = ""
    renewal: Renewal = "unknown"
    redirect: Redirect = False
    metrics: Metrics = False
    image: Annotated[
        str,
        Length(200),
        Help("Program and version; nginx, haproxy, caddy, traefik and varnish are exported"),
    ] = "nginx:1.30"
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
