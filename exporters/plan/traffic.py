"""Load balancers, reverse proxies and web servers: HAProxy and nginx."""

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from app.analysis.requirements import switches
from app.model.compute import AppServer, WebServer
from app.model.compute import Service as AnyService
from app.model.containers import Cluster
from app.model.traffic import LoadBalancer, ReverseProxy
from exporters import images
from exporters.deployment import (
    Bind,
    Certificate,
    ConfigFile,
    Note,
    PublishedPort,
    Service,
)
from exporters.errors import ExportError
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import Entrance, behind_edge, entrance_of, is_front, published_ports
from exporters.plan.names import is_host_name
from exporters.plan.reaches import Reach
from exporters.programs import (
    APP_PORT,
    APP_TLS_PORT,
    CA_FILE,
    HTTP_PORT,
    HTTPS_PORT,
    Backend,
    Balancer,
    Check,
    Edge,
    Page,
    Proxy,
)

_BALANCE = MappingProxyType({"random": "random(2)", "unset": "roundrobin"})
_SPEAKS_HTTP = (WebServer, ReverseProxy, AppServer, LoadBalancer, AnyService)
_OPEN_FILES = 16384
_CA = Bind(source="pki/ca.crt", target=CA_FILE)


def balancer(context: Context, component_id: str, item: LoadBalancer) -> Part:
    """Plan a load balancer."""
    name = context.name(component_id)
    entrance = entrance_of(context, component_id)
    reaches, notes = _behind(context, component_id)
    backends = tuple(backend_of(context, reach) for reach in reaches)
    passthrough = item.layer == "tcp" and not item.certificate and any(b.tls for b in backends)
    _refuse_uri_hash(item)
    cluster_id = behind_edge(context, component_id)
    values = Balancer(
        name=name,
        mode=item.layer,
        balance=_BALANCE.get(item.algorithm, item.algorithm),
        hashes=item.algorithm in ("source", "uri"),
        check=_check(context, item, reaches),
        backends=backends,
        plain=entrance.plain,
        tls=entrance.tls,
        passthrough=passthrough,
        redirect=entrance.redirect and item.layer == "http",
        behind_edge=cluster_id is not None,
    )
    config = f"config/{name}/haproxy.cfg"
    own_key = entrance.tls and not passthrough
    names = (name, context.name(cluster_id)) if cluster_id else (name,)
    service = Service(
        name=name,
        title=item.name,
        role="balancer",
        component=component_id,
        image=images.HAPROXY.tag,
        environment=_published(entrance),
        ports=entrance.ports,
        binds=(
            Bind(source=config, target="/usr/local/etc/haproxy/haproxy.cfg"),
            *((_CA,) if any(b.tls for b in backends) else ()),
        ),
        open_files=_OPEN_FILES,
        stop_seconds=30,
    )
    return Part(
        services=(service,),
        files=(ConfigFile(path=config, template="haproxy.cfg", values=values),),
        certificates=_certificate(names, item.certificate, images.HAPROXY) if own_key else (),
        notes=(*notes, *_balancer_notes(component_id, item, backends)),
    )


def _refuse_uri_hash(item: LoadBalancer) -> None:
    if item.layer == "tcp" and item.algorithm == "uri":
        raise ExportError(
            f"{item.name}: an algorithm that hashes the URI needs a balancer that reads requests; "
            "set its layer to http, or choose source"
        )


def _balancer_notes(
    component_id: str, item: LoadBalancer, backends: tuple[Backend, ...]
) -> Iterable[Note]:
    if item.algorithm == "unset":
        yield Note(
            components=(component_id,),
            text=f"{item.name} has no algorithm: round robin was taken.",
        )
    if not backends:
        yield Note(
            components=(component_id,),
            text=f"{item.name} has nothing behind it and answers 503.",
        )
    if item.layer == "tcp" and item.redirect:
        yield Note(
            components=(component_id,),
            text=f"{item.name} passes connections and cannot send visitors to HTTPS.",
        )
    if not item.image.split("/")[-1].startswith("haproxy"):
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; {images.HAPROXY.tag} takes its place.",
        )


def _check(context: Context, item: LoadBalancer, reaches: tuple[Reach, ...]) -> Check:
    plain = any(isinstance(context.item(reach.target), AnyService) for reach in reaches)
    return "tcp" if plain and item.health_check == "http" else item.health_check


def _behind(context: Context, component_id: str) -> tuple[tuple[Reach, ...], tuple[Note, ...]]:
    """Return the connections to what a proxy hands requests on to, and what it cannot use."""
    item = context.item(component_id)
    useful = [reach for reach in context.out(component_id) if _is_http(context, reach)]
    first = next(
        (kind for kind in _SPEAKS_HTTP if any(_is_a(context, reach, kind) for reach in useful)),
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
    return reach.role == "request" and isinstance(target, _SPEAKS_HTTP)


def _is_a(context: Context, reach: Reach, kind: type) -> bool:
    return isinstance(context.item(reach.target), kind)


def backend_of(context: Context, reach: Reach) -> Backend:
    """Return where a connection goes to: the host and port that the target listens on."""
    target = context.item(reach.target)
    tls = reach.link.encrypted and not isinstance(target, AnyService)
    if isinstance(target, AppServer):
        port = APP_TLS_PORT if tls else APP_PORT
    elif isinstance(target, AnyService):
        port = target.port or HTTP_PORT
    else:
        port = HTTPS_PORT if tls else HTTP_PORT
    name, weight = context.name(reach.target), reach.link.weight
    return Backend(host=name, port=port, tls=tls, weight=weight)


def _published(entrance: Entrance) -> dict[str, str | PublishedPort]:
    if not (entrance.redirect and entrance.tls):
        return {}
    secure = entrance.redirect_port
    return {"HTTPS_PORT": PublishedPort(secure.variable) if secure else str(HTTPS_PORT)}


def _certificate(own: tuple[str, ...], wanted: str, image: images.Image) -> tuple[Certificate, ...]:
    """Return the certificate of a service: for its own names, and those that were drawn."""
    drawn = (word.lower() for word in wanted.split() if is_host_name(word))
    names = tuple(dict.fromkeys((*drawn, *own, "localhost")))
    owner, mode = image.key_owner, image.key_mode
    return (Certificate(service=own[0], names=names, owner=owner, mode=mode),)


def web(context: Context, component_id: str, item: WebServer | ReverseProxy) -> Part:
    """Plan a web server or reverse proxy."""
    name = context.name(component_id)
    entrance = entrance_of(context, component_id)
    reaches, notes = _behind(context, component_id)
    files = tuple(
        context.name(reach.target)
        for reach in context.out(component_id)
        if context.item(reach.target).kind == "app_files"
    )
    values = Proxy(
        name=name,
        backends=tuple(backend_of(context, reach) for reach in reaches),
        plain=entrance.plain,
        tls=entrance.tls,
        redirect=entrance.redirect,
        files=files,
    )
    folder = f"config/{name}"
    service = Service(
        name=name,
        title=item.name,
        role="proxy" if isinstance(item, ReverseProxy) else "web",
        component=component_id,
        image=images.NGINX.tag,
        environment=_published(entrance),
        ports=entrance.ports,
        binds=(*_web_binds(folder, values), *((_CA,) if values.upstream_tls else ())),
        open_files=_OPEN_FILES,
        stop_seconds=30,
    )
    if values.redirect:  # the number of the published port is only known when it starts
        service = replace(service, tmpfs=("/etc/nginx/conf.d",))
    configs = [
        ConfigFile(path=f"{folder}/nginx.conf", template="nginx.conf", values=values),
        ConfigFile(path=f"{folder}/site.conf", template="site.conf", values=values),
    ]
    if not values.backends:
        page = f"{folder}/html/index.html"
        configs.append(ConfigFile(path=page, template="index.html", values=Page(name=name)))
    return Part(
        services=(service,),
        files=tuple(configs),
        certificates=_certificate((name,), item.certificate, images.NGINX) if entrance.tls else (),
        notes=(*notes, *_web_notes(context, component_id)),
    )


def _web_binds(folder: str, values: Proxy) -> Iterable[Bind]:
    yield Bind(source=f"{folder}/nginx.conf", target="/etc/nginx/nginx.conf")
    site = "/etc/nginx/conf.d/site.conf"
    if values.redirect:
        site = "/etc/nginx/templates/site.conf.template"
    yield Bind(source=f"{folder}/site.conf", target=site)
    if not values.backends:
        yield Bind(source=f"{folder}/html", target="/usr/share/nginx/html")
    for files in values.files:
        yield Bind(source=f"config/{files}", target=f"/srv/files/{files}")


def _web_notes(context: Context, component_id: str) -> Iterable[Note]:
    item = context.item(component_id)
    for reach in context.out(component_id):
        target = context.item(reach.target)
        if target.kind in ("database", "cache", "queue", "object_store", "search"):
            yield Note(
                components=(component_id,),
                text=f"{item.name} has no program of its own that could use {target.name}: "
                "draw an application server between them.",
            )
    image = getattr(item, "image", "")
    if not image.split("/")[-1].startswith("nginx"):
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; {images.NGINX.tag} takes its place.",
        )


def edge(context: Context, cluster_id: str, cluster: Cluster) -> Part:
    """Plan what stands for the moving address of an active-passive pair of balancers."""
    members = [key for key in cluster.members if isinstance(context.item(key), LoadBalancer)]
    if cluster.mode != "active-passive" or not members:
        return Part(notes=tuple(_cluster_notes(cluster_id, cluster)))
    entrances = [entrance_of(context, key) for key in members]
    name = context.slugs[cluster_id]
    automatic = switches(cluster, "continuity")
    balancers = tuple(
        Backend(host=context.name(key), port=0, backup=number > 0,
                disabled=number > 0 and not automatic)
        for number, key in enumerate(members)
    )  # fmt: skip
    values = Edge(
        name=name,
        plain=any(entrance.plain for entrance in entrances),
        tls=any(entrance.tls for entrance in entrances),
        balancers=balancers,
    )
    config = f"config/{name}/haproxy.cfg"
    front = any(is_front(context, key) for key in members)
    ports = published_ports(context, cluster_id, plain=values.plain, tls=values.tls)
    service = Service(
        name=name,
        title=cluster.name,
        role="edge",
        component=cluster_id,
        image=images.HAPROXY.tag,
        ports=ports if front else (),
        binds=(Bind(source=config, target="/usr/local/etc/haproxy/haproxy.cfg"),),
        open_files=_OPEN_FILES,
        stop_seconds=30,
    )
    return Part(
        services=(service,),
        files=(ConfigFile(path=config, template="edge.cfg", values=values),),
        notes=tuple(_edge_notes(cluster_id, cluster, name)),
    )


def _edge_notes(cluster_id: str, cluster: Cluster, name: str) -> Iterable[Note]:
    yield Note(
        components=(cluster_id,),
        text=f"{cluster.name}: the address that moves between the balancers is emulated by the "
        f"service {name}, a HAProxy with a backup. It is a single point of failure that the real "
        "design does not have.",
    )
    if not switches(cluster, "continuity"):
        yield Note(
            components=(cluster_id,),
            text=f"{cluster.name}: failover is {cluster.failover}, so the passive balancer is "
            f"listed as disabled in config/{name}/haproxy.cfg. To switch by hand, delete that "
            f"word and run: docker compose restart {name}",
        )


def _cluster_notes(cluster_id: str, cluster: Cluster) -> Iterable[Note]:
    if cluster.virtual_address:
        yield Note(
            components=(cluster_id,),
            text=f"{cluster.name}: a shared address is not exported for members that all work at "
            "once; each balancer has published ports of its own, and people choose.",
        )
