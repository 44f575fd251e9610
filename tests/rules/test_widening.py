"""Edits that no finding asks for: which are offered, and what they do."""

from collections.abc import Iterator

from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.model.design import Design
from app.rules.registry import Fix
from app.rules.widening import widenings
from tests.rules.drawing import Drawing


def offered(drawing: Drawing) -> dict[str, Fix]:
    return {fix.title: fix for fix in widenings(Analysis(drawing.design))}


def down(design: Design) -> float:
    return availability_of(Analysis(design).recoverable, "browse").unavailability


def columns(count: int = 2) -> tuple[Drawing, list[str], list[str]]:
    """Some web servers, each of which uses one application server of as many."""
    drawing = Drawing()
    webs = [key for _ in range(count) for key in drawing.on(None, "web_server")]
    apps = [key for _ in range(count) for key in drawing.on(None, "app_server")]
    drawing.link(drawing.users, *webs)
    for web, app in zip(webs, apps, strict=True):
        drawing.link(web, app, protocol="http", port=8080)
    return drawing, webs, apps


def pairs(design: Design) -> Iterator[tuple[str, str]]:
    return ((link.source, link.target) for link in design.links.values())


def test_a_third_copy_is_offered_for_two_and_no_more() -> None:
    drawing, _, _ = columns()
    title = "Add a third web server beside web-1 and web-2"
    after = offered(drawing)[title].edit(drawing.design)

    assert len(after.by_kind["web_server"]) == 3
    assert down(after) < down(drawing.design)
    drawing.design = after
    assert not [text for text in offered(drawing) if text.startswith("Add a third web server")]


def test_equal_parts_get_all_that_one_of_them_reaches_by_links_alike() -> None:
    drawing, webs, apps = columns()
    titles = [title for title in offered(drawing) if title.startswith("Let ")]
    [title] = titles
    after = offered(drawing)[title].edit(drawing.design)

    assert {(web, app) for web in webs for app in apps} <= set(pairs(after))
    assert len(after.links) == len(drawing.design.links) + 2
    assert {after.links[key].port for web in webs for key in after.outgoing[web]} == {8080}
    assert down(after) < down(drawing.design)
    drawing.design = after
    assert not [text for text in offered(drawing) if text.startswith("Let ")]


def test_large_pools_are_not_linked_each_with_each() -> None:
    for count, wanted in ((4, 1), (5, 0)):
        drawing, _, _ = columns(count)
        assert len([title for title in offered(drawing) if title.startswith("Let ")]) == wanted


def test_a_member_that_uses_none_of_them_gets_no_link() -> None:
    drawing, webs, apps = columns()
    third = drawing.on(None, "web_server")[0]
    drawing.link(drawing.users, third)
    [title] = [title for title in offered(drawing) if title.startswith("Let ")]
    after = offered(drawing)[title].edit(drawing.design)
    assert not after.outgoing[third]
    assert {(web, app) for web in webs for app in apps} <= set(pairs(after))


def test_what_keeps_data_or_files_of_its_own_is_no_second_way() -> None:
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    stores = [key for _ in range(2) for key in drawing.on(None, "object_store")]
    files = [key for _ in range(2) for key in drawing.on(None, "app_files")]
    drawing.link(drawing.users, *apps)
    for app, store, own in zip(apps, stores, files, strict=True):
        drawing.link(app, store, protocol="s3")
        drawing.link(app, own, protocol="file")
    assert not [title for title in offered(drawing) if title.startswith("Let ")]


def test_neither_a_provider_nor_a_database_is_copied_a_third_time() -> None:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    outside = [drawing.part("service", external=True) for _ in range(2)]
    bases = [key for _ in range(2) for key in drawing.on(None, "database")]
    drawing.link(drawing.users, *webs)
    for web in webs:
        drawing.link(web, *outside)
        drawing.link(web, *bases, role="read")
    thirds = [title for title in offered(drawing) if title.startswith("Add a third")]
    assert thirds == ["Add a third web server beside web-1 and web-2"]


def test_members_of_a_cluster_are_a_pool() -> None:
    drawing = Drawing()
    balancers = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    cluster = drawing.cluster(*balancers, mode="active-active")
    drawing.link(drawing.users, cluster)
    web = drawing.on(None, "web_server")[0]
    for balancer in balancers:
        drawing.link(balancer, web)
    [title] = [title for title in offered(drawing) if "third load balancer" in title]
    after = offered(drawing)[title].edit(drawing.design)
    assert len(getattr(after.components[cluster], "members", ())) == 3


def test_a_cluster_that_waits_for_a_person_may_switch_by_itself() -> None:
    drawing = Drawing()
    pair = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    cluster = drawing.cluster(*pair, mode="active-passive", failover="none")
    other = drawing.on(None, "load_balancer")[0]
    web = drawing.on(None, "web_server")[0]
    drawing.link(drawing.users, cluster, choice="either")
    drawing.link(drawing.users, other, choice="either")
    for balancer in (*pair, other):
        drawing.link(balancer, web)
    fix = offered(drawing)["Let cluster-1 switch over by itself"]
    after = fix.edit(drawing.design)

    assert getattr(after.components[cluster], "failover", "") == "automatic"
    assert down(after) < down(drawing.design)
    drawing.design = after
    assert "Let cluster-1 switch over by itself" not in offered(drawing)
    drawing.set(cluster, mode="active-active", failover="none")
    assert "Let cluster-1 switch over by itself" not in offered(drawing)
