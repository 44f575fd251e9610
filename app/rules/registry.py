"""What a rule is, and the table of all of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from app.model.edits import Edit
from app.model.errors import DesignError
from app.model.fields import FieldFacts, check_value
from app.model.links import Waiver
from app.model.rule_settings import RuleSettings

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


_NO_NUMBERS: Mapping[str, float] = MappingProxyType({})


# Tuples: a check makes thousands, and frozen data classes take twice as long to make.
class Witness(NamedTuple):
    """The evidence of a finding, as ids that the canvas can draw.

    `path`: components and links of the way that shows it; `cut`: the parts whose loss it is about;
    `missing`: the part or place that has no second; `numbers`: figures.
    """

    path: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    missing: str = ""
    numbers: Mapping[str, float] = _NO_NUMBERS


class Fix(NamedTuple):
    """An edit that removes a finding; `title` is an order, such as "Add a second balancer"."""

    title: str
    edit: Edit


class Problem(NamedTuple):
    """What one rule found in one place. An empty `subjects` means the design as a whole."""

    subjects: tuple[str, ...]
    message: str
    witness: Witness = Witness()
    fixes: tuple[Fix, ...] = ()


Check = Callable[..., Iterable[Problem]]  # takes an Analysis, and each parameter by its name


def parameter(
    name: str,
    text: str,
    default: float,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    unit: str = "",
) -> FieldFacts:
    """Declare a number of a rule that a design may set; a whole default asks for whole numbers."""
    return FieldFacts(
        name=name,
        label=name.replace("_", " ").capitalize(),
        help=text,
        unit=unit,
        type="integer" if isinstance(default, int) else "number",
        optional=False,
        default=default,
        minimum=minimum,
        maximum=maximum,
    )


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
    parameters: tuple[FieldFacts, ...] = ()

    def under(self, settings: RuleSettings) -> "Rule":
        """Return the rule as a design wants it; a number outside its range counts as not set."""
        severity = self.severity if settings.severity == "default" else settings.severity
        given = {facts.name: _value(facts, settings.parameters) for facts in self.parameters}
        parameters = tuple(replace(facts, default=given[facts.name]) for facts in self.parameters)
        return replace(self, severity=severity, parameters=parameters)

    def problems(self, analysis: "Analysis") -> list[Problem]:
        """Look at a design."""
        return list(
            self.check(analysis, **{facts.name: facts.default for facts in self.parameters})
        )

    @property
    def explanation(self) -> str:
        """The docstring of the check: what it looks for and why, for users."""
        return " ".join((self.check.__doc__ or "").split())


def _value(facts: FieldFacts, given: Mapping[str, float]) -> float:
    value = given.get(facts.name, facts.default)
    if fault_of(facts, value):
        value = facts.default
    whole: float = int(value) if facts.type == "integer" else value
    return whole


def fault_of(facts: FieldFacts, value: float) -> str:
    """Return what is wrong with a value for a parameter; empty where nothing is."""
    whole = facts.type == "integer" and value == int(value)  # a file knows only one sort of number
    try:
        check_value(facts, int(value) if whole else value)
    except DesignError as error:
        return str(error).partition(": ")[2]
    return ""


@dataclass(slots=True)  # as above: frozen ones take their time
class Finding:
    """A problem with the rule that found it and whether it was accepted; never written into."""

    rule: Rule
    problem: Problem
    waiver: Waiver | None = None
    key: str = field(init=False)  # stable name: the rule and its subjects in order

    def __post_init__(self) -> None:
        """Name the finding."""
        self.key = finding_key(self.rule.id, self.problem.subjects)


def finding_key(rule_id: str, subjects: Iterable[str]) -> str:
    """Return the name under which a finding is waived: `RULE@id+id`, ids sorted."""
    return f"{rule_id}@{'+'.join(sorted(subjects)) or 'design'}"


class TeamRules:
    """The rules that a team's file declares, and why some of them were refused."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rules: dict[str, Rule] = {}
        self.refused: list[str] = []


RULES: dict[str, Rule] = {}
_team: ContextVar[TeamRules | None] = ContextVar("team", default=None)
_ID = re.compile(r"[A-Z]{2,4}\d{3}")


def rule(  # noqa: PLR0913  # each of them is told to users
    rule_id: str,
    name: str,
    title: str,
    *,
    severity: Severity,
    category: Category,
    student: str,
    references: tuple[str, ...],
    parameters: tuple[FieldFacts, ...] = (),
) -> Callable[[Check], Check]:
    """Register a function as the rule with this id; ids and names are for ever.

    `parameters` are numbers that a design may set; the function takes each by its name. In a
    team's file a rule that clashes is left out, and the others still run.

    Raises:
        ValueError: the id is malformed or taken, or the name is taken.
    """
    team = _team.get()
    into = RULES if team is None else team.rules
    fault = _fault(rule_id, name, {**RULES, **into})
    if fault and team is None:
        raise ValueError(fault)

    def register(check: Check) -> Check:
        if team is not None and fault:
            team.refused.append(fault)
        else:
            into[rule_id] = Rule(
                rule_id, name, title, severity, category, student, references, check, parameters
            )
        return check

    return register


def _fault(rule_id: str, name: str, known: Mapping[str, Rule]) -> str:
    if not _ID.fullmatch(rule_id) or rule_id in known:
        return f"rule id {rule_id!r} is malformed or taken"
    if any(other.name == name for other in known.values()):
        return f"rule name {name!r} is taken"
    return ""


@contextmanager
def registering() -> Iterator[TeamRules]:
    """Let rules that are declared meanwhile, in this thread, be those of a team."""
    team = TeamRules()
    token = _team.set(team)
    try:
        yield team
    finally:
        _team.reset(token)
