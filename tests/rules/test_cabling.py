"""Links that fail and parts that links have to join: what the rules find, and what fixes do."""

from dataclasses import replace

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.links import Link
from app.rules.check import check
from app.rules.comparison import compare
from tests.rules.cabling import cabled, uplink
from tests.rules.looking import found, repaired, subjects


def test_a_single_cable_is_found_and_a_second_one_helps() -> None:
    (finding,) = found(uplink(), "SPOF009")

    assert finding.problem.subjects == ("link-1",)
    assert finding.problem.message == (
        "The link a → b stops browse and checkout: it is the only way."
    )
    assert finding.problem.witness.path == ("service-1", "link-1", "service-2")
    assert finding.problem.witness.cut == ("link-1",)
    after = repaired(uplink(), "SPOF009")
    assert subjects(after, "SPOF009") == []
    assert after.links["link-5"] == after.links["link-1"]


def test_cables_that_never_fail_or_are_two_are_left_alone() -> None:
    assert subjects(cabled("ab", "ab", reach="reach(service-1, service-2)"), "SPOF009") == []
    assert subjects(cabled("ab", reach="reach(service-1, service-2)", availability=1.0),
                    "SPOF009") == []  # fmt: skip


def test_a_comparison_names_a_cable_that_has_become_the_only_one() -> None:
    before = cabled("ab", "ab", reach="reach(service-1, service-2)")
    after = edits.remove(before, ["link-2"])

    assert compare(before, after).new_spofs == ("link-1",)
    assert compare(after, before).gone_spofs == ("link-1",)


def test_a_switch_gets_a_second_one_beside_it() -> None:
    design = cabled("ab", "bc", reach="reach(service-1, service-3)")
    for key in design.links:
        design = edits.set_fields(design, key, availability=None)
    design = edits.set_fields(design, "service-2", availability=0.99)
    after = repaired(design, "SPOF001")

    assert Analysis(after).spofs["browse"] == frozenset()
    assert after.flows["browse"].requires == "reach(service-1, service-3)"


def test_an_end_gets_a_second_one_that_may_be_reached_instead() -> None:
    design = cabled("ab", reach="reach(service-1 -> service-2)", availability=1.0)
    design = edits.set_fields(design, "service-2", availability=0.99)
    after = repaired(design, "SPOF001")

    assert after.flows["browse"].requires == (
        "reach(service-1 -> service-2) or reach(service-1 -> service-3)"
    )


def test_parts_that_no_link_joins_are_told_with_their_names() -> None:
    design = cabled("ab", "cd", reach="reach(service-1, service-4)")
    finding, _ = found(design, "AVL005")

    assert finding.problem.message == (
        "Nobody can browse, even when everything runs: it requires links that join a and d, which "
        "are not drawn."
    )
    other = edits.set_fields(design, "browse", requires="service-1")
    other = edits.set_fields(other, "checkout", requires="service-1")
    other = edits.set_fields(other, "service-1", requires={"read": "reach(service-2 -> service-1)",
                                                           "write": "true"})  # fmt: skip
    (finding,) = found(other, "AVL005")
    assert finding.problem.message == (
        "Nobody can browse, even when everything runs: a needs links that lead from b to a, which "
        "are not drawn."
    )


def test_a_part_to_reach_that_is_not_there_is_told() -> None:
    design = cabled("ab", reach="reach(service-1, gone-1) or service-1")
    assert subjects(design, "MOD006") == [("browse",), ("checkout",)]
    assert "gone-1" in found(design, "MOD006")[0].problem.message


def test_the_heaviest_pair_may_be_of_cables_that_have_no_copy() -> None:
    design = cabled("ab", "bd", "ac", "cd", reach="reach(service-1, service-4)", availability=0.9)
    for flow in design.flows:
        design = edits.set_fields(design, flow, target_availability=0.999)
    (finding, *_) = found(design, "SPOF016")

    assert "a → b and " in finding.problem.message
    assert "that is 10.0 times the downtime that its target allows" in finding.problem.message
    assert finding.problem.fixes == ()


def test_a_cable_that_costs_most_is_the_evidence_for_a_missed_promise() -> None:
    design = edits.set_fields(uplink(), "browse", target_availability=0.9999)
    (finding,) = found(design, "AVL001")

    assert finding.problem.witness.cut == ("link-1",)
    assert subjects(design, "AVL002") == []


def test_no_rule_fails_over_a_link_that_does() -> None:
    links = {"in": Link(source="users-1", target="service-1", availability=0.99)}
    design = replace(uplink(), links={**uplink().links, **links})
    design = edits.set_fields(design, "browse", requires="", target_availability=0.9999)

    assert all(finding.rule.title != "This rule failed" for finding in check(design))
