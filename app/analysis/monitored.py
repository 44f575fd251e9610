"""What a monitoring server measures, and a log store keeps the output of, as it is drawn.

The rules and the exporters both ask here.
"""

from collections.abc import Iterator

from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Role
from app.model.stores import LogStore, MonitoringAgent
from app.model.traffic import Firewall
from app.model.traits import Trait


def monitored(design: Design, collector: str) -> frozenset[str]:
    """Return the parts that a monitoring server measures: what links of the role monitor join.

    A link may lead either way, through firewalls, and to or from a cluster in the place of its
    members. An agent stands for all that runs on its machine, a container for all that is in it.
    """
    return _kept(design, collector, "monitor")


def joined(design: Design, collector: str) -> frozenset[str]:
    """Return what links of the role monitor join to a monitoring server, and members of clusters.

    These it measures themselves, and not for the machine that they run on.
    """
    far = _far(design, collector, "monitor")
    clusters = (item for end in far if isinstance(item := design.components[end], Cluster))
    members = {member for item in clusters for member in item.members}
    return (far | members) - _stands(design, collector)


def logged(design: Design, store: str) -> frozenset[str]:
    """Return the parts whose output a log store keeps: what links of the role log join.

    Links, agents and containers mean the same as for what is monitored, but between two log stores
    it is the one at which the link starts that sends.
    """
    ahead = _ends(design, store, "log", "out")
    further = {end for end in ahead if isinstance(design.components[end], LogStore)}
    return _kept(design, store, "log") - further


def _kept(design: Design, collector: str, role: Role) -> frozenset[str]:
    """Return all that the far ends of links of a role stand for."""
    far = _far(design, collector, role)
    covered = frozenset(part for end in far for part in _covered(design, end))
    return covered - _stands(design, collector)


def _far(design: Design, collector: str, role: Role) -> frozenset[str]:
    ends = _stands(design, collector)
    ways = ("out", "in")
    return frozenset(part for end in ends for way in ways for part in _ends(design, end, role, way))


def _stands(design: Design, collector: str) -> frozenset[str]:
    """Return a collector and the cluster that stands for it."""
    return frozenset((collector, design.cluster_of.get(collector, collector)))


def _ends(design: Design, start: str, role: Role, way: str) -> Iterator[str]:
    """Yield the far ends of the links of a role, behind the firewalls on their way."""
    keys_of = design.outgoing if way == "out" else design.incoming
    todo, seen = [start], {start}
    for part in todo:
        for key in keys_of[part]:
            link = design.links[key]
            far = link.target if way == "out" else link.source
            if link.role == role and far not in seen:
                seen.add(far)
                if isinstance(design.components[far], Firewall):
                    todo.append(far)
                else:
                    yield far


def _covered(design: Design, component_id: str) -> Iterator[str]:
    item = design.components[component_id]
    yield component_id
    if isinstance(item, Cluster):
        for member in item.members:
            yield from _covered(design, member)
    elif isinstance(item, MonitoringAgent):
        host = design.host(component_id)
        if host is not None:
            yield from _covered(design, host)
    elif Trait.CONTAINER in item.traits:
        yield from design.descendants(component_id)
