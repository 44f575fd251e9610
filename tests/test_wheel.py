"""The wheel installs into an empty environment and works from any folder."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from app.model import kinds

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "exporters", "assets", "sample_designs")
SAMPLES = (
    "distributed-web-infrastructure",
    "scale-up",
    "secured-and-monitored",
    "simple-web-stack",
    "two-of-everything",
)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel and its dependencies.

    The dependencies are those of the environment that runs the tests, so nothing is fetched.
    The checkout itself is not on the path: the `.pth` file of a folder that was added by a
    `.pth` file is not read.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=os.name != "nt")
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    python = folder / Path(sys.executable).name
    where = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", scheme="venv", vars=where))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run(
        [*install, "--no-deps", "--no-index", "--force-reinstall", str(wheel)],
        check=True,
        capture_output=True,
    )
    return folder


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_the_wheel_carries_every_file_of_its_packages(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert expected - inside == set()


def test_the_wheel_carries_icons_samples_and_templates(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    icons = {f"assets/icons/{kind}.svg" for kind in kinds.KINDS}
    samples = {f"sample_designs/{name}.loadpath.json" for name in SAMPLES}
    assert (icons | samples) - set(inside) == set()
    assert [name for name in inside if name.startswith("exporters/") and name.endswith(".j2")]


def test_the_wheel_carries_no_tests_and_the_licence(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in inside}
    assert tops == {*PACKAGES, next(top for top in tops if top.endswith(".dist-info"))}
    assert [name for name in inside if name.endswith("/licenses/LICENSE")]


def test_the_installed_command_runs_from_another_folder(programs: Path, tmp_path: Path) -> None:
    where = run(
        programs / "python",
        "-c",
        "import app, exporters; print(app.__file__, exporters.__file__)",
        folder=tmp_path,
    )
    assert str(ROOT / "app") not in where.stdout
    assert where.stdout.count("site-packages") == 2

    helped = run(programs / "loadpath", "--help", folder=tmp_path)
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "check" in helped.stdout

    listed = run(programs / "loadpath", "kinds", folder=tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert [kind for kind in kinds.KINDS if kind not in listed.stdout] == []


def test_a_sample_of_the_wheel_is_checked_and_exported(programs: Path, tmp_path: Path) -> None:
    design = "mine.loadpath.json"
    new = run(programs / "loadpath", "new", SAMPLES[0], "-o", design, folder=tmp_path)
    assert new.returncode == 0, new.stderr
    checked = run(programs / "loadpath", "check", design, "--fail-on", "never", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr
    exported = run(
        programs / "loadpath", "export", "compose", design, "-o", "mine", folder=tmp_path
    )
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "mine" / "compose.yaml").is_file()
