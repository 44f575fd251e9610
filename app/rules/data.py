"""Databases: replicas, who takes over, where writes go, votes, backups."""

from collections.abc import Collection, Iterator
from functools import partial

from app.analysis.alternatives import leader
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Database
from app.rules import redundancy, spreading
from app.rules.causes import causes, crowds
from app.rules.copying import on_new_server
from app.rules.evidence import along, name, names
from app.rules.groups import RAFT, spread_out
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.spof import FAIL_OVER, problem

BACKUP = (
    "AWS Well-Architected, Reliability: identify and back up all data that needs to be backed up"
)
REPLICATION = "PostgreSQL documentation: High Availability, Load Balancing, and Replication"


@rule(
    "DB001",
    "no-replica",
    "Database without a replica",
    severity="high",
    category="spof",
    student="One disk holds everything.",
    references=(REPLICATION, FAIL_OVER),
)
def no_replica(analysis: Analysis) -> Iterator[Problem]:
    """Finds a database in use that has no copy and that nobody writes to.

    A database that users write to and that has no replica is SPOF005.
    """
    design = analysis.design
    found = causes(analysis, "DB001")
    for cause in found:
        yield problem(analysis, cause, "it is the only copy of its data.", _replica(cause.part))
    known = {cause.part for cause in found} | analysis.flows_lost.keys()
    for key, item in design.of(Database).items():
        if key in analysis.in_service and key not in known and _alone(design, key):
            message = f"{item.name} is the only copy of its data."
            witness = Witness(path=(key,), cut=(key,), missing=key)
            yield Problem((key,), message, witness, (_replica(key),))


def _replica(database: str) -> Fix:
    add = partial(spreading.replicate_apart, database=database)
    return Fix("Add a replica that takes over", add)


def _alone(design: Design, database: str) -> bool:
    links = (*design.outgoing[database], *design.incoming[database])
    copies = any(design.links[link].role == "replicate" for link in links)
    return design.cluster(database) is None and not copies


@rule(
    "DB002",
    "replica-cannot-take-over",
    "Replica cannot take over",
    severity="medium",
    category="spof",
    student="There are copies of the data, and writing stops all the same.",
    references=(FAIL_OVER, "PostgreSQL documentation: Failover"),
)
def replica_cannot_take_over(analysis: Analysis) -> Iterator[Problem]:
    """Finds a primary-replica cluster without a failover that no flow writes to yet.

    Where a flow writes, its primary is a single point of failure and is reported as SPOF005.
    """
    for key, item in analysis.design.of(Cluster).items():
        if item.mode != "primary-replica" or item.failover != "none":
            continue
        if len(item.members) > 1 and analysis.flows_lost.keys().isdisjoint(item.members):
            fix = Fix("Let a replica take over", partial(redundancy.take_over, cluster_id=key))
            message = f"No replica of {item.name} takes over when its primary dies."
            witness = Witness(path=(key, *item.members))
            yield Problem((key,), message, witness, (fix,))


@rule(
    "DB003",
    "write-to-replica",
    "Write sent to a replica",
    severity="critical",
    category="other",
    student="A replica refuses the write, or loses it.",
    references=("PostgreSQL documentation: Hot Standby",),
)
def write_to_replica(analysis: Analysis) -> Iterator[Problem]:
    """Finds a link that writes to a database that only reads."""
    design = analysis.design
    for key, link in design.links_for("write").items():
        target = design.components[link.target]
        if not isinstance(target, Database) or target.role != "replica":
            continue
        cluster = design.cluster(link.target)
        if cluster is not None and cluster.mode == "multi-primary":
            continue
        primary = _primary(design, link.target)
        fixes: tuple[Fix, ...] = ()
        if primary and primary != link.source:
            point = partial(edits.set_fields, element_id=key, target=primary)
            fixes = (Fix(f"Write to {name(design, primary)}", point),)
        message = f"{name(design, link.source)} writes to {target.name}, which only reads."
        yield Problem((key,), message, along(design, key), fixes)


def _primary(design: Design, replica: str) -> str:
    """Return the primary of a replica: in its cluster, else the only one of the same engine."""
    cluster = design.cluster(replica)
    if cluster is not None:
        first = leader(design, cluster)
        return first if first and redundancy.is_primary(design, first) else ""
    engine = getattr(design.components[replica], "engine", "")
    found = [
        key
        for key, item in design.of(Database).items()
        if item.role == "primary" and item.engine == engine
    ]
    return found[0] if len(found) == 1 else ""


@rule(
    "DB005",
    "replica-in-one-place",
    "Primary and replica in one place",
    severity="high",
    category="spof",
    student="Both copies die in the same fire.",
    references=("AWS Well-Architected, Reliability: deploy the workload to multiple locations",),
)
def replica_in_one_place(analysis: Analysis) -> Iterator[Problem]:
    """Finds a primary all of whose replicas are on its server or, of several sites, in its site.

    Where the loss of that place stops a flow, the place is reported instead.
    """
    for crowd in crowds(analysis):
        cluster = analysis.design.components[crowd.cluster]
        replicated = isinstance(cluster, Cluster) and cluster.mode == "primary-replica"
        if replicated and crowd.domain not in analysis.flows_lost:
            yield spread_out(analysis, crowd)


@rule(
    "DB006",
    "replica-without-source",
    "Replica without a source",
    severity="high",
    category="other",
    student="It will never get the data.",
    references=("PostgreSQL documentation: Log-Shipping Standby Servers",),
)
def replica_without_source(analysis: Analysis) -> Iterator[Problem]:
    """Finds a replica that no replication link leads to, and databases that copy in a ring.

    Two primaries that copy each other are DB007.
    """
    design = analysis.design
    yield from _rings(design)
    for key, item in design.of(Database).items():
        if item.role != "replica":
            continue
        if any(design.links[link].role == "replicate" for link in design.incoming[key]):
            continue
        primary = _primary(design, key)
        fixes: tuple[Fix, ...] = ()
        turned = [link for link in design.outgoing[key]
                  if design.links[link].role == "replicate"
                  and design.links[link].target == primary]  # fmt: skip
        if turned:
            turn = partial(edits.set_fields, element_id=turned[0], source=primary, target=key)
            told = (
                f"{item.name} is a replica, and {name(design, primary)} copies it: turn that round."
            )
            fix = Fix(f"Replicate from {name(design, primary)} instead", turn)
            yield Problem((key,), told, along(design, turned[0]), (fix,))
            continue
        if primary:
            copy = partial(redundancy.replicate, source=primary, target=key)
            fixes = (Fix(f"Replicate from {name(design, primary)}", copy),)
        message = f"{item.name} gets its data from nowhere."
        yield Problem((key,), message, Witness(path=(key,)), fixes)


def _rings(design: Design) -> Iterator[Problem]:
    copying = {
        key: (link.source, link.target)
        for key, link in design.links_for("replicate").items()
        if _follows(design, link.source, link.target)
    }
    for ring in _strongly_connected(copying.values()):
        leading = [key for key in ring if redundancy.is_primary(design, key)]
        if len(leading) > 1:
            continue
        first = leading[0] if leading else ring[0]
        source = "" if leading else _primary(design, first)
        inner = [key for key, (start, end) in copying.items() if end == first and start in ring]
        mend = partial(_mend, links=inner, first=first, source=source)
        title = f"Let {name(design, first)} copy {name(design, source) if source else 'nobody'}"
        fixes = (Fix(title, mend),) if leading or source else ()
        message = f"{names(design, ring)} copy each other in a ring, so the data has no source."
        yield Problem(ring, message, Witness(path=(*ring, *inner)), fixes)


def _follows(design: Design, source: str, target: str) -> bool:
    """Whether one database copies another, and not as its equal that takes writes as well."""
    ends = (source, target)
    cluster = design.cluster(source)
    equal = cluster is not None and cluster.mode == "multi-primary" and target in cluster.members
    return not equal and all(isinstance(design.components[key], Database) for key in ends)


def _strongly_connected(edges: Collection[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the rings among directed edges, each with its nodes in order."""
    if not {source for source, _ in edges} & {target for _, target in edges}:
        return []
    import networkx as nx  # only chains and rings need it

    graph: nx.DiGraph[str] = nx.DiGraph(edges)
    rings = nx.strongly_connected_components(graph)
    return sorted(tuple(sorted(ring)) for ring in rings if len(ring) > 1)


def _mend(design: Design, links: list[str], first: str, source: str) -> Design:
    design = edits.remove(design, links)
    return redundancy.replicate(design, source=source, target=first) if source else design


@rule(
    "DB007",
    "two-primaries",
    "Two primaries without a rule for conflicts",
    severity="high",
    category="other",
    student="Two people edit the same page, each on another primary, and one change is lost.",
    references=(REPLICATION,),
)
def two_primaries(analysis: Analysis) -> Iterator[Problem]:
    """Finds databases that copy each other or share a cluster, and both take writes.

    What decides between two changes of one row is a mode of its own: multi-primary.
    """
    design = analysis.design
    for first, second in dict.fromkeys(_rivals(design)):
        both = names(design, (first, second))
        message = f"{both} both take writes, and nothing settles which of two changes counts."
        demote = partial(redundancy.demote, database=second, primary=first)
        fix = Fix(f"Make {name(design, second)} a replica of {name(design, first)}", demote)
        yield Problem((first, second), message, Witness(path=(first, second)), (fix,))


def _rivals(design: Design) -> Iterator[tuple[str, str]]:
    for cluster in design.of(Cluster).values():
        if cluster.mode == "primary-replica":
            first = leader(design, cluster)
            if not first or not redundancy.is_primary(design, first):
                continue
            yield from ((first, other) for other in redundancy.rivals(design, first))
    for link in design.links_for("replicate").values():
        ends = link.source, link.target
        if all(redundancy.is_primary(design, end) and design.cluster(end) is None for end in ends):
            yield min(ends), max(ends)


@rule(
    "DB008",
    "even-quorum",
    "Even number of votes",
    severity="medium",
    category="other",
    student="A split vote stops everything, and the extra member buys nothing.",
    references=(RAFT, "etcd documentation: Frequently Asked Questions"),
)
def even_quorum(analysis: Analysis) -> Iterator[Problem]:
    """Finds a voting cluster with an even number of members: of n, ⌊(n − 1) / 2⌋ may fail."""
    for key, item in analysis.design.of(Cluster).items():
        if item.mode != "quorum":
            continue
        votes = len(item.members)
        if votes and votes % 2 == 0:
            may = (votes - 1) // 2
            message = (
                f"{item.name} has {votes} votes and bears the loss of {may}, as {votes - 1} would."
            )
            add = partial(redundancy.duplicate, component_id=item.members[-1])
            numbers = {"votes": votes, "may_fail": may}
            witness = Witness(path=(key, *item.members), numbers=numbers)
            yield Problem((key,), message, witness, (Fix("Add a member", add),))


@rule(
    "DB010",
    "no-backup",
    "A replica is not a backup",
    severity="high",
    category="other",
    student="A table deleted by mistake is deleted on the replica a second later.",
    references=(BACKUP,),
)
def no_backup(analysis: Analysis) -> Iterator[Problem]:
    """Finds databases in use of which no old copies are kept; one member's are enough."""
    design = analysis.design
    backups = design.links_for("backup").values()
    kept = {end for link in backups for end in (link.source, link.target)}
    lost = tuple(
        key
        for key, item in design.of(Database).items()
        if item.role == "primary"
        and any(redundancy.callers(design, part) for part in _family(design, key))
        and kept.isdisjoint(_family(design, key))
    )
    if lost:
        message = f"Nobody keeps old copies of what is in {names(design, lost)}."
        fix = Fix("Add a backup", partial(_back_up, databases=lost))
        yield Problem(lost, message, Witness(path=lost), (fix,))


def _family(design: Design, database: str) -> tuple[str, ...]:
    cluster = design.cluster_of.get(database)
    members = redundancy.members_of(design, cluster) if cluster else ()
    return (database, *members, *((cluster,) if cluster else ()))


def _back_up(design: Design, databases: tuple[str, ...]) -> Design:
    design, backup = on_new_server(design, "backup", databases[0])
    for database in databases:
        design, _ = edits.connect(design, database, backup, role="backup", protocol="ssh")
    return design
