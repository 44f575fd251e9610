"""What every proxy and balancer has, whatever product it is: servers behind it, keys, ports."""

from app.model.compute import AppServer, WebServer
from app.model.compute import Service as AnyService
from app.model.traffic import Cdn, LoadBalancer, ReverseProxy
from exporters import images
from exporters.deployment import Certificate, Note, PublishedPort
from exporters.plan.draft import Context
from exporters.plan.entrances import Entrance
from exporters.plan.names import is_host_name
from exporters.plan.reaches import Reach
from exporters.programs import (
    APP_PORT,
    APP_TLS_PORT,
    HEALTH,
    HTTP_PORT,
    HTTPS_PORT,
    Backend,
    Check,
)

SPEAKS_HTTP = (WebServer, ReverseProxy, AppServer, LoadBalancer, Cdn, AnyService)


def behind(context: Context, component_id: str) -> tuple[tuple[Reach, ...], tuple[Note, ...]]:
    """Return the connections to what a proxy hands requests on to, and what it cannot use."""
    item = context.item(component_id)
    useful = [reach for reach in context.out(component_id) if _is_http(context, reach)]
    first = next(
        (kind for kind in SPEAKS_HTTP if any(_is_a(context, reach, kind) for reach in useful)),
        None,
    )
    chosen: dict[str, Reach] = {}
    for reach in useful:
        if first is not None and _is_a(context, reach, first):
            chosen[reach.target] = reach  # an encrypted link, drawn later, takes the place
    others = [reach for reach in useful if reach.target not in chosen]
    notes = tuple(
        Note(
            components=(component_id,),
            text=f"{item.name} sends all requests to one kind of part; "
            f"its link to {context.item(reach.target).name} was left out.",
        )
        for reach in others
    )
    return tuple(chosen.values()), notes


def _is_http(context: Context, reach: Reach) -> bool:
    target = context.item(reach.target)
    if isinstance(target, AnyService):
        return reach.role == "request" and target.port is not None
    return reach.role == "request" and isinstance(target, SPEAKS_HTTP)


def _is_a(context: Context, reach: Reach, kind: type) -> bool:
    return isinstance(context.item(reach.target), kind)


def backend_of(context: Context, reach: Reach) -> Backend:
    """Return where a connection goes to: the host and port that the target listens on."""
    target = context.item(reach.target)
    tls = reach.link.encrypted and not isinstance(target, AnyService)
    health = HEALTH
    if isinstance(target, AppServer) and target.brings_its_own:
        port, tls, health = target.port or APP_PORT, False, target.health_path
    elif isinstance(target, AppServer):
        port = APP_TLS_PORT if tls else APP_PORT
    elif isinstance(target, AnyService):
        port = target.port or HTTP_PORT
    else:
        port = HTTPS_PORT if tls else HTTP_PORT
    name, weight = context.name(reach.target), reach.link.weight
    return Backend(host=name, port=port, tls=tls, weight=weight, health=health)


def tested_by(
    context: Context, component_id: str, wanted: Check, reaches: tuple[Reach, ...]
) -> tuple[Check, str, tuple[Note, ...]]:
    """Return how the servers behind a part are tested, by which path, and what must be told."""
    paths = dict.fromkeys(backend_of(context, reach).health for reach in reaches)
    path = next(iter(paths), HEALTH)
    if wanted != "http":
        return wanted, path, ()
    if any(isinstance(context.item(reach.target), AnyService) for reach in reaches):
        return "tcp", path, ()
    if len(paths) < 2:  # noqa: PLR2004  # one
        return "http", path, ()
    note = Note(
        components=(component_id,),
        text=f"{context.item(component_id).name}: the servers behind it are tested by different "
        "paths, so only their ports are.",
    )
    return "tcp", path, (note,)


def published(entrance: Entrance) -> dict[str, str | PublishedPort]:
    if not (entrance.redirect and entrance.tls):
        return {}
    secure = entrance.redirect_port
    return {"HTTPS_PORT": PublishedPort(secure.variable) if secure else str(HTTPS_PORT)}


def certificate(own: tuple[str, ...], wanted: str, image: images.Image) -> tuple[Certificate, ...]:
    """Return the certificate of a service: for its own names, and those that were drawn."""
    drawn = (word.lower() for word in wanted.split() if is_host_name(word))
    names = tuple(dict.fromkeys((*drawn, *own, "localhost")))
    owner, mode = image.key_owner, image.key_mode
    return (Certificate(service=own[0], names=names, owner=owner, mode=mode),)
