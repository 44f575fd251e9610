"""Ways through a drawing, and requirements in words."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.cutsets import RequirementGraph
from app.analysis.paths import path_to, surviving_path
from app.analysis.words import expression_of, listed, requirement_words
from app.model import edits
from app.model.design import Design


def stack() -> Design:
    """Return users, a balancer, two web servers on servers, and a primary with a replica."""
    design, _ = edits.add(Design(), "client")
    for kind in ("load_balancer", "web_server", "web_server", "database", "database", "server"):
        design, _ = edits.add(design, kind)
    design = edits.nest(design, ("web-2",), "server-1")
    for source, target, role in (
        ("users-1", "lb-1", "request"),
        ("lb-1", "web-1", "request"),
        ("lb-1", "web-2", "request"),
        ("web-1", "db-1", "read"),
        ("web-1", "db-2", "read"),
        ("web-1", "db-1", "write"),
    ):
        design, _ = edits.connect(design, source, target, role=role)
    design = edits.set_fields(design, "db-2", role="replica")
    design, cluster = edits.add(design, "cluster", mode="primary-replica")
    return edits.join(design, cluster, ("db-1", "db-2"))


def test_a_path_alternates_parts_and_links() -> None:
    assert path_to(stack(), "browse", "web-1") == ("users-1", "link-1", "lb-1", "link-2", "web-1")


def test_a_path_to_a_server_ends_at_what_is_on_it() -> None:
    assert path_to(stack(), "browse", "server-1")[-1] == "web-2"


def test_a_path_to_the_users_is_no_way_at_all() -> None:
    assert path_to(stack(), "browse", "users-1") == ("users-1",)


def test_there_is_no_path_to_what_users_do_not_reach() -> None:
    design, other = edits.add(stack(), "cache")

    assert path_to(design, "browse", other) == ()


def test_a_surviving_path_avoids_what_is_down_and_what_is_on_it() -> None:
    graph = RequirementGraph(stack(), "recoverable")

    assert surviving_path(graph, "browse", ("web-1",))[-1] == "web-2"
    assert "web-2" not in surviving_path(graph, "browse", ("server-1",))
    assert surviving_path(graph, "browse", ("lb-1",)) == ()


def test_a_surviving_path_leads_to_data_by_links_that_the_flow_uses() -> None:
    design = edits.remove(stack(), ("web-2",))
    design, dns = edits.add(design, "dns")
    design, _ = edits.connect(design, "users-1", dns, role="resolve", protocol="dns")
    graph = RequirementGraph(design, "recoverable")

    assert surviving_path(graph, "browse", ("db-1",))[-1] == "db-2"
    assert surviving_path(graph, "checkout", ())[-2:] == ("link-6", "db-1")


def test_a_path_survives_a_broken_link_by_another_one() -> None:
    graph = RequirementGraph(stack(), "recoverable", frozenset(("link-2",)))

    assert "link-3" in surviving_path(graph, "browse", ())


def test_a_path_leads_through_a_cluster_to_its_members() -> None:
    design, _ = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    design, cluster = edits.add(design, "cluster")
    design = edits.join(design, cluster, (web,))
    design, link = edits.connect(design, "users-1", cluster)

    assert path_to(design, "browse", web) == ("users-1", link, cluster, web)


def test_a_path_to_a_firewall_on_the_way_ends_there() -> None:
    design, _ = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    design, wall = edits.add(design, "firewall")
    design, link = edits.connect(design, "users-1", web, via=(wall,))

    assert path_to(design, "browse", wall) == ("users-1", link, wall)


@pytest.mark.parametrize(
    ("part", "operation", "words", "expression"),
    [
        ("lb-1", "read", "To read, lb-1 needs any of web-1 or web-2.", "web-1 or web-2"),
        ("web-1", "read", "To read, web-1 needs any of db-1 or db-2.", "db-1 or db-2"),
        ("web-1", "write", "To write, web-1 needs db-1.", "db-1"),
        ("web-2", "read", "To read, web-2 needs nothing else.", "true"),
        ("cluster-1", "read", "To read, cluster-1 needs any of db-1 or db-2.", "db-1 or db-2"),
        ("cluster-1", "write", "To write, cluster-1 needs db-1.", "db-1"),
    ],
)
def test_a_requirement_reads_as_a_sentence_and_as_an_expression(
    part: str, operation: str, words: str, expression: str
) -> None:
    assert requirement_words(stack(), part, operation) == words
    assert expression_of(stack(), part, operation) == expression


def test_own_expressions_are_told_with_what_they_name_and_what_does_not_exist() -> None:
    text = "2 of (web-1, web-2, lb-9) and (db-1.alive or db-2.write)"
    design = edits.set_fields(stack(), "lb-1", requires={"read": text})

    assert requirement_words(design, "lb-1", "read") == (
        "To read, lb-1 needs (2 of web-1, web-2 and “lb-9”, which does not exist) "
        "and (any of db-1 running or db-2 to write)."
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("reach(web-1, lb-1)", "links that join web-1 and lb-1"),
        ("reach(lb-1 -> web-1, web-2)", "links that lead from lb-1 to web-1 and web-2"),
        ("reach(web-1 -> lb-1)", "links that lead from web-1 to lb-1, which are not drawn"),
        ("reach(web-1, lb-9)", "links that join web-1 and “lb-9”, which does not exist"),
        ("web-1 and reach(web-1, lb-1)", "web-1 and (links that join web-1 and lb-1)"),
    ],
)
def test_parts_that_links_have_to_join_are_told(text: str, words: str) -> None:
    design = edits.set_fields(stack(), "lb-1", requires={"read": text})

    assert requirement_words(design, "lb-1", "read") == f"To read, lb-1 needs {words}."


def test_a_cluster_without_members_needs_nothing_that_could_be_named() -> None:
    design, cluster = edits.add(Design(), "cluster")

    assert expression_of(design, cluster, "read") == "true"


def test_a_cluster_that_somebody_switches_needs_any_member_also_for_writes() -> None:
    design = edits.set_fields(stack(), "cluster-1", failover="manual")
    passive = edits.set_fields(stack(), "cluster-1", mode="active-passive")

    assert expression_of(design, "cluster-1", "write") == "db-1 or db-2"
    assert expression_of(passive, "cluster-1", "read") == "db-1"


def test_guards_of_a_link_are_needed_running() -> None:
    design, wall = edits.add(stack(), "firewall")
    design = edits.set_fields(design, "link-6", via=(wall,))

    assert expression_of(design, "web-1", "write") == "fw-1.alive and db-1"


def test_a_list_in_prose() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"


def test_an_analysis_knows_what_is_around_a_part() -> None:
    analysis = Analysis(stack())

    assert analysis.domains("web-2") == {"server-1"}
    assert analysis.domains("web-1") == frozenset()
    assert analysis.flows_lost["lb-1"] == ("browse", "checkout")
