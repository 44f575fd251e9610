"""Versions that are none, and versions that nobody repairs any more."""

from datetime import date

import pytest

from app.model import edits
from app.model.compute import OwnProgram
from app.model.design import Design
from app.rules.lifetimes import last_day
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def runs(image: str, kind: str = "web_server") -> Design:
    """One part that runs an image."""
    drawing = Drawing()
    drawing.link(drawing.users, *drawing.on(None, kind, image=image))
    return drawing.design


@pytest.mark.parametrize(
    "image", ["nginx", "nginx:latest", "nginx:stable", "nginx:alpine", "registry:5000/team/shop"]
)
def test_an_image_without_a_number_is_found(image: str) -> None:
    assert subjects(runs(image), "SEC006") == [("web-1",)]


@pytest.mark.parametrize(
    "image", ["", "nginx:1.30", "python:3.13-slim", "prom/prometheus:v3.5.3", "nginx@sha256:abcd",
              "registry:5000/team/shop:7"]
)  # fmt: skip
def test_a_number_a_digest_or_no_image_is_fine(image: str) -> None:
    assert subjects(runs(image), "SEC006") == []


@pytest.mark.parametrize("kind", ["app_server", "worker"])
def test_a_program_from_a_folder_of_the_users_own_has_no_image(kind: str) -> None:
    design = runs("python", kind)
    (part,) = design.of(OwnProgram)
    assert subjects(design, "SEC006") == [(part,)]
    own = edits.set_fields(design, part, program="folder", source="shop")
    assert subjects(own, "SEC006") == []


def test_parts_that_run_one_image_are_one_finding_and_get_the_release_of_new_parts() -> None:
    drawing = Drawing()
    webs = [
        key
        for image in ("nginx", "docker.io/library/nginx")
        for key in drawing.on(None, "web_server", image=image)
    ]
    drawing.link(drawing.users, *webs)

    (finding,) = found(drawing.design, "SEC006")
    assert finding.problem.message == "web-1 and web-2 run nginx, whichever version that is."
    after = repaired(drawing.design, "SEC006")
    assert {getattr(after.components[key], "image") for key in webs} == {"nginx:1.30"}  # noqa: B009


def test_a_program_that_is_not_known_here_is_found_without_a_fix() -> None:
    (finding,) = found(runs("team/shop:latest", "service"), "SEC006")

    assert finding.problem.fixes == ()


def test_a_database_says_its_version_itself() -> None:
    design = edits.set_fields(CASES["one_server"](), "db-1", version="latest")

    assert subjects(design, "SEC006") == [("db-1",)]
    assert getattr(repaired(design, "SEC006").components["db-1"], "version") == ""  # noqa: B009
    assert subjects(CASES["one_server"](), "SEC006") == []


@pytest.mark.parametrize("image", ["nginx:1.18", "nginx:1.24.0-alpine", "docker.io/nginx:v1.20"])
def test_a_release_without_repairs_is_found_and_replaced(image: str) -> None:
    assert subjects(runs(image), "SEC007") == [("web-1",)]
    assert subjects(repaired(runs(image), "SEC007"), "SEC007") == []


def test_a_monitoring_server_has_a_program_too() -> None:
    drawing = Drawing()
    drawing.on(None, "monitoring_server", image="prom/prometheus:v2.45.6")

    assert subjects(drawing.design, "SEC007") == [("monitoring-1",)]


@pytest.mark.parametrize("image", ["nginx:1.30", "nginx:latest", "nginx:1", "team/nginx:1.18", ""])
def test_a_release_that_is_looked_after_or_not_known_is_fine(image: str) -> None:
    assert subjects(runs(image), "SEC007") == []


def test_it_says_since_when() -> None:
    design = edits.set_fields(CASES["one_server"](), "db-1", engine="mysql", version="5.7")

    (finding,) = found(design, "SEC007")
    assert finding.problem.message == (
        "db-1 runs mysql:5.7, which has had no repairs since 31 October 2023."
    )


@pytest.mark.parametrize(
    ("product", "version", "day"),
    [("postgres", "12.3", date(2024, 11, 14)), ("postgres", "9.6.1", date(2021, 11, 11)),
     ("python", "3.9-slim", date(2025, 10, 31)), ("python", "3.13.1", date(2029, 10, 31)),
     ("python", "3", None), ("python", "slim", None), ("php", "5.6", None),
     ("mariadb", "10.10.2", date(2023, 11, 17)), ("mariadb", "11.4", date(2029, 5, 29)),
     ("postgres", "18.1", date(2030, 11, 14)), ("redis", "7.0-alpine", date(2024, 7, 29)),
     ("redis", "7.2", None), ("prom/prometheus", "v2.53.5", date(2025, 7, 31)),
     ("prom/prometheus", "v3.10.0", date(2026, 4, 8))],
)  # fmt: skip
def test_the_last_day_is_that_of_the_release(product: str, version: str, day: date | None) -> None:
    assert last_day(product, version) == day
