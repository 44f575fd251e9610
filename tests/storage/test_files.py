"""Designs on disk: opened without a trace, saved whole or not at all."""

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.model import edits
from app.model.design import Design
from app.storage import codec, files
from app.storage.codec import dump
from app.storage.errors import FileError
from app.storage.files import open_design, open_for_editing, save_design, state_folder

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
needs_permissions = pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")


@pytest.fixture
def shop() -> Design:
    """A small design."""
    return edits.add(Design(name="Shop"), "web_server")[0]


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def test_what_is_saved_is_opened_again(tmp_path: Path, shop: Design) -> None:
    save_design(tmp_path / "shop.loadpath.json", shop)
    assert open_design(tmp_path / "shop.loadpath.json") == shop
    assert names(tmp_path) == ["shop.loadpath.json"]


def test_after_opening_for_editing_a_save_encodes_only_what_has_changed(
    tmp_path: Path, shop: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.loadpath.json"
    save_design(path, edits.add(shop, "cache")[0])
    encoded: list[str] = []
    lines = codec._lines
    opened = open_for_editing(path)

    def watched(keys: list[str], table: Mapping[str, object]) -> list[bytes]:
        encoded.extend(keys)
        return lines(keys, table)

    monkeypatch.setattr(codec, "_lines", watched)

    save_design(path, edits.set_fields(opened, "cache-1", name="Sessions"))

    assert encoded == ["cache-1"]
    assert open_design(path).components["cache-1"].name == "Sessions"


def test_opening_does_not_touch_the_file(tmp_path: Path, shop: Design) -> None:
    path = tmp_path / "shop.loadpath.json"
    save_design(path, shop)
    os.utime(path, (1, 1))
    path.chmod(0o444)
    open_design(path)
    assert path.stat().st_mtime == 1
    assert path.read_bytes() == dump(shop)


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 100, b'{"format": "loadpath design"}'])
def test_a_file_that_cannot_be_opened_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.loadpath.json"
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"^bad\.loadpath\.json: "):
        open_design(path)
    assert path.read_bytes() == content


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"^no\.json: cannot be read: no such file or directory\.$"):
        open_design(tmp_path / "no.json")


def test_a_folder_is_no_design(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="This is a folder"):
        open_design(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="This is no regular file"):
        open_design(tmp_path / "pipe")


def test_a_file_of_65_megabytes_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    with path.open("wb") as file:
        file.truncate(10 << 30)  # a hole: it takes no room on the disk
    with pytest.raises(FileError, match="larger than 64 MB"):
        open_design(path)


def test_saving_keeps_the_permissions_of_the_file(tmp_path: Path, shop: Design) -> None:
    path = tmp_path / "shop.loadpath.json"
    path.write_text("old")
    path.chmod(0o640)
    save_design(path, shop)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_gets_the_usual_permissions(tmp_path: Path, shop: Design) -> None:
    (tmp_path / "usual").touch()
    save_design(tmp_path / "new.json", shop)
    assert (tmp_path / "new.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_saving_through_a_link_writes_the_file_behind_it(tmp_path: Path, shop: Design) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "shop.json")
    save_design(link, shop)
    assert link.is_symlink()
    assert open_design(tmp_path / "real" / "shop.json") == shop


def test_a_link_to_itself_is_refused(tmp_path: Path, shop: Design) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(FileError, match=r"^loop: cannot be saved: "):
        save_design(tmp_path / "loop", shop)


def test_a_folder_is_not_written_over(tmp_path: Path, shop: Design) -> None:
    with pytest.raises(FileError, match="cannot be saved: it is no regular file"):
        save_design(tmp_path, shop)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, shop: Design) -> None:
    with pytest.raises(FileError, match=r"^x\.json: cannot be saved: no such file or directory"):
        save_design(tmp_path / "nowhere" / "x.json", shop)


def test_a_name_that_is_too_long_is_refused(tmp_path: Path, shop: Design) -> None:
    with pytest.raises(FileError, match="cannot be saved: file name too long"):
        save_design(tmp_path / ("x" * 300), shop)
    assert names(tmp_path) == []


@needs_permissions
def test_a_folder_that_is_read_only_is_named(tmp_path: Path, shop: Design) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    with pytest.raises(FileError, match="cannot be saved: permission denied"):
        save_design(folder / "x.json", shop)


def test_a_file_that_is_read_only_is_not_replaced(
    tmp_path: Path, shop: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.json"
    path.write_text("old")
    path.chmod(0o444)
    # For root every file is writable, so the answer of the system is given here.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileError, match="cannot be saved: the file is read-only"):
        save_design(path, shop)
    assert path.read_text() == "old"


def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, shop: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.json"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"cannot be saved: no space left on device\.$"):
        save_design(path, shop)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["shop.json"]


def test_a_folder_that_cannot_be_flushed_is_no_fault(
    tmp_path: Path, shop: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def files_only(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        real(handle)

    monkeypatch.setattr(os, "fsync", files_only)
    save_design(tmp_path / "shop.json", shop)
    assert open_design(tmp_path / "shop.json") == shop


def test_an_error_without_a_reason_is_still_told(tmp_path: Path) -> None:
    assert str(files._named(Path("/"), files._reason(OSError("Odd")))) == "/: odd"


def test_the_state_folder_is_the_one_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in state_folder().parents
