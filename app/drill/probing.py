"""Watches flows from outside, as their users do: one request for each flow, twice a second."""

import contextlib
import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from app.drill import DrillError
from app.drill.measuring import Sample
from exporters.deployment import FlowProbe

EVERY = 0.5  # seconds between two probes of a flow
PATIENCE = 8.0  # seconds after which a user takes no answer for none
AVOID = 10.0  # seconds for which an entrance that did not answer is asked last
_LARGEST_ANSWER = 1 << 16
_LARGEST_LIST = 1 << 26


class Address(NamedTuple):
    """An entrance on this machine."""

    scheme: str
    port: int


class _Answer(NamedTuple):
    status: int
    body: bytes


class Visitor:
    """A user of one flow.

    Like a browser it takes the next address where one does not answer, and remembers which did
    not. A request that may have written something is never sent twice.
    """

    def __init__(
        self, probe: FlowProbe, addresses: Sequence[Address], authority: Path | None, mark: str
    ) -> None:
        """Take the probe, where to send it, whom to trust, and how all that is written begins.

        Raises:
            DrillError: the certificate of the authority cannot be read.
        """
        self.probe = probe
        self.mark = mark
        self.acknowledged: set[str] = set()
        self._addresses = tuple(addresses)
        self._failed: dict[Address, float] = {}
        self._numbers = count()
        self._trusted = _trusted(authority) if any(a.scheme == "https" for a in addresses) else None

    def ask(self) -> Sample:
        """Send one request, for what no cache holds yet, and say what came of it."""
        number = next(self._numbers)
        note = f"{self.mark}{number}"
        body = note.encode() if self.probe.method == "POST" else None
        began = time.monotonic()
        told = ""
        try:
            answer = self._answer(number, self._path(note), body, _LARGEST_ANSWER)
            least, most = self.probe.statuses
            good = least <= answer.status <= most
            if not good:
                told = f"{answer.status} {_error_in(answer.body)}".strip()
        except (OSError, http.client.HTTPException) as error:
            good, told = False, _words(error)
        if good and body:
            self.acknowledged.add(note)
        return Sample(began, time.monotonic(), good, told)

    def _path(self, note: str) -> str:
        """Return what is asked for; a name of its own lets no cache on the way answer for others.

        A page that a cache holds outlives its origin, and says nothing about all the others.
        """
        path = self.probe.path
        if self.probe.method == "POST":
            return path
        return f"{path}{'&' if '?' in path else '?'}{note}"

    def lost(self) -> frozenset[str] | None:
        """Return which acknowledged writes are not there; None where that cannot be read now."""
        if not self.probe.read_back:
            return frozenset()
        path = f"{self.probe.read_back}?start={quote(self.mark)}"
        wanted = frozenset(self.acknowledged)
        try:
            answer = self._answer(0, path, None, _LARGEST_LIST)
            stores = json.loads(answer.body)["stores"]
            kept = [frozenset(store["notes"]) for store in stores]
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return None
        return wanted - frozenset.intersection(wanted, *kept)

    def _answer(self, number: int, path: str, body: bytes | None, most: int) -> _Answer:
        end = time.monotonic() + PATIENCE
        order = self._order(number)
        for left, address in zip(range(len(order), 0, -1), order, strict=True):
            until = time.monotonic() + max(0.1, (end - time.monotonic()) / left)
            connection = self._connection(address, until - time.monotonic())
            connected = False
            try:
                connection.connect()
                connected = True
                connection.sock.settimeout(max(0.1, until - time.monotonic()))
                return _exchanged(
                    connection, self.probe.method if body else "GET", path, body, most
                )
            except (OSError, http.client.HTTPException):
                self._failed[address] = time.monotonic()
                if left == 1 or (connected and body):
                    raise
            finally:
                connection.close()
        raise OSError("there is no entrance")

    def _order(self, number: int) -> list[Address]:
        turned = number % len(self._addresses) if self._addresses else 0
        order = [*self._addresses[turned:], *self._addresses[:turned]]
        now = time.monotonic()
        return sorted(order, key=lambda item: now - self._failed.get(item, -AVOID) < AVOID)

    def _connection(self, address: Address, seconds: float) -> http.client.HTTPConnection:
        if address.scheme == "https":
            return http.client.HTTPSConnection(
                "localhost", address.port, timeout=seconds, context=self._trusted
            )
        return http.client.HTTPConnection("127.0.0.1", address.port, timeout=seconds)


def _trusted(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise DrillError(f"{authority}: holds no certificate to trust: {error}") from None


def _exchanged(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, most: int
) -> _Answer:
    headers = {"Content-Type": "text/plain", "Connection": "close"}
    connection.request(method, path, body, headers)
    with connection.getresponse() as answer:
        return _Answer(answer.status, answer.read(most))


def _error_in(body: bytes) -> str:
    """Return what the application of a project says of its trouble, else nothing."""
    try:
        return str(json.loads(body)["error"])[:200]
    except (ValueError, KeyError, TypeError):
        return ""


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return f"no answer: {str(error) or type(error).__name__}"[:200]


class Watch:
    """Sends the probes of all flows at a steady pace, whether earlier ones were answered or not."""

    def __init__(self, visitors: Mapping[str, Visitor], every: float = EVERY) -> None:
        """Begin with no samples; `every` is in seconds."""
        self._visitors = visitors
        self._every = every
        self._samples: dict[str, list[Sample]] = {flow: [] for flow in visitors}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def samples(self, flow: str) -> list[Sample]:
        """Return what is known of a flow by now."""
        return list(self._samples[flow])

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Probe while the block runs; at its end every probe has its outcome."""
        self._stop.clear()
        driver = threading.Thread(target=self._drive)
        driver.start()
        try:
            yield
        finally:
            self._stop.set()
            driver.join()
            for thread in self._threads:
                thread.join()
            self._threads.clear()

    def _drive(self) -> None:
        due = time.monotonic()
        while not self._stop.is_set():
            for flow in self._visitors:
                thread = threading.Thread(target=self._once, args=(flow,))
                self._threads.append(thread)
                thread.start()
            due += self._every
            self._stop.wait(max(0.0, due - time.monotonic()))

    def _once(self, flow: str) -> None:
        self._samples[flow].append(self._visitors[flow].ask())
