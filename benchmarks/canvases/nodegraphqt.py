"""The canvas of NodeGraphQt, driven through its public interface."""

import importlib
from typing import Any

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QGraphicsView, QWidget

_peer: Any = importlib.import_module("NodeGraphQt")


class _Box(_peer.BaseNode):  # type: ignore[misc]  # the peer carries no types
    """A node with one port on either side."""

    __identifier__ = "benchmarks"
    NODE_NAME = "box"

    def __init__(self) -> None:
        super().__init__()
        self.add_input("in", multi_input=True)
        self.add_output("out", multi_output=True)


class NodeGraphQtCanvas:
    """A graph of plain nodes: the cards of the drawing and its links, no containers."""

    def __init__(self, drawing: dict[str, Any]) -> None:
        """Take the drawing."""
        self._drawing = drawing

    def build(self) -> None:
        """Make a node for each card and a pipe for each link, nothing of it undoable."""
        self._graph = _peer.NodeGraph()
        self._graph.register_node(_Box)
        kind = f"{_Box.__identifier__}.{_Box.__name__}"
        self._nodes = [
            self._graph.create_node(kind, name=name, pos=[x, y], selected=False, push_undo=False)
            for name, x, y in self._drawing["cards"]
        ]
        for source, target in self._drawing["links"]:
            port = self._nodes[target].input(0)
            self._nodes[source].output(0).connect_to(port, push_undo=False)
        self._view: Any = self._graph.viewer()
        off = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._view.setHorizontalScrollBarPolicy(off)
        self._view.setVerticalScrollBarPolicy(off)

    def viewport(self) -> QWidget:
        """Return the widget that paints."""
        view: QGraphicsView = self._view
        return view.viewport()

    def fit_all(self) -> None:
        """Zoom to all nodes."""
        self._view.zoom_to_nodes([node.view for node in self._nodes])

    def actual_size(self, index: int) -> None:
        """Reset the zoom; the viewer then shows its scene range one to one."""
        self._graph.reset_zoom()
        width, height = self._view.width(), self._view.height()
        centre = self._nodes[index].view.sceneBoundingRect().center()
        self._view._scene_range = QRectF(  # noqa: SLF001  # no public way to set what is in view
            centre.x() - width / 2, centre.y() - height / 2, width, height
        )
        self._view._update_scene()  # noqa: SLF001

    def card_point(self, index: int) -> QPoint:
        """Return the middle of a node."""
        centre = self._nodes[index].view.sceneBoundingRect().center()
        point: QPoint = self._view.mapFromScene(centre)
        return point

    def free_point(self) -> QPoint:
        """Return a point with no item under it, from which the middle button pans."""
        spots = (QPoint(x, y) for y in range(930, 500, -17) for x in range(800, 1300, 23))
        return next(at for at in spots if not self._view.items(at))

    def card_position(self, index: int) -> tuple[float, float]:
        """Return where a node lies."""
        at = self._nodes[index].view.scenePos()
        return at.x(), at.y()


make = NodeGraphQtCanvas
