"""Builds the designs of the tests as a user draws them."""

from typing import Any

from app.model import edits
from app.model.design import Design
from app.model.links import Place


class Drawing:
    """Builds a design as a user draws it; places follow the order of drawing."""

    def __init__(self) -> None:
        """Start with users and their two flows."""
        self.design, self.users = edits.add(Design(), "client", Place(x=0.0, y=0.0))
        self._drawn = 0

    def part(self, kind: str, parent: str | None = None, **values: Any) -> str:
        """Draw a part; return its id."""
        self._drawn += 1
        place = Place(x=self._drawn * 264.0, y=0.0)
        self.design, key = edits.add(self.design, kind, place, parent=parent, **values)
        return key

    def on(self, parent: str | None = None, *kinds: str, **values: Any) -> list[str]:
        """Draw a new server with a program of each kind on it; return the programs."""
        server = self.part("server", parent)
        return [self.part(kind, server, **values) for kind in kinds]

    def link(self, source: str, *targets: str, role: str = "request", **values: Any) -> None:
        """Draw a link to each target."""
        for target in targets:
            self.design, _ = edits.connect(self.design, source, target, role=role, **values)

    def query(self, source: str, *targets: str) -> None:
        """Draw links that read from and write to each target."""
        for role in ("read", "write"):
            self.link(source, *targets, role=role, protocol="postgres")

    def cluster(self, *members: str, **values: Any) -> str:
        """Draw a cluster around parts; return its id."""
        key = self.part("cluster", **values)
        self.design = edits.join(self.design, key, members)
        return key

    def set(self, key: str, **values: Any) -> None:
        """Set fields of an element."""
        self.design = edits.set_fields(self.design, key, **values)
