"""Drawings of switches and cables, and what users need of them."""

from app.model.design import Design
from tests.rules.drawing import Drawing


def cabled(*pairs: str, reach: str, availability: float = 0.99) -> Design:
    """Draw services named by letters that never fail, and cables between two of them that do."""
    drawing = Drawing()
    letters = sorted(set("".join(pairs)))
    keys = {name: drawing.part("service", name=name, availability=1.0) for name in letters}
    for pair in pairs:
        ends = keys[pair[0]], keys[pair[1]]
        drawing.link(*ends, protocol="tcp", availability=availability)
    for flow in drawing.design.flows:
        drawing.set(flow, requires=reach)
    return drawing.design


def uplink() -> Design:
    """A host behind a single cable, and two cables from there to the gateway."""
    return cabled("ab", "bc", "cd", "bd", reach="reach(service-1, service-4)")
