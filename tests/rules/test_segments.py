"""Ways out of segments, walls inside them, tiers that are skipped, requests that nobody reads."""

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.careless import behind_firewall
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_ways_out_to_the_internet_are_one_finding_for_each_trust() -> None:
    drawing = behind_firewall()
    payment = drawing.part("service", drawing.part("zone", trust="internet"))
    drawing.link("app-1", payment, protocol="https", tls="1.3")
    drawing.link("web-1", payment, protocol="https", tls="1.3")

    assert subjects(drawing.design, "NET008") == [("link-6", "link-7")]
    (finding,) = found(drawing.design, "NET008")
    assert finding.problem.message.startswith("app-1 → service-1 and web-1 → service-1 leave for")
    assert subjects(repaired(drawing.design, "NET008"), "NET008") == []


def test_names_and_guarded_ways_out_are_fine() -> None:
    drawing = behind_firewall()
    payment = drawing.part("service", drawing.part("zone", trust="internet"))
    drawing.link("app-1", payment, protocol="https", tls="1.3", via=("fw-1",))
    drawing.link("app-1", drawing.part("dns"), role="resolve", protocol="dns")

    assert subjects(drawing.design, "NET008") == []


def test_a_network_without_inner_walls_gets_a_zone_for_the_data() -> None:
    design = CASES["flat_network"]()

    assert subjects(design, "NET009") == [("db-1",)]
    after = repaired(design, "NET009")
    assert after.trust("db-1") == "data"
    assert after.trust("app-1") == "app"


def test_one_segment_in_two_sites_is_still_one() -> None:
    drawing = Drawing()
    sites = [drawing.part("site") for _ in range(2)]
    zones = [drawing.part("zone", site, trust="app", network="inside") for site in sites]
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web)
    for zone in zones:
        (app,) = drawing.on(zone, "app_server")
        (db,) = drawing.on(zone, "database")
        drawing.link(web, app)
        drawing.query(app, db)

    assert subjects(drawing.design, "NET009") == [("db-1", "db-2")]
    after = repaired(drawing.design, "NET009")
    assert {after.trust(key) for key in ("db-1", "db-2")} == {"data"}
    assert {after.site(key) for key in ("db-1", "db-2")} == {"site-1", "site-2"}


def test_a_second_zone_no_zone_and_data_beside_the_front_are_not_flat() -> None:
    second, _ = edits.add(CASES["flat_network"](), "zone")
    second, _ = edits.add(second, "service", parent="zone-2")
    alone = edits.remove(CASES["flat_network"](), ("app-1",))

    for design in (second, alone, CASES["one_server"](), CASES["open_house"]()):
        assert subjects(design, "NET009") == []
    beside = CASES["side_doors"]()
    assert (subjects(beside, "NET007"), subjects(beside, "NET009")) == ([("db-1",)], [])


def confidential(**values: str) -> Design:
    """Confidential requests through a firewall with these fields."""
    design = edits.set_fields(behind_firewall(**values).design, "link-1", data="confidential")
    return edits.set_fields(design, "link-2", data="confidential")


def test_confidential_requests_that_only_packet_filters_see_are_found() -> None:
    design = confidential()

    assert subjects(design, "NET010") == [("fw-1",)]
    after = repaired(design, "NET010")
    assert getattr(after.components["fw-1"], "inspects") == "requests"  # noqa: B009


def test_requests_that_a_wall_reads_or_that_are_not_confidential_are_fine() -> None:
    database = edits.set_fields(confidential(), "link-1", protocol="postgres")

    for design in (confidential(inspects="requests"), behind_firewall().design, database):
        assert subjects(design, "NET010") == []


def test_a_delivery_network_may_read_requests_and_an_open_door_is_told_elsewhere() -> None:
    drawing = behind_firewall()
    cdn = drawing.part("cdn")
    drawing.link(cdn, "fw-1", protocol="https", tls="1.3", data="confidential")
    bare = Drawing()
    bare.link(bare.users, *bare.on(None, "web_server"), protocol="https", data="confidential")

    assert subjects(drawing.design, "NET010") == []
    assert subjects(bare.design, "NET010") == []
    assert subjects(bare.design, "NET001") == [("web-1",)]


def test_firewalls_that_a_link_passes_and_those_behind_each_other_are_told_together() -> None:
    drawing = Drawing()
    walls = [drawing.part("firewall") for _ in range(2)]
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web, protocol="https", tls="1.3", via=tuple(walls),
                 data="confidential")  # fmt: skip

    (finding,) = found(drawing.design, "NET010")
    assert finding.problem.message.startswith("fw-1 and fw-2 never look into")
    repaired(drawing.design, "NET010")


def test_ways_past_a_tier_are_found_and_removed() -> None:
    design = CASES["side_doors"]()

    assert subjects(design, "NET012") == [("link-5",), ("link-7", "link-9")]
    for finding in found(design, "NET012"):
        after = finding.problem.fixes[0].edit(design)
        assert finding.key not in {other.key for other in found(after, "NET012")}


@pytest.mark.parametrize("kind", ["cache", "search", "object_store"])
def test_two_tiers_may_use_a_cache_a_search_and_files(kind: str) -> None:
    drawing = behind_firewall()
    (store,) = drawing.on(None, kind)
    drawing.link("web-1", store, role="read")
    drawing.link("app-1", store, role="read")

    assert subjects(drawing.design, "NET012") == []


def test_a_web_server_with_a_database_of_its_own_skips_nothing() -> None:
    drawing = behind_firewall()
    drawing.query("web-1", *drawing.on(None, "database"))

    assert subjects(drawing.design, "NET012") == []
    assert subjects(CASES["without_servers"](), "NET012") == []


def test_an_application_server_that_nothing_stands_before_skips_nothing() -> None:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    drawing.link(drawing.users, *apps)
    drawing.link(apps[0], apps[1])

    assert subjects(drawing.design, "NET012") == []


def test_management_beside_the_front_moves_to_a_zone_of_its_own() -> None:
    design = CASES["management_in_front"]()

    assert subjects(design, "NET017") == [("monitoring-1", "logs-1")]
    after = repaired(design, "NET017")
    assert {after.trust(key) for key in ("monitoring-1", "logs-1")} == {"management"}
    assert after.trust("web-1") == "dmz"


def test_management_elsewhere_and_agents_anywhere_are_fine() -> None:
    drawing = Drawing()
    zone = drawing.part("zone", trust="dmz")
    web, _ = drawing.on(zone, "web_server", "monitoring_agent")
    drawing.on(drawing.part("zone", trust="management"), "monitoring_server")
    drawing.on(None, "backup")
    drawing.link(drawing.users, web)

    assert subjects(drawing.design, "NET017") == []


def test_one_part_of_the_management_is_told_in_the_singular() -> None:
    drawing = Drawing()
    zone = drawing.part("zone", trust="dmz")
    (web,) = drawing.on(zone, "web_server")
    drawing.on(zone, "backup")
    drawing.link(drawing.users, web)

    (finding,) = found(drawing.design, "NET017")
    assert finding.problem.message.startswith("backup-1 is in zone-1 together with web-1")
