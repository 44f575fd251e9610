"""`loadpath fix`: repairs that were tried on a copy and checked again."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.checking import LEVELS
from app.cli.terminal import CommandError, deliver, plain, tell
from app.cli.trusting import rules_for

if TYPE_CHECKING:
    from app.model.design import Design
    from app.rules.fixes import Applied, Proof
    from app.rules.registry import Finding, Fix, Rule

    Rules = Mapping[str, Rule]

MOST_STEPS = 200  # repairs in a row; each removes a finding
_EPILOG = """\
examples:
  loadpath fix shop.loadpath.json --list                    what can be repaired, and its effect
  loadpath fix shop.loadpath.json --rule SPOF004            repair each finding of a rule
  loadpath fix shop.loadpath.json --rule SPOF004 --subject lb-1 -o better.loadpath.json
  loadpath fix shop.loadpath.json --all -o -                repair all, write to stdout
  loadpath fix shop.loadpath.json --all --dry-run           the steps of that, and their effect
  loadpath fix shop.loadpath.json --all --fail-on high      in a pipeline

A repair is made only if a second check shows that its finding is gone and that nothing as bad
has come; --all stops where nothing improves any more. Without -o the file itself is changed.
What no repair mends is named as left; it is for people to decide, or to waive with a reason. Exit
status 1: of what was asked for, a finding at or above --fail-on is left, as for `loadpath check`.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "fix",
        help="repair findings, each repair proven on a copy",
        description="Repair what a check found.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--rule", metavar="ID", help="repair the findings of this rule")
    what.add_argument("--all", action="store_true", help="repair whatever can be")
    what.add_argument("--list", action="store_true", help="only say what could be repaired")
    made.add_argument(
        "--dry-run", action="store_true", help="tell what would be done, write nothing"
    )
    made.add_argument("--subject", metavar="ID", help="only those about this part or link")
    made.add_argument(
        "--fail-on",
        choices=LEVELS,
        default="low",
        help="least severity of a finding left that makes the exit status 1 (default: low)",
    )
    made.add_argument(
        "-o", "--output", type=Path, metavar="PATH", help="default: FILE itself; - for stdout"
    )
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Repair, or list repairs; 1 where a finding is left that is as bad as `--fail-on`."""
    from app.cli.report import reaches
    from app.storage.codec import dump
    from app.storage.files import open_design

    design = open_design(arguments.file)
    rules = rules_for(design, arguments.file)
    if arguments.list:
        return _list(design, rules)
    repaired, applied = _repaired(design, rules, arguments)
    for step in applied:
        tell(f"{step.finding.key}: {step.fix.title}")
    _tell_effect(design, repaired, rules)
    if not arguments.dry_run and (applied or arguments.output is not None):
        deliver(dump(repaired), arguments.output or arguments.file)
    left = [
        item
        for item in _findings(repaired, rules)
        if _wanted(item, arguments.rule, arguments.subject)
    ]
    for finding in left:
        tell(f"left as it is: {finding.key}")
    if not applied and not left:
        tell("nothing to repair")
    return int(reaches(left, arguments.fail_on))


def _tell_effect(before: "Design", after: "Design", rules: "Rules") -> None:
    """Tell what all repairs together bring, and the downtime before and after them."""
    from app.rules.fixes import compare

    if after is before:
        return
    proof = compare(before, after, rules.values())
    for finding in proof.come:
        if finding.waiver is None:
            tell(f"brings {finding.key}: {finding.problem.message}")
    for line in _downtimes(before, proof):
        tell(line)


def _repaired(
    design: "Design", rules: "Rules", arguments: argparse.Namespace
) -> "tuple[Design, tuple[Applied, ...]]":
    if arguments.all and arguments.subject is None:
        from app.rules.fixes import fix_all
        from app.rules.registry import SEVERITIES

        return fix_all(design, SEVERITIES, rules.values())
    _check_names(design, rules, arguments)
    return _fix_those(design, rules, arguments)


def _check_names(design: "Design", rules: "Rules", arguments: argparse.Namespace) -> None:
    rule, subject = arguments.rule, arguments.subject
    if rule is not None and rule not in rules:
        message = f"there is no rule {rule!r}; `loadpath rules` lists them"
        raise CommandError(message)
    if subject is not None and not {subject} & {*design.components, *design.links, *design.flows}:
        message = f"there is no part or link {subject!r} in the design"
        raise CommandError(message)


def _fix_those(
    design: "Design", rules: "Rules", arguments: argparse.Namespace
) -> "tuple[Design, tuple[Applied, ...]]":
    from app.rules.fixes import Applied

    applied: list[Applied] = []
    while (step := _next(design, rules, arguments)) and len(applied) < MOST_STEPS:
        finding, fix, proof = step
        design = proof.after
        applied.append(Applied(finding, fix, proof.after))
    return design, tuple(applied)


def _next(
    design: "Design", rules: "Rules", arguments: argparse.Namespace
) -> "tuple[Finding, Fix, Proof] | None":
    found = _findings(design, rules)
    wanted = (item for item in found if _wanted(item, arguments.rule, arguments.subject))
    return next(_proofs(design, wanted, rules), None)


def _findings(design: "Design", rules: "Rules") -> "tuple[Finding, ...]":
    from app.rules.check import check

    return tuple(finding for finding in check(design, rules.values()) if finding.waiver is None)


def _wanted(finding: "Finding", rule: str | None, subject: str | None) -> bool:
    return rule in (None, finding.rule.id) and (
        subject is None or subject in finding.problem.subjects
    )


def _proofs(
    design: "Design", findings: "Iterator[Finding]", rules: "Rules"
) -> "Iterator[tuple[Finding, Fix, Proof]]":
    from app.rules.fixes import prove

    for finding in findings:
        for fix in finding.problem.fixes:
            proof = prove(design, finding, fix, rules.values())
            if proof.holds:
                yield finding, fix, proof


def _list(design: "Design", rules: "Rules") -> int:
    for finding, fix, proof in _proofs(design, iter(_findings(design, rules)), rules):
        print(plain(f"{finding.key}: {fix.title}"))
        gone, new = len(proof.gone), len(proof.come)
        print(f"    findings: {gone} gone, {new} new")
        for line in _downtimes(design, proof):
            print(plain(f"    {line}"))
    sys.stdout.flush()
    return 0


def _downtimes(design: "Design", proof: "Proof") -> Iterator[str]:
    from app.analysis.figure_words import VIEW_WORDS, change

    for found, view in (
        (proof.downtime, ""),
        (proof.continuity, VIEW_WORDS["continuity"]),
        (proof.peak, VIEW_WORDS["peak"]),
    ):
        note = f" {view}" if view else ""
        for flow, item in found.items():
            told = change(item.before, item.after, assumed=item.assumed)
            yield f"{design.flows[flow].name}: {told} of downtime a year{note}"
