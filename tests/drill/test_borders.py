"""Whether a firewall filters: what is tried, and what its answer means."""

from collections.abc import Mapping

import pytest

from app.drill.borders import Attempt, attempts, told
from app.model import edits
from app.model.design import Design
from exporters.deployment import BorderProbe

PROBE = BorderProbe(
    firewall="fw-1", gateway="wall", source="app", target="db", host="wall.to-db", drawn=5432,
    drawn_rule="open", undrawn=22, undrawn_rule="closed",
)  # fmt: skip


class Network:
    """A gateway that lets some ports through, and may forget to count."""

    def __init__(self, *ports: int, counts: bool = True) -> None:
        self.ports = ports
        self.counts = counts
        self.seen = {"open": 7, "closed": 0}

    def connects(self, source: str, gateway: str, host: str, port: int) -> bool:
        assert (source, gateway, host) == ("app", "wall", "wall.to-db")
        through = port in self.ports
        self.seen["open" if through else "closed"] += self.counts
        return through

    def counted(self, gateway: str) -> Mapping[str, int]:
        return dict(self.seen)


def test_what_is_drawn_passes_and_all_else_is_dropped() -> None:
    drawn, undrawn = attempts(Network(5432), PROBE)
    assert (drawn.port, drawn.measured, drawn.counted, drawn.mismatch) == (5432, "open", 1, None)
    assert (undrawn.port, undrawn.measured, undrawn.counted) == (22, "closed", 1)
    assert undrawn.mismatch is None


@pytest.mark.parametrize(
    ("network", "texts"),
    [
        (Network(22), ["is drawn, and was not let through", "not drawn, and went through"]),
        (Network(5432, counts=False), ["went past the firewall", "Something else stopped it"]),
    ],
)
def test_all_else_is_a_fault_of_the_configuration(network: Network, texts: list[str]) -> None:
    for attempt, text in zip(attempts(network, PROBE), texts, strict=True):
        assert attempt.mismatch
        assert attempt.mismatch.fault == "configuration"
        assert text in attempt.mismatch.text


def test_an_attempt_is_told_by_the_name_of_its_firewall() -> None:
    design, key = edits.add(Design(), "firewall", name="Wall <1>")
    attempt = Attempt(firewall=key, source="app", target="db", port=22, predicted="closed",
                      measured="open", counted=0)  # fmt: skip
    assert told(design, attempt) == "Wall <1>: app to db at 22"
