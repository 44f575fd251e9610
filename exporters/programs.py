"""What the configuration of each program is made from; one dataclass for each template.

All words in here are slugs, numbers and words of this exporter: what a user typed never reaches a
configuration file, because each of them has a syntax of its own to break. The one exception is
the path that a program of the user's own is tested by, of which the model takes few letters.
"""

from dataclasses import dataclass
from typing import Literal

HTTP_PORT = 8080
HTTPS_PORT = 8443
PROXIED_HTTP_PORT = 8180
PROXIED_HTTPS_PORT = 8543
BALANCER_OPS_PORT = 8404
PROXY_OPS_PORT = 8081
GATEWAY_OPS_PORT = 9630
APP_PORT = 8000
APP_TLS_PORT = 8443
WRITE_PORT, READ_PORT = 5432, 5433  # of a balancer before databases
CA_FILE = "/etc/loadpath-ca.crt"
COMMON_NAME = "backend.internal"  # on each certificate, for clients that address a whole pool
HEALTH = "/healthz"


Check = Literal["http", "tcp", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One server behind a balancer or proxy."""

    host: str
    port: int
    tls: bool = False
    weight: int = 1
    health: str = HEALTH
    backup: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A program that hands requests on: what the configuration of each product is made from.

    `header` is the one in which it names itself, to the servers and to the users. `balance` is the
    algorithm in the words of the product. `health` is the path that its servers are tested by;
    what asks the program itself for `/healthz` gets their answer. `behind_edge` adds listeners
    with the PROXY protocol.
    """

    name: str
    header: Literal["X-Balancer", "X-Web", ""]
    mode: Literal["http", "tcp"] = "http"
    balance: str = ""
    hashes: bool = False
    check: Check = "http"
    health: str = HEALTH
    backends: tuple[Backend, ...] = ()
    plain: bool
    tls: bool
    passthrough: bool = False
    redirect: bool = False
    behind_edge: bool = False
    files: tuple[str, ...] = ()

    @property
    def upstream_tls(self) -> bool:
        """Whether the servers behind it are asked over TLS."""
        return any(backend.tls for backend in self.backends) and not self.passthrough

    @property
    def balances(self) -> bool:
        """Whether it was drawn as a load balancer."""
        return self.header == "X-Balancer"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBalancer:
    """A HAProxy before a PostgreSQL store; `patroni` says who leads, else the servers do.

    `startup`, `ready`, `query`, `leads` and `follows` are messages of PostgreSQL's protocol, in
    hexadecimal.
    """

    name: str
    balance: str
    hashes: bool
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    patroni: bool
    rest_port: int
    startup: str
    ready: str
    query: str
    leads: str
    follows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A HAProxy in front of an active-passive pair, in the place of a moving address."""

    name: str
    plain: bool
    tls: bool
    balancers: tuple[Backend, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of a web server that has nothing behind it."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """The drivers that the application needs."""

    engines: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The image that another is built upon."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Patroni:
    """A server of PostgreSQL that Patroni runs; `candidate` when it may become the primary."""

    scope: str
    name: str
    data: str
    hosts: tuple[str, ...]
    synchronous: bool
    candidate: bool
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a gateway lets through: from its own address `entry`, at these ports, to `exit`."""

    name: str
    entry: str
    exit: str
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A firewall between two networks."""

    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """Which service has the copies of a database, and which servers may take one back."""

    service: str
    engine: str
    servers: tuple[str, ...]
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What Prometheus asks: targets, or through an exporter that asks the targets."""

    name: str
    targets: tuple[str, ...]
    path: str = "/metrics"
    exporter: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition that must not last; `covers` names the services whose death makes it true."""

    name: str
    expression: str
    lasts: str
    severity: Literal["critical", "warning"]
    summary: str
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What a Prometheus collects, watches and whom it tells."""

    jobs: tuple[Job, ...]
    alerts: tuple[Alert, ...]
    alertmanagers: tuple[str, ...]
