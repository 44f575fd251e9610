"""Grafana: its service, a dashboard that is the drawing, and one for each tier."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from app.analysis.paths import reached, takes
from app.model.containers import Note as DrawnNote
from app.model.design import Design
from app.model.geometry import Rect, bounds
from app.model.traits import Trait
from exporters import images
from exporters.deployment import (
    Bind,
    ConfigFile,
    FlowProbe,
    Mount,
    Secret,
    Service,
    Volume,
)
from exporters.plan.draft import Context, Part
from exporters.plan.names import slug
from exporters.plan.stores import secret_file
from exporters.plan.watch import Watch, among
from exporters.plan.watch_sites import flow_name
from exporters.plan.watches import PART_STATE, parts_of
from exporters.programs import Board, Box, DataSource, Drawing, Line, Panel

_GRAFANA, _PUBLISHED = 3000, 9030
_FOLDER = "monitoring"
_BOARDS = "/etc/grafana/dashboards"
_PROVISIONING = "/etc/grafana/provisioning"
# What a service does -> the tier that it is in.
_TIERS: Mapping[str, str] = {
    "balancer": "entrance", "edge": "entrance",
    "web": "web", "proxy": "web",
    "firewall": "network",
    "app": "application", "own-app": "application", "service": "application",
    "worker": "application", "own-worker": "application",
    "database": "data", "data-balancer": "data", "voter": "data", "redis": "data",
    "memcached": "data", "sentinel": "data", "queue": "data", "pooler": "data",
    "object-store": "data",
    "agent": "machines",
    "alerting": "monitoring",
}  # fmt: skip
_ORDER = tuple(dict.fromkeys(_TIERS.values()))
# A panel as wide as a usual screen, and a row of Grafana's grid, in pixels.
_WIDTH, _ROW = 1500.0, 38.0
_LEAST_ROWS, _MOST_ROWS = 12, 40
_MARGIN = 24.0


def grafana(
    context: Context,
    prometheus: str,
    port: int,
    flows: Sequence[FlowProbe],
    services: Sequence[Service],
    watches: Sequence[Watch],
) -> Part:
    """Plan the dashboards of one Prometheus, which looks at some flows as users have them."""
    name = context.names.claim("grafana")
    folder = f"{_FOLDER}/{name}"
    secret = Secret(name=f"{name}-admin")
    source = DataSource(name=prometheus, url=f"http://{prometheus}:{port}")
    files = (
        ConfigFile(
            path=f"{folder}/datasources.yml", template="monitoring/datasources.yml", values=source
        ),
        ConfigFile(path=f"{folder}/providers.yml", template="monitoring/providers.yml"),
        ConfigFile(
            path=f"{folder}/dashboards/drawing.json",
            template="monitoring/drawing.json",
            values=_drawing(context, prometheus, flows, watches),
        ),
        *(
            ConfigFile(
                path=f"{folder}/dashboards/{board.name}.json",
                template="monitoring/board.json",
                values=board,
            )
            for board in _tiers(prometheus, services, watches)
        ),
    )
    service = Service(
        name=name,
        title=f"Dashboards of {prometheus}",
        role="dashboards",
        image=images.GRAFANA.tag,
        environment={
            "GF_SECURITY_ADMIN_PASSWORD__FILE": secret_file(secret.name),
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": f"{_BOARDS}/drawing.json",
            "GF_ANALYTICS_REPORTING_ENABLED": "false",
            "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
            "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        },
        ports=(context.ports.of(name, "http", _GRAFANA, first=_PUBLISHED),),
        binds=(
            Bind(
                source=f"{folder}/datasources.yml",
                target=f"{_PROVISIONING}/datasources/loadpath.yml",
            ),
            Bind(
                source=f"{folder}/providers.yml", target=f"{_PROVISIONING}/dashboards/loadpath.yml"
            ),
            Bind(source=f"{folder}/dashboards", target=_BOARDS),
        ),
        mounts=(Mount(volume=f"{name}-data", target=images.GRAFANA.data),),
        secrets=(secret.name,),
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-data"),),
        secrets=(secret,),
        files=files,
    )


def _tiers(source: str, services: Sequence[Service], watches: Sequence[Watch]) -> Iterator[Board]:
    """Yield a dashboard for each tier in which something is measured."""
    tier_of = {service.name: _TIERS.get(service.role, "application") for service in services}
    known = set(parts_of(watches))
    for tier in _ORDER:
        inside = {name for name, found in tier_of.items() if found == tier}
        panels = [
            _about(panel, watch.targets & inside)
            for watch in watches
            if watch.targets & inside
            for panel in watch.panels
        ]
        state = Panel(title="State", query=f"{PART_STATE}{{PARTS}}", kind="state-timeline")
        states = [_about(state, known & inside)] if known & inside else []
        if panels:
            title = f"{tier.capitalize()} tier"
            yield Board(name=tier, title=title, source=source, panels=(*states, *panels))


def _about(panel: Panel, parts: Sequence[str] | set[str] | frozenset[str]) -> Panel:
    return replace(panel, query=panel.query.replace("PARTS", among("part", sorted(parts))))


def _drawing(
    context: Context, source: str, flows: Sequence[FlowProbe], watches: Sequence[Watch]
) -> Drawing:
    design = context.design
    known = set(parts_of(watches))
    drawn = {
        key: bounds(design, key)
        for key, item in design.components.items()
        if not isinstance(item, DrawnNote)
    }
    whole = _around(list(drawn.values()))
    boxes = {
        key: _box(context.name(key), rect, whole, watched=context.name(key) in known)
        for key, rect in drawn.items()
    }
    holds = {key for key in drawn if Trait.CONTAINER in design.components[key].traits}
    depth = {key: len(tuple(design.ancestors(key))) for key in holds}
    return Drawing(
        source=source,
        title=slug(design.name, "design"),
        height=_height(whole),
        areas=tuple(boxes[key] for key in sorted(holds, key=lambda key: (depth[key], key))),
        parts=tuple(boxes[key] for key in drawn if key not in holds),
        lines=tuple(_lines(context, drawn, flows)),
        flows=bool(flows),
    )


def _around(rects: Sequence[Rect]) -> Rect:
    left = min(x for x, _, _, _ in rects) - _MARGIN
    top = min(y for _, y, _, _ in rects) - _MARGIN
    right = max(x + width for x, _, width, _ in rects) + _MARGIN
    bottom = max(y + height for _, y, _, height in rects) + _MARGIN
    return left, top, right - left, bottom - top


def _box(name: str, rect: Rect, whole: Rect, *, watched: bool) -> Box:
    """Return where a part lies, in percent of the whole."""
    x, y, width, height = rect
    left, top, all_width, all_height = whole
    return Box(
        name=name,
        left=round(100 * (x - left) / all_width, 2),
        top=round(100 * (y - top) / all_height, 2),
        right=round(100 * (left + all_width - x - width) / all_width, 2),
        bottom=round(100 * (top + all_height - y - height) / all_height, 2),
        watched=watched,
    )


def _height(whole: Rect) -> int:
    _, _, width, height = whole
    rows = round(_WIDTH * height / width / _ROW)
    return max(_LEAST_ROWS, min(_MOST_ROWS, rows))


def _lines(
    context: Context, drawn: Mapping[str, Rect], flows: Sequence[FlowProbe]
) -> Iterator[Line]:
    design = context.design
    taken = {flow_name(flow): _taken(design, flow.flow) for flow in flows}
    for key, link in design.links.items():
        if link.source in drawn and link.target in drawn:
            leaves, enters = _sides(drawn[link.source], drawn[link.target])
            yield Line(
                source=context.name(link.source),
                target=context.name(link.target),
                leaves=leaves,
                enters=enters,
                carries=link.is_traffic,
                flow=next((name for name, links in taken.items() if key in links), ""),
            )


def _taken(design: Design, flow: str) -> set[str]:
    """Return the links that requests of a flow may take from its client on."""
    parts, operation = reached(design, flow), design.flows[flow].operation
    links = (key for part in parts for key in design.outgoing[part])
    return {key for key in links if takes(design.links[key], operation)}


def _sides(source: Rect, target: Rect) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where a line leaves one rectangle and enters another: the sides that face."""
    across = (target[0] + target[2] / 2) - (source[0] + source[2] / 2)
    down = (target[1] + target[3] / 2) - (source[1] + source[3] / 2)
    if abs(across) >= abs(down):
        side = 1 if across >= 0 else -1
        return (side, 0), (-side, 0)
    side = -1 if down > 0 else 1  # upwards is positive
    return (0, side), (0, -side)
