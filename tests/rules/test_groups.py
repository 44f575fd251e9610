"""Copies in one place, votes, switches by hand, weak pairs; and fixes that spread copies."""

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.rules import groups, spreading
from app.rules.spreading import spread_cluster, spread_host, spread_site
from tests.rules.cases import CASES, balancers, pair, quorum, replicas, spofs
from tests.rules.chosen import half_at_noon
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_moved_copies_take_along_what_they_alone_use() -> None:
    design = repaired(CASES["shared_server"](), "SPOF002")

    hosts = {key: design.host(key) for key in ("web-1", "app-2", "web-2", "app-1")}
    assert hosts["web-1"] == hosts["app-2"] != hosts["web-2"] == hosts["app-1"]


def test_a_cluster_on_one_machine_is_spread_as_far_as_it_needs() -> None:
    drawing = Drawing()
    members = drawing.on(None, "service", "service", "service")
    cluster = drawing.cluster(*members, needed=2)
    drawing.link(drawing.users, cluster)

    design = repaired(drawing.design, "SPOF002")

    assert len({design.host(member) for member in members}) == 3


def test_a_machine_that_a_requirement_names_is_found_and_nothing_is_moved() -> None:
    drawing = pair("app_server")
    drawing.set("browse", requires="server-1.alive")

    (finding,) = found(drawing.design, "SPOF002")
    assert "the flow needs it" in finding.problem.message
    assert finding.problem.fixes == ()


def test_a_machine_keeps_its_finding_where_no_move_helps() -> None:
    drawing = Drawing()
    one, other = drawing.on(None, "service", "service")
    drawing.link(drawing.users, one, other)
    host = str(drawing.design.host(one))
    drawing.set("browse", requires=f"{one} or {other} or {host}.alive")
    drawing.set(one, requires={"read": f"{host}.alive"})
    drawing.set(other, requires={"read": f"{host}.alive"})
    drawing.set("checkout", requires="true")

    (finding,) = found(drawing.design, "SPOF002")
    (fix,) = finding.problem.fixes
    assert fix.edit(drawing.design) is drawing.design


def test_a_second_site_gets_half_of_everything_in_zones_of_the_same_network() -> None:
    design = repaired(CASES["sites"](), "SPOF003")

    sites = {design.site(key) for key in ("web-1", "web-2")}
    assert sites == {"site-1", "site-2"}
    zones = [str(design.zone(key)) for key in ("web-1", "web-2")]
    networks = {getattr(design.components[zone], "network") for zone in zones}  # noqa: B009
    assert networks == {"zone-1"}


def test_what_is_in_a_site_once_is_doubled_before_it_is_spread() -> None:
    design = repaired(CASES["single_parts_in_a_site"](), "SPOF003")

    assert not {"web-1", "lb-1", "db-1", "site-1"} & Analysis(design).flows_lost.keys()


def test_parts_without_a_machine_are_spread_over_sites_too() -> None:
    drawing = Drawing()
    site = drawing.part("site")
    walls = [drawing.part("firewall", site) for _ in range(2)]
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *walls)
    for wall in walls:
        drawing.link(wall, *webs)

    design = repaired(drawing.design, "SPOF003")

    assert {design.site(wall) for wall in walls} == {"site-1", "site-2"}


def test_a_place_that_holds_nothing_to_double_stays_as_it_is() -> None:
    drawing = pair("app_server")
    site = drawing.part("site")
    drawing.set("browse", requires=f"{site}.alive")

    (finding,) = found(drawing.design, "SPOF003")
    assert finding.problem.fixes[0].edit(drawing.design) is drawing.design


def test_a_failover_by_hand_is_no_single_point_but_a_wait() -> None:
    assert subjects(replicas("manual"), "SPOF005") == []
    assert subjects(replicas("manual"), "SPOF014") == [("cluster-1",)]
    assert subjects(replicas("automatic"), "SPOF014") == []
    assert spofs(repaired(replicas("manual"), "SPOF014")) == []


def test_copies_that_something_else_hides_are_found_in_one_place() -> None:
    assert subjects(CASES["hidden_cluster"](), "SPOF011") == [("cluster-1",)]
    assert subjects(balancers("active-active"), "SPOF011") == []
    design = repaired(CASES["hidden_cluster"](), "SPOF011")
    assert design.host("web-1") != design.host("web-2")


def test_votes_are_found_where_one_place_holds_the_majority() -> None:
    assert subjects(quorum(3, 2), "SPOF012") == [("cluster-1",)]
    assert subjects(quorum(5, 3), "SPOF012") == []
    assert subjects(quorum(3, 2), "SPOF002") == []
    (finding,) = found(quorum(5, 2), "SPOF012")
    assert finding.problem.witness.numbers == {"members": 5, "needed": 3}
    spread = repaired(quorum(3, 2), "SPOF012")
    assert len({spread.host(f"service-{number}") for number in (1, 2, 3)}) == 3


def test_votes_in_one_of_two_sites_are_spread_over_three() -> None:
    design = repaired(CASES["replicas_in_one_site"](), "SPOF012")

    assert len({design.site(f"service-{number}") for number in (1, 2, 3)}) == 3


def test_the_heaviest_pair_is_told_only_where_a_promise_is_made() -> None:
    assert subjects(CASES["weak_pair"](), "SPOF016") == [("browse",)]
    loose = edits.set_fields(CASES["weak_pair"](), "browse", target_availability=0.99)
    assert subjects(loose, "SPOF016") == []
    none = edits.set_fields(CASES["weak_pair"](), "browse", target_availability=None)
    assert subjects(none, "SPOF016") == []


def test_a_pair_may_be_a_part_and_the_switch_that_should_replace_it() -> None:
    design = replicas("automatic")
    design = edits.set_fields(design, "db-1", availability=0.9)
    design = edits.set_fields(design, "cluster-1", switch_success=0.5)
    design = edits.set_fields(design, "checkout", target_availability=0.99)

    (finding,) = found(design, "SPOF016")
    assert "db-1 and the failover of cluster-1 fail together" in finding.problem.message
    assert finding.problem.fixes == ()


def test_a_pair_that_is_too_weak_gets_a_third_beside_it() -> None:
    before = CASES["weak_pair"]()
    after = repaired(before, "SPOF016")

    assert subjects(after, "SPOF016") == []
    assert len(after.components) > len(before.components)


def test_a_pair_that_many_copies_do_not_mend_is_left_at_some_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = edits.set_fields(CASES["weak_pair"](), "browse", target_availability=0.999999999)
    (finding,) = found(before, "SPOF016")
    monkeypatch.setattr(groups, "MOST_COPIES", 1)

    after = finding.problem.fixes[0].edit(before)

    kinds = [item.kind for item in after.components.values()]
    assert kinds.count("web_server") == 3


def test_a_failover_by_hand_that_no_flow_rests_on_stays_quiet() -> None:
    design = edits.set_fields(CASES["unused_replicas"](), "cluster-1", failover="manual")

    assert subjects(design, "SPOF014") == []


def test_pairs_are_not_looked_for_in_very_large_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_EVENTS", 3)

    assert subjects(CASES["weak_pair"](), "SPOF016") == []


def test_what_uses_a_copy_and_what_it_uses_move_together() -> None:
    drawing = Drawing()
    webs = drawing.on(None, "web_server", "web_server", "note")[:2]
    host = str(drawing.design.host(webs[0]))
    apps = [drawing.part("app_server", host) for _ in range(2)]
    drawing.link(drawing.users, *webs)
    for web, app in zip(webs, apps, strict=True):
        drawing.link(web, app)

    design = repaired(drawing.design, "SPOF002")

    assert design.host("web-2") == design.host("app-2") != host
    assert design.host("web-1") == design.host("app-1") == host


def test_parts_that_cannot_do_without_each_other_stay_together() -> None:
    drawing = Drawing()
    web, one, other = drawing.on(None, "web_server", "service", "service")
    drawing.link(drawing.users, web)
    drawing.link(web, one, choice="one")
    drawing.link(web, other, choice="other")
    host = str(drawing.design.host(web))

    assert spread_host(drawing.design, host).host(web) == host


def test_members_without_a_machine_are_not_spread() -> None:
    drawing = Drawing()
    here = drawing.on(None, "service", "service")
    cluster = drawing.cluster(*here, drawing.part("service"))
    host = str(drawing.design.host(here[0]))

    design = spread_cluster(drawing.design, cluster, host)

    assert len({design.host(member) for member in here}) == 2
    assert design.host("service-3") is None


def test_a_site_is_doubled_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "MOST_REPAIRS", 1)
    design = spread_site(CASES["single_parts_in_a_site"](), "site-1")

    assert "lb-2" in design.components
    assert "db-2" not in design.components


def test_sites_that_share_a_network_keep_sharing_it() -> None:
    design = CASES["replicas_in_one_site"]()
    design, _ = edits.add(design, "zone", parent="site-2", network="outside")
    for site in ("site-1", "site-2"):
        design, zone = edits.add(design, "zone", parent=site, network="inside")
        design = edits.nest(
            design, [key for key in design.children[site] if not key.startswith("zone")], zone
        )

    after = repaired(design, "DB005")

    zones = [str(after.zone(key)) for key in ("db-1", "db-2")]
    assert zones == ["zone-2", "zone-3"]


def test_two_databases_without_a_third_vote_can_split() -> None:
    design = CASES["replicas_that_are_right"]()

    design = edits.set_fields(design, "cluster-1", witness=False)
    assert subjects(design, "LB011") == [("cluster-1",)]
    assert subjects(repaired(design, "LB011"), "LB011") == []


def test_clusters_that_cannot_split_or_may_are_left_alone() -> None:
    for name in ("replicas", "manual_failover", "standby_that_is_right", "votes_that_are_right"):
        assert subjects(CASES[name](), "LB011") == []
    third, copy = edits.add(CASES["replicas_that_are_right"](), "database", role="replica")
    third = edits.join(third, "cluster-1", ("db-1", "db-2", copy))
    assert subjects(third, "LB011") == []


def test_a_switch_that_a_fix_sets_up_has_a_third_vote() -> None:
    design = repaired(CASES["replicas"](), "SPOF005")
    assert subjects(design, "LB011") == []
    design = repaired(CASES["unused_replicas"](), "DB002")
    assert subjects(design, "LB011") == []


def test_a_site_that_is_too_much_at_noon_is_found() -> None:
    (finding,) = found(half_at_noon(), "SPOF013")

    assert finding.problem.witness.missing == "site-1"
    assert finding.problem.witness.numbers == {"load": 250, "left": 200}
    after = repaired(half_at_noon(), "SPOF013")
    assert sum(item.kind == "app_server" for item in after.components.values()) == 6
    assert subjects(after, "SPOF013") == subjects(after, "CAP003") == []


@pytest.mark.parametrize(
    ("load", "counts"), [(200.0, (2, 2)), (350.0, (2, 2)), (500.0, (2, 2)), (150.0, (3,))]
)
def test_places_that_are_not_too_much_or_belong_to_other_rules_are_left_alone(
    load: float, counts: tuple[int, ...]
) -> None:
    assert subjects(half_at_noon(load, *counts), "SPOF013") == []


def test_a_tier_of_unknown_size_is_left_alone() -> None:
    assert subjects(edits.set_fields(half_at_noon(), "app-1", capacity=None), "SPOF013") == []


def test_copies_at_noon_end_somewhere() -> None:
    design = half_at_noon(5000.0, 1, 60)

    (finding,) = found(design, "SPOF013")
    assert finding.problem.witness.missing == "site-2"
    assert len(finding.problem.fixes[0].edit(design).components) < len(design.components) + 30
