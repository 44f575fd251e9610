"""Rules never stumble, and fixes give a design or a plain refusal, whatever is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.analysis import Analysis
from app.model.design import Design
from app.model.errors import DesignError
from app.rules.catalogue import all_rules
from tests.strategies import designs

OWN = ("NET", "TLS", "MON")


@pytest.mark.parametrize("rule_id", [key for key in all_rules() if key.startswith(OWN)])
@given(data=st.data())
def test_a_rule_judges_any_design_and_its_fixes_can_be_tried(
    rule_id: str, data: st.DataObject
) -> None:
    design = data.draw(designs())
    known = {*design.components, *design.links, *design.flows}

    for problem in all_rules()[rule_id].check(Analysis(design)):
        shown = {*problem.subjects, *problem.witness.path, *problem.witness.cut}
        assert shown <= known
        for fix in problem.fixes:
            try:
                after = fix.edit(design)
            except DesignError:
                continue
            assert isinstance(after, Design)
