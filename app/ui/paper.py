"""A write-up on paper: a PDF of the drawing, as vectors, and of the text, page by page."""

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPointF, QRectF, QSizeF, Qt, QUuid
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextDocument,
)

from app.model.design import Design
from app.ui.picture import shown, timeless
from app.ui.theme import ui_font

DOTS_PER_INCH = 96
MARGIN = 18.0  # millimetres
FOOT = 30.0  # pixels below the text, for the number of the page
_STYLE = """
body { font-size: 10pt; color: #1b1f24; }
h1 { font-size: 20pt; }
h2 { font-size: 15pt; margin-top: 22px; }
h3 { font-size: 12pt; margin-top: 14px; }
p { margin-top: 5px; margin-bottom: 5px; line-height: 130%; }
li { margin-bottom: 4px; line-height: 130%; }
td, th { padding: 3px 10px 3px 0; font-size: 8.5pt; text-align: left; }
th { color: #59636e; }
a { color: #1b1f24; text-decoration: none; }
"""


def write(design: Design, html: str) -> bytes:
    """Return a PDF of a write-up in the HTML of `app.report.html.paper`.

    The drawing has a page of its own at the end, upright or lying as it fits better; text can be
    selected in both.
    """
    scene, area = shown(design)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageLayout(_layout(QPageLayout.Orientation.Portrait))
    writer.setTitle(design.name)
    writer.setCreator("Loadpath")
    writer.setDocumentId(QUuid.createUuidV5(QUuid(), html.encode()))
    painter = QPainter(writer)
    page = QRectF(QPointF(), QSizeF(writer.width(), writer.height()))
    _print(painter, writer, html, page.adjusted(0, 0, 0, -FOOT))
    wide = area.width() > area.height()
    sides = QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait
    writer.setPageLayout(_layout(sides))
    writer.newPage()
    room = QRectF(QPointF(), QSizeF(writer.width(), writer.height()))
    scene.render(painter, _fitted(area, room), area)
    painter.end()
    return timeless(bytes(buffer.data().data()))


def _layout(orientation: QPageLayout.Orientation) -> QPageLayout:
    margins = QMarginsF(MARGIN, MARGIN, MARGIN, MARGIN)
    paper = QPageSize(QPageSize.PageSizeId.A4)
    return QPageLayout(paper, orientation, margins, QPageLayout.Unit.Millimeter)


def _print(painter: QPainter, writer: QPdfWriter, html: str, page: QRectF) -> None:
    """Print the text, with the number of each page at its foot."""
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setDocumentMargin(0)
    document.setDefaultFont(ui_font(13))
    document.setDefaultStyleSheet(_STYLE)
    document.setHtml(html)
    document.setPageSize(page.size())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * page.height())
        context.clip = QRectF(0, number * page.height(), page.width(), page.height())
        painter.setClipRect(context.clip)
        document.documentLayout().draw(painter, context)
        painter.restore()
        foot = QRectF(0, page.height(), page.width(), FOOT)
        painter.drawText(
            foot, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, str(number + 1)
        )


def _fitted(area: QRectF, room: QRectF) -> QRectF:
    """Return where a drawing goes on a page: in its middle, as large as fits, not above 100 %."""
    scale = min(1.0, room.width() / area.width(), room.height() / area.height())
    found = QRectF(QPointF(), area.size() * scale)
    found.moveCenter(room.center())
    return found
