"""Each sample's project, and small ones of what no sample has, byte for byte.

`pytest --accept` rewrites; a person reads it.
"""

import shutil
from pathlib import Path

import pytest

from exporters.files import Files
from sample_designs import SAMPLES
from tests.exporters.projects import DESIGNS, FRONTS, PUBLIC, project

GOLDEN = Path(__file__).parent / "golden"


def public(files: Files) -> dict[str, bytes]:
    """Return what is the same each time: all but secrets, keys and certificates."""
    return {
        path: content
        for path, content in files.items()
        if not path.startswith("secrets/") and not path.endswith((".key", ".crt"))
    }


NAMES = (
    *(sample.name for sample in SAMPLES),
    "postgres-failover",
    "postgres-balancer",
    "postgres-balancer-by-hand",
    "vrrp-pair",
    "postgres-backup",
    "mysql-backup",
    "redis-sentinels",
    "valkey-by-hand",
    "log-store",
    "object-store",
    "jobs",
    "jobs-quorum",
    "own-programs",
    "postgres-pool",
    "postgres-pool-alone",
    *FRONTS,
    *PUBLIC,
)


@pytest.mark.parametrize("name", NAMES)
def test_a_design_exports_what_its_golden_folder_holds(name: str, *, accept: bool) -> None:
    files, folder = public(project(DESIGNS[name])), GOLDEN / name
    if accept:
        shutil.rmtree(folder, ignore_errors=True)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    golden = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert files.keys() == golden.keys()
    for path, content in files.items():
        assert content.decode() == golden[path].decode(), path
