"""Groups of equal parts: copies in one place, votes in one place, switches by hand, weak pairs."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.availability import weighed_pairs
from app.analysis.events import described, part_of
from app.analysis.failure_words import called
from app.analysis.loads import needed_at_peak
from app.model.containers import Cluster, Server, Site, Zone
from app.model.design import Design
from app.model.edits import set_fields
from app.model.stores import Database
from app.rules import redundancy, spreading
from app.rules.availability import capacity_of, load_on
from app.rules.causes import Crowd, crowds
from app.rules.evidence import flow_names, name, names
from app.rules.registry import Fix, Problem, Witness, parameter, rule
from app.rules.spof import FAIL_OVER, SPREAD

RAFT = "Ongaro and Ousterhout, In Search of an Understandable Consensus Algorithm (Raft), 2014"
PAIR = 2
MOST_EVENTS = 400  # the pairs of a flow that rests on more would hold up the check
MOST_COPIES = 12  # that one fix adds
SHARE = parameter(
    "share",
    "Share of the allowed downtime above which a pair is worth a look",
    0.1,
    minimum=0.0,
    maximum=1.0,
)


def spread_out(analysis: Analysis, crowd: Crowd) -> Problem:
    """Return the finding that a place holds more members of a cluster than it can spare."""
    design = analysis.design
    total = len(redundancy.members_of(design, crowd.cluster))
    message = (
        f"{names(design, crowd.inside)} of {name(design, crowd.cluster)} fall together with "
        f"{name(design, crowd.domain)}: {total - len(crowd.inside)} of {total} members would be "
        f"left, {crowd.needed} must work."
    )
    spread = partial(spreading.spread_cluster, cluster_id=crowd.cluster, domain=crowd.domain)
    fix = Fix(f"Move members out of {name(design, crowd.domain)}", spread)
    witness = Witness(
        path=(crowd.cluster, *crowd.inside),
        cut=(crowd.domain,),
        flows=analysis.flows_lost.get(crowd.domain, ()),
        missing=crowd.domain,
        numbers={"members": total, "needed": crowd.needed},
    )
    return Problem((crowd.cluster,), message, witness, (fix,))


@rule(
    "SPOF011",
    "anti-affinity",
    "Copies in one place",
    severity="high",
    category="spof",
    student="The copies would fall together, even if something else hides it today.",
    references=(SPREAD, "Kubernetes documentation: Affinity and anti-affinity"),
)
def anti_affinity(analysis: Analysis) -> Iterator[Problem]:
    """Finds a cluster that loses more members with one server or site than it can spare.

    Where that stops a flow, the server or site itself is reported instead; where the members are
    a primary and its replicas, DB005 says it.
    """
    for crowd in crowds(analysis):
        cluster = analysis.design.components[crowd.cluster]
        spoken_for = isinstance(cluster, Cluster) and cluster.mode in ("quorum", "primary-replica")
        if not spoken_for and crowd.domain not in analysis.flows_lost:
            yield spread_out(analysis, crowd)


@rule(
    "SPOF012",
    "quorum-in-one-place",
    "Majority lost with one place",
    severity="high",
    category="spof",
    student="With most votes in one place, losing that place freezes the whole cluster.",
    references=(RAFT, "etcd documentation: Frequently Asked Questions"),
)
def quorum_in_one_place(analysis: Analysis) -> Iterator[Problem]:
    """Finds a voting cluster that loses its majority with one server or one site.

    Two places are not enough for votes: one of them always holds the majority. The remedy spreads
    them over three.
    """
    for crowd in crowds(analysis):
        cluster = analysis.design.components[crowd.cluster]
        if isinstance(cluster, Cluster) and cluster.mode == "quorum":
            yield spread_out(analysis, crowd)


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
    """Finds clusters whose spare takes over only when a person switches.

    The parts concerned are single points of failure as long as nobody has switched, and none
    afterwards.
    """
    design = analysis.design
    waiting = {
        flow: analysis.continuity_spofs[flow] - analysis.spofs[flow] for flow in design.flows
    }
    for key, item in design.of(Cluster).items():
        if item.failover != "manual":
            continue
        flows = tuple(flow for flow, parts in waiting.items() if not parts.isdisjoint(item.members))
        if flows:
            first = tuple(m for m in item.members if any(m in waiting[flow] for flow in flows))
            message = (
                f"When {names(design, first, 'or')} of {item.name} dies, users cannot "
                f"{flow_names(design, flows)} until somebody switches."
            )
            fix = Fix("Switch automatically", partial(redundancy.take_over, cluster_id=key))
            witness = Witness(path=(key, *item.members), cut=first, flows=flows)
            yield Problem((key,), message, witness, (fix,))


@rule(
    "LB011",
    "split-brain",
    "Two-node cluster can split",
    severity="medium",
    category="other",
    student="If the wire between them breaks, both believe that they are alone.",
    references=("corosync-qdevice(8)", RAFT),
)
def split_brain(analysis: Analysis) -> Iterator[Problem]:
    """Finds two databases that switch by themselves and have nobody who settles which one leads.

    When they lose sight of each other, both take writes, and the data parts. Entrances that split
    share only an address for a while, which does no lasting harm, so those are left alone. The
    same third vote is what SPOF018 would ask for.
    """
    design = analysis.design
    for key, item in design.of(Cluster).items():
        if item.mode != "primary-replica":
            continue
        if item.failover != "automatic" or len(item.members) != PAIR or item.witness:
            continue
        message = (
            f"{names(design, item.members)} would both lead when they do not see each other: "
            "nobody has a third vote."
        )
        fix = Fix(
            "Let a witness settle who leads",
            partial(set_fields, element_id=key, witness=True),
        )
        yield Problem((key,), message, Witness(path=(key, *item.members)), (fix,))


@rule(
    "SPOF013",
    "spof-at-peak",
    "Single point of failure at peak load only",
    severity="high",
    category="spof",
    student="At night half of the servers are enough; at noon the other half would drown.",
    references=(
        "AWS Well-Architected, Reliability: use static stability to prevent bimodal behavior",
        "Site Reliability Engineering, chapter 22: Addressing Cascading Failures",
    ),
)
def spof_at_peak(analysis: Analysis) -> Iterator[Problem]:
    """Finds servers and sites whose loss leaves a tier too little for its busiest hour.

    So many members of the tier have to work as their capacities need to carry the load of the
    flows: the place is a single point of failure then, and at no other time. Where the loss of
    one member is too much already, CAP003 says it; where the place stops a flow at any hour, it
    is reported as that. One finding for each tier.
    """
    seen: set[frozenset[str]] = set()
    for key in sorted(analysis.in_cones) if analysis.loads else ():
        if not capacity_of(analysis.design, key):
            continue
        tier = redundancy.alternatives(analysis.design, key)
        if tier not in seen and all(capacity_of(analysis.design, part) for part in tier):
            seen.add(tier)
            yield from _at_peak(analysis, tier)


def _at_peak(analysis: Analysis, tier: frozenset[str]) -> Iterator[Problem]:
    design = analysis.design
    load, places = load_on(analysis, tier), _too_much(analysis, tier)
    if not places:
        return
    worst = min(places, key=lambda place: (places[place], place))
    message = (
        f"Without {name(design, worst)}, {names(design, sorted(tier))} can serve "
        f"{places[worst]:g} requests a second; at the busiest time there are {load:g}."
    )
    fix = Fix("Add as many as it takes", partial(_enough_outside, tier=tier))
    numbers = {"load": load, "left": places[worst]}
    witness = Witness(path=tuple(sorted(tier)), cut=(worst,), missing=worst, numbers=numbers)
    yield Problem(tuple(sorted(tier)), message, witness, (fix,))


def _too_much(analysis: Analysis, tier: frozenset[str]) -> dict[str, float]:
    """Return the places that take too much of a tier with them, and what is left without each."""
    capacities = {part: capacity_of(analysis.design, part) for part in tier}
    load = load_on(analysis, tier)
    if needed_at_peak(analysis.design, analysis.loads, tier) >= len(tier):
        return {}  # CAP003, or too small even when complete
    places = {place for part in tier for place in analysis.domains(part)}
    left = {
        place: sum(capacities[part] for part in tier if place not in analysis.domains(part))
        for place in places - analysis.flows_lost.keys()
    }
    return {place: rest for place, rest in left.items() if 0 < rest < load}


def _enough_outside(design: Design, tier: frozenset[str]) -> Design:
    """Copy a member that stands elsewhere, until the loss of no place is too much."""
    for _ in range(MOST_COPIES):
        analysis = Analysis(design)
        places = _too_much(analysis, tier)
        if not places:
            break
        worst = min(places, key=lambda place: (places[place], place))
        outside = sorted(part for part in tier if worst not in analysis.domains(part))
        design = redundancy.duplicate(design, outside[0])
        tier = redundancy.alternatives(design, outside[0])
    return design


@rule(
    "SPOF016",
    "dominant-pair",
    "Next weakest pair",
    severity="low",
    category="spof",
    student="No single failure hurts, but these two together use up much of what was promised.",
    references=("IEC 61025:2006, Fault tree analysis (FTA): minimal cut sets of order 2",),
    parameters=(SHARE,),
)
def dominant_pair(analysis: Analysis, share: float) -> Iterator[Problem]:
    """Finds pairs that take more than a tenth of the downtime which a flow's target allows.

    One finding for each flow, which names its heaviest pair. Without a target no pair is too much,
    and where a single part can stop the flow, that part comes first.
    """
    for key, flow in analysis.design.flows.items():
        allowed = 1 - flow.target_availability if flow.target_availability else 0.0
        if not allowed or analysis.spofs[key] or analysis.recoverable.dead(key):
            continue
        if len(analysis.recoverable.cone_events(key)) <= MOST_EVENTS:
            yield from _heaviest(analysis, key, allowed, share)


def _heaviest(analysis: Analysis, flow: str, allowed: float, share: float) -> Iterator[Problem]:
    design = analysis.design
    pair, weight = _pair(analysis, flow)
    if weight <= share * allowed:
        return
    parts = tuple(dict.fromkeys(map(part_of, pair)))
    message = (
        f"When {_and(design, pair)} fail together, {design.flows[flow].name} stops: that is "
        f"{_times(weight / allowed)} the downtime that its target allows."
    )
    witness = Witness(cut=parts, flows=(flow,), numbers={"share": weight / allowed})
    title = "Add a third copy where two are too few"
    fix = Fix(title, partial(_third_copies, flow=flow, bearable=share * allowed))
    fixes = (fix,) if all(_copied(analysis, part) for part in parts) else ()
    yield Problem((flow,), message, witness, fixes)


def _times(share: float) -> str:
    """Return what comes before a thing that this is so much of: "40% of", or "12.0 times"."""
    return f"{share:.0%} of" if share <= 1 else f"{share:,.1f} times"


def _pair(analysis: Analysis, flow: str) -> tuple[tuple[str, ...], float]:
    """Return the pair of events that most often stops a flow, and its probability."""
    return next(iter(weighed_pairs(analysis.recoverable, flow)), ((), 0.0))


def _third_copies(design: Design, flow: str, bearable: float) -> Design:
    """Copy a part of the heaviest pair, again and again, until none weighs too much."""
    for _ in range(MOST_COPIES):
        analysis = Analysis(design)
        pair, weight = _pair(analysis, flow)
        copied = [part for event in pair for part in _copied(analysis, part_of(event))]
        if weight <= bearable or not copied:
            break
        design = redundancy.duplicate(design, copied[0])
    return design


def _copied(analysis: Analysis, part: str) -> list[str]:
    """Return what a copy would be made of: a program, or those that users need on a server."""
    design = analysis.design
    if part in design.links:
        return []
    inside = design.children[part] if isinstance(design.components[part], Server) else (part,)
    return [
        key
        for key in inside
        if key in analysis.in_cones
        and not isinstance(design.components[key], Cluster | Database | Site | Zone)
    ]


def _and(design: Design, pair: tuple[str, ...]) -> str:
    told = [described(event, called(design, part_of(event))) for event in pair]
    return " and ".join(sorted(told, key=lambda text: text.startswith("the ")))
