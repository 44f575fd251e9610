"""CAP001, CAP002, CAP004, CAP005, CAP008: pools too busy, too slow, much too large, or cached."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.queueing import Queue
from app.model import edits
from app.rules.capacity import pools
from tests.rules import chosen
from tests.rules.cases import CASES, pool
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects

BOTH = [("web-1", "web-2")]


def test_high_utilisation_is_found_and_one_more_repairs_it() -> None:
    design = pool(170.0, 100.0, 100.0)
    (finding,) = found(design, "CAP001")
    assert subjects(design, "CAP001") == BOTH
    assert finding.problem.witness.flows == ("browse", "checkout")
    assert finding.problem.witness.numbers == {
        "load": 170.0, "capacity": 200.0, "utilisation": 0.85,
    }  # fmt: skip
    wait = Queue(170.0, 100.0, 2).mean_wait * 100
    assert f"a request waits {wait:.1f} times as long as it takes" in finding.problem.message
    after = repaired(design, "CAP001")
    assert [p.queue.servers for p in pools(Analysis(after))] == [3]
    assert subjects(after, "CAP001") == []


@pytest.mark.parametrize(
    ("rate", "busy", "full"),
    [(159.0, [], []), (160.0, BOTH, []), (199.0, BOTH, []), (200.0, [], BOTH)],
)
def test_the_borders_of_busy_and_full(
    rate: float, busy: list[tuple[str, ...]], full: list[tuple[str, ...]]
) -> None:
    design = pool(rate, 100.0, 100.0)
    assert subjects(design, "CAP001") == busy
    assert subjects(design, "CAP002") == full


def test_an_overload_is_repaired_by_as_many_as_it_takes() -> None:
    design = pool(300.0, 100.0, 100.0)
    (finding,) = found(design, "CAP002")
    assert finding.rule.severity == "critical"
    assert "the queue never ends" in finding.problem.message
    assert finding.problem.fixes[0].title == "Add 3 more"
    after = repaired(design, "CAP002")
    assert [p.queue.servers for p in pools(Analysis(after))] == [5]
    assert subjects(after, "CAP001") == subjects(after, "CAP002") == []


def test_a_server_alone_gets_another() -> None:
    design = CASES["one_server"]()
    design = edits.set_fields(design, "web-1", capacity=10.0)
    design = edits.set_fields(design, "browse", requests_per_second=9.0)
    assert subjects(design, "CAP001") == [("web-1",)]
    assert "web-1 gets 9 requests" in found(design, "CAP001")[0].problem.message


def test_nothing_is_said_where_a_figure_is_missing() -> None:
    design = pool(300.0, 100.0, 100.0)
    assert subjects(edits.set_fields(design, "web-1", capacity=None), "CAP002") == []
    for flow in ("browse", "checkout"):
        design = edits.set_fields(design, flow, requests_per_second=None)
    assert list(pools(Analysis(design))) == []


def test_so_many_that_nobody_would_add_them_are_not_offered() -> None:
    (finding,) = found(pool(100_000.0, 100.0, 100.0), "CAP002")
    assert finding.problem.fixes == ()


def test_the_primary_is_alone_with_its_writes_and_gets_no_twin() -> None:
    design = CASES["replicas_that_are_right"]()
    for key, rate in (("db-1", 50.0), ("db-2", 50.0)):
        design = edits.set_fields(design, key, capacity=rate)
    design = edits.set_fields(design, "checkout", requests_per_second=45.0)
    design = edits.set_fields(design, "browse", requests_per_second=4.0)
    (finding,) = found(design, "CAP001")
    assert finding.problem.subjects == ("db-1",)
    assert finding.problem.fixes == ()


def test_a_standby_does_not_count() -> None:
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer", capacity=100.0)[0] for _ in range(2)]
    values = {"mode": "active-passive", "failover": "automatic", "virtual_address": True}
    cluster = drawing.cluster(*lbs, **values)
    drawing.link(drawing.users, cluster)
    drawing.set("browse", requests_per_second=90.0)
    (finding,) = found(drawing.design, "CAP001")
    assert finding.problem.subjects == (lbs[0],)
    assert finding.problem.fixes == ()  # another standby would serve nothing


def test_members_of_an_active_cluster_share_the_load() -> None:
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer", capacity=100.0)[0] for _ in range(2)]
    drawing.link(drawing.users, drawing.cluster(*lbs))
    drawing.set("browse", requests_per_second=170.0)
    assert subjects(drawing.design, "CAP001") == [tuple(lbs)]


def test_answers_that_take_longer_than_promised_are_found() -> None:
    queue = Queue(150.0, 100.0, 2)
    slow = queue.response_within(0.95)
    assert subjects(pool(150.0, 100.0, 100.0), "CAP004") == []  # nothing is promised
    near = pool(150.0, 100.0, 100.0, target_response_seconds=slow * 1.001)
    assert subjects(near, "CAP004") == []
    design = pool(150.0, 100.0, 100.0, target_response_seconds=slow * 0.999)
    assert subjects(design, "CAP004") == [("browse",), ("checkout",)]
    (finding, _) = found(design, "CAP004")
    assert finding.problem.witness.numbers["seconds"] == pytest.approx(slow)
    assert finding.problem.fixes[0].title == "Add one more"


def test_more_servers_make_answers_as_fast_as_promised() -> None:
    design = pool(170.0, 100.0, 100.0, target_response_seconds=0.05)
    design = edits.set_fields(design, "checkout", target_response_seconds=None)
    assert subjects(repaired(design, "CAP004"), "CAP004") == []


def test_more_servers_do_not_make_the_service_itself_faster() -> None:
    (finding, _) = found(pool(150.0, 100.0, 100.0, target_response_seconds=0.02), "CAP004")
    assert finding.problem.fixes == ()
    (finding, _) = found(pool(20.0, 100.0, 100.0, target_response_seconds=0.02), "CAP004")
    assert finding.problem.fixes == ()


def test_an_overload_is_no_missed_target_as_well() -> None:
    assert subjects(pool(300.0, 100.0, 100.0, target_response_seconds=1.0), "CAP004") == []


def test_all_pools_on_the_way_add_up() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", capacity=100.0)
    (app,) = drawing.on(None, "app_server", capacity=100.0)
    (db,) = drawing.on(None, "database", capacity=100.0)
    drawing.link(drawing.users, web)
    drawing.link(web, app)
    drawing.query(app, db)
    one = Queue(50.0, 100.0)
    drawing.set("browse", requests_per_second=50.0, target_response_seconds=one.mean_response * 3.1)
    assert one.response_within(0.95) < one.mean_response * 3.1
    assert subjects(drawing.design, "CAP004") == []
    drawing.set("browse", target_response_seconds=one.mean_response * 2.999)
    assert subjects(drawing.design, "CAP004") == [("browse",)]


def test_what_only_some_requests_meet_is_not_certain_to_be_too_slow() -> None:
    """A fifth of the requests goes to each of five pools of one."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    (fast,) = drawing.on(None, "web_server", capacity=1000.0)
    replicas = [drawing.on(None, "database", capacity=20.0)[0]]
    replicas.append(drawing.on(None, "database", role="replica", capacity=20.0)[0])
    drawing.cluster(*replicas, mode="primary-replica")
    drawing.link(drawing.users, lb)
    drawing.link(lb, fast)
    drawing.query(fast, *replicas)
    alone = Queue(5.0, 20.0)
    drawing.set("browse", requests_per_second=10.0,
                target_response_seconds=alone.response_within(0.95) * 0.9)  # fmt: skip
    assert alone.mean_response + 0.01 < alone.response_within(0.95) * 0.9
    assert subjects(drawing.design, "CAP004") == []


def test_a_pool_that_sleeps_may_lose_one() -> None:
    design = pool(15.0, 100.0, 100.0, 100.0)
    (finding,) = found(design, "CAP008")
    assert finding.problem.subjects == ("web-1", "web-2", "web-3")
    assert "busy for 5% of the busiest time" in finding.problem.message
    assert finding.problem.fixes[0].title == "Remove web-3"
    after = repaired(design, "CAP008")
    assert len(after.components) == len(design.components) - 2  # with its server
    assert subjects(after, "CAP008") == []
    assert subjects(pool(15.0, 100.0, 100.0), "CAP008") == []  # one may fail
    assert subjects(pool(31.0, 100.0, 100.0, 100.0), "CAP008") == []


def test_a_server_with_something_else_on_it_stays() -> None:
    design = pool(15.0, 100.0, 100.0, 100.0)
    host = design.host("web-3")
    design, _ = edits.add(design, "worker", parent=host)
    after = found(design, "CAP008")[0].problem.fixes[0].edit(design)
    assert host in after.components
    loose = edits.nest(design, ["web-3"], None)
    assert "web-3" not in found(loose, "CAP008")[0].problem.fixes[0].edit(loose).components


def test_members_that_are_needed_are_no_luxury() -> None:
    drawing = Drawing()
    webs = [drawing.on(None, "web_server", capacity=1000.0)[0] for _ in range(3)]
    cluster = drawing.cluster(*webs)
    drawing.link(drawing.users, cluster)
    drawing.set("browse", requests_per_second=1.0)
    assert subjects(drawing.design, "CAP008") == [tuple(webs)]
    drawing.set(cluster, needed=2)
    assert subjects(drawing.design, "CAP008") == []


def test_a_cache_that_holds_the_load_is_found() -> None:
    design = chosen.load_bearing_cache()

    (finding,) = found(design, "CAP005")
    assert finding.problem.subjects == ("db-1",)
    assert finding.problem.message == (
        "While cache-1 is empty, db-1 gets 180 requests a second and can serve 100; usually there "
        "are 18."
    )
    assert finding.problem.witness.flows == ("browse",)
    assert subjects(design, "CAP002") == []
    after = repaired(design, "CAP005")
    assert subjects(after, "CAP005") == subjects(after, "CAP001") == []
    assert getattr(after.components["db-1"], "capacity") == 258.0  # noqa: B009  # 180 / 0.7


@pytest.mark.parametrize(
    ("hit_ratio", "load", "flooded", "too_much"),
    [
        (1.0, 180.0, [("db-1",)], []),
        (0.9, 100.0, [("db-1",)], []),
        (0.9, 99.0, [], []),  # it can do without
        (0.9, 1100.0, [], [("db-1",)]),  # too much with the cache as well
        (None, 180.0, [], [("db-1",)]),  # nobody said what the cache takes off
        (0.0, 180.0, [], [("db-1",)]),
    ],
)
def test_what_a_cache_takes_off_decides(
    hit_ratio: float | None,
    load: float,
    flooded: list[tuple[str, ...]],
    too_much: list[tuple[str, ...]],
) -> None:
    design = chosen.cached_reads(hit_ratio, load).design

    assert subjects(design, "CAP005") == flooded
    assert subjects(design, "CAP002") == too_much


def test_without_a_load_a_cache_holds_none() -> None:
    design = edits.set_fields(chosen.load_bearing_cache(), "browse", requests_per_second=None)

    assert subjects(design, "CAP005") == []


def test_writes_pass_every_cache() -> None:
    drawing = chosen.cached_reads(0.9, 50.0)
    drawing.set("checkout", requests_per_second=60.0)

    (finding,) = found(drawing.design, "CAP005")
    assert finding.problem.witness.numbers == {"load": 110.0, "usual": 65.0, "capacity": 100.0}


def test_of_several_caches_and_copies_those_on_the_way_are_named() -> None:
    drawing = chosen.cached_reads()
    (second,) = drawing.on(None, "cache", hit_ratio=0.5)
    drawing.on(None, "cache", hit_ratio=0.5)  # nobody asks it
    drawing.link("app-1", drawing.cluster("cache-1", second), role="cache", protocol="redis")
    (copy,) = drawing.on(None, "database", capacity=50.0, role="replica")
    drawing.link("app-1", copy, role="read", protocol="postgres")

    (finding,) = found(drawing.design, "CAP005")
    assert finding.problem.message == (
        "While cache-1 and cache-2 are empty, db-1 and db-2 get 180 requests a second and can "
        "serve 150; usually there are 90."
    )
    after = repaired(drawing.design, "CAP005")
    assert getattr(after.components["db-2"], "capacity") == 86.0  # noqa: B009


def test_a_cache_in_the_way_hands_on_what_it_does_not_know() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (cache,) = drawing.on(None, "cache", hit_ratio=0.75)
    (db,) = drawing.on(None, "database", capacity=100.0)
    drawing.link(drawing.users, app)
    drawing.link(app, cache, role="cache", dependency="hard")
    drawing.link(cache, db, role="read")
    drawing.set("browse", requests_per_second=200.0)

    assert Analysis(drawing.design).loads[cache] == 200.0
    assert Analysis(drawing.design).loads[db] == 50.0
    assert subjects(drawing.design, "CAP005") == [(db,)]


def _reading(*way: str, role: str = "cache", inner: str = "cache", hit: float = 0.9) -> Drawing:
    """An application with a cache behind some parts, and a database that drowns without it."""
    drawing = chosen.cached_reads()
    drawing.design = edits.remove(drawing.design, {"server-2", "cache-1"})
    (cache,) = drawing.on(None, "cache", hit_ratio=hit)
    before = "app-1"
    for kind in way:
        part = drawing.part(kind)
        drawing.link(before, part, role=role, protocol="redis")
        before, role = part, inner
    drawing.link(before, cache, role=role, protocol="redis")
    return drawing


@pytest.mark.parametrize(
    ("way", "roles"),
    [
        ((), ("read", "")),
        ((), ("request", "")),
        (("firewall",), ("cache", "cache")),
        (("load_balancer",), ("cache", "cache")),
        (("load_balancer",), ("cache", "request")),
        (("firewall", "load_balancer", "load_balancer"), ("cache", "cache")),
    ],
)
def test_a_cache_takes_off_reads_wherever_it_is_asked(
    way: tuple[str, ...], roles: tuple[str, str]
) -> None:
    drawing = _reading(*way, role=roles[0], inner=roles[1])

    assert Analysis(drawing.design).loads["db-1"] == pytest.approx(18.0)
    assert subjects(drawing.design, "CAP005") == [("db-1",)]
    assert subjects(drawing.design, "CAP002") == []


@pytest.mark.parametrize("role", ["write", "publish", "log"])
def test_a_cache_that_is_not_asked_takes_off_nothing(role: str) -> None:
    assert Analysis(_reading(role=role).design).loads["db-1"] == 180.0


def test_a_cluster_of_balancers_with_links_of_its_own_leads_to_the_cache() -> None:
    drawing = _reading()
    lbs = [drawing.on(None, "load_balancer")[0] for _ in range(2)]
    door = drawing.cluster(*lbs)
    (link,) = (key for key in drawing.design.outgoing["app-1"]
               if drawing.design.links[key].target == "cache-1")  # fmt: skip
    drawing.set(link, target=door)
    drawing.link(door, "cache-1", role="cache", protocol="redis")

    assert Analysis(drawing.design).loads["db-1"] == pytest.approx(18.0)


def test_of_several_caches_those_without_a_ratio_say_nothing() -> None:
    drawing = chosen.cached_reads()
    (sessions,) = drawing.on(None, "cache")
    drawing.link("app-1", sessions, role="cache", protocol="redis")
    assert Analysis(drawing.design).loads["db-1"] == pytest.approx(18.0)

    drawing.cluster("cache-1", sessions, mode="primary-replica", failover="automatic")
    drawing.design = edits.remove(drawing.design, set(drawing.design.incoming[sessions]))
    assert Analysis(drawing.design).loads["db-1"] == pytest.approx(18.0)
    drawing.set(sessions, hit_ratio=0.0)
    drawing.link("app-1", sessions, role="cache", protocol="redis")
    assert Analysis(drawing.design).loads["db-1"] == 180.0


def test_a_replica_in_the_way_knows_as_much_as_its_primary() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    caches = [drawing.on(None, "cache", hit_ratio=ratio)[0] for ratio in (0.75, None)]
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, app)
    drawing.link(app, drawing.cluster(*caches), role="read", dependency="hard")
    for cache in caches:
        drawing.link(cache, db, role="read")
    drawing.set("browse", requests_per_second=200.0)

    assert Analysis(drawing.design).loads[db] == 50.0


@pytest.mark.parametrize(
    ("target", "flow", "left"),
    [
        ("database", "browse", 10.0),
        ("database", "checkout", 100.0),  # what is written comes to the database
        ("service", "browse", 100.0),  # who knows what is asked there
    ],
)
def test_a_request_reads_where_it_comes_to_data_and_nothing_is_written(
    target: str, flow: str, left: float
) -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (cache,) = drawing.on(None, "cache", hit_ratio=0.9)
    (far,) = drawing.on(None, target)
    drawing.link(drawing.users, app)
    drawing.link(app, cache, role="cache")
    drawing.link(app, far)
    drawing.set(flow, requests_per_second=100.0)

    assert Analysis(drawing.design).loads[far] == pytest.approx(left)


def test_a_cache_in_front_hands_on_by_requests_too() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    (cache,) = drawing.on(None, "cache", hit_ratio=0.75)
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, lb, role="read")
    drawing.link(lb, cache, role="read", dependency="hard")
    drawing.link(cache, app)
    drawing.set("browse", requests_per_second=200.0)

    assert Analysis(drawing.design).loads[cache] == 200.0
    assert Analysis(drawing.design).loads[app] == 50.0


def test_a_firewall_before_cache_and_database_takes_nothing_off_twice() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (cache,) = drawing.on(None, "cache", hit_ratio=0.9)
    (db,) = drawing.on(None, "database")
    wall = drawing.part("firewall")
    drawing.link(drawing.users, app)
    for role, target in (("cache", cache), ("read", db)):
        drawing.link(app, wall, role=role)
        drawing.link(wall, target, role=role)
    drawing.set("browse", requests_per_second=100.0)

    assert Analysis(drawing.design).loads[db] == pytest.approx(10.0)


@pytest.mark.parametrize("kind", ["firewall", "load_balancer"])
def test_one_link_to_cache_and_database_carries_what_the_cache_does_not_know(kind: str) -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (cache,) = drawing.on(None, "cache", hit_ratio=0.9)
    (db,) = drawing.on(None, "database")
    between = drawing.part(kind)
    drawing.link(drawing.users, app)
    drawing.link(app, between, role="read")
    drawing.link(between, cache, db, role="read")
    drawing.set("browse", requests_per_second=100.0)

    assert Analysis(drawing.design).loads[db] == pytest.approx(10.0)
