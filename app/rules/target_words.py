"""What a search for a target has found, in sentences for a person."""

from collections.abc import Iterator

from app.analysis.events import described, part_of
from app.analysis.failure_words import called
from app.analysis.figure_words import a_year, change, percent
from app.analysis.words import listed
from app.model.compute import Service
from app.model.design import Design
from app.rules.evidence import flow_names
from app.rules.fixes import Proof
from app.rules.targets import LEAST_SAVED, Answer, Point, Target


def asked_words(design: Design, target: Target) -> str:
    """Return what is asked for: "browse down at most 8.8 h a year (99.90%)"."""
    flows = flow_names(design, target.flows)
    if target.unavailability is None:
        most = _number(target.parts or 0, "added part")
        return f"{flows} down as little as possible with at most {most}"
    each = "each " if len(target.flows) > 1 else ""
    share = percent(1 - target.unavailability)
    return f"{flows} {each}down at most {a_year(target.unavailability)} a year ({share})"


def findings_words(proof: Proof) -> str:
    """Return how many findings go, and which ones come."""
    come = ", ".join(item.key for item in proof.come if item.waiver is None)
    return f"removes {_number(len(proof.gone), 'finding')}" + (f", brings {come}" if come else "")


def cost_words(point: Point) -> str:
    """Return what a set of edits adds: "3 parts and 2 links"."""
    if not point.parts and not point.links:
        return "nothing added"
    pairs = ((point.parts, "part"), (point.links, "link"))
    return listed([_number(count, what) for count, what in pairs if count])


def downtime_words(design: Design, proof: Proof) -> Iterator[str]:
    """Yield the downtime of each flow before and after, in both views where they differ."""
    for found, note in ((proof.downtime, ""), (proof.continuity, ", without a switch by hand")):
        for flow, item in found.items():
            told = change(item.before, item.after, assumed=item.assumed)
            yield f"{design.flows[flow].name}{note}: {told}"


def left_words(point: Point) -> str:
    """Return which single points of failure remain."""
    if not point.single:
        return "no single point of failure is left"
    single = listed(called(point.proof.after, part) for part in point.single)
    return f"still single points of failure: {single}"


def result_words(design: Design, answer: Answer) -> str:
    """Return what came of the search in one or two sentences, and what it claims."""
    if answer.reached_already:
        flows, are = answer.target.flows, "is" if len(answer.target.flows) == 1 else "are"
        return f"Nothing to do: {flow_names(design, flows)} {are} at the target."
    return " ".join((*_found(design, answer), _claim(answer)))


def _found(design: Design, answer: Answer) -> Iterator[str]:
    already = [flow for flow in answer.target.flows if answer.reached(flow)]
    if already:
        yield f"Already there: {flow_names(design, already)}."
    if answer.front:
        use = "use them" if answer.target.unavailability is None else "reach it"
        yield f"{_number(len(answer.front), 'way')} to {use}."
        return
    if answer.target.unavailability is None:
        yield "No edit within so many parts makes a difference."
    elif answer.best is None:
        yield "The target cannot be reached: no edit makes a difference."
    else:
        worst = _least(design, answer.target, answer.best)
        yield f"The target cannot be reached. The best that can: {worst}."
    yield limit_words(design, answer)


def _least(design: Design, target: Target, best: Point) -> str:
    """Return the downtime that a point leaves, and what it takes."""
    found = best.proof.downtime
    told = [f"{design.flows[flow].name} {a_year(found[flow].after.unavailability)} a year"
            for flow in target.flows]  # fmt: skip
    return f"{listed(told)} with {cost_words(best)}"


def limit_words(design: Design, answer: Answer) -> str:
    """Return what is behind the downtime that is left, the largest share first."""
    dead = [flow for flow in answer.target.flows if answer.before[flow].low == 1]
    if dead:
        return f"Nobody can {listed([design.flows[key].name for key in dead], 'or')} as drawn."
    if not answer.limits:
        return "What limits it cannot be told from an estimate."
    after = answer.best.proof.after if answer.best else design
    told = [f"{_called(after, event)} ({share:.0%})" for event, share in answer.limits]
    return f"What limits it, by its share of the downtime left: {listed(told)}."


def _called(design: Design, event: str) -> str:
    part = part_of(event)
    item = design.components.get(part)
    provider = ", which a provider runs" if isinstance(item, Service) and item.external else ""
    return described(event, called(design, part)) + provider


def _claim(answer: Answer) -> str:
    """Say what was tried, and so how much the answer is worth."""
    tried = _number(answer.tried, "combination")
    if answer.exhausted:
        least = f"{LEAST_SAVED:.0%}"
        return f"All {tried} of edits that save at least {least} of the downtime each were tried."
    return f"This is the best among the {tried} of edits that were tried; there may be better ones."


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
