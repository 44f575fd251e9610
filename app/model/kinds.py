"""The closed table of kinds: everything that lists kinds reads it from here."""

from types import MappingProxyType

from app.model.component import Component, Group
from app.model.compute import AppFiles, AppServer, Service, WebServer, Worker
from app.model.containers import Cluster, Note, Server, Site, Zone
from app.model.errors import DesignError
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
from app.model.traffic import Bastion, Cdn, Client, Dns, Firewall, LoadBalancer, ReverseProxy

AnyComponent = (
    Client
    | Dns
    | Cdn
    | Firewall
    | LoadBalancer
    | Cluster
    | ReverseProxy
    | Bastion
    | WebServer
    | AppServer
    | AppFiles
    | Worker
    | Service
    | Database
    | Cache
    | Queue
    | ObjectStore
    | Search
    | MonitoringServer
    | MonitoringAgent
    | Alerting
    | LogStore
    | Backup
    | Site
    | Zone
    | Server
    | Note
)

_CLASSES: tuple[type[AnyComponent], ...] = AnyComponent.__args__
GROUPS: MappingProxyType[Group, str] = MappingProxyType(
    {
        "traffic": "Traffic",
        "compute": "Compute",
        "data": "Data",
        "operations": "Operations",
        "containers": "Containers",
        "annotation": "Notes",
    }
)


def _kind_of(cls: type[AnyComponent]) -> str:
    default = cls.__dataclass_fields__["kind"].default
    return str(default)


KINDS: MappingProxyType[str, type[AnyComponent]] = MappingProxyType(
    {_kind_of(cls): cls for cls in _CLASSES}
)


def kind_named(kind: str) -> type[AnyComponent]:
    """Return the class of a kind.

    Raises:
        DesignError: there is no such kind.
    """
    if kind not in KINDS:
        message = f"there is no kind of component called {kind!r}"
        raise DesignError(message)
    return KINDS[kind]


__all__ = ["GROUPS", "KINDS", "AnyComponent", "Component", "kind_named"]
