"""What the configuration of each program is made from; one dataclass for each template.

All words in here are slugs, numbers and words of this exporter: what a user typed never reaches a
configuration file, because each of them has a syntax of its own to break. The exceptions are the
path that a program of the user's own is tested by, of which the model takes few letters, and the
names of a certificate that comes by ACME, which are host names in small letters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from exporters.deployment import Certificate, Issued

HTTP_PORT = 8080
HTTPS_PORT = 8443
PROXIED_HTTP_PORT = 8180
PROXIED_HTTPS_PORT = 8543
BALANCER_OPS_PORT = 8404
PROXY_OPS_PORT = 8081
GATEWAY_OPS_PORT = 9630
APP_PORT = 8000
APP_TLS_PORT = 8443
JOBS, MOST_JOBS = "jobs", 10_000  # a queue, and how many it keeps
# How all programs declare that queue: RabbitMQ refuses who declares it otherwise.
JOBS_ARGUMENTS: Mapping[str, str | int] = MappingProxyType(
    {"x-queue-type": "quorum", "x-max-length": MOST_JOBS, "x-delivery-limit": -1}
)
BUCKET = "notes"  # of an object store, made at its first use
WRITE_PORT, READ_PORT = 5432, 5433  # of a balancer before databases
CA_FILE = "/etc/loadpath-ca.crt"
AUTHORITY = "Loadpath project authority"  # who signs in a project
COMMON_NAME = "backend.internal"  # on each certificate, for clients that address a whole pool
HEALTH = "/healthz"
_LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


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
    algorithm in the words of the product, `consistent` how HAProxy maps a hash to a server.
    `health` is the path that its servers are tested by; what asks the program itself for `/healthz`
    gets their answer. `behind_edge` adds listeners with the PROXY protocol. For the names in
    `public` it gets a certificate by ACME.
    """

    name: str
    header: Literal["X-Balancer", "X-Web", ""]
    mode: Literal["http", "tcp"] = "http"
    balance: str = ""
    consistent: bool = False
    check: Check = "http"
    health: str = HEALTH
    backends: tuple[Backend, ...] = ()
    plain: bool
    tls: bool
    passthrough: bool = False
    redirect: bool = False
    behind_edge: bool = False
    files: tuple[str, ...] = ()
    public: tuple[str, ...] = ()

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
    consistent: bool
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
class Pooler:
    """A PgBouncer; `accounts` is the file with the passwords of its users."""

    name: str
    host: str
    write_port: int
    read_port: int
    accounts: str
    tls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A HAProxy in front of an active-passive pair: in the place of a moving address, or before it.

    `moving` where the balancers really have one.
    """

    name: str
    plain: bool
    tls: bool
    balancers: tuple[Backend, ...]
    moving: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What finds, or holds, an address that moves between balancers, by its own `alias` there.

    `peers` are the aliases of the other balancers, `priority` is for the one that has it if it can.
    """

    name: str
    alias: str
    peers: tuple[str, ...] = ()
    priority: int = 0
    advert_seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the installer copies, and the certificate whose volume it gives away."""

    certificates: tuple[Certificate, ...]
    issued: Issued | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of a web server that has nothing behind it."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The code of the application: the queue of its jobs, and how that is declared."""

    jobs: str
    arguments: Mapping[str, str | int]


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
class ReadOnly:
    """The option by which a server of a database refuses writes."""

    option: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackbox:
    """What asks from outside: over TLS as well, and for the certificate of each public name."""

    tls: bool
    public: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What Prometheus asks: targets, or through an exporter that asks the targets.

    What is measured carries the label `part`, the service that it is about: the host of the
    target, unless `labels` say otherwise, or `named_by` is the label of the exporter that has it.
    """

    name: str
    targets: tuple[str, ...]
    path: str = "/metrics"
    exporter: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    named_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A time series in the test of an alarm: first value and step while all is well, and not."""

    selector: str
    good: tuple[float, float] = (1, 0)
    bad: tuple[float, float] = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What makes an alarm be raised, and the labels by which it then says what it is about."""

    series: tuple[Series, ...]
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition that must not last, in seconds.

    `covers` names the services whose death makes it true, `cases` are its tests.
    """

    name: str
    expression: str
    lasts: int
    severity: Literal["critical", "warning"]
    summary: str
    covers: tuple[str, ...]
    cases: tuple[Case, ...]

    def told(self, case: Case) -> str:
        """Return what the alarm says of a case."""
        labels = dict(case.labels)
        return _LABEL.sub(lambda found: labels.get(found[1], ""), self.summary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A series that Prometheus keeps under a name of its own."""

    name: str
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """What a Prometheus collects, watches and whom it tells."""

    jobs: tuple[Job, ...]
    records: tuple[Record, ...]
    alerts: tuple[Alert, ...]
    alertmanagers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Where an Alertmanager sends alarms to."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A picture of measurements; `PARTS` in the query stands for the services that it is about."""

    title: str
    query: str
    legend: str = "{{part}}"
    unit: str = "short"  # of Grafana's list of units
    kind: Literal["timeseries", "state-timeline", "stat", "table"] = "timeseries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the drawing, with its distances to the four sides in percent."""

    name: str
    left: float
    top: float
    right: float
    bottom: float
    watched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A link of the drawing, from side to side of two boxes; `flow` is the one that colours it.

    Sides are points from -1 to 1, to the right and upwards from the middle.
    """

    source: str
    target: str
    leaves: tuple[int, int]
    enters: tuple[int, int]
    carries: bool
    flow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The drawing of the design as a dashboard: fields, parts on them, and links."""

    source: str
    title: str
    height: int  # in rows of Grafana's grid
    areas: tuple[Box, ...]
    parts: tuple[Box, ...]
    lines: tuple[Line, ...]
    flows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A dashboard with panels, two in a row."""

    name: str
    title: str
    source: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """The Prometheus that a Grafana reads; its id there is its name."""

    name: str
    url: str
