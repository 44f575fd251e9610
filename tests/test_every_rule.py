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
    "CFG003",  # the missing time, only the user knows
}
# What the catalogue asks for and no rule says, each with the reason: the fact that a design does
# not hold, or the rule that says it already.
NO_RULES = {
    "SPOF018": "who settles a switch is the witness of a cluster and no part: LB011 asks for it",
    "SPOF019": "sign-on, secrets and authorities are services like others: SPOF001 and SPOF015",
    "NET013": "nothing says how many requests an entrance lets one visitor make",
    "NET020": "the rules of a firewall are its open ports, and NET011 finds those without a link",
    "TLS010": "headers of answers are not drawn; that plain HTTP is redirected is TLS002",
    "TLS015": "neither keys nor ciphers are drawn, only the version of TLS, which TLS006 judges",
    "TLS016": "a name says nothing of signatures on its answers",
    "MON015": "nothing says whether somebody is told of a backup that failed",
    "MON016": "what the monitoring measures is drawn, and not at which value it raises an alarm",
    "LB012": "headers of requests are not drawn; exports hand on the address of users",
    "LB013": "links do not say how often they try again, nor whether that does harm",
    "DB009": "a replication does not say whether a write waits for it",
    "DB012": "flows do not say that they read what they have just written",
    "DB013": "neither the connections of a program nor what a database allows are drawn",
    "DB016": "a backup does not say when it was last put back",
    "CAP006": "links have no bandwidth, and flows no size of their answers",
    "CAP009": "links say whether somebody gives up (DEP005), and not after how many seconds",
    "SEC012": "accounts and rights are not drawn, only where passwords are from: SEC002, SEC003",
    "SEC014": "nothing says that a program fetches what its users name; ways out are NET008",
    "SEC015": "nothing says where uploads are served from, or whether they could be run",
    "SEC016": "flows do not say that they log in, nor entrances how often one may try",
    "SEC018": "nothing says what is written down about administration; logs are MON008",
    "OPS005": "the clock of a machine is not drawn",
    "DEP006": "parts have no importance of their own; a promise on something weaker is AVL002",
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


@pytest.mark.skipif(not ORACLE.is_file(), reason="the catalogue of rules is not beside the project")
def test_all_that_the_catalogue_asks_for_is_a_rule_or_has_a_reason_not_to_be() -> None:
    wanted = {entry["id"] for entry in json.loads(ORACLE.read_text(encoding="utf-8"))["rules"]}

    assert wanted - RULES.keys() == NO_RULES.keys()


def test_a_reason_against_a_rule_is_a_sentence_that_names_only_what_is_there() -> None:
    assert NO_RULES.keys() & RULES.keys() == set()
    for why in NO_RULES.values():
        assert len(why.split()) > 5
        assert set(re.findall(r"\b[A-Z]{2,4}\d{3}\b", why)) <= RULES.keys()
