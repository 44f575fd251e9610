"""What is lost with a part beside the flows: abilities, redundancy, a share of the requests."""

import pytest

from app.analysis.analysis import Analysis
from app.analysis.blast import Blast, Thinned, blast_words
from app.analysis.cutsets import DOWN
from app.analysis.failure_table import blast_table
from app.analysis.requirements import Up
from app.analysis.what_if import blast_of, with_contents
from app.model import edits
from app.model.design import Design
from tests.analysis.test_requirements import databases, drawn, linked


@pytest.fixture
def shop() -> Design:
    """Users, a balancer, two web servers and the database of both."""
    design = drawn("load_balancer", "web_server", "web_server", "database")
    design = linked(design, "users-1 lb-1", "lb-1 web-1", "lb-1 web-2")
    return linked(design, "web-1 db-1", "web-2 db-1", role="read")


def blast(design: Design, *failed: str) -> Blast:
    return blast_of(Analysis(design), failed)


def test_a_database_takes_the_ability_of_all_that_need_it(shop: Design) -> None:
    found = blast(shop, "db-1")

    assert found.flows == ["browse", "checkout"]
    assert {part: sorted(lost) for part, lost in found.capabilities.items()} == {
        "lb-1": ["read", "write"], "web-1": ["read", "write"], "web-2": ["read", "write"],
    }  # fmt: skip
    assert found.thinned == []
    assert list(blast_words(shop, found)) == [
        "lb-1, web-1 and web-2 can no longer read or write.",
    ]


def test_a_copy_takes_only_redundancy(shop: Design) -> None:
    found = blast(shop, "web-1")

    assert (found.flows, found.capabilities) == ([], {})
    assert found.thinned == [Thinned(("web-1", "web-2"), 1)]
    assert list(blast_words(shop, found)) == ["Of web-1 and web-2, 1 is left."]


def test_of_more_copies_more_are_left(shop: Design) -> None:
    design, third = edits.add(shop, "web_server")
    design = linked(design, f"lb-1 {third}")
    assert list(blast_words(design, blast(design, "web-1"))) == [
        "Of web-1, web-2 and web-3, 2 are left."
    ]


def test_a_link_takes_what_is_behind_it(shop: Design) -> None:
    link = next(key for key, item in shop.links.items() if item.target == "db-1")
    assert set(blast(shop, link).capabilities) == {"web-1"}
    assert blast(shop, link).thinned == [Thinned(("web-1", "web-2"), 1)]


def test_the_share_of_the_requests_follows_from_the_rates(shop: Design) -> None:
    assert blast(shop, "db-1").traffic is None
    design = edits.set_fields(shop, "browse", requests_per_second=30.0)
    design = edits.set_fields(design, "checkout", requests_per_second=10.0, requires="web-1")

    assert blast(design, "db-1").traffic == 1.0
    assert blast(design, "web-1").traffic == 0.25
    assert next(blast_words(design, blast(design, "web-1"))) == (
        "25% of the requests at the busiest time are lost."
    )
    assert blast(design, "users-1").traffic == 0.0


def test_a_cluster_has_fewer_members_and_a_primary_fewer_heirs() -> None:
    design = databases(failover="automatic")
    design = edits.set_fields(design, "db-2", promotable=True)
    design = linked(design, "app-1 cluster-1", role="write")
    assert blast(design, "db-2").thinned == [Thinned(("db-1", "db-2"), 1)]

    pair = drawn("cluster", "web_server", "web_server", "web_server")
    pair = edits.join(pair, "cluster-1", ("web-1", "web-2", "web-3"))
    pair = edits.set_fields(pair, "cluster-1", mode="quorum")
    pair = linked(pair, "users-1 cluster-1")
    assert blast(pair, "web-1").thinned == [Thinned(("web-1", "web-2", "web-3"), 2)]
    lost = blast(pair, "web-1", "web-2")
    assert (lost.thinned, set(lost.capabilities)) == ([], {"cluster-1"})


def test_what_does_not_work_as_drawn_is_not_lost(shop: Design) -> None:
    design = edits.set_fields(shop, "lb-1", requires={"read": "nobody and web-1"})
    found = blast(design, "db-1")
    assert found.flows == ["checkout"]
    assert found.capabilities["lb-1"] == ["write"]


def test_an_ability_in_own_words_is_lost_as_well(shop: Design) -> None:
    design = edits.set_fields(shop, "web-1", requires={"search": "db-1"})
    for flow in ("browse", "checkout"):
        design = edits.set_fields(design, flow, requires="web-1.search")
    assert blast(design, "db-1").capabilities == {"web-1": ["search"]}


def test_many_parts_are_counted() -> None:
    design = drawn(*["web_server"] * 7)
    lost = Blast(capabilities={f"web-{number}": ["read"] for number in range(1, 8)})
    assert list(blast_words(design, lost)) == [
        "web-1, web-2, web-3, web-4 and 3 more can no longer read."
    ]


def test_one_pass_says_for_all_parts_what_each_alone_takes(shop: Design) -> None:
    design = edits.set_fields(databases(failover="automatic"), "db-2", promotable=True)
    for drawing in (shop, design):
        analysis = Analysis(drawing)
        table = blast_table(analysis, links=True)
        assert table.keys() >= set(drawing.links)
        for key, found in table.items():
            alone = blast_of(analysis, (key,))
            assert found.flows == alone.flows
            assert found.thinned == alone.thinned
            assert found.capabilities == alone.capabilities


def test_the_masks_read_the_other_way_round_agree(shop: Design) -> None:
    analysis = Analysis(shop)
    graph = analysis.recoverable
    for key, found in blast_table(analysis).items():
        gone = with_contents(shop, (key,))
        masks = graph.masks_when(gone)
        lost = {
            (up.component, up.capability)
            for up, number in graph.number.items()
            if isinstance(up, Up) and up.capability != "alive" and masks[number] & DOWN
            and up.component not in gone and up.component != "users-1"
        }  # fmt: skip
        told = {(part, what) for part, lost in found.capabilities.items() for what in lost}
        assert told == lost
