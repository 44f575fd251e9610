"""A small site on this machine that takes notes and can be made to fail, as users see it."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Site:
    """What the server knows; tests change it while it runs."""

    def __init__(self) -> None:
        """Begin empty and well."""
        self.notes: list[str] = []
        self.refuses: set[str] = set()  # methods that are answered with 503
        self.delay = 0.0
        self.drops = False  # ends the connection instead of answering
        self.asked: list[str] = []  # paths, with what follows them
        self.port = 0
        self.list_of_notes: object = None  # instead of the list of notes
        self.alerts: Any = []  # what it says as a Prometheus


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    site: Site

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that have gone."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def answer(self, code: int, value: object) -> None:
        """Answer as the site is told to."""
        site = self.server.site
        site.asked.append(self.path)
        time.sleep(site.delay)
        if site.drops:
            self.close_connection = True
            return
        if self.command in site.refuses:
            code, value = 503, {"error": "db-1: no server takes writes"}
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer a read, or what was written."""
        site, url = self.server.site, urlsplit(self.path)
        start = parse_qs(url.query).get("start", [""])[0]
        found: object = [note for note in site.notes if note.startswith(start)]
        if site.list_of_notes is not None:
            found = site.list_of_notes
        if url.path == "/api/v1/alerts":
            self.answer(200, {"data": {"alerts": site.alerts}})
            return
        written = {"stores": [{"store": "db", "notes": found}]}
        self.answer(200, written if url.path == "/written" else {})

    def do_POST(self) -> None:  # the name that http.server calls
        """Take a note."""
        site = self.server.site
        note = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "POST" not in site.refuses:
            site.notes.append(note)
        self.answer(201, {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(tls: tuple[Path, Path] | None = None, port: int = 0) -> Iterator[Site]:
    """Serve a site while the block runs, on a free port; `tls` is a certificate and its key."""
    server = _Server(("127.0.0.1", port), _Handler)
    site = server.site = Site()
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
