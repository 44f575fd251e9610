"""An active-passive pair of balancers with an address that really moves: VRRP, by keepalived.

The balancer and keepalived share a container, so that they live and end together. The address is
the last one but one of a network in which both are, and the edge before them; all three work it
out when they start. Sources: RFC 9568, Virtual Router Redundancy Protocol (VRRP) Version 3;
keepalived.conf(5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.analysis.requirements import switches
from app.model.containers import Cluster
from app.model.kinds import AnyComponent
from app.model.traffic import LoadBalancer
from exporters import images
from exporters.deployment import Bind, Build, ConfigFile, Network, Probe, Service
from exporters.plan.draft import Context, Part
from exporters.plan.products import product_of
from exporters.plan.reaches import balances_data
from exporters.programs import BALANCER_OPS_PORT, Base, Edge, Moving

_MISSED = 4  # adverts: a spare waits for three, and for its skew, which is less than a fourth (6.1)
_SLOWEST, _FASTEST = 1.0, 0.1  # seconds from one advert to the next; sooner, a busy machine is late
_FIRST, _STEP = 150, 50  # priorities
_FOLDER, _INSIDE = "images/haproxy-vrrp", "/etc/loadpath/start.sh"
_PROBE = Probe(
    command=("curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{BALANCER_OPS_PORT}/healthz")
)


def advert_seconds(cluster: Cluster) -> float:
    """Return how often the active balancer of a pair says that it is there, in seconds.

    So often that the spare misses it within the time of detection that is drawn, if it can be.
    """
    return round(min(_SLOWEST, max(_FASTEST, cluster.detection_seconds / _MISSED)), 2)


def slowest_seconds(cluster: Cluster) -> float:
    """Return after how many seconds at most the spare of a pair takes over from a dead one."""
    return _MISSED * advert_seconds(cluster)


def moves(context: Context, cluster_id: str) -> bool:
    """Whether a pair of balancers gets an address that moves: wanted, by itself, and HAProxy."""
    cluster = context.item(cluster_id)
    return (
        context.takeover == "vrrp"
        and isinstance(cluster, Cluster)
        and cluster.mode == "active-passive"
        and switches(cluster, "continuity")
        and bool(members_of(context, cluster))
        and all(_is_haproxy(context.item(key)) for key in members_of(context, cluster))
    )


def members_of(context: Context, cluster: Cluster) -> tuple[str, ...]:
    """Return the balancers of a cluster that people's requests pass."""
    return tuple(
        key
        for key in cluster.members
        if isinstance(context.item(key), LoadBalancer) and not balances_data(context.design, key)
    )


def _is_haproxy(item: AnyComponent) -> bool:
    """Whether a balancer runs as HAProxy: drawn so, or as what no project knows."""
    return product_of(getattr(item, "image", "")) not in ("nginx", "caddy", "traefik")


def pairs(context: Context) -> dict[str, tuple[str, ...]]:
    """Return the services of the balancers of each pair whose address moves, by its edge."""
    return {
        context.name(key): tuple(context.name(member) for member in members_of(context, cluster))
        for key, cluster in context.design.of(Cluster).items()
        if moves(context, key)
    }


def alias(service: str) -> str:
    """Return the name that a service has in the network of its pair, and in no other."""
    return f"{service}.pair"


def balancer(part: Part, cluster: Cluster, pair: Sequence[str]) -> Part:
    """Return the plan of a HAProxy with keepalived beside it; `pair` has its service as well."""
    (service,) = part.services
    values = Moving(
        name=service.name,
        alias=alias(service.name),
        peers=tuple(alias(name) for name in pair if name != service.name),
        priority=max(1, _FIRST - _STEP * pair.index(service.name)),
        advert_seconds=advert_seconds(cluster),
    )
    service = replace(
        _built(service),
        user="0:0",
        tmpfs=(*images.HAPROXY.tmpfs, "/run", *service.tmpfs),
        capabilities=("KILL", "NET_ADMIN", "NET_RAW", "SETGID", "SETUID"),
        reasons={
            **service.reasons,
            "user": "keepalived sets an address; the balancer itself runs as user 99",
            "cap_add": "it sets an address in networks of this container, announces it, and runs "
            "the balancer as another user",
        },
    )
    return _with_files(part, service, "vrrp/start.sh", values)


def edge(part: Part, values: Edge) -> Part:
    """Return the plan of an edge that hands on to the address, wherever that is."""
    (service,) = part.services
    service = replace(_built(service), user=images.HAPROXY.user, tmpfs=images.HAPROXY.tmpfs)
    moving = Moving(name=values.name, alias=alias(values.name))
    return _with_files(part, service, "vrrp/edge.sh", moving)


def _built(service: Service) -> Service:
    return replace(
        service,
        image="",
        build=Build(folder=_FOLDER),
        entrypoint=("sh", _INSIDE),
        probe=_PROBE,
        limits=images.HAPROXY.limits,
    )


def _with_files(part: Part, service: Service, template: str, values: Moving) -> Part:
    start = ConfigFile(path=f"config/{service.name}/start.sh", template=template, values=values)
    image = ConfigFile(
        path=f"{_FOLDER}/Dockerfile",
        template="vrrp/Dockerfile",
        values=Base(tag=images.HAPROXY_DEBIAN.tag),
    )
    service = replace(service, binds=(*service.binds, Bind(source=start.path, target=_INSIDE)))
    return replace(part, services=(service,), files=(*part.files, start, image))


def named(
    services: Iterable[Service], networks: Sequence[Network], pairs: Mapping[str, Sequence[str]]
) -> tuple[Service, ...]:
    """Return services with the names by which pairs, and the edges before them, find their network.

    `pairs` has the balancers of each edge. They share a network, since the edge asks all of them.
    """
    names: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for edge_name, members in pairs.items():
        together = {edge_name, *members}
        network = next(item.name for item in networks if together <= {*item.members})
        names |= {name: {network: (alias(name),)} for name in together}
    return tuple(
        replace(service, aliases={**service.aliases, **names.get(service.name, {})})
        for service in services
    )
