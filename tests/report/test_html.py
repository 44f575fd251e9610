"""The write-up as a web page: well formed, closed to the outside, and safe from hostile names."""

import base64
import hashlib
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given

from app.model import edits
from app.model.design import Design
from app.report.html import html, paper
from app.report.markdown import markdown
from app.report.write import write_up
from app.storage.codec import load
from app.ui.picture import draw
from sample_designs import SAMPLES, read
from tests.strategies import designs

NAMES = [sample.name for sample in SAMPLES]
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&amp;{{ 7*7 }}</style>"
SPACE = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


def page_of(design: Design, drawing: bytes = b"") -> str:
    return html(write_up(design), drawing)


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>"))


def values(root: ET.Element, name: str) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.rpartition("}")[2] == name:
                yield value


def hostile() -> Design:
    """The sample with the worst names, descriptions and reasons that there are."""
    design = load(read("distributed-web-infrastructure"))
    for key in [*design.components, *design.flows]:
        design = edits.set_fields(design, key, name=HOSTILE)
    for key in design.components:
        design = edits.set_fields(design, key, description=HOSTILE)
    return edits.rename(design, HOSTILE)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_well_formed_with_its_drawing(name: str) -> None:
    design = load(read(name))
    root = parsed(page_of(design, draw(design, "svg", linked=True)))
    assert len([*root.iter(f"{SVG}svg")]) == 1
    ids = [*values(root, "id")]
    assert len(ids) == len(set(ids))
    for link in values(root, "href"):
        assert link.startswith("#")
        assert link[1:] in ids


@pytest.mark.parametrize("name", NAMES)
def test_each_part_of_the_drawing_leads_to_what_is_said_of_it(name: str) -> None:
    design = load(read(name))
    root = parsed(page_of(design, draw(design, "svg", linked=True)))
    drawn = {link.get("href") for link in root.iter(f"{SVG}a")}
    assert drawn == {f"#part-{key}" for key in design.components}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_fetched(name: str) -> None:
    design = load(read(name))
    root = parsed(page_of(design, draw(design, "svg", linked=True)))
    for attribute in ("src", "href", "action", "srcset", "data"):
        for value in values(root, attribute):
            assert value.startswith(("#", "data:image/"))
    style = "".join(element.text or "" for element in root.iter(f"{SPACE}style"))
    assert "url(" not in style
    assert "@import" not in style
    assert {element.tag for element in root.iter()}.isdisjoint(
        f"{SPACE}{tag}" for tag in ("link", "iframe", "object", "embed", "img", "form", "base")
    )


def test_the_policy_names_the_one_script() -> None:
    page = page_of(hostile(), draw(hostile(), "svg", linked=True))
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert f"script-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]


def test_hostile_names_are_text() -> None:
    root = parsed(page_of(hostile(), draw(hostile(), "svg", linked=True)))
    assert len([*root.iter(f"{SPACE}script")]) == 1
    assert not [*root.iter(f"{SPACE}img")]
    assert not [*values(root, "onerror")]
    title = root.find(f".//{SPACE}h1")
    assert title is not None
    assert title.text == HOSTILE


def test_hostile_names_are_text_in_markdown() -> None:
    text = markdown(write_up(hostile()), hostile())
    outside = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert "<script" not in outside.replace("\\<", "")
    drawing = text[text.index("```mermaid") :]
    assert "<script" not in drawing[: drawing.index("```", 3)]


def test_hostile_names_are_text_on_paper() -> None:
    page = paper(write_up(hostile()))
    assert "<script" not in page
    assert "<img" not in page


def test_a_name_cannot_end_the_drawing_of_markdown() -> None:
    design = edits.set_fields(edits.add(Design(), "web_server")[0], "web-1", name="``` # owned")
    text = markdown(write_up(design), design)
    assert text.count("```") == 2


def test_markdown_signs_in_names_stay_signs() -> None:
    design = edits.rename(edits.add(Design(), "web_server")[0], "*a* | [b](c) `d`")
    assert markdown(write_up(design), design).startswith("# \\*a\\* \\| \\[b\\](c) \\`d\\`\n")


def test_a_page_without_a_drawing_says_so() -> None:
    page = page_of(load(read("simple-web-stack")))
    assert "The drawing could not be made where this page was written." in page
    assert '<figure id="drawing"' not in page


@given(designs())
def test_any_design_is_a_well_formed_page(design: Design) -> None:
    page = write_up(design)
    parsed(html(page, b""))
    parsed(paper(page))
