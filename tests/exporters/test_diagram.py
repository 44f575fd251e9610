"""The drawing through the `diagrams` library, rendered in process."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from app.model import edits
from app.model.design import Design
from app.model.kinds import KINDS
from app.model.links import Place
from exporters import diagram
from exporters.diagram.render import render
from exporters.errors import ExportError

HOSTILE = '<b>"x"</b> \\n \\N & &lt; &#35; | {a} é 🙂'


@pytest.fixture
def shop() -> Design:
    """Two servers whose names are equal and hostile, with a link and a cluster across them."""
    design = Design(name=HOSTILE)
    members = []
    for number in range(2):
        design, server = edits.add(design, "server", name=HOSTILE)
        place = Place(x=300.0 * number, y=48)
        design, member = edits.add(design, "database", place, parent=server, name=HOSTILE)
        members.append(member)
    design, _ = edits.connect(design, *members, role="replicate", protocol="postgres")
    design, _ = edits.connect(design, *members, role="read", protocol="postgres")
    design, _ = edits.connect(design, *members, role="write", protocol="postgres", tls="1.3")
    design, _ = edits.add(design, "cluster", members=tuple(members), mode="primary-replica")
    return design


@pytest.mark.parametrize("positions", diagram.POSITIONS)
@pytest.mark.parametrize(
    ("file_format", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_it_draws_every_format_whatever_the_names_hold(
    shop: Design, file_format: diagram.Format, start: bytes, positions: diagram.Positions
) -> None:
    assert diagram.export(shop, file_format, positions).startswith(start)


@pytest.mark.parametrize("positions", diagram.POSITIONS)
@pytest.mark.parametrize("file_format", ["svg", "dot", "py", "png"])
def test_the_same_design_gives_the_same_bytes(
    shop: Design, file_format: diagram.Format, positions: diagram.Positions
) -> None:
    first = diagram.export(shop, file_format, positions)

    assert diagram.export(shop, file_format, positions) == first


def test_an_svg_carries_its_icons_and_names_no_file(shop: Design) -> None:
    picture = diagram.export(shop, "svg")

    images = ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}image")
    links = [image.attrib["{http://www.w3.org/1999/xlink}href"] for image in images]
    assert links
    assert all(link.startswith("data:image/png;base64,") for link in links)
    assert b"site-packages" not in picture


def test_a_hostile_name_arrives_as_text(shop: Design) -> None:
    root = ET.fromstring(diagram.export(shop, "svg"))

    words = "".join(text for text in root.itertext() if text.strip())
    assert '<b>"x"</b> \\n \\N & &lt; &#35; | {a}' in words.replace("\xa0", " ")


def test_equal_labels_stay_two_fields(shop: Design) -> None:
    source = diagram.export(shop, "dot").decode()

    assert "cluster_n1" in source
    assert "cluster_n3" in source


def test_positions_of_the_canvas_survive(shop: Design) -> None:
    source = diagram.export(shop, "dot", "canvas").decode()

    # (0 + 188/2, 48 + 60/2) pixels, 1.25 points each, upwards
    assert 'pos="117.5,-97.5!"' in source
    assert 'bb="' in source


def test_read_and_write_share_an_arrow_unless_only_one_is_encrypted(shop: Design) -> None:
    source = diagram.export(shop, "dot").decode()

    assert "read · PostgreSQL" in source
    assert "write · PostgreSQL + TLS" in source


def test_the_script_draws_the_same_with_the_plain_library(shop: Design, tmp_path: Path) -> None:
    """Without the `dot` program the library still leaves the DOT source behind."""
    (tmp_path / "drawing.py").write_bytes(diagram.export(shop, "py"))
    environment = {"PATH": str(tmp_path), "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"}

    ended = subprocess.run(
        [sys.executable, "drawing.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "ExecutableNotFound" in ended.stderr, ended.stderr
    assert (tmp_path / "diagram").read_text(encoding="utf-8") == diagram.export(
        shop, "dot"
    ).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_icon(kind: str) -> None:
    design, _ = edits.add(Design(), kind)

    assert b"<image" in diagram.export(design, "svg").replace(b"ns0:", b"")


def test_an_empty_design_is_an_empty_drawing() -> None:
    assert diagram.export(Design(), "svg").startswith(b"<?xml")
    assert b"pass" in diagram.export(Design(), "py")


def test_many_links_are_drawn_as_straight_lines() -> None:
    design, source = edits.add(Design(), "web_server")
    for _ in range(160):
        design, target = edits.add(design, "app_server")
        design, _ = edits.connect(design, source, target)

    assert "splines=line" in diagram.export(design, "dot").decode()


def test_the_program_of_an_image_decides_the_icon() -> None:
    design, balancer = edits.add(Design(), "load_balancer", image="example/unheard-of:1")
    unknown = diagram.export(design, "py").decode()
    known = edits.set_fields(design, balancer, image="docker.io/library/traefik:v3")

    assert "HAProxy" in unknown
    assert "Traefik" in diagram.export(known, "py").decode()


def test_an_arrow_without_links_to_data_keeps_its_protocol() -> None:
    design, client = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    design, agent = edits.add(design, "monitoring_agent")
    design, _ = edits.connect(design, client, web, protocol="https")
    design, _ = edits.connect(design, agent, web, role="monitor", protocol="http")

    source = diagram.export(design, "dot").decode()
    assert "label=HTTPS" in source
    assert "monitor · HTTP" in source
    assert "constraint=false" in source


def test_a_format_that_graphviz_cannot_write_is_a_plain_error() -> None:
    with pytest.raises(ExportError, match="Graphviz could not draw the design"):
        render("digraph { a }", "nonsense", "automatic")


def test_a_picture_from_outside_the_library_never_gets_into_a_drawing(tmp_path: Path) -> None:
    secret = tmp_path / "private.png"
    secret.write_bytes(diagram.export(Design(), "png"))

    with pytest.raises(ExportError, match=r"outside the library: private\.png"):
        render(f'digraph {{ a [image="{secret}"] }}', "svg", "automatic")
