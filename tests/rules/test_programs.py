"""Where programs listen, how much they take of their machine, and who may administer them."""

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects
from tests.rules.spoken import crowded_machine


def value(design: Design, key: str, field: str) -> object:
    """Return a field of a part or a link."""
    return getattr(design.components.get(key) or design.links[key], field)


def test_a_program_that_listens_everywhere_for_its_neighbours_is_found() -> None:
    design = crowded_machine().design

    (finding,) = found(design, "NET016")
    assert finding.problem.subjects == ("app-1",)
    assert finding.problem.message == "app-1 answers on every address, and only neighbours ask."
    assert value(repaired(design, "NET016"), "app-1", "listens") == "inside"


@pytest.mark.parametrize("listens", ["unknown", "inside"])
def test_one_that_does_not_or_of_which_nothing_is_said_is_quiet(listens: str) -> None:
    assert subjects(crowded_machine(listens).design, "NET016") == []


def test_what_others_have_to_reach_may_listen_everywhere() -> None:
    drawing = crowded_machine()
    drawing.set("web-1", listens="everywhere")  # users ask it
    other = drawing.part("zone", trust="management")
    (desk,) = drawing.on(other, "service", image="desk:1")
    drawing.link(desk, "app-1", role="admin", protocol="ssh")
    assert subjects(drawing.design, "NET016") == []

    drawing = Drawing()
    wall = drawing.part("firewall")
    webs = [drawing.on(None, "web_server", listens="everywhere")[0] for _ in range(2)]
    cluster = drawing.cluster(*webs)
    drawing.link(wall, cluster)
    assert subjects(drawing.design, "NET016") == []


def test_one_finding_names_all_of_them() -> None:
    drawing = crowded_machine()
    drawing.part("cache", drawing.design.host("app-1"), listens="everywhere")

    (finding,) = found(drawing.design, "NET016")
    assert finding.problem.subjects == ("app-1", "cache-1")
    assert "answer on every address" in finding.problem.message


def test_a_program_without_limits_on_a_shared_machine_is_found() -> None:
    design = crowded_machine().design

    assert subjects(design, "CAP010") == [("app-1",)]
    assert value(repaired(design, "CAP010"), "app-1", "limits") == "set"


def test_those_of_one_machine_are_one_finding() -> None:
    drawing = crowded_machine()
    drawing.set("web-1", limits="none")

    assert subjects(drawing.design, "CAP010") == [("web-1", "app-1")]


@pytest.mark.parametrize("limits", ["unknown", "set"])
def test_limits_that_are_set_or_not_spoken_of_are_fine(limits: str) -> None:
    assert subjects(crowded_machine(limits=limits).design, "CAP010") == []


def test_alone_or_on_no_machine_a_program_starves_nobody() -> None:
    drawing = Drawing()
    (app, files) = drawing.on(None, "app_server", "app_files")
    drawing.set(app, limits="none")
    drawing.link(app, files, protocol="file")
    drawing.part("service", limits="none")

    assert subjects(drawing.design, "CAP010") == []
    drawing.part("monitoring_agent", drawing.design.host(app))
    assert subjects(drawing.design, "CAP010") == [("app-1",)]


def test_a_password_alone_is_found_where_it_opens_the_administration_to_the_internet() -> None:
    design = crowded_machine().design

    assert subjects(design, "SEC010") == [("link-3",)]
    assert value(repaired(design, "SEC010"), "link-3", "auth") == "certificate"


@pytest.mark.parametrize("auth", ["unknown", "token", "certificate"])
def test_a_key_or_silence_is_not(auth: str) -> None:
    design = edits.set_fields(crowded_machine().design, "link-3", auth=auth)

    assert subjects(design, "SEC010") == []


def test_inside_and_for_users_a_password_will_do() -> None:
    design = crowded_machine().design
    users = edits.set_fields(design, "link-3", role="request", protocol="https", tls="1.3")
    assert subjects(users, "SEC010") == []
    inside = edits.set_fields(CASES["management_in_front"](), "link-5", auth="password")
    assert inside.links["link-5"].role == "admin"
    assert subjects(inside, "SEC010") == []
