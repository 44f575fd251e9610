"""Predicted beside measured: whether they agree, and where the fault lies if they do not."""

from dataclasses import dataclass
from typing import Literal

from app.analysis.words import listed
from app.drill.alarms import Alarm
from app.drill.experiments import Experiment, State
from app.drill.measuring import Figures
from app.model.design import Design
from exporters.recipe import Recipe

Fault = Literal["model", "configuration"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Where the drawing and what runs differ: which of them is wrong, and one sentence."""

    fault: Fault
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One flow in one experiment. `lost` counts acknowledged writes; None where nobody can tell."""

    flow: str
    predicted: State
    figures: Figures
    lost: int | None
    mismatch: Mismatch | None


def judged(
    design: Design,
    recipe: Recipe,
    experiment: Experiment,
    flow: str,
    found: Figures,
    lost: frozenset[str] | None,
) -> Cell:
    """Return the cell of a flow in an experiment."""
    predicted = experiment.predicted[flow]
    mismatch = _state(experiment, predicted, found)
    if mismatch is None and lost and not experiment.may_lose:
        mismatch = Mismatch(
            fault="configuration",
            text=f"{len(lost)} acknowledged writes are gone; the design says that none is lost.",
        )
    if mismatch is not None:
        mismatch = _explained(mismatch, design, recipe, experiment, found)
    count = None if lost is None else len(lost)
    return Cell(flow=flow, predicted=predicted, figures=found, lost=count, mismatch=mismatch)


def _state(experiment: Experiment, predicted: State, found: Figures) -> Mismatch | None:
    """Return how a state differs from what was predicted.

    What stops although it should survive is set up worse than it is drawn. What survives although
    it should stop needs less than the model believes.
    """
    if predicted == "down":
        if found.measured == "down":
            return None
        return Mismatch(
            fault="model",
            text="The model says that it stops; it went on working, so it needs less than drawn.",
        )
    if found.measured == "down":
        return Mismatch(
            fault="configuration",
            text="The design says that it survives; it stopped until the parts were back.",
        )
    if found.measured == "interrupted":
        longest = max(found.interruption, found.recovery)
        return Mismatch(
            fault="configuration",
            text=f"It was interrupted for {longest:g} s; declared are {experiment.allowed:g} s.",
        )
    return None


def alarm_mismatch(alarm: Alarm) -> Mismatch | None:
    """Return what is wrong with the alarm of a failure: it is missing, or late."""
    if alarm.in_time:
        return None
    if alarm.missing:
        text = f"No alarm was raised about {listed(alarm.missing)}."
        if alarm.held:
            text += f" The one about {listed(alarm.held)} held before, and did not end in time."
    else:
        text = f"The alarm was raised after {alarm.after:g} s; declared are {alarm.within:g} s."
    return Mismatch(fault="configuration", text=text)


def _explained(
    mismatch: Mismatch, design: Design, recipe: Recipe, experiment: Experiment, found: Figures
) -> Mismatch:
    """Return a mismatch with what speaks for it: the last complaint, and known limits."""
    words = [mismatch.text]
    if found.told:
        words.append(f"Instead of an answer: {found.told}.")
    if experiment.missing and mismatch.fault == "model":
        words.append(f"No service stands for {listed(experiment.missing)}, so it went on.")
    clusters = {design.cluster_of.get(key) for key in experiment.failed}
    about = {*experiment.failed, *clusters}
    if mismatch.fault == "configuration":
        words += [
            f"The project says: {note.text}"
            for note in recipe.notes
            if about.intersection(note.components)
        ]
    return Mismatch(fault=mismatch.fault, text=" ".join(words))
