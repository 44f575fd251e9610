"""How soon a part is replaced when it fails, and whether writes may be lost over it.

Who leads and who may take over says `alternatives`, who switches `requirements`. What follows is
the one source for both sides of a promise: the analysis predicts by them, the exporters configure
by them, and the drill allows by them as long an interruption as was declared.
"""

from collections.abc import Iterable

from app.analysis.alternatives import can_lead, leader
from app.analysis.requirements import switches
from app.model.containers import Cluster
from app.model.design import Design
from app.model.traffic import Firewall

# How a balancer checks each server, in seconds: it asks so often, again so soon after a failure,
# and takes the server for dead after two in a row. It waits so long for a connection, also for one
# that the server itself needs to answer, and so long for the answer on it.
CHECK_EVERY = 1.0
CHECK_AGAIN = 0.5
CHECK_CONNECT = 0.25
CHECK_LIMIT = 2.0
NOTICED = CHECK_EVERY + CHECK_AGAIN + 2 * CHECK_CONNECT  # at the latest, where nobody connects
NOTICED_SILENT = CHECK_EVERY + CHECK_AGAIN + 2 * CHECK_LIMIT  # where nothing comes back


def interruption(design: Design, failed: Iterable[str], *, silent: bool = False) -> float:
    """Return for how many seconds these failed parts may interrupt a flow that survives them.

    What a cluster that switches by itself declares, else what the checks of a balancer take.
    `silent`: the parts take connections, and nothing comes back on them. So it is with a firewall,
    whatever ends it: it holds no end of the connections that it carried, and tells nobody.
    """
    failed = tuple(failed)
    silent = silent or any(isinstance(design.components.get(key), Firewall) for key in failed)
    noticed = NOTICED_SILENT if silent else NOTICED
    return max((_declared(design, part) for part in failed), default=0.0) or noticed


def _declared(design: Design, part: str) -> float:
    """Return the time that the cluster of a part declares for replacing it; 0 for none."""
    cluster = design.cluster(part)
    if cluster is None or not switches(cluster, "continuity") or _stands_by(design, cluster, part):
        return 0.0
    return cluster.detection_seconds + cluster.switch_seconds


def _stands_by(design: Design, cluster: Cluster, part: str) -> bool:
    """Whether a member only waits to take over, or only copies.

    Among databases whoever may lead may be leading now: a switch moves the lead, and the return of
    the one that led does not move it back.
    """
    if cluster.mode == "active-passive":
        return part != cluster.members[0]
    return cluster.mode == "primary-replica" and not _may_lead(design, cluster, part)


def _may_lead(design: Design, cluster: Cluster, part: str) -> bool:
    return can_lead(design, part, leader(design, cluster))


def waits_for_replica(design: Design) -> bool:
    """Whether a write waits for a replica: unless each promise about writes lets some be lost."""
    promised = [
        flow.recovery_point_seconds
        for flow in design.flows.values()
        if flow.operation == "write" and flow.recovery_point_seconds is not None
    ]
    return not promised or min(promised) == 0


def may_lose_writes(design: Design, failed: Iterable[str]) -> bool:
    """Whether acknowledged writes may be lost: a replica takes over that none waited for."""
    if waits_for_replica(design):
        return False
    for part in failed:
        cluster = design.cluster(part)
        if (
            cluster is not None
            and cluster.mode == "primary-replica"
            and switches(cluster, "continuity")
            and _may_lead(design, cluster, part)
        ):
            return True
    return False
