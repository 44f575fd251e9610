"""A project of its own on the Docker engine, driven through the docker command.

Every command is a list of words, never a shell, and names the one compose project that the drill
has started; nothing else on the engine is touched.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.drill import DrillError, guard
from app.drill.experiments import How
from exporters.plan.names import slug

UP_SECONDS = 900.0  # images may have to be fetched and built
COMMAND_SECONDS = 120.0
FREEZE_TRIES = 3
_LABEL = "com.docker.compose.project"
_ONE_OFF = "com.docker.compose.oneoff"  # what is no service of a project
_OPTIONS = ("--project-name", "--ansi", "never")  # of compose, the name after the first
_SHOWN = 4  # lines of a complaint
_CONNECT = """\
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 3).close()
except OSError:
    print("closed")
else:
    print("open")
"""
# Nobody outside reaches a drilled project, so that a CA would only count failures (ACME).
_APART = {"BIND_ADDRESS": "127.0.0.1", "ACME_DIRECTORY": "https://localhost/"}
_COUNTERS = ("python3", "/etc/gateway/gateway.py", "counters")


def project_name(title: str) -> str:
    """Return a name for a compose project that no other has."""
    return f"{guard.PREFIX}{slug(title, 'design')[:24].strip('-')}-{secrets.token_hex(4)}"


class Project:
    """An exported project under a name of its own, with ports that are free."""

    def __init__(self, folder: Path, name: str, variables: Sequence[str], hold: int) -> None:
        """Start nothing yet. The commands inherit `hold`, by which the guard knows of them."""
        self.folder = folder
        self.name = name
        self.ports = {variable: free_port() for variable in variables}
        self._hold = hold
        self._cut: dict[str, Mapping[str, Any]] = {}
        numbers = {variable: str(port) for variable, port in self.ports.items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("COMPOSE_")}
        self._environment = kept | numbers | _APART

    def versions(self) -> tuple[str, str]:
        """Return the versions of the engine and of Compose.

        Raises:
            DrillError: there is no engine, or no Compose.
        """
        engine = self._docker("version", "--format", "{{.Server.Version}}").strip()
        return engine, self._docker("compose", "version", "--short").strip()

    def refuse_what_is_shared(self) -> None:
        """Refuse a project that reaches beyond itself: other data, networks, names or folders.

        Raises:
            DrillError: what that is.
        """
        found = json.loads(self._compose("config", "--format", "json"))
        for kind in ("volumes", "networks"):
            for key, item in (found.get(kind) or {}).items():
                name = item.get("name", self.name)
                if item.get("external") or not name.startswith(self.name):
                    raise DrillError(f"{kind[:-1]} {key} is not the project's own: {name}")
        for key, service in (found.get("services") or {}).items():
            self._refuse_service(key, service)

    def _refuse_service(self, key: str, service: Mapping[str, Any]) -> None:
        if "container_name" in service:
            raise DrillError(f"service {key} has a fixed name: {service['container_name']}")
        for mount in service.get("volumes") or ():
            source = Path(str(mount.get("source", "")))
            if mount.get("type") == "bind" and not (
                mount.get("read_only") and source.is_relative_to(self.folder)
            ):
                raise DrillError(
                    f"service {key} may change {source}, or reads it outside the project; "
                    "a drill needs binds that are read-only and inside"
                )

    def up(self) -> None:
        """Start the project, and wait until all of it is healthy.

        Raises:
            DrillError: it does not start.
        """
        words = ("up", "--detach", "--build", "--wait", "--quiet-pull")
        try:
            self._compose(*words, seconds=UP_SECONDS)
        except DrillError as error:
            if "unhealthy" not in str(error):
                raise
            self._compose(*words, seconds=UP_SECONDS)  # a busy machine was slow to answer

    def fail(self, services: Sequence[str], how: How) -> None:
        """Let services die, freeze, or lose all their networks, at once."""
        if how == "cut":
            self._cut = {key: item for name in services for key, item in self._networks(name)}
            for key, networks in self._cut.items():
                for network in networks:
                    self._docker("network", "disconnect", "--force", network, key)
        elif how == "pause":
            self._pause(services)
        else:
            self._compose("kill", "--signal", "SIGKILL", *services)

    def _pause(self, services: Sequence[str]) -> None:
        """Freeze services; a busy engine cannot always stop all processes at the first try."""
        for _ in range(FREEZE_TRIES - 1):
            try:
                self._compose("pause", *services)
            except DrillError:
                with contextlib.suppress(DrillError):  # those that did freeze
                    self._compose("unpause", *services)
            else:
                return
        self._compose("pause", *services)

    def bring_back(self, services: Sequence[str], how: How) -> None:
        """Undo what `fail` has done."""
        if how == "cut":
            for key, networks in self._cut.items():
                for network, settings in networks.items():
                    self._docker("network", "connect", *_as_before(settings), network, key)
        elif how == "pause":
            self._compose("unpause", *services)
        else:  # not by compose, which would wait until all is well that these depend on
            ids = self._compose("ps", "--all", "--quiet", *services).split()
            self._docker("container", "start", *ids)

    def unhealthy(self) -> tuple[str, ...]:
        """Return the services that do not run, or are not healthy (yet)."""
        found = []
        for line in self._compose("ps", "--all", "--format", "json").splitlines():
            for item in _rows(line):
                done = item["State"] == "exited" and item["ExitCode"] == 0 and not item["Health"]
                well = item["State"] == "running" and item["Health"] in ("", "healthy")
                if not done and not well:
                    found.append(str(item["Service"]))
        return tuple(found)

    def connects(self, source: str, gateway: str, host: str, port: int) -> bool:
        """Whether a connection opens within 3 s from where a service stands.

        A program in the image of a gateway tries it, in the network of the service's container.

        Raises:
            DrillError: that program does not run.
        """
        place = self._compose("ps", "--quiet", source).strip()
        (found,) = json.loads(
            self._docker("container", "inspect", self._compose("ps", "--quiet", gateway).strip())
        )
        told = self._docker(
            "run", "--rm", "--network", f"container:{place}", "--label", f"{_LABEL}={self.name}",
            "--label", f"{_ONE_OFF}=True", "--cap-drop", "ALL", "--read-only",
            "--entrypoint", "python3", found["Image"], "-c", _CONNECT, host, str(port),
        )  # fmt: skip
        return told.strip() == "open"

    def counted(self, gateway: str) -> Mapping[str, int]:
        """Return what each rule of a gateway has counted.

        Raises:
            DrillError: the gateway does not tell.
        """
        try:
            found = json.loads(self._compose("exec", "-T", gateway, *_COUNTERS))
            return {str(name): int(number) for name, number in found.items()}
        except (ValueError, TypeError, AttributeError):
            raise DrillError(f"{gateway} does not tell what it has counted") from None

    def _networks(self, service: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the containers of a service, with their networks and what they are called there."""
        for key in self._compose("ps", "--quiet", service).split():
            (found,) = json.loads(self._docker("container", "inspect", key))
            if found["Config"]["Labels"].get(_LABEL) == self.name:
                yield key, found["NetworkSettings"]["Networks"]

    def _compose(self, *words: str, seconds: float = COMMAND_SECONDS) -> str:
        first, *rest = _OPTIONS
        return self._docker("compose", first, self.name, *rest, *words, seconds=seconds)

    def _docker(self, *words: str, seconds: float = COMMAND_SECONDS) -> str:
        program = shutil.which("docker")
        if program is None:
            raise DrillError("docker is not installed, or not on the path")
        try:
            done = subprocess.run(  # noqa: S603  # no shell
                [program, *words], cwd=self.folder, env=self._environment,
                capture_output=True, text=True, errors="replace", check=False, timeout=seconds,
                stdin=subprocess.DEVNULL, pass_fds=(self._hold,) if os.name == "posix" else (),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise DrillError(f"docker {_told(words)}: no end after {seconds:g} seconds") from None
        if done.returncode:
            raise DrillError(f"docker {_told(words)}: {_complaint(done.stdout + done.stderr)}")
        return done.stdout


def _told(words: Sequence[str]) -> str:
    """Return the words of a command that a message names, without the options."""
    if words[0] != "compose":
        return " ".join(words)
    return f"compose {words[len(_OPTIONS) + 2] if words[1] == _OPTIONS[0] else words[1]}"


def _complaint(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " / ".join(lines[-_SHOWN:]) or "no reason given"


def _rows(line: str) -> list[dict[str, Any]]:
    """Return the rows of a line: Compose prints one each since 2.21, and all in a list before."""
    found = json.loads(line)
    return found if isinstance(found, list) else [found]


def _as_before(settings: Mapping[str, Any]) -> list[str]:
    """Return the options that give a container its names and address in a network again."""
    words = [word for alias in settings.get("Aliases") or () for word in ("--alias", alias)]
    address = (settings.get("IPAMConfig") or {}).get("IPv4Address")
    return [*words, "--ip", address] if address else words


def free_port() -> int:
    """Return the number of a port of this machine that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        number: int = found.getsockname()[1]
    return number


@contextlib.contextmanager
def guarded(name: str) -> Iterator[int]:
    """Have a project removed at the end of the block, or of this process, however it ends.

    Yields the descriptor that the commands have to inherit: the guard waits for all its holders.

    Raises:
        DrillError: something of the project could not be removed.
    """
    ear, hold = os.pipe()
    command = [sys.executable, "-I", str(Path(guard.__file__)), name]
    with subprocess.Popen(  # noqa: S603  # this interpreter, and a file of ours
        command, stdin=ear, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        os.close(ear)
        try:
            yield hold
        finally:
            with _undisturbed():
                os.close(hold)
                left = process.communicate()[0].split()
    if left:
        raise DrillError(
            f"not everything could be removed: docker compose --project-name {name} down; "
            f"left: {', '.join(left)}"
        )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nobody interrupt the cleaning up; only the main thread can say so."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
