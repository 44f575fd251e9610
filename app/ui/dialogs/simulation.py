"""Plays a simulation beside the canvas: a table of the servers, and what to do with them."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.analysis.scenarios import Drawn, common_queue, drawn_scenario
from app.analysis.simulation import Happening, Now, Scenario, ServerNow
from app.model.design import Design
from app.model.errors import DesignError
from app.model.explanations import choice_words
from app.model.traffic import LoadBalancer
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.simulating import SimulationRun

SPEEDS = (0.01, 0.05, 0.2, 1.0, 5.0, 20.0)  # simulated seconds in a second
SEEN = 8.0  # requests a second that an eye can follow
ALGORITHMS = ("roundrobin", "leastconn", "random", "source", "uri", "first")
COLUMNS = ("Server", "State", "Sent", "Served", "Lost", "Queue", "Longest", "Busy", "Mean wait")
LED = {"active-passive": "active", "primary-replica": "primary"}
NEWS = 4  # lines of what happened


class SimulationDialog(QDialog):
    """Stays beside the canvas, which shows the requests; closing it ends the simulation."""

    def __init__(
        self, document: Document, canvas: CanvasView, subject: str, parent: QWidget | None = None
    ) -> None:
        """Simulate a load balancer or cluster of a document."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Simulate requests")
        self.setMinimumWidth(720)
        self._document = document
        self._canvas = canvas
        self._drawn = drawn_scenario(document.design, subject)
        self._news: list[str] = []
        self._now: Now | None = None
        self.simulation = SimulationRun(self._drawn.scenario, self)
        self._make()
        self._take_drawing()
        self.simulation.advanced.connect(self._advance)
        self.simulation.playing_changed.connect(
            lambda playing: self.play.setText("Pause" if playing else "Play")
        )
        document.changed.connect(self._follow)
        self.reset()

    # --- what is shown ----------------------------------------------------------------------

    def _make(self) -> None:
        self.title, self.told = QLabel(), _quiet()
        self.title.setObjectName("dialogTitle")
        self.play = QPushButton("Play")
        self.play.setObjectName("primary")
        self.play.setDefault(True)
        self.play.clicked.connect(self._toggle)
        self.one_step = _button("Step", "Carry out the next event alone", self.simulation.step)
        self.again = _button("Reset", "Begin anew with the same requests", self.reset)
        self.deadly = _button("Let it die", "Let the chosen server die, or work again", self._kill)
        self.speed = QComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} × real time", speed)
        self.speed.setAccessibleName("Speed")
        self.speed.currentIndexChanged.connect(self._hurry)
        buttons = QHBoxLayout()
        for widget in (self.play, self.one_step, self.again, self.speed):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        buttons.addWidget(self.deadly)
        self.table = _table()
        self.table.itemSelectionChanged.connect(self._name_deed)
        self.totals, self.formula, self.news = QLabel(), _quiet(), _quiet()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.told)
        column.addLayout(self._choices())
        column.addLayout(buttons)
        column.addWidget(self.table, 1)
        for label in (self.totals, self.formula, self.news):
            label.setWordWrap(True)
            column.addWidget(label)

    def _choices(self) -> QHBoxLayout:
        self.algorithm = QComboBox()
        for algorithm in ALGORITHMS:
            self.algorithm.addItem(choice_words(algorithm), algorithm)
        self.rate = QDoubleSpinBox()
        self.rate.setRange(0.01, 1e6)
        self.rate.setSuffix(" requests/s")
        self.seed = QSpinBox()
        self.seed.setRange(0, 1_000_000)
        for spin in (self.rate, self.seed):
            spin.lineEdit().setTextMargins(6, 0, 6, 0)  # a style sheet does not reach it
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, field in (("Algorithm", self.algorithm), ("Load", self.rate),
                            ("Seed", self.seed)):  # fmt: skip
            label = QLabel(name)
            label.setObjectName("fieldLabel")
            label.setBuddy(field)
            field.setAccessibleName(name)
            row.addWidget(label)
            row.addWidget(field)
            row.addSpacing(12)
        row.addStretch(1)
        self.algorithm.currentIndexChanged.connect(self.reset)
        self.rate.valueChanged.connect(self.reset)
        self.seed.valueChanged.connect(self.reset)
        return row

    def _take_drawing(self) -> None:
        """Show what the drawing says."""
        scenario, design = self._drawn.scenario, self._document.design
        balances = isinstance(design.components[self._drawn.subject], LoadBalancer)
        self.title.setText(design.components[self._drawn.subject].name)
        told = [f"assumed: {text}" for text in self._drawn.assumed]
        self.told.setText("\n".join(told))
        self.told.setVisible(bool(told))
        fields = (self.rate, self.seed, self.algorithm)
        silent = [QSignalBlocker(field) for field in fields]  # each change begins anew
        self.rate.setValue(scenario.rate)
        self.seed.setValue(scenario.seed)
        self.algorithm.setCurrentIndex(max(0, self.algorithm.findData(scenario.algorithm)))
        self.algorithm.setEnabled(balances)
        for blocker in silent:
            blocker.unblock()
        pace = min(SPEEDS, key=lambda speed: abs(math.log(speed * scenario.rate / SEEN)))
        self.speed.setCurrentIndex(SPEEDS.index(pace))
        self.table.setRowCount(len(scenario.servers))
        self.table.selectRow(0)

    def scenario(self) -> Scenario:
        """Return what is simulated: the drawing, with what was chosen here."""
        return replace(
            self._drawn.scenario,
            algorithm=self.algorithm.currentData(),
            rate=self.rate.value(),
            seed=self.seed.value(),
        )

    # --- what is done -----------------------------------------------------------------------

    def _toggle(self) -> None:
        if self.simulation.playing:
            self.simulation.pause()
        else:
            self.simulation.play()

    def _hurry(self) -> None:
        self.simulation.speed = self.speed.currentData()

    def reset(self) -> None:
        """Begin anew, paused."""
        self._canvas.tokens.clear()
        self._news = []
        scenario = self.scenario()
        queue = common_queue(scenario)
        if queue is None:
            self.formula.setText("")
        elif queue.overloaded:
            self.formula.setText("More arrives than can be served: the queues never end.")
        else:
            self.formula.setText(
                f"One common queue (M/M/{queue.servers}) would make them wait "
                f"{_seconds(queue.mean_wait)} on average, and keep the servers busy for "
                f"{queue.utilisation:.0%} of the time."
            )
        self.simulation.reset(scenario)

    def _kill(self) -> None:
        server = self._chosen()
        if server is not None:
            (self.simulation.kill if server.works else self.simulation.revive)(server.name)

    def _chosen(self) -> ServerNow | None:
        row = self.table.currentRow()
        return self._now.servers[row] if self._now and 0 <= row < len(self._now.servers) else None

    def _name_deed(self) -> None:
        server = self._chosen()
        dead = server is not None and not server.works
        self.deadly.setText("Let it work again" if dead else "Let it die")

    def _advance(self, happened: list[Happening], now: Now) -> None:
        self._now = now
        led = LED.get(self._drawn.scenario.mode, "")
        leading = {server.name: led for server in now.servers if server.leads}
        self._canvas.tokens.show(self._drawn.subject, happened, now, leading)
        for row, server in enumerate(now.servers):
            for column, text in enumerate(self._cells(server, leading.get(server.name, ""), now)):
                self._fill(row, column, text)
        waited = sum(server.tally.waited for server in now.servers)
        wait = f", mean wait {_seconds(waited / now.served)}" if now.served else ""
        self.totals.setText(
            f"{now.time:,.2f} s: {now.arrived:,} requests, {now.served:,} served, "
            f"{now.lost:,} lost, {now.in_flight:,} on the way{wait}"
        )
        names = self._document.design.components
        self._news += [f"{item.time:,.2f} s  {names[item.server].name}: {item.what}"
                       for item in happened if not item.request]  # fmt: skip
        self.news.setText("\n".join(self._news[-NEWS:]))
        self._name_deed()

    def _cells(self, server: ServerNow, led: str, now: Now) -> Iterable[str]:
        tally = server.tally
        yield self._document.design.components[server.name].name
        yield ("works" if server.works else "dead") + (f", {led}" if led else "")
        yield f"{tally.sent:,}"
        yield f"{tally.served:,}"
        yield f"{tally.lost:,}"
        yield f"{server.waiting:,}"
        yield f"{tally.longest_queue:,}"
        yield f"{tally.busy_time / now.time:.0%}" if now.time else ""
        yield _seconds(tally.waited / tally.served) if tally.served else ""

    def _fill(self, row: int, column: int, text: str) -> None:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            item.setTextAlignment(_aligned(column))
            self.table.setItem(row, column, item)
        if item.text() != text:
            item.setText(text)

    # --- the drawing changes ----------------------------------------------------------------

    def _follow(self, before: Design, after: Design) -> None:
        """Begin anew with what is drawn now; a card that was only moved changes nothing."""
        self._canvas.tokens.clear()
        drawn = self._drawn_now(after)
        if drawn is None:
            self.close()
        elif drawn != self._drawn:
            self._drawn = drawn
            self._take_drawing()
            self.reset()

    def _drawn_now(self, design: Design) -> Drawn | None:
        try:
            return drawn_scenario(design, self._drawn.subject)
        except DesignError:
            return None

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave nothing running, and nothing on the canvas."""
        self._document.changed.disconnect(self._follow)
        self.simulation.stop()
        self.simulation.advanced.disconnect(self._advance)
        self._canvas.tokens.clear()
        super().closeEvent(event)


def _quiet() -> QLabel:
    label = QLabel()
    label.setObjectName("muted")
    label.setWordWrap(True)
    return label


def _button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _=False: run())
    return button


def _aligned(column: int) -> Qt.AlignmentFlag:
    """Words stand left, numbers right."""
    side = Qt.AlignmentFlag.AlignLeft if column < 2 else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter


def _table() -> QTableWidget:
    table = QTableWidget(0, len(COLUMNS))
    for column, name in enumerate(COLUMNS):
        title = QTableWidgetItem(name)
        title.setTextAlignment(_aligned(column))
        table.setHorizontalHeaderItem(column, title)
    table.setAccessibleName("Servers")
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setMinimumHeight(150)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setTabKeyNavigation(False)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table


def _seconds(value: float) -> str:
    return f"{value:,.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"
