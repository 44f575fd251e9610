"""What a project says of itself to whoever drills it."""

import json
from typing import Any

import pytest

from app.model import edits
from exporters.errors import ExportError
from exporters.plan import plan
from exporters.recipe import RECIPE, parse, recipe_of, text
from tests.exporters.designs import draw, link, web_stack
from tests.exporters.projects import DESIGNS, planned, project


@pytest.mark.parametrize("name", DESIGNS)
def test_what_is_written_is_read_again(name: str) -> None:
    recipe = recipe_of(planned(DESIGNS[name]))
    assert parse(project(DESIGNS[name])[RECIPE]) == recipe
    assert [probe.flow for probe in recipe.probes] == list(DESIGNS[name].flows)


def test_users_come_in_at_each_balancer_and_over_tls() -> None:
    read, write = recipe_of(plan(DESIGNS["two-of-everything"])).probes
    assert [(e.service, e.port.scheme) for e in read.entrances] == [
        ("lb-1", "https"), ("lb-2", "https"),
    ]  # fmt: skip
    assert (read.method, read.path, read.read_back) == ("GET", "/read", "")
    assert (write.method, write.path, write.read_back) == ("POST", "/write", "/written")


def test_users_of_a_pair_come_in_at_what_stands_for_its_address() -> None:
    recipe = recipe_of(plan(DESIGNS["passive-pair"]))
    assert {e.service for probe in recipe.probes for e in probe.entrances} == {"pair"}


def test_a_part_that_does_not_run_is_passed_on_the_way_in() -> None:
    drawn = draw("Behind a firewall", {
        "users": ("client", {}), "fw": ("firewall", {}), "web": ("web_server", {}),
    })  # fmt: skip
    design = link(drawn, ("users", "fw"), ("fw", "web"), protocol="http")
    design = link((design, drawn[1]), ("users", "web"), protocol="http")
    read, write = recipe_of(plan(design)).probes
    assert [e.service for e in read.entrances] == ["web"]
    assert read.path == "/", "there is no application behind it"
    assert write.why == "nothing behind the entrance of its users takes writes"


def test_a_flow_that_reaches_nothing_that_runs_says_so() -> None:
    design, ids = web_stack()
    design = edits.remove(design, [ids["lb"], ids["web-1"], ids["web-2"]])
    for probe in recipe_of(plan(design)).probes:
        assert probe.why == "its users reach no part that runs and answers HTTP"


def test_only_remarks_about_parts_are_carried_along() -> None:
    recipe = recipe_of(plan(DESIGNS["two-of-everything"]))
    assert all(note.components for note in recipe.notes)
    assert any("Patroni promotes a replica by itself" in note.text for note in recipe.notes)


def test_a_firewall_is_tried_at_its_own_door_from_where_somebody_asks() -> None:
    borders = {item.gateway: item for item in recipe_of(plan(DESIGNS["walled"])).borders}
    assert borders.keys() == {"fwd", "wall-1", "wall-2"}
    wall = borders["wall-2"]
    assert (wall.source, wall.target, wall.host) == ("app-1", "db", "wall-2.to-db")
    assert (wall.drawn, wall.drawn_rule) == (5432, "open_to-db_5432")
    assert (wall.undrawn, wall.undrawn_rule) == (22, "closed_to-db")


def test_a_project_from_before_there_were_gateways_is_read() -> None:
    found = json.loads(text(recipe_of(plan(DESIGNS["walled"]))))
    del found["borders"]
    assert parse(json.dumps(found).encode()).borders == ()


BASE: dict[str, Any] = json.loads(text(recipe_of(plan(DESIGNS["secured-and-monitored"])))) | {
    "borders": json.loads(text(recipe_of(plan(DESIGNS["walled"]))))["borders"]
}


def changed(path: str, value: object) -> bytes:
    """Return the recipe with another value at a place, such as `probes.0.path`."""
    found = json.loads(json.dumps(BASE))
    *way, last = path.split(".")
    at: Any = found
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("version", 2, "its version is 2, known is 1"),
        ("parts", [], "parts: an object is missing there"),
        ("parts", {"db": "db"}, "parts.db: a list is missing there"),
        ("parts", {"db": ["--rm"]}, "parts.db[0]: a valid service is missing there"),
        ("parts", {"db": [1]}, "parts.db[0]: a text is missing there"),
        ("probes.0", None, "probes[0]: an object is missing there"),
        ("probes.1.path", "no/slash", "probes[1].path: a valid path is missing there"),
        ("probes.1.path", "/a b\r\nHost: x", "probes[1].path: a valid path"),
        ("probes.1.method", "DELETE", "probes[1].method: one of GET, POST is missing there"),
        ("probes.1.statuses", [200], "statuses: the least and the greatest status"),
        ("probes.1.statuses", [True, 299], "statuses[0]: a number from 100 to 599"),
        ("probes.0.entrances.0.port.target", 70000, "port.target: a number from 1 to 65535"),
        ("probes.0.entrances.0.port.scheme", "file", "port.scheme: one of http, https"),
        ("variables", ["A=B"], "variables[0]: a valid variable is missing there"),
        ("watchers.0.within", 0, "watchers[0].within: a number from 1 to 3600 is missing there"),
        ("watchers.0.alert", "a b", "watchers[0].alert: a valid alarm is missing there"),
        ("watchers.0.port", [], "watchers[0].port: an object is missing there"),
        ("watchers.0.parts", ["--rm"], "watchers[0].parts[0]: a valid service is missing there"),
        ("borders.0.gateway", "--rm", "borders[0].gateway: a valid service is missing there"),
        ("borders.0.undrawn", "22", "borders[0].undrawn: a number from 1 to 65535"),
        ("notes", [{"text": "x", "components": "y"}], "notes[0].components: a list"),
    ],
)
def test_a_recipe_that_somebody_has_bent_is_refused_at_its_place(
    path: str, value: object, told: str
) -> None:
    with pytest.raises(ExportError, match=r"^drill\.json: ") as error:
        parse(changed(path, value))
    assert told in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"3"])
def test_what_is_no_recipe_is_refused(content: bytes) -> None:
    with pytest.raises(ExportError, match=r"^drill\.json: "):
        parse(content)


def test_a_project_of_before_the_alarms_is_read_without_them() -> None:
    old = {key: value for key, value in BASE.items() if key != "watchers"}
    assert parse(json.dumps(old).encode()).watchers == ()


def test_the_recipe_says_which_alarms_are_raised_and_how_soon() -> None:
    (watcher,) = recipe_of(plan(DESIGNS["secured-and-monitored"])).watchers
    assert (watcher.service, watcher.alert, watcher.within) == ("monitoring", "PartDown", 24)
    assert {"lb", "web-1", "web-2", "app-1", "app-2", "db-1", "db-2"} < set(watcher.parts)
    assert watcher.port.variable == "MONITORING_HTTP_PORT"
