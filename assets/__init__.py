"""Icons, as a package so that they ship in the wheel."""

from pathlib import Path

ICONS = Path(__file__).with_name("icons")  # a wheel is always unpacked


def icon(name: str) -> bytes:
    """Return the text of an icon.

    Raises:
        FileNotFoundError: there is no icon of this name.
    """
    return (ICONS / f"{name}.svg").read_bytes()


def icon_names() -> frozenset[str]:
    """Return the names of all icons."""
    return frozenset(path.stem for path in ICONS.glob("*.svg"))
