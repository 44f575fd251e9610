"""AVL007: spares that help nobody while another part is alone."""

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.rules.capacity import without
from app.rules.fixes import prove
from app.rules.spares import MOST_TAKEN
from tests.rules import spoken
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_third_server_before_a_single_part_is_found_and_moved_there() -> None:
    design = spoken.third_before_one()

    (finding,) = found(design, "AVL007")
    assert finding.problem.subjects == ("web-3",)
    assert finding.problem.message == (
        "Without web-3, browse would be down less than 1% longer: app-1 is alone and has a part in "
        "50% of the downtime."
    )
    assert finding.problem.witness.cut == ("app-1",)
    assert finding.problem.witness.flows == ("browse",)
    after = repaired(design, "AVL007")
    kinds = [item.kind for item in after.components.values()]
    assert [kinds.count(kind) for kind in ("web_server", "app_server", "server")] == [2, 2, 6]
    assert "web-3" not in after.components


def test_of_five_two_are_kept() -> None:
    design = spoken.before_one(count=5).design

    assert subjects(design, "AVL007") == [("web-3", "web-4", "web-5")]
    assert subjects(repaired(design, "AVL007"), "AVL007") == []


def test_a_pair_before_something_hopeless_is_kept_and_that_is_doubled() -> None:
    drawing = spoken.before_one(count=2)
    drawing.set("app-1", availability=0.5)

    (first, second) = found(drawing.design, "AVL007"), repaired(drawing.design, "AVL007")
    assert [finding.problem.subjects for finding in first] == [("lb-2", "web-2")]
    assert {"lb-2", "web-2"} <= second.components.keys()


def test_a_pair_and_a_spare_that_nothing_is_promised_with_are_left() -> None:
    design = spoken.third_before_one()

    assert subjects(spoken.before_one(count=2).design, "AVL007") == []
    free = edits.set_fields(design, "browse", target_availability=None)
    assert subjects(free, "AVL007") == []


def test_where_nothing_is_alone_a_spare_may_well_help() -> None:
    design = edits.set_fields(spoken.third_before_one(), "app-1", availability=1.0)
    design = edits.set_fields(design, "server-6", availability=1.0)

    assert subjects(design, "AVL007") == []


@pytest.mark.parametrize("requires", ["2 of (web-1, web-2, web-3)", "web-3 and nobody-1"])
def test_a_spare_that_another_promise_may_rest_on_is_left(requires: str) -> None:
    design = edits.set_fields(spoken.third_before_one(), "checkout", requires=requires)
    assert subjects(design, "AVL007") == [("web-3",)]

    promised = edits.set_fields(design, "checkout", target_availability=0.9)
    assert subjects(promised, "AVL007") == []


@pytest.mark.parametrize("kind", ["object_store", "search"])
def test_copies_of_data_are_there_for_more(kind: str) -> None:
    assert subjects(spoken.before_one(kind).design, "AVL007") == []


@pytest.mark.parametrize(
    ("values", "spares"),
    [
        ({"mode": "active-active"}, [("web-3", "web-4", "web-5")]),
        ({"mode": "active-active", "needed": 2}, [("web-4", "web-5")]),
        ({"mode": "quorum"}, []),
    ],
)
def test_members_that_have_to_work_or_to_vote_are_kept(
    values: dict[str, object], spares: list[tuple[str, ...]]
) -> None:
    drawing = spoken.before_one(count=5)
    drawing.cluster(*(f"web-{number}" for number in range(1, 6)), **values)
    drawing.set("app-1", availability=0.99)

    assert subjects(drawing.design, "AVL007") == spares


@pytest.mark.parametrize(
    ("load", "spares"), [(150.0, []), (90.0, [("web-3",)]), (None, [("web-3",)])]
)
def test_members_that_the_busiest_hour_needs_are_kept(
    load: float | None, spares: list[tuple[str, ...]]
) -> None:
    drawing = spoken.before_one(capacity=100.0)
    drawing.set("browse", requests_per_second=load)

    assert subjects(drawing.design, "AVL007") == spares


def test_members_of_a_cluster_that_is_entered_as_one_stand_in_for_each_other() -> None:
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer")[0] for _ in range(3)]
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, drawing.cluster(*lbs, mode="active-active"))
    for lb in lbs:
        drawing.link(lb, app)
    drawing.set("browse", target_availability=0.99)

    assert subjects(drawing.design, "AVL007") == [("lb-3",)]


def test_the_weakest_of_several_single_parts_is_named_with_the_flows_that_it_stops() -> None:
    drawing = spoken.before_one()
    (old,) = drawing.on(None, "service", image="old:1", availability=0.99)
    (other,) = drawing.on(None, "service", image="other:1")
    drawing.link("app-1", old, protocol="http")
    drawing.set("checkout", requires=other, target_availability=0.9)

    (finding,) = found(drawing.design, "AVL007")
    assert finding.problem.witness.missing == old
    assert finding.problem.witness.flows == ("browse",)


def test_a_drawing_without_promises_has_no_such_spare() -> None:
    assert subjects(CASES["sample_two-of-everything"](), "AVL007") == []


def two_on_each(kind: str = "server") -> Drawing:
    """Return a balancer before four web servers, two in each of two places, and a promise."""
    drawing = Drawing()
    places = [drawing.part(kind) for _ in range(2)]
    (lb,) = drawing.on(None, "load_balancer")
    for number in range(4):
        place = places[number // 2]
        web = drawing.part("web_server", place if kind == "server" else drawing.part(kind, place))
        drawing.link(lb, web, protocol="http")
    drawing.link(drawing.users, lb, protocol="https", tls="1.3")
    drawing.set("browse", target_availability=0.999)
    return drawing


def test_spares_are_taken_one_at_a_time_so_that_no_place_is_left_alone() -> None:
    design = two_on_each().design

    (finding,) = found(design, "AVL007")
    assert finding.problem.subjects == ("web-3",)
    (fix,) = finding.problem.fixes
    assert fix.title == "Give lb-1 a second and let web-3 go"
    proof = prove(design, finding, fix)
    assert proof.why_not == ""
    assert {item.host("web-4") for item in (design, proof.after)} == {"server-2"}
    assert not [item for item in proof.come if item.rule.severity == "critical"]


def test_who_leaves_a_place_alone_stays_even_where_that_costs_little() -> None:
    drawing = two_on_each()
    drawing.set("lb-1", availability=0.5)

    (finding,) = found(drawing.design, "AVL007")
    assert finding.problem.subjects == ("web-3", "web-4")
    assert finding.problem.fixes[0].title == "Give lb-1 a second and let web-3 go"
    assert "web-4" in repaired(drawing.design, "AVL007").components


def test_spares_that_cost_something_together_are_named_up_to_there() -> None:
    drawing = spoken.before_one(count=5)
    for number in range(1, 6):
        drawing.set(f"web-{number}", availability=0.94)
    drawing.set("app-1", availability=0.99)

    (finding,) = found(drawing.design, "AVL007")
    assert finding.problem.subjects == ("web-3",)
    one = without(drawing.design, "web-3")
    two = without(one, "web-4")
    now, less, least = (Analysis(each).figure("browse") for each in (drawing.design, one, two))
    assert less.unavailability < 1.01 * now.unavailability < least.unavailability


@pytest.mark.parametrize("capacities", [(None, None, None), (5000.0, 5000.0, None)])
def test_how_many_an_unknown_size_needs_at_noon_nobody_knows(
    capacities: tuple[float | None, ...],
) -> None:
    drawing = spoken.before_one()
    for number, able in enumerate(capacities, 1):
        drawing.set(f"web-{number}", capacity=able)
    assert subjects(drawing.design, "AVL007") == [("web-3",)]

    drawing.set("browse", requests_per_second=5000.0)
    assert subjects(drawing.design, "AVL007") == []


def test_a_pair_that_stays_is_not_said_to_go() -> None:
    drawing = spoken.before_one(count=2)
    drawing.set("app-1", availability=0.5)

    (finding,) = found(drawing.design, "AVL007")
    assert finding.problem.fixes[0].title == "Give app-1 a second"


def test_a_spare_without_which_a_place_is_too_much_at_noon_stays() -> None:
    drawing = Drawing()
    sites = [drawing.part("site") for _ in range(2)]
    (lb,) = drawing.on(None, "load_balancer")
    webs = [drawing.on(sites[number % 2], "web_server", capacity=100.0)[0] for number in range(4)]
    drawing.link(drawing.users, lb, protocol="https", tls="1.3")
    drawing.link(lb, *webs, protocol="http")
    drawing.set("browse", target_availability=0.99, requests_per_second=150.0)

    assert subjects(drawing.design, "AVL007") == []
    drawing.set("browse", requests_per_second=90.0)
    assert subjects(drawing.design, "AVL007") == [("web-3", "web-4")]


def test_a_promise_that_never_fails_hides_no_spare() -> None:
    drawing = spoken.before_one()
    perfect = drawing.part("service", image="rock:1", availability=1.0)
    drawing.set("checkout", requires=perfect, target_availability=0.9)

    assert Analysis(drawing.design).figure("checkout").unavailability == 0.0
    assert subjects(drawing.design, "AVL007") == [("web-3",)]


def test_of_very_many_spares_some_are_taken_at_once() -> None:
    (finding,) = found(spoken.before_one(count=14).design, "AVL007")

    assert len(finding.problem.subjects) == MOST_TAKEN
