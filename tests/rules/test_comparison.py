"""What became of a design: laws that hold for any two, and what single edits are told as."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis import diagrams
from app.cli.diff_words import views
from app.model import edits
from app.model.design import Design
from app.model.links import Place, Waiver
from app.rules.check import check
from app.rules.comparison import Comparison, compare
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.redrawing import redrawn
from tests.rules.drawing import Drawing
from tests.strategies import designs, edited_designs_of


def keys(found: object) -> list[str]:
    """The keys of findings."""
    return [item.key for item in found]  # type: ignore[attr-defined]  # findings


def shop() -> Drawing:
    """Users, a balancer, two web servers on two machines, one database."""
    drawn = Drawing()
    (lb,) = drawn.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawn.on(None, "web_server")]
    (db,) = drawn.on(None, "database")
    drawn.link(drawn.users, lb)
    drawn.link(lb, *webs)
    for web in webs:
        drawn.query(web, db)
    return drawn


def nothing_differs(found: Comparison) -> bool:
    """Whether a comparison has nothing to tell."""
    same = not any(flow.differs(view) for flow in found.flows for view in flow.after)
    risks = found.findings
    none = not (risks.new or risks.gone or risks.moved_on or risks.accepted or risks.reopened)
    return same and none and not (found.changes or found.new_spofs or found.gone_spofs)


@given(designs())
def test_nothing_differs_between_a_design_and_itself(design: Design) -> None:
    found = compare(design, design)
    assert nothing_differs(found)
    assert not found.moved
    assert keys(found.findings.kept) == [item.key for item in check(design) if not item.waiver]


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_nothing_differs_between_a_sample_and_the_same_drawn_again(name: str) -> None:
    design = load(read(name))
    found = compare(design, redrawn(design))
    assert nothing_differs(found)
    assert len(found.matching.redrawn) == sum(
        map(len, (design.components, design.links, design.flows))
    )


def mirrored(one: Design, other: Design) -> None:
    """What is new one way is gone the other way."""
    forth, back = compare(one, other), compare(other, one)
    assert keys(forth.findings.new) == keys(back.findings.gone)
    assert keys(forth.findings.gone) == keys(back.findings.new)
    assert forth.findings.accepted == back.findings.reopened
    assert forth.new_spofs == back.gone_spofs
    assert forth.moved == back.moved
    assert forth.changes == back.changes
    for table, changes in forth.structure.items():
        assert set(changes.added) == set(back.structure[table].removed)
        assert {(each.before, each.after) for each in changes.changed} == {
            (each.after, each.before) for each in back.structure[table].changed
        }


@given(designs(longest=12), designs(longest=12))
def test_what_is_new_one_way_is_gone_the_other_way(one: Design, other: Design) -> None:
    mirrored(one, other)


@given(st.data())
def test_the_same_holds_for_one_edit(data: st.DataObject) -> None:
    before = data.draw(designs(longest=15))
    after = data.draw(edited_designs_of(before))
    mirrored(before, after)
    counted = compare(before, after).findings
    opened = [item for item in check(after) if not item.waiver]
    assert len(counted.new) + len(counted.kept) + len(counted.moved_on) == len(opened)


def test_parts_that_only_moved_are_no_change() -> None:
    design = shop().design
    found = compare(design, edits.move(design, {"lb-1": Place(x=999.0, y=9.0)}))
    assert (found.changes, found.moved) == (0, 1)
    assert nothing_differs(found)


def test_a_field_that_changed_is_told_with_both_values() -> None:
    design = shop().design
    after = edits.set_fields(design, "db-1", availability=0.9)
    found = compare(design, after)
    (edited,) = found.structure["components"].changed
    assert (edited.before, edited.after) == ("db-1", "db-1")
    assert edited.fields == {"availability": (None, 0.9)}
    assert found.changes == 1
    assert all(flow.differs("recoverable") for flow in found.flows)
    assert "db-1" in found.flows[0].before["recoverable"].assumed
    assert "db-1" not in found.flows[0].after["recoverable"].assumed


def test_a_change_of_kind_is_told_of_the_fields_that_both_have() -> None:
    design = shop().design
    found = compare(design, edits.change_kind(design, "db-1", "cache"))
    (edited,) = found.structure["components"].changed
    assert edited.fields["kind"] == ("database", "cache")


def test_a_part_that_becomes_a_single_point_of_failure_is_told_for_each_flow() -> None:
    before = shop().design
    after = edits.remove(before, ["web-1"])
    found = compare(before, after)
    assert "web-2" in found.new_spofs
    assert found.gone_spofs == ()
    for flow in found.flows:
        assert "web-2" in flow.new_spofs["recoverable"]
        assert "web-2" in flow.new_spofs["continuity"]
    assert any("web-2" in key for key in keys(found.findings.new))


def test_what_becomes_too_much_at_the_busiest_time_is_told() -> None:
    drawing = shop()
    before = drawing.design
    for key, item in before.components.items():
        if item.kind == "web_server":
            before = edits.set_fields(before, key, capacity=100.0)
    after = edits.set_fields(before, "browse", requests_per_second=140.0)
    (browse, _) = compare(before, after).flows
    assert "web-1" in browse.new_spofs["peak"]
    assert browse.new_spofs["recoverable"] == ()
    assert browse.differs("peak")
    assert not browse.differs("recoverable")
    assert views(browse) == ["recoverable", "peak"]


def test_a_new_flow_has_nothing_before_and_one_that_is_gone_nothing_after() -> None:
    design = shop().design
    users = design.flows["browse"].client
    after, _ = edits.add_flow(edits.remove(design, ["checkout"]), users, "pay")
    found = {flow.flow.name: flow for flow in compare(design, after).flows}
    assert [*found] == ["browse", "pay", "checkout"]
    assert not found["pay"].before
    assert found["pay"].new_spofs["recoverable"]
    assert not found["checkout"].after
    assert found["checkout"].gone_spofs["recoverable"]
    assert found["pay"].differs("recoverable")
    assert found["checkout"].differs("continuity")


def test_a_finding_that_is_there_again_of_another_part_only_moved_on() -> None:
    design = shop().design
    drawn = shop()
    (db,) = drawn.on(None, "database", name="Another")
    drawn.design = edits.remove(drawn.design, ["db-1"])
    drawn.query("web-1", db)
    drawn.query("web-2", db)
    found = compare(design, drawn.design).findings
    moved = {(old.key, new.key) for old, new in found.moved_on}
    pairs = {(old.partition("@")[0], new.partition("@")[0]) for old, new in moved}
    assert moved
    assert all(old == new for old, new in pairs)
    assert not {new for _, new in moved} & {*keys(found.new)}


def test_a_waiver_makes_a_finding_gone_and_its_end_makes_it_new() -> None:
    design = shop().design
    key = check(design)[0].key
    waived = edits.waive(design, key, Waiver(reason="We know"))
    found = compare(design, waived)
    assert keys(found.findings.gone) == [key]
    assert found.findings.accepted == {key}
    assert found.structure["waivers"].added == (key,)
    back = compare(waived, design)
    assert keys(back.findings.new) == [key]
    assert back.findings.reopened == {key}


def test_a_waiver_that_ran_out_does_not_count() -> None:
    design = shop().design
    key = check(design)[0].key
    yesterday = (date.today() - timedelta(days=2)).isoformat()  # noqa: DTZ011  # a local day
    found = compare(design, edits.waive(design, key, Waiver(reason="Soon", until=yesterday)))
    assert found.findings.gone == ()


def test_waivers_of_what_was_drawn_again_are_the_same() -> None:
    design = edits.waive(shop().design, "SPOF001@db-1", Waiver(reason="We know"))
    again = edits.waive(redrawn(shop().design), "SPOF001@x-db-1", Waiver(reason="Well"))
    (edited,) = compare(design, again).structure["waivers"].changed
    assert edited.fields == {"reason": ("We know", "Well")}


def test_an_estimate_is_kept_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise diagrams.TooLargeError

    monkeypatch.setattr(diagrams, "build", refuse)
    design = shop().design
    (flow, _) = compare(design, edits.set_fields(design, "db-1", availability=0.9)).flows
    assert not flow.after["recoverable"].availability.exact
    assert flow.differs("recoverable")
