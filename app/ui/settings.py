"""What the program remembers between two starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from PySide6.QtCore import QSettings

ThemeChoice = Literal["system", "light", "dark"]
Panel = Literal["palette", "inspector", "findings", "history", "minimap"]
THEMES: tuple[ThemeChoice, ...] = get_args(ThemeChoice)
MOST_RECENT = 10


class Settings(NamedTuple):
    """The settings; sizes are as Qt saves them."""

    theme: ThemeChoice = "system"
    palette_shown: bool = True
    inspector_shown: bool = True
    findings_shown: bool = True
    history_shown: bool = False
    minimap_shown: bool = True
    recent: tuple[str, ...] = ()
    window: str = ""  # its geometry in hexadecimal, as the splitters: bytes would be a pickle
    splitters: tuple[str, ...] = ()
    name: str = ""  # who accepts findings

    def opened(self, path: Path) -> "Settings":
        """Put a file at the top of those opened last."""
        key = str(path)
        rest = [known for known in self.recent if known != key]
        return self._replace(recent=(key, *rest)[:MOST_RECENT])

    def showing(self, panel: Panel, shown: bool) -> "Settings":
        """Show or hide a panel."""
        match panel:
            case "palette":
                return self._replace(palette_shown=shown)
            case "inspector":
                return self._replace(inspector_shown=shown)
            case "findings":
                return self._replace(findings_shown=shown)
            case "history":
                return self._replace(history_shown=shown)
            case "minimap":
                return self._replace(minimap_shown=shown)

    def forgotten(self, path: Path) -> "Settings":
        """Take a file off those opened last, for instance because it is gone."""
        return self._replace(recent=tuple(key for key in self.recent if key != str(path)))


def store() -> QSettings:
    """Return where the settings of this user lie: one file of plain text."""
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "loadpath", "loadpath")


def load(source: QSettings) -> Settings:
    """Read the settings; what is missing or damaged has its default."""
    default = Settings()
    values = {name: _like(value, source.value(name)) for name, value in default._asdict().items()}
    if values["theme"] not in THEMES:
        values["theme"] = default.theme
    return Settings(**values)  # type: ignore[arg-type]  # `_like` keeps the type of the default


def save(target: QSettings, settings: Settings) -> None:
    """Write the settings."""
    for name, value in settings._asdict().items():
        target.setValue(name, list(value) if isinstance(value, tuple) else value)
    target.sync()


def _like(default: object, stored: object) -> object:
    """Return a stored value with the type of the default; the default if it has another."""
    if stored is None:
        return default
    if isinstance(default, bool):
        return str(stored).lower() == "true"
    if isinstance(default, tuple):
        items = [stored] if isinstance(stored, str) else stored
        return tuple(map(str, cast("Iterable[object]", items))) if isinstance(items, list) else ()
    return str(stored)
