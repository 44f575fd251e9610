"""What the tests of the command line share: a way to call it, and designs in files."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.cli.main import main
from app.model import edits
from app.model.links import Waiver
from app.storage.files import open_design, save_design
from sample_designs import read


class Said(NamedTuple):
    """What a command answered."""

    status: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls the command line as a shell would."""

    def call(*arguments: object, **options: object) -> Said:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments], **options)  # type: ignore[arg-type]  # picture
        return Said(status, *capsys.readouterr())

    return call


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """The design that the exercise asks for: with findings of all severities."""
    path = tmp_path / "seed.loadpath.json"
    path.write_bytes(read("distributed-web-infrastructure"))
    return path


@pytest.fixture
def waived(seed: Path) -> Path:
    """The same with one finding accepted, and one that was accepted until long ago."""
    design = open_design(seed)
    design = edits.waive(design, "SPOF004@lb", Waiver(reason="It is a demo", by="Ada"))
    design = edits.waive(design, "SPOF005@db-1", Waiver(reason="Soon", until="2020-01-31"))
    save_design(seed, design)
    return seed


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A design in which nothing is wrong: there is nothing in it."""
    path = tmp_path / "empty.loadpath.json"
    assert main(["new", "empty", "-o", str(path)]) == 0
    return path
