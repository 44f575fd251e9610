"""The report for build servers: JUnit XML, one test case for each rule."""

from xml.etree import ElementTree as ET

from app.cli.report import Report
from app.cli.terminal import Style, plain
from app.rules.registry import Finding, Rule


def write(report: Report, _: Style) -> str:
    """Return the report as XML in ASCII; other characters are written as references."""
    rules = report.rules.values()
    suite = ET.Element("testsuite", name=plain(report.design.name), errors="0")
    failed = skipped = 0
    for rule in rules:
        found = [item for item in report.findings if item.rule.id == rule.id]
        case = ET.SubElement(
            suite, "testcase", classname=f"loadpath.{rule.category}", name=f"{rule.id} {rule.title}"
        )
        counted = [item for item in found if not report.waived(item) and not report.known(item)]
        if counted:
            failed += 1
            _fail(case, rule, counted)
        elif found:
            skipped += 1
            ET.SubElement(case, "skipped", message=plain(_accepted(report, found)))
        elif rule.id in report.off:
            skipped += 1
            ET.SubElement(case, "skipped", message="off for this design")
    numbers = {"tests": str(len(rules)), "failures": str(failed), "skipped": str(skipped)}
    suite.attrib |= numbers
    if report.absent:
        told = "\n".join(plain(item.key) for item in report.absent)
        ET.SubElement(suite, "system-out").text = f"In the baseline, but found no more:\n{told}"
    root = ET.Element("testsuites", {"name": "loadpath check", "errors": "0"} | numbers)
    root.append(suite)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="us-ascii", xml_declaration=True)
    return written.decode() + "\n"


def _accepted(report: Report, found: list[Finding]) -> str:
    """Say why the findings of a rule are no failure."""
    known = [item.key for item in found if report.known(item) and not report.waived(item)]
    reasons = [item.waiver.reason for item in found if item.waiver and report.waived(item)]
    told = {"known before": known, "waived": reasons}
    return ". ".join(f"{why}: {'; '.join(items)}" for why, items in told.items() if items)


def _fail(case: ET.Element, rule: Rule, found: list[Finding]) -> None:
    message = f"{len(found)} finding{'' if len(found) == 1 else 's'}, {rule.severity}"
    failure = ET.SubElement(case, "failure", type=rule.severity, message=message)
    failure.text = "\n".join(plain(f"{item.key}: {item.problem.message}") for item in found)
