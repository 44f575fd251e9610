"""Databases: replicas, who takes over, where writes go, votes, backups."""

from app.model import edits
from app.model.design import Design
from tests.rules.cases import CASES, quorum, replicas
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_database_that_is_only_read_wants_a_replica() -> None:
    design = CASES["reading_only"]()

    assert subjects(design, "DB001") == [("db-1",)]
    assert subjects(design, "SPOF001") == subjects(design, "SPOF005") == []
    assert subjects(repaired(design, "DB001"), "DB001") == []


def test_a_database_that_is_optional_wants_a_replica_too() -> None:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, *webs)
    for web in webs:
        drawing.link(web, db, role="read", dependency="soft", protocol="postgres")

    assert subjects(drawing.design, "DB001") == [(db,)]
    assert subjects(repaired(drawing.design, "DB001"), "DB001") == []


def test_a_written_database_is_told_by_the_writes_alone() -> None:
    assert subjects(CASES["one_server"](), "DB001") == []
    assert subjects(replicas(), "DB002") == []


def test_a_cluster_that_nobody_writes_to_yet_wants_a_failover() -> None:
    design = CASES["unused_replicas"]()

    assert subjects(design, "DB002") == [("cluster-1",)]
    assert subjects(repaired(design, "DB002"), "DB002") == []


def test_a_write_to_a_replica_is_sent_to_its_primary() -> None:
    design = CASES["writes_to_a_replica"]()
    (finding,) = found(design, "DB003")

    assert design.links[finding.problem.subjects[0]].target == "db-2"
    assert subjects(repaired(design, "DB003"), "DB003") == []


def test_all_members_of_a_multi_primary_cluster_may_be_written_to() -> None:
    design = edits.set_fields(CASES["writes_to_a_replica"](), "cluster-1", mode="multi-primary")

    assert subjects(design, "DB003") == []


def test_a_replica_without_a_cluster_belongs_to_the_only_primary_of_its_engine() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (replica,) = drawing.on(None, "database", role="replica")
    drawing.link(drawing.users, app)
    drawing.link(app, replica, role="write", protocol="postgres")
    alone = drawing.design
    assert [finding.problem.fixes for finding in found(alone, "DB003")] == [()]
    assert [finding.problem.fixes for finding in found(alone, "DB006")] == [()]
    drawing.on(None, "database", engine="mariadb")
    drawing.on(None, "database")

    assert repaired(drawing.design, "DB003").links["link-2"].target == "db-3"
    after = repaired(drawing.design, "DB006")
    assert [after.links[key].source for key in after.incoming[replica]][-1] == "db-3"


def test_a_mysql_replica_replicates_by_its_protocol() -> None:
    drawing = Drawing()
    (primary,) = drawing.on(None, "database", engine="mysql")
    (replica,) = drawing.on(None, "database", engine="mysql", role="replica")
    drawing.cluster(primary, replica, mode="primary-replica")

    design = repaired(drawing.design, "DB006")

    (link,) = design.links.values()
    assert (link.role, link.protocol, link.tls) == ("replicate", "mysql", "1.3")


def test_copies_of_data_in_one_place_are_told_where_the_place_is_not() -> None:
    assert subjects(CASES["unused_replicas"](), "DB005") == [("cluster-1",)]
    assert subjects(CASES["replicas_in_one_site"](), "DB005") == [("cluster-1",)]
    assert subjects(CASES["replica_on_the_same_server"](), "DB005") == []
    assert subjects(CASES["replica_on_the_same_server"](), "SPOF002") == [("server-3",)]
    assert subjects(repaired(CASES["replicas_in_one_site"](), "DB005"), "DB005") == []


def test_a_primary_that_copies_its_replica_is_told_and_copies_nobody_then() -> None:
    design, _ = edits.connect(replicas("automatic"), "db-2", "db-1", role="replicate")

    assert subjects(design, "DB006") == [("db-1", "db-2")]
    after = repaired(design, "DB006")
    assert subjects(after, "DB006") == []
    assert replications(after) == [("db-1", "db-2")]


def test_replicas_that_copy_each_other_get_their_data_from_the_primary() -> None:
    drawing = Drawing()
    one, two, three = (
        drawing.on(None, "database", role=role)[0] for role in ("primary", "replica", "replica")
    )
    drawing.cluster(one, two, three, mode="primary-replica")
    drawing.link(two, three, role="replicate", protocol="postgres")
    drawing.link(three, two, role="replicate", protocol="postgres")

    assert subjects(drawing.design, "DB006") == [(two, three)]
    after = repaired(drawing.design, "DB006")
    assert replications(after) == [(one, two), (two, three)]

    orphans = edits.remove(drawing.design, (one,))
    assert [finding.problem.fixes for finding in found(orphans, "DB006")] == [()]


def test_a_chain_of_replicas_and_equals_that_copy_each_other_are_no_ring() -> None:
    drawing = Drawing()
    one, two, three = (
        drawing.on(None, "database", role=role)[0] for role in ("primary", "replica", "replica")
    )
    drawing.link(one, two, role="replicate", protocol="postgres")
    drawing.link(two, three, role="replicate", protocol="postgres")
    assert subjects(drawing.design, "DB006") == []

    equals = edits.set_fields(replicas("none"), "cluster-1", mode="multi-primary")
    equals, _ = edits.connect(equals, "db-2", "db-1", role="replicate")
    assert subjects(equals, "DB006") == []


def test_replication_that_is_drawn_backwards_is_turned_round() -> None:
    design = CASES["backwards"]()

    (finding,) = found(design, "DB006")
    assert finding.problem.message == "db-2 is a replica, and db-1 copies it: turn that round."
    assert replications(repaired(design, "DB006")) == [("db-1", "db-2")]


def test_a_replica_outside_a_cluster_is_let_take_over_rather_than_another_one_added() -> None:
    design = repaired(CASES["backwards"](), "DB006")
    after = repaired(design, "SPOF005")

    assert [item.kind for item in after.components.values()].count("database") == 2
    assert after.cluster_of["db-1"] == after.cluster_of["db-2"]


def test_a_replica_opens_no_second_door_for_users() -> None:
    drawing = Drawing()
    (db,) = drawing.on(None, "database")
    drawing.query(drawing.users, db)

    after = repaired(drawing.design, "SPOF005")

    reads = [link.target for link in after.links.values() if link.role == "read"]
    assert reads == [after.cluster_of[db]]


def test_writes_go_to_the_member_that_takes_them_whoever_else_is_called_primary() -> None:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    one, two, three = (
        drawing.on(None, "database", role=role)[0] for role in ("primary", "primary", "replica")
    )
    drawing.cluster(one, two, three, mode="primary-replica")
    drawing.link(apps[0], two, role="write", protocol="postgres")
    drawing.link(apps[1], three, role="write", protocol="postgres")

    after = repaired(drawing.design, "DB003")
    assert {link.target for link in after.links.values() if link.role == "write"} == {two}


def test_a_cluster_without_a_database_has_no_rivals() -> None:
    drawing = Drawing()
    services = [drawing.part("service") for _ in range(2)]
    drawing.cluster(*services, mode="primary-replica")
    drawing.cluster(mode="primary-replica")

    assert subjects(drawing.design, "DB007") == []


def replications(design: Design) -> list[tuple[str, str]]:
    """Return who is copied by whom."""
    links = design.links.values()
    return sorted((link.source, link.target) for link in links if link.role == "replicate")


def test_two_primaries_in_a_primary_replica_cluster_are_told() -> None:
    design = edits.set_fields(replicas("automatic"), "db-2", role="primary")

    (finding,) = found(design, "DB007")
    assert finding.problem.subjects == ("db-1", "db-2")
    after = repaired(design, "DB007")
    assert subjects(after, "DB007") == []
    assert [after.components[key].role for key in ("db-1", "db-2")] == ["primary", "replica"]  # type: ignore[union-attr]  # databases


def test_primaries_that_copy_each_other_are_told_once_and_repaired() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    one, two = (drawing.on(None, "database")[0] for _ in range(2))
    drawing.link(drawing.users, app)
    for db in (one, two):
        drawing.link(app, db, role="write", protocol="postgres")
    drawing.link(one, two, role="replicate", protocol="postgres")
    drawing.link(two, one, role="replicate", protocol="postgres")

    assert subjects(drawing.design, "DB007") == [(one, two)]
    after = repaired(drawing.design, "DB007")
    links = [(link.role, link.source, link.target) for link in after.links.values()]
    assert ("replicate", one, two) in links
    assert ("replicate", two, one) not in links
    assert [link for link in links if link[0] == "write"] == [("write", app, one)]


def test_who_wrote_to_the_second_primary_writes_to_the_first() -> None:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    one, two = (drawing.on(None, "database")[0] for _ in range(2))
    drawing.cluster(one, two, mode="primary-replica")
    for app, database in zip(apps, (one, two), strict=True):
        drawing.link(app, database, role="write", protocol="postgres")

    after = repaired(drawing.design, "DB007")

    assert [link.target for link in after.links.values() if link.role == "write"] == [one, one]


def test_of_two_primaries_the_one_that_is_written_to_stays() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    one, two = (drawing.on(None, "database")[0] for _ in range(2))
    drawing.cluster(one, two, mode="primary-replica")
    drawing.link(app, two, role="write", protocol="postgres")

    after = repaired(drawing.design, "DB007")

    assert [getattr(after.components[key], "role", "") for key in (one, two)] == [
        "replica",
        "primary",
    ]


def test_the_second_primary_of_a_cluster_gets_its_data_from_the_first() -> None:
    drawing = Drawing()
    one, two = (drawing.on(None, "database")[0] for _ in range(2))
    drawing.cluster(one, two, mode="primary-replica")

    (link,) = repaired(drawing.design, "DB007").links.values()

    assert (link.role, link.source, link.target) == ("replicate", one, two)


def test_one_primary_or_a_mode_for_several_is_in_order() -> None:
    assert subjects(replicas("automatic"), "DB007") == []
    both = edits.set_fields(replicas("automatic"), "db-2", role="primary")
    assert subjects(edits.set_fields(both, "cluster-1", mode="multi-primary"), "DB007") == []


def test_two_primaries_that_have_nothing_in_common_are_two_data_sets() -> None:
    drawing = Drawing()
    for _ in range(2):
        drawing.on(None, "database")

    assert subjects(drawing.design, "DB007") == []


def test_an_even_number_of_votes_is_told_with_what_it_bears() -> None:
    (finding,) = found(quorum(4, 4), "DB008")

    assert "4 votes and bears the loss of 1, as 3 would" in finding.problem.message
    assert subjects(quorum(5, 5), "DB008") == []
    assert subjects(repaired(quorum(4, 4), "DB008"), "DB008") == []


def test_a_backup_of_one_member_is_enough() -> None:
    design = replicas("automatic")
    assert subjects(design, "DB010") == [("db-1",)]
    after = repaired(design, "DB010")
    assert subjects(after, "DB010") == []
    design, backup = edits.add(design, "backup")
    design, _ = edits.connect(design, "db-2", backup, role="backup")
    assert subjects(design, "DB010") == []


def test_a_backup_without_machines_stands_beside_the_database() -> None:
    after = repaired(CASES["without_servers"](), "DB010")

    assert after.host("backup-1") is None
    assert "backup-1" in after.layout
