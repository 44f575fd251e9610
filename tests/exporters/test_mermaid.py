"""The Mermaid flowchart."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.model import edits
from app.model.design import Design
from exporters import mermaid


def test_a_flowchart_has_groups_parts_and_labelled_links() -> None:
    design, server = edits.add(Design(), "server", name="one")
    design, web = edits.add(design, "web_server", parent=server, name="web")
    design, database = edits.add(design, "database", name="data")
    design, other = edits.add(design, "database", name="copy", role="replica")
    design, _ = edits.connect(design, web, database, role="read", protocol="postgres", tls="1.3")
    design, _ = edits.connect(design, database, other, role="replicate", protocol="postgres")
    design, _ = edits.add(design, "cluster", name="pair", members=(database, other))

    assert mermaid.export(design).decode().splitlines() == [
        "flowchart LR",
        '    subgraph n1["one"]',
        '        n2["web<br/>nginx:1.30"]',
        "    end",
        '    n3[("data<br/>PostgreSQL primary")]',
        '    n4[("copy<br/>PostgreSQL replica")]',
        '    n5(["pair<br/>active-active"])',
        '    n2 -->|"read: PostgreSQL + TLS"| n3',
        '    n3 -.->|"replicate: PostgreSQL"| n4',
        "    n5 -.- n3",
        "    n5 -.- n4",
    ]


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
def test_no_name_can_leave_its_label(name: str) -> None:
    design, _ = edits.add(Design(), "server", name=name)

    _, line = mermaid.export(design).decode().splitlines()
    label = re.fullmatch(r'    n1\["(.*)"\]', line)
    assert label
    assert not set('"<>`[]{}|;\\') & set(re.sub(r"#\d+;", "", label.group(1)))


def test_a_name_that_looks_like_a_list_is_no_markdown() -> None:
    design, _ = edits.add(Design(), "server", name="1. first - second")

    assert "1#46; first #45; second" in mermaid.export(design).decode()


def test_a_flowchart_that_pages_refuse_says_so() -> None:
    design, source = edits.add(Design(), "web_server")
    for _ in range(mermaid.MOST_LINKS + 1):
        design, target = edits.add(design, "app_server", name="x" * 100)
        design, _ = edits.connect(design, source, target, protocol="http")

    text = mermaid.export(design).decode()
    assert "%% 501 links: a page draws 500 unless it is told" in text
    assert "characters: a page shows 50000 unless it is told" in text
