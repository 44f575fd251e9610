"""Which links make sense: proposes role and protocol from the two ends, and says why not."""

from dataclasses import replace
from typing import Any

from app.model.compute import AppFiles, AppServer, Service, WebServer, Worker
from app.model.containers import Cluster, Note, Server, Site, Zone
from app.model.design import Design
from app.model.errors import DesignError
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.stores import (
    Alerting,
    Backup,
    Cache,
    Database,
    LogStore,
    MonitoringAgent,
    MonitoringServer,
    ObjectStore,
    Queue,
    Search,
)
from app.model.traffic import Client, Dns, LoadBalancer

_REACHING_OUT = MonitoringServer | MonitoringAgent | Alerting | Backup
_OPERATORS = _REACHING_OUT | LogStore
_ANSWERING = Database | Cache | Queue | ObjectStore | Search | LogStore
_RUNNING_FILES = WebServer | AppServer | Worker | Service


def refusal(design: Design, source: str, target: str) -> str | None:
    """Say why no link from source to target makes sense, in one sentence; None if one does."""
    if source == target:
        return "A link cannot end where it starts."
    ends = (design.component(source), design.component(target))
    for item in ends:
        if isinstance(item, Note):
            return "A note takes part in nothing: it cannot be linked."
        if isinstance(item, Site | Zone):
            return f"A {item.title.lower()} is a place: link the parts inside it."
    return (
        _refused_cluster(design, source, target)
        or _refused_server(*ends)
        or _refused_kinds(_called(design, source), _called(design, target))
        or _refused_again(design, source, target)
    )


def _called(design: Design, component_id: str) -> AnyComponent:
    """Return what a component speaks like, by its own name: for a cluster its first member."""
    return replace(_typical(design, component_id), name=design.components[component_id].name)


def _refused_again(design: Design, source: str, target: str) -> str | None:
    """Refuse what is drawn already: a second line says nothing, and hides the first."""
    if isinstance(design.components[source], Cluster):
        return None
    drawn = {
        (link.role, link.protocol)
        for link in (design.links[key] for key in design.outgoing[source])
        if link.target == target
    }
    if all((link.role, link.protocol) in drawn for link in _proposed(design, [source], target)):
        names = design.components[source].name, design.components[target].name
        return f"{names[0]} is linked to {names[1]} like that already."
    return None


def _refused_cluster(design: Design, source: str, target: str) -> str | None:
    for whole, member in ((source, target), (target, source)):
        if design.cluster_of.get(member) == whole:
            names = design.components[member].name, design.components[whole].name
            return f"{names[0]} is a member of {names[1]}: the cluster joins them already."
    ends = [design.components[key] for key in (source, target)]
    if all(isinstance(_typical(design, key), Database) for key in (source, target)):
        address = next((item.name for item in ends if isinstance(item, Cluster)), "")
        return address and f"{address} is the address of several databases: link one of them."
    cluster = ends[0]
    if not isinstance(cluster, Cluster):
        return None
    if not cluster.members:
        return f"{cluster.name} has no members yet: links start at these."
    if not _unlinked(design, cluster, target):
        return f"Every member of {cluster.name} is linked to it already."
    return None


def _unlinked(design: Design, cluster: Cluster, target: str) -> list[str]:
    linked = {design.links[key].source for key in design.incoming[target]}
    return [member for member in cluster.members if member not in linked]


def _refused_server(source: AnyComponent, target: AnyComponent) -> str | None:
    if isinstance(source, Server) and not isinstance(target, _OPERATORS):
        return "A server only holds parts: start the link at one of them."
    if isinstance(target, Server) and not isinstance(source, _OPERATORS):
        return "A server only holds parts: link one of them."
    return None


def _refused_kinds(source: AnyComponent, target: AnyComponent) -> str | None:
    if isinstance(target, Client):
        return "Users open connections; answers travel back on the same link."
    if isinstance(source, Alerting):
        return "Alerting is the end of the line: it tells people."
    if isinstance(target, AppFiles):
        if isinstance(source, _RUNNING_FILES | Backup):
            return None
        return (
            "Application files are read by what runs them: a web or application server, a worker."
        )
    if isinstance(target, _OPERATORS) or isinstance(source, _REACHING_OUT):
        return None
    return _refused_source(source, target)


def _refused_source(source: AnyComponent, target: AnyComponent) -> str | None:
    """Refuse what starts at a part that opens no connections, but copies its like at most."""
    if source.kind == target.kind:
        return None
    if isinstance(source, Dns):
        return f"DNS only tells an address: the users then open the link to {target.name}."
    if isinstance(source, AppFiles):
        return "Application files do nothing by themselves: link what runs them."
    if isinstance(source, _ANSWERING):
        return f"{source.name} only answers: draw the link from {target.name} to it."
    if isinstance(source, LoadBalancer) and source.layer == "http" and isinstance(target, Database):
        return f"{source.name} balances HTTP, which {target.name} does not speak: link a program."
    return None


def propose(design: Design, source: str, target: str) -> tuple[Link, ...]:
    """Propose the links to draw from source to target: usually one, read and write for data.

    A cluster is an address and opens no connection: its members are proposed as the sources.

    Raises:
        DesignError: no link makes sense; the message says why.
    """
    why = refusal(design, source, target)
    if why is not None:
        raise DesignError(why)
    cluster = design.component(source)
    if not isinstance(cluster, Cluster):
        return _proposed(design, [source], target)
    kind = _typical(design, source).kind  # members of another kind have no place in it: MOD008
    members = _unlinked(design, cluster, target)
    same = [member for member in members if design.components[member].kind == kind]
    return _proposed(design, same or members[:1], target)


def _proposed(design: Design, sources: list[str], target: str) -> tuple[Link, ...]:
    speaks = _typical(design, sources[0]), _typical(design, target)
    return tuple(
        Link(source=start, target=target, **values)
        for start in sources
        for values in _values(*speaks, design, target)
    )


def _typical(design: Design, component_id: str) -> AnyComponent:
    item = design.component(component_id)
    if isinstance(item, Cluster) and item.members:
        return design.component(item.members[0])
    return item


def _values(
    source: AnyComponent, target: AnyComponent, design: Design, target_id: str
) -> list[dict[str, Any]]:
    operation = _operation(source, target)
    if operation is not None:
        return [operation]
    if source.kind == target.kind and isinstance(source, _ANSWERING):
        return [_spoken(source, target) | {"role": "replicate"}]
    if isinstance(target, Database):
        return _database(target, whole_cluster=isinstance(design.component(target_id), Cluster))
    return [_request(source, target)]


def _operation(source: AnyComponent, target: AnyComponent) -> dict[str, Any] | None:
    if isinstance(target, Alerting):
        return {"role": "alert", "protocol": "https"}
    if isinstance(target, LogStore):
        return {"role": "log", "protocol": "syslog-tls"}
    if isinstance(target, Backup) or isinstance(source, Backup):
        return {"role": "backup", "protocol": "ssh"}
    if isinstance(target, MonitoringServer) or isinstance(
        source, MonitoringServer | MonitoringAgent
    ):
        return {"role": "monitor", "protocol": "https"}
    if source.kind == "bastion" or target.kind == "bastion":
        return {"role": "admin", "protocol": "ssh"}
    return None


def _engine(database: Database) -> str:
    return "mysql" if database.engine == "mariadb" else database.engine


def _spoken(source: AnyComponent, target: AnyComponent) -> dict[str, Any]:
    if isinstance(target, Database):
        return {"protocol": _engine(target)}
    return _request(source, target)


def _database(target: Database, *, whole_cluster: bool) -> list[dict[str, Any]]:
    read = {"role": "read", "protocol": _engine(target)}
    if target.role == "replica" and not whole_cluster:
        return [read]
    return [read, read | {"role": "write"}]


def _request(source: AnyComponent, target: AnyComponent) -> dict[str, Any]:
    if isinstance(target, Cache):
        protocol = "memcached" if target.engine == "memcached" else "redis"
        return {"role": "cache", "protocol": protocol}
    if isinstance(target, Queue):
        role = "consume" if source.kind == "worker" else "publish"
        return {"role": role, "protocol": "amqp"}
    if isinstance(target, ObjectStore):
        return {"role": "request", "protocol": "s3"}
    if isinstance(target, Search):
        return {"role": "request", "protocol": "http", "port": 9200}
    by_kind: dict[str, dict[str, Any]] = {
        "dns": {"role": "resolve", "protocol": "dns"},
        "app_files": {"role": "request", "protocol": "file"},
        "app_server": {"role": "request", "protocol": "http", "port": 8000},
    }
    return by_kind.get(target.kind, _http(source))


def _http(source: AnyComponent) -> dict[str, Any]:
    layer = source.layer if isinstance(source, LoadBalancer) else "http"
    return {"role": "request", "protocol": layer, "port": 80}
