"""Databases: replicas, take-over, where writes go, backups; and dependencies that lead nowhere."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.requirements import is_soft
from app.model import edits, expressions
from app.model.containers import Cluster
from app.model.design import Design
from app.model.expressions import Need, Requirement
from app.model.stores import Database
from app.model.traits import Trait
from app.rules import redundancy
from app.rules.evidence import along, name, names
from app.rules.free_place import BELOW, FRAME, place_near
from app.rules.registry import RULES, Fix, Problem, Witness, rule

REPLICATION = "AWS Well-Architected, Reliability: fail over to healthy resources"
BACKUP = "AWS Well-Architected, Reliability: back up data"


def _databases(design: Design) -> Iterator[tuple[str, Database]]:
    used = redundancy.in_service(design)
    for key, item in design.components.items():
        if isinstance(item, Database) and key in used:
            yield key, item


@rule(
    "DB001",
    "no-replica",
    "Database without a replica",
    severity="high",
    category="spof",
    student="One disk holds everything.",
    references=(REPLICATION,),
)
def no_replica(analysis: Analysis) -> Iterator[Problem]:
    """Finds a database in use that has no copy, where it is no single point of failure already."""
    design = analysis.design
    for key, item in _databases(design):
        copies = any(
            design.links[link].role == "replicate"
            for link in (*design.outgoing[key], *design.incoming[key])
        )
        if design.cluster(key) is None and not copies and key not in analysis.flows_lost:
            fix = Fix(
                "Add a replica that takes over", partial(redundancy.add_replica, component_id=key)
            )
            message = f"{item.name} is the only place for its data."
            yield Problem((key,), message, Witness(cut=(key,), missing=key), (fix,))


@rule(
    "DB002",
    "replica-cannot-take-over",
    "Replica cannot take over",
    severity="medium",
    category="spof",
    student="There are copies of the data, and writing stops all the same.",
    references=(REPLICATION,),
)
def replica_cannot_take_over(analysis: Analysis) -> Iterator[Problem]:
    """Finds a primary-replica cluster without a failover that no flow writes to yet.

    Where a flow writes, the primary is a single point of failure and is reported as such.
    """
    for key, item in analysis.design.components.items():
        replicated = isinstance(item, Cluster) and item.mode == "primary-replica"
        if not replicated or not isinstance(item, Cluster) or item.failover != "none":
            continue
        if len(item.members) > 1 and analysis.flows_lost.keys().isdisjoint(item.members):
            fix = Fix("Let a replica take over", partial(redundancy.fail_over, cluster_id=key))
            message = f"No replica of {item.name} takes over when its primary dies."
            yield Problem((key,), message, Witness(path=(key, *item.members)), (fix,))


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
    """Finds a link that writes to a member that only reads."""
    design = analysis.design
    for key, link in design.links.items():
        target = design.components[link.target]
        cluster = design.cluster(link.target)
        if link.role != "write" or not isinstance(target, Database) or target.role != "replica":
            continue
        if cluster is not None and cluster.mode == "multi-primary":
            continue
        primary = _primary(design, cluster)
        fixes = (
            (Fix(f"Write to {name(design, primary)}",
                 partial(edits.set_fields, element_id=key, target=primary)),)
            if primary and primary != link.source else ()
        )  # fmt: skip
        message = f"{name(design, link.source)} writes to {target.name}, which only reads."
        yield Problem((key,), message, along(design, key), fixes)


def _primary(design: Design, cluster: Cluster | None) -> str:
    for member in cluster.members if cluster else ():
        if getattr(design.components[member], "role", "") == "primary":
            return member
    return ""


@rule(
    "DB005",
    "replica-on-same-server",
    "Primary and replica on one server",
    severity="high",
    category="spof",
    student="Both copies die in the same fire.",
    references=("AWS Well-Architected, Reliability: deploy the workload to multiple locations",),
)
def replica_on_same_server(analysis: Analysis) -> Iterator[Problem]:
    """Finds a primary all of whose replicas run on its own server."""
    design = analysis.design
    for key, item in design.components.items():
        if not isinstance(item, Cluster) or item.mode != "primary-replica":
            continue
        hosts = {design.host(member) for member in item.members}
        [host] = hosts if len(hosts) == 1 else [None]
        if len(item.members) > 1 and host is not None and host not in analysis.flows_lost:
            message = f"All members of {item.name} run on {name(design, host)}."
            fix = Fix("Move the replica to another server",
                      partial(redundancy.spread_host, host=host))  # fmt: skip
            yield Problem((key,), message, Witness(path=(key, *item.members), cut=(host,)), (fix,))


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
    """Finds a replica that no replication link leads to."""
    design = analysis.design
    for key, item in design.components.items():
        if not isinstance(item, Database) or item.role != "replica":
            continue
        if any(design.links[link].role == "replicate" for link in design.incoming[key]):
            continue
        primary = _primary(design, design.cluster(key))
        protocol = "postgres" if item.engine == "postgres" else "mysql"
        fixes = (
            (Fix(f"Replicate from {name(design, primary)}",
                 partial(_replicate, source=primary, target=key, protocol=protocol)),)
            if primary else ()
        )  # fmt: skip
        message = f"{item.name} gets its data from nowhere."
        yield Problem((key,), message, Witness(path=(key,), missing=key), fixes)


def _replicate(design: Design, source: str, target: str, protocol: str) -> Design:
    design, _ = edits.connect(design, source, target, role="replicate", protocol=protocol,
                              tls="1.3")  # fmt: skip
    return design


@rule(
    "DB008",
    "even-quorum",
    "Even number of votes",
    severity="medium",
    category="other",
    student="A split vote stops everything, and the extra member buys nothing.",
    references=("Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm (Raft)",),
)
def even_quorum(analysis: Analysis) -> Iterator[Problem]:
    """Finds a voting cluster with an even number of members: ⌊(n − 1) / 2⌋ may fail."""
    design = analysis.design
    for key, item in design.components.items():
        votes = len(item.members) if isinstance(item, Cluster) else 1
        if isinstance(item, Cluster) and item.mode == "quorum" and votes and votes % 2 == 0:
            message = f"{item.name} has {votes} votes: {votes - 1} would survive as much."
            fix = Fix("Add a member",
                      partial(redundancy.duplicate, component_id=item.members[-1]))  # fmt: skip
            yield Problem((key,), message, Witness(path=(key, *item.members)), (fix,))


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
    kept = {link.source for link in design.links.values() if link.role == "backup"}
    kept |= {link.target for link in design.links.values() if link.role == "backup"}
    lost = tuple(
        key
        for key, item in _databases(design)
        if item.role == "primary" and kept.isdisjoint(_family(design, key))
    )
    if lost:
        message = f"Nobody keeps old copies of what is in {names(design, lost)}."
        fix = Fix("Add a backup", partial(_back_up, databases=lost))
        yield Problem(lost, message, Witness(path=lost, missing=lost[0]), (fix,))


def _family(design: Design, database: str) -> tuple[str, ...]:
    cluster = design.cluster(database)
    return cluster.members if cluster else (database,)


def _back_up(design: Design, databases: tuple[str, ...]) -> Design:
    host = design.host(databases[0]) or databases[0]
    design, server = edits.add(design, "server")
    place = place_near(design, host, BELOW, FRAME)
    design, backup = edits.add(design, "backup", place, parent=server)
    for database in databases:
        design, _ = edits.connect(design, database, backup, role="backup", protocol="ssh")
    return design


@rule(
    "DEP001",
    "circular-dependency",
    "Circular dependency",
    severity="high",
    category="other",
    student="After a full stop neither can start before the other.",
    references=("AWS Well-Architected, Reliability: implement loosely coupled dependencies",),
)
def circular_dependency(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that need each other, directly or round a ring."""
    import networkx as nx  # only this rule walks rings

    design = analysis.design
    graph: nx.DiGraph[str] = nx.DiGraph()
    for link in design.links.values():
        if link.is_traffic and not is_soft(design, link):
            graph.add_edge(link.source, link.target)
    for ring in nx.strongly_connected_components(graph):
        if len(ring) > 1:
            parts = tuple(sorted(ring))
            inner = [key for key, link in design.links.items()
                     if link.source in ring and link.target in ring]  # fmt: skip
            message = f"{names(design, parts)} need each other."
            yield Problem(parts, message, Witness(path=(*parts, *inner)))


@rule(
    "DEP002",
    "unconnected",
    "Connected to nothing",
    severity="low",
    category="other",
    student="It is drawn, but it does nothing.",
    references=("Threagile: unnecessary technical asset",),
)
def unconnected(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts without any link; containers, notes, and guards of links are left alone."""
    design = analysis.design
    guards = {part for link in design.links.values() for group in link.guards for part in group}
    for key, item in design.components.items():
        linked = design.outgoing[key] or design.incoming[key] or key in guards or item.requires
        if linked or Trait.FAILS not in item.traits or Trait.CONTAINER in item.traits:
            continue
        if not _mentioned(design, key):
            message = f"{item.name} is linked to nothing."
            fix = Fix(f"Remove {item.name}", partial(edits.remove, ids=(key,)))
            yield Problem((key,), message, Witness(path=(key,)), (fix,))


def _mentioned(design: Design, key: str) -> bool:
    texts = [text for item in design.components.values() for text in item.requires.values()]
    texts += [flow.requires for flow in design.flows.values() if flow.requires]
    return any(key in _parts(expressions.parse(text)) for text in texts)


def _parts(requirement: Requirement) -> set[str]:
    if isinstance(requirement, Need):
        return {requirement.component}
    return {part for item in requirement.items for part in _parts(item)}


@rule(
    "MOD006",
    "unknown-part",
    "Requirement names a part that does not exist",
    severity="medium",
    category="other",
    student="What does not exist can never be up.",
    references=("IEC 61025:2006, fault tree analysis",),
)
def unknown_part(analysis: Analysis) -> Iterator[Problem]:
    """Finds expressions that name parts which the design does not have, or has no longer."""
    design = analysis.design
    elements = {key: tuple(item.requires.values()) for key, item in design.components.items()}
    elements |= {key: (flow.requires,) for key, flow in design.flows.items() if flow.requires}
    for key, texts in elements.items():
        missing = sorted(
            part
            for text in texts
            for part in _parts(expressions.parse(text))
            if part not in design.components
        )
        if missing:
            message = f"The requirement of {key} names {', '.join(missing)}, which is not there."
            yield Problem((key,), message, Witness(path=(key,)))


@rule(
    "MOD007",
    "orphan-waiver",
    "Waiver of a rule that does not exist",
    severity="info",
    category="other",
    student="A reason is kept for something that cannot be found any more.",
    references=("ISO 31000:2018, Risk management: monitoring and review",),
)
def orphan_waiver(analysis: Analysis) -> Iterator[Problem]:
    """Finds waivers of unknown rules or of parts that are gone."""
    design = analysis.design
    known = design.components.keys() | design.links.keys() | design.flows.keys()
    for key in design.waivers:
        rule_id, _, subjects = key.partition("@")
        gone = set(subjects.split("+")) - known - {"design"}
        if rule_id not in RULES or gone:
            fix = Fix("Remove the waiver", partial(edits.waive, key=key, waiver=None))
            message = f"The waiver of {key} is of something that is not there."
            yield Problem((), message, fixes=(fix,))
            return
