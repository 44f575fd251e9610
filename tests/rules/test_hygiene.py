"""Order in the drawing: rings, parts without links or machine, names and waivers of nothing."""

from app.model import edits
from app.model.links import Waiver
from tests.rules import chosen
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def test_parts_that_need_each_other_are_found() -> None:
    design = CASES["circle"]()

    assert subjects(design, "DEP001") == [("service-1", "service-2")]
    assert subjects(repaired(design, "DEP001"), "DEP001") == []
    assert subjects(CASES["one_server"](), "DEP001") == []


def test_a_part_that_is_linked_to_nothing_is_found_unless_something_names_it() -> None:
    assert subjects(CASES["unfinished"](), "DEP002") == [("cache-1",), ("lb-1",)]
    drawing = Drawing()
    vault, other, third = (drawing.part("service") for _ in range(3))
    drawing.set(vault, requires={"read": other})
    drawing.set("browse", requires=third)
    assert subjects(drawing.design, "DEP002") == []


def test_a_part_can_be_removed_when_it_does_nothing() -> None:
    drawing = Drawing()
    drawing.part("cache")

    assert "cache-1" not in repaired(drawing.design, "DEP002").components


def test_a_program_wants_a_machine_where_others_have_one() -> None:
    assert subjects(CASES["half_housed"](), "DEP003") == [("web-2",)]
    assert subjects(CASES["without_servers"](), "DEP003") == []
    after = repaired(CASES["half_housed"](), "DEP003")
    assert after.host("web-2") == "server-2"
    unplaced = edits.put(
        CASES["half_housed"](), "web-2", CASES["half_housed"]().components["web-2"]
    )
    assert subjects(unplaced, "DEP003") == [("web-2",)]


def test_a_program_without_a_place_gets_a_machine_without_one() -> None:
    drawing = Drawing()
    drawing.part("server")
    drawing.design, web = edits.add(drawing.design, "web_server")
    drawing.link(drawing.users, web)

    assert repaired(drawing.design, "DEP003").host(web) == "server-2"


def test_a_requirement_that_names_nobody_is_cleaned() -> None:
    after = repaired(edits.set_fields(CASES["unknown_parts"](), "app-1", requires={}), "MOD006")

    assert after.components["web-1"].requires == {"read": "app-1"}


def test_a_flow_that_names_somebody_who_is_gone_is_cleaned() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server"))
    drawing.set("browse", requires="web-1 or web-9")

    assert subjects(drawing.design, "MOD006") == [("browse",)]
    assert repaired(drawing.design, "MOD006").flows["browse"].requires == "web-1"


def test_reasons_for_what_is_gone_are_found_all_at_once() -> None:
    design = CASES["weak_pair"]()
    for key in ("NO999@web-1", "SPOF001@web-1", "MON001@design"):
        design = edits.waive(design, key, Waiver(reason="a demo"))

    assert subjects(design, "MOD007") == [()]
    after = repaired(design, "MOD007")
    assert sorted(after.waivers) == ["MON001@design", "SPOF001@web-1"]


def test_a_cluster_of_different_kinds_keeps_those_of_which_it_has_most() -> None:
    design = CASES["mixed_cluster"]()

    (finding,) = found(design, "MOD008")
    assert finding.problem.message == "web-1 of cluster-1 cannot stand in for the rest."
    after = repaired(design, "MOD008")
    assert getattr(after.components["cluster-1"], "members", ()) == ("db-1", "db-2")
    assert subjects(CASES["replicas"](), "MOD008") == []


def test_an_extra_that_is_waited_for_without_end_is_found() -> None:
    design = chosen.endless_wait()

    assert len(subjects(design, "DEP005")) == 2
    assert all(subjects(after, "DEP005") != subjects(design, "DEP005")
               for after in proven(design, "DEP005"))  # fmt: skip


def test_an_extra_whose_wait_ends_or_of_which_nobody_has_said_is_left_alone() -> None:
    for gives_up in ("yes", "unknown"):
        assert subjects(chosen.third_party(dependency="soft", gives_up=gives_up), "DEP005") == []
    assert subjects(chosen.third_party(gives_up="no"), "DEP005") == []  # it is no extra
