"""The matrix as a table, Markdown, HTML and JSON."""

import json
from dataclasses import replace

import pytest

from app.drill.alarms import Alarm
from app.drill.borders import Attempt
from app.drill.experiments import Experiment
from app.drill.judging import Cell, Mismatch
from app.drill.measuring import Figures
from app.drill.running import Matrix, Row
from app.drill.telling import borders, document, html, markdown, mismatches, summary, table
from app.model import edits
from app.storage.codec import load
from sample_designs import read


def cell(flow: str, *, lost: int | None = 0, wrong: bool = False) -> Cell:
    found = Figures(measured="down" if wrong else "up", interruption=4.0, recovery=1.5,
                    slowest=0.2, told="503")  # fmt: skip
    mismatch = Mismatch(fault="configuration", text="It stopped.") if wrong else None
    return Cell(flow=flow, predicted="up", figures=found, lost=lost, mismatch=mismatch)


@pytest.fixture
def matrix() -> Matrix:
    design = load(read("distributed-web-infrastructure"))
    design = edits.rename(design, "<b>Shop</b> | & co")
    experiment = Experiment(
        failed=("web-1",), name="web|1 <i>", services=("web-1",),
        predicted={"browse": "up", "checkout": "up"}, allowed=2.0, may_lose=False,
    )  # fmt: skip
    row = Row(
        experiment=experiment,
        cells=(cell("browse", lost=None), cell("checkout", wrong=True)),
        alarm=Alarm(services=("web-1",), within=24.5, after=12.5),
        healthy_after=3.0,
    )
    return Matrix(
        design=design, engine="20.10.24", compose="2.26.1", how="kill", day="2026-11-28",
        rows=(row,), planned=2, left_out=("No service stands for dns.",),
    )  # fmt: skip


def test_a_line_for_each_flow_of_each_failure(matrix: Matrix) -> None:
    assert table(document(matrix)) == (
        ("web|1 <i>", "browse", "up", "up", "4.0", "1.5", "?", "12.5"),
        ("web|1 <i>", "checkout", "up", "down ≠", "4.0", "1.5", "0", "12.5"),
    )


def test_what_is_said_beside_the_table(matrix: Matrix) -> None:
    assert list(summary(document(matrix))) == [
        "1 of 2 failures, each killed (SIGKILL): 1 mismatch.",
        "2026-11-28, Docker Engine 20.10.24, Compose 2.26.1.",
        "No service stands for dns.",
    ]
    assert list(mismatches(document(matrix))) == [
        "web|1 <i>, checkout: fault of the configuration. It stopped."
    ]


@pytest.mark.parametrize(
    ("rows", "planned", "told"),
    [(0, 1, "0 of 1 failure, each killed (SIGKILL): nothing differs."),
     (2, 2, "2 failures, each killed (SIGKILL): 2 mismatches.")],
)  # fmt: skip
def test_the_summary_counts(matrix: Matrix, rows: int, planned: int, told: str) -> None:
    found = replace(matrix, rows=matrix.rows * rows, planned=planned)
    assert next(iter(summary(document(found)))) == told


def test_markdown_shows_names_and_nothing_else(matrix: Matrix) -> None:
    text = markdown(matrix)
    assert text.startswith("# Drill: \\<b\\>Shop\\</b\\> \\| \\& co\n")
    assert "| web\\|1 \\<i\\> | checkout | up | down ≠ | 4.0 | 1.5 | 0 | 12.5 |\n" in text


def test_the_page_escapes_names_and_marks_what_differs(matrix: Matrix) -> None:
    page = html(matrix)
    assert "<title>Drill: &lt;b&gt;Shop&lt;/b&gt; | &amp; co</title>" in page
    assert page.count('<tr class="differs">') == 1
    assert "<h2>What differs</h2>" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in page


def attempt(port: int, *, through: bool) -> Attempt:
    return Attempt(firewall="dns", source="web", target="db", port=port, predicted="closed",
                   measured="open" if through else "closed", counted=1)  # fmt: skip


def test_firewalls_have_a_table_of_their_own(matrix: Matrix) -> None:
    design = edits.set_fields(matrix.design, "dns", name="Wall | <1>")
    tried = (attempt(22, through=False), attempt(23, through=True))
    found = replace(matrix, design=design, rows=(), attempts=tried)
    assert borders(document(found)) == (
        ("Wall | <1>", "web to db at 22", "closed", "closed", "1"),
        ("Wall | <1>", "web to db at 23", "closed", "open ≠", "1"),
    )
    assert next(iter(summary(document(found)))).endswith("1 mismatch.")
    (told,) = mismatches(document(found))
    assert told.startswith("Wall | <1>: web to db at 23: fault of the configuration. It is not")
    assert "| Wall \\| \\<1\\> | web to db at 23 | closed | open ≠ | 1 |\n" in markdown(found)
    page = html(found)
    assert "<h2>Firewalls</h2>" in page
    assert "<td>Wall | &lt;1&gt;</td><td>web to db at 22</td>" in page
    assert page.count('<tr class="differs">') == 1
    assert "<h2>Firewalls</h2>" not in html(matrix)
    data = json.loads(json.dumps(document(found)))
    assert data["mismatches"] == 1
    assert data["firewalls"][0] == {
        "firewall": "dns", "name": "Wall | <1>", "source": "web", "target": "db", "port": 22,
        "predicted": "closed", "measured": "closed", "counted_packets": 1, "mismatch": None,
    }  # fmt: skip
    assert data["firewalls"][1]["mismatch"]["fault"] == "configuration"


def test_a_page_without_a_mismatch_has_no_list_of_them(matrix: Matrix) -> None:
    well = replace(matrix.rows[0], cells=(cell("browse"), cell("checkout")))
    assert "What differs" not in html(replace(matrix, rows=(well,)))


def test_json_holds_every_figure(matrix: Matrix) -> None:
    found = json.loads(json.dumps(document(matrix)))
    assert found["version"] == 1
    assert found["mismatches"] == 1
    assert found["experiments"][0]["flows"]["checkout"] == {
        "predicted": "up",
        "measured": "down",
        "interruption_seconds": 4.0,
        "recovery_seconds": 1.5,
        "slowest_answer_seconds": 0.2,
        "instead_of_an_answer": "503",
        "lost_acknowledged_writes": 0,
        "mismatch": {"fault": "configuration", "text": "It stopped."},
    }
    assert found["experiments"][0]["flows"]["browse"]["mismatch"] is None
    assert found["experiments"][0]["alarm"] == {
        "services": ["web-1"], "within_seconds": 24.5, "after_seconds": 12.5, "missing": [],
        "mismatch": None,
    }  # fmt: skip
    assert found["left_out"] == ["No service stands for dns."]


@pytest.mark.parametrize(
    ("alarm", "shown", "told"),
    [(Alarm(services=(), within=0.5, after=0.0), "–", ""),
     (Alarm(services=("db-1",), within=24.5, after=30.0), "30.0 ≠",
      "The alarm was raised after 30 s; declared are 24.5 s."),
     (Alarm(services=("db-1", "db-2"), within=24.5, after=None, missing=("db-2",)), "none ≠",
      "No alarm was raised about db-2.")],
)  # fmt: skip
def test_an_alarm_that_is_late_or_missing_is_a_mismatch(
    matrix: Matrix, alarm: Alarm, shown: str, told: str
) -> None:
    row = replace(matrix.rows[0], cells=(cell("browse"),), alarm=alarm)
    found = replace(matrix, rows=(row,))
    assert table(document(found))[0][-1] == shown
    expected = [f"web|1 <i>, alarm: fault of the configuration. {told}"] if told else []
    assert list(mismatches(document(found))) == expected
    assert html(found).count('<tr class="differs">') == len(expected)
    assert document(found)["mismatches"] == len(expected)
