"""Single points of failure: what is found, what stays quiet, what a fix leaves behind."""

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Cluster
from app.model.links import Place
from app.rules import free_place
from app.rules.fixes import prove
from app.rules.redundancy import alternatives, duplicate
from tests.rules import chosen
from tests.rules.cases import CASES, pair, replicas, spofs
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


@pytest.mark.parametrize(
    "case",
    ["replicas_that_are_right", "standby_that_is_right", "two_doors", "votes_that_are_right"],
)
def test_a_design_that_is_right_stays_silent(case: str) -> None:
    assert spofs(CASES[case]()) == []


def test_two_of_everything_has_no_single_point_of_failure() -> None:
    assert spofs(CASES["sample_two-of-everything"]()) == []


def test_a_single_part_is_found_with_what_stops_only_along_with_it() -> None:
    design = CASES["single_parts"]()
    (app, *_) = found(design, "SPOF001")

    assert app.problem.subjects == ("app-1",)
    assert app.problem.message == (
        "app-1 stops browse and checkout: web-1 and web-2 need it and there is no second "
        "application server. The same goes for server-4."
    )
    assert app.problem.witness.path[0] == "users-1"
    assert app.problem.witness.path[-1] == "app-1"
    assert app.problem.witness.missing == "app-1"
    assert app.problem.witness.flows == ("browse", "checkout")


def test_a_second_of_the_kind_that_is_no_help_is_not_denied() -> None:
    design, other = edits.add(CASES["single_parts"](), "app_server")
    (app, *_) = found(design, "SPOF001")

    assert other != "app-1"
    assert app.problem.message.startswith(
        "app-1 stops browse and checkout: web-1 and web-2 need it and no other application "
        "server can stand in."
    )


def test_application_files_are_named_with_the_one_server_that_uses_them() -> None:
    design = CASES["one_server"]()

    assert ("files-1",) not in subjects(design, "SPOF001")
    assert "files-1" in found(design, "SPOF001")[0].problem.message


def test_two_parts_that_replace_each_other_are_no_single_point() -> None:
    assert spofs(pair("app_server").design) == []


def test_two_copies_on_one_machine_are_one_hidden_point_of_failure() -> None:
    design = pair("app_server", shared=True).design

    (finding,) = found(design, "SPOF002")
    assert finding.problem.subjects == ("server-3",)
    assert "app-1 and app-2 run on it" in finding.problem.message
    assert spofs(repaired(design, "SPOF002")) == []


def test_a_site_is_found_with_the_places_inside_it() -> None:
    drawing = Drawing()
    region = drawing.part("site", domain="region")
    centre = drawing.part("site", region)
    webs = [key for _ in range(2) for key in drawing.on(centre, "web_server")]
    drawing.link(drawing.users, *webs)

    (finding,) = found(drawing.design, "SPOF003")
    assert finding.problem.subjects == (region,)
    assert centre in finding.problem.message


def test_a_site_with_one_part_in_it_is_named_with_that_part() -> None:
    drawing = Drawing()
    site = drawing.part("site")
    (web,) = drawing.on(site, "web_server")
    drawing.link(drawing.users, web)

    assert spofs(drawing.design) == ["SPOF001@web-1", "SPOF020@web-1"]
    assert "site-1" in found(drawing.design, "SPOF001")[0].problem.message


def test_a_zone_with_a_figure_of_its_own_is_found_without_a_fix() -> None:
    drawing = Drawing()
    zone = drawing.part("zone", availability=0.99)
    webs = [key for _ in range(2) for key in drawing.on(zone, "web_server")]
    drawing.link(drawing.users, *webs)

    (finding,) = found(drawing.design, "SPOF003")
    assert finding.problem.fixes == ()


def test_a_switch_is_told_from_a_building() -> None:
    assert subjects(CASES["one_switch"](), "SPOF009") == [("site-1",)]
    assert subjects(CASES["one_switch"](), "SPOF003") == []
    assert subjects(CASES["sites"](), "SPOF009") == []


def test_a_second_balancer_works_beside_the_first_with_all_its_links() -> None:
    design = repaired(CASES["single_parts"](), "SPOF004")

    assert subjects(design, "SPOF004") == []
    targets = [design.links[key].target for key in design.outgoing["lb-2"]]
    assert targets == ["web-1", "web-2"]
    assert [design.links[key].source for key in design.incoming["lb-2"]] == ["users-1"]
    assert design.host("lb-2") not in (None, design.host("lb-1"))
    cluster = design.cluster("lb-1")
    assert cluster is not None
    assert (cluster.members, cluster.mode) == (("lb-1", "lb-2"), "active-active")


def test_a_standby_balancer_takes_over_the_address_that_users_enter_by() -> None:
    design = repaired(CASES["single_parts"](), "SPOF004", fix=1)

    (entrance,) = (design.links[key].target for key in design.outgoing["users-1"])
    cluster = design.components[entrance]
    assert isinstance(cluster, Cluster)
    assert (cluster.mode, cluster.failover, cluster.virtual_address) == (
        "active-passive",
        "automatic",
        True,
    )


def test_a_balancer_alone_in_a_cluster_gets_a_second_member_that_takes_over() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    cluster = drawing.cluster(lb, mode="active-passive")
    drawing.link(lb, *webs)
    drawing.link(drawing.users, cluster)

    design = repaired(drawing.design, "SPOF004")

    assert spofs(design) == []


def test_the_names_of_two_entrances_are_checked() -> None:
    drawing = Drawing()
    dns = [drawing.part("dns") for _ in range(2)]
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)

    assert spofs(repaired(drawing.design, "SPOF004")) == []


def test_a_primary_without_a_replica_gets_one_that_takes_over() -> None:
    design = repaired(CASES["one_server"](), "SPOF005")

    replica = design.components["db-2"]
    assert getattr(replica, "role", "") == "replica"
    assert design.host("db-2") not in (None, design.host("db-1"))
    cluster = design.cluster("db-1")
    assert cluster is not None
    assert (cluster.mode, cluster.failover) == ("primary-replica", "automatic")
    roles = sorted(design.links[key].role for key in design.incoming["db-2"])
    assert roles == ["read", "replicate"]


@pytest.mark.parametrize("case", ["replicas", "replica_that_stays_one"])
def test_a_replica_that_is_there_is_used(case: str) -> None:
    before = CASES[case]()
    design = repaired(before, "SPOF005")

    assert design.components.keys() == before.components.keys()
    assert spofs(design) == []


def test_reads_that_all_go_to_the_primary_are_sent_to_the_replica_too() -> None:
    design = repaired(CASES["reads_from_the_primary"](), "SPOF001")

    assert spofs(design) == []


def test_a_replica_that_is_read_alone_gets_a_second() -> None:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (replica,) = drawing.on(None, "database", role="replica")
    drawing.link(drawing.users, *apps)
    for app in apps:
        drawing.link(app, replica, role="read", protocol="postgres")

    assert replica not in Analysis(duplicate(drawing.design, replica)).flows_lost


def test_a_firewall_gets_a_second_beside_it_also_where_links_pass_it() -> None:
    design = CASES["firewalls"]()

    assert subjects(design, "SPOF006") == [("fw-1",), ("fw-2",)]
    first, second = proven(design, "SPOF006")
    assert {first.links[key].target for key in first.outgoing["users-1"]} == {"fw-1", "fw-3"}
    assert {link.via for link in second.links.values() if link.via} == {("fw-2|fw-3",)}


def test_a_name_server_needs_a_second_and_each_provider_two() -> None:
    assert subjects(CASES["names_and_edges"](), "SPOF007") == [("dns-1",)]
    assert subjects(CASES["round_robin_dns"](), "SPOF007") == [("dns-2",)]
    drawing = pair("app_server")
    dns = drawing.part("dns")
    drawing.link(drawing.users, dns, role="resolve")
    design = repaired(drawing.design, "SPOF007")
    assert subjects(design, "SPOF007") == []


def test_shared_storage_is_found_where_several_share_it() -> None:
    design = CASES["shared_storage"]()

    assert subjects(design, "SPOF008") == [("files-1",), ("storage-1",)]
    own, second = proven(design, "SPOF008")
    users = {own.links[key].source for key in own.incoming["files-1"]}
    assert users == {"app-1"}
    assert own.host("files-2") == own.host("app-2")
    assert any(link.role == "replicate" for link in second.links.values())


def test_a_cluster_that_needs_all_its_members_is_one_finding() -> None:
    design = CASES["all_needed"]()

    (finding,) = found(design, "SPOF001")
    assert finding.problem.subjects == ("cluster-1",)
    assert "needs all of web-1 and web-2" in finding.problem.message
    assert spofs(repaired(design, "SPOF001")) == []


def test_an_address_that_can_fail_by_itself_has_no_fix() -> None:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    address = drawing.cluster(*webs, availability=0.99)
    drawing.link(drawing.users, address)

    (finding,) = found(drawing.design, "SPOF001")
    assert finding.problem.subjects == (address,)
    assert finding.problem.fixes == ()


def test_a_part_that_only_a_requirement_names_is_explained() -> None:
    drawing = pair("app_server")
    (vault,) = drawing.on(None, "service")
    drawing.set("browse", requires=f"web-1 and {vault} or web-2 and {vault}")

    (finding,) = found(drawing.design, "SPOF001")
    assert "it is needed and there is no second" in finding.problem.message
    assert subjects(repaired(drawing.design, "SPOF001"), "SPOF001") == []


def test_a_queue_gets_two_more_that_vote() -> None:
    design = duplicate(CASES["single_parts"](), "queue-1")

    cluster = design.cluster("queue-1")
    assert cluster is not None
    assert (len(cluster.members), cluster.mode) == (3, "quorum")
    assert "queue-1" not in Analysis(design).flows_lost


def test_a_copy_is_needed_and_needs_as_its_original() -> None:
    design = CASES["by_expression"]()

    (web,) = proven(design, "SPOF001")
    assert web.flows["browse"].requires == "web-1 or web-2"
    assert web.components["web-2"].requires["read"] == "db-1"
    (db,) = proven(design, "SPOF005")
    assert db.components["web-1"].requires["write"] == "db-1 or cluster-1"


def test_a_new_machine_is_watched_as_the_old_one_is() -> None:
    drawing = Drawing()
    web, agent = drawing.on(None, "web_server", "monitoring_agent")
    (collector,) = drawing.on(None, "monitoring_server")
    drawing.link(drawing.users, web)
    drawing.link(agent, collector, role="monitor", protocol="https", tls="1.3")

    design = repaired(drawing.design, "SPOF001")

    host = design.host("web-2")
    assert host is not None
    kinds = {design.components[key].kind for key in design.children[host]}
    assert kinds == {"web_server", "monitoring_agent"}
    assert len(design.incoming[collector]) == 2


def test_a_copy_joins_the_machine_that_backs_up_the_rest_of_its_own() -> None:
    drawing = Drawing()
    lb, web = drawing.on(None, "load_balancer", "web_server")
    (other,) = drawing.on(None, "load_balancer")
    drawing.cluster(lb, other)
    drawing.link(drawing.users, lb, other)
    drawing.link(lb, web)
    drawing.link(other, web)

    design = repaired(drawing.design, "SPOF001")

    assert design.host("web-2") == design.host(other)


def test_maintenance_is_one_finding_for_the_tier_and_quiet_with_two_of_each() -> None:
    assert subjects(CASES["one_server"](), "SPOF020") == [("app-1", "web-1")]
    assert subjects(pair("app_server").design, "SPOF020") == []
    assert subjects(repaired(CASES["one_server"](), "SPOF020"), "SPOF020") == []


def test_a_replica_is_put_on_the_machine_that_backs_up_the_rest() -> None:
    drawing = Drawing()
    app, db = drawing.on(None, "app_server", "database")
    (other,) = drawing.on(None, "app_server")
    drawing.cluster(app, other)
    drawing.link(drawing.users, app, other)
    for source in (app, other):
        drawing.query(source, db)

    design = repaired(drawing.design, "SPOF005")

    assert design.host("db-2") == design.host(other)


def test_a_primary_alone_in_its_cluster_gets_a_second_member() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (db,) = drawing.on(None, "database")
    cluster = drawing.cluster(db, mode="primary-replica")
    drawing.link(drawing.users, app)
    drawing.query(app, db)

    design = repaired(drawing.design, "SPOF005")

    members = design.components[cluster]
    assert isinstance(members, Cluster)
    assert members.members == ("db-1", "db-2")


def test_a_copy_goes_to_another_side_rather_than_onto_something(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_place, "MOST_STEPS", 1)
    drawing = Drawing()
    one, _ = drawing.part("service"), drawing.part("service")

    place = free_place.place_near(drawing.design, one, free_place.RIGHT)
    assert (place.x, place.y) == (264, 84)


def test_the_alternatives_of_a_part_are_those_of_its_own_group() -> None:
    drawing = pair("app_server")
    cache = drawing.part("service")
    drawing.link("web-1", cache)

    assert alternatives(drawing.design, "app-1") == {"app-1", "app-2"}
    assert alternatives(drawing.design, cache) == {cache}


@pytest.mark.parametrize("failover", ["none", "automatic"])
def test_a_second_primary_stands_in_for_nobody(failover: str) -> None:
    design = edits.set_fields(replicas(failover), "db-2", role="primary")
    (finding,) = found(design, "SPOF005")

    assert finding.problem.subjects == ("db-1",)
    assert "db-2 has data of its own" in finding.problem.message
    after = repaired(design, "SPOF005")
    assert subjects(after, "SPOF005") == subjects(after, "DB007") == []
    assert after.components.keys() == design.components.keys()


def test_writing_to_both_primaries_saves_neither() -> None:
    design = edits.set_fields(replicas("automatic"), "db-2", role="primary")
    writers = [link.source for link in design.links.values() if link.role == "write"]
    for source in writers:
        design, _ = edits.connect(design, source, "db-2", role="write", protocol="postgres")

    assert subjects(design, "SPOF005") == [("db-1",)]


def test_who_reaches_only_a_replica_saves_nothing_for_the_others() -> None:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (primary,) = drawing.on(None, "database")
    (replica,) = drawing.on(None, "database", role="replica")
    drawing.cluster(primary, replica, mode="primary-replica", failover="automatic")
    drawing.link(primary, replica, role="replicate", protocol="postgres")
    drawing.link(drawing.users, *webs)
    for web, app in zip(webs, apps, strict=True):
        drawing.link(web, app)
    drawing.query(apps[0], primary)
    drawing.link(apps[1], replica, role="read", protocol="postgres")

    assert subjects(drawing.design, "SPOF001") == [(apps[0],), (webs[0],)]
    first = next(f for f in found(drawing.design, "SPOF001") if f.problem.subjects == (apps[0],))
    assert "app-2 beside it only reads the data." in first.problem.message
    proof = prove(drawing.design, first, first.problem.fixes[0])
    assert proof.holds
    assert first.problem.fixes[0].title == "Let app-2 write as well"
    assert subjects(proof.after, "SPOF001") == []
    drawing.query(apps[1], primary)
    assert subjects(drawing.design, "SPOF001") == []


def test_who_sends_through_a_firewall_needs_what_is_behind_it() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    walls = [drawing.part("firewall") for _ in range(2)]
    drawing.link(drawing.users, *walls)
    for wall in walls:
        drawing.link(wall, web)

    (finding,) = found(drawing.design, "SPOF001")
    assert "users-1 needs it and there is no second web server" in finding.problem.message


def test_where_nothing_is_free_what_lies_lower_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    lower = drawing.part("cache")
    drawing.design = edits.move(drawing.design, {lower: Place(x=0, y=240)})
    monkeypatch.setattr(free_place, "_shifts", lambda _: [])

    design, dx, dy = free_place.make_room(drawing.design, (0, 0, 188, 60), None)

    assert (dx, dy) == (0, 96)
    assert design.layout[lower].y == 240 + 96
    assert design.layout[web] == drawing.design.layout[web]


def test_one_rack_or_power_feed_is_the_one_cause() -> None:
    assert subjects(CASES["one_rack"](), "SPOF010") == [("site-1",)]
    assert subjects(CASES["one_rack"](), "SPOF003") == []
    assert subjects(repaired(CASES["one_rack"](), "SPOF010"), "SPOF010") == []
    assert subjects(CASES["one_switch"](), "SPOF010") == []
    assert subjects(CASES["sites"](), "SPOF010") == []


def test_a_service_of_somebody_else_on_the_way_is_found() -> None:
    design, agent = edits.add(chosen.third_party(), "monitoring_server")
    design, watch = edits.connect(design, agent, "service-1", role="monitor", protocol="https")

    assert subjects(design, "SPOF015") == [("service-1",)]
    assert subjects(design, "SPOF001") == subjects(design, "DEP003") == []
    softened = repaired(design, "SPOF015")
    incoming = set(softened.incoming["service-1"])
    assert {softened.links[key].dependency for key in incoming - {watch}} == {"soft"}
    assert softened.links[watch].dependency == "default"
    assert subjects(repaired(design, "SPOF015", fix=1), "SPOF015") == []


def test_a_service_that_can_be_done_without_or_that_we_run_is_another_matter() -> None:
    assert subjects(chosen.third_party(dependency="soft"), "SPOF015") == []
    own = edits.set_fields(chosen.third_party(), "service-1", external=False)
    assert subjects(own, "SPOF015") == []
    assert subjects(own, "SPOF001") == [("service-1",)]


def test_what_users_call_themselves_cannot_be_left_out() -> None:
    (finding,) = found(CASES["names_and_edges"](), "SPOF015")

    assert finding.problem.subjects == ("cdn-1",)
    assert [fix.title for fix in finding.problem.fixes] == ["Add a second provider"]
