"""What a rule is, and the table of all of them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from app.model.edits import Edit
from app.model.links import Waiver

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis  # the first paint does without

Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
Category = Literal["spof", "firewall", "https", "monitoring", "other"]
CATEGORIES: Mapping[Category, str] = MappingProxyType(
    {
        "spof": "Single points of failure",
        "firewall": "Missing firewall",
        "https": "Missing HTTPS",
        "monitoring": "Missing monitoring",
        "other": "Other",
    }
)


def _no_numbers() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Witness:
    """The evidence of a finding, as ids that the canvas can draw.

    `path`: components and links of the way that shows it; `cut`: the parts whose loss it is about;
    `missing`: the part or place that has no second; `numbers`: figures.
    """

    path: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    missing: str = ""
    numbers: Mapping[str, float] = field(default_factory=_no_numbers)


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that removes a finding; `title` is an order, such as "Add a second balancer"."""

    title: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class Problem:
    """What one rule found in one place. An empty `subjects` means the design as a whole."""

    subjects: tuple[str, ...]
    message: str
    witness: Witness = field(default_factory=Witness)
    fixes: tuple[Fix, ...] = ()


Check = Callable[["Analysis"], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: a stable id, what users read, and the function that looks."""

    id: str
    name: str
    title: str
    severity: Severity
    category: Category
    student: str
    references: tuple[str, ...]
    check: Check

    @property
    def explanation(self) -> str:
        """The docstring of the check: what it looks for and why, for users."""
        return " ".join((self.check.__doc__ or "").split())


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with the rule that found it and whether it was accepted."""

    rule: Rule
    problem: Problem
    waiver: Waiver | None = None

    @property
    def key(self) -> str:
        """Stable name of the finding: the rule and its subjects in order."""
        return finding_key(self.rule.id, self.problem.subjects)


def finding_key(rule_id: str, subjects: Iterable[str]) -> str:
    """Return the name under which a finding is waived: `RULE@id+id`, ids sorted."""
    return f"{rule_id}@{'+'.join(sorted(subjects)) or 'design'}"


RULES: dict[str, Rule] = {}
_ID = re.compile(r"[A-Z]{2,4}\d{3}")


def rule(
    rule_id: str,
    name: str,
    title: str,
    *,
    severity: Severity,
    category: Category,
    student: str,
    references: tuple[str, ...],
) -> Callable[[Check], Check]:
    """Register a function as the rule with this id; ids and names are for ever.

    Raises:
        ValueError: the id is malformed or taken, or the name is taken.
    """
    if not _ID.fullmatch(rule_id) or rule_id in RULES:
        message = f"rule id {rule_id!r} is malformed or taken"
        raise ValueError(message)
    if any(known.name == name for known in RULES.values()):
        message = f"rule name {name!r} is taken"
        raise ValueError(message)

    def register(check: Check) -> Check:
        RULES[rule_id] = Rule(rule_id, name, title, severity, category, student, references, check)
        return check

    return register
