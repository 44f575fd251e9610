"""What is remembered between two starts."""

from pathlib import Path

from PySide6.QtCore import QSettings

from app.ui import settings as stored
from app.ui.document import Document
from app.ui.main_window import MainWindow
from app.ui.recovery import Session
from app.ui.settings import MOST_RECENT, Settings


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    settings = Settings(
        theme="dark",
        history_shown=True,
        palette_shown=False,
        recent=("/a b/c.json", "/d;e,f.json"),
        window="00ff31",
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
    path.write_text("[General]\ntheme=purple\npalette_shown=perhaps\nwindow=7\nrecent=@Invalid()\n")

    found = stored.load(QSettings(str(path), QSettings.Format.IniFormat))

    assert found.theme == "system"
    assert found.window == "7"
    assert found.recent == ()


def test_the_list_of_recent_files_has_an_end_and_no_doubles() -> None:
    settings = Settings()
    for number in range(MOST_RECENT + 5):
        settings = settings.opened(Path(f"/{number}.json"))
    settings = settings.opened(Path("/9.json"))

    assert settings.recent[0] == "/9.json"
    assert len(settings.recent) == MOST_RECENT
    assert len(set(settings.recent)) == MOST_RECENT


def test_nothing_is_stored_as_a_pickle(tmp_path: Path) -> None:
    path = tmp_path / "settings.ini"
    settings = Settings(recent=("/a.json", "/b.json"), window="00ff", splitters=("00", "ff"))
    stored.save(QSettings(str(path), QSettings.Format.IniFormat), settings)

    assert "PyObjectWrapper" not in path.read_text()


def test_the_window_comes_back_with_its_size(window: MainWindow, tmp_path: Path) -> None:
    window.resize(781, 652)
    window.remember_layout()

    other = MainWindow(Document(), window.settings, Session(tmp_path))

    assert other.size() == window.size()
    other.deleteLater()
