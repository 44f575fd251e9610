"""Which databases belong together: a primary and the replicas that follow it make a store."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from app.analysis.alternatives import leader
from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Backup, Database
from exporters.deployment import Certificate, Secret, Servers
from exporters.images import Image
from exporters.plan.draft import Context
from exporters.plan.names import natural
from exporters.plan.reaches import asks_roles

DATABASE = "app"
USER = "app"
PORTS: Mapping[str, int] = MappingProxyType({"postgres": 5432, "mariadb": 3306, "mysql": 3306})
CERTIFICATES = "/certs"
INIT = "/docker-entrypoint-initdb.d"
PURPOSES = ("admin", "app", "replication", "monitor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One primary and its replicas, by component id; `name` is the stem of their secrets.

    `candidates` are the replicas that are promoted when the primary is lost, and `voters` the
    services that decide it; both are empty where nothing switches by itself. `balancers` are those
    before it that know which server leads, `copied` when some backup takes copies of it.
    """

    name: str
    engine: str
    version: str
    primary: str
    replicas: tuple[str, ...]
    tls: bool
    candidates: tuple[str, ...] = ()
    voters: tuple[str, ...] = ()
    balancers: tuple[str, ...] = ()
    copied: bool = False

    def secret(self, what: str) -> str:
        """Return the name of one of its secrets."""
        return f"{self.name}-{what}"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All its secrets: one password for each account."""
        return tuple(Secret(name=self.secret(what)) for what in self.purposes)

    @property
    def purposes(self) -> tuple[str, ...]:
        """What its accounts are for."""
        return (*PURPOSES, "backup") if self.copied else PURPOSES

    def servers(self, context: Context) -> Servers:
        """Return its servers under their names."""
        program = "patroni" if self.voters else self.engine
        names = tuple(map(context.name, self.members))
        return Servers(program=program, names=names, database=DATABASE)

    @property
    def members(self) -> tuple[str, ...]:
        """The primary and its replicas, by component id."""
        return (self.primary, *self.replicas)


def stores_of(context: Context) -> Mapping[str, Store]:
    """Return the store of each database, and of each balancer that knows which one leads."""
    items = context.design.components
    databases = {
        key: item for key in sorted(items, key=natural) if isinstance(item := items[key], Database)
    }
    followed = {key: _primary_of(context.design, key, databases) for key in databases}
    found: dict[str, Store] = {}
    for primary in (key for key in databases if followed[key] == key):
        replicas = tuple(key for key in databases if followed[key] == primary != key)
        members = (primary, *replicas)
        balancers = tuple(_balancers(context, members))
        store = Store(
            name=context.name(primary),
            engine=databases[primary].engine,
            version=databases[primary].version,
            primary=primary,
            replicas=replicas,
            tls=any(_over_tls(context, key) for key in (*members, *balancers)),
            candidates=_candidates(context.design, databases, primary, replicas),
            balancers=balancers,
            copied=any(_is_copied(context, key) for key in (*members, *balancers)),
        )
        found |= dict.fromkeys((*members, *balancers), store)
    return MappingProxyType(_with_voters(context, found))


def _balancers(context: Context, members: tuple[str, ...]) -> Iterator[str]:
    """Yield the balancers before a store; one belongs to the store that it reaches first."""
    for key in sorted(context.design.components, key=natural):
        if asks_roles(context.design, key):
            first = next((reach.target for reach in context.out(key)), "")
            if first in members:
                yield key


def _candidates(
    design: Design, databases: Mapping[str, Database], primary: str, replicas: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the replicas one of which takes over by itself; Patroni knows PostgreSQL alone."""
    cluster_id = design.cluster_of.get(primary)
    cluster = design.components[cluster_id] if cluster_id else None
    if not isinstance(cluster, Cluster) or cluster.mode != "primary-replica":
        return ()
    if cluster.failover != "automatic" or databases[primary].engine != "postgres":
        return ()
    return tuple(key for key in replicas if key in cluster.members and databases[key].promotable)


def _with_voters(context: Context, stores: Mapping[str, Store]) -> dict[str, Store]:
    """Return the stores; those that switch by themselves share three voters."""
    if not any(store.candidates for store in stores.values()):
        return dict(stores)
    voters = tuple(context.names.claim(f"etcd-{number}") for number in (1, 2, 3))
    return {
        key: replace(store, voters=voters) if store.candidates else store
        for key, store in stores.items()
    }


def _is_copied(context: Context, component_id: str) -> bool:
    """Whether a backup takes copies of a database, whichever of the two opens the connection."""
    ends = ({r.source, r.target} for r in context.reaches if r.role == "backup")
    return any(
        component_id in pair and any(isinstance(context.item(key), Backup) for key in pair)
        for pair in ends
    )


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


def certificate(name: str, image: Image, also: Iterable[str] = ()) -> Certificate:
    """Return the certificate of a database server; `also` are the balancers that lead to it."""
    owner, mode = image.key_owner, image.key_mode
    return Certificate(service=name, names=(name, *also), owner=owner, mode=mode)
