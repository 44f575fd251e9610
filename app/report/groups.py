"""Balancers and clusters: the algorithm, the mode, and what primary and replica mean."""

from collections.abc import Iterator

from app.analysis.alternatives import leader, members_needed
from app.analysis.figure_words import percent
from app.model.compute import WebServer
from app.model.containers import Cluster
from app.model.explanations import choice_words, explanation
from app.model.stores import Database
from app.model.traffic import LoadBalancer
from app.report.content import Block, Bullets, Item, Section
from app.report.facts import Facts, verb

_SWITCHED = ("active-passive", "primary-replica")
_CHECKS = {
    "http": "It sends each server a request now and then, and leaves out one that does not answer.",
    "tcp": "It opens a connection to each server now and then, and leaves out one that refuses; "
    "that a port opens does not prove that the program works.",
    "none": "It does not ask whether its servers live, so a dead one goes on getting its share.",
}
_DIFFERENCE = (
    "Active-active or active-passive: where is the difference? In an active-active setup all "
    "members work at the same time: the whole capacity is used, and when one is lost the others "
    "carry its share at once, if they can carry that much. In an active-passive setup one member "
    "works and another waits: a loss costs the time until the switch but no capacity, and until "
    "then the spare earns nothing."
)
_READ_ONLY = "The application may read from it, perhaps a moment behind, and must not write."
# How the engines copy: the manuals of MySQL 8.4 (chapter 19), MariaDB (Replication Overview) and
# PostgreSQL (27.2, Log-Shipping Standby Servers).
_ENGINES = {
    "mysql": "MySQL: the primary notes each change in its binary log; a replica fetches the log "
    "and applies it in the same order.",
    "mariadb": "MariaDB: the primary notes each change in its binary log; a replica fetches the "
    "log and applies it in the same order.",
    "postgres": "PostgreSQL: the primary writes each change to its write-ahead log first and "
    "streams the log to the replica, which replays it.",
}


def balancing(facts: Facts) -> Section:
    """Say how each balancer spreads requests, and in which mode what is behind it works."""
    title = "Load balancing"
    balancers = facts.of_kind(LoadBalancer)
    if not balancers:
        return Section(title, tuple(_alone(facts)))
    who = tuple(Item(_balancer(facts, key, item), facts.part(key))
                for key, item in balancers.items())  # fmt: skip
    how = tuple(_how([*balancers.values()]))
    return Section(title, (Bullets(who), "How that works:", Bullets(how), _DIFFERENCE))


def _alone(facts: Facts) -> Iterator[str]:
    """Yield what it means that one web server meets all users."""
    servers = [*facts.of_kind(WebServer)]
    if len(servers) == 1:
        lost = facts.analysis.flows_lost.get(servers[0], ())
        if lost and len(lost) == len(facts.design.flows):
            yield (
                f"No balancer is drawn, and every flow needs {facts.name(servers[0])}: for more "
                "visitors than it can serve there is only a larger machine."
            )


def _balancer(facts: Facts, key: str, item: LoadBalancer) -> str:
    targets = targets_of(facts, key)
    if not targets:
        return "Hands requests to nobody yet."
    if len(targets) == 1:
        return (
            f"Hands everything to {facts.names(targets)} ({item.fact}): with a single target there "
            "is nothing to spread, whatever the algorithm."
        )
    spread = f"Spreads requests over {facts.names(targets)} ({item.fact})."
    return f"{spread} {_mode(facts, item, targets)}"


def _how(items: list[LoadBalancer]) -> Iterator[Item]:
    """Yield how each algorithm, layer and health check works that some balancer has."""
    for algorithm in dict.fromkeys(item.algorithm for item in items):
        yield Item(_told("load_balancer", "algorithm", algorithm), choice_words(algorithm))
    for layer in dict.fromkeys(item.layer for item in items):
        yield Item(_told("load_balancer", "layer", layer).strip(), f"Layer: {layer.upper()}")
    for check in dict.fromkeys(item.health_check for item in items):
        yield Item(_CHECKS[check], f"Health check: {choice_words(check)}")


def targets_of(facts: Facts, balancer: str) -> tuple[str, ...]:
    """Return what a balancer hands requests to, behind firewalls and in clusters."""
    design, exposure = facts.design, facts.analysis.exposure
    links = (key for key in design.outgoing[balancer] if design.links[key].role == "request")
    ends = (design.links[end].target for key in links for end in exposure.ends(key))
    found = (part for end in ends for part in exposure.behind(end))
    return facts.sorted(dict.fromkeys(part for part in found if part != balancer))


def _mode(facts: Facts, item: LoadBalancer, targets: tuple[str, ...]) -> str:
    clusters = {facts.design.cluster_of.get(target) for target in targets}
    first = clusters.pop()
    cluster = facts.design.components[first] if first and not clusters else None
    if isinstance(cluster, Cluster) and cluster.mode == "active-passive":
        first = cluster.members[0]
        rest = [key for key in targets if key != first]
        return (
            f"Behind it the setup is active-passive: {facts.name(first)} works, and "
            f"{facts.names(rest)} {verb(rest, 'wait')}."
        )
    if item.algorithm == "first":
        return (
            f"Behind it all of {facts.names(targets)} are switched on, but a later one gets "
            "requests only when those before it are full."
        )
    return (
        f"Behind it the setup is active-active: {facts.names(targets)} are in service at the same "
        "time."
    )


def clusters(facts: Facts) -> Section:
    """Say how the members of each cluster share the work, and what happens when one dies."""
    found = facts.of_kind(Cluster)
    modes = {item.mode for item in found.values()} & {"active-active", "active-passive"}
    told = (_DIFFERENCE,) if modes and not facts.of_kind(LoadBalancer) else ()
    sections = tuple(Section(item.name, tuple(_cluster(facts, key, item)))
                     for key, item in found.items())  # fmt: skip
    return Section("Clusters", told, sections)


def _cluster(facts: Facts, key: str, cluster: Cluster) -> Iterator[Block]:
    if not cluster.members:
        yield "It has no members yet."
        return
    yield f"{choice_words(cluster.mode)}, of {facts.names(cluster.members)}. {_general(cluster)}"
    if cluster.mode == "primary-replica":
        yield from _replication(facts, key, cluster)
    elif cluster.mode == "active-passive":
        yield f"{facts.name(cluster.members[0])} is the active one."
        if spares := cluster.members[1:]:
            yield f"{facts.names(spares)} {verb(spares, 'are', 'is')} passive."
    else:
        needed = members_needed(cluster)
        yield f"It needs {needed} of its {len(cluster.members)} members."
    if cluster.virtual_address:
        yield "The members share one virtual address, which moves to a living one (VRRP)."
    if cluster.mode in _SWITCHED:
        yield _failover(cluster)


def _general(cluster: Cluster) -> str:
    """Return what the mode means, less what the cluster at hand says more exactly."""
    if cluster.mode == "primary-replica":
        return "In general: the primary takes all writes and sends them on; replicas repeat them."
    return f"In general: {_told('cluster', 'mode', cluster.mode)}"


def _failover(cluster: Cluster) -> str:
    told = f"Failover: {cluster.failover}. {_told('cluster', 'failover', cluster.failover)}"
    if cluster.failover == "none":
        return told
    return (
        f"{told} The design counts on {cluster.detection_seconds:g} s until the failure is noticed "
        f"and {cluster.switch_seconds:g} s for the switch, which succeeds in "
        f"{percent(cluster.switch_success)} of the cases."
    )


def _replication(facts: Facts, key: str, cluster: Cluster) -> Iterator[Block]:
    design = facts.design
    first = leader(design, cluster)
    copies = [member for member in cluster.members if member != first]
    if not first:
        yield "None of its members is a primary, so nobody takes the writes."
        return
    fed = [copy for copy in copies if copy in facts.ends(first, "replicate")]
    back = [copy for copy in copies if first in facts.ends(copy, "replicate")]
    if fed:
        way = f"{facts.name(first)} replicates to {facts.names(fed)}."
        yield " ".join((way, *_back(facts, back), *_engine(facts, first)))
    if missing := [member for member in copies if member not in fed]:
        yield f"No replication is drawn from {facts.name(first)} to {facts.names(missing)}."
    yield Bullets(tuple(_roles(facts, key, first, copies)))


def _back(facts: Facts, back: list[str]) -> Iterator[str]:
    if back:
        drawn = verb(back, "are drawn", "is drawn")
        yield f"{facts.names(back)} {drawn} as replicating back, but a copy has nothing to give."
    else:
        yield "That goes one way."


def _engine(facts: Facts, primary: str) -> Iterator[str]:
    item = facts.design.components[primary]
    if isinstance(item, Database):
        yield _ENGINES[item.engine]


def _roles(facts: Facts, cluster: str, first: str, copies: list[str]) -> Iterator[Item]:
    """Yield what each member means to the application, from the links that are drawn to it."""
    for member in (first, *copies):
        writers = _users(facts, member, "write")
        if member == first:
            text = ["The primary."]
            writers = writers or _users(facts, cluster, "write")
        else:
            text = [_copy(facts, member)]
        text += _loss(facts, member)
        text += _using(facts, writers, "write", "to it")
        text += _using(facts, _users(facts, member, "read"), "read", "from it")
        yield Item(" ".join(text), facts.part(member))


def _loss(facts: Facts, member: str) -> Iterator[str]:
    told = facts.losses.get(member, {})
    down = [flow for flow in told if member in facts.analysis.spofs[flow]]
    rest = [flow for flow, outcome in told.items() if outcome.state != "down"]
    if down and rest:
        stop, on = verb(down, "stop"), verb(rest, "go", "goes")
        yield f"Without it {facts.flow_names(down)} {stop}, and {facts.flow_names(rest)} {on} on."


def _copy(facts: Facts, member: str) -> str:
    item = facts.design.components[member]
    if not isinstance(item, Database) or (item.role == "replica" and item.promotable):
        return f"A replica. {_READ_ONLY}"
    if item.role == "replica":
        return f"A replica that must not become the primary. {_READ_ONLY}"
    return "It is called a primary too, so it has data of its own and replaces nobody."


def _using(facts: Facts, users: tuple[str, ...], doing: str, joint: str) -> Iterator[str]:
    if users:
        yield f"{facts.names(users)} {verb(users, doing)} {joint}."


def _users(facts: Facts, part: str, role: str) -> tuple[str, ...]:
    """Return the parts that use a part in a role, themselves or through firewalls."""
    design = facts.design
    found: dict[str, None] = {}
    todo, seen = [part], {part}
    for here in todo:
        for link in map(design.link, design.incoming[here]):
            if link.role != role or link.source in seen:
                continue
            seen.add(link.source)
            if design.components[link.source].kind == "firewall":
                todo.append(link.source)
            else:
                found[link.source] = None
    return facts.sorted(found)


def _told(kind: str, field: str, choice: str) -> str:
    found = explanation(kind, field, choice)
    return found.text if found else ""
