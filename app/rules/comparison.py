"""What became of a design: its structure, its findings, and the risk of each flow."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability, availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.figures import assumed_parts
from app.analysis.requirements import VIEWS, View
from app.model.design import Design
from app.model.fields import fields_of
from app.model.links import Flow
from app.model.matching import Matching, match
from app.rules.check import check_analysis
from app.rules.fixes import unmatched
from app.rules.registry import Finding, finding_key

ROUNDING = 1e-9  # of a figure, where the parts are reckoned in another order


@dataclass(frozen=True, slots=True)
class Edited:
    """An element of both designs with the fields that differ, each before and after."""

    before: str
    after: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class TableChanges:
    """What became of the parts, links, flows or waivers; ids of the design that has them."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Edited, ...]

    def __len__(self) -> int:
        """Return how many elements are new, gone or changed."""
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass(frozen=True, slots=True)
class Risk:
    """How often a flow is down in one view, and which parts alone stop it.

    `assumed` are the parts it rests on whose figure nobody has set.
    """

    availability: Availability
    spofs: frozenset[str]
    assumed: frozenset[str]


@dataclass(frozen=True, slots=True)
class FlowChange:
    """The risk of a flow before and after, in all views; empty where there is no such flow.

    `new_spofs` alone stop it now and did not before, `gone_spofs` the other way round.
    """

    flow: Flow
    before: Mapping[View, Risk]
    after: Mapping[View, Risk]
    new_spofs: Mapping[View, tuple[str, ...]]
    gone_spofs: Mapping[View, tuple[str, ...]]

    def differs(self, view: View) -> bool:
        """Whether the flow is down more or less of the time than before."""
        if not self.before or not self.after:
            return True
        old, new = self.before[view].availability, self.after[view].availability
        low = math.isclose(old.low, new.low, rel_tol=ROUNDING)
        return not low or not math.isclose(old.high, new.high, rel_tol=ROUNDING)


@dataclass(frozen=True, slots=True)
class FindingChanges:
    """What became of the open findings, worst first.

    `moved_on` pairs those that are there again of other parts, before and after: they are neither
    `new` nor `gone`. `accepted` are the keys among the gone ones that are only waived now,
    `reopened` those among the new ones that were waived before. `kept` are in both.
    """

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    moved_on: tuple[tuple[Finding, Finding], ...]
    kept: tuple[Finding, ...]
    accepted: frozenset[str]
    reopened: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two designs with all that differs between them.

    `structure` has the tables of a design by their names. `moved` counts the parts that are only
    drawn elsewhere, which changes nothing. `new_spofs` stop some flow now and stopped none before.
    """

    before: Design
    after: Design
    matching: Matching
    structure: Mapping[str, TableChanges]
    moved: int
    findings: FindingChanges
    flows: tuple[FlowChange, ...]
    new_spofs: tuple[str, ...]
    gone_spofs: tuple[str, ...]

    @property
    def changes(self) -> int:
        """How many elements are new, gone or changed; a new name of the design is one as well."""
        return sum(map(len, self.structure.values())) + (self.before.name != self.after.name)


def compare(before: Design, after: Design) -> Comparison:
    """Compare two versions of a design; waivers are held against today."""
    matching = match(before, after)
    old, new = Analysis(before), Analysis(after)
    new_spofs, gone_spofs = _less(_alone(old), _alone(new), matching)
    return Comparison(
        before=before,
        after=after,
        matching=matching,
        structure=_structure(before, after, matching),
        moved=_moved(before, after, matching),
        findings=_findings(check_analysis(old), check_analysis(new), matching),
        flows=_flows(old, new, matching),
        new_spofs=new_spofs,
        gone_spofs=gone_spofs,
    )


def _alone(analysis: Analysis) -> frozenset[str]:
    return frozenset[str]().union(*analysis.spofs.values())


def _less(
    before: Iterable[str], after: Iterable[str], matching: Matching
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parts that are only in `after`, and those that are only in `before`."""
    old = {matching.id(part): part for part in before}
    now = frozenset(after)
    gone = (part for key, part in old.items() if key not in now)
    return tuple(sorted(now - old.keys())), tuple(sorted(gone))


def _structure(before: Design, after: Design, matching: Matching) -> dict[str, TableChanges]:
    waivers = {key: _waived_after(key, matching) for key in before.waivers}
    return {
        "components": _table(before.components, after.components, matching.ids, matching),
        "links": _table(before.links, after.links, matching.ids, matching),
        "flows": _table(before.flows, after.flows, matching.ids, matching),
        "waivers": _table(before.waivers, after.waivers, waivers, matching),
    }


def _waived_after(key: str, matching: Matching) -> str:
    """Return the key of a finding as it is in the other design; what is no key stays."""
    rule, mark, subjects = key.partition("@")
    return f"{rule}{mark}{'+'.join(sorted(map(matching.id, subjects.split('+'))))}"


def _table(
    before: Mapping[str, Any], after: Mapping[str, Any], ids: Mapping[str, str], matching: Matching
) -> TableChanges:
    same = {key: ids[key] for key in before if ids[key] in after}
    now = frozenset(same.values())
    edited = (Edited(old, new, _fields(before[old], after[new], matching))
              for old, new in same.items())  # fmt: skip
    return TableChanges(
        added=tuple(key for key in after if key not in now),
        removed=tuple(key for key in before if key not in same),
        changed=tuple(each for each in edited if each.fields),
    )


def _fields(old: Any, new: Any, matching: Matching) -> dict[str, tuple[Any, Any]]:
    """Return what differs, of the fields that both have: another kind has others."""
    found = {}
    for facts in fields_of(type(new)):
        now = getattr(new, facts.name)
        was = getattr(old, facts.name, now)
        if matching.value(facts, was) != now:
            found[facts.name] = (was, now)
    return found


def _moved(before: Design, after: Design, matching: Matching) -> int:
    return sum(
        before.layout.get(old) != after.layout.get(new)
        for old, new in matching.pairs.items()
        if old in before.components
    )


def _findings(
    before: Iterable[Finding], after: Iterable[Finding], matching: Matching
) -> FindingChanges:
    was = {_key_after(item, matching): item for item in before}
    now = {item.key: item for item in after}
    both = [(was[key], item) for key, item in now.items() if key in was]
    accepted = [old for old, new in both if new.waiver and not old.waiver]
    reopened = [new for old, new in both if old.waiver and not new.waiver]
    removed = [item for key, item in was.items() if key not in now and not item.waiver]
    added = [item for key, item in now.items() if key not in was and not item.waiver]
    left, come = unmatched(removed, added), unmatched(added, removed)
    # Both are in the order of rules, and hold as many of each.
    moved_on = zip(_without(removed, left), _without(added, come), strict=True)
    return FindingChanges(
        new=_chosen(now.values(), (*come, *reopened)),
        gone=_chosen(was.values(), (*left, *accepted)),
        moved_on=tuple(moved_on),
        kept=tuple(new for old, new in both if not old.waiver and not new.waiver),
        accepted=frozenset(item.key for item in accepted),
        reopened=frozenset(item.key for item in reopened),
    )


def _key_after(finding: Finding, matching: Matching) -> str:
    return finding_key(finding.rule.id, map(matching.id, finding.problem.subjects))


def _without(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    keys = {item.key for item in others}
    return [item for item in findings if item.key not in keys]


def _chosen(findings: Iterable[Finding], chosen: Iterable[Finding]) -> tuple[Finding, ...]:
    keys = {item.key for item in chosen}
    return tuple(item for item in findings if item.key in keys)


def _flows(before: Analysis, after: Analysis, matching: Matching) -> tuple[FlowChange, ...]:
    """Compare the flows in the order of the design after, then those that are gone."""
    old, new = _risks(before), _risks(after)
    origin = {after_id: before_id for before_id, after_id in matching.pairs.items()}
    pairs = [(old.get(origin.get(key, ""), {}), key) for key in new]
    found = [_flow(after.design.flows[key], was, new[key], matching) for was, key in pairs]
    gone = [key for key in old if matching.id(key) not in new]
    return *found, *(_flow(before.design.flows[key], old[key], {}, matching) for key in gone)


def _flow(
    flow: Flow, before: Mapping[View, Risk], after: Mapping[View, Risk], matching: Matching
) -> FlowChange:
    less = {view: _less(_spofs(before, view), _spofs(after, view), matching) for view in VIEWS}
    return FlowChange(
        flow=flow,
        before=before,
        after=after,
        new_spofs={view: new for view, (new, _) in less.items()},
        gone_spofs={view: gone for view, (_, gone) in less.items()},
    )


def _spofs(risks: Mapping[View, Risk], view: View) -> frozenset[str]:
    return risks[view].spofs if risks else frozenset()


def _risks(analysis: Analysis) -> dict[str, dict[View, Risk]]:
    return {flow: _views(analysis, flow) for flow in analysis.design.flows}


def _views(analysis: Analysis, flow: str) -> dict[View, Risk]:
    """Return the risk of a flow in each view, computed once where views are the same."""
    graphs = analysis.recoverable, analysis.continuity, analysis.peak
    known = {graph: _risk(graph, flow) for graph in dict.fromkeys(graphs)}
    return {view: known[graph] for view, graph in zip(VIEWS, graphs, strict=True)}


def _risk(graph: RequirementGraph, flow: str) -> Risk:
    return Risk(
        availability=availability_of(graph, flow),
        spofs=graph.spofs(flow),
        assumed=assumed_parts(graph, flow),
    )
