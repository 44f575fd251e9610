"""An exported project on a real Docker engine."""

import http.client
import json
import os
import secrets
import socket
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.model.design import Design
from app.storage.codec import dump
from exporters.compose import export
from exporters.files import write
from exporters.plan import plan

KINDS = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an entrance answered, and how long that took in seconds.

    Status 0 is no answer; the body tells why. `began` is that of the clock of `time.monotonic`.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    began: float
    seconds: float

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Show the answer that redirects instead of following it."""


class Project:
    """A project that is up; `compose` runs a command in it."""

    def __init__(
        self,
        design: Design,
        folder: Path,
        sources: Path | None = None,
        added: Mapping[str, bytes] | None = None,
        **options: Any,
    ) -> None:
        """Write the project to a folder, with ports that are free and files that are `added`."""
        self.deployment = plan(design, **options)
        self.folder = folder
        self.name = f"lp-test-{secrets.token_hex(4)}"
        write(export(design, document=dump(design), sources=sources, **options), folder)
        for path, content in (added or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        self.ports = {port.variable: _free_port() for port in self.deployment.ports}
        numbers = {key: str(value) for key, value in self.ports.items()}
        self.environment = os.environ | numbers | {"COMPOSE_PROJECT_NAME": self.name}

    def compose(self, *words: str, check: bool = True) -> str:
        """Run docker compose and return what it printed."""
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout

    def compose_down(self) -> str:
        """Take everything down; return what the engine complained about."""
        words = ("down", "--volumes", "--timeout", "5", "--rmi", "local")
        done = subprocess.run(
            ["docker", "compose", *words],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return "" if done.returncode == 0 else done.stderr

    def address(self, service: str, scheme: str) -> str:
        """Return the address of an entrance."""
        for port in self.deployment.service(service).ports:
            if port.scheme == scheme:
                host = "localhost" if scheme == "https" else "127.0.0.1"
                return f"{scheme}://{host}:{self.ports[port.variable]}"
        raise KeyError(service, scheme)

    def ask(self, url: str, data: bytes | None = None, timeout: float = 10) -> Answer:
        """Send one request; status 0 means that no answer came."""
        context = ssl.create_default_context()
        if (self.folder / "pki" / "ca.crt").exists():
            context.load_verify_locations(self.folder / "pki" / "ca.crt")
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Stay())
        request = urllib.request.Request(url, data, {"Content-Type": "text/plain"})  # noqa: S310
        began = time.monotonic()
        try:
            with opener.open(request, timeout=timeout) as found:
                status, headers, body = found.status, found.headers, found.read()
        except urllib.error.HTTPError as error:
            status, headers, body = error.code, error.headers, error.read()
        except (OSError, http.client.HTTPException) as error:
            status, headers, body = 0, {}, repr(error).encode()
        return Answer(
            status=status,
            headers={key.lower(): value for key, value in dict(headers).items()},
            body=body,
            began=began,
            seconds=time.monotonic() - began,
        )

    def under_load(self, url: str, act: Callable[[], None], rate: float = 10) -> list[Answer]:
        """Ask an address so many times a second while something happens; return all answers."""
        answers: list[Answer] = []
        stop = threading.Event()
        threads: list[threading.Thread] = []

        def once() -> None:
            answers.append(self.ask(url))

        def drive() -> None:
            while not stop.wait(1 / rate):
                threads.append(threading.Thread(target=once))
                threads[-1].start()

        driver = threading.Thread(target=drive)
        driver.start()
        try:
            act()
        finally:
            stop.set()
            driver.join()
            for thread in threads:
                thread.join()
        return answers

    def metric(self, prometheus: str, query: str) -> list[dict[str, Any]]:
        """Return what Prometheus answers to a query."""
        text = urllib.parse.urlencode({"query": query})
        found = self.ask(f"{self.address(prometheus, 'http')}/api/v1/query?{text}").json
        result = found["data"]["result"]
        assert isinstance(result, list)
        return result


def kill_under_load(
    project: Project, url: str, victim: str, seconds: float = 6
) -> tuple[list[Answer], list[Answer]]:
    """Kill a service for so long while its users go on asking, and start it again.

    Returns all answers, and the lost ones among those that were not in flight at the kill. When
    they began is counted from the kill.
    """
    moment = [0.0, 0.0]

    def kill_and_start() -> None:
        time.sleep(1)
        moment[0] = time.monotonic()
        project.compose("kill", victim)
        moment[1] = time.monotonic()
        time.sleep(seconds)
        project.compose("start", victim)
        time.sleep(4)

    assert eventually(lambda: project.ask(url).status == 200)
    answers = project.under_load(url, kill_and_start)
    first, last = 0.0, moment[1] - moment[0]
    answers = [replace(answer, began=answer.began - moment[0]) for answer in answers]
    spared = [a for a in answers if a.began > last or a.began + a.seconds < first]
    return answers, [answer for answer in spared if answer.status != 200]


def spread(answers: list[Answer], header: str) -> Counter[str]:
    """Count who answered."""
    return Counter(answer.headers.get(header, "") for answer in answers)


def eventually(truth: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something holds, for so long at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if truth():
            return True
        time.sleep(0.5)
    return truth()


@contextmanager
def running(
    design: Design,
    folder: Path,
    sources: Path | None = None,
    added: Mapping[str, bytes] | None = None,
    **options: Any,
) -> Iterator[Project]:
    """Bring a project up, and take it down with all that it made."""
    project, told = Project(design, folder, sources, added, **options), ""
    try:
        project.compose("up", "--detach", "--build", "--wait", "--quiet-pull")
        yield project
    finally:
        told = project.compose_down()
    for what in KINDS:
        kept = subprocess.run(
            ["docker", *what, "--quiet", "--filter",
             f"label=com.docker.compose.project={project.name}"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        # Engine 20.10 at times miscounts the endpoints of a network that nobody is in any more.
        miscounted = what[0] == "network" and "has active endpoints" in told
        assert miscounted or not kept.stdout.strip(), f"left over: {what} {told}"


def left_of(name: str) -> list[str]:
    """Return what the engine still has of a compose project."""
    label = f"label=com.docker.compose.project={name}"
    commands = [["docker", *kind, "--quiet", "--filter", label] for kind in KINDS]
    commands.append(["docker", "images", "--quiet", "--filter", f"reference={name}-*"])
    found = [subprocess.run(c, capture_output=True, text=True, check=True) for c in commands]
    return [line for done in found for line in done.stdout.split()]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
    return number
