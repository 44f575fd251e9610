"""Firewalls: each rule fires, stays quiet, is not fooled, and its fixes hold."""

from itertools import combinations

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Zone
from app.model.design import Design
from app.model.errors import DesignError
from app.model.geometry import bounds
from app.model.links import Place
from app.model.sizes import GRID
from app.rules import hardening
from app.rules.check import check
from app.rules.free_place import meet
from app.storage.codec import load
from sample_designs import read
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def open_site() -> Drawing:
    """Users straight at a balancer with two web servers behind it."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, lb, protocol="http")
    drawing.link(lb, *webs, protocol="http")
    return drawing


def three_zones(*, guarded: bool = False) -> Drawing:
    """A web server, an application server and a database, each in a zone of its own."""
    drawing = Drawing()
    dmz, app_zone, data = (drawing.part("zone", trust=trust) for trust in ("dmz", "app", "data"))
    wall = drawing.part("firewall", dmz)
    (web,) = drawing.on(dmz, "web_server")
    hosts = [drawing.part("server", zone, firewall=guarded) for zone in (app_zone, data)]
    app, db = drawing.part("app_server", hosts[0]), drawing.part("database", hosts[1])
    drawing.link(drawing.users, wall, protocol="https", tls="1.3")
    drawing.link(wall, web, protocol="https", tls="1.3")
    drawing.link(web, app, protocol="http")
    drawing.query(app, db)
    return drawing


def test_a_part_that_the_internet_reaches_unguarded_is_found_with_its_link() -> None:
    design = open_site().design

    (finding,) = found(design, "NET001")

    assert finding.problem.subjects == ("lb-1",)
    assert finding.problem.message == "No firewall stands between users-1 and lb-1."
    assert finding.problem.witness.path == ("users-1", "link-1", "lb-1")
    assert finding.problem.witness.cut == ("lb-1",)


def test_a_new_firewall_stands_between_users_and_balancer_and_covers_nothing() -> None:
    design = repaired(open_site().design, "NET001")

    (wall,) = (key for key, item in design.components.items() if item.kind == "firewall")
    assert [design.links[key].source for key in design.incoming[wall]] == ["users-1"]
    assert [design.links[key].target for key in design.outgoing[wall]] == ["lb-1"]
    left, place, right = (bounds(design, key) for key in ("users-1", wall, "server-1"))
    assert left[0] + left[2] < place[0] < place[0] + place[2] < right[0]
    cards = [bounds(design, key) for key in design.components if not design.children[key]]
    assert not any(meet(one, other) for one, other in combinations(cards, 2))


def test_a_firewall_makes_room_for_itself_where_there_is_little() -> None:
    before = load(read("distributed-web-infrastructure"))

    design = repaired(before, "NET001")

    left, wall, right = (bounds(design, key) for key in ("users", "fw-1", "server-0"))
    assert wall[0] - left[0] - left[2] >= GRID
    assert right[0] - wall[0] - wall[2] >= GRID
    assert wall[1] == left[1]


def test_the_firewall_of_the_machine_is_the_other_way_to_close_it() -> None:
    design = repaired(open_site().design, "NET001", fix=1)

    assert (
        design.components["server-1"]
        == edits.set_fields(open_site().design, "server-1", firewall=True).components["server-1"]
    )


def test_several_links_into_one_part_share_one_firewall() -> None:
    drawing = open_site()
    others = drawing.part("client")
    drawing.link(others, "lb-1", protocol="http")

    design = repaired(drawing.design, "NET001")

    walls = [key for key, item in design.components.items() if item.kind == "firewall"]
    assert len(walls) == 1
    assert {design.links[key].source for key in design.incoming[walls[0]]} == {"users-1", others}
    assert len(design.outgoing[walls[0]]) == 1


def test_a_firewall_keeps_alternatives_alternatives() -> None:
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *lbs, protocol="http")
    for lb in lbs:
        drawing.link(lb, *webs, protocol="http")

    for design in proven(drawing.design, "NET001"):
        assert not [finding for finding in check(design) if finding.rule.id == "SPOF006"]


def test_a_firewall_before_one_of_two_balancers_leaves_the_other_a_stand_in() -> None:
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    drawing.link(drawing.users, *lbs, protocol="http")
    assert Analysis(drawing.design).spofs["browse"] == frozenset()

    design = hardening.guard(drawing.design, ("link-1",))

    assert Analysis(design).spofs["browse"] == frozenset()


def test_a_firewall_hands_on_reads_and_writes() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, app, role="read", protocol="http")
    drawing.link(drawing.users, app, role="write", protocol="http")

    design = repaired(drawing.design, "NET001")

    assert sorted(design.links[key].role for key in design.incoming[app]) == ["read", "write"]


@pytest.mark.parametrize("how", ["box", "way", "machine", "cluster"])
def test_a_firewall_counts_wherever_it_stands(how: str) -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    if how == "box":
        wall = drawing.part("firewall")
        drawing.link(drawing.users, wall)
        drawing.link(wall, lb)
    elif how == "way":
        drawing.link(drawing.users, lb, via=(drawing.part("firewall"),))
    elif how == "machine":
        drawing.set("server-1", firewall=True)
        drawing.link(drawing.users, lb)
    else:
        drawing.set("server-1", firewall=True)
        drawing.link(drawing.users, drawing.cluster(lb))

    assert subjects(drawing.design, "NET001") == []


def test_a_cluster_is_open_when_one_of_its_machines_is() -> None:
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    drawing.set("server-1", firewall=True)
    cluster = drawing.cluster(*lbs)
    drawing.link(drawing.users, cluster)

    assert subjects(drawing.design, "NET001") == [(cluster,)]
    assert len(proven(drawing.design, "NET001")) == 2


def test_asking_for_a_name_needs_no_firewall() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("dns"), role="resolve", protocol="dns")
    drawing.link(drawing.users, drawing.part("cdn"), protocol="https")

    assert subjects(drawing.design, "NET001") == []


def test_a_store_open_to_the_internet_is_found_and_can_be_closed() -> None:
    drawing = open_site()
    (db,) = drawing.on(None, "database")
    drawing.query(drawing.users, db)

    assert subjects(drawing.design, "NET002") == [(db,)]
    first = proven(drawing.design, "NET002")[0]
    assert first.incoming[db] == ()


def test_a_store_behind_a_firewall_is_not_open() -> None:
    drawing = open_site()
    (db,) = drawing.on(None, "database")
    wall = drawing.part("firewall")
    drawing.query(drawing.users, wall)
    drawing.query(wall, db)

    assert subjects(drawing.design, "NET002") == []


def test_each_unguarded_border_between_zones_is_one_finding() -> None:
    design = three_zones().design

    assert subjects(design, "NET003") == [("link-3",), ("link-4", "link-5")]
    assert len(proven(design, "NET003")) == 4


def test_a_firewall_on_a_border_is_on_every_link_that_crosses_it() -> None:
    drawing = three_zones()
    second = drawing.part("database", drawing.design.host("db-1"), role="replica")
    drawing.link("app-1", second, role="read", protocol="postgres")
    (finding,) = (
        item for item in found(drawing.design, "NET003") if len(item.problem.subjects) > 2
    )

    design = finding.problem.fixes[0].edit(drawing.design)

    (wall,) = design.components.keys() - drawing.design.components.keys()
    assert all(design.links[key].via == (wall,) for key in finding.problem.subjects)


def test_a_way_out_to_the_internet_passes_a_firewall_beside_the_part_that_takes_it() -> None:
    drawing = three_zones(guarded=True)
    outside = drawing.part("zone", trust="internet")
    payment = drawing.part("service", outside)
    drawing.link("app-1", payment, protocol="https")
    drawing.link("app-1", drawing.part("dns"), role="resolve", protocol="dns")

    design = repaired(drawing.design, "NET008")

    assert subjects(drawing.design, "NET008") == [("link-6",)]
    assert subjects(drawing.design, "NET003") == []
    (wall,) = design.links["link-6"].via
    assert design.zone(wall) == "zone-2"


def test_machines_that_filter_guard_a_border() -> None:
    assert subjects(three_zones(guarded=True).design, "NET003") == []


def test_monitoring_and_replication_may_cross_borders() -> None:
    drawing = three_zones(guarded=True)
    collector = drawing.part("monitoring_server")
    drawing.link("web-1", collector, role="monitor", protocol="https")

    assert subjects(drawing.design, "NET003") == []


def test_members_of_a_cluster_are_where_their_machines_are() -> None:
    drawing = three_zones(guarded=True)
    cluster = drawing.cluster("db-1", mode="primary-replica")
    drawing.query("app-1", cluster)

    assert subjects(drawing.design, "NET003") == []


def bypass() -> Drawing:
    """A firewall before the web server, and a second way in without one."""
    drawing = Drawing()
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server")
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, wall, protocol="https")
    drawing.link(wall, web, protocol="https")
    drawing.link(web, app, protocol="http")
    drawing.link(drawing.users, web, protocol="https", choice="web")
    return drawing


def test_one_open_door_is_one_finding_with_all_that_is_behind_it() -> None:
    (finding,) = found(bypass().design, "NET004")

    assert finding.problem.subjects == ("app-1", "web-1")
    assert "link-4" in finding.problem.witness.path
    titles = [fix.title for fix in finding.problem.fixes]
    assert titles[0] == "Remove the link that leads round it"
    assert len(proven(bypass().design, "NET004")) == 3


def test_an_open_door_that_is_the_only_way_in_is_guarded_rather_than_removed() -> None:
    drawing = Drawing()
    wall = drawing.part("firewall")
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, lb)
    drawing.link(lb, webs[0])
    drawing.link(lb, wall)
    drawing.link(wall, webs[1])
    for web in webs:
        drawing.link(web, app)

    (finding,) = found(drawing.design, "NET004")

    assert finding.problem.subjects == ("app-1",)
    assert finding.problem.fixes[0].title.startswith("Put a firewall in front of")
    assert proven(drawing.design, "NET004")


def test_all_open_doors_to_a_part_are_closed_at_once_and_no_others() -> None:
    drawing = bypass()
    drawing.link(drawing.users, "web-1", role="admin", protocol="telnet")
    drawing.link(drawing.users, "web-1", protocol="https", via=("fw-1",), choice="other")
    (finding,) = found(drawing.design, "NET004")

    after = finding.problem.fixes[0].edit(drawing.design)

    assert finding.problem.fixes[0].title == "Remove the links that lead round it"
    assert drawing.design.links.keys() - after.links.keys() == {"link-4", "link-5"}


def test_a_door_that_opens_inside_a_cluster_is_found_as_well() -> None:
    drawing = Drawing()
    cdn, app = drawing.part("cdn"), drawing.part("app_server")
    inner, wall = drawing.part("app_server"), drawing.part("firewall")
    drawing.link(cdn, wall)
    drawing.link(wall, app)
    drawing.link(inner, app)
    drawing.cluster(drawing.part("cdn"), inner)

    assert all(len(each) > 0 for each in subjects(drawing.design, "NET004"))


def test_two_guarded_ways_bypass_nothing() -> None:
    drawing = bypass()
    drawing.set("link-4", via=("fw-1",))

    assert subjects(drawing.design, "NET004") == []


def one_zone(*, alone: bool) -> Drawing:
    """A public zone that holds the web server and the database."""
    drawing = Drawing()
    dmz = drawing.part("zone", trust="dmz")
    (web,) = drawing.on(dmz, "web_server")
    host = drawing.part("server", dmz) if alone else drawing.design.host(web)
    db = drawing.part("database", host)
    drawing.part("monitoring_agent", host)
    drawing.link(drawing.users, web, protocol="https")
    drawing.query(web, db)
    return drawing


@pytest.mark.parametrize("alone", [True, False])
def test_data_beside_the_front_moves_to_a_zone_of_its_own(alone: bool) -> None:
    before = one_zone(alone=alone).design

    design = repaired(before, "NET007")

    zone = design.components[str(design.zone("db-1"))]
    assert isinstance(zone, Zone)
    assert zone.trust == "data"
    assert design.host("web-1") != design.host("db-1")
    assert subjects(design, "NET003") == []
    frames = [bounds(design, key) for key in ("zone-1", str(design.zone("db-1")))]
    assert not meet(*frames)
    if alone:
        assert design.host("db-1") == before.host("db-1")


def test_a_design_without_zones_says_nothing_about_segments() -> None:
    drawing = open_site()
    (db,) = drawing.on(None, "database")
    drawing.query("web-1", db)

    assert subjects(drawing.design, "NET007") == []


def test_data_in_a_zone_that_the_internet_does_not_reach_is_fine() -> None:
    assert subjects(three_zones().design, "NET007") == []


def test_a_store_is_no_front_of_its_own_zone() -> None:
    drawing = Drawing()
    (db,) = drawing.on(drawing.part("zone", trust="data"), "database")
    drawing.query(drawing.users, db)

    assert subjects(drawing.design, "NET007") == []
    assert subjects(drawing.design, "NET002") == [(db,)]


def test_a_front_behind_a_firewall_is_a_front_still() -> None:
    drawing = three_zones()
    drawing.design = edits.nest(drawing.design, ("server-3",), "zone-1")

    assert subjects(drawing.design, "NET007") == [("db-1",)]


def test_an_idle_firewall_can_be_put_in_the_way_or_removed() -> None:
    drawing = open_site()
    wall = drawing.part("firewall")

    assert subjects(drawing.design, "NET018") == [(wall,)]
    placed, removed = proven(drawing.design, "NET018")
    assert subjects(placed, "NET001") == []
    assert wall not in removed.components


def test_a_firewall_that_ends_nowhere_guards_nothing() -> None:
    drawing = open_site()
    wall = drawing.part("firewall")
    drawing.link(drawing.users, wall)

    assert subjects(drawing.design, "NET018") == [(wall,)]
    assert len(proven(drawing.design, "NET018")) == 1


def test_a_firewall_on_a_way_guards_something() -> None:
    drawing = open_site()
    wall = drawing.part("firewall")
    drawing.set("link-2", via=(wall,))

    assert subjects(drawing.design, "NET018") == []


def test_a_firewall_finds_a_place_where_there_is_no_gap() -> None:
    drawing = open_site()
    drawing.design = edits.move(drawing.design, {"users-1": Place(x=2000.0, y=0.0)})

    design = repaired(drawing.design, "NET001")

    wall = next(key for key, item in design.components.items() if item.kind == "firewall")
    assert not any(
        meet(bounds(design, wall), bounds(design, key))
        for key in design.components
        if key != wall and not design.children[key]
    )


def test_parts_on_no_machine_get_a_firewall_of_their_own_only() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server"))

    assert len(proven(drawing.design, "NET001")) == 1


def test_many_links_over_one_border_are_counted() -> None:
    drawing = three_zones()
    for _ in range(2):
        (web,) = drawing.on("zone-1", "web_server")
        drawing.link(web, "app-1", protocol="http")
    (finding,) = (item for item in found(drawing.design, "NET003") if "link-3" in item.key)

    assert finding.problem.message == (
        "web-1 → app-1 and 2 other links cross from the dmz zone to the app zone with no firewall "
        "in between."
    )


def test_an_agent_goes_with_the_data_to_its_new_machine() -> None:
    drawing = one_zone(alone=False)
    collector = drawing.part("monitoring_server")
    drawing.link("agent-1", collector, role="monitor", protocol="https")

    design = repaired(drawing.design, "NET007")

    agents = {key for key, item in design.components.items() if item.kind == "monitoring_agent"}
    assert {design.host(key) for key in agents} == {design.host("web-1"), design.host("db-1")}
    assert {design.links[key].source for key in design.incoming[collector]} == agents


def test_data_in_no_zone_cannot_leave_one() -> None:
    drawing = Drawing()
    (db,) = drawing.on(None, "database")

    with pytest.raises(DesignError, match="'db-1' is in no zone"):
        hardening.own_zone(drawing.design, (db,), "data")


def test_two_stores_on_one_machine_move_together() -> None:
    drawing = one_zone(alone=True)
    cache = drawing.part("cache", "server-2")

    design = repaired(drawing.design, "NET007")

    assert design.host(cache) == design.host("db-1") == "server-2"


def test_an_empty_design_has_no_open_doors() -> None:
    rules = {finding.rule.id for finding in check(Design())}

    assert not {rule for rule in rules if rule.startswith(("NET", "TLS", "MON"))}
