"""Requirements in words and as expressions, for the inspector; lists and shares in prose."""

from collections.abc import Iterable

from app.analysis.alternatives import Group, groups, leader, members_needed
from app.analysis.networks import drawn
from app.analysis.requirements import switches
from app.model import expressions
from app.model.containers import Cluster
from app.model.design import Design
from app.model.expressions import AtLeast, Need, Reach, Requirement
from app.model.links import Link


def requirement_words(design: Design, component_id: str, operation: str) -> str:
    """Return what a component needs to serve an operation, as one sentence for a person."""
    item = design.components[component_id]
    verb = "read" if operation == "read" else "write"
    if operation in item.requires:
        needs = _names(design, expressions.parse(item.requires[operation]))
    else:
        needs = _names(design, _derived(design, component_id, operation))
    if not needs:
        return f"To {verb}, {item.name} needs nothing else."
    return f"To {verb}, {item.name} needs {needs}."


def expression_of(design: Design, component_id: str, operation: str) -> str:
    """Return what the links say that a component needs, as the text of an expression."""
    return expressions.write(_derived(design, component_id, operation))


def _derived(design: Design, component_id: str, operation: str) -> Requirement:
    item = design.components[component_id]
    if isinstance(item, Cluster):
        return _members(design, item, operation)
    needs = [_group(design, group) for group in groups(design, component_id, operation)]
    return expressions.all_of(*needs) if needs else expressions.ALWAYS


def _group(design: Design, group: Group) -> Requirement:
    items = tuple(_link(design.links[key]) for key in group.links)
    return items[0] if len(items) == 1 else AtLeast(min(group.needed, len(items)), items)


def _link(link: Link) -> Requirement:
    guards = [expressions.any_of(*(Need(name, "alive") for name in group)) for group in link.guards]
    return expressions.all_of(*guards, Need(link.target))


def _members(design: Design, cluster: Cluster, operation: str) -> Requirement:
    members = [Need(member) for member in cluster.members]
    if not members:
        return expressions.ALWAYS
    first = members
    if cluster.mode == "active-passive":
        first = members[:1]
    elif cluster.mode == "primary-replica" and operation == "write":
        first = [Need(member) for member in (leader(design, cluster),) if member]
    if first is members or switches(cluster, "recoverable") or not first:
        return AtLeast(min(members_needed(cluster), len(members)), tuple(members))
    return expressions.any_of(*first)


def _names(design: Design, requirement: Requirement) -> str:
    if isinstance(requirement, Need):
        name = _called(design, requirement.component)
        if requirement.capability == "alive":
            return f"{name} running"
        return name if not requirement.capability else f"{name} to {requirement.capability}"
    if isinstance(requirement, Reach):
        return reach_words(design, requirement)
    parts = [
        f"({text})"
        if isinstance(item, Reach) or (isinstance(item, AtLeast) and len(item.items) > 1)
        else text
        for item in requirement.items
        for text in [_names(design, item)]
        if text
    ]
    if not parts:
        return ""
    if requirement.count == len(parts):
        return listed(parts)
    if requirement.count == 1:
        return f"any of {listed(parts, 'or')}"
    return f"{requirement.count} of {listed(parts)}"


def reach_words(design: Design, reach: Reach) -> str:
    """Return what has to join parts: "links that join switch-1 and switch-4"."""
    names = [_called(design, part) for part in reach.parts]
    told = f"links that join {listed(names)}"
    if reach.directed:
        told = f"links that lead from {names[0]} to {listed(names[1:])}"
    known = design.components.keys() >= set(reach.parts)
    return f"{told}, which are not drawn" if known and not drawn(design, reach) else told


def _called(design: Design, component_id: str) -> str:
    item = design.components.get(component_id)
    return item.name if item else f"“{component_id}”, which does not exist"


def listed(words: Iterable[str], joint: str = "and") -> str:
    """Return words as a list in prose: "a, b and c"."""
    *most, last = list(words)
    return f"{', '.join(most)} {joint} {last}" if most else last
