"""Promises of flows: parts weaker than they are, slow switches, guesses, and flows without any."""

import pytest

from app.model import edits
from app.rules.check import check
from tests.rules import chosen
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_part_that_is_weaker_than_the_promise_is_the_one_cause() -> None:
    design = chosen.weak_promise()

    (finding,) = found(design, "AVL002")
    assert finding.problem.subjects == ("checkout",)
    assert finding.problem.witness.cut == ("db-1",)
    assert "db-1 alone works 99.8500% of it" in finding.problem.message
    assert subjects(design, "AVL001") == []
    after = repaired(design, "AVL002")
    assert subjects(after, "AVL002") == subjects(after, "AVL001") == []


def test_several_weak_parts_are_named_together() -> None:
    design = edits.set_fields(chosen.weak_promise(), "app-1", availability=0.99)

    (finding,) = found(design, "AVL002")
    assert finding.problem.witness.cut == ("app-1", "db-1")
    assert "db-1 works less than promised as well" in finding.problem.message


def test_parts_that_are_good_enough_alone_are_another_matter() -> None:
    assert subjects(CASES["promises"](), "AVL002") == []  # AVL001 says it
    assert subjects(CASES["one_server"](), "AVL002") == []
    double = edits.set_fields(CASES["replicas_that_are_right"](), "checkout",
                              target_availability=0.999)  # fmt: skip
    assert subjects(double, "AVL002") == []


def test_a_switch_that_takes_longer_than_allowed_is_found() -> None:
    cluster, names = found(chosen.slow_switch(), "AVL004")

    assert cluster.problem.subjects == ("cluster-1",)
    assert cluster.problem.witness.numbers == {"seconds": 30, "allowed": 20}
    assert names.problem.subjects == ("dns-1",)
    after = cluster.problem.fixes[0].edit(chosen.slow_switch())
    assert subjects(after, "AVL004") == [("dns-1",)]
    after = names.problem.fixes[0].edit(after)
    assert subjects(after, "AVL004") == []


@pytest.mark.parametrize("seconds", [None, 600.0])
def test_a_switch_that_is_fast_enough_is_left_alone(seconds: float | None) -> None:
    design = edits.set_fields(chosen.slow_switch(), "checkout", recovery_time_seconds=seconds)

    assert subjects(design, "AVL004") == []


def test_a_switch_that_the_flow_does_not_need_is_left_alone() -> None:
    design = edits.set_fields(chosen.slow_switch(), "checkout", recovery_time_seconds=None)
    design = edits.set_fields(design, "browse", recovery_time_seconds=25.0)
    design = edits.set_fields(design, "dns-1", ttl_seconds=20)

    assert subjects(design, "AVL004") == []  # reading needs no new primary


def test_names_that_nobody_checks_are_handed_out_for_ever_instead() -> None:
    design = edits.set_fields(chosen.slow_switch(), "dns-1", health_check=False)

    assert ("dns-1",) not in subjects(design, "AVL004")
    one = edits.remove(chosen.slow_switch(), ("web-2",))
    assert ("dns-1",) not in subjects(one, "AVL004")


def test_names_that_are_kept_for_most_of_the_outage_are_found() -> None:
    design = chosen.half_the_outage()

    (finding,) = found(design, "OPS006")
    assert finding.problem.subjects == ("dns-1",)
    assert finding.problem.witness.numbers == {"seconds": 600, "allowed": 1000}
    assert subjects(design, "AVL004") == []
    after = repaired(design, "OPS006")
    assert getattr(after.components["dns-1"], "ttl_seconds") == 500  # noqa: B009


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("dns-1", {"ttl_seconds": 500}),  # just half
        ("dns-1", {"health_check": False}),  # LB008 says it
        ("checkout", {"recovery_time_seconds": 599.0}),  # AVL004 says it
        ("checkout", {"recovery_time_seconds": None}),
    ],
)
def test_names_that_are_forgotten_soon_or_that_others_speak_of_are_left(
    key: str, values: dict[str, object]
) -> None:
    assert subjects(edits.set_fields(chosen.half_the_outage(), key, **values), "OPS006") == []


def test_no_switch_is_instant() -> None:
    design = edits.set_fields(chosen.slow_switch(), "checkout", recovery_time_seconds=0.0)

    assert [finding.problem.fixes for finding in found(design, "AVL004")] == [(), ()]


def test_guesses_behind_a_promise_are_told_once() -> None:
    design = edits.set_fields(chosen.weak_promise(), "browse", target_availability=0.9)

    (finding,) = found(design, "AVL006")
    assert finding.key == "AVL006@design"
    assert "4 of the 4 figures behind browse and checkout" in finding.problem.message
    after = repaired(design, "AVL006")
    assert subjects(after, "AVL006") == []
    old, new = (found(d, "AVL002")[0].problem.message for d in (design, after))
    assert old == new


def test_guesses_are_fine_where_nothing_is_promised() -> None:
    assert subjects(CASES["one_server"](), "AVL006") == []


def test_figures_that_somebody_set_are_no_guesses() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server", mtbf_hours=1e4, mttr_hours=1.0))
    drawing.set("browse", target_availability=0.9)

    assert subjects(drawing.design, "AVL006") == []
    drawing.set("web-1", mttr_hours=None)
    assert subjects(drawing.design, "AVL006") == [()]


def test_a_flow_without_objectives_beside_one_that_has_some_is_found() -> None:
    design = chosen.weak_promise()

    assert subjects(design, "OPS008") == [("browse",)]
    after = repaired(design, "OPS008")
    assert subjects(after, "OPS008") == []
    assert after.flows["browse"].target_availability == 0.999


def test_a_drawing_in_which_nobody_promises_anything_is_left_alone() -> None:
    assert subjects(CASES["one_server"](), "OPS008") == []
    keys = {finding.rule.id for finding in check(CASES["sample_two-of-everything"]())}
    assert keys.isdisjoint(("AVL002", "AVL004", "AVL006", "OPS008"))
