"""What every kind of component needs; a test here names what was forgotten."""

from pathlib import Path
from typing import Any

import pytest

import assets
from app.model import edits
from app.model.design import Design
from app.model.explanations import explained
from app.model.fields import field_of, fields_of
from app.model.kinds import GROUPS, KINDS
from app.rules.check import check
from app.storage.codec import dump, load
from exporters import diagram, mermaid
from exporters.plan import plan
from exporters.plan.unrealised import NO_SERVICE
from tests.exporters.designs import balanced, copied, walled

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
def test_where_a_field_counts_is_a_choice_of_the_same_kind(kind: str) -> None:
    for facts in fields_of(KINDS[kind]):
        if facts.where is not None:
            choice = field_of(KINDS[kind], facts.where.field)
            assert set(facts.where.values) < set(choice.choices), facts.name


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


def _that_runs(kind: str) -> Design:
    """Return a design in which a part of a kind runs, if its kind ever does."""
    if kind == "cluster":
        return balanced("haproxy:3.2", pair=True)[0]
    if kind == "backup":
        return copied()[0]
    if kind == "firewall":
        return walled()[0]
    values: dict[str, Any] = {"image": "ghcr.io/example/thing:1.2"} if kind == "service" else {}
    return edits.add(Design(), kind, **values)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_it_runs_or_has_a_reason_why_it_does_not(kind: str) -> None:
    design = _that_runs(kind)
    deployment = plan(design)

    keys = {key for key, item in design.components.items() if item.kind == kind}
    runs = keys & {service.component for service in deployment.services}
    assert bool(runs) is (kind not in NO_SERVICE), "name its service, or its reason in NO_SERVICE"
    told = keys & {part for note in deployment.notes for part in note.components}
    assert runs or told or kind in ("client", "note"), "the README does not speak of it"


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_of_the_exports_says_what_runs_for_it(kind: str) -> None:
    page = (Path(__file__).parents[1] / "docs" / "compose.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith(f"| {KINDS[kind].title} |")]

    assert len(rows) == 1
    why = NO_SERVICE.get(kind)
    assert why is None or rows == [f"| {KINDS[kind].title} | – | {why} |"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_can_be_drawn_and_written_down(kind: str) -> None:
    design = _alone(kind)

    assert diagram.export(design, "svg").startswith(b"<?xml")
    assert mermaid.export(design).startswith(b"flowchart LR")


def test_the_page_of_the_kinds_names_them_all() -> None:
    page = (Path(__file__).parents[1] / "docs" / "kinds.md").read_text(encoding="utf-8")

    assert [cls.title for cls in KINDS.values() if cls.title not in page] == []
