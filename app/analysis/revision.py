"""What another version of a design may change in the requirements: for whom they are asked anew.

What a part needs is read from the part, from the links that start there, from their targets, and
from the clusters of these with all members and whoever writes to them (see `requirements`). So of
what differs between two versions all such neighbours count, before and after.
"""

from collections.abc import Iterable, Iterator, Mapping

from app.model.containers import Cluster
from app.model.design import Design
from app.model.diff import diff

MOST = 50  # changed parts and links; where more differ a fresh look costs no more


def stale(before: Design, after: Design) -> frozenset[str] | None:
    """Return the parts whose requirements may differ; None where that may be any."""
    links = _differing(before.links, after.links)
    parts = _differing(before.components, after.components)
    if len(links) + len(parts) > MOST:
        return None
    parts |= before.writers ^ after.writers
    for design in (before, after):
        known = [design.links[key] for key in links if key in design.links]
        parts |= {end for link in known for end in (link.source, link.target)}
    return frozenset(key for design in (before, after) for key in _around(design, parts))


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    changes = diff(before, after)
    return {*changes.added, *changes.removed, *changes.changed}


def _around(design: Design, parts: Iterable[str]) -> Iterator[str]:
    """Yield parts, who shares a cluster with them, and who links to any of these."""
    for part in parts:
        if part not in design.components:
            yield part
            continue
        for near in _joined(design, part):
            yield near
            yield from (design.links[key].source for key in design.incoming[near])


def _joined(design: Design, part: str) -> Iterator[str]:
    cluster_id = design.cluster_of.get(part, part)
    yield from {part, cluster_id}
    cluster = design.components[cluster_id]
    if isinstance(cluster, Cluster):
        yield from cluster.members
