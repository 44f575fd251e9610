"""Load balancers, reverse proxies, web servers, and what stands for a moving address."""

from collections.abc import Iterable
from dataclasses import replace

from app.analysis.requirements import switches
from app.model.compute import WebServer
from app.model.containers import Cluster
from app.model.traffic import HASHED, LoadBalancer, ReverseProxy
from exporters import images
from exporters.deployment import Bind, ConfigFile, Note, Service
from exporters.plan import vrrp
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import behind_edge, entrance_of, is_front, published_ports
from exporters.plan.fronts import backend_of, behind, tested_by
from exporters.plan.products import TITLES, Product, algorithm_of, product_of
from exporters.plan.proxies import proxy
from exporters.plan.varnish import cache_proxy
from exporters.programs import Backend, Edge, Front

_OPEN_FILES = 16384
_BALANCERS: tuple[Product, ...] = ("haproxy", "nginx", "caddy", "traefik")
_FILE_SERVERS: tuple[Product, ...] = ("nginx", "caddy")
_IN_TURN: dict[Product, str] = {
    "haproxy": "roundrobin", "nginx": "", "caddy": "round_robin", "traefik": "wrr",
}  # fmt: skip


def balancer(context: Context, component_id: str, item: LoadBalancer) -> Part:
    """Plan a load balancer.

    Raises:
        ExportError: its product lacks its algorithm.
    """
    name = context.name(component_id)
    entrance = entrance_of(context, component_id)
    reaches, notes = behind(context, component_id)
    backends = tuple(backend_of(context, reach) for reach in reaches)
    product, replaced = _product(component_id, item, _BALANCERS)
    cluster_id = behind_edge(context, component_id)
    check, health, health_notes = tested_by(context, component_id, item.health_check, reaches)
    front = Front(
        name=name,
        header="X-Balancer",
        mode=item.layer,
        balance=algorithm_of(product, item, backends),
        consistent=item.algorithm in HASHED and not item.hashes_by_modulo,
        check=check,
        health=health,
        backends=backends,
        plain=entrance.plain,
        tls=entrance.tls,
        passthrough=item.layer == "tcp" and not item.certificate and any(b.tls for b in backends),
        redirect=entrance.redirect and item.layer == "http",
        behind_edge=cluster_id is not None,
        public=context.public.get(component_id, ()),
    )
    names = (name, context.name(cluster_id)) if cluster_id else (name,)
    part = proxy(
        context, component_id, front, entrance, product,
        role="balancer", names=names, wanted=item.certificate,
    )  # fmt: skip
    cluster = context.item(cluster_id) if cluster_id else None
    if cluster_id and isinstance(cluster, Cluster) and vrrp.moves(context, cluster_id):
        part = vrrp.balancer(part, cluster, vrrp.pairs(context)[context.name(cluster_id)])
    told = (*notes, *health_notes, *replaced, *_balancer_notes(component_id, item, product, front))
    return replace(part, notes=(*part.notes, *told, *_data_behind(context, component_id)))


def _data_behind(context: Context, component_id: str) -> Iterable[Note]:
    """Yield what stands behind a balancer and is asked by the programs themselves."""
    name = context.item(component_id).name
    for reach in context.out(component_id):
        target = context.item(reach.target)
        if target.kind in ("database", "cache", "queue", "object_store", "search"):
            yield Note(
                components=(component_id,),
                text=f"{name} hands on requests for pages, and connections to PostgreSQL where "
                f"nothing else is behind it; its link to {target.name} was left out: link the "
                "programs to it, which choose a server that works by themselves.",
            )


def _product(
    component_id: str, item: LoadBalancer | ReverseProxy | WebServer, offered: tuple[Product, ...]
) -> tuple[Product, tuple[Note, ...]]:
    """Return the product that a part was drawn as, or the first one offered, which is told."""
    drawn = product_of(item.image)
    if drawn in offered:
        return drawn, ()
    note = Note(
        components=(component_id,),
        text=f"{item.name} was drawn as another program; {TITLES[offered[0]]} takes its place.",
    )
    return offered[0], (note,)


def _balancer_notes(
    component_id: str, item: LoadBalancer, product: Product, front: Front
) -> Iterable[Note]:
    texts = {
        f"{item.name} has no algorithm: round robin was taken.": item.algorithm == "unset",
        f"{item.name} has nothing behind it and answers 503.": not front.backends,
        f"{item.name} passes connections and cannot send visitors to HTTPS.": (
            item.layer == "tcp" and item.redirect
        ),
        f"{item.name} asks its servers nothing by itself, which only the sold edition of nginx "
        "does: two requests that fail within two seconds make a server dead for as long.": (
            product == "nginx" and front.check != "none"
        ),
        f"{item.name} tests its servers by HTTP or not at all: Caddy finds a dead one by "
        "connections that fail.": product == "caddy" and front.check == "tcp",
    }
    for text, holds in texts.items():
        if holds:
            yield Note(components=(component_id,), text=text)


def web(context: Context, component_id: str, item: WebServer | ReverseProxy) -> Part:
    """Plan a web server or reverse proxy."""
    entrance = entrance_of(context, component_id)
    reaches, notes = behind(context, component_id)
    server = isinstance(item, WebServer)
    offered = _FILE_SERVERS if server else ("nginx", "haproxy", "caddy", "traefik", "varnish")
    product, replaced = _product(component_id, item, offered)
    check, health, health_notes = tested_by(context, component_id, "http", reaches)
    front = Front(
        name=context.name(component_id),
        header="X-Web",
        balance=_IN_TURN.get(product, ""),
        check=check,
        health=health,
        backends=tuple(backend_of(context, reach) for reach in reaches),
        plain=entrance.plain,
        tls=entrance.tls,
        redirect=entrance.redirect,
        files=_files(context, component_id) if product in _FILE_SERVERS else (),
        public=context.public.get(component_id, ()),
    )
    told = (*notes, *health_notes, *replaced, *_web_notes(context, component_id, product))
    if product == "varnish":
        part = cache_proxy(context, component_id, front, entrance, wanted=item.certificate)
    else:
        part = proxy(
            context, component_id, front, entrance, product,
            role="web" if server else "proxy", names=(front.name,), wanted=item.certificate,
        )  # fmt: skip
    return replace(part, notes=(*part.notes, *told))


def _files(context: Context, component_id: str) -> tuple[str, ...]:
    return tuple(
        context.name(reach.target)
        for reach in context.out(component_id)
        if context.item(reach.target).kind == "app_files"
    )


def _web_notes(context: Context, component_id: str, product: Product) -> Iterable[Note]:
    item = context.item(component_id)
    for reach in context.out(component_id):
        target = context.item(reach.target)
        if target.kind in ("database", "cache", "queue", "object_store", "search"):
            yield Note(
                components=(component_id,),
                text=f"{item.name} has no program of its own that could use {target.name}: "
                "draw an application server between them.",
            )
    if product not in _FILE_SERVERS and _files(context, component_id):
        yield Note(
            components=(component_id,),
            text=f"{item.name} hands requests on and serves no files: {TITLES[product]} does not.",
        )


def edge(context: Context, cluster_id: str, cluster: Cluster) -> Part:
    """Plan what stands for the moving address of an active-passive pair of balancers."""
    members = vrrp.members_of(context, cluster)
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
        moving=vrrp.moves(context, cluster_id),
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
    part = Part(
        services=(service,),
        files=(ConfigFile(path=config, template="edge.cfg", values=values),),
        notes=tuple(_edge_notes(context, cluster_id, cluster, name)),
    )
    return vrrp.edge(part, values) if values.moving else part


def _edge_notes(context: Context, cluster_id: str, cluster: Cluster, name: str) -> Iterable[Note]:
    if vrrp.moves(context, cluster_id):
        balancers = ", ".join(context.name(key) for key in vrrp.members_of(context, cluster))
        yield Note(
            components=(cluster_id,),
            text=f"{cluster.name}: keepalived (VRRP) moves an address between {balancers}, the "
            "last but one of their network; `ip address` shows who has it. A dead balancer "
            f"is replaced within {vrrp.slowest_seconds(cluster):g} seconds. {name} stands for the "
            "router before them: it has the published ports, hands on to that address, and is a "
            "single point of failure that the real design does not have. The balancers run in an "
            "image that is built, with NET_ADMIN and NET_RAW for networks of their own.",
        )
        return
    if context.takeover == "vrrp":
        yield Note(
            components=(cluster_id,),
            text=f"{cluster.name}: an address that moves is to be had for pairs of HAProxy that "
            "switch by themselves alone, so its edge switches this one.",
        )
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
