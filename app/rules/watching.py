"""Fixes that open eyes: monitoring servers, agents on machines, alerting."""

from dataclasses import replace

from app.model import edits
from app.model.containers import Server
from app.model.design import Design
from app.model.geometry import GRID, extent
from app.model.links import Place
from app.model.stores import Alerting, MonitoringAgent, MonitoringServer
from app.model.traits import Trait
from app.rules.free_place import BELOW, FRAME, RIGHT, place_near

_SNAP = GRID / 2


def watch_everything(design: Design) -> Design:
    """Add a monitoring server, an agent on each machine, and somebody to wake."""
    hosts = [key for key, item in design.components.items() if isinstance(item, Server)]
    for host in hosts:
        design, _ = _agent(design, host)
    design, collector = _collector(design)
    for agent in agents(design):
        design = _connect(design, agent, collector)
    return alert(design, collector)


def collectors(design: Design) -> tuple[str, ...]:
    """Return the monitoring servers of a design."""
    found = design.components.items()
    return tuple(key for key, item in found if isinstance(item, MonitoringServer))


def agents(design: Design) -> tuple[str, ...]:
    """Return the monitoring agents of a design."""
    found = design.components.items()
    return tuple(key for key, item in found if isinstance(item, MonitoringAgent))


def _collector(design: Design) -> tuple[Design, str]:
    """Add a monitoring server, on a machine of its own below everything else."""
    design, server = edits.add(design, "server")
    return edits.add(design, "monitoring_server", _below(design), parent=server, probes=True)


def alert(design: Design, collector: str) -> Design:
    """Let a monitoring server wake somebody, by the alerting that is there or by a new one."""
    known = (key for key, item in design.components.items() if isinstance(item, Alerting))
    alerting = next(known, None)
    if alerting is None:
        place = place_near(design, collector, RIGHT, FRAME)
        design, alerting = edits.add(design, "alerting", place)
    return edits.connect(design, collector, alerting, role="alert", protocol="https", tls="1.3")[0]


def watch(design: Design, host: str) -> Design:
    """Put an agent on a machine that reports to the first monitoring server."""
    design, agent = _agent(design, host)
    return report(design, agent)


def _agent(design: Design, host: str) -> tuple[Design, str]:
    inside = design.children[host]
    if not inside:
        place = design.layout.get(host, Place())
        place = Place(x=place.x + FRAME, y=place.y + FRAME)
        return edits.add(design, "monitoring_agent", place, parent=host)
    lowest = max(inside, key=lambda key: design.layout.get(key, Place()).y)
    return edits.add(design, "monitoring_agent", place_near(design, lowest, BELOW), parent=host)


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
    place = _below(design)
    if host is not None and _only_watches(design, host):
        old = design.layout.get(collector, Place())
        return _moved(edits.nest(design, (host,), None), host, place.x - old.x, place.y - old.y)
    design, server = edits.add(design, "server")
    design = edits.move(edits.nest(design, (collector,), server), {collector: place})
    if host is not None and not any(design.host(agent) == host for agent in agents(design)):
        design = watch(design, host)
    return design


def _only_watches(design: Design, server: str) -> bool:
    return all(Trait.WATCHES in design.components[key].traits for key in design.children[server])


def _moved(design: Design, container: str, dx: float, dy: float) -> Design:
    places = {
        key: replace(place, x=place.x + dx, y=place.y + dy)
        for key in (container, *design.descendants(container))
        if (place := design.layout.get(key)) is not None
    }
    return edits.move(design, places)


def _below(design: Design) -> Place:
    """Return a place for a card with a machine around it, under the middle of everything."""
    left, top, width, height = extent(design)
    x = round((left + width / 2) / _SNAP) * _SNAP
    return Place(x=x, y=round((top + height + FRAME + 3 * GRID) / _SNAP) * _SNAP)
