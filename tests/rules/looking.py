"""What the tests of the rules ask: what a rule finds, and what its fixes make of a design."""

from app.model.design import Design
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.fixes import prove
from app.rules.registry import Finding


def found(design: Design, rule_id: str) -> list[Finding]:
    """Return the findings of one rule."""
    return list(check(design, [all_rules()[rule_id]]))


def subjects(design: Design, rule_id: str) -> list[tuple[str, ...]]:
    """Return what each finding of one rule is about."""
    return [finding.problem.subjects for finding in found(design, rule_id)]


def repaired(design: Design, rule_id: str, fix: int = 0) -> Design:
    """Apply a fix of the only finding of a rule, after it was proven; return the design."""
    (finding,) = found(design, rule_id)
    proof = prove(design, finding, finding.problem.fixes[fix])
    assert proof.why_not == ""
    assert finding.key in {item.key for item in proof.removed}
    return proof.after


def proven(design: Design, rule_id: str) -> list[Design]:
    """Apply each fix of each finding of a rule; all of them hold."""
    after = []
    for finding in found(design, rule_id):
        assert finding.problem.fixes
        for fix in finding.problem.fixes:
            proof = prove(design, finding, fix)
            assert proof.why_not == "", (finding.key, fix.title)
            after.append(proof.after)
    return after
