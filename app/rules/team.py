"""Rules of a team: a Python file beside the design, which runs only where the user trusts it.

The bytes that were judged are the bytes that run: the file is read once.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial, update_wrapper
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import NamedTuple

from app.model.design import Design
from app.rules import configuration
from app.rules.catalogue import all_rules
from app.rules.check import told
from app.rules.registry import Rule, Severity, registering

LARGEST = 1 << 20  # bytes of a file with rules
Trusts = Callable[[Path, str], bool]  # whether the user trusts a folder with a file of this SHA-256
_log = logging.getLogger(__name__)


class TeamFileError(Exception):
    """A file with team rules that cannot be read; one plain sentence."""


class TeamFile(NamedTuple):
    """A file with team rules: the folder of the design, the content and its SHA-256."""

    folder: Path
    path: Path
    content: bytes
    digest: str


def team_file(design: Design, folder: Path) -> TeamFile:
    """Read the file that a design names; nothing in it runs.

    Raises:
        TeamFileError: it is not there, leads out of the folder, or is too large.
    """
    root = folder.resolve()
    path = (root / design.team_rules).resolve()
    if not path.is_relative_to(root):
        raise TeamFileError("the file leads out of the folder of the design.")
    if not path.is_file():
        raise TeamFileError("there is no such file in the folder of the design.")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise TeamFileError(f"the file cannot be read: {error.strerror or error}.") from None
    if len(content) > LARGEST:
        raise TeamFileError(f"the file is larger than {LARGEST >> 20} MB.")
    return TeamFile(root, path, content, hashlib.sha256(content).hexdigest())


def nobody(_: Path, __: str) -> bool:
    """Trust no folder."""
    return False


def rules_of(design: Design, folder: Path | None, trusts: Trusts = nobody) -> Mapping[str, Rule]:
    """Return the rules that judge a design: Loadpath's, and the team's where they are trusted.

    `folder` is where the design's file lies, None where it was never saved.
    """
    known = all_rules()
    if not design.team_rules:
        return known
    if folder is None:
        return _without(known, "the design has no folder yet; save it first.")
    try:
        file = team_file(design, folder)
    except TeamFileError as error:
        return _without(known, str(error), "medium")
    if not trusts(file.folder, file.digest):
        return known
    rules, refused = _loaded(file.path, file.content)
    if refused:
        known = _without(known, refused, "medium")
    else:
        known = {key: rule for key, rule in known.items() if key != "CFG002"}
    every = {**known, **rules}
    look = partial(configuration.unknown_settings, known=every)
    update_wrapper(look, configuration.unknown_settings)
    every["CFG001"] = replace(every["CFG001"], check=look)
    return MappingProxyType(every)


def _without(known: Mapping[str, Rule], why: str, severity: Severity = "info") -> dict[str, Rule]:
    """Return rules that say why those of the team, or some of them, did not run."""
    look = partial(configuration.team_rules_not_run, why=why)
    update_wrapper(look, configuration.team_rules_not_run)
    return {**known, "CFG002": replace(known["CFG002"], check=look, severity=severity)}


@lru_cache(maxsize=8)
def _loaded(path: Path, content: bytes) -> tuple[Mapping[str, Rule], str]:
    """Run a trusted file; return its rules, and in words what was refused or went wrong."""
    module = ModuleType("team_rules")
    module.__file__ = str(path)
    with registering() as team:
        try:
            exec(compile(content, str(path), "exec"), module.__dict__)  # noqa: S102  # trusted
        except (Exception, SystemExit) as error:  # noqa: BLE001  # the other rules still run
            _log.exception("the team rules in %s failed", path)
            return {}, f"the file failed: {told(error)}."
    return team.rules, "; ".join(team.refused) + "." if team.refused else ""
