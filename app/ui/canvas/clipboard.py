"""Copy and paste: a piece of a design as the text of a design file, across windows."""

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from app.model import edits
from app.model.design import Design
from app.ui.canvas.picking import outermost

FRAGMENT = "application/x-loadpath-fragment"
KIND = "application/x-loadpath-kind"


def put(design: Design, keys: tuple[str, ...]) -> bool:
    """Copy components with what is inside them and their inner links; False if there are none."""
    roots = outermost(design, keys)
    if not roots:
        return False
    from app.storage import codec  # the first paint must not wait for it

    data = codec.dump(edits.extract(design, roots))
    mime = QMimeData()
    mime.setData(FRAGMENT, data)
    mime.setText(data.decode())
    QGuiApplication.clipboard().setMimeData(mime)
    return True


def get() -> Design | None:
    """Return what was copied, or None if the clipboard holds no design."""
    from app.storage import codec
    from app.storage.errors import FileError

    mime = QGuiApplication.clipboard().mimeData()
    if mime is None:  # some platforms have no clipboard, which the stubs do not know
        return None  # type: ignore[unreachable]
    if mime.hasFormat(FRAGMENT):
        data = bytes(mime.data(FRAGMENT).data())
    elif mime.hasText() and mime.text().lstrip().startswith("{"):
        data = mime.text().encode()
    else:
        return None
    try:
        return codec.load(data)
    except FileError:
        return None
