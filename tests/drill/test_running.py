"""A drill from start to end, with a site on this machine in the place of an engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.drill import DrillError
from app.drill.experiments import How, Wanted
from app.drill.running import Drill, Pace, Row
from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from exporters.deployment import Entrance, Port, Watcher
from exporters.plan import plan
from exporters.recipe import Recipe, recipe_of
from sample_designs import read
from tests.drill.site import Site, serving
from tests.exporters.designs import Drawn, walled

FAST = Pace(outage=0.6, margin=0.3, recovery=1.5, start=1.0, every=0.05)


def raised(part: str, **values: object) -> dict[str, object]:
    """An alarm as Prometheus tells it: RFC 3339, to the nanosecond."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "789Z"
    labels = {"alertname": "PartDown", "part": part}
    return {"labels": labels, "state": "firing", "activeAt": moment} | values


class Runs:
    """A project whose parts make a site fail: the primary its writes, the balancer all of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.failed: list[str] = []
        self.heals = True
        self.refuses = {"db-1": {"POST"}, "lb": {"POST", "GET"}}
        self.forgets = False
        self.ill_for = 1
        self.raises: Callable[[str], list[dict[str, object]]] = lambda part: [raised(part)]
        self.opens = {5432, 8000}
        self.packets: dict[str, int] = {}

    @property
    def ports(self) -> Mapping[str, int]:
        return {"LB_HTTP_PORT": self.site.port, "WATCHER_HTTP_PORT": self.site.port}

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
        if isinstance(self.site.alerts, list):
            self.site.alerts += [alert for part in services for alert in self.raises(part)]

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


def watched(design: Design, *parts: str, within: int = 1) -> Recipe:
    """The recipe of a design in which a monitoring server raises alarms about parts."""
    port = Port(variable="WATCHER_HTTP_PORT", default=9090, target=9090)
    watcher = Watcher(service="web-2", port=port, alert="PartDown", within=within, parts=parts)
    return replace(recipe_of(plan(design)), watchers=(watcher,))


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


def test_who_hears_of_an_experiment_has_what_it_found(seed: Design, project: Runs) -> None:
    has: list[Row] = []
    had: list[int] = []
    carried_out = drill(seed, "db-1", "lb").rows(project, None, lambda _: had.append(len(has)))
    for row in carried_out:
        has += [row]
    assert had == [1, 2]


def test_what_dies_although_it_should_survive_is_a_mismatch(seed: Design, project: Runs) -> None:
    project.refuses["web-1"] = {"POST"}
    found = drill(seed, "web-1")
    carried_out, told = rows(found, project)
    assert told == ["1/1 web-1: browse up, checkout down (predicted up)"]
    ((row, cell, mismatch),) = found.matrix(("", ""), carried_out).mismatches
    assert row.experiment.failed == ("web-1",)
    assert cell
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


def test_the_alarm_of_a_part_that_is_watched_is_seen(seed: Design, project: Runs) -> None:
    found = drill(seed, "db-1", "web-1", recipe=watched(seed, "web-1"))
    carried_out, told = rows(found, project)
    assert [row.alarm.services for row in carried_out] == [(), ("web-1",)]
    assert told[0] == "1/2 db-1: browse up, checkout down"
    assert told[1].startswith("2/2 web-1: browse up, checkout up, alarm 0.")
    assert found.matrix(("", ""), carried_out).mismatches == ()


def test_an_alarm_that_is_not_raised_is_waited_for_and_told(seed: Design, project: Runs) -> None:
    project.raises = lambda part: [
        raised(part, activeAt="2020-01-01T00:00:00Z"),  # held before
        raised(part, state="pending"),
        raised("db-1"),
        raised("web-1", labels={"alertname": "FlowDown", "part": "web-1"}),  # about something else
        {"state": "firing"},
    ]
    found = drill(seed, "web-1", recipe=watched(seed, "web-1", "db-1"))
    carried_out, told = rows(found, project)
    assert told == ["1/1 web-1: browse up, checkout up, alarm none"]
    ((row, cell, mismatch),) = found.matrix(("", ""), carried_out).mismatches
    assert (row.alarm.missing, cell) == (("web-1",), None)
    assert mismatch.text == "No alarm was raised about web-1."
    assert mismatch.fault == "configuration"


def test_an_alarm_of_the_failure_before_has_ended_before_the_next(
    seed: Design, project: Runs
) -> None:
    project.site.alerts = [raised("web-1", state="pending"), raised("lb"), raised("web-2")]
    told: list[str] = []

    def tell(words: str) -> None:
        told.append(words)
        if words.startswith("waiting"):
            project.site.alerts.clear()  # the server has measured the part again

    found = drill(seed, "web-1", recipe=watched(seed, "web-1", "lb"))
    (row,) = found.rows(project, None, tell)
    assert told[0] == "waiting for the end of the alarm about web-1"
    assert told[1].startswith("1/1 web-1: browse up, checkout up, alarm 0.")
    assert row.mismatches == ()


def test_an_alarm_that_never_ends_is_told_and_does_not_stop_the_drill(
    seed: Design, project: Runs
) -> None:
    project.site.alerts = [raised("web-1")]
    project.raises = lambda _: []
    (row,), told = rows(drill(seed, "web-1", recipe=watched(seed, "web-1")), project)
    assert told == [
        "waiting for the end of the alarm about web-1",
        "after 1.5 s it has not ended",
        "1/1 web-1: browse up, checkout up, alarm none",
    ]
    ((_, mismatch),) = row.mismatches
    assert mismatch.text == (
        "No alarm was raised about web-1. The one about web-1 held before, and did not end in time."
    )


def test_a_watcher_that_failed_itself_or_does_not_answer_is_told(
    seed: Design, project: Runs
) -> None:
    (row,), _ = rows(drill(seed, "web-2", recipe=watched(seed, "web-2")), project)
    assert (row.alarm.services, row.alarm.words) == ((), "–")
    project.site.alerts = "no list"
    (row,), _ = rows(drill(seed, "web-1", recipe=watched(seed, "web-1")), project)
    assert row.alarm.missing == ("web-1",)


def test_an_outage_lasts_until_an_alarm_must_have_been_raised(seed: Design, project: Runs) -> None:
    project.raises = lambda _: []
    found, _ = rows(drill(seed, "db-1", recipe=watched(seed, "db-1", within=3)), project)
    assert found[0].alarm.missing == ("db-1",)
    assert found[0].cells[1].figures.interruption >= 3, "of the flow that stops with the part"
