"""What every rule needs; a test here names what was forgotten."""

import functools
import json
import os
import re
from pathlib import Path

import pytest

from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.references import page_of
from app.rules.registry import CATEGORIES, SEVERITIES, rule
from tests.rules.cases import CASES

RULES = all_rules()
WITHOUT_FIX = {
    "LB014",  # servers for a balancer that has none: which, only the user knows
    "DEP004",  # which call may wait, only the author of the program knows
    "CFG001",  # a newer version may know what is set
    "CFG002",  # whom to trust, only the user knows
}
ROOT = Path(__file__).parents[1]
BESIDE = ROOT.parent / "shared" / "oracles"
ORACLE = Path(os.environ.get("LOADPATH_ORACLES") or BESIDE) / "rules.json"


@pytest.mark.parametrize("rule_id", RULES)
def test_it_speaks_to_users(rule_id: str) -> None:
    known = RULES[rule_id]

    assert known.severity in SEVERITIES
    assert known.category in CATEGORIES
    assert known.student.endswith((".", "?"))
    assert known.explanation.endswith((".", "?"))
    assert len(known.explanation) > 40
    assert not known.title.endswith(".")
    assert known.references
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", known.name)


def test_every_source_leads_to_a_page_or_is_a_standard_that_is_sold() -> None:
    sources = {text for known in RULES.values() for text in known.references}

    without = {text for text in sources if not page_of(text)}
    assert {text.split(",")[0] for text in without} == {"IEC 61025:2006"}
    assert all(page_of(text).startswith("https://") for text in sources - without)


def test_a_page_is_opened_at_the_section() -> None:
    assert page_of("RFC 6797, HTTP Strict Transport Security, section 7.2") == (
        "https://www.rfc-editor.org/rfc/rfc6797.html#section-7.2"
    )
    assert page_of("RFC 2182 section 3, Secondary Servers").endswith("rfc2182.html#section-3")
    assert page_of("CWE-284: Improper Access Control").endswith("/284.html")


@pytest.mark.parametrize("rule_id", RULES)
def test_the_tests_of_the_rules_name_it(rule_id: str) -> None:
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / "tests" / "rules").glob("*.py"))

    assert any(rule_id in text for text in texts)


@functools.cache
def _found_in() -> dict[str, dict[str, bool]]:
    """Return for each rule the cases that it finds something in, and whether it offers a fix."""
    found: dict[str, dict[str, bool]] = {rule_id: {} for rule_id in RULES}
    for name, case in CASES.items():
        for finding in check(case()):
            fixable = bool(finding.problem.fixes) or found[finding.rule.id].get(name, False)
            found[finding.rule.id][name] = fixable
    return found


@pytest.mark.parametrize("rule_id", RULES)
def test_it_fires_in_a_case_and_is_quiet_in_others(rule_id: str) -> None:
    """`tests/rules/test_proofs.py` tries what it offers there."""
    cases = _found_in()[rule_id]

    assert cases
    assert len(cases) < len(CASES)


@pytest.mark.parametrize("rule_id", sorted(RULES.keys() - WITHOUT_FIX))
def test_it_repairs_what_it_finds_in_a_case(rule_id: str) -> None:
    assert any(_found_in()[rule_id].values())


def test_titles_and_sentences_tell_rules_apart() -> None:
    assert len({known.title for known in RULES.values()}) == len(RULES)
    assert len({known.student for known in RULES.values()}) == len(RULES)


@pytest.mark.parametrize(
    ("rule_id", "name", "why"),
    [("spof1", "some-name", "malformed"), ("SPOF001", "some-name", "taken"),
     ("ZZ999", "single-point-of-failure", "taken")],
)  # fmt: skip
def test_an_id_or_a_name_is_given_once(rule_id: str, name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rule(
            rule_id, name, "Title", severity="low", category="other", student="It is.",
            references=("somewhere",),
        )  # fmt: skip


@pytest.mark.skipif(not ORACLE.is_file(), reason="the catalogue of rules is not beside the project")
def test_the_first_rules_of_the_four_named_categories_are_there() -> None:
    wanted = {
        entry["id"]
        for entry in json.loads(ORACLE.read_text(encoding="utf-8"))["rules"]
        if entry["priority"] == 1 and entry["category"]
    }
    assert wanted - RULES.keys() == set()
