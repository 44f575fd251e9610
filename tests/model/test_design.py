"""The design: what it refuses to be, and what it answers."""

from typing import Any

import networkx as nx
import pytest
from hypothesis import given

from app.model import edits
from app.model.compute import WebServer
from app.model.containers import Cluster, Server, Site, Zone
from app.model.design import Design
from app.model.diff import diff
from app.model.errors import DesignError
from app.model.invariants import DEEPEST
from app.model.links import Flow, Link, Place, Waiver
from app.model.traffic import Client, LoadBalancer
from tests.strategies import designs

WEB = WebServer(name="web")
CLIENT = Client(name="users")
LINK = Link(source="a", target="b")


def nested(count: int) -> dict[str, Site]:
    """Sites inside each other, the outermost first."""
    return {
        f"site-{number}": Site(name="s", parent=f"site-{number - 1}" if number else None)
        for number in range(count)
    }


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": " "}, "name: must have between 1 and 200"),
    "long name": ({"name": "x" * 201}, "name: must have between 1 and 200"),
    "bell in the name": ({"name": "a\x07"}, r"name: holds the character U\+0007"),
    "capital id": ({"components": {"Web": WEB}}, r"components\.Web: an id has small letters"),
    "digit first": ({"components": {"1web": WEB}}, r"components\.1web: an id has"),
    "long id": ({"components": {"w" * 81: WEB}}, r"components\.w+: an id has"),
    "one id twice": (
        {"components": {"a": WEB, "b": WEB}, "links": {"a": LINK}},
        r"links\.a: this id is taken in components",
    ),
    "no parent": (
        {"components": {"a": WebServer(name="w", parent="b")}},
        r"components\.a\.parent: there is no component 'b'",
    ),
    "parent holds nothing": (
        {"components": {"a": WebServer(name="w", parent="b"), "b": WEB}},
        "'b' is a web server, which holds nothing",
    ),
    "zone in a server": (
        {"components": {"a": Zone(name="z", parent="b"), "b": Server(name="s")}},
        r"components\.a\.parent: a server cannot hold a network zone",
    ),
    "inside itself": (
        {"components": {"a": Site(name="s", parent="b"), "b": Site(name="s", parent="a")}},
        "'a' would lie inside itself",
    ),
    "in what is inside itself": (
        {"components": {"a": WebServer(name="w", parent="b"), "b": Site(name="s", parent="b")}},
        r"components\.b\.parent: 'b' would lie inside itself",
    ),
    "too deep": ({"components": nested(DEEPEST + 2)}, "lies in more than 20 containers"),
    "no source": ({"components": {"b": WEB}, "links": {"l": LINK}}, r"links\.l\.source: there is"),
    "no target": ({"components": {"a": WEB}, "links": {"l": LINK}}, r"links\.l\.target: there is"),
    "link to itself": (
        {"components": {"a": WEB}, "links": {"l": Link(source="a", target="a")}},
        r"links\.l: a link cannot end where it starts",
    ),
    "no firewall": (
        {
            "components": {"a": WEB, "b": WEB},
            "links": {"l": Link(source="a", target="b", via=("a|c",))},
        },
        r"links\.l\.via: there is no component 'c'",
    ),
    "no client": (
        {"flows": {"browse": Flow(name="b", client="users-1")}},
        r"flows\.browse\.client: there is no component 'users-1'",
    ),
    "place of nothing": ({"layout": {"a": Place()}}, r"layout\.a: there is no component 'a'"),
    "empty key": ({"waivers": {"": Waiver(reason="r")}}, "this is no key of a finding"),
    "bell in a key": ({"waivers": {"a\x07": Waiver(reason="r")}}, "this is no key of a finding"),
    "long key": ({"waivers": {"a" * 4001: Waiver(reason="r")}}, "this is no key of a finding"),
    "no member": (
        {"components": {"a": Cluster(name="c", members=("b",))}},
        r"components\.a\.members: there is no component 'b'",
    ),
    "cluster in a cluster": (
        {"components": {"a": Cluster(name="c", members=("b",)), "b": Cluster(name="d")}},
        "a cluster cannot be a member of a cluster",
    ),
    "server in a cluster": (
        {"components": {"a": Cluster(name="c", members=("b",)), "b": Server(name="s")}},
        "a server cannot be a member of a cluster",
    ),
    "member of two": (
        {
            "components": {
                "a": Cluster(name="c", members=("w",)),
                "b": Cluster(name="c", members=("w",)),
                "w": WEB,
            }
        },
        r"components\.b\.members: 'w' is already a member of 'a'",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_a_design_that_contradicts_itself_cannot_exist(case: str) -> None:
    values, why = REFUSED[case]
    with pytest.raises(DesignError, match=why):
        Design(**values)


def test_containers_may_lie_as_deep_as_it_says() -> None:
    assert len(Design(components=nested(DEEPEST)).components) == DEEPEST


@pytest.fixture
def placed() -> Design:
    """A web server on a server in a zone in a site, and users outside."""
    return Design(
        components={
            "site-1": Site(name="paris"),
            "zone-1": Zone(name="front", parent="site-1", trust="dmz"),
            "server-1": Server(name="box", parent="zone-1"),
            "web-1": WebServer(name="web", parent="server-1"),
            "lb-1": LoadBalancer(name="lb"),
            "users-1": CLIENT,
        },
        links={"link-1": Link(source="users-1", target="web-1")},
    )


def test_host_zone_and_site_are_the_nearest_containers_of_those_kinds(placed: Design) -> None:
    found = (placed.host("web-1"), placed.zone("web-1"), placed.site("web-1"))
    assert found == ("server-1", "zone-1", "site-1")
    assert placed.host("lb-1") is None


def test_ancestors_and_descendants_mirror_each_other(placed: Design) -> None:
    assert list(placed.ancestors("web-1")) == ["server-1", "zone-1", "site-1"]
    assert list(placed.descendants("site-1")) == ["zone-1", "server-1", "web-1"]


def test_trust_is_that_of_the_zone_and_else_of_the_kind(placed: Design) -> None:
    found = [placed.trust(key) for key in ("web-1", "zone-1", "users-1", "lb-1")]
    assert found == ["dmz", "dmz", "internet", "internal"]


def test_links_are_found_from_both_ends(placed: Design) -> None:
    assert placed.outgoing["users-1"] == ("link-1",)
    assert placed.incoming["web-1"] == ("link-1",)
    assert placed.incoming["users-1"] == ()


def test_asking_for_what_is_not_there_names_it(placed: Design) -> None:
    assert placed.component("web-1").name == "web"
    assert placed.link("link-1").target == "web-1"
    with pytest.raises(DesignError, match="there is no component 'nobody'"):
        placed.component("nobody")
    with pytest.raises(DesignError, match="there is no link 'nothing'"):
        placed.link("nothing")


def test_a_member_knows_its_cluster() -> None:
    design = Design(components={"c": Cluster(name="c", members=("w",)), "w": WEB, "x": WEB})
    assert design.cluster("w") is design.components["c"]
    assert design.cluster("x") is None


def test_a_design_is_no_other_thing() -> None:
    assert Design() != "Untitled"
    assert Design() == Design()
    assert hash(Design()) == hash(Design())


def test_the_mappings_of_a_design_cannot_be_written_to() -> None:
    components: Any = Design(components={"a": WEB}).components
    with pytest.raises(TypeError):
        components["b"] = WEB


def test_the_graph_carries_components_and_links_and_is_frozen(placed: Design) -> None:
    graph = placed.graph
    assert graph.nodes["web-1"]["component"] is placed.components["web-1"]
    assert graph.edges["users-1", "web-1", "link-1"]["link"] is placed.links["link-1"]
    assert nx.is_frozen(graph)
    assert placed.graph is graph


@given(designs())
def test_the_graph_has_the_nodes_and_edges_of_the_design(design: Design) -> None:
    assert set(design.graph.nodes) == set(design.components)
    assert {key for *_, key in design.graph.edges(keys=True)} == set(design.links)


@given(designs())
def test_every_link_is_in_the_index_of_both_its_ends(design: Design) -> None:
    for key, link in design.links.items():
        assert key in design.outgoing[link.source]
        assert key in design.incoming[link.target]


def test_the_diff_of_one_mapping_with_itself_is_empty() -> None:
    mapping = {"a": 1}
    assert not diff(mapping, mapping)


def test_a_diff_tells_added_removed_and_changed_by_identity() -> None:
    first, second = edits.add(Design(), "web_server")[0], edits.add(Design(), "web_server")[0]
    assert diff(first.components, second.components).changed == {"web-1"}
    changes = diff({"a": WEB, "b": WEB}, {"b": WEB, "c": WEB})
    assert (set(changes.added), set(changes.removed)) == ({"c"}, {"a"})
    assert not changes.changed
    assert changes
