"""Single points of failure: what stops a user flow when it stops, and what is hidden behind it."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model.components import AppFiles, Dns, Firewall, LoadBalancer
from app.model.containers import Cluster, Server, Site, Zone
from app.model.design import Design
from app.model.edits import set_fields
from app.model.kinds import AnyComponent
from app.model.stores import Database, ObjectStore
from app.rules import redundancy
from app.rules.evidence import flow_names, name, names, stops
from app.rules.registry import Fix, Problem, Witness, rule

IEC = "IEC 61025:2006, fault tree analysis: minimal cut sets of order 1"
SPREAD = "AWS Well-Architected, Reliability: deploy the workload to multiple locations"
FAIL_OVER = "AWS Well-Architected, Reliability: fail over to healthy resources"
NETWORK_DEVICES = frozenset(("switch", "uplink"))
MOST_EVENTS = 200  # a search for pairs beyond that many events would hold up the check


def _rule_of(analysis: Analysis, part: str) -> str:
    """Return the rule that a single point of failure belongs to; empty where it is folded."""
    item = analysis.design.components[part]
    if isinstance(item, Server):
        return "" if _explained(analysis, part) else "SPOF002"
    if isinstance(item, Site):
        return "SPOF009" if item.domain in NETWORK_DEVICES else "SPOF003"
    if isinstance(item, AppFiles) and _behind_its_server(analysis, part):
        return ""
    return _of_kind(analysis, part, item)


def _of_kind(analysis: Analysis, part: str, item: AnyComponent) -> str:
    writes = any(
        analysis.design.flows[flow].operation == "write" for flow in analysis.flows_lost[part]
    )
    shared = len(redundancy.callers(analysis.design, part)) > 1
    match item:
        case Zone():
            return "SPOF003"
        case LoadBalancer():
            return "SPOF004"
        case Database() if writes:
            return "SPOF005"
        case Firewall():
            return "SPOF006"
        case Dns():
            return "SPOF007"
        case ObjectStore() | AppFiles() if shared:
            return "SPOF008"
        case _:
            return "SPOF001"


def _explained(analysis: Analysis, server: str) -> bool:
    """Whether every flow that a server stops is already stopped by one part on it."""
    lost = set(analysis.flows_lost[server])
    for part in analysis.design.children[server]:
        lost -= set(analysis.flows_lost.get(part, ()))
    return not lost


def _behind_its_server(analysis: Analysis, files: str) -> bool:
    """Whether the one user of application files stops the flows as well."""
    links = (analysis.design.links[key] for key in analysis.design.incoming[files])
    users = {link.source for link in links}
    return len(users) == 1 and users <= analysis.flows_lost.keys()


def found(analysis: Analysis, rule_id: str) -> list[str]:
    """Return the single points of failure that belong to a rule."""
    return [part for part in analysis.flows_lost if _rule_of(analysis, part) == rule_id]


def _problem(analysis: Analysis, part: str, why: str, *fixes: Fix) -> Problem:
    design = analysis.design
    flows = analysis.flows_lost[part]
    host = design.host(part)
    behind = f" The same goes for {name(design, host)}, which it runs on." if (
        host in analysis.flows_lost
    ) else ""  # fmt: skip
    message = f"{name(design, part)} stops {flow_names(design, flows)}: {why}{behind}"
    return Problem((part,), message, stops(analysis, part, flows), fixes)


def _second(design: Design, part: str, what: str = "") -> Fix:
    title = f"Add a second {what or design.components[part].title.lower()}"
    return Fix(title, partial(redundancy.duplicate, component_id=part))


@rule(
    "SPOF001",
    "single-point-of-failure",
    "Single point of failure",
    severity="critical",
    category="spof",
    student="When this one part stops, everything behind it stops, however much else still runs.",
    references=(IEC, SPREAD),
)
def single_part(analysis: Analysis) -> Iterator[Problem]:
    """Finds a part whose failure alone brings a user flow down.

    It is a minimal cut set of order one of the flow's requirement, not a bottleneck of the
    drawing: a part at the edge of the picture can be one. What fails only along with it, its
    server or its files, is named in the same finding.
    """
    design = analysis.design
    for part in found(analysis, "SPOF001"):
        fix = Fix(f"Add a second {design.components[part].title.lower()}",
                  partial(_second_of_any, component_id=part))  # fmt: skip
        yield _problem(analysis, part, "nothing can take its place.", fix)


def _second_of_any(design: Design, component_id: str) -> Design:
    if isinstance(design.components[component_id], Database):
        return redundancy.add_replica(design, component_id)
    return redundancy.duplicate(design, component_id)


@rule(
    "SPOF002",
    "shared-host",
    "Hidden single point of failure: shared server",
    severity="critical",
    category="spof",
    student="Two copies on one machine die together, so the second exists only on paper.",
    references=(IEC, SPREAD),
)
def shared_host(analysis: Analysis) -> Iterator[Problem]:
    """Finds a server whose loss stops a flow although no single part on it does.

    Copies that share a machine are no copies when the machine fails.
    """
    design = analysis.design
    for part in found(analysis, "SPOF002"):
        on_it = [
            key for key in design.children[part] if key in redundancy.in_service(design)
        ] or list(design.children[part])
        why = f"{names(design, on_it)} all run on it." if on_it else "the flow needs it."
        fix = Fix("Move the second copies to another server",
                  partial(redundancy.spread_host, host=part))  # fmt: skip
        yield _problem(analysis, part, why, fix)


@rule(
    "SPOF003",
    "shared-site",
    "Everything in one place",
    severity="high",
    category="spof",
    student="One power cut, or one provider's outage, ends a service that is all in one place.",
    references=(SPREAD,),
)
def shared_site(analysis: Analysis) -> Iterator[Problem]:
    """Finds a site, or a zone with a figure of its own, whose loss stops a flow."""
    for part in found(analysis, "SPOF003"):
        fix = Fix("Move the second servers to another site",
                  partial(redundancy.spread_site, site=part))  # fmt: skip
        yield _problem(analysis, part, "all that the flow needs is in it.", fix)


@rule(
    "SPOF004",
    "single-load-balancer",
    "Single load balancer",
    severity="critical",
    category="spof",
    student="The balancer protects the servers behind it, but nothing protects the balancer.",
    references=("RFC 9568, Virtual Router Redundancy Protocol version 3", IEC),
)
def single_balancer(analysis: Analysis) -> Iterator[Problem]:
    """Finds a load balancer that every request has to cross."""
    for part in found(analysis, "SPOF004"):
        why = "every request crosses it and there is no second balancer."
        yield _problem(analysis, part, why, _second(analysis.design, part))


@rule(
    "SPOF005",
    "single-write-database",
    "Single database for writes",
    severity="critical",
    category="spof",
    student="Replicas answer reads, but while the only primary is down nobody can save anything.",
    references=(FAIL_OVER, IEC),
)
def single_primary(analysis: Analysis) -> Iterator[Problem]:
    """Finds a database that all writes go to and that nothing replaces when it dies."""
    design = analysis.design
    for part in found(analysis, "SPOF005"):
        cluster = design.cluster_of.get(part)
        if cluster is not None and redundancy.has_spare(design, part):
            why = "it takes all writes, and no replica takes over."
            fix = Fix("Let a replica take over automatically",
                      partial(redundancy.fail_over, cluster_id=cluster))  # fmt: skip
        else:
            why = "it takes all writes, and there is no replica on another server."
            fix = Fix("Add a replica that takes over",
                      partial(redundancy.add_replica, component_id=part))  # fmt: skip
        yield _problem(analysis, part, why, fix)


@rule(
    "SPOF006",
    "single-firewall",
    "Single firewall in line",
    severity="high",
    category="spof",
    student="A firewall that all traffic crosses is also a gate that can jam.",
    references=("NIST SP 800-41 Rev. 1, Guidelines on Firewalls and Firewall Policy", IEC),
)
def single_firewall(analysis: Analysis) -> Iterator[Problem]:
    """Finds a firewall that stands in the way of all traffic without a second beside it."""
    for part in found(analysis, "SPOF006"):
        why = "all traffic crosses it and there is no second one beside it."
        yield _problem(analysis, part, why, _second(analysis.design, part))


@rule(
    "SPOF007",
    "single-name-server",
    "Single name server or DNS provider",
    severity="high",
    category="spof",
    student="When the name cannot be looked up, the site is down although every server runs.",
    references=("RFC 2182, Selection and Operation of Secondary DNS Servers", IEC),
)
def single_dns(analysis: Analysis) -> Iterator[Problem]:
    """Finds a DNS provider without a second, or one with fewer than two name servers."""
    design = analysis.design
    for part in found(analysis, "SPOF007"):
        why = "no other provider answers for the name."
        yield _problem(analysis, part, why, _second(design, part, "DNS provider"))
    for key, item in design.components.items():
        alone = isinstance(item, Dns) and item.name_servers == 1 and design.incoming[key]
        if alone and key not in analysis.flows_lost:
            fix = Fix("Use two name servers",
                      partial(set_fields, element_id=key, name_servers=2))  # fmt: skip
            message = f"{item.name} has one name server; the DNS asks for two in different places."
            yield Problem((key,), message, Witness(cut=(key,)), (fix,))


@rule(
    "SPOF008",
    "single-storage",
    "Single shared storage",
    severity="critical",
    category="spof",
    student="Servers that all need one disk are as weak as that disk.",
    references=(IEC, SPREAD),
)
def single_storage(analysis: Analysis) -> Iterator[Problem]:
    """Finds a store or a code base that several servers share and none can do without."""
    design = analysis.design
    for part in found(analysis, "SPOF008"):
        users = redundancy.callers(design, part)
        if isinstance(design.components[part], AppFiles):
            fix = Fix("Give each server its own copy", partial(redundancy.own_files, files=part))
        else:
            fix = _second(design, part)
        why = f"{len(users)} parts use it and there is no second copy."
        yield _problem(analysis, part, why, fix)


@rule(
    "SPOF009",
    "single-network-device",
    "Single switch or uplink",
    severity="high",
    category="spof",
    student="Switches fail too: two balancers on one switch are one failure from silence.",
    references=(IEC, "AWS Well-Architected, Reliability: provision redundant connectivity"),
)
def single_network_device(analysis: Analysis) -> Iterator[Problem]:
    """Finds a switch or an uplink, drawn as a site, that all that a flow needs hangs on."""
    for part in found(analysis, "SPOF009"):
        fix = Fix("Connect the second servers to another one",
                  partial(redundancy.spread_site, site=part))  # fmt: skip
        yield _problem(analysis, part, "all that the flow needs hangs on it.", fix)


@rule(
    "SPOF014",
    "manual-failover",
    "Failover by hand",
    severity="medium",
    category="spof",
    student="Somebody has to wake up and switch, and until then the users wait.",
    references=(FAIL_OVER,),
)
def manual_failover(analysis: Analysis) -> Iterator[Problem]:
    """Finds a part whose failure a person has to repair by switching, although a spare exists."""
    design = analysis.design
    for key, item in design.components.items():
        if not isinstance(item, Cluster) or item.failover != "manual":
            continue
        flows = tuple(
            flow
            for flow in design.flows
            if any(
                member in analysis.continuity_spofs[flow] - analysis.spofs[flow]
                for member in item.members
            )
        )
        if flows:
            waiting = flow_names(design, flows)
            message = (
                f"When the first of {item.name} dies, {waiting} waits until somebody switches."
            )
            fix = Fix("Switch automatically", partial(redundancy.fail_over, cluster_id=key))
            witness = Witness(path=(key, *item.members), cut=item.members[:1], flows=flows)
            yield Problem((key,), message, witness, (fix,))


@rule(
    "SPOF016",
    "dominant-pair",
    "Next weakest pair",
    severity="low",
    category="spof",
    student="No single failure hurts, and this pair is what comes next.",
    references=("IEC 61025:2006, fault tree analysis: minimal cut sets of order 2",),
)
def dominant_pair(analysis: Analysis) -> Iterator[Problem]:
    """Finds two parts of one kind in one zone whose common failure stops a flow.

    Only where the flow has no single point of failure, since that would come first.
    """
    design = analysis.design
    graph = analysis.recoverable
    if len(graph.events) > MOST_EVENTS:
        return
    for flow in design.flows:
        if graph.dead(flow) or analysis.spofs[flow]:
            continue
        pairs = [pair for pair in map(sorted, graph.pairs(flow)) if _twins(design, pair)]
        for one, other in sorted(pairs)[:1]:
            zone = design.zone(one)
            place = name(design, zone) if zone else ""
            message = (
                f"{names(design, (one, other))} are both in {place}: when both fail, "
                f"{design.flows[flow].name} stops."
            )
            yield Problem((one, other), message, Witness(cut=(one, other), flows=(flow,)))


def _twins(design: Design, pair: list[str]) -> bool:
    if any(key not in design.components for key in pair):
        return False
    one, other = (design.components[key] for key in pair)
    zone = design.zone(pair[0])
    return one.kind == other.kind and zone is not None and zone == design.zone(pair[1])


@rule(
    "SPOF020",
    "maintenance-downtime",
    "Maintenance means downtime",
    severity="medium",
    category="spof",
    student="With one copy every new version is an outage, even a planned one.",
    references=("AWS Well-Architected, Reliability: implement change",),
)
def maintenance(analysis: Analysis) -> Iterator[Problem]:
    """Finds web and application servers that cannot be restarted while users are served.

    One finding names them all: a deployment goes through the whole tier.
    """
    design = analysis.design
    alone = tuple(
        part
        for part in analysis.flows_lost
        if design.components[part].kind in ("web_server", "app_server")
    )
    if not alone:
        return
    flows = tuple(flow for flow in design.flows if not analysis.spofs[flow].isdisjoint(alone))
    message = f"A new version on {names(design, alone, 'or')} stops {flow_names(design, flows)}."
    fixes = (Fix("Add a second copy of each", partial(_second_of_each, parts=alone)),)
    yield Problem(alone, message, Witness(cut=alone, flows=flows, missing=alone[0]), fixes)


def _second_of_each(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = redundancy.duplicate(design, part)
    return design
