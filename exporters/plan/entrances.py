"""How requests enter a part: plain or over TLS, and which ports are published for people."""

from dataclasses import dataclass

from app.model.compute import AppServer, WebServer
from app.model.compute import Service as AnyService
from app.model.containers import Cluster
from app.model.kinds import AnyComponent
from app.model.traffic import Cdn, Client, LoadBalancer, ReverseProxy
from exporters.deployment import Port
from exporters.plan.draft import Context
from exporters.plan.names import natural
from exporters.programs import APP_PORT, APP_TLS_PORT, HTTP_PORT, HTTPS_PORT

_FRONTS = (Cdn, LoadBalancer, ReverseProxy, WebServer, AppServer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What a part listens on, and how people reach it."""

    plain: bool
    tls: bool
    redirect: bool = False
    ports: tuple[Port, ...] = ()
    redirect_port: Port | None = None


def is_front(context: Context, component_id: str) -> bool:
    """Whether people reach a part directly: a client links to it, or no part does."""
    if any(isinstance(context.item(reach.source), Client) for reach in context.into(component_id)):
        return True
    if _has_clients(context) or not isinstance(context.item(component_id), _FRONTS):
        return False
    return not any(reach.link.is_traffic for reach in context.into(component_id))


def _has_clients(context: Context) -> bool:
    """Whether some client reaches something that answers."""
    return any(
        isinstance(context.item(reach.source), Client)
        and isinstance(context.item(reach.target), (*_FRONTS, AnyService))
        for reach in context.reaches
    )


def behind_edge(context: Context, component_id: str) -> str | None:
    """Return the active-passive cluster through which people reach a balancer."""
    cluster_id = context.design.cluster_of.get(component_id)
    cluster = context.item(cluster_id) if cluster_id else None
    passive = isinstance(cluster, Cluster) and cluster.mode == "active-passive"
    return cluster_id if passive else None


def entrance_of(context: Context, component_id: str) -> Entrance:
    """Return how requests enter a part."""
    item = context.item(component_id)
    numbers = _numbers(item)
    into = [reach for reach in context.into(component_id) if reach.role == "request"]
    tls = any(reach.link.encrypted for reach in into) and not _speaks_plain(item)
    redirect = bool(getattr(item, "redirect", False)) and tls
    plain = redirect or not tls or any(not reach.link.encrypted for reach in into)
    cluster_id = behind_edge(context, component_id)
    front = is_front(context, component_id)
    ports: tuple[Port, ...] = ()
    if front:
        ports = published_ports(context, cluster_id or component_id, numbers, plain=plain, tls=tls)
    secure = next((port for port in ports if port.scheme == "https"), None)
    return Entrance(
        plain=plain,
        tls=tls,
        redirect=redirect,
        ports=() if cluster_id else ports,
        redirect_port=secure,
    )


def secure_entrances(context: Context) -> tuple[str, ...]:
    """Return the parts at which people come in over TLS."""
    items = context.design.components
    return tuple(
        key
        for key in sorted(items, key=natural)
        if isinstance(items[key], _FRONTS)
        and is_front(context, key)
        and entrance_of(context, key).tls
    )


def _numbers(item: AnyComponent) -> tuple[int, int]:
    """Return the ports on which a part listens, for plain requests and for TLS."""
    if not isinstance(item, AppServer):
        return HTTP_PORT, HTTPS_PORT
    return (item.port or APP_PORT, 0) if item.brings_its_own else (APP_PORT, APP_TLS_PORT)


def _speaks_plain(item: AnyComponent) -> bool:
    """Whether nobody can give a part a certificate: what a user brings, nobody knows."""
    return isinstance(item, AppServer) and item.brings_its_own


def published_ports(
    context: Context,
    component_id: str,
    numbers: tuple[int, int] = (HTTP_PORT, HTTPS_PORT),
    *,
    plain: bool,
    tls: bool,
) -> tuple[Port, ...]:
    """Return the published ports of a service for requests."""
    found = []
    if plain:
        found.append(context.ports.of(context.name(component_id), "http", numbers[0]))
    if tls:
        found.append(context.ports.of(context.name(component_id), "https", numbers[1]))
    return tuple(found)
