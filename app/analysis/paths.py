"""Ways through the drawing, as evidence: to a part, and round a part that failed."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from app.analysis.cutsets import DOWN, RequirementGraph
from app.analysis.requirements import Up
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Flow, Link
from app.model.traits import Trait

Walk = tuple[str, ...]  # parts and links in turn; a member follows its cluster without a link
Steps = dict[str, tuple[str, ...]]  # how each part was reached: the part before, and the link


def reached(design: Design, flow_id: str) -> tuple[str, ...]:
    """Return what a flow reaches along traffic links that it may use, nearest first."""
    return tuple(_explored(design, design.flows[flow_id], frozenset(), {}))


class Ways:
    """The ways of a flow along traffic links that it may use, explored no further than asked."""

    def __init__(self, design: Design, flow_id: str) -> None:
        """Begin at the client of the flow."""
        self._design = design
        self._came: Steps = {}
        self._ahead = _explored(design, design.flows[flow_id], frozenset(), self._came)

    def to(self, part: str) -> Walk:
        """Return a shortest way to a part, or to what is in it; empty when there is none.

        The way to a link leads over it.
        """
        link = self._design.links.get(part)
        if link is not None:
            way = self.to(link.source)
            return (*way, part, link.target) if way else ()
        if part in self._came and not self._design.children[part]:
            return _traced(self._came, part)
        inside = {part, *self._design.descendants(part)}
        known = (key for key in tuple(self._came) if key in inside)
        found = next(known, None) or next((key for key in self._ahead if key in inside), None)
        return _traced(self._came, found) if found else ()


def path_to(design: Design, flow_id: str, part: str) -> Walk:
    """Return a shortest way of a flow from its client to a part, to what is in it, or over a link.

    It is empty when there is none.
    """
    return Ways(design, flow_id).to(part)


def surviving_path(graph: RequirementGraph, flow_id: str, without: Iterable[str]) -> Walk:
    """Return a way of a flow that still works when some parts, and all in them, have failed.

    It leads to data that the flow reads or writes, else to a part that needs nothing else; it is
    empty when the flow stops.
    """
    return surviving_paths(graph, (flow_id,), graph.masks_when(without))[flow_id]


def surviving_paths(
    graph: RequirementGraph, flow_ids: Iterable[str], masks: Sequence[int]
) -> dict[str, Walk]:
    """Return such a way for each of some flows, from the masks once those have failed."""
    maps: dict[str, _Map] = {}  # by operation
    found: dict[str, Walk] = {}
    for key in flow_ids:
        flow = graph.design.flows[key]
        if masks[graph.flows[key]] & DOWN:
            found[key] = ()
            continue
        if flow.operation not in maps:
            maps[flow.operation] = _map(graph, masks, flow.operation)
        gone, data, served = maps[flow.operation]
        way = _walk(graph.design, flow, data - {flow.client}, gone)
        found[key] = way or _walk(graph.design, flow, served - {flow.client}, gone)
    return found


class _Map(NamedTuple):
    """Where requests for one operation may go: what is gone, which ends hold data, which serve."""

    gone: frozenset[str]
    data: frozenset[str]
    served: frozenset[str]


def _map(graph: RequirementGraph, masks: Sequence[int], operation: str) -> _Map:
    design = graph.design
    down = {
        statement.component
        for statement, number in graph.number.items()
        if isinstance(statement, Up)
        and statement.capability in ("alive", operation)
        and masks[number] & DOWN
    }
    idle = {key for key in design.links if not _serves(design, key, operation)}
    gone = frozenset(down | graph.broken | idle)
    served = {key for key in design.components if key not in gone and _is_end(design, key)}
    data = {key for key in served if Trait.HOLDS_DATA in design.components[key].traits}
    return _Map(gone, frozenset(data), frozenset(served))


def _serves(design: Design, link_id: str, operation: str) -> bool:
    """Whether a request goes along a link: names are asked for before, and writes read nothing."""
    link = design.links[link_id]
    siblings = (design.links[key].role for key in design.outgoing[link.source])
    reads = operation == "write" and link.role == "read" and "write" in siblings
    return link.role != "resolve" and not reads


def _is_end(design: Design, component_id: str) -> bool:
    links = (design.links[key] for key in design.outgoing[component_id])
    cluster = isinstance(design.components[component_id], Cluster)
    return not cluster and not any(link.is_traffic and not design.is_soft(link) for link in links)


def _walk(design: Design, flow: Flow, wanted: Collection[str], gone: frozenset[str]) -> Walk:
    came: Steps = {}
    end = next((part for part in _explored(design, flow, gone, came) if part in wanted), None)
    return _traced(came, end) if end else ()


def _explored(design: Design, flow: Flow, gone: frozenset[str], came: Steps) -> Iterator[str]:
    """Yield what a flow reaches, breadth first from its client, and note in `came` how."""
    came[flow.client] = ()
    yield flow.client
    todo = [flow.client]
    for here in todo:
        for target, step in _onward(design, here, flow.operation):
            if target not in came and target not in gone and gone.isdisjoint(step[1:]):
                came[target] = step
                todo.append(target)
                yield target


def takes(link: Link, operation: str) -> bool:
    """Whether requests for an operation may go along a link."""
    return link.is_traffic and not (operation == "read" and link.role == "write")


def _onward(design: Design, here: str, operation: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return where a request may go from a part: firewalls on a link, its end, cluster members."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for key in design.outgoing[here]:
        link = design.links[key]
        if takes(link, operation):
            step = (here, key)
            found += [(guard, step) for group in link.guards for guard in group]
            found.append((link.target, step))
    item = design.components[here]
    if isinstance(item, Cluster):
        found += [(member, (here,)) for member in item.members]
    return found


def _traced(came: Steps, end: str) -> Walk:
    steps = [end]
    while came[end]:
        steps.extend(reversed(came[end]))
        end = came[end][0]
    return tuple(reversed(steps))


def in_order(design: Design) -> tuple[str, ...]:
    """Return what users' requests reach, nearest to the users first."""
    todo = list(dict.fromkeys(flow.client for flow in design.flows.values()))
    seen = set(todo)
    traffic, outgoing, clusters = design.traffic, design.outgoing, design.of(Cluster)
    for here in todo:
        targets = [traffic[key].target for key in outgoing[here] if key in traffic]
        if here in clusters:
            targets += clusters[here].members
        for target in targets:
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return tuple(todo)
