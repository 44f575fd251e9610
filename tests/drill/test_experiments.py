"""What is made to fail, and what the analysis predicts of it."""

import pytest

from app.analysis.analysis import Analysis
from app.drill import DrillError
from app.drill.experiments import Program, Wanted, program
from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from exporters.plan import plan
from exporters.recipe import recipe_of
from sample_designs import read
from tests.exporters.projects import DESIGNS


@pytest.fixture
def seed() -> Design:
    return load(read("distributed-web-infrastructure"))


def planned(design: Design, wanted: Wanted | None = None, how: str = "kill") -> Program:
    recipe = recipe_of(plan(design))
    return program(Analysis(design), recipe, wanted or Wanted(), how)  # type: ignore[arg-type]  # a word


def test_each_part_with_a_service_is_killed_alone(seed: Design) -> None:
    found = planned(seed)
    assert [item.failed for item in found.experiments] == [
        ("app-1",), ("app-2",), ("db-1",), ("db-2",), ("lb",), ("web-1",), ("web-2",),
    ]  # fmt: skip
    assert all(item.services == item.failed for item in found.experiments)
    assert found.left_out == (
        "No service stands for dns, files-1 and files-2: nothing there can be made to fail.",
    )


def test_predicted_is_what_happens_when_nobody_acts(seed: Design) -> None:
    by_hand = edits.set_fields(seed, "mariadb", failover="manual")
    for design in (seed, by_hand):
        states = {item.name: dict(item.predicted) for item in planned(design).experiments}
        assert states["db-1"] == {"browse": "up", "checkout": "down"}
        assert states["lb"] == {"browse": "down", "checkout": "down"}
        assert states["web-1"] == {"browse": "up", "checkout": "up"}


def test_a_server_takes_all_that_is_in_it(seed: Design) -> None:
    found = planned(seed, Wanted(singles=False, hosts=True))
    server = next(item for item in found.experiments if item.failed == ("server-1",))
    assert server.services == ("app-1", "db-1", "web-1")
    assert server.missing == ("files-1",)
    assert server.predicted == {"browse": "up", "checkout": "down"}
    assert found.left_out == ()


def test_the_likeliest_pairs_are_those_that_do_more_harm_together(seed: Design) -> None:
    pairs = [item.failed for item in planned(seed, Wanted(singles=False, pairs=True)).experiments]
    assert ("web-1", "web-2") in pairs
    assert ("app-1", "web-1") not in pairs
    assert len(pairs) <= 10


def test_pairs_may_be_chosen(seed: Design) -> None:
    wanted = Wanted(singles=False, pairs=True, chosen=(("app-1", "web-2"),))
    (pair,) = planned(seed, wanted).experiments
    assert (pair.name, pair.services) == ("app-1 and web-2", ("app-1", "web-2"))
    assert pair.predicted == {"browse": "down", "checkout": "down"}


def test_only_what_is_named_fails(seed: Design) -> None:
    found = planned(seed, Wanted(only=frozenset({"web-1", "dns"})))
    assert [item.failed for item in found.experiments] == [("web-1",)]
    with pytest.raises(DrillError, match="nothing of what was asked for"):
        planned(seed, Wanted(only=frozenset({"dns"})))


def test_what_stands_for_a_moving_address_is_no_part_that_fails() -> None:
    found = planned(DESIGNS["passive-pair"])
    services = {name for item in found.experiments for name in item.services}
    assert "pair" not in services
    assert {"lb", "lb-b"} <= services


def test_parts_that_the_design_does_not_know_are_nobody(seed: Design) -> None:
    recipe = recipe_of(plan(seed))
    smaller = edits.remove(seed, ["web-1"])
    found = program(Analysis(smaller), recipe, Wanted(), "kill")
    assert ("web-1",) not in [item.failed for item in found.experiments]


def test_silence_is_allowed_longer_than_death(seed: Design) -> None:
    wanted = Wanted(only=frozenset({"web-1"}))
    assert planned(seed, wanted).experiments[0].allowed == 2.0
    assert planned(seed, wanted, "pause").experiments[0].allowed == 5.5


def test_where_all_parts_run_nothing_is_left_out() -> None:
    assert planned(edits.remove(DESIGNS["simple-web-stack"], ["dns", "files-1"])).left_out == ()
