"""The parts that hold data, and the parts that operate the rest."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from app.model.component import AtRest, Capacity, Component, Group, Image, OwnMetrics, Program
from app.model.fields import Help, Length, Range, Where
from app.model.traits import Trait

_STORE = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.HOLDS_DATA, Trait.LISTENS})
_SOFT_STORE = _STORE | {Trait.SOFT}
_OF_REPLICA = Where("role", ("replica",))
_OPERATION = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.WATCHES, Trait.LISTENS})


@dataclass(frozen=True, kw_only=True)
class Store(Program):
    """A program that keeps data: how it is locked, and what it tells of itself."""

    credentials: Annotated[
        Literal["unknown", "default", "configuration", "store"],
        Help(
            "Where its password is from: as it was delivered, in a file of the configuration, or "
            "made for it and kept in a store of secrets",
            label="Password",
        ),
    ] = "unknown"
    at_rest: AtRest = "unknown"
    own_metrics: OwnMetrics = "unknown"


@dataclass(frozen=True, kw_only=True)
class Database(Store):
    """Keeps the data that must not be lost."""

    kind: Literal["database"] = "database"
    title: ClassVar = "Database"
    summary: ClassVar = "Keeps the data. The primary takes writes, replicas repeat what it did."
    group: ClassVar[Group] = "data"
    prefix: ClassVar = "db"
    traits: ClassVar = _STORE
    default_availability: ClassVar = 0.9985

    engine: Annotated[Literal["postgres", "mysql", "mariadb"], Help("Which program it is")] = (
        "postgres"
    )
    role: Annotated[
        Literal["primary", "replica"],
        Help("The primary takes reads and writes, a replica only reads"),
    ] = "primary"
    promotable: Annotated[bool, _OF_REPLICA, Help("A replica that may become the primary")] = True
    version: Annotated[str, Length(40), Help("Release of the engine; empty takes the default")] = ""
    accepts: Annotated[
        Literal["unknown", "reads", "writes"],
        _OF_REPLICA,
        Help("What a replica lets its clients do; PostgreSQL's only read", label="Replica accepts"),
    ] = "unknown"
    lag: Annotated[
        Literal["unknown", "watched", "unwatched"],
        _OF_REPLICA,
        Help("Whether somebody is told when a replica falls behind", label="Replication lag"),
    ] = "unknown"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show engine and role."""
        engine = {"postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}[self.engine]
        return f"{engine} {self.role}"


@dataclass(frozen=True, kw_only=True)
class Cache(Store):
    """Keeps copies of answers in memory."""

    kind: Literal["cache"] = "cache"
    title: ClassVar = "Cache"
    summary: ClassVar = "Remembers answers in memory so that the database is asked less."
    group: ClassVar[Group] = "data"
    prefix: ClassVar = "cache"
    traits: ClassVar = _SOFT_STORE

    engine: Annotated[Literal["redis", "valkey", "memcached"], Help("Which program it is")] = (
        "redis"
    )
    hit_ratio: Annotated[
        float | None,
        Range(0, 1),
        Help(
            "Share of the reads that it answers, so that no database is asked; empty: not known",
            "probability",
        ),
    ] = None

    @property
    def fact(self) -> str:
        """Show the engine."""
        return self.engine.capitalize()


@dataclass(frozen=True, kw_only=True)
class Queue(Store):
    """Holds messages until somebody takes them."""

    kind: Literal["queue"] = "queue"
    title: ClassVar = "Queue"
    summary: ClassVar = "Holds messages until a worker takes them, so that nobody has to wait."
    group: ClassVar[Group] = "data"
    prefix: ClassVar = "queue"
    traits: ClassVar = _STORE

    engine: Annotated[Literal["rabbitmq"], Help("Which program it is")] = "rabbitmq"

    @property
    def fact(self) -> str:
        """Show the engine."""
        return "RabbitMQ"


@dataclass(frozen=True, kw_only=True)
class ObjectStore(Store):
    """Shared storage for files: uploads, pictures, archives."""

    kind: Literal["object_store"] = "object_store"
    title: ClassVar = "Storage"
    summary: ClassVar = "Shared storage for uploads and pictures that all servers can reach."
    group: ClassVar[Group] = "data"
    prefix: ClassVar = "storage"
    traits: ClassVar = _STORE

    copies: Annotated[int, Range(1, 100), Help("Copies that it keeps of each file by itself")] = 1

    @property
    def fact(self) -> str:
        """Show the number of copies."""
        return f"{self.copies} copies" if self.copies > 1 else "one copy"


@dataclass(frozen=True, kw_only=True)
class Search(Store):
    """An index to search in."""

    kind: Literal["search"] = "search"
    title: ClassVar = "Search"
    summary: ClassVar = "An index that finds things by their words."
    group: ClassVar[Group] = "data"
    prefix: ClassVar = "search"
    traits: ClassVar = _SOFT_STORE

    @property
    def fact(self) -> str:
        """Say what it is."""
        return "full-text index"


@dataclass(frozen=True, kw_only=True)
class MonitoringServer(Component):
    """Collects measurements and watches them."""

    kind: Literal["monitoring_server"] = "monitoring_server"
    title: ClassVar = "Monitoring server"
    summary: ClassVar = "Collects what the agents measure and tells the alerting what is wrong."
    group: ClassVar[Group] = "operations"
    prefix: ClassVar = "monitoring"
    traits: ClassVar = _OPERATION

    probes: Annotated[
        bool, Help("Asks the site from outside as a user would", label="Probes user flows")
    ] = False
    image: Image = "prom/prometheus:v3.5.3"

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image.split("/")[-1]


@dataclass(frozen=True, kw_only=True)
class MonitoringAgent(Component):
    """Measures one server and reports."""

    kind: Literal["monitoring_agent"] = "monitoring_agent"
    title: ClassVar = "Monitoring agent"
    summary: ClassVar = "Measures the server that it runs on and reports to the monitoring server."
    group: ClassVar[Group] = "operations"
    prefix: ClassVar = "agent"
    traits: ClassVar = _OPERATION

    @property
    def fact(self) -> str:
        """Say what it measures."""
        return "host metrics"


@dataclass(frozen=True, kw_only=True)
class Alerting(Component):
    """Wakes somebody up."""

    kind: Literal["alerting"] = "alerting"
    title: ClassVar = "Alerting"
    summary: ClassVar = "Carries an alarm to the person on duty: mail, pager, chat."
    group: ClassVar[Group] = "operations"
    prefix: ClassVar = "alerting"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.WATCHES, Trait.LISTENS})

    channel: Annotated[Literal["mail", "pager", "chat"], Help("How the alarm travels")] = "mail"

    @property
    def fact(self) -> str:
        """Show the channel."""
        return self.channel


@dataclass(frozen=True, kw_only=True)
class LogStore(Component):
    """Collects the logs of all servers."""

    kind: Literal["log_store"] = "log_store"
    title: ClassVar = "Log store"
    summary: ClassVar = "Keeps the logs of all servers in one place, also after one is gone."
    group: ClassVar[Group] = "operations"
    prefix: ClassVar = "logs"
    traits: ClassVar = _OPERATION

    @property
    def fact(self) -> str:
        """Say what it keeps."""
        return "logs"


@dataclass(frozen=True, kw_only=True)
class Backup(Component):
    """Keeps copies of the data for the worst day."""

    kind: Literal["backup"] = "backup"
    title: ClassVar = "Backup"
    summary: ClassVar = "Keeps old copies of the data, out of reach of what destroys the original."
    group: ClassVar[Group] = "operations"
    prefix: ClassVar = "backup"
    traits: ClassVar = _OPERATION

    interval_hours: Annotated[float, Range(0.01, 8760), Help("Time between two copies", "h")] = 24
    at_rest: AtRest = "unknown"

    @property
    def fact(self) -> str:
        """Show how often."""
        return f"every {self.interval_hours:g} h"
