"""Equal parts that differ, programs that nobody restarts, code that nobody brings, port checks."""

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def test_parts_that_do_the_same_work_with_other_releases_are_found() -> None:
    design = CASES["careless_operation"]()

    assert subjects(design, "OPS002") == [("files-1", "files-2"), ("web-1", "web-2")]
    assert all(len(found(after, "OPS002")) == 1 for after in proven(design, "OPS002"))


def test_members_of_a_cluster_are_compared_as_well() -> None:
    design = CASES["replicas_that_are_right"]()
    assert subjects(design, "OPS002") == []
    half = edits.set_fields(design, "db-1", version="16")
    assert subjects(half, "OPS002") == []  # the other one does not say
    both = edits.set_fields(half, "db-2", version="17")
    assert subjects(both, "OPS002") == [("db-1", "db-2")]
    assert getattr(repaired(both, "OPS002").components["db-2"], "version") == "16"  # noqa: B009


def test_parts_that_are_all_needed_or_of_different_kinds_may_differ() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    needed = [key for image in ("a:1", "b:1") for key in drawing.on(None, "service", image=image)]
    drawing.link(drawing.users, web)
    for number, part in enumerate(needed):
        drawing.link(web, part, choice=f"each {number}")

    for design in (drawing.design, CASES["mixed_cluster"](), CASES["single_parts"]()):
        assert subjects(design, "OPS002") == []


def restarting(value: str) -> Design:
    """A web server that is or is not started again, beside a worker that no user needs."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", restart=value)
    drawing.on(None, "worker", restart="never")
    drawing.link(drawing.users, web)
    return drawing.design


def test_a_program_that_nothing_restarts_is_found_where_users_need_it() -> None:
    assert subjects(restarting("never"), "OPS003") == [("web-1",)]
    after = repaired(restarting("never"), "OPS003")
    assert getattr(after.components["web-1"], "restart") == "automatic"  # noqa: B009


@pytest.mark.parametrize("value", ["automatic", "unknown"])
def test_what_is_restarted_or_not_spoken_of_is_fine(value: str) -> None:
    assert subjects(restarting(value), "OPS003") == []


def test_files_that_no_deployment_reaches_are_found_beside_others() -> None:
    design = CASES["careless_operation"]()

    assert subjects(design, "OPS004") == [("files-2",)]
    after = repaired(design, "OPS004")
    (link,) = (after.links[key] for key in after.links.keys() - design.links.keys())
    assert (link.role, link.source, link.target) == ("deploy", "service-1", "files-2")


def test_a_deployment_to_the_machine_or_to_the_files_will_do_and_none_says_nothing() -> None:
    design = CASES["careless_operation"]()
    host = str(design.host("files-2"))
    for target in ("files-2", "app-2", host):
        reached, _ = edits.connect(design, "service-1", target, role="deploy", protocol="ssh")
        assert subjects(reached, "OPS004") == []
    assert subjects(CASES["one_server"](), "OPS004") == []


@pytest.mark.parametrize(
    ("layer", "check", "fires"),
    [
        ("http", "tcp", True),
        ("http", "http", False),
        ("tcp", "tcp", False),
        ("http", "none", False),
    ],
)
def test_a_balancer_that_reads_requests_should_check_by_one(
    layer: str, check: str, *, fires: bool
) -> None:
    design = edits.set_fields(CASES["single_parts"](), "lb-1", layer=layer, health_check=check)

    assert subjects(design, "OPS007") == ([("lb-1",)] if fires else [])
    if fires:
        assert getattr(repaired(design, "OPS007").components["lb-1"], "health_check") == "http"  # noqa: B009
