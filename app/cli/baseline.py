"""The findings that were there before: what a check with `--baseline` does not count again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from app.cli import reading
from app.cli.terminal import CommandError

VERSION = 1  # of the reports that are read


@dataclass(frozen=True, slots=True)
class Known:
    """A finding of the baseline; `waived` if it was accepted then."""

    key: str
    rule: str
    message: str
    subjects: tuple[str, ...]
    waived: bool


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where the findings were read, and each by its key, in order."""

    path: Path
    findings: Mapping[str, Known]

    def holds(self, key: str) -> bool:
        """Whether a finding was there before and counted."""
        return key in self.findings and not self.findings[key].waived


def read(path: Path) -> Baseline:
    """Read a baseline: a report of `check --format json`, or a design, which is checked.

    Raises:
        FileError: the file cannot be read.
        CommandError: it is neither; one sentence says what is wrong.
    """
    data = reading.content(path)
    document = _decoded(data, path)
    is_design = isinstance(document, dict) and "format" in document
    found = _checked(data, path) if is_design else _reported(document, path)
    return Baseline(path, {known.key: known for known in found})


def _decoded(data: bytes, path: Path) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # no UTF-8 is a ValueError as well
        _refuse(path, "this is no JSON, so neither a report nor a design")


def _checked(data: bytes, path: Path) -> Iterator[Known]:
    from app.rules.check import check

    for item in check(reading.decoded(data, path)):
        yield Known(
            item.key, item.rule.id, item.problem.message, item.problem.subjects, bool(item.waiver)
        )


def _reported(document: Any, path: Path) -> Iterator[Known]:
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        _refuse(path, "this is neither a report of `loadpath check --format json` nor a design")
    if document.get("version") != VERSION:
        _refuse(path, f"this report is of another version than {VERSION}; write it again")
    for number, entry in enumerate(document["findings"]):
        if not _is_finding(entry):
            _refuse(path, f"findings.{number} is no finding of a report; write it again")
        yield Known(
            entry["key"],
            entry["rule"],
            entry["message"],
            tuple(entry["subjects"]),
            entry.get("waived") is not None,
        )


def _is_finding(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), str) for name in ("key", "rule", "message"))
        and isinstance(entry.get("subjects"), list)
        and all(isinstance(subject, str) for subject in entry["subjects"])
    )


def _refuse(path: Path, why: str) -> NoReturn:
    raise CommandError(f"{reading.called(path)}: {why}.")
