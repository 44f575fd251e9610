"""Drawings of switches and cables, and what users need of them."""

from app.model.design import Design
from tests.rules.drawing import Drawing


def cabled(*pairs: str, reach: str, **values: float) -> Design:
    """Draw services named by letters and cables between two of them, all of which may fail."""
    drawing = Drawing()
    letters = sorted(set("".join(pairs)))
    keys = {name: drawing.part("service", name=name, availability=1.0) for name in letters}
    for one, other in pairs:
        drawing.link(keys[one], keys[other], protocol="tcp", **({"availability": 0.99} | values))
    for flow in drawing.design.flows:
        drawing.set(flow, requires=reach)
    return drawing.design


def uplink() -> Design:
    """A host behind a single cable, and two cables from there to the gateway."""
    return cabled("ab", "bc", "cd", "bd", reach="reach(service-1, service-4)")
