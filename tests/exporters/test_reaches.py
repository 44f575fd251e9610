"""The connections of a design as services see them: through firewalls and into clusters."""

from app.model import edits
from app.model.design import Design
from exporters.plan.reaches import reaches_of


def test_a_way_through_a_firewall_back_to_its_beginning_is_no_connection() -> None:
    design, web = edits.add(Design(), "web_server")
    design, firewall = edits.add(design, "firewall")
    design, _ = edits.connect(design, web, firewall, protocol="http")
    design, _ = edits.connect(design, firewall, web, protocol="http")

    assert reaches_of(design) == ()


def test_a_way_through_a_firewall_reaches_what_is_behind_it() -> None:
    design, web = edits.add(Design(), "web_server")
    design, firewall = edits.add(design, "firewall")
    design, app = edits.add(design, "app_server")
    design, _ = edits.connect(design, web, firewall, protocol="http")
    design, _ = edits.connect(design, firewall, app, protocol="http")

    assert [(reach.source, reach.target) for reach in reaches_of(design)] == [(web, app)]
