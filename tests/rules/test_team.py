"""Rules of a team: what runs, what does not, and that one bad rule stops no other."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from app.model import edits
from app.model.design import Design
from app.rules import team
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.registry import RULES, Finding
from tests.rules.cases import CASES

DOCS = Path(__file__).parents[2] / "docs" / "team-rules.md"
HEAD = """
from app.rules.registry import Problem, parameter, rule
"""


def declared(rule_id: str, body: str, name: str = "ours") -> str:
    """Return a rule in a file."""
    return f"""
@rule("{rule_id}", "{name}", "Ours", severity="high", category="other", student="It is ours.",
      references=())
def {name.replace("-", "_")}(analysis):
    "Finds what is ours."
    {body}
"""


OURS = declared("ACME001", 'yield Problem((), "Ours was found.")')
Judge = Callable[[str], tuple[Finding, ...]]


@pytest.fixture
def design() -> Design:
    return edits.set_team_rules(CASES["one_server"](), "rules.py")


@pytest.fixture
def judge(design: Design, tmp_path: Path) -> Judge:
    """Checks a design with these team rules, in a folder that is trusted."""

    def run(text: str) -> tuple[Finding, ...]:
        (tmp_path / "rules.py").write_text(text, encoding="utf-8")
        rules = team.rules_of(design, tmp_path, lambda _, __: True)
        return check(design, rules.values())

    return run


def only(findings: tuple[Finding, ...], rule_id: str) -> Finding:
    [found] = [finding for finding in findings if finding.rule.id == rule_id]
    return found


def test_a_trusted_rule_finds_beside_the_others(judge: Judge, design: Design) -> None:
    found = judge(HEAD + OURS)

    assert only(found, "ACME001").problem.message == "Ours was found."
    others = {finding.key for finding in found} - {"ACME001@design"}
    assert others == {item.key for item in check(design)} - {"CFG002@design"}
    assert "ACME001" not in RULES


def test_nothing_of_a_file_runs_before_it_is_trusted(design: Design, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    text = f"open({str(ran)!r}, 'w').close()"
    (tmp_path / "rules.py").write_text(text, encoding="utf-8")
    asked = []

    def trusts(folder: Path, digest: str) -> bool:
        asked.append((folder, digest))
        return False

    found = check(design, team.rules_of(design, tmp_path, trusts).values())

    assert not ran.exists()
    assert only(found, "CFG002").rule.severity == "info"
    assert asked == [(tmp_path.resolve(), hashlib.sha256(text.encode()).hexdigest())]


def test_without_team_rules_nobody_is_asked(tmp_path: Path) -> None:
    assert team.rules_of(CASES["one_server"](), tmp_path) == all_rules()


def test_nobody_is_trusted_by_default(design: Design, tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("raise SystemExit", encoding="utf-8")

    assert team.rules_of(design, tmp_path) == all_rules()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("yield 1 / 0", "division by zero (ZeroDivisionError)"),
        ("raise SystemExit", "SystemExit"),
        ("raise ValueError('x' * 400)", f"{'x' * 300}… (ValueError)"),
        ("yield 'text'", "it found 'text', which is no problem with a message (TypeError)"),
        ("yield Problem((), 7)", "which is no problem with a message (TypeError)"),
        (
            "yield Problem(('ghost',), 'Boo.')",
            "it names 'ghost', which is no part, link or flow of the design (ValueError)",
        ),
    ],
)
def test_a_rule_that_fails_is_a_finding_and_the_others_run(
    judge: Judge, body: str, why: str
) -> None:
    found = judge(HEAD + declared("ACME002", body, "bad") + OURS)

    failed = only(found, "ACME002")
    assert failed.rule.severity == "medium"
    assert failed.problem.message.startswith("Rule ACME002 failed: ")
    assert why in failed.problem.message
    assert only(found, "ACME001").problem.message == "Ours was found."
    assert any(item.rule.id.startswith("SPOF") for item in found)


def test_a_clashing_rule_is_refused_with_a_sentence_and_the_rest_of_the_file_runs(
    judge: Judge,
) -> None:
    clash = declared("SPOF004", 'yield Problem((), "Never.")', "mine")
    same_name = declared("ACME003", 'yield Problem((), "Never.")', "ours")
    found = judge(HEAD + clash + OURS + same_name)

    told = only(found, "CFG002")
    assert told.rule.severity == "medium"
    assert "rule id 'SPOF004' is malformed or taken; rule name 'ours' is taken." in (
        told.problem.message
    )
    assert only(found, "ACME001").problem.message == "Ours was found."
    assert not any(item.problem.message == "Never." for item in found)
    assert RULES["SPOF004"].name != "mine"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def (", "(SyntaxError)"),
        ("import no_such_module_of_ours", "(ModuleNotFoundError)"),
        ("raise SystemExit(3)", "3 (SystemExit)"),
        ("\0", "null byte"),
    ],
)
def test_a_file_that_fails_is_told_and_the_rules_of_loadpath_run(
    judge: Judge, text: str, why: str
) -> None:
    found = judge(text)

    message = only(found, "CFG002").problem.message
    assert message.startswith("The team rules in rules.py were not run: the file failed: ")
    assert why in message
    assert any(item.rule.id.startswith("SPOF") for item in found)


def test_settings_and_parameters_reach_team_rules(judge: Judge, tmp_path: Path) -> None:
    limit = 'LIMIT = parameter("limit", "Most of ours", 3, minimum=0, maximum=9)\n'
    counted = OURS.replace("references=()", "references=(), parameters=(LIMIT,)")
    counted = counted.replace("(analysis)", "(analysis, limit)").replace(
        '"Ours was found."', 'f"At most {limit}."'
    )
    design = edits.set_rule(
        edits.set_team_rules(Design(), "rules.py"),
        "ACME001",
        severity="low",
        parameters={"limit": 5},
    )
    judge(HEAD + limit + counted)
    found = check(design, team.rules_of(design, tmp_path, lambda _, __: True).values())

    ours = only(found, "ACME001")
    assert (ours.problem.message, ours.rule.severity) == ("At most 5.", "low")
    assert not any(item.rule.id == "CFG001" for item in found)
    assert only(check(design), "CFG001").problem.message.startswith("There is no rule ACME001.")


def test_a_file_that_cannot_be_read_is_told(design: Design, tmp_path: Path) -> None:
    def why(folder: Path | None) -> str:
        found = check(design, team.rules_of(design, folder, lambda _, __: True).values())
        return only(found, "CFG002").problem.message.partition("not run: ")[2]

    assert why(None) == "the design has no folder yet; save it first."
    assert why(tmp_path) == "there is no such file in the folder of the design."
    (tmp_path / "rules.py").write_bytes(b"#" * (team.LARGEST + 1))
    assert why(tmp_path) == "the file is larger than 1 MB."
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "rules.py").symlink_to(tmp_path / "rules.py")
    assert why(inner) == "the file leads out of the folder of the design."


def test_a_file_that_the_system_refuses_is_told(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.py").write_text("", encoding="utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(team.TeamFileError, match="cannot be read: Permission denied"):
        team.team_file(design, tmp_path)


def test_the_example_of_the_handbook_runs(judge: Judge) -> None:
    example = DOCS.read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]

    found = judge(example)

    ours = [item for item in found if item.rule.id.startswith("ACME")]
    assert ours
    assert not any("failed" in item.problem.message for item in ours)
    assert not any(item.rule.id == "CFG002" for item in found)
