"""Promises of flows: what they rest on, whether a switch is fast enough, and who makes none."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.availability import MINUTES_PER_YEAR
from app.analysis.events import COVER, availability, is_assumed, part_of
from app.analysis.words import listed
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Flow
from app.model.traffic import Dns
from app.rules.availability import spares_until, weak_parts
from app.rules.balancing import SMALLEST_POOL, entrances, one_address
from app.rules.evidence import name, names
from app.rules.redundancy import members_of
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.spof import FAIL_OVER, SOFTEN
from app.rules.versions import release_of

TARGETS = "Azure Proactive Resiliency Library, RE:04: Define reliability and recovery targets"
SLOS = "The Site Reliability Workbook, chapter 2: Implementing SLOs"
OBJECTIVES = ("target_availability", "recovery_time_seconds", "recovery_point_seconds")
COMMON_SHARE = 0.05
FASTEST = 2.0  # seconds: no detector and no switch is set up for less


@rule(
    "AVL002",
    "weaker-than-promised",
    "Dependency weaker than the promise",
    severity="high",
    category="spof",
    student="You cannot be more available than something you cannot live without.",
    references=(SOFTEN, SLOS),
)
def weaker_than_promised(analysis: Analysis) -> Iterator[Problem]:
    """Finds flows whose target is missed by a single part already that they cannot do without.

    It stands in for AVL001, which is about parts that are each good enough and together are not,
    and is as severe. The figures of parts without one of their own are typical of their kind.
    """
    design = analysis.design
    for key, flow in design.flows.items():
        weak = weak_parts(analysis, key)
        if not weak or flow.target_availability is None:
            continue
        worst = weak[0]
        works = availability(design.components[worst])
        figure = analysis.figure(key)
        message = (
            f"{flow.target_availability:.4%} of the time are promised for {flow.name}, and "
            f"{name(design, worst)} alone works {works:.4%} of it."
        )
        if weak[1:]:
            verb = "works" if len(weak[1:]) == 1 else "work"
            message += f" {names(design, weak[1:])} {verb} less than promised as well."
        message += f" In all it is down {figure.low * MINUTES_PER_YEAR:,.0f} minutes a year."
        numbers = {"availability": works, "target": flow.target_availability}
        witness = Witness(cut=weak, flows=(key,), missing=worst, numbers=numbers)
        fix = Fix("Add spares until the target is met", partial(spares_until, flow=key))
        yield Problem((key,), message, witness, (fix,))


@rule(
    "AVL004",
    "switch-too-slow",
    "Switch-over slower than allowed",
    severity="medium",
    category="other",
    student="The spare is ready, but traffic arrives too late.",
    references=(TARGETS, "RFC 1035 section 3.2.1, Format: TTL"),
)
def switch_too_slow(analysis: Analysis) -> Iterator[Problem]:
    """Compares how long a switch takes with the longest outage that a flow may have.

    For a cluster that switches, the time to notice and to switch. Where users find another
    entrance by its name, the time for which they keep the answer of the DNS. Both are not added:
    an address that moves needs no new answer.
    """
    design = analysis.design
    for key, item in design.of(Cluster).items():
        seconds = item.detection_seconds + item.switch_seconds
        flow = _hastiest(analysis, _switching(analysis, key), seconds)
        if flow:
            yield _slow_cluster(design, key, item, flow)
    yield from _slow_names(analysis)


def _switching(analysis: Analysis, cluster: str) -> list[str]:
    """Return the flows that may not be out for long and wait for the failover of a cluster."""
    graph = analysis.recoverable
    hasty = (
        key for key, flow in analysis.design.flows.items() if flow.recovery_time_seconds is not None
    )
    return [key for key in hasty if cluster + COVER in graph.cone_events(key)]


def _hastiest(analysis: Analysis, flows: list[str], seconds: float) -> str:
    """Return the flow that allows the shortest outage, if that is too short for some seconds."""
    allowed = {
        key: limit
        for key in flows
        if (limit := analysis.design.flows[key].recovery_time_seconds) is not None
    }
    first = min(allowed, key=lambda key: allowed[key], default="")
    return first if first and allowed[first] < seconds else ""


def _slow_cluster(design: Design, key: str, cluster: Cluster, flow: str) -> Problem:
    seconds = cluster.detection_seconds + cluster.switch_seconds
    allowed = design.flows[flow].recovery_time_seconds or 0.0
    message = (
        f"{cluster.name} needs {seconds:g} s to notice a failure and to switch; "
        f"{design.flows[flow].name} may be out for {allowed:g} s."
    )
    share = allowed / seconds
    faster = partial(
        edits.set_fields,
        element_id=key,
        detection_seconds=cluster.detection_seconds * share,
        switch_seconds=cluster.switch_seconds * share,
    )
    fix = Fix(f"Detect and switch within {allowed:g} s", faster)
    numbers = {"seconds": seconds, "allowed": allowed}
    witness = Witness((key, *cluster.members), cluster.members[:1], (flow,), numbers=numbers)
    return Problem((key,), message, witness, (fix,) if allowed >= FASTEST else ())


def _slow_names(analysis: Analysis) -> Iterator[Problem]:
    for path, item, flows in _kept_names(analysis):
        flow = _hastiest(analysis, flows, item.ttl_seconds)
        if flow:
            yield _slow_name(analysis.design, path, item, flow)


def _kept_names(analysis: Analysis) -> Iterator[tuple[tuple[str, ...], Dns, list[str]]]:
    """Yield the names by which users find another entrance: the way there, the name, the flows.

    One that nobody checks hands out the dead address for ever: LB008 says it.
    """
    design = analysis.design
    hasty: dict[str, list[str]] = {}
    for key, flow in design.flows.items():
        if flow.recovery_time_seconds is not None:
            hasty.setdefault(flow.client, []).append(key)
    for client, flows in hasty.items():
        doors = entrances(design, client)
        if len(doors) < SMALLEST_POOL or one_address(design, doors):
            continue
        for link in design.outgoing[client]:
            key = design.links[link].target
            item = design.components[key]
            if isinstance(item, Dns) and item.health_check:
                yield (client, link, key), item, flows


def _slow_name(design: Design, path: tuple[str, ...], item: Dns, flow: str) -> Problem:
    allowed = design.flows[flow].recovery_time_seconds or 0.0
    message = (
        f"Users keep an answer of {item.name} for {item.ttl_seconds} s, even when that entrance is "
        f"dead; {design.flows[flow].name} may be out for {allowed:g} s."
    )
    return _forgotten_sooner(path, item, flow, allowed, message)


def _forgotten_sooner(
    path: tuple[str, ...], item: Dns, flow: str, allowed: float, message: str
) -> Problem:
    """Return a finding about a name that is kept for too long, with the fix that halves it."""
    shorter = partial(edits.set_fields, element_id=path[-1], ttl_seconds=int(allowed / 2))
    fix = Fix(f"Keep answers for {int(allowed / 2)} s", shorter)
    numbers = {"seconds": item.ttl_seconds, "allowed": allowed}
    witness = Witness(path, flows=(flow,), numbers=numbers)
    return Problem((path[-1],), message, witness, (fix,) if allowed >= FASTEST else ())


@rule(
    "OPS006",
    "answers-kept-too-long",
    "DNS answers kept for most of the outage",
    severity="low",
    category="spof",
    student="Visitors keep the old address in memory.",
    references=(FAIL_OVER, "RFC 1035 section 3.2.1, Format: TTL"),
)
def answers_kept_too_long(analysis: Analysis) -> Iterator[Problem]:
    """Finds names that are kept for more than half of the longest outage that a flow may have.

    Where users find another entrance by its name, the other half is what is left to notice that an
    entrance is dead. A time to live that is longer than the whole outage is AVL004.
    """
    design = analysis.design
    for path, item, flows in _kept_names(analysis):
        flow = _hastiest(analysis, flows, 2 * item.ttl_seconds)
        if flow and not _hastiest(analysis, flows, item.ttl_seconds):
            allowed = design.flows[flow].recovery_time_seconds or 0.0
            message = (
                f"Users keep an answer of {item.name} for {item.ttl_seconds} s of the "
                f"{allowed:g} s that {design.flows[flow].name} may be out."
            )
            yield _forgotten_sooner(path, item, flow, allowed, message)


@rule(
    "AVL006",
    "assumed-figures",
    "Availability figure assumed",
    severity="info",
    category="other",
    student="The sum is only as good as the guesses that go into it.",
    references=(SLOS,),
)
def assumed_figures(analysis: Analysis) -> Iterator[Problem]:
    """Says which figures behind a promise are the typical ones of their kind.

    One finding for the whole design, and only where a target is set: without a promise to keep,
    a typical figure is all that a drawing needs.
    """
    design = analysis.design
    flows = tuple(key for key, flow in design.flows.items() if flow.target_availability)
    cone = {part_of(event) for key in flows for event in analysis.recoverable.cone_events(key)}
    guessed = tuple(
        key for key, item in design.components.items() if key in cone and is_assumed(item)
    )
    if guessed:
        whose = listed([design.flows[key].name for key in flows])
        message = (
            f"{len(guessed)} of the {len(cone)} figures behind {whose} are typical values of their "
            "kind, not measured ones."
        )
        numbers = {"assumed": len(guessed), "parts": len(cone)}
        witness = Witness(path=guessed, flows=flows, numbers=numbers)
        fix = Fix("Accept the typical values", partial(_accepted, parts=guessed))
        yield Problem((), message, witness, (fix,))


def _accepted(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        usual = design.components[part].default_availability
        design = edits.set_fields(design, part, availability=usual)
    return design


@rule(
    "SPOF017",
    "same-software",
    "Common software in all copies",
    severity="info",
    category="spof",
    student="A bug or a bad update hits all identical copies at the same moment.",
    references=("PTC Windchill Risk and Reliability, Practitioners Guide: Beta Factor Model",),
)
def same_software(analysis: Analysis) -> Iterator[Problem]:
    """Finds clusters of one and the same release behind a promise that takes them for independent.

    Only where a target is set: then the sum is too good, and a share of common causes corrects it.
    One finding for all of them. The share of one failure in twenty that the fix sets is a first
    guess, to be replaced by what was seen. Members that name different releases are left out.
    """
    design = analysis.design
    flows = [key for key, flow in design.flows.items() if flow.target_availability]
    cone = {part_of(event) for key in flows for event in analysis.recoverable.cone_events(key)}
    alike = tuple(
        key
        for key in design.by_kind.get("cluster", ())
        if not getattr(design.components[key], "common_cause", 0.0) and _alike(design, key, cone)
    )
    if alike:
        verb = "runs" if len(alike) == 1 else "run"
        told = listed([design.flows[key].name for key in flows])
        message = (
            f"{names(design, alike)} {verb} one release on all members, and the figure of {told} "
            "takes it that nothing fails all of them at once."
        )
        witness = Witness(path=alike, flows=tuple(flows))
        fix = Fix("Count one failure in twenty as common", partial(_shared, clusters=alike))
        yield Problem(alike, message, witness, (fix,))


def _alike(design: Design, cluster: str, cone: set[str]) -> bool:
    """Whether several members that a promise rests on run one release."""
    members = [key for key in members_of(design, cluster) if key in cone]
    kinds = {design.components[key].kind for key in members}
    releases = {release_of(design.components[key]) for key in members}
    return len(members) >= SMALLEST_POOL and len(kinds) == len(releases) == 1


def _shared(design: Design, clusters: tuple[str, ...]) -> Design:
    for key in clusters:
        design = edits.set_fields(design, key, common_cause=COMMON_SHARE)
    return design


@rule(
    "OPS008",
    "no-objectives",
    "No recovery objectives",
    severity="info",
    category="other",
    student="Without a goal every answer is right.",
    references=(TARGETS,),
)
def no_objectives(analysis: Analysis) -> Iterator[Problem]:
    """Finds flows that promise nothing beside flows that do.

    A drawing in which no flow promises anything is an exercise or a sketch, in which nobody asks
    for figures yet.
    """
    design = analysis.design
    silent = tuple(key for key, flow in design.flows.items() if not _promises(flow))
    telling = [key for key in design.flows if key not in silent]
    if silent and telling:
        like = design.flows[telling[0]]
        told = listed([design.flows[key].name for key in silent])
        message = f"{like.name} has objectives, and there are none for {told}."
        fix = Fix(
            f"Promise the same as for {like.name}", partial(_promised, flows=silent, like=like)
        )
        yield Problem(silent, message, Witness(flows=silent), (fix,))


def _promises(flow: Flow) -> bool:
    return any(getattr(flow, field) is not None for field in OBJECTIVES)


def _promised(design: Design, flows: tuple[str, ...], like: Flow) -> Design:
    values = {field: getattr(like, field) for field in OBJECTIVES}
    for flow in flows:
        design = edits.set_fields(design, flow, **values)
    return design
