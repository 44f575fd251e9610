"""The one error of the storage."""

LONGEST = 500


class FileError(Exception):
    """A file that cannot be read as a design, or a design that cannot be written to a file.

    `str()` gives one plain sentence, fit to be shown as it is: whatever a hostile file put into
    it, there is no line break and no control character. `where` is the place inside the file,
    such as `components.web-1.port`, and empty where the fault is not in one place.
    """

    def __init__(self, sentence: str, where: str = "") -> None:
        """Join the place and the sentence."""
        self.where = _printable(where)
        super().__init__(_printable(f"{where}: {sentence}" if where else sentence))


def _printable(text: str) -> str:
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in cut)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
