"""The table of rules and the run over them: order, waivers, rules that crash."""

from collections.abc import Iterator

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.links import Waiver
from app.rules.check import check
from app.rules.registry import SEVERITIES, Problem, Rule, finding_key, rule
from tests.rules.cases import CASES


def crashing(analysis: Analysis) -> Iterator[Problem]:
    """Judge nothing."""
    raise ZeroDivisionError(analysis.design.name)


def test_the_worst_findings_come_first() -> None:
    ranks = [SEVERITIES.index(item.rule.severity) for item in check(CASES["one_server"]())]

    assert ranks == sorted(ranks)


def test_a_waiver_is_carried_by_its_finding() -> None:
    waiver = Waiver(reason="a demo")
    design = edits.waive(CASES["one_server"](), "SPOF001@app-1", waiver)

    waived = {item.key: item.waiver for item in check(design) if item.waiver}
    assert waived == {"SPOF001@app-1": waiver}


def test_a_rule_that_crashes_is_a_finding_and_the_others_still_run() -> None:
    broken = Rule("BAD001", "bad", "Bad", "low", "other", "It is bad.", (), crashing)

    (finding,) = check(CASES["one_server"](), [broken])
    assert "ZeroDivisionError: Untitled" in finding.problem.message
    assert finding.key == "BAD001@design"


def test_the_key_of_a_finding_does_not_depend_on_the_order_of_its_subjects() -> None:
    assert finding_key("A001", ("b", "a")) == finding_key("A001", ("a", "b")) == "A001@a+b"


@pytest.mark.parametrize(
    ("rule_id", "name", "why"),
    [
        ("spof1", "new-name", "malformed or taken"),
        ("SPOF001", "new-name", "malformed or taken"),
        ("SPOF099", "single-load-balancer", "'single-load-balancer' is taken"),
    ],
)
def test_ids_and_names_of_rules_are_for_ever(rule_id: str, name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rule(rule_id, name, "T", severity="low", category="other", student="S.", references=())
