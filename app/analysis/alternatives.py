"""Alternatives: which links and members stand in for each other, and how many are needed."""

from typing import NamedTuple

from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Link
from app.model.stores import Database


class Group(NamedTuple):
    """The links of one source that are alternatives for each other."""

    label: str
    links: tuple[str, ...]
    needed: int


def groups(design: Design, component_id: str, operation: str) -> tuple[Group, ...]:
    """Return the groups of hard traffic links that a component needs for an operation."""
    links = design.links
    needed = design.needed[component_id]
    unwanted = "write"
    if operation != "read":
        unwanted = "read" if any(links[key].role == "write" for key in needed) else ""
    found: dict[str, list[str]] = {}
    for key in needed:
        link = links[key]
        if link.role != unwanted:
            found.setdefault(_label(design, link), []).append(key)
    return tuple(_group(design, label, keys, operation) for label, keys in found.items())


def _group(design: Design, label: str, keys: list[str], operation: str) -> Group:
    """Return a group; of alternatives one of which is enough, those that never write are none."""
    needed = max(needed_of(design, design.links[key].target) for key in keys)
    if operation == "write" and needed == 1:
        keys = [key for key in keys if design.links[key].target in design.writers] or keys
    return Group(label, tuple(keys), needed)


def _label(design: Design, link: Link) -> str:
    if link.choice:
        return f"{link.choice} (group)"
    target = design.components[link.target]
    cluster = link.target if isinstance(target, Cluster) else design.cluster_of.get(link.target)
    return f"{cluster or target.kind}:{link.role}"


def needed_of(design: Design, member: str) -> int:
    """Return k: how many links to members of this part's cluster have to work."""
    cluster = design.cluster(member)
    if cluster is None:
        return 1
    return members_needed(cluster)


def members_needed(cluster: Cluster) -> int:
    """Return how many members of a cluster must work: what is set, else what the mode says."""
    if cluster.needed is not None:
        return cluster.needed
    if cluster.mode == "quorum":
        return len(cluster.members) // 2 + 1
    return max(1, len(cluster.members)) if cluster.mode == "sharded" else 1


def leader(design: Design, cluster: Cluster) -> str:
    """Return the member of a primary-replica cluster that takes the writes; empty for none.

    There is one, however many are called primary: the first of these, or the first of those that
    something writes to.
    """
    primaries = [
        member
        for member in cluster.members
        if not isinstance(item := design.components[member], Database) or item.role == "primary"
    ]
    written = (
        member
        for member in primaries
        if any(design.links[key].role == "write" for key in design.incoming[member])
    )
    return next(written, primaries[0] if primaries else "")


def can_lead(design: Design, member: str, first: str) -> bool:
    """Whether a member of a primary-replica cluster is the primary or may be promoted to it."""
    item = design.components[member]
    replica = not isinstance(item, Database) or (item.role == "replica" and item.promotable)
    return member == first or replica
