"""Bad input, from a file and the command line: a clear message at the place, in little time."""

import json
from pathlib import Path
from time import monotonic

import pytest

from app.cli.main import main
from app.model.compute import WebServer
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.expressions import ExpressionError, parse
from app.model.links import Flow, Link, Place
from app.model.traffic import Client
from app.rules.check import check
from app.rules.fixes import prove
from app.storage.codec import dump
from app.storage.files import save_design
from tests.rules.drawing import Drawing

MANY = 5_000
PATIENCE = 120  # seconds; far more than it takes, far less than a hang


def _webs(**requires: str) -> Drawing:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *webs)
    for web, text in requires.items():
        drawing.set(web.replace("_", "-"), requires={"read": text})
    return drawing


def _messages(design: Design, rule_id: str) -> list[str]:
    return [item.problem.message for item in check(design) if item.rule.id == rule_id]


# --- contradictory clusters, k > n --------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"needed": 5}, "cluster-1 needs 5 members and has 2"),
        ({"mode": "quorum", "needed": 3}, "cluster-1 needs 3 members and has 2"),
    ],
)
def test_a_cluster_that_can_never_work_is_told_with_its_numbers(
    values: dict[str, object], told: str
) -> None:
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, drawing.cluster(*webs, **values))

    [message] = _messages(drawing.design, "AVL005")
    assert told in message


def test_a_cluster_without_members_is_told() -> None:
    drawing = Drawing()
    drawing.link(drawing.users, drawing.part("cluster"))

    assert "cluster-1 has no members" in _messages(drawing.design, "AVL005")[0]


def test_a_member_of_two_clusters_is_refused() -> None:
    web = WebServer(name="web-1")
    clusters = {key: Cluster(name=key, members=("web-1",)) for key in ("cluster-1", "cluster-2")}

    with pytest.raises(DesignError, match=r"'web-1' is already a member of 'cluster-1'"):
        Design(components={"web-1": web, **clusters})


@pytest.mark.parametrize(
    ("text", "why", "position"),
    [
        ("0 of (a)", "0 is no number of parts", 0),
        (f"{'9' * 5000} of (a)", f"{'9' * 40}… is no number of parts", 0),
        (f"a {'b' * 9000}", f"'{'b' * 40}…' is not expected", 2),
        (f"reach(a, {'b' * 9000}, {'b' * 9000})", f"'{'b' * 40}…' is named twice", 9011),
        (f"reach({'a' * 9000})", "reach needs two parts or more", 9006),
    ],
)
def test_more_than_there_are_is_refused_at_the_character(
    text: str, why: str, position: int
) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)

    assert (raised.value.why, raised.value.position) == (why, position)


# --- requirement cycles -------------------------------------------------------------------------


def test_parts_that_need_each_other_by_expression_are_told_and_repaired() -> None:
    design = _webs(web_1="web-2 and server-1.alive", web_2="web-1").design

    [finding] = [item for item in check(design) if item.rule.id == "DEP001"]
    assert finding.problem.message == (
        "web-1 and web-2 need each other, so none of them can start first."
    )
    proof = prove(design, finding, finding.problem.fixes[0])
    assert proof.holds
    assert proof.after.components["web-1"].requires == {"read": "server-1.alive"}
    assert not proof.after.components["web-2"].requires


def test_a_part_that_needs_itself_is_told_and_repaired() -> None:
    design = _webs(web_1="web-1 or server-1").design

    [finding] = [item for item in check(design) if item.rule.id == "DEP001"]
    assert "web-1 needs itself" in finding.problem.message
    proof = prove(design, finding, finding.problem.fixes[0])
    assert proof.holds
    assert proof.after.components["web-1"].requires == {"read": "server-1"}


@pytest.mark.parametrize("text", ["web-1.write", "web-1.alive", "ghost-1"])
def test_another_capability_of_oneself_is_no_cycle(text: str) -> None:
    assert not _messages(_webs(web_1=text).design, "DEP001")


# --- size ---------------------------------------------------------------------------------------


def _row(*, chained: bool) -> Design:
    """Many parts in one flow: each needs the next, or users may use any."""
    webs = [f"web-{number}" for number in range(MANY)]
    before = ["users-1", *webs[:-1]] if chained else ["users-1"] * MANY
    return Design(
        components={"users-1": Client(name="users"), **{key: WebServer(name=key) for key in webs}},
        links={
            f"link-{number}": Link(source=source, target=target)
            for number, (source, target) in enumerate(zip(before, webs, strict=True))
        },
        flows={"browse": Flow(name="browse", client="users-1")},
        layout={key: Place(x=24.0 * number) for number, key in enumerate(webs)},
    )


@pytest.mark.slow
@pytest.mark.parametrize("chained", [True, False])
def test_five_thousand_parts_in_one_flow_are_judged(chained: bool) -> None:
    started = monotonic()

    found = check(_row(chained=chained))

    assert monotonic() - started < PATIENCE
    alone = sum(item.rule.category == "spof" for item in found)
    assert alone >= MANY if chained else alone == 0
    assert not any("failed" in item.problem.message for item in found)


@pytest.mark.parametrize(
    "text",
    [
        " and ".join(["server-1"] * 760),
        " or ".join(["(server-1 and server-2)"] * 360),
        f"2 of ({', '.join(['server-1', 'server-2'] * 480)})",
        f"server-1 or {'x' * 80}.{'y' * 9880}",
    ],
)
def test_an_expression_of_ten_thousand_characters_is_judged(text: str) -> None:
    assert 9_000 < len(text) < 10_000
    started = monotonic()

    found = check(_webs(web_1=text).design)

    assert monotonic() - started < PATIENCE
    assert not any("failed" in item.problem.message for item in found)


def test_brackets_without_end_are_refused_at_the_first_that_is_too_deep() -> None:
    with pytest.raises(ExpressionError, match="more than 60 brackets inside each other"):
        parse(f"{'(' * 5000}a{')' * 5000}")


# --- from the command line ----------------------------------------------------------------------


def _file(path: Path, where: str, values: dict[str, object]) -> Path:
    document = json.loads(dump(_webs().design))
    table, key = where.split(".")
    document[table][key] |= values
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("where", "values", "why"),
    [
        ("components.web-1", {"availability": 1.5}, "availability: 1.5 is above 1"),
        ("components.web-1", {"availability": -0.1}, "availability: -0.1 is not above 0"),
        ("components.web-1", {"availability": float("nan")},
         "availability: NaN is not a number to reckon with"),
        ("components.web-1", {"availability": float("inf")},
         "availability: Infinity is not a number to reckon with"),
        ("components.web-1", {"mttr_hours": float("nan")},
         "mttr_hours: NaN is not a number to reckon with"),
        ("components.web-1", {"requires": {"read": "web-2 nad web-1"}},
         "requires.read: 'nad' is not expected at character 7"),
        ("links.link-1", {"mtbf_hours": 0.0}, "mtbf_hours: 0.0 is not above 0"),
        ("links.link-1", {"mttr_hours": float("nan")},
         "mttr_hours: NaN is not a number to reckon with"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "availability"])
def test_a_file_with_a_wrong_value_ends_with_2_and_one_sentence_that_names_the_place(
    command: str,
    where: str,
    values: dict[str, object],
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = _file(tmp_path / "bad.loadpath.json", where, values)

    status = main([command, str(path)])

    said = capsys.readouterr()
    assert (status, said.out, said.err) == (2, "", f"loadpath: bad.loadpath.json: {where}.{why}\n")


def test_what_can_never_work_is_no_silent_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawing = Drawing()
    webs = drawing.on(None, "web_server")
    drawing.link(drawing.users, drawing.cluster(*webs, needed=3))
    path = tmp_path / "dead.loadpath.json"
    save_design(path, drawing.design)

    main(["availability", str(path)])
    assert "never works" in capsys.readouterr().out
    assert main(["check", str(path)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "cluster-1 needs 3 members and has 1" in out
