"""The report for code-scanning viewers: SARIF 2.1.0 (OASIS)."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app import __version__
from app.cli.baseline import Baseline
from app.cli.report import Report
from app.cli.terminal import Style
from app.rules.references import page_of
from app.rules.registry import CATEGORIES, Finding, Rule, Severity

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS: Mapping[Severity, str] = {
    "critical": "error",
    "high": "error",
    "medium": "warning",
    "low": "note",
    "info": "note",
}
# The fingerprint says in which way it was made, so that a better way may come beside it.
FINGERPRINT = "findingKey/v1"
_TABLE_ENTRY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*\{')
# The scale of CVSS, by which code-scanning viewers sort what is about security.
SCORES: Mapping[Severity, str] = {
    "critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.0",
}  # fmt: skip
_SECURITY = ("firewall", "https")


def write(report: Report, _: Style) -> str:
    """Return the report as a SARIF log with one run."""
    rules = list(report.rules.values())
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(report, rules)},
                "artifacts": [{"location": {"uri": _uri(report.path)}}],
                "columnKind": "unicodeCodePoints",
                # Several files are several runs, which viewers tell apart by this.
                "automationDetails": {"id": f"loadpath/{_uri(report.path)}/"},
                "results": [*_results(report, rules), *_absent(report, rules)],
            }
        ],
    }
    return json.dumps(log, indent=2) + "\n"


def _driver(report: Report, rules: list[Rule]) -> dict[str, Any]:
    return {
        "name": "Loadpath",
        "semanticVersion": __version__,
        "rules": [_rule(rule, on=rule.id not in report.off) for rule in rules],
    }


def _rule(rule: Rule, *, on: bool) -> dict[str, Any]:
    pages = [page for text in rule.references if (page := page_of(text))]
    sources = "; ".join(rule.references)
    descriptor = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": f"{rule.student}\n\nSources: {sources}"},
        "defaultConfiguration": {"enabled": on, "level": LEVELS[rule.severity]},
        "properties": _properties(rule),
    }
    return descriptor | ({"helpUri": pages[0]} if pages else {})


def _properties(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = {"tags": [CATEGORIES[rule.category]], "severity": rule.severity}
    if rule.category in _SECURITY:
        found["tags"].append("security")
        found["security-severity"] = SCORES[rule.severity]
    return found


def _results(report: Report, rules: list[Rule]) -> Iterator[dict[str, Any]]:
    lines = lines_of(report.path.read_text(encoding="utf-8-sig"))
    index = {rule.id: number for number, rule in enumerate(rules)}
    for finding in report.findings:
        # The line of the whole design stands for a finding that is about no part of it.
        places = finding.problem.subjects or ("",)
        result = {
            "ruleId": finding.rule.id,
            "ruleIndex": index[finding.rule.id],
            "level": LEVELS[finding.rule.severity],
            "message": {"text": _message(finding)},
            "partialFingerprints": {FINGERPRINT: hashlib.sha256(finding.key.encode()).hexdigest()},
            "locations": [_location(report.path, places[0], lines)],
            "relatedLocations": [_location(report.path, key, lines) for key in places[1:]],
            "suppressions": [],
        }
        if report.baseline is not None:
            waived = report.waived(finding)
            result["baselineState"] = _state(report.baseline, finding, waived=waived)
        path = finding.problem.witness.path
        if len(path) > 1:
            steps = [{"location": _location(report.path, key, lines)} for key in path]
            result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
        if finding.waiver and report.waived(finding):
            accepted = {"kind": "inSource", "status": "accepted"}
            result["suppressions"] = [accepted | {"justification": finding.waiver.reason}]
        yield result


def _state(baseline: Baseline, finding: Finding, *, waived: bool) -> str:
    known = baseline.findings.get(finding.key)
    if known is None:
        return "new"
    return "unchanged" if known.waived == waived else "updated"


def _absent(report: Report, rules: list[Rule]) -> Iterator[dict[str, Any]]:
    """Yield what the baseline has and the design has no more, where a viewer asks for it."""
    levels = {rule.id: LEVELS[rule.severity] for rule in rules}
    for known in report.absent:
        yield {
            "ruleId": known.rule,
            "level": levels.get(known.rule, "none"),  # a rule that is no more
            "message": {"text": known.message},
            "partialFingerprints": {FINGERPRINT: hashlib.sha256(known.key.encode()).hexdigest()},
            "locations": [_location(report.path, "", {})],
            "baselineState": "absent",
        }


def _message(finding: Finding) -> str:
    fixes = "".join(f" Repair: {fix.title}." for fix in finding.problem.fixes[:1])
    return f"{finding.problem.message}{fixes}"


def _location(path: Path, element: str, lines: Mapping[str, int]) -> dict[str, Any]:
    place = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(path), "index": 0},
            "region": {"startLine": lines.get(element, 1)},
        }
    }
    named = {"logicalLocations": [{"name": element, "kind": "object"}]}
    return place | (named if element else {})


def lines_of(text: str) -> dict[str, int]:
    """Return the line, from 1, in which each element stands in the text of a design file."""
    found: dict[str, int] = {}
    line, position = 1, 0
    for entry in _TABLE_ENTRY.finditer(text):
        line += text.count("\n", position, entry.start())
        position = entry.start()
        # Layout comes last in a file, so that the first entry is the element itself.
        found.setdefault(entry[1], line)
    return found


def _uri(path: Path) -> str:
    """Return a reference relative to the current folder where the file is below it."""
    resolved = path.resolve()
    here = Path.cwd()
    if resolved.is_relative_to(here):
        return quote(resolved.relative_to(here).as_posix())
    return resolved.as_uri()
