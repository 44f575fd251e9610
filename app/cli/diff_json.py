"""A comparison for programs: the versioned shape that docs/json.md describes."""

import json
from collections.abc import Mapping
from typing import Any

from app.analysis.availability import MINUTES_PER_YEAR
from app.analysis.requirements import VIEWS, View
from app.cli import diff_words as words
from app.cli.diff_words import Told
from app.cli.json_report import finding_document
from app.cli.terminal import Style
from app.model.design import Design
from app.rules.comparison import Comparison, FlowChange, Risk
from app.rules.registry import Finding

VERSION = 1


def write(told: Told, _: Style) -> str:
    """Return the comparison as JSON."""
    return json.dumps(document(told), indent=2) + "\n"


def document(told: Told) -> dict[str, Any]:
    """Return the comparison as plain values."""
    comparison = told.comparison
    found = comparison.findings
    return {
        "version": VERSION,
        "before": {"name": comparison.before.name, "file": told.before.as_posix()},
        "after": {"name": comparison.after.name, "file": told.after.as_posix()},
        "headline": words.headline(comparison),
        "structure": {table: _table(comparison, table) for table in comparison.structure},
        "moved": comparison.moved,
        "redrawn": dict(comparison.matching.redrawn),
        "findings": {
            "new": [_finding(item) for item in found.new],
            "gone": [_finding(item) for item in found.gone],
            "moved_on": [{"before": old.key, "after": new.key} for old, new in found.moved_on],
            "kept": [item.key for item in found.kept],
            "accepted": sorted(found.accepted),
            "reopened": sorted(found.reopened),
        },
        "single_points_of_failure": {
            "new": list(comparison.new_spofs),
            "gone": list(comparison.gone_spofs),
        },
        "flows": [_flow(flow) for flow in comparison.flows],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return finding_document(finding, waived=finding.waiver is not None)


def _table(comparison: Comparison, table: str) -> dict[str, Any]:
    changes = comparison.structure[table]
    return {
        "added": [_element(comparison.after, table, key) for key in changes.added],
        "removed": [_element(comparison.before, table, key) for key in changes.removed],
        "changed": [
            _element(comparison.after, table, edited.after)
            | {"fields": {
                name: {"before": _plain(old), "after": _plain(new)}
                for name, (old, new) in edited.fields.items()
            }}
            for edited in changes.changed
        ],
    }  # fmt: skip


def _element(design: Design, table: str, key: str) -> dict[str, Any]:
    return {"id": key, "label": words.element(design, table, key)}


def _plain(content: Any) -> Any:
    if isinstance(content, Mapping):
        return dict(content)
    return list(content) if isinstance(content, tuple) else content


def _flow(flow: FlowChange) -> dict[str, Any]:
    return {
        "name": flow.flow.name,
        "operation": flow.flow.operation,
        **{view: _view(flow, view) for view in VIEWS},
    }


def _view(flow: FlowChange, view: View) -> dict[str, Any]:
    return {
        "before": _risk(flow.before[view]) if flow.before else None,
        "after": _risk(flow.after[view]) if flow.after else None,
        "new": list(flow.new_spofs[view]),
        "gone": list(flow.gone_spofs[view]),
    }


def _risk(risk: Risk) -> dict[str, Any]:
    found = risk.availability
    return {
        "exact": found.exact,
        "unavailability": [found.low, found.high],
        "downtime_minutes_per_year": [found.low * MINUTES_PER_YEAR, found.high * MINUTES_PER_YEAR],
        "single_points_of_failure": sorted(risk.spofs),
        "assumed": sorted(risk.assumed),
    }
