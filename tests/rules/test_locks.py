"""Authentication, passwords, rights, disks, machines that are shared, doors for administrators."""

from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.careless import trusting_neighbours
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def crossing(target: str = "database", **values: Any) -> Drawing:
    """An application in one zone that asks a part in another, each behind a host firewall."""
    drawing = Drawing()
    inner = drawing.part("zone", trust="app")
    (app,) = drawing.on(inner, "app_server")
    (far,) = drawing.on(drawing.part("zone", trust="data"), target)
    drawing.link(app, far, **{"role": "read", "protocol": "postgres", "auth": "none"} | values)
    return drawing


def test_who_asks_nobody_across_a_border_is_found() -> None:
    design = crossing().design

    assert subjects(design, "SEC001") == [("db-1",)]
    after = repaired(design, "SEC001")
    assert after.links["link-1"].auth == "password"


@pytest.mark.parametrize(
    "values", [{"auth": "unknown"}, {"auth": "password"}, {"auth": "certificate"},
               {"data": "public"}, {"role": "resolve"}],
)  # fmt: skip
def test_who_asks_or_is_not_spoken_of_and_public_data_are_fine(values: dict[str, str]) -> None:
    assert subjects(crossing(**values).design, "SEC001") == []


@pytest.mark.parametrize("kind", ["web_server", "load_balancer", "reverse_proxy", "cdn", "dns"])
def test_what_is_there_for_everybody_need_not_ask(kind: str) -> None:
    assert subjects(crossing(kind).design, "SEC001") == []


def test_inside_a_segment_nobody_has_to_ask() -> None:
    drawing = Drawing()
    zone = drawing.part("zone", trust="app")
    app, db = drawing.on(zone, "app_server", "database")
    drawing.link(app, db, role="read", auth="none")

    assert subjects(drawing.design, "SEC001") == []


def test_who_gives_secrets_to_any_neighbour_is_found_once() -> None:
    design = CASES["trust_inside"]()

    (finding,) = found(design, "TLS012")
    assert finding.problem.subjects == ("db-1",)
    assert finding.problem.message == "db-1 gives secrets to whoever claims to be app-1."
    after = repaired(design, "TLS012")
    assert {after.links[key].auth for key in after.incoming["db-1"]} == {"certificate"}


@pytest.mark.parametrize(
    "values", [{"auth": "unknown"}, {"auth": "token"}, {"data": "internal"}, {"tls": "none"}]
)
def test_neighbours_that_prove_something_or_share_no_secret_are_left(
    values: dict[str, str],
) -> None:
    assert subjects(trusting_neighbours(**values).design, "TLS012") == []


def test_who_is_on_the_same_machine_or_across_a_border_is_no_neighbour() -> None:
    design = CASES["trust_inside"]()
    across = crossing(tls="1.3", data="confidential").design

    assert subjects(edits.nest(design, ("db-1",), "server-2"), "TLS012") == []
    assert subjects(across, "TLS012") == []
    assert subjects(across, "SEC001") == [("db-1",)]


@pytest.mark.parametrize(
    ("kind", "trust", "told"),
    [
        ("web_server", "app", []),
        ("cache", "app", []),
        ("queue", "app", []),
        ("service", "internet", []),
        ("service", "app", [("service-1",)]),
    ],
)
def test_what_is_outside_or_there_for_everybody_is_no_neighbour(
    kind: str, trust: str, told: list[tuple[str, ...]]
) -> None:
    drawing = Drawing()
    zone = drawing.part("zone", trust=trust)
    app = drawing.part("app_server", zone)
    far = drawing.part(kind, zone)
    drawing.link(app, far, protocol="https", tls="1.3", data="credentials", auth="none")

    assert subjects(drawing.design, "TLS012") == told


def test_what_comes_through_a_firewall_comes_from_before_it() -> None:
    drawing = Drawing()
    wall = drawing.part("firewall")
    (app,) = drawing.on(drawing.part("zone", trust="app"), "app_server")
    (db,) = drawing.on(drawing.part("zone", trust="data"), "database")
    drawing.link(app, wall, role="read", protocol="postgres")
    drawing.link(wall, db, role="read", protocol="postgres", auth="none")
    assert subjects(drawing.design, "SEC001") == [("db-1",)]

    (finding,) = found(drawing.design, "SEC001")
    assert finding.problem.message == "db-1 answers app-1 without asking who it is."
    drawing.set("zone-2", trust="app")
    assert subjects(drawing.design, "SEC001") == []


@pytest.mark.parametrize("clustered", [False, True])
def test_who_claims_to_be_somebody_is_named_from_before_all_firewalls(clustered: bool) -> None:
    drawing = Drawing()
    app, worker, db = (drawing.on(None, kind)[0] for kind in ("app_server", "service", "database"))
    outer, inner = drawing.part("firewall"), drawing.part("firewall")
    door = drawing.cluster(inner, mode="active-active") if clustered else inner
    secret: dict[str, Any] = {"role": "read", "tls": "1.3", "data": "credentials", "auth": "none"}
    known = secret | {"auth": "unknown"}  # what the drawing says of the last link alone
    drawing.link(app, outer, **known)
    drawing.link(worker, outer, **known | {"role": "write"})
    drawing.link(outer, door, **known)
    drawing.link(inner, outer, **known)  # walls may lead to each other
    drawing.link(inner, db, **secret)

    (finding,) = found(drawing.design, "TLS012")
    assert finding.problem.message == "db-1 gives secrets to whoever claims to be app-1."


@pytest.mark.parametrize("external", [False, True])
@pytest.mark.parametrize("outward", [False, True])
def test_a_third_party_is_no_neighbour(external: bool, outward: bool) -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    far = drawing.part("service", external=external)
    ends = (app, far) if outward else (far, app)
    drawing.link(*ends, protocol="https", tls="1.3", data="credentials", auth="none")

    assert bool(subjects(drawing.design, "TLS012")) is not external


def test_a_neighbour_beside_a_third_party_behind_one_firewall_is_found() -> None:
    drawing = Drawing()
    app, db = (drawing.on(None, kind)[0] for kind in ("app_server", "database"))
    wall, far = drawing.part("firewall"), drawing.part("service", external=True)
    secret: dict[str, Any] = {"tls": "1.3", "data": "credentials", "auth": "none"}
    drawing.link(far, wall, **secret | {"auth": "unknown"})
    drawing.link(app, wall, **secret | {"auth": "unknown"})
    drawing.link(wall, db, **secret)

    assert subjects(drawing.design, "TLS012") == [("db-1",)]


@pytest.mark.parametrize(
    ("rule_id", "key", "field", "right"),
    [
        ("SEC002", "db-1", "credentials", "store"),
        ("SEC003", "db-2", "credentials", "store"),
        ("SEC004", "web-1", "runs_as", "user"),
        ("SEC005", "app-1", "runs_as", "user"),
        ("SEC011", "files-1", "writable", False),
        ("SEC013", "db-2", "accepts", "reads"),
        ("SEC019", "backup-1", "at_rest", "encrypted"),
    ],
)
def test_what_a_drawing_says_wrong_of_itself_is_found_and_set_right(
    rule_id: str, key: str, field: str, right: object
) -> None:
    design = CASES["open_locks"]()

    assert subjects(design, rule_id) == [(key,)]
    after = repaired(design, rule_id)
    assert getattr(after.components[key], field) == right
    unknown = edits.set_fields(design, key, **{field: False if field == "writable" else "unknown"})
    assert subjects(unknown, rule_id) == []


def test_parts_with_the_same_fault_are_one_finding() -> None:
    design = edits.set_fields(CASES["open_locks"](), "cache-1", credentials="default")

    (finding,) = found(design, "SEC002")
    assert finding.problem.message == "The password of cache-1 or db-1 is the one from the manual."
    repaired(design, "SEC002")


def test_names_with_braces_are_only_names() -> None:
    design = edits.set_fields(CASES["open_locks"](), "db-1", name="{0.__class__}")

    (finding,) = found(design, "SEC002")
    assert "{0.__class__}" in finding.problem.message


def test_files_that_nobody_uses_may_be_writable() -> None:
    drawing = Drawing()
    drawing.on(None, "app_files", writable=True)

    assert subjects(drawing.design, "SEC011") == []


def test_replicas_of_postgres_only_read_and_a_drawn_write_is_told_once() -> None:
    design = CASES["open_locks"]()

    assert subjects(edits.set_fields(design, "db-2", engine="postgres"), "SEC013") == []
    assert subjects(edits.set_fields(design, "db-2", role="primary"), "SEC013") == []
    written, _ = edits.connect(design, "app-1", "db-2", role="write", protocol="mysql")
    assert subjects(written, "SEC013") == []
    assert subjects(written, "DB003") == [("link-9",)]


def test_data_on_the_machine_of_the_front_gets_one_of_its_own() -> None:
    design = CASES["one_server"]()

    assert subjects(design, "SEC008") == [("server-1",)]
    after = repaired(design, "SEC008")
    assert after.host("db-1") != after.host("web-1")
    assert after.host("app-1") == after.host("web-1")


def test_data_behind_the_front_and_data_in_zones_are_told_elsewhere_or_fine() -> None:
    assert subjects(CASES["single_parts_in_a_site"](), "SEC008") == []
    drawing = Drawing()
    (cache, web) = drawing.on(drawing.part("zone", trust="dmz"), "cache", "web_server")
    drawing.link(drawing.users, web)
    drawing.link(web, cache, role="cache")

    assert subjects(drawing.design, "SEC008") == []
    assert subjects(drawing.design, "NET007") == [(cache,)]
    assert subjects(CASES["without_servers"](), "SEC008") == []


def test_a_cluster_of_fronts_is_told_for_the_first_machine_that_shares() -> None:
    drawing = Drawing()
    webs = [drawing.on(None, *kinds)[0] for kinds in (("web_server",), ("web_server", "database"))]
    drawing.link(drawing.users, drawing.cluster(*webs))

    assert subjects(drawing.design, "SEC008") == [("server-2",)]


def administered(source: str = "service", trust: str = "app", **values: Any) -> Drawing:
    """A part in a zone that may administer two machines in another."""
    drawing = Drawing()
    inner = drawing.part("zone", trust="app")
    servers = [drawing.part("server", inner, firewall=True) for _ in range(2)]
    desk = drawing.part(source, drawing.part("server", drawing.part("zone", trust=trust)), **values)
    drawing.link(desk, *servers, role="admin", protocol="ssh")
    return drawing


def test_administration_from_anywhere_goes_through_one_bastion() -> None:
    design = administered().design

    assert subjects(design, "SEC009") == [("server-1", "server-2")]
    after = repaired(design, "SEC009")
    (door,) = (key for key, item in after.components.items() if item.kind == "bastion")
    assert {after.links[key].target for key in after.outgoing["service-1"]} == {door}
    assert {after.links[key].target for key in after.outgoing[door]} == {"server-1", "server-2"}


@pytest.mark.parametrize(
    ("source", "trust"), [("bastion", "app"), ("service", "management"), ("service", "internet")]
)
def test_a_bastion_or_a_zone_for_it_is_a_way_and_the_internet_is_told_elsewhere(
    source: str, trust: str
) -> None:
    assert subjects(administered(source, trust).design, "SEC009") == []


def test_a_drawing_without_administration_says_nothing_about_it() -> None:
    assert subjects(CASES["one_server"](), "SEC009") == []


def test_memory_that_holds_secrets_should_ask() -> None:
    design = CASES["open_locks"]()

    assert subjects(design, "SEC017") == [("cache-1",)]
    (after,) = proven(design, "SEC017")
    assert after.links["link-4"].auth == "password"


@pytest.mark.parametrize("values", [{"auth": "unknown"}, {"auth": "token"}, {"data": "internal"}])
def test_memory_that_asks_or_holds_no_secrets_is_fine(values: dict[str, str]) -> None:
    design = edits.set_fields(CASES["open_locks"](), "link-4", **values)

    assert subjects(design, "SEC017") == []


def test_a_database_is_no_short_memory() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    drawing.link(app, *drawing.on(None, "database"), role="read", auth="none", data="credentials")

    assert subjects(drawing.design, "SEC017") == []


def test_across_a_border_memory_that_does_not_ask_is_told_once() -> None:
    design = crossing("queue", role="publish", protocol="amqp", data="confidential").design

    assert subjects(design, "SEC017") == []
    assert subjects(design, "SEC001") == [("queue-1",)]


def test_a_peer_that_nobody_checks_is_found() -> None:
    design = CASES["open_locks"]()

    assert subjects(design, "TLS011") == [("link-2",)]
    assert repaired(design, "TLS011").links["link-2"].verify == "yes"
    for values in ({"verify": "unknown"}, {"verify": "yes"}, {"protocol": "http", "tls": "none"}):
        assert subjects(edits.set_fields(design, "link-2", **values), "TLS011") == []


def test_peers_are_told_once_for_each_target() -> None:
    design = _blind_pair()

    (finding,) = found(design, "TLS011")
    assert finding.problem.message == "app-1 and app-2 believe anybody who says db-1."


def _blind_pair() -> Design:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (db,) = drawing.on(None, "database")
    for app in apps:
        drawing.link(app, db, role="read", protocol="postgres", tls="1.3", verify="no")
    return drawing.design


def test_secrets_on_clear_disks_are_found() -> None:
    design = CASES["open_locks"]()

    assert subjects(design, "TLS013") == [("db-1",)]
    after = repaired(design, "TLS013")
    assert getattr(after.components["db-1"], "at_rest") == "encrypted"  # noqa: B009


@pytest.mark.parametrize("at_rest", ["unknown", "encrypted"])
def test_encrypted_disks_and_those_not_spoken_of_are_fine(at_rest: str) -> None:
    design = edits.set_fields(CASES["open_locks"](), "db-1", at_rest=at_rest)

    assert subjects(design, "TLS013") == []


def test_clear_disks_without_secrets_are_fine() -> None:
    design = CASES["open_locks"]()
    for key in [key for key, link in design.links.items() if link.data == "confidential"]:
        design = edits.set_fields(design, key, data="internal")

    assert subjects(design, "TLS013") == []
