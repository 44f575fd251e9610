"""Fixes that open eyes: monitoring servers, agents on machines, alerting."""

import math

from app.model import edits
from app.model.containers import Server
from app.model.design import Design
from app.model.geometry import Rect, bounds, extent
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE
from app.model.stores import Alerting, MonitoringAgent, MonitoringServer
from app.model.traits import Trait
from app.rules.free_place import (
    FRAME,
    RIGHT,
    beyond,
    can_shift,
    cleared,
    make_room,
    meet,
    place_at,
    place_near,
    shift,
)

_SNAP = GRID / 2
_NEXT = CARD_HEIGHT + GRID  # from one card of a machine to the one below it


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
    design, place = below(design)
    design, server = edits.add(design, "server")
    return edits.add(design, "monitoring_server", place, parent=server, probes=True)


def alert(design: Design, collector: str) -> Design:
    """Let a monitoring server wake somebody, by the alerting that is there or by a new one."""
    alerting = next(iter(design.of(Alerting)), None)
    if alerting is None:
        design, place = cleared(design, place_near(design, collector, RIGHT, FRAME), None)
        design, alerting = edits.add(design, "alerting", place)
    return edits.connect(design, collector, alerting, role="alert", protocol="https", tls="1.3")[0]


def watch(design: Design, host: str) -> Design:
    """Put an agent on a machine that reports to the first monitoring server."""
    design, agent = _agent(design, host)
    return report(design, agent)


def _agent(design: Design, host: str) -> tuple[Design, str]:
    """Add an agent to a machine: in a free corner of it, else below with the rest moved down.

    Above with the rest moved up where the edge of what may be drawn is in the way.
    """
    inside = [key for key in design.children[host] if key in design.layout]
    if not inside:
        corner = design.layout.get(host, Place())
        place = place_at(corner.x + PADDING, corner.y + TITLE + PADDING / 2)
        return edits.add(design, "monitoring_agent", place, parent=host)
    free = _free_corner(design, inside)
    if free is not None:
        return edits.add(design, "monitoring_agent", free, parent=host)
    order = sorted(inside, key=lambda key: (design.layout[key].y, key))
    for card, way in ((order[-1], _NEXT), (order[0], -_NEXT)):
        place = place_at(design.layout[card].x, design.layout[card].y + way)
        after, agent = edits.add(design, "monitoring_agent", place, parent=host)
        pushed = _pushed(after, host, bounds(design, host), way)
        if pushed is not None and can_shift(design, (card,), dy=way):
            return pushed, agent
    place = place_near(design, order[-1], RIGHT)
    return edits.add(design, "monitoring_agent", place, parent=host)


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


def _pushed(design: Design, host: str, old: Rect, way: float) -> Design | None:
    """Move what is below a machine, or above, out of the way when it has grown over it.

    None where that may not be drawn so far out.
    """
    new = bounds(design, host)
    mine = {host, *design.descendants(host), *design.ancestors(host)}
    others = [key for key in design.components if key not in mine]
    if not any(meet(new, bounds(design, key)) for key in others):
        return design
    dy = math.copysign(-(-(new[3] - old[3]) // GRID) * GRID, way)
    moving = beyond(design, old, way) & {*others}
    return shift(design, moving, dy=dy) if can_shift(design, moving, dy=dy) else None


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
    if host is not None and _only_watches(design, host):
        return _below_all(edits.nest(design, (host,), None), host, collector)
    design, place = below(design)
    design, server = edits.add(design, "server")
    design = edits.move(edits.nest(design, (collector,), server), {collector: place})
    if host is None or any(design.host(agent) == host for agent in agents(design)):
        return design
    return watch(design, host)


def _only_watches(design: Design, server: str) -> bool:
    return all(Trait.WATCHES in design.components[key].traits for key in design.children[server])


def _below_all(design: Design, machine: str, card: str) -> Design:
    """Move a machine until a card of it is under the middle of everything, or near that."""
    old, (x, y) = design.layout.get(card, Place()), _middle_below(design)
    left, top, width, height = bounds(design, machine)
    wished = (left + x - old.x, top + y - old.y, width, height)
    design, dx, dy = make_room(design, wished, None, own=(machine,))
    moving = (machine, *design.descendants(machine))
    return shift(design, moving, x - old.x + dx, y - old.y + dy)


def below(design: Design) -> tuple[Design, Place]:
    """Find a place for a card with a machine around it, under the middle of everything.

    The next free one where that may not be drawn.
    """
    return cleared(design, place_at(*_middle_below(design)), None, FRAME)


def _middle_below(design: Design) -> tuple[float, float]:
    left, top, width, height = extent(design)
    x = round((left + width / 2) / _SNAP) * _SNAP
    return x, round((top + height + FRAME + 3 * GRID) / _SNAP) * _SNAP
