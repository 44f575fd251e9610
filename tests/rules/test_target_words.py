"""What is told of a target: what was asked, what came of it, how much that is worth."""

from dataclasses import replace

import sample_designs
from app.model import edits
from app.rules.target_words import (
    asked_words,
    cost_words,
    downtime_words,
    findings_words,
    left_words,
    limit_words,
    result_words,
)
from app.rules.targets import Target, reach
from app.storage.codec import load
from tests.rules.drawing import Drawing

SEED = load(sample_designs.read("distributed-web-infrastructure"))
BOTH = ("browse", "checkout")
NINES = reach(SEED, Target(BOTH, unavailability=1e-3))


def test_what_is_asked_is_told_in_both_units() -> None:
    assert asked_words(SEED, Target(("browse",), unavailability=5e-4)) == (
        "browse down at most 263 min a year (99.9500%)"
    )
    assert asked_words(SEED, Target(BOTH, unavailability=1e-3)).startswith(
        "browse and checkout each down at most"
    )
    assert asked_words(SEED, Target(("browse",), parts=1)) == (
        "browse down as little as possible with at most 1 added part"
    )


def test_a_point_says_what_it_adds_and_leaves() -> None:
    first = NINES.front[0]
    alone = reach(SEED, Target(BOTH, parts=0)).front[0]

    assert cost_words(first) == "3 parts and 2 links"
    assert cost_words(alone) == "nothing added"
    assert findings_words(first.proof) == "removes 2 findings"
    assert findings_words(alone.proof) == "removes 1 finding"
    assert left_words(first) == "no single point of failure is left"
    assert left_words(alone) == "still single points of failure: lb and server-0"
    assert next(downtime_words(SEED, first.proof)) == "browse: 13.3 h → 49.9 min (assumed)"


def test_findings_that_come_are_named() -> None:
    design = load(sample_designs.read("secured-and-monitored"))
    found = reach(design, Target(("browse",), unavailability=1e-3), most=20)
    assert findings_words(found.front[0].proof) == "removes 2 findings, brings LB008@dns"


def test_a_switch_by_hand_is_told_beside_the_other_view() -> None:
    design = edits.set_fields(SEED, "mariadb", failover="manual", switch_seconds=900)
    design = edits.set_fields(design, "db-2", promotable=True)
    found = reach(design, Target(("browse",), unavailability=1e-3), most=10)

    told = list(downtime_words(design, found.front[-1].proof))
    assert any(line.startswith("checkout, without a switch by hand: ") for line in told)


def test_the_result_says_whether_everything_was_tried() -> None:
    assert result_words(SEED, NINES) == (
        f"{len(NINES.front)} ways to reach it. All {NINES.tried} combinations of edits that save "
        "at least 2% of the downtime each were tried."
    )
    one = reach(SEED, Target(("browse",), unavailability=1e-3), most=1)
    assert result_words(SEED, one) == (
        "1 way to reach it. This is the best among the 1 combination of edits that were tried; "
        "there may be better ones."
    )


def test_the_result_of_some_parts_promises_no_target() -> None:
    found = reach(SEED, Target(BOTH, parts=3))
    assert result_words(SEED, found).startswith(f"{len(found.front)} ways to use them. ")


def test_a_target_that_is_reached_says_so() -> None:
    for flows, told in ((BOTH, "browse and checkout are"), (("browse",), "browse is")):
        found = reach(SEED, Target(flows, unavailability=0.1))
        assert result_words(SEED, found) == f"Nothing to do: {told} at the target."
    part = reach(SEED, Target(BOTH, unavailability=2e-3))
    assert result_words(SEED, part).startswith("Already there: browse. ")


def test_a_target_out_of_reach_says_the_best_and_what_limits_it() -> None:
    found = reach(SEED, Target(BOTH, unavailability=1e-4))
    told = result_words(SEED, found)

    assert told.startswith("The target cannot be reached. The best that can: browse ")
    assert "checkout 74.3 min a year with 5 parts and 9 links." in told
    assert "What limits it, by its share of the downtime left: the failover of mariadb (9" in told


def test_where_no_edit_helps_the_limit_is_told_all_the_same() -> None:
    drawing = Drawing()
    site = drawing.part("site", availability=0.9)
    webs = [key for _ in range(2) for key in drawing.on(site, "web_server", availability=1.0)]
    drawing.link(drawing.users, *webs)
    drawing.design = edits.set_rule(drawing.design, "SPOF003", off=True)
    for target, told in (
        (Target(("browse",), unavailability=0.01), "The target cannot be reached: no edit makes"),
        (Target(("browse",), parts=5), "No edit within so many parts makes a difference."),
    ):
        found = reach(drawing.design, target)
        assert (found.front, found.best) == ((), None)
        result = result_words(drawing.design, found)
        assert result.startswith(told)
        assert "What limits it, by its share of the downtime left: site-1 (100%)." in result


def test_a_link_that_fails_is_named_as_what_is_left_and_what_limits() -> None:
    drawing = Drawing()
    balancer, web = drawing.part("load_balancer", availability=1.0), drawing.part("web_server")
    drawing.link(drawing.users, balancer, mtbf_hours=99.0, mttr_hours=1.0)
    drawing.link(balancer, web)
    drawing.design = edits.set_rule(drawing.design, "SPOF009", off=True)

    found = reach(drawing.design, Target(("browse",), unavailability=1e-6))

    assert found.best is not None
    assert left_words(found.best) == "still single points of failure: users-1 → lb-1"
    assert "left: users-1 → lb-1 (100%)." in limit_words(drawing.design, found)


def test_an_estimate_has_no_shares() -> None:
    found = replace(NINES, limits=())
    assert limit_words(SEED, found) == "What limits it cannot be told from an estimate."
