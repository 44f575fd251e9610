"""Rules never stumble, and fixes give a design or a plain refusal, whatever is drawn."""

from hypothesis import given

from app.analysis.analysis import Analysis
from app.model.design import Design
from app.model.errors import DesignError
from app.rules.catalogue import all_rules
from tests.strategies import designs


@given(design=designs())
def test_rules_judge_any_design_and_their_fixes_can_be_tried(design: Design) -> None:
    known = {*design.components, *design.links, *design.flows}
    analysis = Analysis(design)

    for rule_id, rule in all_rules().items():
        for problem in rule.problems(analysis):
            shown = {*problem.subjects, *problem.witness.path, *problem.witness.cut}
            assert shown <= known, rule_id
            for fix in problem.fixes:
                try:
                    after = fix.edit(design)
                except DesignError:
                    continue
                assert isinstance(after, Design), rule_id
