"""What shows that parts form a cluster: a common outline, or ties to each of them."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsSimpleTextItem

from app.model.containers import Cluster
from app.ui.canvas.cards import LABEL_FONT, edge, rounded
from app.ui.canvas.link_item import dotted
from app.ui.canvas.routes import Routes
from app.ui.theme import Theme

CLUSTER_LEVEL = 25.0
DASHES = (4.0, 3.0)
ROOM = 44.0  # right of the mode: titles of containers are on the left, badges on the right


class ClusterItem(QGraphicsPathItem):
    """The dashed outline round a cluster and its members; ties where others lie between."""

    def __init__(self, theme: Theme) -> None:
        """Begin with nothing to show."""
        super().__init__()
        colour, ground = QColor(theme.replicate), QColor(theme.replicate)
        ground.setAlpha(16)
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setBrush(ground)
        self.setZValue(CLUSTER_LEVEL)
        self._line = QGraphicsPathItem(self)
        self._line.setPen(QPen(Qt.PenStyle.NoPen))
        self._line.setBrush(colour)
        self._mode = QGraphicsSimpleTextItem(self)
        self._mode.setFont(LABEL_FONT)
        self._mode.setBrush(colour)

    def show_cluster(self, key: str, cluster: Cluster, routes: Routes) -> None:
        """Draw what joins the members at their places."""
        ties = [f"{key}~{member}" for member in cluster.members]
        apart = any(tie in routes.ties for tie in ties)
        self._mode.setVisible(bool(ties) and not apart)
        self.setPath(QPainterPath())
        self._line.setPath(QPainterPath())
        if apart:
            path = QPainterPath()
            for tie in ties:
                path.addPath(dotted(routes.route(tie), DASHES))
            self._line.setPath(path)
        elif ties:
            box = routes.around((key, *cluster.members))
            area = QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)
            self.setPath(rounded(area, 14))
            self._line.setPath(edge(area, 14, 1.2, DASHES))
            self._mode.setText(cluster.mode)
            width = self._mode.boundingRect().width()
            self._mode.setPos(box.right - width - ROOM, box.top + 3)
