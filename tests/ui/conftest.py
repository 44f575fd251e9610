"""What the tests of the window share: a small document with something to see in it."""

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.ui.document import Document
from app.ui.garbage import collect_due
from app.ui.panels.inspector import Inspector


def add(design: Design, kind: str, x: float, y: float, parent: str = "") -> tuple[Design, str]:
    """Add a component at a place, in a container if one is named."""
    design, key = edits.add(design, kind, Place(x=x, y=y))
    return (edits.nest(design, (key,), parent) if parent else design), key


@pytest.fixture
def design() -> Design:
    """users-1 → lb-1 → web-1 (in server-1), and db-1 beside them with nothing to do."""
    design, client = add(Design(), "client", 0, 96)
    design, balancer = add(design, "load_balancer", 288, 96)
    design, server = add(design, "server", 576, 48)
    design, web = add(design, "web_server", 600, 96, server)
    design, _ = add(design, "database", 288, 288)
    design, _ = edits.connect(design, client, balancer, role="request", protocol="http")
    design, _ = edits.connect(design, balancer, web, role="request", protocol="http")
    return design


@pytest.fixture
def document(design: Design) -> Document:
    """A document that holds the small design."""
    return Document(design)


@pytest.fixture
def inspector(document: Document, qtbot: QtBot) -> Inspector:
    """The inspector of the document at hand, as wide as in the window."""
    panel = Inspector(document)
    qtbot.addWidget(panel)
    panel.resize(340, 800)
    panel.show()
    return panel


@pytest.fixture(autouse=True)
def _garbage_in_this_thread() -> Iterator[None]:
    """Collect between the tests, as the program does between two events: never in a thread."""
    gc.disable()
    yield
    collect_due()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _empty_clipboard(qapp: QApplication) -> Iterator[None]:
    """Empty the clipboard at the end: without a display it outlives Python, and crashes on that."""
    yield
    qapp.clipboard().clear()
