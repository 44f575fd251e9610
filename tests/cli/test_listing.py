"""`loadpath rules`, `kinds`, `schema`, `new`."""

import json
from pathlib import Path

import pytest

from app.model.design import Design
from app.model.fields import fields_of
from app.model.kinds import KINDS
from app.rules.catalogue import all_rules
from app.storage.codec import load, schema
from app.storage.files import open_design
from sample_designs import SAMPLES
from tests.cli.conftest import Run


def test_every_rule_is_listed(run: Run) -> None:
    said = run("rules")
    assert said.status == 0
    assert all(f"  {rule.id} " in said.out for rule in all_rules().values())


@pytest.mark.parametrize("rule_id", ["SPOF001", "NET001"])
def test_a_rule_is_explained_with_its_sources(run: Run, rule_id: str) -> None:
    rule = all_rules()[rule_id]
    told = " ".join(run("rules", rule_id).out.split())
    for text in (rule.title, rule.name, rule.student, rule.explanation, *rule.references):
        assert " ".join(text.split()) in told


def test_the_rules_are_a_page_for_a_handbook(run: Run) -> None:
    page = run("rules", "--markdown").out
    assert page.startswith("# Rules\n")
    assert page.count("\n### ") == len(all_rules())
    assert run("rules", "SPOF001", "--markdown").out.count("\n### ") == 1


def test_an_unknown_rule_is_told(run: Run) -> None:
    said = run("rules", "NO001")
    assert (said.status, said.out) == (2, "")
    assert "there is no rule 'NO001'" in said.err


def test_every_kind_is_listed(run: Run) -> None:
    said = run("kinds")
    assert all(f"  {kind} " in said.out for kind in KINDS)


@pytest.mark.parametrize("kind", ["database", "zone", "dns", "cluster"])
def test_a_kind_lists_its_fields_with_their_help(run: Run, kind: str) -> None:
    told = " ".join(run("kinds", kind).out.split())
    for facts in fields_of(KINDS[kind]):
        if facts.name != "kind":
            assert f" {facts.name} (" in told
            assert " ".join(facts.help.split()) in told


def test_a_field_says_what_it_takes(run: Run) -> None:
    told = run("kinds", "dns").out
    assert "ttl_seconds (integer, 0 to 604800, s, default 300)" in told
    assert 'record (A | AAAA | CNAME, default "A")' in told
    assert "health_check (flag, default false)" in told


def test_an_unknown_kind_is_told(run: Run) -> None:
    said = run("kinds", "toaster")
    assert said.status == 2
    assert said.err == "loadpath: there is no kind of component called 'toaster'\n"


def test_the_schema_is_printed(run: Run) -> None:
    assert json.loads(run("schema").out) == schema()


def test_the_templates_are_listed(run: Run) -> None:
    said = run("new")
    assert [line.split()[0] for line in said.out.splitlines()] == [
        *(sample.name for sample in SAMPLES),
        "empty",
    ]


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_a_design_is_started_from_a_template(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / "my shop.loadpath.json"
    said = run("new", name, "-o", path)
    assert (said.status, said.out) == (0, "")
    assert said.err == f"open it with: loadpath '{path}'\n"
    assert open_design(path).components


def test_an_empty_design_goes_to_stdout(run: Run) -> None:
    said = run("new", "empty", "-o", "-")
    assert load(said.out.encode()) == Design()
    assert said.err == ""


def test_a_file_that_is_there_is_replaced_only_by_force(run: Run, seed: Path) -> None:
    before = seed.read_bytes()
    said = run("new", "empty", "-o", seed)
    assert said.status == 2
    assert "is there already; --force replaces it" in said.err
    assert seed.read_bytes() == before
    assert run("new", "empty", "-o", seed, "--force").status == 0
    assert open_design(seed) == Design()


def test_a_template_needs_a_name_that_exists_and_a_place(run: Run) -> None:
    assert (
        "there is no template 'foo'; there are simple-web-stack" in run("new", "foo", "-o", "-").err
    )
    assert "where to? Give -o FILE" in run("new", "empty").err
