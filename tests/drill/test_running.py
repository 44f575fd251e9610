"""A drill from start to end, with a site on this machine in the place of an engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from app.drill import DrillError
from app.drill.experiments import How, Wanted
from app.drill.running import Drill, Pace, Row
from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from exporters.deployment import Entrance, Port
from exporters.plan import plan
from exporters.recipe import Recipe, recipe_of
from sample_designs import read
from tests.drill.site import Site, serving
from tests.exporters.designs import Drawn, walled

FAST = Pace(outage=0.6, margin=0.3, recovery=1.5, start=1.0, every=0.05)


class Runs:
    """A project whose parts make a site fail: the primary its writes, the balancer all of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.failed: list[str] = []
        self.heals = True
        self.refuses = {"db-1": {"POST"}, "lb": {"POST", "GET"}}
        self.forgets = False
        self.ill_for = 1
        self.opens = {5432, 8000}
        self.packets: dict[str, int] = {}

    @property
    def ports(self) -> Mapping[str, int]:
        return {"LB_HTTP_PORT": self.site.port}

    def connects(self, source: str, gateway: str, host: str, port: int) -> bool:
        self.packets[gateway] = self.packets.get(gateway, 0) + 1
        return port in self.opens

    def counted(self, gateway: str) -> Mapping[str, int]:
        rules = ("open_to-db_5432", "closed_to-db", "open_to-app-1_8000", "closed_to-app-1")
        return dict.fromkeys(rules, self.packets.get(gateway, 0))

    def fail(self, services: Sequence[str], how: How) -> None:
        self.failed += services
        for service in services:
            self.site.refuses |= self.refuses.get(service, set())

    def bring_back(self, services: Sequence[str], how: How) -> None:
        if self.heals:
            self.site.refuses.clear()
        if self.forgets:
            self.site.notes.clear()
        self.ill_for = 1

    def unhealthy(self) -> tuple[str, ...]:
        self.ill_for -= 1
        return ("db-1",) if self.ill_for >= 0 else ()


@pytest.fixture
def seed() -> Design:
    return load(read("distributed-web-infrastructure"))


@pytest.fixture
def project() -> Iterator[Runs]:
    with serving() as site:
        yield Runs(site)


def drill(design: Design, *only: str, recipe: Recipe | None = None) -> Drill:
    return Drill(
        design,
        recipe or recipe_of(plan(design)),
        wanted=Wanted(only=frozenset(only)),
        pace=FAST,
    )


def rows(found: Drill, project: Runs) -> tuple[list[Row], list[str]]:
    told: list[str] = []
    return list(found.rows(project, None, told.append)), told


def test_what_behaves_as_predicted_is_no_mismatch(seed: Design, project: Runs) -> None:
    found = drill(seed, "db-1", "web-1", "lb")
    carried_out, told = rows(found, project)
    assert project.failed == ["db-1", "lb", "web-1"]
    assert told == [
        "1/3 db-1: browse up, checkout down",
        "2/3 lb: browse down, checkout down",
        "3/3 web-1: browse up, checkout up",
    ]
    matrix = found.matrix(("20.10", "2.26"), carried_out)
    assert matrix.mismatches == ()
    assert matrix.planned == 3
    assert [cell.lost for row in matrix.rows for cell in row.cells] == [0] * 6
    assert all(row.healthy_after >= 0 for row in carried_out)


def test_what_dies_although_it_should_survive_is_a_mismatch(seed: Design, project: Runs) -> None:
    project.refuses["web-1"] = {"POST"}
    found = drill(seed, "web-1")
    carried_out, told = rows(found, project)
    assert told == ["1/1 web-1: browse up, checkout down (predicted up)"]
    ((row, cell, mismatch),) = found.matrix(("", ""), carried_out).mismatches
    assert row.experiment.failed == ("web-1",)
    assert cell.flow == "checkout"
    assert mismatch.text.endswith("Instead of an answer: 503 db-1: no server takes writes.")


def test_lost_writes_are_counted_once(seed: Design, project: Runs) -> None:
    project.forgets = True
    found, _ = rows(drill(seed, "web-1"), project)
    lost = {cell.flow: cell.lost for cell in found[0].cells}
    assert lost["browse"] == 0
    assert lost["checkout"]
    project.forgets = False
    again, _ = rows(drill(seed, "web-1", "web-2"), project)
    assert [cell.lost for row in again for cell in row.cells] == [0, 0, 0, 0]


def test_where_nothing_can_be_read_back_the_number_is_unknown(seed: Design, project: Runs) -> None:
    project.site.list_of_notes = 3
    found, _ = rows(drill(seed, "web-1"), project)
    assert {cell.flow: cell.lost for cell in found[0].cells} == {"browse": 0, "checkout": None}


def test_a_flow_that_does_not_work_at_the_start_ends_the_drill(seed: Design, project: Runs) -> None:
    project.site.refuses.add("POST")
    with pytest.raises(DrillError) as error:
        rows(drill(seed, "web-1"), project)
    assert str(error.value) == (
        "checkout does not work before anything has failed: 503 db-1: no server takes writes"
    )


def test_a_project_that_does_not_recover_ends_the_drill(seed: Design, project: Runs) -> None:
    project.heals = False
    with pytest.raises(DrillError) as error:
        rows(drill(seed, "db-1"), project)
    assert str(error.value) == ("db-1: brought back, and yet after 1.5 seconds not well: checkout")


def test_an_outage_lasts_as_long_as_an_interruption_is_allowed(seed: Design, project: Runs) -> None:
    project.refuses["web-1"] = {"POST"}
    slow = drill(edits.set_fields(seed, "mariadb", failover="none"), "web-1")
    slow.pace = FAST._replace(outage=0.1, margin=-1.5)
    found, _ = rows(slow, project)
    cell = found[0].cells[1]
    assert cell.figures.interruption >= 0.4, "2 s are allowed, less the margin of this test"


@pytest.fixture
def walls() -> Drawn:
    return walled()


def behind_walls(drawn: Drawn, project: Runs, *only: str, pairs: bool = False) -> Drill:
    """A drill of the design with firewalls, at the entrance of the site."""
    recipe = recipe_of(plan(drawn[0]))
    entrance = Entrance(service="lb", port=Port(variable="LB_HTTP_PORT", default=1, target=1))
    probes = tuple(replace(probe, entrances=(entrance,)) for probe in recipe.probes)
    return Drill(
        drawn[0],
        replace(recipe, probes=probes),
        wanted=Wanted(
            singles=not pairs,
            pairs=pairs,
            chosen=((drawn[1]["app-1"], drawn[1]["app-2"]),),
            only=frozenset(drawn[1][name] for name in only),
        ),
        pace=FAST,
    )


def test_each_firewall_is_tried_before_anything_fails(walls: Drawn, project: Runs) -> None:
    found = behind_walls(walls, project, "fwd", "wall-2", "web")
    told: list[str] = []
    carried_out = [next(iter(found.rows(project, None, told.append)))]
    assert told[:4] == [
        "fwd: web to app-1 at 8000: open",
        "fwd: web to app-1 at 22: closed",
        "wall-2: app-1 to db at 5432: open",
        "wall-2: app-1 to db at 22: closed",
    ]
    matrix = found.matrix(("", ""), carried_out)
    assert len(matrix.attempts) == 4
    assert matrix.differing == len(matrix.mismatches)


def test_a_firewall_that_lets_through_what_is_not_drawn_counts_as_differing(
    walls: Drawn, project: Runs
) -> None:
    project.opens = {5432, 8000, 22}
    found = behind_walls(walls, project, "wall-1")
    list(found.rows(project, None, lambda _: None))
    assert found.matrix(("", ""), ()).differing == 1


def test_firewalls_are_not_tried_where_pairs_or_others_are_asked_for(
    walls: Drawn, project: Runs
) -> None:
    assert behind_walls(walls, project, pairs=True).borders == ()
    assert behind_walls(walls, project, "web").borders == ()


def test_flows_that_nobody_can_watch_are_told(seed: Design) -> None:
    recipe = recipe_of(plan(seed))
    hidden = tuple(
        replace(probe, entrances=(), why="nothing writes") if probe.flow == "checkout" else probe
        for probe in recipe.probes
    )
    found = drill(seed, recipe=replace(recipe, probes=hidden))
    assert found.left_out[1:] == ("checkout is not watched: nothing writes.",)
    unknown = drill(seed, recipe=replace(recipe, probes=hidden[:1]))
    assert unknown.left_out[1:] == ("checkout is not watched: is not known here.",)
    with pytest.raises(DrillError, match="no flow of this design can be watched"):
        drill(seed, recipe=replace(recipe, probes=hidden[1:]))


def test_a_flow_that_cannot_work_as_drawn_is_not_watched(seed: Design) -> None:
    dead = edits.set_fields(seed, "checkout", requires="nobody")
    found = drill(dead)
    assert [probe.flow for probe in found.probes] == ["browse"]
    assert "checkout is not watched: cannot work as drawn." in found.left_out
