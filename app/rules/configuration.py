"""What a design asks for and does not get: settings, rules and figures that are not used."""

from collections.abc import Iterator, Mapping

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.rule_settings import RuleSettings
from app.rules.evidence import link_name, name
from app.rules.registry import RULES, Problem, Rule, Witness, fault_of, rule

THREAT = "CWE-829: Inclusion of Functionality from Untrusted Control Sphere"


@rule(
    "CFG001",
    "unknown-rule-settings",
    "Settings that nothing reads",
    severity="info",
    category="other",
    student="The design sets a rule that is not known here, so the setting changes nothing.",
    references=("Threagile: risk tracking and custom risk rules",),
)
def unknown_settings(analysis: Analysis, known: Mapping[str, Rule] = RULES) -> Iterator[Problem]:
    """Finds settings of rules that do not exist here, and values that a rule does not take.

    They are kept in the file: a newer version, or a team's own rules, may know them.
    """
    wrong = [fault for fault in _faults(analysis.design, known) if fault]
    if wrong:
        yield Problem((), f"{' '.join(wrong)} What is not known is kept and not used.")


def _faults(design: Design, known: Mapping[str, Rule]) -> Iterator[str]:
    for rule_id, settings in design.rules.items():
        if rule_id not in known:
            yield f"There is no rule {rule_id}."
        else:
            yield from _faults_of(known[rule_id], settings)


def _faults_of(known: Rule, settings: RuleSettings) -> Iterator[str]:
    declared = {facts.name: facts for facts in known.parameters}
    for key, value in settings.parameters.items():
        if key not in declared:
            yield f"{known.id} has no parameter {key!r}."
        elif why := fault_of(declared[key], value):
            yield f"{known.id} {key}: {why}."


@rule(
    "CFG002",
    "team-rules-not-run",
    "Team rules that did not run",
    severity="info",
    category="other",
    student="The team has rules of its own for this design, and they were not asked.",
    references=(THREAT,),
)
def team_rules_not_run(analysis: Analysis, why: str = "") -> Iterator[Problem]:
    """Finds that a design names a file with rules of the team, and that these did not run.

    The file is a program: it runs only after somebody has trusted the folder that it lies in.
    """
    path = analysis.design.team_rules
    if path:
        told = why or "they run only where somebody trusts the folder of the design."
        yield Problem((), f"The team rules in {path} were not run: {told}")


@rule(
    "CFG003",
    "half-a-figure",
    "One of two times is missing",
    severity="low",
    category="other",
    student="How often it breaks says nothing without how long it then stays down.",
    references=("The Site Reliability Workbook, chapter 2: Implementing SLOs",),
)
def half_a_figure(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts and links with a time between failures or to repair, and without the other.

    A share of time follows from both alone. Until then the usual figure of the kind counts, and a
    link is taken to never fail. Where an availability is set, no time is needed.
    """
    design = analysis.design
    links = analysis.exposure.links_that(_is_incomplete_link)
    for key, item in {**design.of_parts(_incomplete), **links}.items():
        has, lacks = "between failures", "to repair"
        if item.mtbf_hours is None:
            has, lacks = lacks, has
        what = link_name(design, key) if isinstance(item, Link) else name(design, key)
        instead = "it is taken to never fail" if isinstance(item, Link) else "a usual one counts"
        message = f"{what} has a time {has} and none {lacks}, which make no figure: {instead}."
        yield Problem((key,), message, Witness(path=(key,)))


def _incomplete(components: Mapping[str, AnyComponent]) -> Mapping[str, AnyComponent]:
    return {key: item for key, item in components.items() if _is_incomplete(item)}


def _is_incomplete_link(_: Exposure, link: Link) -> bool:
    return _is_incomplete(link)


def _is_incomplete(item: AnyComponent | Link) -> bool:
    return (item.mtbf_hours is None) != (item.mttr_hours is None) and item.availability is None
