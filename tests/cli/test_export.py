"""`loadpath export`: each target, and what it refuses."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from sample_designs import read
from tests.cli.conftest import Run
from tests.exporters.designs import balanced, walled
from tests.exporters.projects import PUBLIC


class Pencil:
    """Draws nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Design, str, dict[str, Any]]] = []

    def __call__(self, design: Design, file_format: str, **options: Any) -> bytes:
        options.pop("tell")
        self.asked.append((design, file_format, options))
        return b"picture"


def test_a_compose_project_is_a_folder_with_the_design_in_it(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    said = run("export", "compose", seed, "-o", folder)
    assert (said.status, said.out) == (0, "")
    assert "note: " in said.err
    assert "docker compose up --wait" in said.err
    assert (folder / "compose.yaml").exists()
    assert open_design(folder / "design.json") == open_design(seed)


def test_the_readme_of_a_project_shows_the_picture_that_the_window_draws(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    folder, pencil = tmp_path / "shop", Pencil()
    assert run("export", "compose", seed, "-o", folder, picture=pencil).status == 0
    assert [(design, form) for design, form, _ in pencil.asked] == [(open_design(seed), "svg")]
    assert (folder / "design.svg").read_bytes() == b"picture"
    assert "](design.svg)" in (folder / "README.md").read_text()


def test_a_project_without_the_libraries_of_the_window_has_no_picture(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    def cannot(*_: object, **__: object) -> bytes:
        raise ImportError

    folder = tmp_path / "shop"
    said = run("export", "compose", seed, "-o", folder, picture=cannot)
    assert said.status == 0
    assert "no picture in its README" in said.err
    assert "design.svg" not in (folder / "README.md").read_text()


def test_a_new_authority_is_told(run: Run, tmp_path: Path) -> None:
    file, folder = tmp_path / "s.loadpath.json", tmp_path / "shop"
    file.write_bytes(read("secured-and-monitored"))
    run("export", "compose", file, "-o", folder)
    assert "new authority signs" not in run("export", "compose", file, "-o", folder).err
    (folder / "pki" / "ca.key").write_text("damaged")
    said = run("export", "compose", file, "-o", folder, "--force")
    assert "a new authority signs the certificates" in said.err


def test_firewalls_are_gateways_unless_an_engine_gives_them_no_rights(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "walled.loadpath.json"
    save_design(file, walled()[0])
    folder, plain = tmp_path / "gateways", tmp_path / "segments"
    assert "note: fwd is a gateway" in run("export", "compose", file, "-o", folder).err
    said = run("export", "compose", file, "-o", plain, "--firewalls", "segments")
    assert "these firewalls become segmentation alone" in said.err
    assert "NET_ADMIN" in (folder / "compose.yaml").read_text()
    assert "NET_ADMIN" not in (plain / "compose.yaml").read_text()


def test_the_certificate_of_a_public_name_comes_by_acme_when_that_is_asked_for(
    run: Run, tmp_path: Path
) -> None:
    file, folder = tmp_path / "site.loadpath.json", tmp_path / "site"
    save_design(file, PUBLIC["acme-caddy"])
    said = run("export", "compose", file, "-o", folder, "--certificates", "acme")
    assert "note: front gets the certificate for www.foobar.com, foobar.com" in said.err
    assert "ACME_DIRECTORY=" in (folder / ".env").read_text()
    save_design(file, balanced("nginx:1.30", tls=True)[0])
    refused = run("export", "compose", file, "-o", tmp_path / "none", "--certificates", "acme")
    assert refused.status == 2
    assert "front: nginx:1.30 gets no certificate by ACME; choose the image" in refused.err
    assert not (tmp_path / "none").exists()


def test_source_folders_lie_beside_the_design_unless_another_place_is_named(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    design = open_design(seed)
    [app, *_] = [key for key, item in design.components.items() if item.kind == "app_server"]
    design = edits.set_fields(design, app, program="folder", source="shop")
    file = tmp_path / "own.loadpath.json"
    save_design(file, design)
    said = run("export", "compose", file, "-o", tmp_path / "project")
    assert said.status == 2
    assert f"there is no folder shop in {tmp_path}" in said.err
    assert not (tmp_path / "project").exists()
    for place in (tmp_path, tmp_path / "elsewhere"):
        (place / "shop").mkdir(parents=True)
        (place / "shop" / "main.py").write_text(f"# {place.name}")
    run("export", "compose", file, "-o", tmp_path / "project")
    run("export", "compose", file, "-o", tmp_path / "other", "--sources", tmp_path / "elsewhere")
    [one] = (tmp_path / "project" / "images").glob("*/main.py")
    [other] = (tmp_path / "other" / "images").glob("*/main.py")
    assert (one.read_text(), other.read_text()) == (f"# {tmp_path.name}", "# elsewhere")


def test_exporting_again_keeps_the_secrets(run: Run, seed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    run("export", "compose", seed, "-o", folder)
    before = {path.name: path.read_bytes() for path in (folder / "secrets").iterdir()}
    assert run("export", "compose", seed, "-o", folder).status == 0
    assert before
    assert {path.name: path.read_bytes() for path in (folder / "secrets").iterdir()} == before


def test_a_folder_with_foreign_files_needs_force(run: Run, seed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    said = run("export", "compose", seed, "-o", folder)
    assert said.status == 2
    assert "thesis.txt" in said.err
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]
    assert run("export", "compose", seed, "-o", folder, "--force").status == 0
    assert (folder / "thesis.txt").read_text() == "mine"


SLOW = """
import sys, time
import exporters.files
from app.__main__ import main

def write(*_):
    print("writing", flush=True)
    time.sleep(60)

exporters.files._write_file = write
sys.exit(main(sys.argv[1:]))
"""


def test_an_export_that_is_asked_to_end_leaves_nothing_behind(seed: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SLOW, "export", "compose", str(seed), "-o", "shop"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as export:
        assert export.stdout is not None
        assert export.stdout.readline() == "writing\n"
        before = {path.name for path in tmp_path.iterdir()}
        export.terminate()
        assert export.wait() == 128 + signal.SIGTERM
    gone = before - {path.name for path in tmp_path.iterdir()}
    assert len(gone) == 1
    assert gone.pop().startswith(".shop.new-")


def test_changes_of_the_user_are_kept_and_told(run: Run, seed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    run("export", "compose", seed, "-o", folder)
    with (folder / ".env").open("a") as stream:
        stream.write("MINE=1\n")
    said = run("export", "compose", seed, "-o", folder)
    assert said.status == 0
    assert "kept as you have changed it: .env" in said.err
    assert (folder / ".env").read_text().endswith("MINE=1\n")


def test_a_change_on_both_sides_stops_the_export_until_it_is_forced(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    run("export", "compose", seed, "-o", folder)
    with (folder / "compose.yaml").open("a") as stream:
        stream.write("# mine\n")
    changed = seed.read_text().replace('"name":"web-1"', '"name":"shop-1"', 1)
    seed.write_text(changed)
    said = run("export", "compose", seed, "-o", folder)
    assert said.status == 2
    assert "(compose.yaml); --force loses none of it" in said.err
    said = run("export", "compose", seed, "-o", folder, "--force")
    assert "yours is now: compose.yaml.yours" in said.err
    assert (folder / "compose.yaml.yours").read_text().endswith("# mine\n")


def test_a_folder_that_cannot_be_made_is_told(run: Run, seed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = run("export", "compose", seed, "-o", tmp_path / "file" / "shop")
    assert said.status == 2
    assert "loadpath: " in said.err


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("a.svg", [], "svg"),
        ("a.PDF", [], "pdf"),
        ("a", [], "svg"),
        ("a.txt", ["--format", "png"], "png"),
    ],
)
def test_the_format_of_a_picture_follows_from_the_ending(
    run: Run, seed: Path, tmp_path: Path, name: str, options: list[str], expected: str
) -> None:
    pencil = Pencil()
    said = run("export", "image", seed, "-o", tmp_path / name, *options, picture=pencil)
    assert said.status == 0
    assert pencil.asked == [(open_design(seed), expected, {"scale": 1, "ids": None})]
    assert (tmp_path / name).read_bytes() == b"picture"


def test_a_picture_may_show_some_parts_and_be_larger(run: Run, seed: Path, tmp_path: Path) -> None:
    pencil = Pencil()
    path = tmp_path / "a.png"
    run("export", "image", seed, "-o", path, "--scale", 2, "--select", "lb,web-1", picture=pencil)
    assert pencil.asked[0][2] == {"scale": 2, "ids": ["lb", "web-1"]}


def test_a_picture_that_is_too_large_is_one_sentence(run: Run, seed: Path, tmp_path: Path) -> None:
    def picture(*_: object, **__: object) -> bytes:
        raise ValueError("a PNG of 9 × 9 pixels does not fit into memory")

    said = run("export", "image", seed, "-o", tmp_path / "a.png", picture=picture)

    assert said.status == 2
    assert said.err == "loadpath: a PNG of 9 × 9 pixels does not fit into memory\n"
    assert not (tmp_path / "a.png").exists()


def test_a_compose_project_does_not_go_to_stdout(
    run: Run, seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("export", "compose", seed, "-o", "-")

    assert said.status == 2
    assert "name one with -o" in said.err
    assert not (tmp_path / "-").exists()


def test_a_picture_goes_to_stdout(run: Run, seed: Path) -> None:
    assert run("export", "image", seed, "-o", "-", picture=Pencil()).out == "picture"


def test_an_unknown_ending_or_part_is_told(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("export", "image", seed, "-o", tmp_path / "a.gif", picture=Pencil())
    assert said.status == 2
    assert "the ending is none of svg, pdf, png; --format decides" in said.err
    said = run("export", "image", seed, "-o", "-", "--select", "nobody", picture=Pencil())
    assert said.status == 2
    assert said.err == "loadpath: there is no component 'nobody'\n"


def test_without_the_window_there_is_no_picture(run: Run, seed: Path) -> None:
    said = run("export", "image", seed, "-o", "-")
    assert said.status == 2
    assert "needs the window's libraries" in said.err


def test_a_drawing_can_be_a_script(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    assert run("export", "diagrams", seed, "-o", path, "--positions", "canvas").status == 0
    compile(path.read_text(), "shop.py", "exec")


def test_mermaid_text_goes_to_stdout(run: Run, seed: Path) -> None:
    said = run("export", "mermaid", seed, "-o", "-")
    assert (said.status, said.out.splitlines()[0]) == (0, "flowchart LR")
