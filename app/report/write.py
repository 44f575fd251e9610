"""Writes up a design: the sections in their order, the summary before and the limits after them."""

from collections import Counter
from collections.abc import Iterator

from app.analysis.events import is_assumed
from app.analysis.words import listed
from app.model.containers import Cluster, Note, Server
from app.model.design import Design
from app.model.traits import Trait
from app.report.content import Block, Bullets, Drawing, Item, Section, WriteUp
from app.report.facts import Facts, counted
from app.report.groups import balancing, clusters
from app.report.issues import waivers
from app.report.parts import parts, requests
from app.report.risks import availabilities, duration, single_points, what_if
from app.report.safety import monitoring, others, security
from app.rules.registry import SEVERITIES

_SECTIONS = (
    requests,
    parts,
    balancing,
    clusters,
    single_points,
    what_if,
    availabilities,
    security,
    monitoring,
    others,
    waivers,
)


def write_up(design: Design) -> WriteUp:
    """Return the write-up of a design: what it is for, what brings it down, what is open.

    Each sentence follows from the drawing or from what analysis and rules found in it.
    """
    facts = Facts(design)
    if not any(not isinstance(item, Note) for item in design.components.values()):
        told = (others(facts), waivers(facts)) if facts.findings else ()  # of its settings
        return WriteUp(design.name, ("Nothing is drawn yet.",), told)
    drawn = Section("The drawing", (Drawing(),))
    found = [drawn, *(section(facts) for section in _SECTIONS), _limits(facts)]
    return WriteUp(design.name, tuple(_summary(facts)), tuple(filter(None, found)))


def _summary(facts: Facts) -> Iterator[Block]:
    design = facts.design
    machines = len(facts.of_kind(Server))
    where = f" on {counted(machines, 'server')}" if machines else ""
    parts = [item for item in design.components.values()
             if Trait.FAILS in item.traits and Trait.CONTAINER not in item.traits]  # fmt: skip
    yield f"{counted(len(parts), 'part')}{where}, {_for(facts)}."
    items = tuple(Item(_flow(facts, key), design.flows[key].name) for key in design.flows)
    if items:
        yield Bullets(items)
    yield _found(facts)


def _for(facts: Facts) -> str:
    flows = facts.design.flows
    if not flows:
        return "and no flow: the design does not say what users do"
    return f"for {counted(len(flows), 'flow')}: {facts.flow_names(flows)}"


def _flow(facts: Facts, flow: str) -> str:
    if facts.analysis.recoverable.dead(flow):
        return "cannot work as it is drawn."
    spofs, figures = facts.analysis.spofs[flow], facts.figures[flow]
    points = f"{counted(len(spofs), 'single point')} of failure" if spofs else (
        "no single point of failure"
    )  # fmt: skip
    most = "" if figures.availability.exact else "at most "
    down = duration(figures.availability.downtime_minutes)
    assumed = ", by figures that are in part assumed" if figures.assumed else ""
    return f"{points}; down {most}{down} a year{assumed}."


def _found(facts: Facts) -> str:
    counts = Counter(finding.rule.severity for finding in facts.open)
    told = [f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity]]
    accepted = len(facts.findings) - len(facts.open)
    also = f" {counted(accepted, 'finding is', 'findings are')} accepted with a reason." if (
        accepted
    ) else ""  # fmt: skip
    if not told:
        return f"The check found nothing{' else' if accepted else ''} to object to.{also}"
    return f"The check found {counted(len(facts.open), 'issue')}: {listed(told)}.{also}"


def _limits(facts: Facts) -> Section:
    return Section(
        "Assumptions and limits", (Bullets(tuple(Item(text) for text in _assumptions(facts))),)
    )


def _assumptions(facts: Facts) -> Iterator[str]:
    design = facts.design
    guessed = [key for key in facts.ordered
               if key in facts.analysis.in_cones and is_assumed(design.components[key])
               and design.components[key].kind != "cluster"]  # fmt: skip
    if guessed:
        yield (
            f"The availability of {counted(len(guessed), 'part')} is the usual one of its kind, "
            "since nobody has set another: read the figures as a comparison, not as a promise."
        )
    if any(item.description.strip() for item in design.components.values()):
        yield "“Quotation marks” hold what the author of the design says; it was not checked."
    yield "Parts fail independently of each other, unless they stand in the same place."
    if any(item.failover != "none" for item in facts.of_kind(Cluster).values()):
        yield (
            "A failover takes the time and succeeds as often as the design says; nothing has "
            "measured it."
        )
    yield from _optional(facts)
    if facts.open:
        yield (
            "A repair named beside a finding was tried on a copy of the design: there the finding "
            "is gone and none as bad of its sort has come. What it costs is not weighed."
        )
    yield (
        "Only what is drawn was judged. A shared power supply, an overload, a wrong release or a "
        "mistake at the keyboard is not in it."
    )
    yield (
        "A check of a drawing is no security audit: it sees paths, zones and encryption, not what "
        "the programs do."
    )


def _optional(facts: Facts) -> Iterator[str]:
    """Yield what it leaves out that users may do without their name server."""
    design = facts.design
    clients = dict.fromkeys(flow.client for flow in design.flows.values())
    asked = {
        link.target
        for client in clients
        for link in map(design.link, design.outgoing[client])
        if link.role == "resolve" and design.is_soft(link)
    }
    if asked:
        yield (
            f"{facts.names(facts.sorted(asked))} may fail without a flow stopping, since the link "
            "is drawn as optional: that holds for visitors who remember the answer, not for new "
            "ones."
        )
