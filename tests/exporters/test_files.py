"""An export reaches a folder whole or not at all."""

import ctypes
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters import files as module
from exporters.errors import ExportError
from exporters.files import Written, read_private, replace, write
from exporters.manifest import MANIFEST

OLD = {"a.txt": b"old", "secrets/pw": b"secret", "pki/x.key": b"key", "tests/run.sh": b"#!\n"}
NEW = {"a.txt": b"new", "config/b/c.txt": b"deep"}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_new_folder_holds_exactly_the_files(tmp_path: Path) -> None:
    write(OLD, tmp_path / "deep" / "out")
    assert content(tmp_path / "deep" / "out") == OLD


def test_a_second_export_replaces_what_the_first_wrote(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == NEW


def test_a_folder_of_other_files_is_refused_by_name_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    mine = {f"{number}.txt": b"mine" for number in range(4)}
    for name, text in mine.items():
        (tmp_path / "out" / name).write_bytes(text)
    with pytest.raises(ExportError, match=r"0\.txt, 1\.txt, 2\.txt, …"):
        write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == mine
    assert write(NEW, tmp_path / "out", force=True) == Written()
    assert content(tmp_path / "out") == NEW | mine


def test_what_a_user_adds_to_an_export_is_asked_about_and_stays(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "mine").mkdir()
    (tmp_path / "out" / "mine" / "note").write_bytes(b"mine")
    (tmp_path / "out" / "empty").mkdir()
    (tmp_path / "out" / "link").symlink_to("/nowhere")
    with pytest.raises(ExportError, match=r"no export wrote \(empty, link, mine/note\)"):
        write(NEW, tmp_path / "out")
    assert write(NEW, tmp_path / "out", force=True) == Written()
    assert content(tmp_path / "out") == NEW | {"mine/note": b"mine"}
    assert (tmp_path / "out" / "empty").is_dir()
    assert (tmp_path / "out" / "link").readlink() == Path("/nowhere")


def test_what_a_user_has_changed_stays_where_the_export_is_as_before(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "a.txt").write_bytes(b"mine")
    for _ in range(2):  # and is still known as changed at the third export
        assert write(OLD, tmp_path / "out") == Written(kept=("a.txt",))
        assert content(tmp_path / "out") == OLD | {"a.txt": b"mine"}


def test_a_file_that_is_changed_on_both_sides_is_put_aside_by_force_alone(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "a.txt").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"changed what this export changes as well \(a\.txt\)"):
        write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == OLD | {"a.txt": b"mine"}

    assert write(NEW, tmp_path / "out", force=True) == Written(aside=("a.txt.yours",))
    assert content(tmp_path / "out") == NEW | {"a.txt.yours": b"mine"}

    assert write(NEW, tmp_path / "out") == Written()  # what was put aside is in nobody's way
    (tmp_path / "out" / "a.txt").write_bytes(b"mine too")
    assert write(OLD, tmp_path / "out", force=True) == Written(aside=("a.txt.yours-2",))
    mine = {"a.txt.yours": b"mine", "a.txt.yours-2": b"mine too"}
    assert content(tmp_path / "out") == OLD | mine


def test_a_user_who_writes_what_the_export_writes_is_in_nobodys_way(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "a.txt").write_bytes(NEW["a.txt"])
    assert write(NEW, tmp_path / "out") == Written()
    assert content(tmp_path / "out") == NEW


def test_a_changed_file_that_the_export_no_longer_has_stays(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "tests" / "run.sh").write_bytes(b"mine")
    assert write(NEW, tmp_path / "out") == Written()
    assert content(tmp_path / "out") == NEW | {"tests/run.sh": b"mine"}


def test_a_link_in_the_place_of_a_file_of_the_export_stays(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "a.txt").unlink()
    (tmp_path / "out" / "a.txt").symlink_to("/nowhere")
    assert write(OLD, tmp_path / "out") == Written(kept=("a.txt",))
    assert (tmp_path / "out" / "a.txt").readlink() == Path("/nowhere")


def test_a_file_where_the_export_has_a_folder_is_put_aside(tmp_path: Path) -> None:
    write({"a.txt": b"old"}, tmp_path / "out")
    (tmp_path / "out" / "config").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"no export wrote \(config\)"):
        write(NEW, tmp_path / "out")
    write(NEW, tmp_path / "out", force=True)
    assert content(tmp_path / "out") == NEW | {"config.yours": b"mine"}


def test_a_link_where_the_export_has_a_folder_is_put_aside(tmp_path: Path) -> None:
    write({"a.txt": b"old"}, tmp_path / "out")
    (tmp_path / "out" / "config").symlink_to("elsewhere")
    assert write(NEW, tmp_path / "out", force=True) == Written(aside=("config.yours",))
    assert (tmp_path / "out" / "config.yours").readlink() == Path("elsewhere")
    assert content(tmp_path / "out") == NEW


def test_an_empty_folder_where_the_export_has_one_is_in_nobodys_way(tmp_path: Path) -> None:
    write({"a.txt": b"old"}, tmp_path / "out")
    (tmp_path / "out" / "config").mkdir()
    assert write(NEW, tmp_path / "out", force=True) == Written()
    assert content(tmp_path / "out") == NEW


@pytest.mark.parametrize("name", ["a.txt", MANIFEST])
def test_a_folder_where_the_export_has_a_file_is_put_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / name / "mine").write_bytes(b"mine")
    assert write(NEW, tmp_path / "out", force=True).aside == (f"{name}.yours/mine",)
    assert (tmp_path / "out" / f"{name}.yours" / "mine").read_bytes() == b"mine"
    assert content(tmp_path / "out")["a.txt"] == NEW["a.txt"]


def test_folders_of_the_user_keep_their_modes(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "mine").mkdir(mode=0o700)
    (tmp_path / "out" / "mine" / "key").write_bytes(b"mine")
    write(NEW, tmp_path / "out", force=True)
    assert mode(tmp_path / "out" / "mine") == 0o700


def test_a_folder_beside_it_that_no_export_wrote_is_not_taken_for_what_a_kill_left(
    tmp_path: Path,
) -> None:
    (tmp_path / ".out.old").mkdir()
    (tmp_path / ".out.old" / "mine").write_bytes(b"mine")
    write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == NEW
    assert (tmp_path / ".out.old" / "mine").read_bytes() == b"mine"


def test_the_manifest_is_one_that_sha256sum_checks(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    check = ["sha256sum", "--check", "--strict", MANIFEST]
    assert subprocess.run(check, cwd=tmp_path / "out", check=False).returncode == 0


def test_a_failure_half_way_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    with pytest.raises(OSError, match="name too long"):
        write(NEW | {"z" * 300: b"no system has such a name"}, tmp_path / "out")
    assert content(tmp_path / "out") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


KILLED = """
import os, signal, sys
from pathlib import Path
from exporters.files import write

class Killer(bytes):
    pass

class Files(dict):
    def items(self):
        for number, pair in enumerate(super().items()):
            if number == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            yield pair

write(Files({str(n): b"new" for n in range(9)}), Path(sys.argv[1]))
"""


def test_a_kill_half_way_leaves_the_old_folder_whole(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "out")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert content(tmp_path / "out") == OLD
    (left,) = (path for path in tmp_path.iterdir() if path.name != "out")
    left.rename(tmp_path / f".out.new-{os.getppid()}-x")  # as if it were still being filled
    (tmp_path / ".out.new-0x").mkdir()  # of somebody else
    write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == NEW
    assert len(list(tmp_path.iterdir())) == 3

    (tmp_path / f".out.new-{os.getppid()}-x").rename(left)
    write(NEW, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".out.new-0x", "out"]


def test_what_runs_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._runs(os.getpid())
    assert module._runs(2**80)  # no system has such a number: better left alone
    monkeypatch.setattr(os, "name", "nt")
    assert module._runs(1)


def test_a_system_without_an_exchange_of_names_swaps_in_two_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(OLD, tmp_path / "out")
    monkeypatch.setattr(ctypes, "CDLL", object)
    monkeypatch.delattr(os, "O_DIRECTORY")
    write(NEW, tmp_path / "out")
    assert content(tmp_path / "out") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_kill_between_the_two_steps_is_repaired_by_the_next_export(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / ".out.old")
    (tmp_path / ".out.old" / "mine").write_bytes(b"mine")
    write(NEW, tmp_path / "out", force=True)
    assert content(tmp_path / "out") == NEW | {"mine": b"mine"}


PRIVATE = {"pki/ca.crt": b"old", "compose.yaml": b"{}"}
RENEWED = {"pki/ca.crt": b"new"}


def test_a_renewal_killed_between_its_steps_is_repaired_by_the_next(tmp_path: Path) -> None:
    write(PRIVATE, tmp_path / "out")
    (tmp_path / "out/pki").rename(tmp_path / "out/.pki.old")
    assert read_private(tmp_path / "out") == {"pki/ca.crt": "old"}
    replace(RENEWED, tmp_path / "out", "pki")
    assert read_private(tmp_path / "out") == {"pki/ca.crt": "new"}
    assert not (tmp_path / "out/.pki.old").exists()


def test_a_renewal_killed_between_its_steps_is_repaired_by_the_next_export(tmp_path: Path) -> None:
    write(PRIVATE, tmp_path / "out")
    (tmp_path / "out/pki").rename(tmp_path / "out/.pki.old")
    write(PRIVATE, tmp_path / "out")
    assert content(tmp_path / "out") == PRIVATE


def test_a_renewal_killed_after_its_steps_leaves_no_key_aside(tmp_path: Path) -> None:
    write(PRIVATE, tmp_path / "out")
    shutil.copytree(tmp_path / "out/pki", tmp_path / "out/.pki.old")
    write(PRIVATE, tmp_path / "out")
    assert content(tmp_path / "out") == PRIVATE


def test_a_folder_aside_that_no_export_wrote_is_left_alone(tmp_path: Path) -> None:
    write(PRIVATE, tmp_path / "out")
    (tmp_path / "out/.pki.old").mkdir()
    (tmp_path / "out/.pki.old/ca.crt").write_bytes(b"mine")
    (tmp_path / "out/.secrets.old").symlink_to(tmp_path / "out/pki")
    replace(RENEWED, tmp_path / "out", "pki")
    assert (tmp_path / "out/.pki.old/ca.crt").read_bytes() == b"mine"
    assert (tmp_path / "out/.secrets.old").is_symlink()


def test_a_swap_that_fails_puts_the_old_folder_back(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    with pytest.raises(FileNotFoundError):
        module._swap_in_two_steps(tmp_path / "absent", tmp_path / "out")
    assert content(tmp_path / "out") == OLD


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(OLD | {"config/db/20-roles.sh": b"#!\n"}, tmp_path / "out")
    finally:
        os.umask(before)
    out = tmp_path / "out"
    modes = {path.relative_to(out).as_posix(): mode(path) for path in (out, *out.rglob("*"))}
    assert modes == {
        ".": 0o755, MANIFEST: 0o644, "a.txt": 0o644, "secrets": 0o700, "secrets/pw": 0o644,
        "pki": 0o700, "pki/x.key": 0o600, "tests": 0o755, "tests/run.sh": 0o755,
        "config": 0o755, "config/db": 0o755, "config/db/20-roles.sh": 0o644,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a/../../x", "a//b", "./a", "", "a\\b", "a\nb", "C:x", "a/"]
)
def test_no_path_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(ExportError, match="this path"):
        write({path: b""}, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=30))
def test_a_path_is_refused_or_stays_inside(path: str) -> None:
    try:
        safe = module._safe(path)
    except ExportError:
        return
    assert not safe.is_absolute()
    assert ".." not in safe.parts


def test_a_link_in_the_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ExportError, match="is no folder"):
        write(NEW, tmp_path / "out")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(ExportError, match="is no folder"):
        write(NEW, tmp_path / "out", force=True)


def test_a_manifest_that_is_a_link_makes_every_file_foreign(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "list").write_text("a.txt\n")
    (tmp_path / "out" / MANIFEST).unlink()
    (tmp_path / "out" / MANIFEST).symlink_to(tmp_path / "list")
    with pytest.raises(ExportError, match="no export wrote"):
        write(NEW, tmp_path / "out")


def test_only_real_private_text_files_are_read_back(tmp_path: Path) -> None:
    write(OLD, tmp_path / "out")
    (tmp_path / "out" / "secrets" / "link").symlink_to("/etc/hostname")
    (tmp_path / "out" / "secrets" / "binary").write_bytes(b"\xff\xfe")
    assert read_private(tmp_path / "out") == {"secrets/pw": "secret", "pki/x.key": "key"}


def test_a_folder_of_secrets_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "pw").write_text("x")
    (tmp_path / "secrets").symlink_to("real")
    assert read_private(tmp_path) == {}
