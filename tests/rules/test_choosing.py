"""Who gets the next request: dead servers, unequal ones, state, balancers that differ."""

import pytest

from app.model import edits
from tests.rules import chosen
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_dead_servers_that_nobody_notices_are_found_once_for_all_balancers() -> None:
    (finding,) = found(chosen.unchecked(), "AVL003")

    assert finding.problem.subjects == ("lb-1", "lb-2")
    assert "one request in 2 would go on failing" in finding.problem.message
    after = repaired(chosen.unchecked(), "AVL003")
    assert subjects(after, "AVL003") == []
    assert getattr(after.components["lb-1"], "health_check", "") == "http"


@pytest.mark.parametrize("check", ["http", "tcp"])
def test_balancers_that_ask_are_left_alone(check: str) -> None:
    assert subjects(chosen.pools(None, None, health_check=check).design, "AVL003") == []


def test_a_balancer_without_a_choice_needs_no_detector() -> None:
    assert subjects(chosen.pools(None, health_check="none").design, "AVL003") == []


def test_servers_behind_firewalls_are_chosen_from_as_well() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", health_check="none", layer="tcp")
    walls = [drawing.part("firewall") for _ in range(2)]
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    drawing.link(drawing.users, lb)
    drawing.link(lb, *walls)
    for wall, web in zip(walls, webs, strict=True):
        drawing.link(wall, web)

    (finding,) = found(drawing.design, "AVL003")
    assert "web-1 or web-2" in finding.problem.message
    after = repaired(drawing.design, "AVL003")
    assert getattr(after.components[lb], "health_check", "") == "tcp"


def test_equal_turns_between_unequal_servers_are_found() -> None:
    (finding,) = found(chosen.unequal(), "LB003")

    assert finding.problem.subjects == ("lb-1", "lb-2")
    assert finding.problem.witness.numbers == {"smallest": 100, "largest": 300}
    after = repaired(chosen.unequal(), "LB003")
    assert subjects(after, "LB003") == subjects(after, "LB007") == []


@pytest.mark.parametrize("capacities", [(100.0, 120.0), (100.0, None), (100.0,)])
def test_turns_are_fair_enough_or_nobody_knows(capacities: tuple[float | None, ...]) -> None:
    assert subjects(chosen.pools(*capacities).design, "LB003") == []


def test_an_algorithm_that_looks_at_the_servers_is_left_alone() -> None:
    assert subjects(chosen.pools(100.0, 300.0, algorithm="leastconn").design, "LB003") == []


def test_users_tied_to_their_state_are_found_and_not_said_twice() -> None:
    design = chosen.sticky()

    (finding,) = found(design, "LB004")
    assert finding.problem.subjects == ("lb-1", "lb-2")
    assert subjects(design, "OPS001") == []
    after = repaired(design, "LB004")
    assert subjects(after, "LB004") == subjects(after, "OPS001") == []
    assert after.incoming["cache-1"]


def test_state_that_no_balancer_ties_users_to_is_another_matter() -> None:
    assert subjects(CASES["busy"](), "LB004") == []
    assert subjects(chosen.pools(None, None, algorithm="source").design, "LB004") == []


def test_users_are_tied_through_a_web_server_that_always_asks_the_same_application() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", algorithm="source")
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    apps = [drawing.on(None, "app_server", state="local")[0] for _ in range(2)]
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)
    for web, app in zip(webs, apps, strict=True):
        drawing.link(web, app)

    assert subjects(drawing.design, "LB004") == [(lb,)]
    drawing.link(webs[0], apps[1])
    drawing.link(webs[1], apps[0])
    assert subjects(drawing.design, "LB004") == []
    assert subjects(drawing.design, "OPS001") == [tuple(apps)]


def test_balancers_that_differ_are_found() -> None:
    (finding,) = found(chosen.unlike(), "LB007")

    assert finding.problem.subjects == ("cluster-1",)
    assert "algorithm, health check and servers" in finding.problem.message
    after = repaired(chosen.unlike(), "LB007")
    assert subjects(after, "LB007") == []
    assert getattr(after.components["lb-2"], "algorithm", "") == "roundrobin"
    assert len(after.outgoing["lb-2"]) == 3


def test_balancers_that_are_alike_are_left_alone() -> None:
    assert subjects(chosen.pools(None, None).design, "LB007") == []
    assert subjects(CASES["unused_replicas"](), "LB007") == []  # no balancers
    assert subjects(CASES["mixed_cluster"](), "LB007") == []  # MOD008 says it


def test_a_cluster_of_one_has_nobody_to_differ_from() -> None:
    design = edits.join(chosen.unlike(), "cluster-1", ("lb-1",))

    assert subjects(design, "LB007") == []


def test_balancers_of_two_sites_may_have_servers_of_their_own() -> None:
    drawing = Drawing()
    lbs = []
    for _ in range(2):
        site = drawing.part("site")
        (lb,) = drawing.on(site, "load_balancer")
        (web,) = drawing.on(site, "web_server")
        drawing.link(lb, web)
        lbs.append(lb)
    drawing.cluster(*lbs, mode="active-active")
    drawing.link(drawing.users, *lbs)

    assert subjects(drawing.design, "LB007") == []
    drawing.set(lbs[0], redirect=True)
    assert subjects(drawing.design, "LB007") == [("cluster-1",)]


def test_releases_that_differ_are_told_once() -> None:
    design = edits.set_fields(chosen.pools(None, None).design, "lb-2", image="haproxy:3.0")

    assert subjects(design, "LB007") == []
    assert subjects(design, "OPS002") == [("lb-1", "lb-2")]


def test_keys_that_all_move_when_a_cache_comes_are_found_once() -> None:
    design = chosen.moving_keys()

    (finding,) = found(design, "LB010")
    assert finding.problem.subjects == ("lb-1", "lb-2")
    after = repaired(design, "LB010")
    assert {getattr(after.components[key], "hashing") for key in ("lb-1", "lb-2")} == {  # noqa: B009
        "consistent"
    }


@pytest.mark.parametrize(
    ("second", "moved"), [("uri", "key"), ("source", "address and key"), (None, "address")]
)
def test_what_moves_is_what_the_balancers_hash(second: str | None, moved: str) -> None:
    drawing = chosen.before_caches()
    drawing.set("lb-1", algorithm=second or "source")
    drawing.set("lb-2", algorithm="uri" if second else "source")

    (finding,) = found(drawing.design, "LB010")
    assert f"send almost every {moved} to another one" in finding.problem.message


def test_a_cluster_of_caches_and_proxies_that_cache_are_caches_too() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", algorithm="uri", hashing="modulo")
    caches = [drawing.on(None, "cache")[0] for _ in range(2)]
    drawing.link(lb, drawing.cluster(*caches), protocol="redis")
    assert subjects(drawing.design, "LB010") == [("lb-1",)]

    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", algorithm="source", hashing="modulo")
    proxies = [drawing.on(None, "reverse_proxy", image="varnish:7.7")[0] for _ in range(2)]
    drawing.link(lb, *proxies, protocol="http")
    assert subjects(drawing.design, "LB010") == [("lb-1",)]
    for image in ("nginx:1.30", ""):
        other = edits.set_fields(drawing.design, proxies[0], image=image)
        assert subjects(other, "LB010") == []


@pytest.mark.parametrize("values", [{"hashing": "consistent"}, {"algorithm": "roundrobin"}])
def test_keys_that_stay_or_that_nobody_hashes_are_left(values: dict[str, str]) -> None:
    assert subjects(chosen.before_caches(**values).design, "LB010") == []


def test_one_cache_and_links_that_carry_no_requests_are_left() -> None:
    design = chosen.moving_keys()
    one = edits.remove(design, ("cache-2", "cache-3"))
    watched = design
    for key in (*design.outgoing["lb-1"], *design.outgoing["lb-2"]):
        watched = edits.set_fields(watched, key, role="monitor")

    assert subjects(one, "LB010") == subjects(watched, "LB010") == []


def test_balancers_of_one_cluster_hash_alike() -> None:
    drawing = chosen.pools(None, None, algorithm="uri")
    drawing.set("lb-2", hashing="modulo")
    design = drawing.design

    (finding,) = found(design, "LB007")
    assert "differ in hashing" in finding.problem.message
    assert getattr(repaired(design, "LB007").components["lb-2"], "hashing") == "consistent"  # noqa: B009


def test_how_to_hash_is_no_difference_between_balancers_that_take_turns() -> None:
    design = edits.set_fields(chosen.pools(None, None).design, "lb-2", hashing="modulo")

    assert subjects(design, "LB007") == []
