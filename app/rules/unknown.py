"""What expressions name and the design does not have: parts, and links that join them."""

from collections.abc import Iterable, Mapping
from functools import partial

from app.analysis.networks import drawn
from app.model import edits, expressions
from app.model.design import Design
from app.model.expressions import Reach
from app.rules.registry import Fix


def missing_parts(design: Design, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that expressions name and no component has, in order."""
    named = {part for text in texts for part in expressions.parts(text)}
    return tuple(sorted(part for part in named if part not in design.components))


def apart(design: Design, texts: Iterable[str]) -> Reach | None:
    """Return parts that have to reach each other, and that nothing drawn joins; None if all do."""
    found = (reach for text in texts for reach in expressions.reaches(text))
    return next((reach for reach in found if drawn(design, reach) is None), None)


def requirements_of(design: Design, element_id: str) -> Mapping[str, str]:
    """Return the expressions of a component or a flow, by what they are for."""
    if element_id in design.components:
        return design.components[element_id].requires
    requires = design.flows[element_id].requires
    return {"requires": requires} if requires else {}


def leave_out(element_id: str, missing: Iterable[str]) -> Fix:
    """Return the fix that takes unknown parts out of the expressions of an element."""
    title = f"Leave {', '.join(missing)} out of the requirement"
    return Fix(title, partial(_without_unknown, element_id=element_id))


def _without_unknown(design: Design, element_id: str) -> Design:
    def known(part: str) -> str | None:
        return part if part in design.components else None

    kept = {
        key: text
        for key, before in requirements_of(design, element_id).items()
        if (text := expressions.renamed(before, known))
    }
    if element_id in design.flows:
        return edits.set_fields(design, element_id, requires=kept.get("requires", ""))
    return edits.set_fields(design, element_id, requires=kept)
