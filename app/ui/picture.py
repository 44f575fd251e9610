"""A picture of the canvas: the whole design or a selection, as SVG, PDF or PNG, without a window.

It is the canvas' own scene, drawn in vector mode, so that a picture shows what the window shows,
whatever the zoom; always light unless another theme is asked for.
"""

import os
import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Literal, NamedTuple

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QRectF, QSize, QSizeF, QUuid
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.ui.canvas.scene import Scene
from app.ui.theme import LIGHT, Theme

Format = Literal["svg", "pdf", "png"]
FORMATS: tuple[Format, ...] = ("svg", "pdf", "png")
MARGIN = 24.0
SCALES = range(1, 5)
MOST_PIXELS = 16_000  # of one side of a PNG; beyond that it is scaled down
DOTS_PER_INCH = 96  # of a canvas at 100 %: one pixel is 1/96 inch, as in CSS


def draw(
    design: Design,
    file_format: Format,
    *,
    scale: int = 1,
    ids: Iterable[str] | None = None,
    theme: Theme = LIGHT,
    tell: Callable[[str], None] = lambda _: None,
    linked: bool = False,
) -> bytes:
    """Return the picture of a design, or of the components with these ids, as one file.

    `scale` multiplies the pixels of a PNG, 1 to 4; the other formats have no pixels. `tell` hears
    in a sentence that a picture had to be smaller than was asked for. With `linked`, each part of
    an SVG leads to `#part-ID`, for a page that tells of the parts.

    Raises:
        ValueError: the scale is out of range, or there is not enough memory for a PNG.
    """
    if scale not in SCALES:
        message = f"scale: {scale} is not between {SCALES.start} and {SCALES.stop - 1}"
        raise ValueError(message)
    scene, area = shown(design if ids is None else edits.extract(design, ids), theme)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    _WRITERS[file_format](scene, area, buffer, _Pixels(scale, tell))
    content = bytes(buffer.data().data())
    if file_format == "pdf":
        return timeless(content)
    return _linked(content, scene.design, area) if linked else content


def shown(design: Design, theme: Theme = LIGHT) -> tuple[Scene, QRectF]:
    """Return the canvas of a design in vector mode, and what to show of it: all, with a margin."""
    _need_application()
    scene = Scene(theme, vector=True)
    scene.show(None, design)
    area = scene.itemsBoundingRect()
    if area.isEmpty():
        area = QRectF(0, 0, 2 * MARGIN, 2 * MARGIN)
    return scene, QRectF(area.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).toAlignedRect())


def _linked(svg: bytes, design: Design, area: QRectF) -> bytes:
    """Lay a link over each part, the inner parts over the containers around them."""
    depth = {key: len([*design.ancestors(key)]) for key in design.components}
    links = []
    for key in sorted(depth, key=lambda key: (depth[key], key)):
        x, y, width, height = bounds(design, key)
        links.append(
            f'<a href="#part-{key}"><rect x="{x - area.x():g}" y="{y - area.y():g}" '
            f'width="{width:g}" height="{height:g}" fill="#1f5fbf" fill-opacity="0" '
            f'stroke="none"><title>{escape(design.components[key].name)}</title></rect></a>'
        )
    return svg.replace(b"</svg>", "\n".join((*links, "</svg>")).encode())


def _need_application() -> None:
    """Fonts and pixmaps need an application; without a window one that shows nothing will do."""
    global _application  # noqa: PLW0603  # Qt wants it kept alive as long as the process
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # a display that does not answer ends Qt
        _application = QApplication(["loadpath"])


_application: QApplication | None = None


class _Pixels(NamedTuple):
    scale: float
    tell: Callable[[str], None]

    def fitting(self, area: QRectF) -> float:
        """Return how many pixels one of the canvas gets: fewer than asked for where it is large."""
        largest = MOST_PIXELS / max(area.width(), area.height())
        if self.scale > largest:
            self.tell(
                f"the picture is scaled by {largest:.2f} instead of {self.scale:g}: a PNG has at "
                f"most {MOST_PIXELS:,} pixels on a side"
            )
        return min(self.scale, largest)


def _svg(scene: Scene, area: QRectF, buffer: QBuffer, _pixels: _Pixels) -> None:
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.SvgTiny12)
    generator.setOutputDevice(buffer)
    generator.setResolution(DOTS_PER_INCH)
    generator.setSize(area.size().toSize())
    generator.setViewBox(QRect(0, 0, round(area.width()), round(area.height())))
    generator.setTitle("Loadpath design")
    _paint(scene, area, QPainter(generator))


def _pdf(scene: Scene, area: QRectF, buffer: QBuffer, _pixels: _Pixels) -> None:
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)
    points = 72 / DOTS_PER_INCH
    size = QSizeF(area.width() * points, area.height() * points)
    writer.setPageSize(
        QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    )
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setCreator("Loadpath")
    design = scene.design
    tables = (design.components, design.links, design.layout)
    drawn = "".join(repr(sorted(table.items())) for table in tables)
    writer.setDocumentId(QUuid.createUuidV5(QUuid(), drawn.encode()))
    _paint(scene, area, QPainter(writer))


def timeless(pdf: bytes) -> bytes:
    """Set the clock of a PDF to a fixed moment, so that the same design is the same file.

    The dates keep their length: the cross-reference table holds positions (ISO 32000-1, 7.5.4).
    """
    pdf = re.sub(rb"(?<=Date \(D:)\d{14}", b"20000101000000", pdf)
    return re.sub(rb'(?<=Date=")[\d-]{10}T[\d:]{8}', b"2000-01-01T00:00:00", pdf)


def _png(scene: Scene, area: QRectF, buffer: QBuffer, pixels: _Pixels) -> None:
    factor = pixels.fitting(area)
    size = QSize(round(area.width() * factor), round(area.height() * factor))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        message = f"a PNG of {size.width()} × {size.height()} pixels does not fit into memory"
        raise ValueError(message)
    image.fill(QColor(scene.theme.background))
    painter = QPainter(image)
    painter.scale(factor, factor)
    _paint(scene, area, painter)
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]  # the stubs know no devices
        message = f"a PNG of {size.width()} × {size.height()} pixels could not be written"
        raise ValueError(message)


_WRITERS = {"svg": _svg, "pdf": _pdf, "png": _png}


def _paint(scene: Scene, area: QRectF, painter: QPainter) -> None:
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing
        | QPainter.RenderHint.TextAntialiasing
        | QPainter.RenderHint.SmoothPixmapTransform
    )
    target = QRectF(0, 0, area.width(), area.height())
    painter.fillRect(target, QColor(scene.theme.background))
    scene.render(painter, target, area)
    painter.end()
