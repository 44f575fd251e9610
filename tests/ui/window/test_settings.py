"""What is remembered between two starts."""

from pathlib import Path

from PySide6.QtCore import QSettings

from app.ui import settings as stored
from app.ui.settings import MOST_RECENT, Settings


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    settings = Settings(
        theme="dark",
        history_shown=True,
        palette_shown=False,
        recent=("/a b/c.json", "/d;e,f.json"),
        geometry=b"\x00\xff1",
        splitters=("00ff", "01"),
        name="Ada",
    )
    path = str(tmp_path / "settings.ini")

    stored.save(QSettings(path, QSettings.Format.IniFormat), settings)

    assert stored.load(QSettings(path, QSettings.Format.IniFormat)) == settings


def test_one_recent_file_is_still_a_list(tmp_path: Path) -> None:
    path = str(tmp_path / "settings.ini")
    stored.save(QSettings(path, QSettings.Format.IniFormat), Settings(recent=("/one.json",)))

    assert stored.load(QSettings(path, QSettings.Format.IniFormat)).recent == ("/one.json",)


def test_damaged_settings_have_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    path.write_text(
        "[General]\ntheme=purple\npalette_shown=perhaps\ngeometry=7\nrecent=@Invalid()\n"
    )

    found = stored.load(QSettings(str(path), QSettings.Format.IniFormat))

    assert found.theme == "system"
    assert found.geometry == b""
    assert found.recent == ()


def test_the_list_of_recent_files_has_an_end_and_no_doubles() -> None:
    settings = Settings()
    for number in range(MOST_RECENT + 5):
        settings = settings.opened(Path(f"/{number}.json"))
    settings = settings.opened(Path("/9.json"))

    assert settings.recent[0] == "/9.json"
    assert len(settings.recent) == MOST_RECENT
    assert len(set(settings.recent)) == MOST_RECENT
