"""Fixes that open eyes: monitoring servers, agents on machines, alerting."""

from dataclasses import replace

from app.model import edits
from app.model.containers import Server
from app.model.design import Design
from app.model.geometry import Rect, bounds, extent
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE
from app.model.stores import Alerting, MonitoringAgent, MonitoringServer
from app.model.traits import Trait
from app.rules.free_place import FRAME, RIGHT, meet, place_near

_SNAP = GRID / 2


def watch_everything(design: Design) -> Design:
    """Add a monitoring server, an agent on each machine, and somebody to wake."""
    hosts = list(design.of(Server))
    for host in hosts:
        design, _ = _agent(design, host)
    design, collector = _collector(design)
    for agent in agents(design):
        design = _connect(design, agent, collector)
    return alert(design, collector)


def collectors(design: Design) -> tuple[str, ...]:
    """Return the monitoring servers of a design."""
    return tuple(design.of(MonitoringServer))


def agents(design: Design) -> tuple[str, ...]:
    """Return the monitoring agents of a design."""
    return tuple(design.of(MonitoringAgent))


def _collector(design: Design) -> tuple[Design, str]:
    """Add a monitoring server, on a machine of its own below everything else."""
    design, server = edits.add(design, "server")
    return edits.add(design, "monitoring_server", below(design), parent=server, probes=True)


def alert(design: Design, collector: str) -> Design:
    """Let a monitoring server wake somebody, by the alerting that is there or by a new one."""
    alerting = next(iter(design.of(Alerting)), None)
    if alerting is None:
        place = place_near(design, collector, RIGHT, FRAME)
        design, alerting = edits.add(design, "alerting", place)
    return edits.connect(design, collector, alerting, role="alert", protocol="https", tls="1.3")[0]


def watch(design: Design, host: str) -> Design:
    """Put an agent on a machine that reports to the first monitoring server."""
    design, agent = _agent(design, host)
    return report(design, agent)


def _agent(design: Design, host: str) -> tuple[Design, str]:
    """Add an agent to a machine: in a free corner of it, else below with the rest moved down."""
    inside = [key for key in design.children[host] if key in design.layout]
    if not inside:
        corner = design.layout.get(host, Place())
        place = Place(x=corner.x + PADDING, y=corner.y + TITLE + PADDING / 2)
        return edits.add(design, "monitoring_agent", place, parent=host)
    free = _free_corner(design, inside)
    if free is not None:
        return edits.add(design, "monitoring_agent", free, parent=host)
    lowest = max(inside, key=lambda key: (design.layout[key].y, key))
    old = bounds(design, host)
    place = Place(x=design.layout[lowest].x, y=design.layout[lowest].y + CARD_HEIGHT + GRID)
    design, agent = edits.add(design, "monitoring_agent", place, parent=host)
    return _pushed_down(design, host, old), agent


def _free_corner(design: Design, inside: list[str]) -> Place | None:
    """Return a place in a row and a column of the cards of a machine that no card is near."""
    rows = sorted({design.layout[key].y for key in inside})
    columns = sorted({design.layout[key].x for key in inside})
    taken = [bounds(design, key) for key in design.components if not _container(design, key)]
    for y in reversed(rows):
        for x in columns:
            room = (x - GRID / 2, y - GRID / 2, CARD_WIDTH + GRID, CARD_HEIGHT + GRID)
            if not any(meet(room, other) for other in taken):
                return Place(x=x, y=y)
    return None


def _pushed_down(design: Design, host: str, old: Rect) -> Design:
    """Move what is below a machine out of the way when the machine has grown over it."""
    new = bounds(design, host)
    mine = {host, *design.descendants(host), *design.ancestors(host)}
    others = [key for key in design.components if key not in mine]
    if not any(meet(new, bounds(design, key)) for key in others):
        return design
    grown = new[1] + new[3] - old[1] - old[3]
    shift = -(-grown // GRID) * GRID
    places = {
        key: replace(design.layout[key], y=design.layout[key].y + shift)
        for key in others
        if key in design.layout and design.layout[key].y >= old[1] + old[3]
    }
    return edits.move(design, places)


def _container(design: Design, component_id: str) -> bool:
    return edits.is_container(design.components[component_id])


def report(design: Design, agent: str) -> Design:
    """Let an agent report to the first monitoring server; one is added where there is none."""
    known = collectors(design)
    if known:
        return _connect(design, agent, known[0])
    design, collector = _collector(design)
    return _connect(design, agent, collector)


def _connect(design: Design, agent: str, collector: str) -> Design:
    return edits.connect(design, agent, collector, role="monitor", protocol="https", tls="1.3")[0]


def own_place(design: Design, collector: str) -> Design:
    """Move a monitoring server to a machine of its own, outside every site."""
    host = design.host(collector)
    place = below(design)
    if host is not None and _only_watches(design, host):
        old = design.layout.get(collector, Place())
        return _moved(edits.nest(design, (host,), None), host, place.x - old.x, place.y - old.y)
    design, server = edits.add(design, "server")
    design = edits.move(edits.nest(design, (collector,), server), {collector: place})
    if host is None or any(design.host(agent) == host for agent in agents(design)):
        return design
    return watch(design, host)


def _only_watches(design: Design, server: str) -> bool:
    return all(Trait.WATCHES in design.components[key].traits for key in design.children[server])


def _moved(design: Design, container: str, dx: float, dy: float) -> Design:
    places = {
        key: replace(place, x=place.x + dx, y=place.y + dy)
        for key in (container, *design.descendants(container))
        if (place := design.layout.get(key)) is not None
    }
    return edits.move(design, places)


def below(design: Design) -> Place:
    """Return a place for a card with a machine around it, under the middle of everything."""
    left, top, width, height = extent(design)
    x = round((left + width / 2) / _SNAP) * _SNAP
    return Place(x=x, y=round((top + height + FRAME + 3 * GRID) / _SNAP) * _SNAP)
