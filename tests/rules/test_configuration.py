"""What a design asks of the check: rules that are off, weigh otherwise, count otherwise."""

import pickle

import pytest

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.rule_settings import RuleSettings
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.rules.fixes import prove
from app.rules.registry import Finding, fault_of
from app.storage.codec import dump, load
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing


def _of(design: Design, rule_id: str) -> list[Finding]:
    return [finding for finding in check(design) if finding.rule.id == rule_id]


def test_a_rule_that_is_off_finds_nothing_and_the_others_find_what_they_found() -> None:
    design = CASES["sample_distributed-web-infrastructure"]()
    before = {finding.key for finding in check(design)}

    after = {finding.key for finding in check(edits.set_rule(design, "SPOF004", off=True))}

    assert before - after == {"SPOF004@lb"}
    assert not after - before


def test_a_severity_of_the_design_orders_and_counts_the_findings() -> None:
    design = CASES["sample_distributed-web-infrastructure"]()

    [finding] = _of(edits.set_rule(design, "SPOF004", severity="info"), "SPOF004")

    assert finding.rule.severity == "info"
    assert all_rules()["SPOF004"].severity == "critical"


def test_a_parameter_changes_what_is_too_few() -> None:
    drawing = Drawing()
    webs = drawing.on(None, "web_server")
    for _ in range(2):
        drawing.design, dns = edits.add(drawing.design, "dns", name_servers=3)
        drawing.link(drawing.users, dns, role="resolve", protocol="dns", choice="names")
    drawing.link(drawing.users, *webs)
    asked = edits.set_rule(drawing.design, "SPOF007", parameters={"fewest": 4})

    assert not _of(drawing.design, "SPOF007")
    found = _of(asked, "SPOF007")
    assert [item.problem.message for item in found] == [
        f"dns-{number} has 3 name servers; this design asks for 4 name servers in different places."
        for number in (1, 2)
    ]
    for finding in found:
        assert prove(asked, finding, finding.problem.fixes[0]).holds


def test_a_share_of_nothing_calls_every_pair_heavy_and_a_share_of_all_none() -> None:
    design = CASES["weak_pair"]()

    assert _of(design, "SPOF016")
    assert not _of(edits.set_rule(design, "SPOF016", parameters={"share": 1}), "SPOF016")
    assert _of(edits.set_rule(design, "SPOF016", parameters={"share": 0}), "SPOF016")


def test_settings_that_nothing_reads_are_told_and_kept() -> None:
    design = edits.set_rule(Design(), "NEW999", severity="low")
    design = edits.set_rule(design, "SPOF007", parameters={"fewest": 2.5, "most": 4})
    design = edits.set_rule(design, "SPOF016", parameters={"share": 7})

    [finding] = _of(design, "CFG001")

    assert finding.problem.message == (
        "There is no rule NEW999. SPOF007 fewest: expected a whole number, found 2.5. SPOF007 has "
        "no parameter 'most'. SPOF016 share: 7.0 is above 1. What is not known is kept and not "
        "used."
    )
    assert load(dump(design)) == design
    assert not _of(edits.set_rule(Design(), "SPOF007", parameters={"fewest": 3}), "CFG001")


def test_what_is_out_of_range_counts_as_not_set() -> None:
    rule = all_rules()["SPOF007"]

    assert rule.under(RuleSettings(parameters={"fewest": 99})).parameters[0].default == 2
    [whole] = rule.under(RuleSettings(parameters={"fewest": 4})).parameters
    assert whole.default == 4
    assert isinstance(whole.default, int)


@pytest.mark.parametrize("rule_id", sorted(all_rules()))
def test_every_declared_parameter_is_taken_and_its_default_is_in_its_range(rule_id: str) -> None:
    rule = all_rules()[rule_id]

    for facts in rule.parameters:
        assert not fault_of(facts, facts.default)
        assert facts.help
        assert None not in (facts.minimum, facts.maximum)
        assert facts.name in rule.check.__annotations__


def test_settings_are_one_step_each_way_and_what_is_default_is_not_kept() -> None:
    design = edits.set_rule(Design(), "SPOF004", off=True)

    assert edits.set_rule(design, "SPOF004", off=True) is design
    assert not edits.set_rule(design, "SPOF004", off=False).rules
    assert dump(edits.set_rule(design, "SPOF004", off=False)) == dump(Design())
    assert edits.set_team_rules(design, "") is design


def test_settings_are_in_the_file_one_to_a_line_and_before_the_layout() -> None:
    design = edits.set_rule(Design(), "SPOF016", parameters={"share": 1})
    design = edits.set_team_rules(design, "checks/ours.py")

    assert dump(design).decode().splitlines()[1:] == [
        '"format": "loadpath design",', '"version": 1,', '"name": "Untitled",',
        '"team_rules": "checks/ours.py",',
        '"components": {},', '"links": {},', '"flows": {},', '"waivers": {},',
        '"rules": {',
        '"SPOF016": {"off":false,"parameters":{"share":1.0},"severity":"default"}',
        "},",
        '"layout": {}', "}",
    ]  # fmt: skip
    assert load(dump(design)) == design
    assert pickle.loads(pickle.dumps(design)) == design  # noqa: S301  # our own


@pytest.mark.parametrize(
    "path",
    ["/etc/rules.py", "../rules.py", "a/../rules.py", "./rules.py", "a//b.py", "C:\\rules.py",
     "C:rules.py", "rules.txt", ".py/..", "a\n.py", f"{'a' * 300}.py", "a\\b.py"],
)  # fmt: skip
def test_team_rules_stay_in_the_folder_of_the_design(path: str) -> None:
    with pytest.raises(DesignError, match=r"team_rules: expected a Python file in the folder"):
        edits.set_team_rules(Design(), path)


@pytest.mark.parametrize(
    ("parameters", "why"),
    [([], "expected a table of names and numbers"),
     ({"a": True}, "parameters.a: expected a number"),
     ({"a": float("nan")}, "parameters.a: this is not a number to reckon with"),
     ({"a\x07": 1}, "U[+]0007")],
)  # fmt: skip
def test_parameters_are_numbers_by_their_names(parameters: object, why: str) -> None:
    with pytest.raises(DesignError, match=why):
        edits.set_rule(Design(), "SPOF004", parameters=parameters)


@pytest.mark.parametrize("rule_id", ["", "spof004", "SPOF-4", "A" * 21])
def test_settings_name_a_rule(rule_id: str) -> None:
    with pytest.raises(DesignError, match="this is no id of a rule"):
        edits.set_rule(Design(), rule_id, off=True)


def test_team_rules_that_nobody_trusted_are_told() -> None:
    [finding] = _of(CASES["team_rules"](), "CFG002")

    assert finding.rule.severity == "info"
    assert finding.problem.message == (
        "The team rules in rules.py were not run: they run only where somebody trusts the folder "
        "of the design."
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"mtbf_hours": 1_000.0}, "a time between failures and none to repair"),
        ({"mttr_hours": 4.0}, "a time to repair and none between failures"),
    ],
)
def test_one_of_two_times_makes_no_figure(values: dict[str, float], said: str) -> None:
    drawing = Drawing()
    web = drawing.on(None, "web_server")[0]
    drawing.link(drawing.users, web)
    (link,) = drawing.design.incoming[web]
    design = edits.set_fields(drawing.design, web, **values)
    design = edits.set_fields(design, link, **values)

    told = {item.problem.subjects: item.problem.message for item in _of(design, "CFG003")}

    assert {*told} == {(web,), (link,)}
    assert all(said in message for message in told.values())
    assert "a usual one counts" in told[web,]
    assert "taken to never fail" in told[link,]
    for more in ({"mtbf_hours": 9.0, "mttr_hours": 9.0}, {"availability": 0.9}):
        whole = edits.set_fields(edits.set_fields(design, web, **more), link, **more)
        assert not _of(whole, "CFG003")
