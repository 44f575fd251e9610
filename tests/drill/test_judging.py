"""Predicted beside measured, and where the fault lies."""

import pytest

from app.drill.experiments import Experiment, State
from app.drill.judging import Cell, judged
from app.drill.measuring import Figures, Measured
from app.model.design import Design
from app.storage.codec import load
from exporters.plan import plan
from exporters.recipe import recipe_of
from sample_designs import read

DESIGN: Design = load(read("two-of-everything"))
RECIPE = recipe_of(plan(DESIGN))


def cell(
    predicted: State,
    measured: Measured,
    *,
    lost: frozenset[str] | None = frozenset(),
    may_lose: bool = False,
    failed: tuple[str, ...] = ("web-1",),
    missing: tuple[str, ...] = (),
    told: str = "",
) -> Cell:
    experiment = Experiment(
        failed=failed, name="it", services=failed, predicted={"checkout": predicted},
        allowed=2.0, may_lose=may_lose, missing=missing,
    )  # fmt: skip
    found = Figures(measured=measured, interruption=3.5, recovery=1.0, slowest=0.2, told=told)
    return judged(DESIGN, RECIPE, experiment, "checkout", found, lost)


@pytest.mark.parametrize("state", ["up", "down"])
def test_what_agrees_is_no_mismatch(state: State) -> None:
    found = cell(state, state, told="503")
    assert found.mismatch is None
    assert found.lost == 0


def test_what_stops_although_it_should_survive_is_set_up_wrong() -> None:
    found = cell("up", "down", told="503 db-1: no server takes writes").mismatch
    assert found is not None
    assert found.fault == "configuration"
    assert found.text == (
        "The design says that it survives; it stopped until the parts were back. "
        "Instead of an answer: 503 db-1: no server takes writes."
    )


def test_a_mismatch_names_what_the_project_says_of_the_part_and_of_its_cluster() -> None:
    found = cell("up", "down", failed=("db-1",)).mismatch
    assert found is not None
    assert "The project says: postgres: " in found.text


def test_an_interruption_beyond_what_is_declared_is_set_up_wrong() -> None:
    found = cell("up", "interrupted").mismatch
    assert found is not None
    assert found.fault == "configuration"
    assert found.text == "It was interrupted for 3.5 s; declared are 2 s."


@pytest.mark.parametrize("measured", ["up", "interrupted"])
def test_what_survives_although_it_should_stop_is_a_fault_of_the_model(measured: Measured) -> None:
    found = cell("down", measured, missing=("files-1",)).mismatch
    assert found is not None
    assert found.fault == "model"
    assert found.text.endswith("No service stands for files-1, so it went on.")


def test_lost_writes_are_a_mismatch_unless_the_design_says_so() -> None:
    lost = frozenset({"drill-1-7", "drill-1-8"})
    found = cell("up", "up", lost=lost)
    assert found.lost == 2
    assert found.mismatch is not None
    assert found.mismatch.text.startswith("2 acknowledged writes are gone")
    assert cell("up", "up", lost=lost, may_lose=True).mismatch is None


def test_where_nobody_can_read_back_nothing_is_claimed() -> None:
    found = cell("down", "down", lost=None)
    assert found.lost is None
    assert found.mismatch is None
