"""What the write-up says of links that have figures of their own, and of mean times."""

import pytest

from app.model import edits
from app.model.design import Design
from app.report.write import write_up
from tests.report.test_write_up import section, table, text_of
from tests.rules.cabling import uplink
from tests.rules.drawing import Drawing


@pytest.fixture
def lines() -> Design:
    """Users, a balancer, two web servers; the line to the balancer and one behind it fail."""
    drawing = Drawing()
    balancer = drawing.part("load_balancer", availability=1.0)
    webs = [drawing.part("web_server", mtbf_hours=999.0, mttr_hours=1.0) for _ in range(2)]
    drawing.link(drawing.users, balancer, mtbf_hours=99.0, mttr_hours=1.0)
    drawing.link(balancer, webs[0], mtbf_hours=500.0, mttr_hours=2.0)
    drawing.link(balancer, webs[1])
    return drawing.design


def test_a_link_that_fails_is_named_by_its_ends() -> None:
    text = text_of(uplink())
    assert "browse has 1 single point of failure: a → b." in text
    assert "| a → b | Link | browse and checkout |" in text
    assert "a → b 9" in text  # the share of the downtime


def test_the_way_to_a_link_is_its_evidence(lines: Design) -> None:
    rows = table(section(write_up(lines), "Single points of failure")).rows
    assert rows == (("users-1 → lb-1", "Link", "browse and checkout", "users-1 → lb-1"),)


def test_the_loss_of_a_link_is_told_beside_that_of_parts(lines: Design) -> None:
    rows = table(section(write_up(lines), "What if it fails?")).rows
    assert rows[-2:] == (
        ("users-1 → lb-1", "Link", "stops", "stops"),
        ("lb-1 → web-1", "Link", "goes on, rests on web-2", "goes on, rests on web-2"),
    )


def test_a_link_that_no_flow_notices_is_named_with_the_parts(lines: Design) -> None:
    design = edits.set_fields(lines, "browse", requires="true")
    design = edits.set_fields(design, "checkout", requires="true")
    told = text_of(design)
    assert "No flow notices the loss of web-1, web-2, users-1 → lb-1 and lb-1 → web-1." in told


def test_outages_are_told_where_mean_times_say_them(lines: Design) -> None:
    found = table(section(write_up(lines), "Availability"))
    assert found.head[:4] == ("Flow", "Works", "Down a year", "How often")
    assert found.rows[0][3] == "87.7 outages a year of 60.0 min each"
    unknown = edits.set_fields(lines, "web-1", mtbf_hours=None, mttr_hours=None, availability=0.9)
    assert "How often" not in table(section(write_up(unknown), "Availability")).head


def test_a_flow_whose_outages_are_not_known_has_none_beside_one_that_has(lines: Design) -> None:
    design = edits.set_fields(lines, "checkout", requires="web-1 and reach(users-1, lb-1)")
    design = edits.set_fields(design, "web-1", mtbf_hours=None, mttr_hours=None)
    design = edits.set_fields(design, "browse", requires="web-2 and reach(users-1, lb-1)")
    rows = table(section(write_up(design), "Availability")).rows
    assert [row[3] for row in rows] == ["96.2 outages a year of 60.1 min each", "–"]
