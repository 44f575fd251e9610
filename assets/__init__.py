"""Icons, as a package so that they ship in the wheel."""

from importlib.resources import files


def icon(name: str) -> bytes:
    """Return the text of an icon.

    Raises:
        FileNotFoundError: there is no icon of this name.
    """
    return (files(__name__) / "icons" / f"{name}.svg").read_bytes()


def icon_names() -> frozenset[str]:
    """Return the names of all icons."""
    folder = files(__name__) / "icons"
    return frozenset(
        entry.name.removesuffix(".svg") for entry in folder.iterdir() if entry.name.endswith(".svg")
    )
