"""Load balancers and clusters: entrances, take-over, detection, algorithms."""

from collections.abc import Iterator
from functools import partial

from app.analysis.alternatives import groups
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.traffic import Dns, LoadBalancer, ReverseProxy
from app.model.traits import Trait
from app.rules import redundancy
from app.rules.evidence import name, names
from app.rules.registry import Fix, Problem, Witness, rule

VRRP = "RFC 9568, Virtual Router Redundancy Protocol version 3"
SMALLEST_POOL = 2


@rule(
    "LB005",
    "passive-never-takes-over",
    "Standby that nobody switches to",
    severity="high",
    category="spof",
    student="The spare stands ready, but nobody sends traffic to it.",
    references=(VRRP,),
)
def passive_never_takes_over(analysis: Analysis) -> Iterator[Problem]:
    """Finds an active-passive pair of entrances that nothing switches.

    It needs a failover and an address that moves to the spare. The active member is then a single
    point of failure, for this one reason. A switch by hand is SPOF014.
    """
    design = analysis.design
    for key, item in design.of(Cluster).items():
        if item.mode != "active-passive":
            continue
        works = item.failover != "none" and (item.virtual_address or item.failover == "manual")
        if works or len(item.members) < SMALLEST_POOL or not _entered(design, key, item):
            continue
        lacks = "nobody switches" if item.failover == "none" else "its address does not move"
        message = (
            f"{names(design, item.members[1:])} of {item.name} stands by in vain: when "
            f"{name(design, item.members[0])} dies, {lacks}."
        )
        fix = Fix("Switch by a virtual address", partial(redundancy.take_over, cluster_id=key))
        flows = analysis.flows_lost.get(item.members[0], ())
        witness = Witness((key, *item.members), item.members[:1], flows)
        yield Problem((key,), message, witness, (fix,))


def _entered(design: Design, key: str, cluster: Cluster) -> bool:
    """Whether requests reach a cluster or one of its members."""
    return any(redundancy.callers(design, part) for part in (key, *cluster.members))


@rule(
    "LB006",
    "unreached-twin",
    "Active-active without a common entrance",
    severity="medium",
    category="spof",
    student="There are two doors and one street sign.",
    references=("AWS Well-Architected, Reliability: use highly available network connectivity",),
)
def unreached_twin(analysis: Analysis) -> Iterator[Problem]:
    """Finds an active-active cluster of entrances of which requests reach only some."""
    design = analysis.design
    for key, item in design.of(Cluster).items():
        if item.mode != "active-active" or design.incoming[key]:
            continue
        reached = [member for member in item.members if redundancy.callers(design, member)]
        others = [member for member in item.members if member not in reached]
        if reached and others:
            message = (
                f"Requests reach {names(design, reached)} of {item.name}, but never "
                f"{names(design, others)}."
            )
            fix = Fix(
                "Send requests to all members",
                partial(_same_callers, like=reached[0], members=tuple(others)),
            )
            witness = Witness(path=(key, *item.members))
            yield Problem((key,), message, witness, (fix,))


def _same_callers(design: Design, like: str, members: tuple[str, ...]) -> Design:
    for link in tuple(design.links.values()):
        if link.target == like and link.is_traffic:
            for member in members:
                design, _ = edits.connect(
                    design, link.source, member, role=link.role, protocol=link.protocol,
                    port=link.port, tls=link.tls,
                )  # fmt: skip
    return design


@rule(
    "LB008",
    "dns-without-health-check",
    "Round-robin DNS without health checks",
    severity="medium",
    category="spof",
    student="A share of the users is sent to the dead address until their caches expire.",
    references=("AWS Well-Architected, Reliability: fail over to healthy resources",),
)
def dns_without_health_check(analysis: Analysis) -> Iterator[Problem]:
    """Finds names with several addresses behind them that are handed out dead or alive."""
    design = analysis.design
    for flow_client in dict.fromkeys(flow.client for flow in design.flows.values()):
        doors = entrances(design, flow_client)
        if len(doors) < SMALLEST_POOL or one_address(design, doors):
            continue
        for key in design.outgoing[flow_client]:
            server = design.links[key].target
            item = design.components[server]
            if isinstance(item, Dns) and not item.health_check:
                message = (
                    f"{item.name} hands out the addresses of {names(design, doors)} whether "
                    "they answer or not."
                )
                fix = Fix(
                    "Hand out only addresses that answer",
                    partial(edits.set_fields, element_id=server, health_check=True),
                )
                witness = Witness(path=(flow_client, key, server), cut=doors)
                yield Problem((server,), message, witness, (fix,))


def entrances(design: Design, client: str) -> tuple[str, ...]:
    """Return the parts that users of a client may enter by, one as well as the other."""
    for group in groups(design, client, "read"):
        targets = tuple(design.links[key].target for key in group.links)
        if not isinstance(design.components[targets[0]], Dns):
            return targets
    return ()


def one_address(design: Design, doors: tuple[str, ...]) -> bool:
    """Whether entrances share one address that moves between them."""
    cluster = design.cluster(doors[0])
    return cluster is not None and cluster.virtual_address


@rule(
    "LB001",
    "one-backend",
    "Load balancer with one server behind it",
    severity="medium",
    category="other",
    student="There is nothing to balance.",
    references=("HAProxy Configuration Manual: balance",),
)
def one_backend(analysis: Analysis) -> Iterator[Problem]:
    """Finds a load balancer that has a single server to choose from."""
    design = analysis.design
    for key, item in design.of(LoadBalancer).items():
        targets = [design.links[link].target for link in design.outgoing[key]
                   if design.links[link].is_traffic]  # fmt: skip
        alone = targets[0] if len(targets) == 1 else ""
        if alone and not _leads_on(design, alone) and alone not in analysis.flows_lost:
            message = f"{item.name} always chooses {name(design, alone)}: there is no other."
            fix = Fix(
                f"Add a second {design.components[alone].title.lower()}",
                partial(redundancy.duplicate, component_id=alone),
            )
            witness = Witness(path=(key, *design.outgoing[key], alone), missing=alone)
            yield Problem((key,), message, witness, (fix,))


def _leads_on(design: Design, target: str) -> bool:
    """Whether what stands behind a balancer is a firewall or a cluster, which lead to several."""
    item = design.components[target]
    return isinstance(item, Cluster) or Trait.FILTERS_TRAFFIC in item.traits


@rule(
    "LB014",
    "leads-nowhere",
    "Leads nowhere",
    severity="medium",
    category="other",
    student="Requests arrive here and nobody answers them.",
    references=("HAProxy Configuration Manual: server",),
)
def leads_nowhere(analysis: Analysis) -> Iterator[Problem]:
    """Finds load balancers and reverse proxies that get requests and hand them to nobody.

    The analysis takes the last part of a drawn way for the one that answers, so that a flow that
    ends here looks safer than it is.
    """
    design = analysis.design
    handing_on = {**design.of(LoadBalancer), **design.of(ReverseProxy)}
    for key, item in handing_on.items():
        doors = (key, design.cluster_of.get(key, key))
        asked = [
            link
            for door in doors
            for link in design.incoming[door]
            if design.links[link].is_traffic
        ]
        if asked and not any(design.links[link].is_traffic for link in design.outgoing[key]):
            message = f"Requests reach {item.name}, and it hands them to nobody."
            yield Problem((key,), message, Witness(path=(asked[0], key)))


@rule(
    "LB002",
    "no-algorithm",
    "No algorithm chosen",
    severity="info",
    category="other",
    student="Say on purpose which server gets the next request.",
    references=("HAProxy Configuration Manual: balance",),
)
def no_algorithm(analysis: Analysis) -> Iterator[Problem]:
    """Finds a load balancer for which nobody has decided how requests are spread."""
    for key, item in analysis.design.of(LoadBalancer).items():
        if item.algorithm == "unset":
            fix = Fix(
                "Use round robin",
                partial(edits.set_fields, element_id=key, algorithm="roundrobin"),
            )
            message = f"{item.name} has no algorithm yet."
            yield Problem((key,), message, Witness(path=(key,)), (fix,))
