"""How a part fails over: who leads, who may take over, by whom and how soon.

One source for both sides of a promise. The analysis predicts by it, the exporters configure by it,
and the drill allows by it as long an interruption as was declared.
"""

from collections.abc import Iterable
from typing import Literal

from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Database

View = Literal["recoverable", "continuity"]
VIEWS: tuple[View, View] = ("recoverable", "continuity")

# How a balancer checks each server, in seconds: it asks so often, again so soon after a failure,
# and takes the server for dead after two in a row. It waits so long for a connection, also for one
# that the server itself needs to answer, and so long for the answer on it.
CHECK_EVERY = 1.0
CHECK_AGAIN = 0.5
CHECK_CONNECT = 0.25
CHECK_LIMIT = 2.0
NOTICED = CHECK_EVERY + CHECK_AGAIN + 2 * CHECK_CONNECT  # at the latest, where nobody connects
NOTICED_SILENT = CHECK_EVERY + CHECK_AGAIN + 2 * CHECK_LIMIT  # where nothing comes back


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
    """Whether a member of a primary-replica cluster is the primary or may be promoted to it.

    Another primary has data of its own and replaces nobody.
    """
    item = design.components[member]
    replica = not isinstance(item, Database) or (item.role == "replica" and item.promotable)
    return member == first or replica


def switches(cluster: Cluster, view: View) -> bool:
    """Whether the failover of a cluster counts in a view."""
    return cluster.failover == "automatic" or (
        view == "recoverable" and cluster.failover == "manual"
    )


def interruption(design: Design, failed: Iterable[str], *, silent: bool = False) -> float:
    """Return for how many seconds these failed parts may interrupt a flow that survives them.

    What a cluster that switches by itself declares, else what the checks of a balancer take.
    `silent`: the parts take connections, and nothing comes back on them.
    """
    noticed = NOTICED_SILENT if silent else NOTICED
    return max((_declared(design, part) for part in failed), default=0.0) or noticed


def _declared(design: Design, part: str) -> float:
    """Return the time that the cluster of a part declares for replacing it; 0 for none."""
    cluster = design.cluster(part)
    if cluster is None or not switches(cluster, "continuity") or _stands_by(design, cluster, part):
        return 0.0
    return cluster.detection_seconds + cluster.switch_seconds


def _stands_by(design: Design, cluster: Cluster, part: str) -> bool:
    """Whether a member only waits to take over, or only copies."""
    if cluster.mode == "active-passive":
        return part != cluster.members[0]
    return cluster.mode == "primary-replica" and part != leader(design, cluster)


def may_lose_writes(design: Design, failed: Iterable[str]) -> bool:
    """Whether acknowledged writes may be lost: a replica, always a little behind, takes over."""
    for part in failed:
        cluster = design.cluster(part)
        if (
            cluster is not None
            and cluster.mode == "primary-replica"
            and switches(cluster, "continuity")
            and part == leader(design, cluster)
        ):
            return True
    return False
