"""What shows that parts form a cluster: a common outline, or ties to each of them."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem

from app.model.containers import Cluster
from app.model.geometry import Rect
from app.ui.canvas.cards import LABEL_FONT, rounded
from app.ui.canvas.routing import Box, Obstacles
from app.ui.theme import Theme

CLUSTER_LEVEL = 25.0
AROUND = 12.0
BAND = 18.0  # over the members, for the mode


class ClusterItem(QGraphicsPathItem):
    """The dashed outline round a cluster and its members; ties where others lie between."""

    def __init__(self, theme: Theme) -> None:
        """Begin with nothing to show."""
        super().__init__()
        self._colour = QColor(theme.replicate)
        pen = QPen(self._colour, 1.4)
        pen.setDashPattern([4, 3])
        self.setPen(pen)
        self.setZValue(CLUSTER_LEVEL)
        self._mode = QGraphicsSimpleTextItem(self)
        self._mode.setFont(LABEL_FONT)
        self._mode.setBrush(self._colour)

    def show_cluster(self, key: str, cluster: Cluster, rects: dict[str, Rect], cards: Obstacles
                     ) -> None:  # fmt: skip
        """Draw what joins the members at their places."""
        members = [name for name in cluster.members if name in rects]
        joined = [*members, key]
        area = _around([rects[name] for name in joined])
        alone = cards.meeting(area) <= set(joined)
        self._mode.setVisible(alone and bool(members))
        if not members:
            self.setPath(QPainterPath())
        elif alone:
            self._outline(area, cluster.mode)
        else:
            self.setBrush(Qt.BrushStyle.NoBrush)
            self.setPath(_ties(rects[key], [rects[name] for name in members]))

    def _outline(self, area: Box, mode: str) -> None:
        ground = QColor(self._colour)
        ground.setAlpha(14)
        self.setBrush(ground)
        rect = QRectF(area.left, area.top, area.right - area.left, area.bottom - area.top)
        self.setPath(rounded(rect, 14))
        self._mode.setText(mode)
        self._mode.setPos(area.left + 12, area.top + 3)


def _around(rects: list[Rect]) -> Box:
    return Box(
        min(x for x, _, _, _ in rects) - AROUND,
        min(y for _, y, _, _ in rects) - AROUND - BAND / 2,
        max(x + width for x, _, width, _ in rects) + AROUND,
        max(y + height for _, y, _, height in rects) + AROUND,
    )


def _ties(card: Rect, members: list[Rect]) -> QPainterPath:
    """Straight ties from the card of the cluster to its members, under everything else."""
    path = QPainterPath()
    x, y = card[0] + card[2] / 2, card[1] + card[3] / 2
    for left, top, width, height in members:
        path.moveTo(x, y)
        path.lineTo(left + width / 2, top + height / 2)
    return path
