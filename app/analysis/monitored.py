"""What a monitoring server measures, as it is drawn; the rules and the exporters both ask here."""

from collections.abc import Iterator

from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import MonitoringAgent
from app.model.traffic import Firewall
from app.model.traits import Trait


def monitored(design: Design, collector: str) -> frozenset[str]:
    """Return the parts that a monitoring server measures: what links of the role monitor join.

    A link may lead either way, through firewalls, and to or from a cluster in the place of its
    members. An agent stands for all that runs on its machine, a container for all that is in it.
    """
    far = joined(design, collector)
    covered = frozenset(part for end in far for part in _covered(design, end))
    return covered - _stands(design, collector)


def joined(design: Design, collector: str) -> frozenset[str]:
    """Return what links of the role monitor join to a monitoring server, and members of clusters.

    These it measures themselves, and not for the machine that they run on.
    """
    ends = _stands(design, collector)
    far = {part for end in ends for part in (*_ends(design, end, "out"), *_ends(design, end, "in"))}
    clusters = (item for end in far if isinstance(item := design.components[end], Cluster))
    return frozenset(far | {member for item in clusters for member in item.members}) - ends


def _stands(design: Design, collector: str) -> frozenset[str]:
    """Return a monitoring server and the cluster that stands for it."""
    return frozenset((collector, design.cluster_of.get(collector, collector)))


def _ends(design: Design, start: str, way: str) -> Iterator[str]:
    """Yield the far ends of the links of the role monitor, behind the firewalls on their way."""
    keys_of = design.outgoing if way == "out" else design.incoming
    todo, seen = [start], {start}
    for part in todo:
        for key in keys_of[part]:
            link = design.links[key]
            far = link.target if way == "out" else link.source
            if link.role == "monitor" and far not in seen:
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
