"""Which drills are carried out on a day, and that the matrices of all of them are kept."""

from datetime import date, timedelta

import pytest

from app.drill.experiments import Wanted
from app.drill.running import Drill
from exporters.plan import plan
from exporters.recipe import recipe_of
from sample_designs import SAMPLES
from tests.lab.drills import A_DAY, DRILLS, FURTHER, MATRICES, PARTS, is_kept, of_day

FIRST = date(2026, 11, 28)
SINGLES = [name for name, kept in DRILLS.items() if kept.wanted == Wanted() and is_kept(name)]
KEPT = sorted(path.stem for path in MATRICES.glob("*.md") if path.stem != "README")


def test_every_design_has_its_turn_and_no_day_has_more_than_its_share() -> None:
    days = -(-len(SINGLES) // A_DAY)
    shares = [[*of_day(FIRST + timedelta(number))] for number in range(days)]
    assert {name for share in shares for name, _ in share} == set(SINGLES)
    assert all(len(share) == A_DAY for share in shares)
    assert all(1 <= len(kept.wanted.only) <= PARTS for share in shares for _, kept in share)


def test_the_next_parts_have_their_turn_when_a_design_comes_again() -> None:
    name = "scale-up"
    found = [
        kept.wanted.only
        for number in range(4 * len(SINGLES))
        for key, kept in of_day(FIRST + timedelta(number))
        if key == name
    ]
    design = DRILLS[name].design
    program = Drill(design, recipe_of(plan(design)), wanted=Wanted()).program
    assert frozenset.union(*found) == {key for each in program.experiments for key in each.failed}


def test_every_sample_is_drilled_and_at_least_ten_further_designs() -> None:
    assert {item.name for item in SAMPLES} <= {*KEPT}
    assert len(FURTHER.keys() & {*KEPT}) >= 10


@pytest.mark.parametrize("name", KEPT)
def test_a_matrix_that_is_kept_has_no_mismatch_and_is_listed(name: str) -> None:
    assert name in DRILLS
    text = (MATRICES / f"{name}.md").read_text(encoding="utf-8")
    assert ": nothing differs." in text
    assert f"]({name}.md)" in (MATRICES / "README.md").read_text(encoding="utf-8")
