"""What a write-up tells of a design in which nothing is drawn."""

from app.model.design import Design
from app.model.rule_settings import RuleSettings
from app.report.markdown import markdown
from app.report.write import write_up


def test_settings_that_do_nothing_are_told_also_where_nothing_is_drawn() -> None:
    odd = Design(rules={"NET001": RuleSettings(parameters={"share": 0.0})})
    told = markdown(write_up(odd), odd)
    assert "Nothing is drawn yet." in told
    assert "CFG001" in told
