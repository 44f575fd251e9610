"""The product's vector icons in any colour and size."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

import assets


@cache
def renderer(name: str, colour: str) -> QSvgRenderer:
    """Return the renderer of `assets/icons/NAME.svg` with its strokes in a colour (#rrggbb).

    Raises:
        FileNotFoundError: there is no such icon.
    """
    return QSvgRenderer(QByteArray(svg(name).replace(b"currentColor", colour.encode())))


@cache
def svg(name: str) -> bytes:
    """Return the text of an icon; its strokes are in `currentColor`."""
    return assets.icon(name)


@cache
def pixmap(name: str, colour: str, size: int | tuple[int, int], ratio: float) -> QPixmap:
    """Return an icon as a pixmap: `size` in pixels at 100 %, `ratio` device pixels to one."""
    width, height = (size, size) if isinstance(size, int) else size
    found = QPixmap(round(width * ratio), round(height * ratio))
    found.setDevicePixelRatio(ratio)
    found.fill(Qt.GlobalColor.transparent)
    painter = QPainter(found)
    renderer(name, colour).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return found


@cache
def icon(name: str, colour: str) -> QIcon:
    """Return an icon for buttons, menus and lists, sharp up to 250 %."""
    found = QIcon()
    for size in (16, 20, 24, 32, 40, 64):
        found.addPixmap(pixmap(name, colour, size, 1.0))
    return found
