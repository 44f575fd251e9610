"""What is taken over from the analysis of another version says what a fresh look says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.analysis import Analysis
from app.analysis.cutsets import DOWN, RequirementGraph
from app.analysis.requirements import Statement
from app.analysis.revision import stale
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import fields_of
from app.model.links import Link
from app.rules.check import check_analysis
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.exporters.designs import balanced_data, cache_set, passive_pair, web_stack
from tests.rules.cases import CASES
from tests.strategies import edited_designs_of, values

STARTS = {
    "empty": Design(),
    **{sample.name: load(read(sample.name)) for sample in SAMPLES},
    "passive-pair": passive_pair()[0],
    "data-balancer": balanced_data()[0],
    "caches": cache_set()[0],
}


def masks(graph: RequirementGraph) -> dict[Statement, frozenset[str]]:
    """What brings down each statement that some flow rests on."""
    return {
        statement: frozenset((*graph.names(mask), *(["down"] if mask & DOWN else [])))
        for statement, number in graph.number.items()
        for mask in [graph.masks[number]]
    }


def told(analysis: Analysis) -> list[tuple[object, ...]]:
    """What a check says, in its order."""
    return [
        (item.key, item.rule.severity, message, witness, [fix.title for fix in fixes])
        for item in check_analysis(analysis)
        for _, message, witness, fixes in [item.problem]
    ]


def assert_same_tables(design: Design) -> None:
    fresh = replace(design)
    for name in ("children", "cluster_of", "outgoing", "incoming", "needed"):
        assert list(getattr(design, name).items()) == list(getattr(fresh, name).items())
    assert design.writers == fresh.writers


def assert_as_fresh(analysis: Analysis) -> None:
    assert_same_tables(analysis.design)
    fresh, found = Analysis(replace(analysis.design)).recoverable, analysis.recoverable
    assert masks(found) == masks(fresh)
    assert set(filter(None, found.events)) == set(fresh.events)
    for flow in analysis.design.flows:
        assert found.cone_events(flow) == fresh.cone_events(flow)


@given(st.data())
def test_a_version_is_judged_as_if_nothing_was_known(data: st.DataObject) -> None:
    analysis = Analysis(STARTS[data.draw(st.sampled_from(list(STARTS)))])
    for _ in range(data.draw(st.integers(1, 12))):
        design = data.draw(edited_designs_of(analysis.design))
        analysis = Analysis(design, analysis)
        assert_as_fresh(analysis)
    for flow in design.flows:
        assert analysis.recoverable.pairs(flow) == Analysis(design).recoverable.pairs(flow)
    assert told(analysis) == told(Analysis(replace(design)))  # which is as if it was just read


@st.composite
def relinked(draw: st.DrawFn, design: Design) -> Design:
    """A version with other links: after an edit of parts hardly anything is taken over."""
    if not design.links or draw(st.booleans()):
        ends = st.sampled_from(list(design.components))
        source, target = draw(ends), draw(ends)
        return edits.connect(design, source, target)[0] if source != target else design
    link = draw(st.sampled_from(list(design.links)))
    facts = draw(st.sampled_from([None, *fields_of(Link)]))
    if facts is None:
        return edits.remove(design, [link])
    try:
        return edits.set_fields(design, link, **{facts.name: draw(values(facts, design))})
    except DesignError:
        return design  # such as one that would end where it starts


@given(st.data())
def test_findings_are_those_of_a_fresh_look(data: st.DataObject) -> None:
    design = CASES[data.draw(st.sampled_from(list(CASES)))]()
    analysis = Analysis(design)
    told(analysis)
    for _ in range(data.draw(st.integers(1, 6))):
        design = data.draw(
            relinked(design) if data.draw(st.booleans()) else edited_designs_of(design)
        )
        analysis = Analysis(design, analysis)
        assert told(analysis) == told(Analysis(replace(design)))


@pytest.mark.parametrize("role", ["read", "replicate", "monitor"])
def test_what_was_said_of_a_link_is_not_said_of_it_once_it_leads_elsewhere(role: str) -> None:
    design, users = edits.add(Design(), "client")
    design, source = edits.add(design, "database")
    design, _ = edits.connect(design, users, source, role="write")
    design, one = edits.add(design, "database")
    design, other = edits.add(design, "database")
    design, link = edits.connect(design, source, one, role=role, protocol="http")
    start = Analysis(design)
    assert any(str(key).endswith(f"@{link}") for key, *_ in told(start))

    turned = edits.set_fields(design, link, target=other)

    assert told(Analysis(turned, start)) == told(Analysis(replace(turned)))
    assert told(Analysis(design, Analysis(turned, start))) == told(start)


def _fields(design: Design, key: str) -> Iterator[dict[str, Any]]:
    """Yield what may be set of a part or link so that somebody needs other things."""
    if key in design.links:
        yield from ({"role": role} for role in ("read", "write", "request", "monitor"))
        yield from ({"dependency": "soft"}, {"availability": 0.5}, {"choice": "group"})
        return
    item = design.components[key]
    yield from ({"availability": 1.0}, {"requires": {"read": "alive(nobody)"}})
    yield from ({"role": role} for role in ("primary", "replica"))
    yield {"promotable": False}
    if isinstance(item, Cluster):
        modes = ("active-active", "active-passive", "primary-replica", "quorum", "sharded")
        yield from ({"mode": mode} for mode in modes)
        yield from ({"failover": way} for way in ("none", "manual", "automatic"))
        yield from ({"needed": 2}, {"common_cause": 0.1}, {"members": item.members[1:]})
        yield {"members": item.members[::-1]}


def _versions(design: Design) -> Iterator[Design]:
    """Yield what each single edit makes of a design that may change what somebody needs."""
    for key in (*design.components, *design.links):
        yield edits.remove(design, [key])
        for fields in _fields(design, key):
            try:
                yield edits.set_fields(design, key, **fields)
            except (DesignError, TypeError):
                continue  # no part of this kind has it
    for cluster in design.of(Cluster):
        for key in design.components:
            try:
                yield edits.join(design, cluster, [key])
            except DesignError:
                continue


@pytest.mark.parametrize("name", list(STARTS))
def test_each_single_edit_and_its_undoing_are_seen(name: str) -> None:
    start = Analysis(STARTS[name])
    for design in _versions(start.design):
        version = Analysis(design, start)
        assert_as_fresh(version)
        assert_as_fresh(Analysis(start.design, version))


def test_what_follows_from_the_parts_is_taken_over_while_these_stay() -> None:
    design, ids = web_stack()
    start = Analysis(design)
    assert start.exposure.trust(ids["users"]) == "internet"
    linked = Analysis(edits.remove(design, [design.outgoing[ids["lb"]][0]]), start)
    assert linked.design.children is design.children
    assert vars(linked.exposure)["_trust"] is vars(start.exposure)["_trust"]
    walled, zone = edits.add(design, "zone", trust="internet")
    nested = Analysis(edits.nest(walled, [ids["web-1"]], zone), start)
    assert nested.design.children is not design.children
    assert nested.exposure.trust(ids["web-1"]) == "internet"


def test_links_in_another_order_are_told_in_that_order() -> None:
    start = Analysis(web_stack()[0])
    assert_as_fresh(start)
    links = dict(reversed(list(start.design.links.items())))
    assert_same_tables(Analysis(replace(start.design, links=links), start).design)


def test_what_was_used_once_is_not_kept_for_ever() -> None:
    design, ids = web_stack(replicas=1)
    versions = [edits.remove(design, [ids["app-1"]]), design]
    analysis = Analysis(design)
    for turn in range(60):
        analysis = Analysis(versions[turn % 2], analysis)
    fresh = Analysis(analysis.design).recoverable
    assert len(analysis.recoverable.nodes) <= 3 * len(fresh.nodes)


def test_where_parts_have_to_reach_each_other_every_link_may_matter() -> None:
    design, ids = web_stack()
    design, flow = edits.add_flow(design, ids["users"], "reach")
    design = edits.set_fields(design, flow, requires=f"reach({ids['users']}, {ids['db-0']})")
    for key in design.links:
        assert_as_fresh(Analysis(edits.remove(design, [key]), Analysis(design)))


def test_a_design_that_has_little_in_common_is_judged_by_itself() -> None:
    one, other = STARTS["passive-pair"], STARTS["two-of-everything"]
    assert stale(one, other) is None
    assert_as_fresh(Analysis(other, Analysis(one)))
