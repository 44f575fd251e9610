"""Whether each firewall filters: one connection that is drawn is tried, and one that is not.

Both are opened from where a service stands, in its network and with its address, so that it does
not matter which tools its image has. The gateway has to have counted what it let in or dropped:
what does not get through for another reason proves nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from app.drill.judging import Mismatch
from app.model.design import Design
from exporters.deployment import BorderProbe

Passage = Literal["open", "closed"]


class Borders(Protocol):
    """A project that is up (`engine.Project`)."""

    def connects(self, source: str, gateway: str, host: str, port: int) -> bool:
        """Whether a connection opens from where a service stands."""
        ...

    def counted(self, gateway: str) -> Mapping[str, int]:
        """Return what each rule of a gateway has counted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One connection through a firewall; `counted` packets of it by the rule that is for it."""

    firewall: str
    source: str
    target: str
    port: int
    predicted: Passage
    measured: Passage
    counted: int

    @property
    def mismatch(self) -> Mismatch | None:
        """How it differs from what is drawn, if it does."""
        text = {
            ("open", "closed"): "It is drawn, and was not let through.",
            ("closed", "open"): "It is not drawn, and went through.",
            ("open", "open"): "It went past the firewall, which has counted nothing.",
            ("closed", "closed"): "Something else stopped it: the firewall has counted nothing.",
        }[self.predicted, self.measured]
        if self.predicted == self.measured and self.counted:
            return None
        return Mismatch(fault="configuration", text=text)


def attempts(project: Borders, probe: BorderProbe) -> Iterator[Attempt]:
    """Yield what becomes of the connection that is drawn, and of the one that is not."""
    asked: tuple[tuple[Passage, int, str], ...] = (
        ("open", probe.drawn, probe.drawn_rule),
        ("closed", probe.undrawn, probe.undrawn_rule),
    )
    for predicted, port, rule in asked:
        before = project.counted(probe.gateway).get(rule, 0)
        through = project.connects(probe.source, probe.gateway, probe.host, port)
        yield Attempt(
            firewall=probe.firewall,
            source=probe.source,
            target=probe.target,
            port=port,
            predicted=predicted,
            measured="open" if through else "closed",
            counted=project.counted(probe.gateway).get(rule, 0) - before,
        )


def told(design: Design, attempt: Attempt) -> str:
    """Return a connection in words."""
    name = design.components[attempt.firewall].name
    return f"{name}: {attempt.source} to {attempt.target} at {attempt.port}"
