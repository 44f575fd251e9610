"""What runs: services, networks, volumes, secrets and files, before any target's syntax.

A deployment knows no template and no file format. Compose renders it today; another target reads
the same value. `plan` makes it from a design and says in `notes` what it assumed or left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Condition = Literal["started", "healthy", "completed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence for the reader: what was assumed, left out, or stands for something else."""

    text: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a service that people on this machine reach; `variable` moves it elsewhere."""

    variable: str
    default: int
    target: int
    scheme: Literal["http", "https", "tcp", "udp"] = "http"

    @property
    def local(self) -> bool:
        """Whether it is for this machine alone, whomever the others are opened to.

        What comes by UDP is lines of the engine, and nobody can be asked who sent it.
        """
        return self.scheme == "udp"


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """The value of an environment variable that is the number of a published port."""

    variable: str


@dataclass(frozen=True, slots=True)
class Setting:
    """The value of an environment variable that people change in the project, and what it is."""

    variable: str
    default: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The command inside the container that answers 0 when the service works; seconds."""

    command: tuple[str, ...]
    interval: int = 5
    timeout: int = 3
    retries: int = 5
    start_period: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """An image that is built from a folder of the project, on top of the service's image."""

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder of the user's that is copied into the project, to be built there.

    `starts` is what a Dockerfile that is made for it starts.
    """

    title: str
    folder: str  # relative to the file of the design
    target: str
    starts: Literal["server", "worker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """A file or folder of the project inside a container, read-only."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A volume inside a container."""

    volume: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a service may take: processors and MiB of memory."""

    cpus: float = 0.5
    memory: int = 128


Value = str | PublishedPort | Setting


def _nothing() -> Mapping[str, Value]:
    return MappingProxyType({})


def _no_words() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_aliases() -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({})


def _no_needs() -> Mapping[str, Condition]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program in a container. `component` is the drawn part that it realises, if any.

    Each exception from what holds for every service (no capability, a user that is not root, a
    read-only root, limits, restarts) has its reason in `reasons`, under the word of Compose.
    `aliases` are more names that it has in some of its networks. `logs_to` is the port of the log
    store that the engine sends its output to.
    """

    name: str
    title: str
    role: str
    image: str
    component: str = ""
    build: Build | None = None
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, Value] = field(default_factory=_nothing, hash=False)
    user: str = ""
    hostname: str = ""
    ports: tuple[Port, ...] = ()
    networks: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=_no_aliases, hash=False)
    binds: tuple[Bind, ...] = ()
    mounts: tuple[Mount, ...] = ()
    secrets: tuple[str, ...] = ()
    logs_to: Port | None = None
    tmpfs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=_no_words, hash=False)
    needs: Mapping[str, Condition] = field(default_factory=_no_needs, hash=False)
    probe: Probe | None = None
    limits: Limits | None = Limits()
    open_files: int | None = None
    shared_memory: int | None = None
    stop_seconds: int = 10
    init: bool = True
    read_only: bool = True
    restarts: bool = True
    one_shot: bool = False
    reasons: Mapping[str, str] = field(default_factory=_no_words, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A segment; an internal one has no way out of the machine."""

    name: str
    members: tuple[str, ...]
    internal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Data that outlives its container."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A file nobody else may read: random, or `text` with the values of `sources` filled in."""

    name: str
    text: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A file of the project: a template by name, and what it is filled with."""

    path: str
    template: str
    values: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A key and certificate for a service: the names on it, and who may read the key."""

    service: str
    names: tuple[str, ...]
    owner: str
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate that a service gets by itself, by ACME (RFC 8555), and renews in time.

    It lies in a volume that belongs to `owner`. The CA reaches the service at `ports`, which have
    to be published under the numbers that ACME knows.
    """

    service: str
    names: tuple[str, ...]
    volume: str
    owner: str
    ports: tuple[Port, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """The servers of a database or a set of caches, the one drawn as primary first.

    The program is the engine, `redis` for Valkey as well; or what switches them by themselves:
    `patroni` for servers of PostgreSQL, `sentinel` for caches, which have no name of a database.
    """

    program: str
    names: tuple[str, ...]
    database: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The service that copies a database."""

    service: str
    copied: Servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """A log store, which listens at `port` and keeps what `senders` write.

    Each of them has a folder in `folder`, of which it keeps so many days, and so many MiB.
    """

    store: str
    port: int
    folder: str
    senders: tuple[str, ...]
    days: int
    mebibytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A published port at which users come in."""

    service: str
    port: Port


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowProbe:
    """How to see from outside whether a flow works: one request, and which answers count.

    `entrances` are alternatives; none of them: nobody outside can see it, `why` says so. An answer
    counts when its status lies within `statuses`, both ends included. `read_back` is the path that
    returns what was written, empty where nothing is.
    """

    flow: str
    entrances: tuple[Entrance, ...] = ()
    method: Literal["GET", "POST"] = "GET"
    path: str = "/"
    statuses: tuple[int, int] = (200, 299)
    read_back: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A monitoring server that can be asked which alarms it has raised.

    `parts` are the services that it measures, `alert` the alarm that it raises about each that
    dies, with its name in the label `part`, within so many seconds at most.
    """

    service: str
    port: Port
    alert: str
    within: int
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderProbe:
    """How to see that a firewall filters: a connection that is drawn, and one that is not.

    Both go from the service `source` to `target`, through the door of the gateway that has the name
    `host` there; the gateway counts each under the name of its rule.
    """

    firewall: str
    gateway: str
    source: str
    target: str
    host: str
    drawn: int
    drawn_rule: str
    undrawn: int
    undrawn_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Everything that runs for a design."""

    name: str
    title: str
    services: tuple[Service, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    secrets: tuple[Secret, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    sources: tuple[Source, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    issued: Issued | None = None
    databases: tuple[Servers, ...] = ()
    caches: tuple[Servers, ...] = ()
    copies: tuple[Copies, ...] = ()
    logs: tuple[Logs, ...] = ()
    notes: tuple[Note, ...] = ()
    probes: tuple[FlowProbe, ...] = ()
    watchers: tuple[Watcher, ...] = ()
    borders: tuple[BorderProbe, ...] = ()

    def service(self, name: str) -> Service:
        """Return a service by its name.

        Raises:
            KeyError: there is none.
        """
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)

    @property
    def memory(self) -> int:
        """The sum of all limits of memory in MiB, of which a service may have none."""
        return sum(service.limits.memory for service in self.services if service.limits)

    @property
    def doors(self) -> tuple[Port, ...]:
        """The published ports at which users come in."""
        entrances = (entrance for probe in self.probes for entrance in probe.entrances)
        return tuple(dict.fromkeys(entrance.port for entrance in entrances))

    @property
    def ports(self) -> tuple[Port, ...]:
        """All published ports, in order of the services."""
        return tuple(port for service in self.services for port in service.ports)

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What else people change in the project, in order of the services."""
        values = (value for service in self.services for value in service.environment.values())
        return tuple(dict.fromkeys(value for value in values if isinstance(value, Setting)))
