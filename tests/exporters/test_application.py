"""The application of an exported project, run as a program of its own."""

import ast
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from exporters.files import write
from tests.exporters.projects import DESIGNS, project

SOURCES = ("main.py", "worker.py", "stores.py", "neighbours.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found: Path = tmp_path_factory.mktemp("app") / "project"
    write(project(DESIGNS["jobs"]), found)
    return found / "config" / "code"


def serve(folder: Path, program: str = "main.py") -> Iterator[str]:
    """Start the application, or the worker, on a free port and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "NODE_NAME": "app-1", "SITE_TITLE": "<b>$Shop", "CODE_VERSION": "1.0",
        "STORES": "[]", "CACHES": "[]", "QUEUES": "[]", "OBJECTS": "[]",
        "PORT": str(port), "TLS_PORT": "", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, folder / program], env=environment)
    try:
        for _ in range(100):
            try:
                ask(f"http://127.0.0.1:{port}/alive")
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    yield from serve(folder)


@pytest.fixture(scope="module")
def worker(folder: Path) -> Iterator[str]:
    yield from serve(folder, "worker.py")


def ask(
    url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    request = urllib.request.Request(url, data, dict(headers or {}))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("source", SOURCES)
def test_the_sources_are_python_without_an_unused_name(folder: Path, source: str) -> None:
    ast.parse((folder / source).read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F,B,S",
         folder / source, "--ignore", "S104"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_page_escapes_the_name_of_the_site(address: str) -> None:
    code, page = ask(f"{address}/")
    assert code == 200
    assert "<h1>&lt;b&gt;$Shop</h1>" in page


def test_it_says_who_answered(address: str) -> None:
    headers = {"X-Web": "web-1", "X-Balancer": "lb"}
    found = json.loads(ask(f"{address}/read", headers=headers)[1])
    assert found == {
        "balancer": "lb", "web": "web-1", "app": "app-1", "version": "1.0", "stores": [],
        "cache": "", "objects": [], "queues": [],
    }  # fmt: skip


def test_what_was_written_is_read_back_from_each_store_that_takes_writes(address: str) -> None:
    assert json.loads(ask(f"{address}/written?start=drill-")[1])["stores"] == []


def test_it_counts_its_requests(address: str) -> None:
    assert ask(f"{address}/healthz") == (200, "ok\n")
    assert 'app_requests_total{code="200"}' in ask(f"{address}/metrics")[1]


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [("/nothing", None, 404), ("/nothing", b"x", 404), ("/write", b"  ", 400),
     ("/write", b"x" * 5000, 400), ("/write", b"note", 200)],
)  # fmt: skip
def test_it_refuses_what_makes_no_sense(
    address: str, path: str, data: bytes | None, code: int
) -> None:
    assert ask(f"{address}{path}", data)[0] == code


def test_a_length_that_is_no_number_is_refused(address: str) -> None:
    assert ask(f"{address}/write", b"x", {"Content-Length": "many"})[0] == 400


def test_the_form_of_the_page_leads_back_to_the_page(address: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    code, page = ask(f"{address}/write", b"page=1&note=x", form)
    assert code == 200
    assert "<h1>" in page


def test_a_worker_counts_its_jobs(worker: str) -> None:
    assert 'worker_jobs_total{kind="note"} 0' in ask(f"{worker}/metrics")[1]
