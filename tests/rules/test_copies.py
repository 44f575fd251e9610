"""Where copies stand: backups, idle replicas, long chains, tiers on one machine."""

from app.model import edits
from app.model.design import Design
from tests.rules import chosen
from tests.rules.cases import CASES, replicas
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_backup_on_the_server_of_its_original_is_found() -> None:
    (finding,) = found(chosen.backup_on_the_same_server(), "DB011")

    assert finding.problem.subjects == ("db-1", "backup-1")
    assert finding.problem.witness.missing == "server-2"
    after = repaired(chosen.backup_on_the_same_server(), "DB011")
    assert after.host("backup-1") not in (None, "server-2")
    assert after.site("backup-1") is None


def test_a_backup_in_the_site_of_its_original_is_found_where_there_is_another_site() -> None:
    design = chosen.backup_in_the_same_site()

    assert subjects(design, "DB011") == [("db-1", "backup-1")]
    assert subjects(repaired(design, "DB011"), "DB011") == []
    one_site = edits.remove(design, ("site-2",))
    assert subjects(one_site, "DB011") == []


def test_a_backup_elsewhere_is_enough() -> None:
    assert subjects(chosen.copied("away").design, "DB011") == []
    drawing = chosen.copied("server")
    (second,) = drawing.on(None, "backup")
    drawing.link(second, "db-1", role="backup", protocol="ssh")
    assert subjects(drawing.design, "DB011") == []


def test_a_site_around_another_one_is_no_second_place() -> None:
    drawing = Drawing()
    provider = drawing.part("site", domain="provider")
    rack = drawing.part("site", provider, domain="rack")
    (db,) = drawing.on(rack, "database")
    (backup,) = drawing.on(rack, "backup")
    drawing.link(db, backup, role="backup", protocol="ssh")

    assert subjects(drawing.design, "DB011") == []


def idle(*, clustered: bool = True) -> Design:
    """Return a primary with a replica that nobody reads from."""
    design = replicas("automatic")
    reads = [key for key, link in design.links.items()
             if link.role == "read" and link.target == "db-2"]  # fmt: skip
    design = edits.remove(design, reads)
    return design if clustered else edits.remove(design, ("cluster-1",))


def test_a_replica_that_nobody_reads_from_is_found() -> None:
    for design in (idle(), idle(clustered=False)):
        assert subjects(design, "DB004") == [("db-1",)]
        after = repaired(design, "DB004")
        assert subjects(after, "DB004") == []
        readers = {after.links[key].source for key in after.incoming["db-2"]}
        assert {"app-1", "app-2"} <= readers


def test_replicas_that_are_read_or_not_there_are_left_alone() -> None:
    assert subjects(replicas("automatic"), "DB004") == []
    assert subjects(CASES["one_server"](), "DB004") == []
    unread = edits.remove(idle(), [k for k, v in idle().links.items() if v.role == "read"])
    assert subjects(unread, "DB004") == []


def test_a_cluster_that_is_read_as_a_whole_has_no_idle_replica() -> None:
    design, _ = edits.connect(idle(), "app-1", "cluster-1", role="read", protocol="postgres")

    assert subjects(design, "DB004") == []


def test_users_who_ask_a_database_themselves_get_no_second_one() -> None:
    drawing = Drawing()
    (db,) = drawing.on(None, "database")
    (copy,) = drawing.on(None, "database", role="replica")
    drawing.link(drawing.users, db, role="read", protocol="postgres")
    drawing.link(db, copy, role="replicate", protocol="postgres")

    (finding,) = found(drawing.design, "DB004")
    assert finding.problem.fixes == ()


def test_a_chain_of_three_links_is_too_long() -> None:
    (finding,) = found(chosen.long_chain(), "DB014")

    assert finding.problem.subjects == ("db-4",)
    assert "over 3 links" in finding.problem.message
    after = repaired(chosen.long_chain(), "DB014")
    copied = {link.target for link in after.links.values()
              if link.role == "replicate" and link.source == "db-1"}  # fmt: skip
    assert copied == {"db-2", "db-3", "db-4"}


def test_a_chain_of_two_links_will_do_and_a_ring_has_no_end() -> None:
    assert subjects(chosen.chain(2).design, "DB014") == []
    ring = chosen.chain(3)
    ring.link("db-4", "db-2", role="replicate", protocol="postgres")
    assert subjects(ring.design, "DB014") == []
    (beside,) = ring.on(None, "database", role="replica")
    ring.link("db-4", beside, role="replicate", protocol="postgres")
    assert subjects(ring.design, "DB014") == []


def test_servers_with_all_the_same_parts_are_found_once() -> None:
    design = chosen.two_full_servers()

    assert subjects(design, "DB015") == [("server-1", "server-2")]
    after = repaired(design, "DB015")
    assert subjects(after, "DB015") == []
    assert len({after.host(key) for key in ("web-1", "app-1", "db-1", "app-2", "db-2")}) == 5
    assert after.host("files-1") == after.host("app-1")


def test_one_full_server_is_a_beginning() -> None:
    assert subjects(CASES["one_server"](), "DB015") == []


def test_servers_that_lack_a_tier_are_left_alone() -> None:
    design = edits.remove(chosen.two_full_servers(), ("app-2",))

    assert subjects(design, "DB015") == []
