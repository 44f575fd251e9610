"""Garbage with objects of Qt in it dies in the thread of the window."""

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import garbage
from app.ui.application import Application
from app.ui.background import Background


class Knot(QObject):
    """An object of Qt that only a collection can free."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def _allocate() -> None:
    for _ in range(20):
        kept = [[number] for number in range(2_000)]
        del kept


def _drop_a_knot() -> list[int]:
    """Make garbage; returns a list that gets the thread in which it dies."""
    threads: list[int] = []
    knot = Knot()
    weakref.finalize(knot, lambda: threads.append(threading.get_ident()))
    return threads


def test_work_in_a_thread_collects_nothing_once_the_program_runs(
    qapp: QApplication,
) -> None:
    gc.enable()
    program = Application(qapp)
    background = Background(program)
    died_in = _drop_a_knot()

    background.run(_allocate)
    background.wait()

    assert died_in == []


def test_the_event_loop_collects_what_is_due(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "PAUSE", 1)
    parent = QObject()
    died_in = _drop_a_knot()
    kept = [[number] for number in range(gc.get_threshold()[0] + 1)]

    garbage.collect_in_this_thread(parent)

    qtbot.waitUntil(lambda: died_in == [threading.get_ident()])
    assert kept


def test_nothing_is_collected_that_is_not_due(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", collected.append)
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))

    for counts in ((700, 10, 10), (701, 0, 0), (0, 11, 0), (900, 20, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        garbage.collect_due()

    assert collected == [0, 1, 2]
