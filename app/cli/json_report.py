"""The report for programs: the versioned shape that docs/json.md describes."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from app.cli.report import Report
from app.cli.terminal import Style
from app.rules.registry import SEVERITIES, Finding

VERSION = 1


def write(report: Report, _: Style) -> str:
    """Return the report as JSON."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "version": VERSION,
        "design": {"name": report.design.name, "file": report.path.as_posix()},
        "findings": [
            finding_document(finding, waived=report.waived(finding))
            | {"known": report.known(finding)}
            for finding in report.findings
        ],
        "summary": {
            "open": dict(report.counts),
            "waived": len(report.findings) - len(report.open),
            "rules_off": list(report.off),
            "flows": {
                key: {
                    "name": flow.name,
                    "operation": flow.operation,
                    "single_points_of_failure": sorted(report.analysis.spofs[key]),
                }
                for key, flow in report.design.flows.items()
            },
        },
        "baseline": _baseline(report),
    }


def _baseline(report: Report) -> dict[str, Any] | None:
    if report.baseline is None:
        return None
    new = Counter(finding.rule.severity for finding in report.new)
    return {
        "file": report.baseline.path.as_posix(),
        "known": len(report.open) - len(report.new),
        "new": {severity: new[severity] for severity in SEVERITIES},
        "absent": [item.key for item in report.absent],
    }


def finding_document(finding: Finding, *, waived: bool) -> dict[str, Any]:
    """Return a finding as plain values; `waived` if it is accepted today."""
    rule, problem, witness = finding.rule, finding.problem, finding.problem.witness
    waiver = finding.waiver
    return {
        "rule": rule.id,
        "name": rule.name,
        "severity": rule.severity,
        "category": rule.category,
        "key": finding.key,
        "subjects": list(problem.subjects),
        "message": problem.message,
        "witness": {
            "path": list(witness.path),
            "cut": list(witness.cut),
            "flows": list(witness.flows),
            "missing": witness.missing,
            "numbers": dict(witness.numbers),
        },
        "fixes": [fix.title for fix in problem.fixes],
        "waived": asdict(waiver) if waiver and waived else None,
    }
