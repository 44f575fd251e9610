"""The one error of the exporters."""


class ExportError(Exception):
    """An export that cannot be made; the message is a plain sentence that names the place."""
