"""`loadpath renew`: new certificates in the place of old ones, and nothing else."""

from pathlib import Path

import pytest

from exporters import files, manifest
from exporters.compose import export
from exporters.errors import ExportError
from exporters.files import read_private, write
from tests.cli.conftest import Run
from tests.exporters.projects import DESIGNS


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An exported project with certificates."""
    folder = tmp_path / "shop"
    write(export(DESIGNS["secured-and-monitored"]), folder)
    return folder


def test_certificates_are_new_and_everything_else_is_as_it_was(run: Run, project: Path) -> None:
    before = read_private(project)
    (project / "pki" / "mine.txt").write_text("mine")
    said = run("renew", project)
    assert (said.status, said.out) == (0, "")
    assert "new certificates: " in said.err
    assert "new authority" not in said.err
    after = read_private(project)
    changed = {path for path, text in after.items() if before.get(path) != text}
    leafs = {path for path in before if path.startswith("pki/") and "/ca." not in path}
    assert changed == leafs - {"pki/install.sh"} | {"pki/mine.txt"}
    assert (project / "pki").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (project / "pki").glob("*.key")} == {0o600}
    assert (project / "pki" / "install.sh").stat().st_mode & 0o777 == 0o755
    noted = manifest.read(project)
    assert noted
    assert all(noted[path] == manifest.digest_of(project / path) for path in leafs)
    # The next export takes none of them for a change of the user's.
    (project / "pki" / "mine.txt").unlink()
    assert not write(export(DESIGNS["secured-and-monitored"], secrets=after), project).kept
    assert not [path.name for path in project.iterdir() if ".new" in path.name]


def test_without_the_key_of_the_authority_a_new_one_begins(run: Run, project: Path) -> None:
    (project / "pki" / "ca.key").unlink()
    said = run("renew", project)
    assert said.status == 0
    assert f"a new authority has signed them: import {project / 'pki' / 'ca.crt'} again" in said.err


def test_what_is_no_project_is_refused(run: Run, project: Path, tmp_path: Path) -> None:
    said = run("renew", tmp_path)
    assert (said.status, said.err) == (2, f"loadpath: {tmp_path}: no certificates are in pki\n")
    (project / ".loadpath-files").unlink()
    said = run("renew", project)
    assert said.status == 2
    assert "holds no exported project with a folder pki" in said.err
    with pytest.raises(ExportError, match="with a folder other"):
        files.replace({}, project, "other")


def test_a_full_disk_leaves_the_old_certificates(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_private(project)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_file", full)
    said = run("renew", project)
    assert (said.status, said.err) == (
        2, f"loadpath: {project}: cannot be written: No space left on device\n",
    )  # fmt: skip
    assert read_private(project) == before
