"""What the links and clusters of a drawing say that its parts need, in both views."""

import math
from typing import Any

import pytest

from app.analysis import events
from app.analysis.analysis import Analysis
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import part_of
from app.analysis.requirements import Up, View
from app.model import edits
from app.model.compute import Service
from app.model.containers import Cluster
from app.model.design import Design


def drawn(*parts: str, **flows: str) -> Design:
    """Return a design with users and these kinds of parts, unlinked; `browse` and `checkout`."""
    design, _ = edits.add(Design(), "client")
    for kind in parts:
        design, _ = edits.add(design, kind)
    return design


def linked(design: Design, *pairs: str, **values: Any) -> Design:
    """Return the design with a link for each "source target"."""
    for pair in pairs:
        source, target = pair.split()
        design, _ = edits.connect(design, source, target, **values)
    return design


def spofs(design: Design, flow: str = "browse", view: View = "recoverable") -> list[str]:
    """Return the single points of failure of a flow, in order."""
    return sorted(RequirementGraph(design, view).spofs(flow))


def databases(**cluster: Any) -> Design:
    """Return users before an application with a primary and a replica in a cluster."""
    design = drawn("app_server", "database", "database")
    design = linked(design, "users-1 app-1")
    design = linked(design, "app-1 db-1", "app-1 db-2", role="read")
    design = linked(design, "app-1 db-1", role="write")
    design = edits.set_fields(design, "db-2", role="replica")
    design, _ = edits.add(design, "cluster", mode="primary-replica", **cluster)
    return edits.join(design, "cluster-1", ("db-1", "db-2"))


@pytest.mark.parametrize("target", ["db-1", "cluster-1"])
def test_who_may_write_by_a_request_is_an_alternative(target: str) -> None:
    design = drawn("web_server", "app_server", "app_server", "database")
    design = linked(design, "users-1 web-1", "web-1 app-1", "web-1 app-2")
    design, _ = edits.add(design, "cluster", mode="primary-replica", members=("db-1",))
    design = linked(design, "app-1 db-1", role="write")
    design = linked(design, f"app-2 {target}")

    assert "app-1" not in spofs(design, "checkout")


def test_what_is_needed_in_own_words_and_what_is_published_may_be_a_write() -> None:
    design = drawn("app_server", "app_server", "app_server", "database", "queue")
    design = linked(design, "users-1 app-1", "users-1 app-2", "users-1 app-3")
    design = linked(design, "app-1 db-1", role="write")
    design = linked(design, "app-2 queue-1", role="publish")
    assert design.writers == {"users-1", "app-1", "app-2"}

    design = edits.set_fields(design, "app-3", requires={"write": "db-1"})
    assert design.writers == {"users-1", "app-1", "app-2", "app-3"}


@pytest.mark.parametrize("through", ["members", "cluster"])
def test_a_link_to_a_cluster_says_the_same_as_links_to_its_members(through: str) -> None:
    design = drawn("load_balancer", "app_server", "app_server", "database")
    design = linked(design, "users-1 lb-1", "app-1 db-1", "app-2 db-1", role="request")
    design = edits.remove(design, [key for key, link in design.links.items()
                                   if link.source == "app-2"])  # fmt: skip
    design = linked(design, "app-2 db-1", role="read")
    design, _ = edits.add(design, "cluster", mode="active-active", members=("app-1", "app-2"))
    targets = ("cluster-1",) if through == "cluster" else ("app-1", "app-2")
    design = linked(design, *(f"lb-1 {target}" for target in targets))

    assert spofs(design, "checkout") == ["app-1", "db-1", "lb-1"]


@pytest.mark.parametrize("mode", ["quorum", "sharded", "active-active"])
def test_a_group_of_which_several_are_needed_loses_none_that_only_read(mode: str) -> None:
    design = drawn("load_balancer", *["app_server"] * 3, "database")
    design = linked(design, "users-1 lb-1", "lb-1 app-1", "lb-1 app-2", "lb-1 app-3")
    design = linked(design, "app-1 db-1", "app-2 db-1", "app-3 db-1", role="read")
    design = linked(design, "app-1 db-1", role="write")
    members = ("app-1", "app-2", "app-3")
    design, _ = edits.add(design, "cluster", mode=mode, members=members, needed=2)

    graph = RequirementGraph(design, "recoverable")
    assert not graph.dead("checkout")


def test_a_write_that_is_optional_makes_nobody_a_writer() -> None:
    design = drawn("app_server", "app_server", "database")
    design = linked(design, "users-1 app-1", "users-1 app-2")
    design = linked(design, "app-1 db-1", "app-2 db-1", role="read")
    design = linked(design, "app-1 db-1", role="write", dependency="soft")

    assert spofs(design, "checkout") == ["db-1"]


def test_a_part_at_the_edge_of_the_drawing_is_a_single_point_of_failure() -> None:
    design = drawn("web_server", "web_server", "database", "queue")
    design = linked(design, "users-1 web-1", "users-1 web-2")
    design = linked(design, "web-1 db-1", "web-2 db-1", "web-1 queue-1", "web-2 queue-1")

    assert spofs(design) == ["db-1", "queue-1"]


def test_a_cache_is_optional_unless_it_is_marked_hard() -> None:
    design = drawn("web_server", "cache")
    design = linked(design, "users-1 web-1")
    soft = linked(design, "web-1 cache-1", role="cache")
    hard = linked(design, "web-1 cache-1", role="cache", dependency="hard")

    assert spofs(soft) == ["web-1"]
    assert spofs(hard) == ["cache-1", "web-1"]


def test_links_of_one_kind_are_alternatives_and_a_group_can_say_otherwise() -> None:
    design = drawn("web_server", "service", "service")
    design = linked(design, "users-1 web-1")
    either = linked(design, "web-1 service-1", "web-1 service-2")
    both = linked(design, "web-1 service-1", choice="a")
    both = linked(both, "web-1 service-2", choice="b")

    assert spofs(either) == ["web-1"]
    assert spofs(both) == ["service-1", "service-2", "web-1"]


def test_monitoring_and_replication_never_decide_whether_a_user_is_served() -> None:
    design = drawn("web_server", "monitoring_server", "database")
    design = linked(design, "users-1 web-1")
    design = linked(design, "web-1 monitoring-1", role="monitor")
    design = linked(design, "web-1 db-1", role="replicate")

    assert spofs(design) == ["web-1"]


def test_a_reading_flow_uses_replicas_and_a_writing_flow_the_primary() -> None:
    design = databases()

    assert spofs(design, "browse") == ["app-1"]
    assert spofs(design, "checkout") == ["app-1", "db-1"]


@pytest.mark.parametrize(
    ("failover", "recoverable", "continuity"),
    [
        ("none", ["app-1", "db-1"], ["app-1", "db-1"]),
        ("manual", ["app-1"], ["app-1", "db-1"]),
        ("automatic", ["app-1"], ["app-1"]),
    ],
)
def test_the_two_views_differ_in_who_switches(
    failover: str, recoverable: list[str], continuity: list[str]
) -> None:
    design = databases(failover=failover)

    assert spofs(design, "checkout", "recoverable") == recoverable
    assert spofs(design, "checkout", "continuity") == continuity


def test_a_replica_that_cannot_be_promoted_does_not_take_over() -> None:
    design = edits.set_fields(databases(failover="automatic"), "db-2", promotable=False)

    assert spofs(design, "checkout") == ["app-1", "db-1"]


def test_a_failing_switch_is_half_of_a_pair_and_never_a_single_point() -> None:
    graph = RequirementGraph(databases(failover="automatic"), "recoverable")

    assert frozenset(("db-1", "cluster-1.cover")) in graph.pairs("checkout")
    assert part_of("cluster-1.cover") == part_of("cluster-1.common") == "cluster-1"


def test_a_cluster_without_a_primary_cannot_be_written_to() -> None:
    design = edits.set_fields(databases(failover="automatic"), "db-1", role="replica")

    assert RequirementGraph(design, "recoverable").dead("checkout")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("active-active", []),
        ("active-passive", ["service-1"]),
        ("primary-replica", []),
        ("multi-primary", []),
        ("quorum", []),
        ("sharded", ["service-1", "service-2", "service-3"]),
    ],
)
def test_the_mode_of_a_cluster_says_how_many_members_are_needed(
    mode: str, expected: list[str]
) -> None:
    design = drawn("service", "service", "service")
    design, cluster = edits.add(design, "cluster", mode=mode)
    design = edits.join(design, cluster, ("service-1", "service-2", "service-3"))
    design = linked(design, f"users-1 {cluster}")

    assert spofs(design) == expected


def test_a_number_of_needed_members_overrides_the_mode() -> None:
    design = drawn("service", "service")
    design, cluster = edits.add(design, "cluster", needed=2)
    design = edits.join(design, cluster, ("service-1", "service-2"))

    assert spofs(linked(design, f"users-1 {cluster}")) == ["service-1", "service-2"]
    members = linked(design, "users-1 service-1", "users-1 service-2")
    assert spofs(members) == ["service-1", "service-2"]


def test_a_cluster_without_members_and_one_that_needs_more_than_it_has_are_down() -> None:
    design = drawn("service")
    design, cluster = edits.add(design, "cluster", needed=2)
    empty = linked(design, f"users-1 {cluster}")
    small = edits.join(empty, cluster, ("service-1",))

    assert RequirementGraph(empty, "recoverable").dead("browse")
    assert RequirementGraph(small, "recoverable").dead("browse")


def test_a_link_needs_the_firewalls_that_it_passes() -> None:
    design = linked(drawn("web_server", "firewall", "firewall"), "users-1 web-1", via=("fw-1",))
    two = edits.set_fields(design, "link-1", via=("fw-1|fw-2",))

    assert spofs(design) == ["fw-1", "web-1"]
    assert spofs(two) == ["web-1"]


def test_what_is_on_a_server_or_in_a_site_fails_with_it() -> None:
    design = drawn("web_server", "server", "site")
    design = edits.nest(edits.nest(design, ("web-1",), "server-1"), ("server-1",), "site-1")

    assert spofs(linked(design, "users-1 web-1")) == ["server-1", "site-1", "web-1"]


def test_a_zone_is_no_failure_domain_until_it_has_a_figure() -> None:
    design = edits.nest(drawn("web_server", "zone"), ("web-1",), "zone-1")
    design = linked(design, "users-1 web-1")

    assert spofs(design) == ["web-1"]
    assert spofs(edits.set_fields(design, "zone-1", availability=0.99)) == ["web-1", "zone-1"]


def test_the_users_themselves_never_fail() -> None:
    design = edits.set_fields(drawn("web_server"), "users-1", availability=0.5)

    assert spofs(linked(design, "users-1 web-1")) == ["web-1"]


def test_users_that_lead_nowhere_are_never_served() -> None:
    nowhere = drawn("web_server", "dns")
    names_only = linked(nowhere, "users-1 dns-1", role="resolve")

    assert RequirementGraph(nowhere, "recoverable").dead("browse")
    assert RequirementGraph(names_only, "recoverable").dead("browse")


def test_an_expression_replaces_what_the_links_say() -> None:
    design = linked(drawn("app_server", "service", "service"), "users-1 app-1", "app-1 service-1")
    free = edits.set_fields(design, "app-1", requires={"read": "true"})
    other = edits.set_fields(design, "app-1", requires={"read": "service-2"})
    missing = edits.set_fields(design, "app-1", requires={"read": "service-9"})

    assert spofs(design) == ["app-1", "service-1"]
    assert spofs(free) == ["app-1"]
    assert spofs(other) == ["app-1", "service-2"]
    assert RequirementGraph(missing, "recoverable").dead("browse")


def test_a_capability_in_own_words_reads_and_writes_as_the_flow_does() -> None:
    design = edits.set_fields(databases(), "app-1", requires={"pay": "cluster-1"})
    browse = edits.set_fields(design, "browse", requires="app-1.pay")
    checkout = edits.set_fields(browse, "checkout", requires="app-1.pay")
    unknown = edits.set_fields(design, "browse", requires="app-1.fly")

    assert spofs(checkout, "browse") == ["app-1"]
    assert spofs(checkout, "checkout") == ["app-1", "db-1"]
    assert RequirementGraph(unknown, "recoverable").dead("browse")


def test_two_services_that_need_each_other_work() -> None:
    design = linked(drawn("service", "service"), "users-1 service-1", "service-1 service-2")
    design = linked(design, "service-2 service-1")

    assert spofs(design) == ["service-1", "service-2"]


@pytest.mark.parametrize("failover", ["none", "manual", "automatic"])
def test_an_analysis_finds_in_one_graph_what_each_view_says(failover: str) -> None:
    design = databases(failover=failover)
    analysis = Analysis(design)

    for flow in design.flows:
        assert sorted(analysis.spofs[flow]) == spofs(design, flow, "recoverable")
        assert sorted(analysis.continuity_spofs[flow]) == spofs(design, flow, "continuity")


def test_a_statement_that_no_flow_rests_on_has_an_empty_mask() -> None:
    graph = RequirementGraph(drawn("service"), "recoverable")

    assert graph.bit("service-1") == 0
    assert graph.mask(Up("service-1", "read")) == 0


def test_the_mask_of_a_statement_holds_the_bits_of_what_brings_it_down() -> None:
    design = linked(drawn("service", "service"), "users-1 service-1", "service-1 service-2")
    graph = RequirementGraph(design, "recoverable")

    assert graph.mask(Up("service-1", "read")) == graph.bit("service-1") | graph.bit("service-2")


def test_a_flow_that_is_down_already_has_no_single_points() -> None:
    graph = RequirementGraph(databases(failover="automatic"), "recoverable")

    down = graph.spofs_when(["app-1", "nobody"])
    assert down == {"browse": frozenset(), "checkout": frozenset()}
    assert graph.spofs_when(["db-1"])["checkout"] == {"app-1", "db-2", "cluster-1.cover"}


def test_figures_of_failure_come_from_the_part_or_from_its_kind() -> None:
    part = Service(name="a", mtbf_hours=999.0, mttr_hours=1.0)

    assert events.availability(part) == pytest.approx(0.999)
    assert events.unavailability(part) == pytest.approx(0.001)
    assert events.availability(Service(name="a")) == Service.default_availability
    assert events.availability(Service(name="a", availability=0.5)) == 0.5


def test_a_switch_saves_less_the_longer_it_takes() -> None:
    quick = databases(detection_seconds=0.0, switch_seconds=0.0, switch_success=1.0)
    slow = databases(detection_seconds=0.0, switch_seconds=14_400.0, switch_success=1.0)

    assert _cover(quick) == 1.0
    assert _cover(slow) == pytest.approx(math.exp(-1))
    assert _cover(edits.join(slow, "cluster-1", ())) == pytest.approx(math.exp(-1))


def _cover(design: Design) -> float:
    cluster = design.components["cluster-1"]
    assert isinstance(cluster, Cluster)
    return events.cover(design, cluster)
