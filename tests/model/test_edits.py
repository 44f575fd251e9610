"""Edits: what each one changes, what it leaves alone, what it refuses."""

import copy
import pickle
from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given

from app.model import edits
from app.model.compute import WebServer
from app.model.containers import Cluster
from app.model.design import Design
from app.model.diff import diff
from app.model.errors import DesignError
from app.model.kinds import KINDS
from app.model.links import Flow, Link, Place, Waiver
from app.model.traffic import Client
from tests.strategies import OPERATIONS, designs, edited_designs, edits_sequences, fragments

TABLES = ("components", "links", "flows", "waivers", "rules", "layout")


def table(design: Design, name: str) -> Mapping[str, object]:
    found: Mapping[str, object] = getattr(design, name)
    return found


@pytest.fixture
def shop() -> Design:
    """A client, a balancer on a server, two web servers in a cluster, and a waiver."""
    design, _ = edits.add(Design(name="shop"), "client", Place(x=0, y=0))
    design, _ = edits.add(design, "server", Place(x=300, y=0))
    design, _ = edits.add(design, "load_balancer", Place(x=320, y=40), parent="server-1")
    design, _ = edits.add(design, "web_server", Place(x=600, y=0))
    design, _ = edits.add(design, "web_server", Place(x=600, y=100))
    design, _ = edits.add(design, "cluster", members=("web-1", "web-2"))
    design, _ = edits.add(design, "firewall")
    design, _ = edits.connect(design, "users-1", "lb-1", protocol="https", via=("fw-1",))
    design, _ = edits.connect(design, "lb-1", "cluster-1", protocol="http")
    design = edits.set_fields(design, "lb-1", requires={"read": "web-1 or web-2"})
    design = edits.set_fields(design, "checkout", requires="2 of (lb-1, web-1, web-2)")
    return edits.waive(design, "SPOF001@web-1", Waiver(reason="a demo"))


def test_the_first_client_brings_the_two_flows() -> None:
    design, key = edits.add(Design(), "client")
    assert key == "users-1"
    operations = {name: flow.operation for name, flow in design.flows.items()}
    assert operations == {"browse": "read", "checkout": "write"}


def test_a_second_client_brings_no_flow(shop: Design) -> None:
    after, _ = edits.add(shop, "client")
    assert after.flows is shop.flows


def test_the_flows_of_the_first_client_spare_ids_that_are_taken() -> None:
    design = edits.put(Design(), "browse", WebServer(name="browse"))
    design, _ = edits.add(design, "client")
    assert set(design.flows) == {"checkout"}


def test_a_new_part_takes_an_id_that_no_part_link_or_flow_has_as_id_or_name() -> None:
    design = edits.put(Design(), "lb", WebServer(name="web-1"))
    design = edits.put(design, "web-2", WebServer(name="x"))
    assert edits.new_component(design, "web_server")[0] == "web-3"


def test_a_long_stem_is_cut_so_that_the_id_stays_short() -> None:
    assert len(edits.free_id((), "x" * 500)) <= 80


def test_connect_gives_a_free_id(shop: Design) -> None:
    after, key = edits.connect(shop, "lb-1", "web-1")
    assert key == "link-3"
    assert after.components is shop.components


def test_connect_refuses_ends_that_are_not_there(shop: Design) -> None:
    with pytest.raises(DesignError, match=r"links\.link-3\.target: there is no component 'nobody'"):
        edits.connect(shop, "lb-1", "nobody")


def test_connect_refuses_a_link_to_itself(shop: Design) -> None:
    with pytest.raises(DesignError, match="cannot end where it starts"):
        edits.connect(shop, "lb-1", "lb-1")


def test_removing_a_part_takes_its_links_and_what_it_holds_along(shop: Design) -> None:
    after = edits.remove(shop, ["server-1"])
    assert "lb-1" not in after.components
    assert not after.links
    assert "lb-1" not in after.layout


def test_removing_a_part_takes_it_out_of_clusters_expressions_and_waivers(shop: Design) -> None:
    after = edits.remove(shop, ["web-1"])
    cluster = after.components["cluster-1"]
    assert isinstance(cluster, Cluster)
    assert cluster.members == ("web-2",)
    assert after.components["lb-1"].requires == {"read": "web-2"}
    assert after.flows["checkout"].requires == "lb-1 and web-2"
    assert not after.waivers


def test_an_expression_of_which_nothing_remains_is_dropped(shop: Design) -> None:
    after = edits.remove(shop, ["web-1", "web-2"])
    assert after.components["lb-1"].requires == {}


def test_removing_a_firewall_takes_it_off_the_links_that_pass_it(shop: Design) -> None:
    assert edits.remove(shop, ["fw-1"]).links["link-1"].via == ()


def test_removing_one_of_two_alternative_firewalls_leaves_the_other(shop: Design) -> None:
    design, _ = edits.add(shop, "firewall")
    design = edits.set_fields(design, "link-1", via=("fw-1|fw-2",))
    assert edits.remove(design, ["fw-1"]).links["link-1"].via == ("fw-2",)


def test_removing_a_client_takes_its_flows_along(shop: Design) -> None:
    assert not edits.remove(shop, ["users-1"]).flows


def test_removing_a_link_or_a_flow_leaves_the_components_the_same_object(shop: Design) -> None:
    after = edits.remove(shop, ["link-1", "browse"])
    assert set(after.links) == {"link-2"}
    assert set(after.flows) == {"checkout"}
    assert after.components is shop.components
    assert after.layout is shop.layout


def test_removing_nothing_changes_nothing(shop: Design) -> None:
    assert edits.remove(shop, []) is shop
    assert edits.remove(shop, ["nobody"]) is shop


def test_set_fields_names_a_field_that_does_not_exist(shop: Design) -> None:
    with pytest.raises(DesignError, match="WebServer has no field 'colour'"):
        edits.set_fields(shop, "web-1", colour="red")


def test_set_fields_names_an_element_that_does_not_exist(shop: Design) -> None:
    with pytest.raises(DesignError, match="there is no component, link or flow 'nobody'"):
        edits.set_fields(shop, "nobody", name="x")


def test_setting_a_field_to_its_value_changes_nothing(shop: Design) -> None:
    assert edits.set_fields(shop, "web-1", name="web-1") is shop


def test_setting_a_field_changes_that_element_alone(shop: Design) -> None:
    after = edits.set_fields(shop, "link-1", port=8443)
    assert diff(shop.links, after.links).changed == {"link-1"}
    assert after.components is shop.components


def test_another_kind_keeps_the_fields_that_both_kinds_know(shop: Design) -> None:
    design = edits.set_fields(shop, "web-1", certificate="a.example", capacity=20, image="caddy:2")
    after = edits.change_kind(design, "web-1", "reverse_proxy")
    proxy = after.components["web-1"]
    assert (proxy.kind, proxy.name) == ("reverse_proxy", "web-1")
    assert getattr(proxy, "certificate", "") == "a.example"
    assert getattr(proxy, "image", "") == "nginx:1.30"


def test_another_kind_drops_a_text_that_may_be_too_long_for_it(shop: Design) -> None:
    design, key = edits.add(shop, "app_files", version="v" * 60)
    assert getattr(edits.change_kind(design, key, "database").components[key], "version", "") == ""


def test_the_same_kind_changes_nothing(shop: Design) -> None:
    assert edits.change_kind(shop, "web-1", "web_server") is shop


def test_a_container_that_holds_something_cannot_become_a_card(shop: Design) -> None:
    with pytest.raises(DesignError, match="which holds nothing"):
        edits.change_kind(shop, "server-1", "web_server")


@pytest.mark.parametrize("before", sorted(KINDS))
def test_a_default_part_can_become_every_other_kind(before: str) -> None:
    design, key = edits.add(Design(), before)
    for kind in KINDS:
        assert edits.change_kind(design, key, kind).components[key].kind == kind


def test_moving_leaves_components_and_links_the_same_objects(shop: Design) -> None:
    after = edits.move(shop, {"web-1": Place(x=1, y=2)})
    assert after.components is shop.components
    assert after.links is shop.links
    assert diff(shop.layout, after.layout).changed == {"web-1"}


def test_moving_to_where_it_is_changes_nothing(shop: Design) -> None:
    assert edits.move(shop, {"web-1": Place(x=600, y=0)}) is shop


def test_moving_a_part_that_is_not_there_is_refused(shop: Design) -> None:
    with pytest.raises(DesignError, match=r"layout\.nobody"):
        edits.move(shop, {"nobody": Place()})


def test_nesting_puts_parts_into_a_container_and_out_again(shop: Design) -> None:
    inside = edits.nest(shop, ["web-1"], "server-1")
    assert inside.host("web-1") == "server-1"
    assert edits.nest(inside, ["web-1"], None) == shop


def test_nesting_where_it_is_changes_nothing(shop: Design) -> None:
    assert edits.nest(shop, ["lb-1"], "server-1") is shop


def test_a_container_cannot_lie_in_what_it_holds(shop: Design) -> None:
    design, site = edits.add(shop, "site")
    design, zone = edits.add(design, "zone", parent=site)
    with pytest.raises(DesignError, match="would lie inside itself"):
        edits.nest(design, [site], zone)


def test_joining_a_cluster_leaves_the_one_before(shop: Design) -> None:
    design, other = edits.add(shop, "cluster")
    after = edits.join(design, other, ["web-2", "web-2"])
    assert after.cluster_of == {"web-1": "cluster-1", "web-2": other}


def test_joining_as_it_is_changes_nothing(shop: Design) -> None:
    assert edits.join(shop, "cluster-1", ["web-1", "web-2"]) is shop


def test_only_a_cluster_can_be_joined(shop: Design) -> None:
    with pytest.raises(DesignError, match="'web-1' is no cluster"):
        edits.join(shop, "web-1", ["web-2"])


def test_a_flow_is_added_under_a_free_id(shop: Design) -> None:
    after, key = edits.add_flow(shop, "users-1", "pay", operation="write")
    assert after.flows[key] == Flow(name="pay", client="users-1", operation="write")


def test_a_waiver_is_taken_back_with_none(shop: Design) -> None:
    assert edits.waive(shop, "SPOF001@web-1", Waiver(reason="a demo")) is shop
    assert not edits.waive(shop, "SPOF001@web-1", None).waivers
    assert edits.waive(shop, "NET001@web-2", None) is shop


def test_renaming_to_the_same_name_changes_nothing(shop: Design) -> None:
    assert edits.rename(shop, "shop") is shop
    assert edits.rename(shop, "store").name == "store"


def test_a_copy_carries_what_lies_inside_and_the_inner_links(shop: Design) -> None:
    fragment = edits.extract(shop, ["server-1", "cluster-1", "web-1", "nobody"])
    assert set(fragment.components) == {"server-1", "lb-1", "cluster-1", "web-1"}
    assert set(fragment.links) == {"link-2"}
    assert fragment.components["lb-1"].requires == {"read": "web-1"}
    assert fragment.components["lb-1"].parent == "server-1"


def test_a_copy_without_its_container_stands_free(shop: Design) -> None:
    assert edits.extract(shop, ["lb-1"]).components["lb-1"].parent is None


def test_a_pasted_copy_has_its_own_ids_names_places_and_references(shop: Design) -> None:
    fragment = edits.extract(shop, ["lb-1", "web-1", "web-2", "cluster-1", "fw-1", "users-1"])
    after, new = edits.paste(shop, fragment, 24, 48, {"lb-1": "server-1"})
    assert new == ("users-2", "lb-2", "web-3", "web-4", "cluster-2", "fw-2")
    assert [after.components[key].name for key in new] == list(new)
    cluster = after.components["cluster-2"]
    assert isinstance(cluster, Cluster)
    assert cluster.members == ("web-3", "web-4")
    assert after.components["lb-2"].requires == {"read": "web-3 or web-4"}
    assert after.components["lb-2"].parent == "server-1"
    assert after.layout["web-3"] == Place(x=624, y=48)
    assert (after.links["link-3"].source, after.links["link-3"].via) == ("users-2", ("fw-2",))


def test_a_pasted_copy_keeps_a_name_that_is_free_and_numbers_one_that_is_not() -> None:
    design = edits.put(Design(), "web-1", WebServer(name="Front 7"))
    fragment = edits.put(Design(), "web-9", WebServer(name="Back"))
    fragment = edits.put(fragment, "web-10", WebServer(name="Front 7"))
    fragment = edits.put(fragment, "web-11", Client(name="12"))
    fragment = edits.put(fragment, "web-12", Client(name="12"))
    after, new = edits.paste(design, fragment)
    names = [after.components[key].name for key in new]
    assert names == ["Back", "Front-1", "12", "copy-1"]


def test_copied_users_do_there_what_they_did_here() -> None:
    design, users = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    design, away = edits.add(design, "web_server")
    design = edits.set_fields(design, "browse", requires=f"{web} and {away}")
    fragment = edits.extract(design, (users, web))
    assert fragment.flows["browse"].requires == web

    elsewhere, _ = edits.paste(Design(), fragment)
    assert elsewhere.flows == fragment.flows

    beside, new = edits.paste(design, fragment)
    flows = {flow.name: flow for key, flow in beside.flows.items() if key not in design.flows}
    assert list(flows) == ["browse-2", "checkout-2"]
    assert {flow.client for flow in flows.values()} == {new[0]}
    assert flows["browse-2"].requires == new[1]


def test_flows_with_long_ids_can_be_copied() -> None:
    design, users = edits.add(Design(), "client")
    flow = design.flows["browse"]
    design = Design(components=design.components, flows={"x" * 80: flow})
    after, _ = edits.paste(design, edits.extract(design, (users,)))
    assert len(after.flows) == 2


def test_a_copy_of_what_is_behind_the_users_has_no_flows() -> None:
    design, _ = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    assert edits.extract(design, (web,)).flows == {}


def test_pasting_nothing_changes_nothing(shop: Design) -> None:
    assert edits.paste(shop, Design()) == (shop, ())


def test_pasting_a_thousand_parts_asks_for_each_id_once() -> None:
    fragment = Design(components={f"web-{number}": WebServer(name="w") for number in range(1000)})
    after, new = edits.paste(fragment, fragment)
    assert len(after.components) == 2000
    assert len(set(new)) == 1000


@given(designs())
def test_a_design_survives_copying_and_pickling(design: Design) -> None:
    assert copy.deepcopy(design) == design
    assert pickle.loads(pickle.dumps(design)) == design  # noqa: S301  # pickled one line before


@given(edits_sequences())
def test_every_edit_keeps_the_invariants_and_the_past(history: list[Design]) -> None:
    for design in history:
        assert Design(**{name: getattr(design, name) for name in ("name", *TABLES)}) == design


@given(edits_sequences())
def test_what_an_edit_does_not_touch_stays_the_same_object(history: list[Design]) -> None:
    for before, after in pairwise(history):
        for name in TABLES:
            old, new = table(before, name), table(after, name)
            changes = diff(old, new)
            rebuilt = {key: value for key, value in old.items() if key not in changes.removed}
            rebuilt |= {key: new[key] for key in changes.added | changes.changed}
            assert rebuilt == dict(new)
            if not changes:
                assert old is new


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_edit_never_raises_anything_but_a_design_error(name: str) -> None:
    @given(edited_designs(name))
    def holds(design: Design) -> None:
        assert design == design  # noqa: PLR0124  # it was made; comparing must not raise either

    holds()


@given(fragments())
def test_a_pasted_fragment_extracted_again_is_the_fragment(pair: tuple[Design, Design]) -> None:
    design, fragment = pair
    after, new = edits.paste(design, fragment)
    again = edits.extract(after, new)
    assert len(again.components) == len(fragment.components)
    assert len(again.links) == len(fragment.links)
    originals = dict(zip(fragment.components, new, strict=True))
    for key, item in fragment.components.items():
        copied = again.components[originals[key]]
        assert copied.kind == item.kind
        assert copied.parent == (originals[item.parent] if item.parent else None)
    roles = sorted(link.role for link in fragment.links.values())
    assert sorted(link.role for link in again.links.values()) == roles


@given(fragments())
def test_extracting_everything_from_a_fragment_is_the_fragment(pair: tuple[Design, Design]) -> None:
    _, fragment = pair
    assert edits.extract(fragment, fragment.components) == fragment


@given(designs())
def test_removing_everything_leaves_an_empty_design(design: Design) -> None:
    after = edits.remove(design, design.components)
    assert not any(table(after, name) for name in ("components", "links", "flows", "layout"))


def test_links_are_what_they_were_declared() -> None:
    link = Link(source="a", target="b", via=("x|y", "z"))
    assert link.guards == (("x", "y"), ("z",))
