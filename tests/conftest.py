"""What all tests share: hypothesis profiles, which tests run here, a display to draw on."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# No profile has a deadline: a slow machine is not a wrong program.
_SLOW = (HealthCheck.too_slow,)
settings.register_profile(
    "dev", max_examples=30, derandomize=True, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile(
    "ci", max_examples=100, derandomize=True, deadline=None, suppress_health_check=_SLOW
)
settings.register_profile(
    "nightly", max_examples=5_000, deadline=None, suppress_health_check=_SLOW, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# The widgets of the tests are drawn in memory; `xvfb` tests start a display of their own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` rewrites the golden folders; a person reads the difference."""
    parser.addoption("--accept", action="store_true", help="rewrite the golden folders")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether this run rewrites the golden folders."""
    return bool(request.config.getoption("--accept"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need a lab which is not up; say why where Xvfb is absent."""
    if not os.environ.get("LOADPATH_LAB"):
        lab = [item for item in items if item.get_closest_marker("docker")]
        config.hook.pytest_deselected(items=lab)
        items[:] = [item for item in items if item not in lab]
    if shutil.which("Xvfb") is None:
        for item in items:
            if item.get_closest_marker("xvfb"):
                item.add_marker(pytest.mark.skip(reason="Xvfb is not installed"))


@pytest.fixture(scope="session")
def x_display() -> Iterator[str]:
    """A display such as ":99" with a window manager on it, for a process of its own."""
    reader, writer = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[writer],
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    with os.fdopen(reader) as answer:
        display = f":{answer.readline().strip()}"
    manager = None
    if shutil.which("openbox"):
        manager = subprocess.Popen(
            ["openbox"], env=os.environ | {"DISPLAY": display}, stderr=subprocess.DEVNULL
        )
    try:
        yield display
    finally:
        for process in (manager, server):
            if process:
                process.terminate()
                process.wait()
