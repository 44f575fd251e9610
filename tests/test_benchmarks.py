"""The benchmarks still run, each once at its smallest size; no time is asserted."""

import json
import math
import time
from pathlib import Path

import pytest

from benchmarks import analysis, availability, designs, naive, storage
from benchmarks.__main__ import SEED, drawing
from benchmarks.goals import GOALS, Goal, table
from benchmarks.processes import OWN, run


@pytest.mark.parametrize("cards", [25, 26, 137, 500])
def test_a_design_has_the_cards_and_links_that_it_was_asked_for(cards: int) -> None:
    design = designs.make(cards).design
    containers = [key for key in design.components if key not in design.layout]
    assert len(design.components) - len(containers) == cards
    assert len(design.links) == int(1.3 * cards)
    assert {design.components[key].kind for key in containers} == {"server", "site", "zone"}


@pytest.mark.parametrize("cards", [25, 26, 137, 500])
def test_the_card_that_is_dragged_has_five_links(cards: int) -> None:
    subject = designs.make(cards)
    design = subject.design
    assert len(design.outgoing[subject.focus]) + len(design.incoming[subject.focus]) == 5


def test_the_same_size_is_the_same_design() -> None:
    assert designs.make(60).design == designs.make(60).design


def test_too_small_a_design_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 25"):
        designs.make(24)


def test_the_peer_draws_the_cards_and_links_of_the_design(tmp_path: Path) -> None:
    subject = designs.make(30)
    shown = json.loads(drawing(30, tmp_path).read_text(encoding="utf-8"))
    names = [subject.design.components[key].name for key in subject.cards]
    assert [name for name, _, _ in shown["cards"]] == names
    assert names[shown["focus"]] == subject.design.components[subject.focus].name
    ends = [(names[source], names[target]) for source, target in shown["links"]]
    assert ends == [
        (subject.design.components[link.source].name, subject.design.components[link.target].name)
        for link in subject.design.links.values()
    ]


@pytest.mark.parametrize("count", [2, 30, 80])
def test_masks_dominators_and_removal_name_the_same_points_of_failure(count: int) -> None:
    assert set(analysis.compare(count)) == {
        "networkx_removal",
        "networkx_dominators",
        "requirements",
        "masks",
        "pairs",
    }


def test_removing_some_nodes_of_many_still_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MOST_REMOVED", 7)
    assert analysis.compare(80)["networkx_removal"] > 0


def test_the_exact_availability_of_a_layered_design_can_be_timed() -> None:
    # Two layers of two, each part asking both below: 1 - (1 - a) of each layer, multiplied.
    lower, upper = (
        1 - (1 - availability.works(one)) * (1 - availability.works(one + 1)) for one in (0, 2)
    )
    found = availability.loadpath(4, 2)
    assert found["unavailability"] == pytest.approx(1 - lower * upper)
    assert availability.samples()["samples"] > 0


def test_what_naive_methods_get_wrong_is_counted() -> None:
    found = naive.wrong(naive.BESIDE)
    assert found["loadpath"] == 0 < found["dominators"] <= found["flows"]


def test_all_rules_can_be_timed() -> None:
    assert analysis.rules_after_an_edit(25) > 0


def test_saves_can_be_timed() -> None:
    assert set(storage.save(25)) == {"first_save", "save", "encode", "json"}


def test_the_frames_of_the_canvas_can_be_timed(tmp_path: Path) -> None:
    found = run(OWN, "canvas", "loadpath", str(drawing(25, tmp_path)))
    assert found.pop("notes") == []
    timed = {"build_and_first_paint", "build_and_rest", "fit_repaint", "pan", "drag"}
    assert set(found) == timed
    assert all(math.isfinite(value) for value in found.values())


def test_an_edit_can_be_timed_until_its_findings_are_on_screen() -> None:
    assert run(OWN, "editing", "25")["findings"] > 0


def test_frames_can_be_timed_while_the_analysis_works() -> None:
    found = run(OWN, "working", "25", "1")
    assert min(found[name] for name in ("at_rest", "check", "pairs", "target")) > 0
    assert all(0 <= value <= 100 for name, value in found.items() if name.endswith("_late"))


def test_an_export_can_be_timed() -> None:
    assert run(OWN, "projects", "export", "25")["export_25"] > 0


def test_the_first_paint_loads_no_library_of_analysis_files_or_exports() -> None:
    found = run(OWN, "startup", "loadpath", repr(time.monotonic()), str(SEED))
    assert found["first_paint"] > 0
    assert found["loaded_too_early"] == []


def test_the_best_of_both_is_held_against_its_limit() -> None:
    goal = Goal("title", "own", "peer", 0.5)
    reached = goal.judge({"own": [3, 9, 2], "peer": [40, 4, 5]})
    missed = goal.judge({"own": [2.1], "peer": [4]})
    unknown = goal.judge({"own": [1, math.nan], "peer": [4]})
    assert reached is not None
    assert (reached.value, reached.reached) == (0.5, True)
    assert missed is not None
    assert not missed.reached
    assert unknown is not None
    assert not unknown.reached
    assert goal.judge({"own": [1]}) is None
    assert table([reached, missed]).splitlines()[1].endswith("reached")
    assert table([reached, missed]).splitlines()[2].endswith("MISSED")


def test_every_goal_has_its_own_title() -> None:
    assert len({goal.title for goal in GOALS}) == len(GOALS)
