"""What is drawn: boxes, fields around them and arrows, still without the library."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.model.compute import WebServer
from app.model.containers import Cluster, Server, Zone
from app.model.design import Design
from app.model.geometry import Rect, bounds
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.protocols import PROTOCOLS
from app.model.stores import Cache, Database
from app.model.traffic import LoadBalancer, ReverseProxy
from app.model.traits import Trait

POINTS_PER_PIXEL = 1.25  # leaves room for the icons, which are taller than the cards
MOST_CURVES = 150  # Graphviz takes minutes to bend more lines than that around the boxes
LABEL_WIDTH = 22
LABEL_LINES = 3

# Kind to module and class of the library; brands only where the drawn program is that brand.
_NODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "client": ("onprem.client", "Users"),
        "dns": ("onprem.dns", "Coredns"),
        "cdn": ("onprem.network", "Internet"),
        "firewall": ("generic.network", "Firewall"),
        "load_balancer": ("onprem.network", "HAProxy"),
        "cluster": ("generic.network", "Switch"),
        "reverse_proxy": ("onprem.network", "Nginx"),
        "bastion": ("generic.network", "VPN"),
        "web_server": ("onprem.network", "Nginx"),
        "app_server": ("programming.language", "Python"),
        "app_files": ("programming.flowchart", "MultipleDocuments"),
        "worker": ("programming.flowchart", "PredefinedProcess"),
        "service": ("onprem.container", "Docker"),
        "database": ("generic.database", "SQL"),
        "cache": ("onprem.inmemory", "Redis"),
        "queue": ("onprem.queue", "RabbitMQ"),
        "object_store": ("generic.storage", "Storage"),
        "search": ("onprem.search", "Solr"),
        "monitoring_server": ("onprem.monitoring", "Prometheus"),
        "monitoring_agent": ("programming.flowchart", "Inspection"),
        "alerting": ("programming.flowchart", "Display"),
        "log_store": ("onprem.logging", "RSyslog"),
        "backup": ("generic.storage", "Storage"),
        "server": ("onprem.compute", "Server"),
        "site": ("generic.place", "Datacenter"),
        "zone": ("generic.network", "Subnet"),
        "note": ("programming.flowchart", "Document"),
    }
)
_ENGINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "postgres": ("onprem.database", "PostgreSQL"),
        "mysql": ("onprem.database", "MySQL"),
        "mariadb": ("onprem.database", "MariaDB"),
        "memcached": ("onprem.inmemory", "Memcached"),
        "redis": ("onprem.inmemory", "Redis"),
        "valkey": ("onprem.inmemory", "Redis"),
    }
)
_PROGRAMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "haproxy": ("onprem.network", "HAProxy"),
        "nginx": ("onprem.network", "Nginx"),
        "caddy": ("onprem.network", "Caddy"),
        "traefik": ("onprem.network", "Traefik"),
        "envoy": ("onprem.network", "Envoy"),
        "httpd": ("onprem.network", "Apache"),
    }
)
_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "request": "#475467",
        "resolve": "#475467",
        "read": "#2F6FED",
        "consume": "#2F6FED",
        "cache": "#2F6FED",
        "write": "#7A3FF2",
        "publish": "#7A3FF2",
        "replicate": "#0E9384",
    }
)
_OPERATION = "#98A2B3"
_SMALL = {"width": "0.9", "height": "1.35", "imagepos": "tc"}


@dataclass(frozen=True, slots=True)
class Box:
    """One icon with its label: id, class in the library and attributes for Graphviz."""

    id: str
    label: str
    module: str
    cls: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Area:
    """A field around boxes and other fields."""

    id: str
    label: str
    attributes: Mapping[str, str]
    areas: tuple["Area", ...] = ()
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from one box to another."""

    source: str
    target: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it; `outer` is a field without a frame."""

    title: str
    outer: Area
    arrows: tuple[Arrow, ...] = ()
    graph: Mapping[str, str] = field(default_factory=dict)
    nodes: Mapping[str, str] = field(default_factory=dict)


def drawing_of(design: Design, *, positions: str) -> Drawing:
    """Return what to draw; ids are made here, since names may hold anything."""
    ids = {key: f"n{number}" for number, key in enumerate(design.components, 1)}
    placed = positions == "canvas"
    roots = [key for key, item in design.components.items() if item.parent is None]
    arrows = tuple(_arrows(design, ids))
    return Drawing(
        title=design.name,
        outer=_area(design, ids, "", roots, placed=placed),
        arrows=arrows + tuple(_memberships(design, ids)),
        graph={"splines": "spline" if len(arrows) < MOST_CURVES else "line"},
        nodes=_SMALL if placed else {},
    )


def _area(
    design: Design, ids: Mapping[str, str], key: str, children: list[str], *, placed: bool
) -> Area:
    areas, boxes = [], []
    for child in children:
        item = design.components[child]
        inner = list(design.children[child])
        if Trait.CONTAINER in item.traits and inner:
            areas.append(_area(design, ids, child, inner, placed=placed))
        else:
            boxes.append(_box(design, ids, child, placed=placed))
    if not key:
        return Area("", "", {}, tuple(areas), tuple(boxes))
    item = design.components[key]
    attributes = {"bb": _corners(bounds(design, key))} if placed else {}
    label = f"{item.name} · {item.fact}" if item.fact else item.name
    return Area(f"cluster_{ids[key]}", label, attributes, tuple(areas), tuple(boxes))


def _box(design: Design, ids: Mapping[str, str], key: str, *, placed: bool) -> Box:
    item = design.components[key]
    module, cls = _node(item)
    attributes = {"pos": _centre(bounds(design, key))} if placed else {}
    return Box(ids[key], _label(item), f"diagrams.{module}", cls, attributes)


def _node(item: AnyComponent) -> tuple[str, str]:
    if isinstance(item, Database | Cache):
        return _ENGINES[item.engine]
    if isinstance(item, LoadBalancer | ReverseProxy | WebServer):
        program = item.image.rpartition("/")[2].partition(":")[0]
        return _PROGRAMS.get(program, _NODES[item.kind])
    return _NODES[item.kind]


def _label(item: AnyComponent) -> str:
    """Name and fact in short lines: the library's boxes have a fixed width."""
    lines = textwrap.wrap(item.name, LABEL_WIDTH, max_lines=LABEL_LINES, placeholder="…")
    fact = "" if isinstance(item, Server | Zone) else item.fact
    lines += textwrap.wrap(fact, LABEL_WIDTH + 4, max_lines=1, placeholder="…")
    return "\n".join(lines or ["?"])


def _arrows(design: Design, ids: Mapping[str, str]) -> Iterator[Arrow]:
    """One arrow for the links of one nature between two parts: read and write share one."""
    bundles: dict[tuple[str, str, bool, str], list[Link]] = {}
    for link in design.links.values():
        key = (link.source, link.target, link.is_traffic, _words(link))
        bundles.setdefault(key, []).append(link)
    for (source, target, _, words), links in bundles.items():
        yield Arrow(ids[source], ids[target], _arrow(links, words))


def _words(link: Link) -> str:
    protocol = PROTOCOLS[link.protocol]
    return f"{protocol.title} + TLS" if link.tls != "none" and protocol.clear else protocol.title


def _arrow(links: list[Link], words: str) -> dict[str, str]:
    roles = sorted({link.role for link in links} - {"request", "resolve"})
    label = f"{' + '.join(roles)} · {words}" if roles else words
    role = "write" if "write" in roles else links[0].role
    colour = _COLOURS.get(role, _OPERATION)
    attributes = {"color": colour, "label": label, "fontsize": "11", "fontcolor": colour}
    if not links[0].is_traffic:
        attributes |= {"style": "dashed", "constraint": "false"}
    return attributes


def _memberships(design: Design, ids: Mapping[str, str]) -> Iterator[Arrow]:
    for key, item in design.components.items():
        if isinstance(item, Cluster):
            for member in item.members:
                style = {"style": "dotted", "dir": "none", "color": _OPERATION}
                yield Arrow(ids[key], ids[member], style | {"constraint": "false"})


def _centre(rect: Rect) -> str:
    x, y, width, height = rect
    return f"{_points(x + width / 2)},{_points(-(y + height / 2))}!"


def _corners(rect: Rect) -> str:
    x, y, width, height = rect
    low, high = (_points(x), _points(-(y + height))), (_points(x + width), _points(-y))
    return ",".join((*low, *high))


def _points(pixels: float) -> str:
    return f"{pixels * POINTS_PER_PIXEL:g}"
