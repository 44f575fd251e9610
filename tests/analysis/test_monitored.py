"""What a monitoring server measures and a log store keeps, as it is drawn."""

import pytest

from app.analysis.monitored import logged, monitored
from app.model import edits
from tests.exporters.designs import Drawn, draw, link


def two_machines() -> Drawn:
    """Two machines with a program each, an agent on the first, and a monitoring server."""
    design, ids = draw("Two machines", {
        "m": ("monitoring_server", {}), "host-1": ("server", {}), "host-2": ("server", {}),
        "web-1": ("web_server", {}), "web-2": ("web_server", {}), "agent": ("monitoring_agent", {}),
        "fw": ("firewall", {}), "pair": ("cluster", {}), "site": ("site", {}),
    })  # fmt: skip
    design = edits.nest(design, [ids["web-1"], ids["agent"]], ids["host-1"])
    design = edits.nest(design, [ids["web-2"]], ids["host-2"])
    design = edits.nest(design, [ids["host-1"]], ids["site"])
    return edits.join(design, ids["pair"], [ids["web-1"], ids["web-2"]]), ids


def seen(drawn: Drawn, *ends: tuple[str, str], role: str = "monitor") -> set[str]:
    """Return the handles of what is measured once these links are drawn."""
    design = link(drawn, *ends, role=role, protocol="http")
    found = monitored(design, drawn[1]["m"])
    return {handle for handle, key in drawn[1].items() if key in found}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([], set()),
        ([("m", "web-1")], {"web-1"}),
        ([("web-1", "m")], {"web-1"}),
        ([("agent", "m")], {"agent", "host-1", "web-1"}),
        ([("m", "host-2")], {"host-2", "web-2"}),
        ([("m", "site")], {"site", "host-1", "web-1", "agent"}),
        ([("m", "pair")], {"pair", "web-1", "web-2"}),
        ([("agent", "fw"), ("fw", "m")], {"agent", "host-1", "web-1"}),
        ([("m", "fw"), ("fw", "web-2"), ("fw", "host-2")], {"host-2", "web-2"}),
        ([("m", "fw"), ("web-2", "fw")], set()),
    ],
)  # fmt: skip
def test_links_of_the_role_monitor_say_what_is_measured(
    ends: list[tuple[str, str]], expected: set[str]
) -> None:
    assert seen(two_machines(), *ends) == expected


def test_links_of_other_roles_measure_nothing() -> None:
    assert seen(two_machines(), ("m", "web-1"), role="log") == set()


def test_an_agent_on_no_machine_is_measured_alone() -> None:
    drawn = draw("Agent", {"m": ("monitoring_server", {}), "agent": ("monitoring_agent", {})})
    assert seen(drawn, ("agent", "m")) == {"agent"}


def test_links_to_a_pair_of_monitoring_servers_are_those_of_each() -> None:
    drawn = draw("Pair", {
        "m": ("monitoring_server", {}), "n": ("monitoring_server", {}),
        "pair": ("cluster", {}), "web": ("web_server", {}),
    })  # fmt: skip
    design, ids = drawn
    drawn = edits.join(design, ids["pair"], [ids["m"], ids["n"]]), ids
    assert seen(drawn, ("web", "pair")) == {"web"}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([("web-1", "logs")], {"web-1"}),
        ([("logs", "web-1")], {"web-1"}),
        ([("agent", "logs")], {"agent", "host-1", "web-1"}),
        ([("host-2", "fw"), ("fw", "logs")], {"host-2", "web-2"}),
        ([("pair", "logs"), ("archive", "logs")], {"pair", "web-1", "web-2", "archive"}),
        ([("web-1", "logs"), ("logs", "archive")], {"web-1"}),
        ([("web-1", "logs"), ("logs", "fw"), ("fw", "archive")], {"web-1"}),
    ],
)
def test_links_of_the_role_log_say_whose_output_is_kept(
    ends: list[tuple[str, str]], expected: set[str]
) -> None:
    design, ids = two_machines()
    for name in ("logs", "archive"):
        design, ids[name] = edits.add(design, "log_store", name=name)
    design = link((design, ids), *ends, role="log", protocol="syslog")
    design = link((design, ids), ("web-2", "logs"), role="monitor", protocol="http")
    found = logged(design, ids["logs"])
    assert {handle for handle, key in ids.items() if key in found} == expected
