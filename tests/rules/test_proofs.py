"""Every fix of every finding, on every small design and every sample, is proven by trying it."""

import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given

import sample_designs
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import Rect, bounds
from app.model.links import Waiver
from app.rules import fixes as repairs
from app.rules.check import check
from app.rules.fixes import Proof, as_bad_comes, compare, fix_all, improvements, prove
from app.rules.free_place import meet
from app.rules.registry import SEVERITIES, Finding, Fix, Severity
from app.storage.codec import load
from tests.rules.cases import CASES, names
from tests.rules.drawing import Drawing
from tests.strategies import designs


def fixes(design: Design) -> Iterator[tuple[Finding, Fix]]:
    """Yield the fixes of all findings."""
    for finding in check(design):
        for fix in finding.problem.fixes:
            yield finding, fix


def proofs(design: Design) -> Iterator[tuple[str, Proof]]:
    """Yield the proofs of all fixes, with a name for each."""
    for finding, fix in fixes(design):
        yield f"{finding.key}: {fix.title}", prove(design, finding, fix)


@pytest.mark.parametrize("case", names())
def test_each_fix_removes_its_finding_and_adds_nothing_as_bad(case: str) -> None:
    for what, proof in proofs(CASES[case]()):
        assert proof.holds, f"{what}: {proof.why_not}"


@pytest.mark.parametrize("case", names())
def test_new_parts_have_names_of_their_own_and_lie_on_nothing(case: str) -> None:
    design = CASES[case]()
    before = overlaps(design)

    for what, proof in proofs(design):
        after = proof.after
        assert proof.parts.added <= after.layout.keys() | containers(after), what
        assert shared_names(after) <= shared_names(design), what
        assert not overlaps(after) - before, what


def shared_names(design: Design) -> int:
    """Count the parts whose name another part has already."""
    called = [item.name for item in design.components.values()]
    return len(called) - len(set(called))


def containers(design: Design) -> set[str]:
    """Return the parts that take their size from what they hold."""
    return {key for key, item in design.components.items() if is_container(item)}


def overlaps(design: Design) -> set[tuple[str, str]]:
    """Return the pairs of parts in one container that lie on each other."""
    rects: dict[str | None, list[tuple[str, Rect]]] = {}
    for key, item in design.components.items():
        if key in design.layout or design.children[key]:
            rects.setdefault(item.parent, []).append((key, bounds(design, key)))
    return {
        (one, other)
        for siblings in rects.values()
        for (one, rect), (other, second) in itertools.combinations(siblings, 2)
        if meet(rect, second)
    }


@pytest.mark.parametrize("case", names())
def test_repairing_everything_leaves_only_what_would_bring_something_as_bad(case: str) -> None:
    design, applied = fix_all(CASES[case](), ("critical", "high"))

    left = [item for item in check(design) if item.rule.severity in ("critical", "high")]
    assert all(item.rule.severity == "high" for item in left)
    for finding in left:
        proven = [prove(design, finding, fix) for fix in finding.problem.fixes]
        assert all(as_bad_comes(finding, proof) for proof in proven if proof.holds)
    assert all(step.finding.rule.severity in ("critical", "high") for step in applied)


def test_a_fix_says_what_it_does_to_the_downtime() -> None:
    design = CASES["single_parts"]()
    finding, fix = next(pair for pair in fixes(design) if pair[0].rule.category == "spof")

    proof = prove(design, finding, fix)

    browse = proof.downtime["browse"]
    assert browse.before.exact
    assert browse.after.exact
    assert browse.after.high < browse.before.high
    assert browse.assumed
    assert finding.key in {item.key for item in proof.gone}
    assert proof.parts.added
    assert proof.links.added


def test_a_fix_that_the_design_refuses_is_not_offered() -> None:
    design = CASES["single_parts"]()
    finding, _ = next(fixes(design))
    impossible = Fix("Move it", lambda design: edits.nest(design, ("nobody",), None))

    proof = prove(design, finding, impossible)

    assert not proof.holds
    assert "nobody" in proof.why_not
    assert proof.after is design


def test_a_fix_that_changes_nothing_does_not_hold() -> None:
    design = CASES["single_parts"]()
    finding, _ = next(fixes(design))

    assert "still there" in prove(design, finding, Fix("Wait", lambda design: design)).why_not


def test_a_fix_that_makes_something_worse_is_refused() -> None:
    design = CASES["replicas_that_are_right"]()
    finding = next(item for item in check(design) if item.rule.id == "DB010")
    careless = Fix("Drop the data", lambda before: edits.remove(before, ("db-1", "db-2")))
    cut = Fix("Cut it off", lambda before: edits.remove(before, _links_of(before, "users-1")))
    idle = Fix("Call it another name", lambda before: edits.rename(before, "shop"))

    assert prove(design, finding, careless).holds  # nothing to keep copies of is no finding
    assert "still there" in prove(design, finding, idle).why_not
    assert prove(design, finding, cut).why_not == "Nobody could browse after the fix."


def test_a_fix_tells_the_downtime_of_both_views_where_they_differ() -> None:
    drawing = Drawing()
    (one,), (other,) = drawing.on(None, "web_server"), drawing.on(None, "web_server")
    cluster = drawing.cluster(one, other, mode="active-passive", failover="manual")
    drawing.link(drawing.users, cluster)
    automatic = edits.set_fields(drawing.design, cluster, failover="automatic")

    found = compare(drawing.design, automatic)

    assert found.continuity["browse"].before.high > found.downtime["browse"].before.high
    assert found.continuity["browse"].after == found.downtime["browse"].after
    same = compare(drawing.design, edits.rename(drawing.design, "another"))
    assert set(same.continuity) == {"browse", "checkout"}


def test_a_fix_tells_what_it_changes_at_the_busiest_time() -> None:
    drawing = Drawing()
    for _ in range(2):
        (web,) = drawing.on(None, "web_server", capacity=100.0)
        drawing.link(drawing.users, web)
    busy = edits.set_fields(drawing.design, "browse", requests_per_second=140.0)
    third, web = edits.add(busy, "web_server", capacity=100.0)
    third, _ = edits.connect(third, drawing.users, web)

    found = compare(busy, third)

    assert found.peak["browse"].before.high > 100 * found.peak["browse"].after.high
    assert found.peak["browse"].before.high > found.downtime["browse"].before.high


def test_views_that_do_not_differ_are_told_once() -> None:
    design = CASES["single_parts"]()

    assert compare(design, design).continuity == compare(design, design).peak == {}


def test_what_is_waived_is_not_repaired() -> None:
    high: tuple[Severity, ...] = ("high",)
    design = edits.waive(CASES["reading_only"](), "DB010@db-1", Waiver(reason="a demo"))

    _, applied = fix_all(design, high)
    assert "DB010@db-1" not in {step.finding.key for step in applied}
    assert "DB001@db-1" in {step.finding.key for step in applied}


def test_repairs_end_after_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "MOST_STEPS", 1)

    _, applied = fix_all(CASES["one_server"]())
    assert len(applied) == 1


def _links_of(design: Design, component_id: str) -> tuple[str, ...]:
    return design.outgoing[component_id]


def test_a_fix_that_brings_another_finding_as_bad_is_refused() -> None:
    design = CASES["writes_to_a_replica"]()
    finding = next(item for item in check(design) if item.rule.id == "DB003")
    swap = Fix("Take it away", lambda before: _doubled(edits.remove(before, ("app-1",))))

    proof = prove(design, finding, swap)

    assert proof.why_not == "The fix brings another finding that is critical."


def _doubled(design: Design) -> Design:
    """Let somebody else write to the replica."""
    design, web = edits.add(design, "web_server")
    design, _ = edits.connect(design, "users-1", web)
    return edits.connect(design, web, "db-2", role="write", protocol="postgres")[0]


def test_a_fix_after_which_users_could_never_do_something_is_refused() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("firewall"))
    (finding,) = (item for item in check(drawing.design) if item.rule.id == "NET018")

    for fix in finding.problem.fixes:
        if fix.title.startswith("Remove"):
            told = prove(drawing.design, finding, fix).why_not
            assert told == "Nobody could browse after the fix."


def test_a_flow_that_a_fix_removes_has_no_downtime_any_more() -> None:
    design = CASES["single_parts"]()

    assert set(compare(design, edits.remove(design, ("checkout",))).downtime) == {"browse"}


def test_fixes_that_do_not_hold_are_passed_over() -> None:
    drawing = Drawing()
    one, other = drawing.on(None, "service", "service")
    drawing.link(drawing.users, one, other)
    host = f"{drawing.design.host(one)}.alive"
    drawing.set("browse", requires=f"({one} or {other}) and {host}")

    design, applied = fix_all(drawing.design)

    assert "SPOF002@server-1" in {item.key for item in check(design)}
    assert "SPOF002@server-1" not in {step.finding.key for step in applied}


@pytest.mark.parametrize("sample", [item.name for item in sample_designs.SAMPLES])
def test_repairing_a_sample_leaves_nothing_critical(sample: str) -> None:
    design, _ = fix_all(load(sample_designs.read(sample)), SEVERITIES)

    assert not [item.key for item in check(design) if item.rule.severity == "critical"]


def counts(design: Design) -> tuple[int, ...]:
    """What every step must make less: dead flows, then the open findings by severity."""
    analysis = Analysis(design)
    dead = sum(map(analysis.recoverable.dead, design.flows))
    found = Counter(item.rule.severity for item in check(design) if not item.waiver)
    return dead, *(found[level] for level in SEVERITIES)


@given(designs())
def test_repairing_any_design_ends_and_never_brings_what_is_as_bad(design: Design) -> None:
    for step in improvements(design):
        before, after = counts(design), counts(step.after)
        proof = compare(design, step.after)

        assert step.finding.key not in {item.key for item in check(step.after)}
        assert after < before
        assert after[0] < before[0] or not as_bad_comes(step.finding, proof)
        design = step.after
