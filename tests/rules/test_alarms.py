"""Logs, lag, certificates, the watcher itself, and the way of the alarm."""

import pytest

from app.model import edits
from app.model.design import Design
from tests.rules.cases import CASES
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects


def test_machines_that_keep_their_logs_are_found_beside_a_log_store() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON008") == [("server-1", "server-3")]
    after = repaired(design, "MON008")
    fresh = [after.links[key] for key in after.links.keys() - design.links.keys()]
    assert {(link.source, link.target, link.role) for link in fresh} == {
        ("web-1", "logs-1", "log"), ("db-2", "logs-1", "log"),
    }  # fmt: skip


def test_an_agent_sends_the_logs_of_its_machine() -> None:
    design, agent = edits.add(CASES["sleepy_watch"](), "monitoring_agent", parent="server-1")
    after = repaired(design, "MON008")

    assert agent in {after.links[key].source for key in after.incoming["logs-1"]}


def test_logs_that_are_fetched_from_a_machine_are_sent_and_no_log_store_says_nothing() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    (logs,) = drawing.on(None, "log_store")
    drawing.on(None, "monitoring_server")
    drawing.link(logs, str(drawing.design.host(web)), role="log", protocol="syslog-tls")

    assert subjects(drawing.design, "MON008") == []
    assert subjects(CASES["one_server"](), "MON008") == []


def test_a_replica_that_may_fall_behind_unseen_is_found() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON010") == [("db-2",)]
    assert getattr(repaired(design, "MON010").components["db-2"], "lag") == "watched"  # noqa: B009


def test_a_lag_that_is_watched_or_not_spoken_of_is_fine() -> None:
    design = CASES["sleepy_watch"]()
    for lag in ("watched", "unknown"):
        assert subjects(edits.set_fields(design, "db-2", lag=lag), "MON010") == []
    assert subjects(edits.set_fields(design, "db-2", role="primary"), "MON010") == []


def test_without_monitoring_the_lag_is_part_of_a_larger_finding() -> None:
    design = CASES["open_locks"]()

    assert subjects(design, "MON010") == []
    assert subjects(design, "MON001") == [()]


def test_a_certificate_that_somebody_has_to_remember_is_found() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON011") == [("web-1",)]
    after = repaired(design, "MON011")
    assert getattr(after.components["web-1"], "renewal") == "automatic"  # noqa: B009
    for values in ({"renewal": "watched"}, {"renewal": "unknown"}, {"certificate": ""}):
        assert subjects(edits.set_fields(design, "web-1", **values), "MON011") == []


def test_a_certificate_that_a_person_is_reminded_of_is_renewed_by_hand_all_the_same() -> None:
    design = CASES["trust_inside"]()

    assert subjects(design, "TLS008") == [("web-1",)]
    after = repaired(design, "TLS008")
    assert getattr(after.components["web-1"], "renewal") == "automatic"  # noqa: B009
    for values in ({"renewal": "by-hand"}, {"renewal": "unknown"}, {"certificate": ""}):
        assert subjects(edits.set_fields(design, "web-1", **values), "TLS008") == []


def test_the_only_watcher_gives_a_sign_of_life_where_something_is_promised() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON013") == [("monitoring-1",)]
    after = repaired(design, "MON013")
    assert any(
        (link.source, link.target, link.role) == ("monitoring-1", "alerting-1", "monitor")
        for link in after.links.values()
    )


def test_two_watchers_none_and_no_promise_are_fine() -> None:
    design = CASES["sleepy_watch"]()
    second, _ = edits.add(design, "monitoring_server")
    free = edits.set_fields(design, "browse", target_availability=None)
    mute = edits.remove(design, ("alerting-1",))

    for other in (second, free, mute, CASES["promises"]()):
        assert subjects(other, "MON013") == []
    assert subjects(mute, "MON005") == [("monitoring-1",)]


def test_an_alarm_on_the_machine_that_it_is_about_gets_a_place_of_its_own() -> None:
    design = CASES["sleepy_watch"]()

    assert subjects(design, "MON014") == [("monitoring-1",)]
    after = repaired(design, "MON014")
    assert after.host("alerting-1") is None


def alarm(*, via: bool = False, by: str = "alerting", beside: bool = False) -> Design:
    """A monitoring server whose alarm goes by a part, past a firewall, or from beside the web."""
    drawing = Drawing()
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server")
    host = str(drawing.design.host(web))
    (collector,) = (
        drawing.on(None, "monitoring_server")
        if not beside
        else (drawing.part("monitoring_server", host),)
    )
    drawing.link(drawing.users, web, protocol="https", tls="1.3", via=(wall,))
    bell = web if by == "web_server" else drawing.part(by, host if beside else None)
    drawing.link(collector, bell, role="alert", protocol="https", via=(wall,) if via else ())
    drawing.link(collector, host, role="monitor", protocol="https")
    return drawing.design


def test_an_alarm_past_the_firewall_of_the_users_leaves_by_another_way() -> None:
    design = alarm(via=True)

    (finding,) = found(design, "MON014")
    assert finding.problem.message.startswith("When fw-1 fails, no alarm of monitoring-1 leaves")
    assert subjects(repaired(design, "MON014"), "MON014") == []


def test_an_alarm_by_what_users_need_goes_to_alerting_instead() -> None:
    design = alarm(by="web_server")

    (after,) = proven(design, "MON014")
    assert {item.kind for item in after.components.values()} >= {"alerting"}


@pytest.mark.parametrize("second", [True, False])
def test_an_alarm_that_leaves_independently_is_enough(*, second: bool) -> None:
    design = alarm(via=second)
    if second:
        design, bell = edits.add(design, "alerting")
        design, _ = edits.connect(design, "monitoring-1", bell, role="alert", protocol="https")

    assert subjects(design, "MON014") == []


def test_a_watcher_in_the_same_place_is_told_once() -> None:
    design = alarm(beside=True)

    assert subjects(design, "MON014") == []
    assert subjects(design, "MON006") == [("monitoring-1",)]
    assert subjects(CASES["one_server"](), "MON014") == []
