"""Draws a design again: all is there, with other ids."""

from dataclasses import replace
from typing import Any

from app.model.design import Design


def redrawn(design: Design, mark: str = "x") -> Design:
    """The same design with other ids throughout."""

    def new(key: str) -> str:
        return f"{mark}-{key}"

    def part(item: Any) -> Any:
        values: dict[str, Any] = {"parent": item.parent and new(item.parent)}
        if hasattr(item, "members"):
            values["members"] = tuple(map(new, item.members))
        return replace(item, **values)

    return Design(
        name=design.name,
        components={new(key): part(item) for key, item in design.components.items()},
        links={
            new(key): replace(
                link,
                source=new(link.source),
                target=new(link.target),
                via=tuple("|".join(map(new, group)) for group in link.guards),
            )
            for key, link in design.links.items()
        },
        flows={
            new(key): replace(flow, client=new(flow.client)) for key, flow in design.flows.items()
        },
        layout={new(key): place for key, place in design.layout.items()},
    )
