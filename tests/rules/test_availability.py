"""Promises: targets, flows that never work, load that one loss breaks, state, users."""

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, repaired, subjects


def test_a_target_that_is_missed_is_told_in_minutes() -> None:
    (finding,) = found(CASES["promises"](), "AVL001")

    assert finding.problem.subjects == ("browse",)
    assert "down 1,051 minutes a year instead of 526" in finding.problem.message
    assert finding.problem.witness.numbers["allowed"] == pytest.approx(0.001)
    assert subjects(repaired(CASES["promises"](), "AVL001"), "AVL001") == []


def test_a_target_that_is_met_stays_quiet() -> None:
    easy = edits.set_fields(CASES["promises"](), "browse", target_availability=0.99)

    assert subjects(easy, "AVL001") == []
    assert subjects(CASES["one_server"](), "AVL001") == []


def test_spares_end_where_nothing_is_single_any_more() -> None:
    design = edits.set_fields(CASES["promises"](), "browse", target_availability=0.999_999_999)

    (finding,) = found(design, "AVL002")  # one part alone misses it
    after = finding.problem.fixes[0].edit(design)

    assert subjects(after, "SPOF001") == []
    assert subjects(after, "AVL001") == [("browse",)]


def test_spares_are_added_a_bounded_number_of_times() -> None:
    drawing = Drawing()
    parts = [drawing.part("service") for _ in range(14)]
    for source, target in zip([drawing.users, *parts], parts, strict=False):
        drawing.link(source, target)
    drawing.set("browse", target_availability=0.999_999)

    (finding,) = found(drawing.design, "AVL002")
    after = finding.problem.fixes[0].edit(drawing.design)

    assert len(after.components) < len(drawing.design.components) + 14


def messages(design: Design) -> list[str]:
    """Return what the rule about flows that cannot work says."""
    return [finding.problem.message for finding in found(design, "AVL005")]


def test_users_that_lead_nowhere_are_let_in_by_the_entrance() -> None:
    design = CASES["unfinished"]()

    (message,) = messages(design)
    assert message.startswith("Nobody can browse or checkout, even when everything runs: ")
    assert message.endswith("no link leads from users-1 to a part that serves.")
    after = repaired(design, "AVL005")
    assert [after.links[key].target for key in after.outgoing["users-1"]] == ["lb-1"]


def test_users_that_stop_at_the_dns_open_the_link_that_was_drawn_from_it() -> None:
    drawing = Drawing()
    dns, web = drawing.part("dns"), drawing.part("web_server")
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(dns, web)

    after = repaired(drawing.design, "AVL005")

    ends = {(link.source, link.target) for link in after.links.values()}
    assert ends == {(drawing.users, dns), (drawing.users, web)}


def test_users_without_anything_to_enter_get_no_fix() -> None:
    (finding,) = found(Drawing().design, "AVL005")

    assert finding.problem.fixes == ()


def test_a_cluster_that_needs_more_than_it_has_is_named() -> None:
    assert "cluster-1 needs 3 members and has 2" in messages(CASES["impossible"]())[0]
    assert messages(repaired(CASES["impossible"](), "AVL005")) == []


def test_a_cluster_without_members_is_named() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.cluster())

    assert "cluster-1 has no members" in messages(drawing.design)[0]


def test_a_cluster_without_a_primary_gets_one() -> None:
    design = edits.set_fields(CASES["replicas"](), "db-1", role="replica")
    clusters = {key: "cluster-1" for key, link in design.links.items() if link.role == "write"}
    for key, target in clusters.items():
        design = edits.set_fields(design, key, target=target)

    assert "cluster-1 has no primary" in messages(design)[0]
    assert messages(repaired(design, "AVL005")) == []


def test_a_primary_can_only_be_made_of_a_database() -> None:
    drawing = Drawing()
    (db,) = drawing.on(None, "database", role="replica")
    empty = drawing.cluster(db, mode="primary-replica")
    drawing.link(drawing.users, empty, role="write")
    drawing.design = edits.remove(drawing.design, ("browse",))

    assert "has no primary" in messages(drawing.design)[0]


def test_a_part_with_too_few_alternatives_is_named() -> None:
    drawing = Drawing()
    web, db = drawing.part("web_server"), drawing.part("service")
    member = drawing.part("service")
    drawing.cluster(db, member, needed=2)
    drawing.link(drawing.users, web)
    drawing.link(web, drawing.part("app_server"), db)

    told = "web-1 reaches 1 of the 2 members of cluster-1 that have to work"
    assert told in messages(drawing.design)[0]


def test_a_cluster_that_wants_more_than_it_has_is_named_where_its_members_are_linked() -> None:
    design = edits.set_fields(CASES["replicas"](), "cluster-1", needed=5)

    assert all("cluster-1 needs 5 members and has 2" in told for told in messages(design))
    assert messages(repaired(design, "AVL005")) == []


def test_a_requirement_of_what_is_not_there_is_told_once() -> None:
    design = CASES["unknown_parts"]()

    assert "app-1 needs gone-1, which does not exist" in messages(design)[0]
    assert subjects(design, "MOD006") == [("web-1",)]
    assert messages(repaired(design, "AVL005")) == []


@pytest.mark.parametrize("text", ["gone-1", "web-1.fly"])
def test_a_flow_that_requires_what_is_not_there_follows_its_links_again(text: str) -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("web_server"))
    drawing.set("browse", requires=text)

    assert len(messages(drawing.design)) == 1
    if text == "gone-1":
        assert messages(repaired(drawing.design, "AVL005")) == []


def test_a_tier_that_drowns_when_one_fails_is_found() -> None:
    design = CASES["busy"]()

    assert subjects(design, "CAP003") == [("app-1", "app-2")]
    assert subjects(repaired(design, "CAP003"), "CAP003") == []
    calm = edits.set_fields(design, "browse", requests_per_second=10.0)
    assert subjects(calm, "CAP003") == []
    flooded = edits.set_fields(design, "browse", requests_per_second=1000.0)
    assert subjects(flooded, "CAP003") == []  # too small even when complete: another matter
    unknown = edits.set_fields(design, "app-1", capacity=None)
    assert subjects(unknown, "CAP003") == []


def test_state_on_one_of_several_servers_is_found() -> None:
    design = CASES["busy"]()

    assert subjects(design, "OPS001") == [("app-1",)]
    after = repaired(design, "OPS001")
    assert subjects(after, "OPS001") == []
    assert after.incoming["cache-1"]
    one = edits.set_fields(CASES["one_server"](), "app-1", state="local")
    assert subjects(one, "OPS001") == []


def test_state_goes_into_the_cache_that_is_there() -> None:
    design, cache = edits.add(CASES["busy"](), "cache")
    design, _ = edits.connect(design, "app-1", cache, role="cache", protocol="redis", tls="1.3")

    after = repaired(design, "OPS001")

    assert [item.kind for item in after.components.values()].count("cache") == 1
    assert len(after.incoming[cache]) == 2


def test_a_design_without_users_is_told_so() -> None:
    after = repaired(CASES["nobody"](), "MOD005")
    assert {flow.operation for flow in after.flows.values()} == {"read", "write"}
    assert after.outgoing["users-1"]
    assert subjects(Design(), "MOD005") == []
    assert subjects(CASES["one_server"](), "MOD005") == []


def test_users_that_are_there_get_flows() -> None:
    design = edits.remove(CASES["one_server"](), ("browse", "checkout"))

    after = repaired(design, "MOD005")

    assert {flow.client for flow in after.flows.values()} == {"users-1"}
    assert len(after.links) == len(design.links)
