"""The check while the design is edited: what is told, when, and what is never told."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.rules.check import check
from app.rules.registry import Finding
from app.ui import live_check
from app.ui.document import Document
from app.ui.live_check import LiveCheck, same_meaning

Told = list[tuple[tuple[Finding, ...], Analysis]]


@pytest.fixture
def live(document: Document, qtbot: QtBot) -> Iterator[LiveCheck]:
    checking = LiveCheck(document)
    yield checking
    checking.stop()


@pytest.fixture
def told(live: LiveCheck) -> Told:
    heard: Told = []
    live.findings_changed.connect(lambda findings, analysis: heard.append((findings, analysis)))
    return heard


@pytest.fixture
def settle(live: LiveCheck, qtbot: QtBot) -> Callable[[], None]:
    return lambda: qtbot.waitUntil(lambda: not live.busy, timeout=30_000)


def _keys(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.key for finding in findings]


def test_the_first_check_tells_what_a_check_finds(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    settle()

    [(findings, analysis)] = told
    assert _keys(findings) == _keys(check(document.design))
    assert analysis.design is document.design


def test_an_edit_is_followed_by_its_findings(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    settle()

    document.apply("Delete", edits.remove(document.design, ("lb-1",)))
    settle()

    findings, analysis = told[-1]
    assert len(told) == 2
    assert analysis.design is document.design
    assert _keys(findings) == _keys(check(document.design)) != _keys(told[0][0])


def test_moving_a_part_checks_nothing(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    settle()

    document.apply("Move", edits.move(document.design, {"lb-1": Place(x=999, y=9)}))

    assert not live.busy
    assert len(told) == 1


def test_undo_is_checked_as_well(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    settle()
    document.apply("Delete", edits.remove(document.design, ("lb-1",)))
    settle()

    document.undo_stack.undo()
    settle()

    assert _keys(told[-1][0]) == _keys(told[0][0])


def test_what_was_found_about_a_design_of_the_past_is_never_told(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    live._check()  # begun, and its result cannot come in before the next event
    after = edits.remove(document.design, ("lb-1",))

    document.apply("Delete", after)
    settle()

    assert told
    assert all(analysis.design is after for _, analysis in told)


def test_edits_in_a_row_are_checked_together(
    live: LiveCheck, told: Told, settle: Callable[[], None], document: Document
) -> None:
    live.start()
    settle()

    for _ in range(20):
        document.apply("Add", edits.add(document.design, "web_server")[0])
    settle()

    assert len(told) == 2
    assert told[-1][1].design is document.design


def test_a_check_that_crashes_leaves_the_next_one_alone(
    live: LiveCheck,
    told: Told,
    settle: Callable[[], None],
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("app.rules.check.check_analysis", None)
        live.start()
        settle()
    assert told == []

    document.apply("Add", edits.add(document.design, "web_server")[0])
    settle()

    assert len(told) == 1


def test_places_and_names_mean_nothing_and_waivers_do(design: Design) -> None:
    moved = edits.move(design, {"lb-1": Place(x=9, y=9)})
    linked = edits.connect(design, "web-1", "db-1", protocol="mysql")[0]

    assert same_meaning(design, moved)
    assert same_meaning(design, edits.rename(design, "Another"))
    assert not same_meaning(design, linked)


def test_an_edit_during_a_check_that_fails_is_checked_all_the_same(
    live: LiveCheck,
    told: Told,
    settle: Callable[[], None],
    document: Document,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    checked = live_check._checked
    go_on = threading.Event()

    def fail_once(design: Design, *_: object) -> live_check.Result:
        monkeypatch.setattr(live_check, "_checked", checked)
        assert go_on.wait(30)
        raise RuntimeError(design.name)

    monkeypatch.setattr(live_check, "_checked", fail_once)
    live.start()
    live._check()
    document.apply("Delete", edits.remove(document.design, ("lb-1",)))
    live._check()  # the one that the edit asks for comes and finds one running
    go_on.set()
    settle()

    assert "work in the background failed" in caplog.text
    assert told[-1][1].design is document.design


def test_what_is_asked_for_during_a_check_is_done_after_it(
    live: LiveCheck,
    told: Told,
    settle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked = live_check._checked
    go_on = threading.Event()

    def wait(*arguments: Any) -> live_check.Result:
        assert go_on.wait(30)
        return checked(*arguments)

    monkeypatch.setattr(live_check, "_checked", wait)
    busy: list[bool] = []
    live.busy_changed.connect(busy.append)
    live.start()
    live._check()
    live.again()  # rules may be others now, and the one that runs has taken them already
    live._check()
    assert live.busy
    go_on.set()
    settle()

    assert len(told) == 2
    assert busy == [True, False]
