"""Which databases belong together: a primary and the replicas that follow it make a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.analysis.alternatives import leader
from app.model.design import Design
from app.model.stores import Database
from exporters.deployment import Certificate, Secret
from exporters.images import Image
from exporters.plan.draft import Context
from exporters.plan.names import natural

DATABASE = "app"
USER = "app"
PORTS: Mapping[str, int] = MappingProxyType({"postgres": 5432, "mariadb": 3306, "mysql": 3306})
CERTIFICATES = "/certs"
INIT = "/docker-entrypoint-initdb.d"
PURPOSES = ("admin", "app", "replication", "monitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One primary and its replicas, by component id; `name` is the stem of their secrets."""

    name: str
    engine: str
    version: str
    primary: str
    replicas: tuple[str, ...]
    tls: bool

    def secret(self, what: str) -> str:
        """Return the name of one of its secrets."""
        return f"{self.name}-{what}"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All its secrets: one password for each account."""
        return tuple(Secret(name=self.secret(what)) for what in PURPOSES)

    @property
    def members(self) -> tuple[str, ...]:
        """The primary and its replicas, by component id."""
        return (self.primary, *self.replicas)


def stores_of(context: Context) -> Mapping[str, Store]:
    """Return the store of each database."""
    items = context.design.components
    databases = {
        key: item for key in sorted(items, key=natural) if isinstance(item := items[key], Database)
    }
    followed = {key: _primary_of(context.design, key, databases) for key in databases}
    found: dict[str, Store] = {}
    for primary in (key for key in databases if followed[key] == key):
        replicas = tuple(key for key in databases if followed[key] == primary != key)
        store = Store(
            name=context.name(primary),
            engine=databases[primary].engine,
            version=databases[primary].version,
            primary=primary,
            replicas=replicas,
            tls=any(_over_tls(context, key) for key in (primary, *replicas)),
        )
        found |= dict.fromkeys((primary, *replicas), store)
    return MappingProxyType(found)


def _over_tls(context: Context, component_id: str) -> bool:
    roles = ("read", "write", "request", "replicate")
    return any(reach.link.encrypted for reach in context.into(component_id) if reach.role in roles)


def _primary_of(design: Design, component_id: str, databases: Mapping[str, Database]) -> str:
    """Return the primary that a database follows: itself, if it is one or finds none."""
    if databases[component_id].role == "primary":
        return component_id
    engine = databases[component_id].engine
    primaries = [key for key, item in databases.items() if _is_primary(item, engine)]
    cluster = design.cluster(component_id)
    near = [key for key in primaries if cluster and key == leader(design, cluster)]
    linked = [key for key in primaries if _replicates(design, key, component_id)]
    return next(iter(near or linked or primaries), component_id)


def _is_primary(item: Database, engine: str) -> bool:
    return item.role == "primary" and item.engine == engine


def _replicates(design: Design, one: str, other: str) -> bool:
    ends = {one, other}
    return any(
        link.role == "replicate" and {link.source, link.target} == ends
        for link in design.links.values()
    )


def secret_file(secret: str) -> str:
    """Return where a container finds a secret."""
    return f"/run/secrets/{secret}"


def certificate(name: str, image: Image) -> Certificate:
    """Return the certificate of a database server."""
    return Certificate(service=name, names=(name,), owner=image.key_owner, mode=image.key_mode)
