"""Load along the links, and what is simulated of a drawing."""

import math
from array import array

import pytest
from hypothesis import given, settings

from app.analysis.exposure import Exposure
from app.analysis.loads import loads, shares_of, visits
from app.analysis.scenarios import (
    ASSUMED_CAPACITY,
    able_at_once,
    common_queue,
    drawn_scenario,
    mean_interval,
    subjects,
)
from app.analysis.simulation import UNNOTICED, Server
from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.strategies import designs


def _pool(**values: object) -> tuple[Drawing, str, list[str]]:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", **values)
    webs = [drawing.on(None, "web_server", capacity=rate)[0] for rate in (40.0, 60.0)]
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)
    return drawing, lb, webs


def test_load_is_spread_over_alternatives_and_asked_of_every_group() -> None:
    drawing, lb, webs = _pool()
    (db,) = drawing.on(None, "database")
    (cache,) = drawing.on(None, "cache")
    for web in webs:
        drawing.query(web, db)
        drawing.link(web, cache, role="cache", protocol="redis")
    drawing.set("browse", requests_per_second=30.0)
    drawing.set("checkout", requests_per_second=10.0)
    found = loads(Exposure(drawing.design))
    assert found[lb] == found[db] == 40
    assert found[webs[0]] == found[webs[1]] == 20
    assert cache not in found  # what it takes off is not known


def test_weights_share_the_load() -> None:
    drawing, lb, webs = _pool()
    drawing.set(drawing.design.outgoing[lb][1], weight=3)
    assert shares_of(Exposure(drawing.design), lb, "read") == {webs[0]: 0.25, webs[1]: 0.75}
    found = drawn_scenario(drawing.design).scenario
    assert found.servers == (Server(webs[0], 40.0, 1), Server(webs[1], 60.0, 3))


def test_a_standby_gets_nothing_and_the_primary_all_writes() -> None:
    design = CASES["standby_that_is_right"]()
    (cluster,) = (key for key, item in design.components.items() if item.kind == "cluster")
    first, second = design.components[cluster].members  # type: ignore[union-attr]  # a cluster
    found = visits(Exposure(design), "browse")
    assert found[first] == 1
    assert found.get(second, 0) == 0
    replicas = CASES["replicas_that_are_right"]()
    reading, writing = visits(Exposure(replicas), "browse"), visits(Exposure(replicas), "checkout")
    assert reading["db-1"] == reading["db-2"] == 0.5
    assert writing["db-1"] == 1
    assert writing.get("db-2", 0) == 0


def test_a_name_server_is_beside_the_way() -> None:
    design = CASES["names_and_edges"]()
    (dns,) = (key for key, item in design.components.items() if item.kind == "dns")
    assert dns not in visits(Exposure(design), "browse")


def test_a_circle_is_walked_once() -> None:
    design = CASES["circle"]()
    assert all(share <= 2 for share in visits(Exposure(design), "browse").values())


def test_nobody_knows_the_load_where_no_flow_has_one() -> None:
    assert loads(Exposure(CASES["one_server"]())) == {}


@settings(deadline=None)
@given(designs())
def test_any_drawing_is_simulated_or_refused_in_a_sentence(design: Design) -> None:
    loads(Exposure(design))
    told = {}
    for key in design.components:
        try:
            found = drawn_scenario(design, key)
        except DesignError as error:
            told[key] = str(error)
        else:
            assert key in subjects(design)
            assert found.scenario.rate > 0
    assert all(design.components[key].name in text for key, text in told.items())


def test_a_balancer_is_simulated_with_what_is_drawn() -> None:
    drawing, lb, webs = _pool(algorithm="leastconn", health_check="none")
    drawing.set("browse", requests_per_second=50.0)
    found = drawn_scenario(drawing.design, lb)
    scenario = found.scenario
    assert found.subject == lb
    assert found.assumed == ()
    assert [server.name for server in scenario.servers] == webs
    assert (scenario.rate, scenario.algorithm, scenario.mode) == (50, "leastconn", "active-active")
    assert scenario.detection == UNNOTICED
    assert drawn_scenario(drawing.design, lb, 7.0).scenario.rate == 7
    queue = common_queue(scenario)
    assert queue is not None
    assert (queue.servers, queue.service_rate, queue.utilisation) == (2, 50, 0.5)


def test_what_is_not_drawn_is_assumed_and_told() -> None:
    drawing, _, webs = _pool()
    drawing.set(webs[0], capacity=None)
    found = drawn_scenario(drawing.design)
    name = drawing.design.components[webs[0]].name
    assert found.assumed[0] == f"{name} has no capacity: 100 requests a second each"
    assert found.scenario.rate == pytest.approx(0.7 * (ASSUMED_CAPACITY + 60))
    assert "112 requests a second, which keeps the servers 70% busy" in found.assumed[1]


def test_firewalls_and_clusters_lead_on_to_the_servers() -> None:
    drawing = Drawing()
    lb, wall = drawing.part("load_balancer"), drawing.part("firewall")
    members = [drawing.part("app_server", capacity=10.0) for _ in range(2)]
    cluster = drawing.cluster(*members, mode="active-passive", failover="manual")
    drawing.link(lb, wall)
    drawing.link(wall, cluster)
    drawing.link(wall, lb)
    assert [s.name for s in drawn_scenario(drawing.design, lb).scenario.servers] == members
    found = drawn_scenario(drawing.design, cluster)
    assert found.scenario.mode == "active-passive"
    assert not found.scenario.failover
    assert "nobody is there to switch by hand while it runs" in found.assumed
    assert able_at_once(found.scenario) == 10
    queue = common_queue(found.scenario)
    assert queue is not None
    assert queue.servers == 1


def test_a_primary_and_its_replicas_take_the_writes_of_the_flows() -> None:
    design = CASES["replicas_that_are_right"]()
    design = edits.set_fields(design, "browse", requests_per_second=30.0)
    design = edits.set_fields(design, "checkout", requests_per_second=10.0)
    (cluster,) = subjects(design)
    found = drawn_scenario(design, cluster).scenario
    assert found.mode == "primary-replica"
    assert found.rate == 40
    assert found.writes == 0.25
    assert [server.leads for server in found.servers] == [True, True]
    assert found.failover
    assert common_queue(found) is None
    stays = drawn_scenario(CASES["replica_that_stays_one"](), cluster).scenario
    assert [server.leads for server in stays.servers] == [True, False]


def test_what_chooses_from_nothing_is_refused() -> None:
    drawing = Drawing()
    web, lb = drawing.part("web_server", name="Shop"), drawing.part("load_balancer", name="Door")
    empty = drawing.part("cluster", name="None")
    votes = drawing.cluster(drawing.part("queue"), mode="quorum", name="Votes")
    with pytest.raises(DesignError, match="no load balancer with servers behind it"):
        drawn_scenario(drawing.design)
    for key, told in (
        (web, "Shop: this web server has no servers behind it"),
        (lb, "Door: this load balancer has no servers behind it"),
        (empty, "None: it has no members"),
        (votes, "Votes: a quorum cluster cannot be simulated"),
        ("gone", "there is no component 'gone'"),
    ):
        with pytest.raises(DesignError, match=told):
            drawn_scenario(drawing.design, key)


def test_the_interval_of_a_mean_is_that_of_its_batches() -> None:
    assert mean_interval(array("d", [1.0] * 20)) is None
    values = [100.0, *(float(k % 2) for k in range(20))]
    found = mean_interval(array("d", values))
    assert found is not None
    half = 2.093 * math.sqrt(20 * 0.25 / 19 / 20)
    assert found == pytest.approx((0.5, 0.5 - half, 0.5 + half))
