"""Why a part or a link is a single point of failure of a flow, or why it is none."""

from dataclasses import dataclass
from typing import Literal

from app.analysis.analysis import Analysis
from app.analysis.events import fails, link_fails
from app.analysis.failure_words import called
from app.analysis.paths import Walk, path_to
from app.analysis.what_if import outcomes
from app.model.design import Design

Standing = Literal["alone", "spared", "unneeded", "everything", "unfailing", "dead"]


@dataclass(frozen=True, slots=True)
class Why:
    """How a flow stands to one part or link.

    `alone`: the part is a single point of failure; `path` leads the flow to it. `spared`: the flow
    works without it, along `path`. `unneeded`: the flow never uses it. `everything`: it cannot fail
    by itself, but the flow stops when all that is in it fails. `unfailing`: neither it nor what is
    in it can fail. `dead`: the flow cannot work as drawn.
    """

    standing: Standing
    path: Walk = ()


def why_not(analysis: Analysis, part: str) -> dict[str, Why]:
    """Return how each flow stands to a part or link, where a failover of any kind counts.

    Raises:
        KeyError: the design has no such part or link.
    """
    design = analysis.design
    unfailing = not _can_fail(design, part)
    told = {} if unfailing else outcomes(analysis, (part,))
    found = {}
    for flow in design.flows:
        if analysis.recoverable.dead(flow):
            found[flow] = Why("dead")
        elif unfailing:
            found[flow] = Why("unfailing")
        elif part in analysis.spofs[flow]:
            found[flow] = Why("alone", path_to(design, flow, part))
        elif told[flow].state == "down":
            found[flow] = Why("everything", path_to(design, flow, part))
        elif told[flow].state == "degraded":
            found[flow] = Why("spared", told[flow].path)
        else:
            found[flow] = Why("unneeded")
    return found


def _can_fail(design: Design, part: str) -> bool:
    if part in design.links:
        return link_fails(design.links[part])
    return any(fails(design.components[key]) for key in (part, *design.descendants(part)))


def why_words(design: Design, part: str, flow_id: str, why: Why) -> str:
    """Return how a flow stands to a part or link, as one sentence for a person."""
    name, flow = called(design, part), design.flows[flow_id].name
    way = " → ".join(_named(design, flow_id, why.path))
    if why.standing == "alone":
        where = f": the way is {way}, and there is none round it" if way else ""
        return f"{name} is a single point of failure for {flow}{where}."
    if why.standing == "spared":
        because = f", because of {way}" if way else ""
        return f"{name} is no single point of failure for {flow}{because}."
    if why.standing == "everything":
        return f"{name} does not fail by itself; if all that is in it fails, {flow} stops."
    if why.standing == "unfailing":
        return f"{name} does not fail by itself, so it is no single point of failure for {flow}."
    if why.standing == "unneeded":
        return f"{flow} does not need {name} at all."
    return f"{flow} cannot work as drawn, with or without {name}."


def _named(design: Design, flow_id: str, path: Walk) -> list[str]:
    """The names of the parts on a way, without the users at its start."""
    client = design.flows[flow_id].client
    return [
        design.components[key].name for key in path if key in design.components and key != client
    ]
