"""Monitoring: each rule fires, stays quiet, is not fooled, and its fixes hold."""

from itertools import combinations
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.model.links import Place
from app.rules import watching
from app.rules.check import check
from app.rules.free_place import meet
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects

REPORT: dict[str, Any] = {"role": "monitor", "protocol": "https", "tls": "1.3"}


def watched(hosts: int = 2, **values: Any) -> Drawing:
    """Web servers with an agent each, and monitoring on a machine of its own."""
    drawing = Drawing()
    (collector,) = drawing.on(None, "monitoring_server", **({"probes": True} | values))
    alerting = drawing.part("alerting")
    drawing.link(collector, alerting, role="alert", protocol="https")
    for _ in range(hosts):
        web, agent = drawing.on(None, "web_server", "monitoring_agent")
        drawing.set(web, metrics=True)
        drawing.link(drawing.users, web, protocol="https")
        drawing.link(agent, collector, **REPORT)
    return drawing


def _monitoring(design: Design) -> list[str]:
    return [item.key for item in check(design) if item.rule.category == "monitoring"]


def test_a_design_that_is_watched_well_is_left_in_peace() -> None:
    assert _monitoring(watched().design) == []


def test_a_program_on_a_watched_machine_that_tells_nothing_of_itself_is_found() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON003") == [("db-2",)]
    after = repaired(design, "MON003")
    assert getattr(after.components["db-2"], "own_metrics") == "reported"  # noqa: B009


def test_programs_are_told_once_and_an_agent_watches_their_machine() -> None:
    drawing = watched(1)
    for kind in ("app_server", "cache"):
        drawing.part(kind, "server-2", own_metrics="none")

    (finding,) = found(drawing.design, "MON003")
    assert finding.problem.subjects == ("app-1", "cache-1")


def test_programs_that_a_monitoring_server_asks_itself_are_left() -> None:
    drawing = watched(1)
    apps = [drawing.on(None, "app_server", own_metrics="none")[0] for _ in range(3)]
    drawing.link("monitoring-1", apps[0], role="monitor", protocol="https")
    drawing.link(drawing.cluster(apps[1]), "monitoring-1", role="monitor", protocol="https")
    drawing.link("monitoring-1", "server-5", role="monitor", protocol="https")

    assert subjects(drawing.design, "MON003") == [(apps[2],)]


def test_an_agent_that_reports_nowhere_is_told_of_and_its_machine_is_not() -> None:
    drawing = watched(1)
    drawing.on(None, "app_server", "monitoring_agent")

    assert subjects(drawing.design, "MON004") == [("agent-2",)]
    assert subjects(drawing.design, "MON002") == []


def test_programs_of_which_nobody_speaks_or_on_machines_that_nobody_watches_are_left() -> None:
    drawing = watched(1)
    drawing.part("app_server", "server-2")
    drawing.part("service", own_metrics="none")
    drawing.on(None, "database", own_metrics="none")

    assert subjects(drawing.design, "MON003") == []
    assert subjects(drawing.design, "MON002") == [("server-3",)]


def test_nothing_that_watches_is_one_finding_of_the_whole_design() -> None:
    design = load(read("distributed-web-infrastructure"))

    assert subjects(design, "MON001") == [()]
    after = repaired(design, "MON001")
    kinds = [item.kind for item in after.components.values()]
    assert kinds.count("monitoring_agent") == 3
    assert kinds.count("monitoring_server") == kinds.count("alerting") == 1
    assert {key for key in _monitoring(after) if not key.startswith("MON012")} == set()


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_new_agents_and_servers_cover_nothing(name: str) -> None:
    design = watching.watch_everything(load(read(name)))

    cards = [key for key, item in design.components.items() if not edits.is_container(item)]
    frames = [bounds(design, key) for key in cards]
    assert not any(meet(one, other) for one, other in combinations(frames, 2))
    servers = [bounds(design, key) for key, item in design.components.items()
               if item.kind == "server"]  # fmt: skip
    assert not any(meet(one, other) for one, other in combinations(servers, 2))


def test_an_agent_takes_a_free_corner_of_its_machine() -> None:
    before = load(read("distributed-web-infrastructure"))

    design = watching.watch(before, "server-1")

    assert bounds(design, "server-1") == bounds(before, "server-1")


def test_a_machine_that_grows_moves_down_what_is_below_it() -> None:
    design = Design()
    for number in range(2):
        design, host = edits.add(design, "server")
        place = Place(x=0.0, y=120.0 * number)
        design, _ = edits.add(design, "web_server", place, parent=host)

    after = watching.watch(design, "server-1")

    assert bounds(after, "server-1")[3] > bounds(design, "server-1")[3]
    assert not meet(bounds(after, "server-1"), bounds(after, "server-2"))


def test_an_agent_on_a_machine_without_places_is_put_into_its_corner() -> None:
    drawing = watched()
    empty = drawing.part("server")

    design = repaired(drawing.design, "MON002")

    (agent,) = design.children[empty]
    assert design.layout[agent].x > design.layout[empty].x


def test_people_alone_need_no_monitoring() -> None:
    assert subjects(Drawing().design, "MON001") == []


def test_one_agent_is_monitoring_of_a_kind() -> None:
    drawing = Drawing()
    drawing.on(None, "web_server", "monitoring_agent")

    assert subjects(drawing.design, "MON001") == []
    assert subjects(drawing.design, "MON004") == [("agent-1",)]


def test_a_machine_that_nothing_measures_gets_an_agent() -> None:
    drawing = watched()
    drawing.on(None, "web_server")

    design = repaired(drawing.design, "MON002")

    assert subjects(drawing.design, "MON002") == [("server-4",)]
    assert "monitoring_agent" in {
        design.components[key].kind for key in design.children["server-4"]
    }


def test_a_machine_that_the_monitoring_server_asks_is_measured() -> None:
    drawing = watched()
    (web,) = drawing.on(None, "web_server")
    host = drawing.part("server")
    drawing.link("monitoring-1", web, host, **REPORT)

    assert subjects(drawing.design, "MON002") == []


def test_an_agent_that_reports_nowhere_is_connected() -> None:
    drawing = watched()
    drawing.on(None, "web_server", "monitoring_agent")

    design = repaired(drawing.design, "MON004")

    assert subjects(drawing.design, "MON004") == [("agent-3",)]
    assert [design.links[key].target for key in design.outgoing["agent-3"]] == ["monitoring-1"]


def test_an_agent_alone_gets_a_server_to_report_to() -> None:
    drawing = Drawing()
    drawing.on(None, "web_server", "monitoring_agent")

    after = watching.report(drawing.design, "agent-1")

    assert len(watching.collectors(after)) == 1
    assert subjects(after, "MON004") == []


def test_an_agent_that_is_asked_reports() -> None:
    drawing = watched(0)
    drawing.on(None, "web_server", "monitoring_agent")
    drawing.link("monitoring-1", "agent-1", **REPORT)

    assert subjects(drawing.design, "MON004") == []


def test_an_agent_that_reports_to_another_agent_reports_nowhere() -> None:
    drawing = watched()
    drawing.on(None, "web_server", "monitoring_agent")
    drawing.link("agent-3", "agent-1", **REPORT)
    drawing.link("agent-3", "monitoring-1", role="log", protocol="syslog-tls")

    assert subjects(drawing.design, "MON004") == [("agent-3",)]


def test_an_agent_may_report_to_a_cluster_of_monitoring_servers() -> None:
    drawing = watched()
    drawing.on(None, "web_server", "monitoring_agent")
    drawing.link("agent-3", drawing.cluster("monitoring-1"), **REPORT)

    assert subjects(drawing.design, "MON004") == []


def test_monitoring_without_alerting_uses_the_alerting_that_is_there() -> None:
    drawing = watched()
    drawing.on(None, "monitoring_server", probes=True)

    design = repaired(drawing.design, "MON005")

    assert subjects(drawing.design, "MON005") == [("monitoring-2",)]
    assert [design.links[key].target for key in design.outgoing["monitoring-2"]] == ["alerting-1"]


def beside_what_it_watches(site: str | None = None) -> Drawing:
    """A monitoring server on the machine of the web server that reports to it."""
    drawing = Drawing()
    parent = drawing.part("site") if site else None
    web, collector = drawing.on(parent, "web_server", "monitoring_server")
    drawing.set(collector, probes=True)
    agent = drawing.part("monitoring_agent", drawing.design.host(web))
    drawing.link(drawing.users, web, protocol="https")
    drawing.link(agent, collector, **REPORT)
    drawing.link(collector, drawing.part("alerting"), role="alert", protocol="https")
    return drawing


def test_monitoring_moves_away_from_what_it_watches() -> None:
    drawing = beside_what_it_watches()

    design = repaired(drawing.design, "MON006")

    (finding,) = found(drawing.design, "MON006")
    assert finding.problem.witness.cut == ("server-1",)
    assert design.host("monitoring-1") != design.host("web-1")


def test_a_machine_that_loses_its_monitoring_server_gets_an_agent() -> None:
    drawing = beside_what_it_watches()
    drawing.design = edits.remove(drawing.design, ("agent-1",))
    drawing.link("monitoring-1", "web-1", **REPORT)

    design = repaired(drawing.design, "MON006")

    assert {design.host(agent) for agent in watching.agents(design)} == {"server-1"}


def test_monitoring_moves_out_of_the_site_it_shares() -> None:
    drawing = beside_what_it_watches(site="site")
    server = drawing.part("server", "site-1")
    drawing.design = edits.nest(drawing.design, ("monitoring-1",), server)

    design = repaired(drawing.design, "MON006")

    assert subjects(drawing.design, "MON006") == [("monitoring-1",)]
    assert design.site("monitoring-1") is None
    assert design.host("monitoring-1") == server


def test_a_second_monitoring_server_elsewhere_is_enough() -> None:
    drawing = beside_what_it_watches()
    drawing.on(None, "monitoring_server", probes=True)

    assert subjects(drawing.design, "MON006") == []


def test_monitoring_beside_something_that_it_does_not_watch_is_fine() -> None:
    drawing = watched()
    drawing.link(drawing.users, drawing.part("web_server", "server-1"), protocol="https")

    assert subjects(drawing.design, "MON006") == []
    hosted = beside_what_it_watches()
    hosted.design = edits.nest(hosted.design, ("monitoring-1",), None)
    assert subjects(hosted.design, "MON006") == []


def test_monitoring_that_never_tries_the_site_learns_to() -> None:
    drawing = watched(probes=False)
    (finding,) = found(drawing.design, "MON007")

    assert finding.problem.message == "monitoring-1 never tries browse and checkout from outside."
    assert subjects(repaired(drawing.design, "MON007"), "MON007") == []


def test_without_users_there_is_nothing_to_try() -> None:
    drawing = watched(probes=False)

    assert subjects(edits.remove(drawing.design, ("browse", "checkout")), "MON007") == []


@pytest.mark.parametrize(("layer", "check_by"), [("http", "http"), ("tcp", "tcp")])
def test_a_balancer_without_health_checks_gets_those_it_can_make(layer: str, check_by: str) -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", layer=layer, health_check="none")

    balancer = repaired(drawing.design, "MON009").components[lb]

    assert getattr(balancer, "health_check", "") == check_by
    assert subjects(repaired(drawing.design, "MON009"), "MON009") == []


def test_requests_are_counted_once_something_watches() -> None:
    drawing = watched()
    (lb,) = drawing.on(None, "load_balancer")
    web, _ = drawing.on(None, "web_server", "monitoring_agent")

    assert subjects(drawing.design, "MON012") == [(lb, web)]
    assert proven(drawing.design, "MON012")
    bare = Drawing()
    bare.on(None, "load_balancer")
    assert subjects(bare.design, "MON012") == []
