"""The report for people: by severity, then flow by flow, then what to do."""

from collections.abc import Iterator
from shlex import quote

from app.cli.report import Report
from app.cli.terminal import Style, plain, wrapped
from app.rules.registry import SEVERITIES, Finding


def write(report: Report, style: Style) -> str:
    """Return the report as text."""
    return "\n".join(_lines(report, style)) + "\n"


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield style("bold", plain(report.design.name)) + style("dim", f"  {plain(str(report.path))}")
    for severity in SEVERITIES:
        found = [item for item in report.new if item.rule.severity == severity]
        if found:
            yield ""
            yield style(severity, f"{severity} ({len(found)})")
            for finding in found:
                yield from _finding(finding, style)
    yield from _known(report, style)
    yield from _waived(report, style)
    yield from _flows(report, style)
    yield ""
    yield from _summary(report, style)


def _finding(finding: Finding, style: Style) -> Iterator[str]:
    rule, problem = finding.rule, finding.problem
    about = f" · {', '.join(problem.subjects)}" if problem.subjects else ""
    yield f"  {style('bold', rule.id)} {plain(rule.title)}{style('dim', about)}"
    yield from wrapped(problem.message, "          ")
    if problem.fixes:
        yield from wrapped(f"→ {problem.fixes[0].title}", "          ")


def _known(report: Report, style: Style) -> Iterator[str]:
    found = [item for item in report.open if report.known(item)]
    if found:
        yield ""
        yield style("dim", f"known before ({len(found)})")
    for finding in found:
        yield from wrapped(f"{finding.key}: {finding.rule.title}, {finding.rule.severity}", "  ")
    if report.absent:
        yield ""
        yield style("dim", f"in the baseline, but found no more ({len(report.absent)})")
        yield from (f"  {plain(item.key)}" for item in report.absent)


def _waived(report: Report, style: Style) -> Iterator[str]:
    found = [item for item in report.findings if report.waived(item)]
    if found:
        yield ""
        yield style("dim", f"waived ({len(found)})")
    for finding in found:
        waiver = finding.waiver
        told = (
            f"{waiver.reason} ({waiver.by})" if waiver and waiver.by else waiver and waiver.reason
        )
        yield from wrapped(f"{finding.key}: {told}", "  ")


def _flows(report: Report, style: Style) -> Iterator[str]:
    if report.design.flows:
        yield ""
        yield style("bold", "flows")
    for key, flow in report.design.flows.items():
        parts = sorted(report.analysis.spofs[key])
        count = f"{len(parts)} single point{'' if len(parts) == 1 else 's'} of failure"
        told = style("bad", f"{count}: {', '.join(parts)}") if parts else style("good", f"{count}")
        yield f"  {plain(flow.name)} ({flow.operation}): {told}"


def many_rules(number: int) -> str:
    """Return a number of rules in words, with its verb."""
    return "1 rule is" if number == 1 else f"{number} rules are"


def _summary(report: Report, style: Style) -> Iterator[str]:
    waived = len(report.findings) - len(report.open)
    accepted = [f"{waived} waived"] if waived else []
    accepted += [f"{many_rules(len(report.off))} off"] if report.off else []
    if not report.open:
        yield style("good", " · ".join(["nothing found", *accepted]))
        return
    yield _counted(report, accepted)
    for first in [item for item in report.new if item.problem.fixes][:1]:
        subject = f" --subject {first.problem.subjects[0]}" if first.problem.subjects else ""
        yield style("dim", "repair one:  ") + (
            f"loadpath fix {quote(plain(str(report.path)))} --rule {first.rule.id}{subject}"
        )
    yield style("dim", "read more:   ") + f"loadpath rules {(report.new or report.open)[0].rule.id}"


def _counted(report: Report, accepted: list[str]) -> str:
    told = [f"{count} {severity}" for severity, count in report.counts.items() if count]
    many = len(report.open)
    if report.baseline is not None:
        new = len(report.new)
        told = [f"{many - new} known", f"{new} new"]
    return f"{many} finding{'' if many == 1 else 's'}: {', '.join(told + accepted)}"
