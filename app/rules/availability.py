"""Promises and spreading: targets, groups that one failure empties, load that one loss breaks."""

from collections.abc import Callable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.availability import MINUTES_PER_YEAR, availability_of
from app.analysis.requirements import members_needed
from app.model import edits
from app.model.components import AppServer, Client
from app.model.containers import Cluster
from app.model.design import Design
from app.rules import redundancy, spof
from app.rules.evidence import name, names
from app.rules.free_place import corner, place_near
from app.rules.registry import Fix, Problem, Witness, rule

SMALLEST_POOL = 2


@rule(
    "AVL001",
    "below-target",
    "Availability below target",
    severity="high",
    category="spof",
    student="The numbers say that the promise cannot be kept.",
    references=("The Site Reliability Workbook, chapter 2: Implementing SLOs",),
)
def below_target(analysis: Analysis) -> Iterator[Problem]:
    """Compares the exact availability of each flow with the target that was set for it."""
    design = analysis.design
    for key, flow in design.flows.items():
        if flow.target_availability is None:
            continue
        figure = availability_of(analysis.recoverable, key)
        if figure.availability >= flow.target_availability:
            continue
        allowed = (1 - flow.target_availability) * MINUTES_PER_YEAR
        message = (
            f"{flow.name} works {figure.availability:.4%} of the time instead of "
            f"{flow.target_availability:.4%}: {figure.downtime_minutes:,.0f} minutes down a year, "
            f"{allowed:,.0f} allowed."
        )
        numbers = {"availability": figure.availability, "target": flow.target_availability}
        yield Problem((key,), message, Witness(flows=(key,), numbers=numbers))


@rule(
    "AVL005",
    "dead-flow",
    "Flow cannot work at all",
    severity="critical",
    category="other",
    student="As drawn, this never works, even with everything running.",
    references=("IEC 61025:2006, fault tree analysis: the empty cut set",),
)
def dead_flow(analysis: Analysis) -> Iterator[Problem]:
    """Finds a flow that is down in every state: a link is missing, or too much is needed."""
    for key, flow in analysis.design.flows.items():
        if analysis.recoverable.dead(key):
            message = f"{flow.name} cannot work: something that it needs is not there."
            yield Problem((key,), message, Witness(path=(flow.client,), flows=(key,)))


@rule(
    "SPOF011",
    "anti-affinity",
    "Copies in one place",
    severity="high",
    category="spof",
    student="The copies would fall together, even if something else hides it today.",
    references=(spof.SPREAD,),
)
def anti_affinity(analysis: Analysis) -> Iterator[Problem]:
    """Finds a cluster that loses more members with one server or site than it can spare."""
    for key, cluster, domain in _crowded(analysis):
        if cluster.mode == "quorum" or _same_machine(analysis.design, cluster):
            continue
        yield _spread_out(analysis, key, cluster, domain)


@rule(
    "SPOF012",
    "quorum-in-one-place",
    "Majority lost with one place",
    severity="high",
    category="spof",
    student="With most votes in one place, losing that place freezes the whole cluster.",
    references=("Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm (Raft)",),
)
def quorum_in_one_place(analysis: Analysis) -> Iterator[Problem]:
    """Finds a voting cluster whose majority is on one server or in one site."""
    for key, cluster, domain in _crowded(analysis):
        if cluster.mode == "quorum":
            yield _spread_out(analysis, key, cluster, domain)


def _crowded(analysis: Analysis) -> Iterator[tuple[str, Cluster, str]]:
    design = analysis.design
    for key, cluster in design.components.items():
        if not isinstance(cluster, Cluster) or len(cluster.members) < SMALLEST_POOL:
            continue
        spare = len(cluster.members) - members_needed(cluster)
        domains = dict.fromkeys(
            domain for member in cluster.members for domain in sorted(analysis.domains(member))
        )
        for domain in domains:
            inside = [m for m in cluster.members if domain in analysis.domains(m)]
            if spare > 0 and len(inside) > spare and domain not in analysis.flows_lost:
                yield key, cluster, domain
                break


def _spread_out(analysis: Analysis, key: str, cluster: Cluster, domain: str) -> Problem:
    design = analysis.design
    inside = tuple(m for m in cluster.members if domain in analysis.domains(m))
    place = name(design, domain)
    message = f"{names(design, inside)} of {cluster.name} are all in {place} and fall together."
    one_server = design.host(inside[0]) == domain
    spread = redundancy.spread_host if one_server else redundancy.spread_site
    fix = Fix(f"Move one of them out of {place}", partial(_moved_out, spread=spread, place=domain))
    return Problem((key,), message, Witness(path=(key, *inside), cut=(domain,)), (fix,))


def _moved_out(design: Design, spread: Callable[[Design, str], Design], place: str) -> Design:
    return spread(design, place)


def _same_machine(design: Design, cluster: Cluster) -> bool:
    """Whether DB005 says it already: primary and replicas on one server."""
    hosts = {design.host(member) for member in cluster.members}
    return cluster.mode == "primary-replica" and len(hosts) == 1


@rule(
    "CAP003",
    "no-spare-capacity",
    "Too little left when one fails",
    severity="high",
    category="spof",
    student="The group survives a crash on paper, but the rest drown in the load.",
    references=("AWS Well-Architected, Reliability: use static stability",),
)
def no_spare_capacity(analysis: Analysis) -> Iterator[Problem]:
    """Compares the busiest load of the flows with what a tier can serve without its best server.

    Only where the load of the flows and the capacity of every server of the tier are given.
    """
    design = analysis.design
    seen: set[frozenset[str]] = set()
    for key in sorted(redundancy.in_service(design)):
        tier = redundancy.alternatives(design, key)
        given = [getattr(design.components[part], "capacity", None) for part in tier]
        capacities = [float(capacity) for capacity in given if capacity is not None]
        if len(tier) < SMALLEST_POOL or tier in seen or len(capacities) < len(given):
            continue
        seen.add(tier)
        load = _load(design)
        left = sum(capacities) - max(capacities)
        if 0 < left < load <= sum(capacities):
            message = (
                f"{names(design, sorted(tier))} serve {load:g} requests a second together, "
                f"but only {left:g} when one of them is down."
            )
            fix = Fix("Add one more", partial(redundancy.duplicate, component_id=key))
            numbers = {"load": load, "left": left}
            yield Problem(tuple(sorted(tier)), message, Witness(numbers=numbers), (fix,))


def _load(design: Design) -> float:
    return sum(flow.requests_per_second or 0 for flow in design.flows.values())


@rule(
    "OPS001",
    "local-state",
    "State on one application server",
    severity="medium",
    category="spof",
    student="The other servers do not have this user's session or file.",
    references=("The Twelve-Factor App, VI: Processes",),
)
def local_state(analysis: Analysis) -> Iterator[Problem]:
    """Finds application servers that keep sessions or uploads although there are several."""
    design = analysis.design
    servers = [key for key, item in design.components.items() if isinstance(item, AppServer)]
    keeping = tuple(
        key for key in servers if getattr(design.components[key], "state", "") == "local"
    )
    if len(servers) < SMALLEST_POOL or not keeping:
        return
    message = f"{names(design, keeping)} keep users' state that the other servers do not have."
    fix = Fix("Keep the state in a shared cache", partial(_share_state, servers=tuple(servers)))
    yield Problem(keeping, message, Witness(path=keeping), (fix,))


def _share_state(design: Design, servers: tuple[str, ...]) -> Design:
    place = place_near(design, servers[0])
    design, cache = edits.add(design, "cache", place)
    for server in servers:
        design, _ = edits.connect(design, server, cache, role="cache", protocol="redis", tls="1.3")
        design = edits.set_fields(design, server, state="shared")
    return design


@rule(
    "MOD005",
    "no-flow",
    "No user flow",
    severity="info",
    category="other",
    student="Without a user nothing can be down: say what people do here.",
    references=("Azure Well-Architected, Reliability: identify and rate user flows",),
)
def no_flow(analysis: Analysis) -> Iterator[Problem]:
    """Finds a design in which nobody does anything, so that nothing can be judged."""
    design = analysis.design
    if design.components and not design.flows:
        yield Problem((), "Nobody uses this yet: add users, and what they do.",
                      fixes=(Fix("Add users who browse and buy", _add_users),))  # fmt: skip


def _add_users(design: Design) -> Design:
    clients = [key for key, item in design.components.items() if isinstance(item, Client)]
    if not clients:
        return edits.add(design, "client", corner(design))[0]
    design, _ = edits.add_flow(design, clients[0], "browse", operation="read")
    return edits.add_flow(design, clients[0], "checkout", operation="write")[0]
