"""Running all rules: waivers, order, and a rule that crashes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.links import Waiver
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.registry import SEVERITIES, Problem
from tests.rules.cases import CASES


def test_the_worst_comes_first() -> None:
    found = [SEVERITIES.index(item.rule.severity) for item in check(CASES["one_server"]())]

    assert found == sorted(found)


@pytest.mark.parametrize(
    ("until", "holds"), [("", True), ("9999-12-31", True), ("2020-01-01", False)]
)
def test_a_waiver_holds_until_its_last_day(until: str, *, holds: bool) -> None:
    design = CASES["one_server"]()
    key = check(design)[0].key
    waived = edits.waive(design, key, Waiver(reason="We know.", until=until))

    [finding] = [item for item in check(waived) if item.key == key]
    assert (finding.waiver is not None) == holds


def test_a_rule_that_crashes_becomes_a_finding_and_the_others_still_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def crash(_: Analysis) -> Iterator[Problem]:
        message = "a thing of the inside"
        raise ArithmeticError(message)

    rules = all_rules()
    broken = [replace(rules["NET001"], check=crash), rules["SPOF001"]]
    findings = check(CASES["one_server"](), broken)

    [failed] = [item for item in findings if item.rule.id == "NET001"]
    assert failed.problem.message == "Rule NET001 failed: a thing of the inside (ArithmeticError)."
    assert (failed.rule.severity, failed.rule.title) == ("medium", "This rule failed")
    assert "SPOF001" in {item.rule.id for item in findings}
    assert "rule NET001 failed" in caplog.text
