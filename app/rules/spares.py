"""Spares: redundancy that is paid for and helps nobody, since another part is alone."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from app.analysis.alternatives import needed_of
from app.analysis.analysis import Analysis
from app.analysis.availability import Availability
from app.analysis.loads import capacity, needed_at_peak
from app.model.design import Design
from app.model.traits import Trait
from app.rules import redundancy
from app.rules.availability import worth_a_second
from app.rules.capacity import without
from app.rules.evidence import flow_names, name, names
from app.rules.registry import Fix, Problem, Witness, rule

LEAST_GAIN = 0.01  # of the downtime
MOST_TAKEN = 5  # spares that are taken away to see what that costs, for one weak spot


@rule(
    "AVL007",
    "spare-without-effect",
    "Redundancy that buys nothing",
    severity="info",
    category="other",
    student="Money spent here is wasted until the real weak spot is fixed.",
    references=(
        "PTC Windchill Risk and Reliability, Practitioners Guide: Importance Measure Usage",
    ),
)
def spare_without_effect(analysis: Analysis) -> Iterator[Problem]:
    """Finds spares without which flows would be down less than 1 % longer: another part is alone.

    Less than 1 % without all that are named together. Only where a target is set and the figure is
    exact; told once for each weak spot. Of a group in which one is enough two are left alone; of a
    pair the second is named where even that one hardly helps. Copies of data, members that vote and
    those that the busiest hour needs, or may need since nobody said what they can serve, are there
    for more than this.
    """
    promised = [key for key, flow in analysis.design.flows.items() if flow.target_availability]
    alone = {key: parts for key in promised if (parts := worth_a_second(analysis, key))}
    counting = {part for key in promised if alone for part in _counting(analysis, key)}
    judged: set[str] = set()
    found: dict[str, list[str]] = {}
    for key, parts in alone.items():
        figure = analysis.figure(key)
        weak = max(parts, key=lambda part: (figure.contribution(part), part))
        found.setdefault(weak, []).extend(_spares(analysis, figure, counting, judged))
    for weak, candidates in found.items():
        spares, free = _taken(analysis, candidates[:MOST_TAKEN])
        if spares:
            flows = tuple(key for key, parts in alone.items() if weak in parts)
            yield _wasted(analysis, weak, spares, free, flows)


def _counting(analysis: Analysis, flow: str) -> Iterator[str]:
    """Yield the events whose absence a flow would feel; all of them where nobody can say."""
    figure = analysis.figure(flow)
    if not figure.importance:
        yield from analysis.recoverable.cone_events(flow)
    for event in figure.importance:
        if figure.risk_achievement_worth(event) >= 1 + LEAST_GAIN:
            yield event


def _spares(
    analysis: Analysis, figure: Availability, counting: Collection[str], judged: set[str]
) -> Iterator[str]:
    """Yield the members of groups that no flow counts on, but for those that are kept.

    Each group is judged once, by the first flow that rests on it.
    """
    for event in figure.importance:
        if event in judged or event in counting or event not in analysis.design.components:
            continue
        tier = _tier(analysis.design, event)
        judged |= tier
        if not _there_for_more(analysis.design, tier) and not _of_unknown_size(analysis, tier):
            ranked = sorted(tier, key=lambda part: (-figure.risk_achievement_worth(part), part))
            rest = ranked[_kept(analysis, tier) :]
            yield from (part for part in rest if part not in counting)


def _tier(design: Design, part: str) -> frozenset[str]:
    """Return the parts that stand in for each other, a part among them."""
    cluster = design.cluster(part)
    members = cluster.members if cluster is not None else ()
    return redundancy.alternatives(design, part) | {*members}


def _there_for_more(design: Design, tier: frozenset[str]) -> bool:
    """Whether members of a group hold data or vote."""
    return any(
        Trait.HOLDS_DATA in design.components[part].traits
        or ((cluster := design.cluster(part)) is not None and cluster.mode == "quorum")
        for part in tier
    )


def _of_unknown_size(analysis: Analysis, tier: frozenset[str]) -> bool:
    """Whether a group has a load, and nobody said how much of it each member can serve."""
    loaded = any(analysis.loads.get(part) for part in tier)
    return loaded and not all(capacity(analysis.design, part) for part in tier)


def _kept(analysis: Analysis, tier: frozenset[str]) -> int:
    """Return how many members of a group stay: one may fail, also at the busiest time."""
    needed = _needed(analysis.design, tier)
    at_peak = needed_at_peak(analysis.design, analysis.loads, tier)
    return max(needed + (len(tier) > needed + 1), at_peak + 1 if at_peak else 0)


def _needed(design: Design, tier: frozenset[str]) -> int:
    return max(needed_of(design, part) for part in tier)


def _taken(
    analysis: Analysis, candidates: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which spares cost too little all together, and which of them may be let go.

    They are taken away one after the other, up to the first that costs something. Those without
    which more would be alone come last, and stay.
    """
    now, free, lonely = analysis, [], []
    for spare in candidates:
        after = Analysis(without(now.design, spare), now)
        if _more(now, after):
            lonely.append(spare)
        elif _costs(analysis, after):
            break
        else:
            free.append(spare)
            now = after
    taken = {*free}
    for spare in lonely:
        now = Analysis(without(now.design, spare), now)
        if _costs(analysis, now):
            break
        taken.add(spare)
    return tuple(part for part in candidates if part in taken), tuple(free)


def _more(before: Analysis, after: Analysis) -> bool:
    """Whether some flow has another single point of failure."""
    return any(after.spofs[flow] - before.spofs[flow] for flow in after.spofs)


def _costs(before: Analysis, after: Analysis) -> bool:
    """Whether a promised flow is down 1 % longer or more, or alone with a part at noon.

    An estimate tells no such difference; what it rests on is no spare.
    """
    return bool(_at_peak(after) - _at_peak(before)) or any(
        _longer(before.figure(key), after.figure(key))
        for key, flow in before.design.flows.items()
        if flow.target_availability and before.figure(key).exact
    )


def _longer(before: Availability, after: Availability) -> bool:
    added = after.unavailability - before.unavailability
    return added > 0 and added >= LEAST_GAIN * before.unavailability


def _at_peak(analysis: Analysis) -> set[tuple[str, str]]:
    """Return the flows with the parts that stop them at the busiest time only."""
    found = ((flow, analysis.peak.spofs(flow) - analysis.recoverable.spofs(flow))
             for flow in analysis.design.flows)  # fmt: skip
    return {(flow, part) for flow, parts in found for part in parts}


def _wasted(
    analysis: Analysis,
    weak: str,
    spares: tuple[str, ...],
    free: tuple[str, ...],
    flows: tuple[str, ...],
) -> Problem:
    design = analysis.design
    share = max(analysis.figure(flow).contribution(weak) for flow in flows)
    message = (
        f"Without {names(design, spares)}, {flow_names(design, flows)} would be down less "
        f"than {LEAST_GAIN:.0%} longer: {name(design, weak)} is alone and has a part in "
        f"{share:.0%} of the downtime."
    )
    go = f" and let {names(design, free)} go" if free else ""
    fix = Fix(f"Give {name(design, weak)} a second{go}", partial(_moved, weak=weak, free=free))
    witness = Witness(path=spares, cut=(weak,), flows=flows, missing=weak, numbers={"share": share})
    return Problem(spares, message, witness, (fix,))


def _moved(design: Design, weak: str, free: tuple[str, ...]) -> Design:
    """Double the weak spot, and let spares go."""
    for spare in free:
        design = without(design, spare)
    return redundancy.duplicate(design, weak)
