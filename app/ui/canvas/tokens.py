"""Requests of a simulation on the canvas: dots along the links, queues and states at the cards."""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsPathItem, QGraphicsSimpleTextItem

from app.analysis.simulation import Happening, Now, ServerNow
from app.model.geometry import Rect
from app.ui.canvas.cards import LABEL_FONT, rounded
from app.ui.canvas.link_item import line
from app.ui.canvas.scene import Scene

LEVEL = 95.0
FRAME = 33  # milliseconds
FLIGHT = 0.6  # seconds that a dot takes along its link, at most
RADIUS = 5.0
MOST_DOTS = 60  # of those that are on the way at once; more would be a line
QUEUE = 12  # squares; more are told as a number
SQUARE, GAP = 7.0, 3.0
LOST = "lost"


class _Dot(QGraphicsEllipseItem):
    def __init__(self) -> None:
        super().__init__(-RADIUS, -RADIUS, 2 * RADIUS, 2 * RADIUS)
        self.way = QPainterPath()
        self.since = 0.0
        self.setZValue(LEVEL)


class _Sign:
    """What stands below one card: squares for the queue, and a word."""

    def __init__(self, scene: Scene, rect: Rect) -> None:
        self.squares = QGraphicsPathItem()
        self.patch = QGraphicsPathItem()
        self.text = QGraphicsSimpleTextItem(self.patch)
        self.told: tuple[int, str, str] | None = None
        self.text.setFont(LABEL_FONT)
        x, y, _, height = rect
        self.squares.setPos(x + 4, y + height + 5)
        self.patch.setPos(x + 4, y + height + 5 + SQUARE + GAP)
        for item in (self.squares, self.patch):
            item.setZValue(LEVEL)
            scene.addItem(item)

    def tell(self, waiting: int, words: str, colour: str, ground: str) -> None:
        if self.told == (waiting, words, colour):
            return
        self.told = (waiting, words, colour)
        path = QPainterPath()
        for number in range(min(waiting, QUEUE)):
            path.addRect(QRectF(number * (SQUARE + GAP), 0, SQUARE, SQUARE))
        self.squares.setPath(path)
        self.squares.setBrush(QColor(colour))
        self.squares.setPen(QPen(Qt.PenStyle.NoPen))
        self.text.setText(words)
        self.text.setBrush(QColor(ground))
        self.text.setPos(6, 2)
        box = self.text.boundingRect()
        size = QRectF(0, 0, box.width() + 12, box.height() + 4)
        self.patch.setPath(rounded(size, 6) if words else QPainterPath())
        self.patch.setBrush(QColor(colour))
        self.patch.setPen(QPen(Qt.PenStyle.NoPen))


class Tokens(QObject):
    """What a simulation draws over the design. Items are few, and painted by Qt alone."""

    def __init__(self, scene: Scene) -> None:
        """Draw into a scene; nothing yet."""
        super().__init__()
        self._scene = scene
        self._free: list[_Dot] = []
        self._flying: list[_Dot] = []
        self._signs: dict[str, _Sign] = {}
        self._ways: dict[str, QPainterPath] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._fly)

    @property
    def flying(self) -> int:
        """How many dots are on their way."""
        return len(self._flying)

    def words(self, server: str) -> str:
        """Return what is told at a card; empty for nothing."""
        return self._signs[server].text.text() if server in self._signs else ""

    def show(
        self, subject: str, happened: Sequence[Happening], now: Now, led: Mapping[str, str]
    ) -> None:
        """Let the requests fly that were sent, and show the queues; `led` names the leader."""
        lost = {item.request for item in happened if item.what == LOST}
        sent = [item for item in happened if item.what == "sent" or _nobody(item)]
        for item in sent[-MOST_DOTS:]:
            self._launch(subject, item.server, lost=item.request in lost)
        for server in now.servers:
            self._tell(server, led.get(server.name, ""))

    def clear(self) -> None:
        """Take everything away."""
        self._timer.stop()
        for dot in (*self._free, *self._flying):
            self._scene.removeItem(dot)
        for sign in self._signs.values():
            self._scene.removeItem(sign.squares)
            self._scene.removeItem(sign.patch)
        self._free, self._flying, self._signs, self._ways = [], [], {}, {}

    def _launch(self, subject: str, server: str, *, lost: bool) -> None:
        way = self._way(subject, server)
        if way.isEmpty() or len(self._flying) >= MOST_DOTS:
            return
        dot = self._free.pop() if self._free else self._new_dot()
        theme = self._scene.theme
        dot.setBrush(QColor(theme.critical if lost else theme.accent))
        dot.setPen(QPen(QColor(theme.panel), 1.2))
        dot.way, dot.since = way, monotonic()
        dot.setPos(way.pointAtPercent(0.0))
        dot.setVisible(True)
        self._flying.append(dot)
        self._timer.start()

    def _new_dot(self) -> _Dot:
        dot = _Dot()
        self._scene.addItem(dot)
        return dot

    def _fly(self) -> None:
        time, still = monotonic(), []
        for dot in self._flying:
            share = (time - dot.since) / FLIGHT
            if share < 1:
                dot.setPos(dot.way.pointAtPercent(share))
                still.append(dot)
            else:
                dot.setVisible(False)
                self._free.append(dot)
        self._flying = still
        if not still:
            self._timer.stop()

    def _way(self, subject: str, server: str) -> QPainterPath:
        if server not in self._ways:
            self._ways[server] = self._found_way(subject, server)
        return self._ways[server]

    def _found_way(self, subject: str, server: str) -> QPainterPath:
        """The link on which a request comes: from the balancer, else any that leads there."""
        design = self._scene.design
        ends = [key for end in (server, subject) if end in design.incoming
                for key in design.incoming[end] if design.links[key].is_traffic]  # fmt: skip
        ends.sort(key=lambda key: design.links[key].source != subject)
        return line(self._scene.routes.route(ends[0])) if ends else QPainterPath()

    def _tell(self, server: ServerNow, led: str) -> None:
        rects, theme = self._scene.placing.rects, self._scene.theme
        if server.name not in rects:
            return
        if server.name not in self._signs:
            self._signs[server.name] = _Sign(self._scene, rects[server.name])
        colour = theme.accent if server.works and server.seen else theme.critical
        words = ", ".join(_states(server, led))
        self._signs[server.name].tell(server.waiting, words, colour, theme.on_accent)


def _nobody(item: Happening) -> bool:
    return item.what == LOST and not item.server


def _states(server: ServerNow, led: str) -> Iterable[str]:
    if led:
        yield led
    if not server.works:
        yield "dead" if not server.seen else "dead, not noticed yet"
    elif not server.seen:
        yield "back, not noticed yet"
    if server.waiting > QUEUE:
        yield f"{server.waiting:,} waiting"
