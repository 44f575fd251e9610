"""The pages of the handbook that are written by the program are up to date."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

import sample_designs
from app.cli import json_report
from app.cli.main import main
from app.cli.report import Report
from app.model import pages as kinds
from app.model.kinds import KINDS
from app.rules import pages as rules
from app.rules.catalogue import all_rules
from app.storage.codec import load

DOCS = Path(__file__).parents[1] / "docs"
COMMON = ("version", "design")  # keys of each report, explained with the first
PAGES: dict[str, Callable[[], str]] = {
    "rules.md": lambda: rules.markdown(all_rules().values()),
    "kinds.md": kinds.markdown,
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_program_says(name: str, accept: bool) -> None:
    """`pytest --accept` rewrites the pages."""
    if accept:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")

    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def _reported() -> str:
    """Return the report about the seed, with one finding that stands for the others."""
    name = "distributed-web-infrastructure"
    path = PurePosixPath(f"{name}.loadpath.json")
    report = Report(path, load(sample_designs.read(name)), date(2026, 11, 24))  # type: ignore[arg-type]  # its name alone is told
    told = json_report.document(report)
    told["findings"] = [finding for finding in told["findings"] if finding["rule"] == "SPOF004"]
    return json.dumps(told, indent=2)


def test_the_example_of_a_report_is_one(accept: bool) -> None:
    page = DOCS / "json.md"
    before, _, rest = page.read_text(encoding="utf-8").partition("```json\n")
    shown, fence, after = rest.partition("\n```")
    if accept:
        shown = _reported()
        page.write_text(f"{before}```json\n{shown}{fence}{after}", encoding="utf-8")

    assert json.loads(shown) == json.loads(_reported())


def test_every_figure_is_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "seed.loadpath.json"
    path.write_bytes(sample_designs.read("distributed-web-infrastructure"))
    assert main(["availability", str(path), "--format", "json"]) == 0

    text = (DOCS / "json.md").read_text(encoding="utf-8")
    figures = json.loads(capsys.readouterr().out)["flows"]["browse"]["recoverable"]
    assert all(f"`{key}`" in text for key in figures)
    assert all(f"`parts.ID.{key}`" in text for key in figures["parts"]["lb"])


def test_the_example_of_a_failure_is_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "seed.loadpath.json"
    path.write_bytes(sample_designs.read("distributed-web-infrastructure"))
    assert main(["whatif", str(path), "--format", "json", "--pairs"]) == 0
    told = json.loads(capsys.readouterr().out)

    text = (DOCS / "json.md").read_text(encoding="utf-8").partition("## The failures as JSON")[2]
    shown = json.loads(text.partition("```json\n")[2].partition("\n```")[0])
    assert shown in told["failures"]
    assert all(f"`{key}`" in text for key in (*told, *told["pairs"]) if key not in COMMON)


def test_every_rule_has_a_heading_to_link_to() -> None:
    lines = PAGES["rules.md"]().splitlines()

    for key, rule in all_rules().items():
        assert f"### {key}" in lines
        assert any(
            line.startswith(f"| [{key}](#{key.lower()}) | {rule.severity}") for line in lines
        )


def test_a_page_of_one_rule_has_no_empty_sections() -> None:
    page = rules.markdown([all_rules()["NET001"]])

    assert page.count("\n## ") == 1


def test_every_kind_is_explained_and_no_cell_breaks_the_table() -> None:
    text = PAGES["kinds.md"]()

    assert all(f"`{kind}`: {cls.summary}" in text for kind, cls in KINDS.items())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}


@pytest.mark.parametrize("rule_id", sorted(all_rules()))
def test_a_rule_explains_itself_to_its_readers(rule_id: str) -> None:
    rule = all_rules()[rule_id]

    assert rule.student.endswith(".")
    assert rule.explanation.endswith(".")
    assert rule.references
    assert not rule.title.endswith(".")
    assert rule.name == rule.name.lower()


@pytest.mark.parametrize("name", ["rules", "kinds"])
def test_the_command_line_writes_the_pages(
    name: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main([name, "--markdown"]) == 0

    assert capsysbinary.readouterr().out.decode().rstrip() == PAGES[f"{name}.md"]().rstrip()
