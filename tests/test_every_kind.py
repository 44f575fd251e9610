"""What every kind of component needs; a test here names what was forgotten."""

from pathlib import Path

import pytest

import assets
from app.model import edits
from app.model.design import Design
from app.model.explanations import explained
from app.model.fields import fields_of
from app.model.kinds import GROUPS, KINDS
from app.rules.check import check
from app.storage.codec import dump, load
from exporters import diagram, mermaid
from exporters.plan import plan

DECISIVE = ("kind", "name", "parent", "requires")  # said elsewhere, or by themselves


def _alone(kind: str) -> Design:
    return edits.add(Design(), kind)[0]


def test_titles_and_prefixes_tell_kinds_apart() -> None:
    assert len({cls.title for cls in KINDS.values()}) == len(KINDS)
    assert len({cls.prefix for cls in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_it_is(kind: str) -> None:
    cls = KINDS[kind]

    assert cls.group in GROUPS
    assert cls.summary.endswith(".")
    assert 0 < cls.default_availability <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_its_fields_has_help(kind: str) -> None:
    silent = [
        facts.name for facts in fields_of(KINDS[kind]) if not facts.help and facts.name != "kind"
    ]
    assert silent == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_an_icon(kind: str) -> None:
    assert kind in assets.icon_names()


def test_no_icon_is_of_a_kind_that_does_not_exist() -> None:
    pictures = {told.picture for told in explained().values()} - {""}
    others = {name for name in assets.icon_names() if name.startswith("ui_")} | {"app"}

    assert assets.icon_names() == KINDS.keys() | pictures | others


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_keeps_it(kind: str) -> None:
    design = _alone(kind)

    assert load(dump(design)) == design


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_checked_without_a_rule_that_fails(kind: str) -> None:
    assert not [item for item in check(_alone(kind)) if "failed" in item.problem.message]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_planned_or_the_plan_says_why_not(kind: str) -> None:
    design = _alone(kind)
    deployment = plan(design)

    [key] = design.components
    realised = {part for service in deployment.services for part in (service.name,)}
    told = {part for note in deployment.notes for part in note.components}
    planned = any(key in name for name in realised) or key in told
    assert planned or kind in ("client", "server", "zone", "site", "note", "cluster")


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_drawn_and_written_down(kind: str) -> None:
    design = _alone(kind)

    assert diagram.export(design, "svg").startswith(b"<?xml")
    assert mermaid.export(design).startswith(b"flowchart LR")


def test_the_page_of_the_kinds_names_them_all() -> None:
    page = (Path(__file__).parents[1] / "docs" / "kinds.md").read_text(encoding="utf-8")

    assert [cls.title for cls in KINDS.values() if cls.title not in page] == []
