"""A small web application: shows and takes notes, and says which server answered."""

import html
import json
import os
import ssl
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs, urlsplit

from neighbours import caches_from, objects_from, queues_from
from stores import StoreError, stores_from

NAME = os.environ["NODE_NAME"]
TITLE = os.environ["SITE_TITLE"]
VERSION = os.environ["CODE_VERSION"]
PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
STORES = stores_from(json.loads(os.environ["STORES"]))
CACHES = caches_from(json.loads(os.environ["CACHES"]), "+".join(store.name for store in STORES))
QUEUES = queues_from(json.loads(os.environ["QUEUES"]))
OBJECTS = objects_from(json.loads(os.environ["OBJECTS"]))
LONGEST_BODY = 4096
LONGEST_NOTE = 200


class Counters:
    """Counts of requests and of the time that they took."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = {}
        self.seconds = 0.0

    def add(self, code, seconds):
        with self.lock:
            self.requests[code] = self.requests.get(code, 0) + 1
            self.seconds += seconds

    def text(self):
        with self.lock:
            counts = sorted(self.requests.items())
            lines = ["# TYPE app_requests_total counter"]
            lines += ['app_requests_total{code="%d"} %d' % item for item in counts]
            lines += ["# TYPE app_request_seconds summary"]
            lines += ["app_request_seconds_sum %.6f" % self.seconds]
            lines += ["app_request_seconds_count %d" % sum(count for _, count in counts)]
        return "\n".join(lines) + "\n"


COUNTERS = Counters()


def stored():
    """Return what the databases say, or said a moment ago where a cache knows it, and which."""
    for kept in [cache.recall() for cache in CACHES]:
        if kept:
            return kept
    found = [store.read() for store in STORES]
    for cache in CACHES:
        cache.remember(found)
    return found, ""


def handed_over(job):
    """Leave a job for the workers in each queue; return the servers that took it."""
    taken = [queue.publish({**job, "app": NAME}) for queue in QUEUES]
    return [host for host in taken if host]


def put_away(note):
    """Keep a note as an object in each store; return the servers that have it."""
    taken = [store.put({"note": note, "app": NAME}) for store in OBJECTS if store.writes]
    return [host for host in taken if host]


def kept_objects():
    """Return the latest note of each object store that answers."""
    found = [store.get() for store in OBJECTS if store.reads]
    return [item for item in found if item["node"]]


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self):
        path = self.path.split("?", 1)[0]
        routes = {"/": self.page, "/read": self.read, "/healthz": self.ready,
                  "/written": self.written, "/alive": self.alive, "/metrics": self.metrics}
        self.timed(routes.get(path, self.missing))

    do_HEAD = do_GET

    def do_POST(self):
        self.timed(self.write if self.path.split("?", 1)[0] == "/write" else self.missing)

    def timed(self, route):
        began, self.code = time.monotonic(), 0
        try:
            route()
        except StoreError as error:
            self.send_json({"error": str(error), **self.served_by()},
                           HTTPStatus.SERVICE_UNAVAILABLE)
        COUNTERS.add(self.code, time.monotonic() - began)

    def served_by(self):
        return {"balancer": self.headers.get("X-Balancer", ""),
                "web": self.headers.get("X-Web", ""), "app": NAME, "version": VERSION}

    def alive(self):
        self.send("ok\n", "text/plain")

    def ready(self):
        """Tell the balancers to ask another one while this one lacks what only it needs."""
        lost = [item.name for item in (*CACHES, *QUEUES, *OBJECTS) if item.lost]
        if lost:
            self.send("not without %s\n" % ", ".join(lost), "text/plain",
                      HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.alive()

    def missing(self):
        self.send("There is no such page.\n", "text/plain", HTTPStatus.NOT_FOUND)

    def metrics(self):
        self.send(COUNTERS.text(), "text/plain; version=0.0.4")

    def read(self):
        found, kept_by = stored()
        self.send_json({**self.served_by(), "stores": found, "cache": kept_by,
                        "objects": kept_objects(), "queues": handed_over({"look": self.path})})

    def written(self):
        query = parse_qs(urlsplit(self.path).query)
        start = query.get("start", [""])[0][:LONGEST_NOTE]
        found = [store.written(start) for store in STORES if store.writes]
        self.send_json({**self.served_by(), "stores": found})

    def write(self):
        note, is_form = self.note()
        if not note:
            self.send("The note is empty.\n", "text/plain", HTTPStatus.BAD_REQUEST)
            return
        objects = put_away(note)  # before what speaks of it
        written = [store.write(note, NAME) for store in STORES if store.writes]
        for cache in CACHES:
            cache.forget()
        queues = handed_over({"note": note})
        if is_form:
            self.send("", "text/plain", HTTPStatus.SEE_OTHER, {"Location": "/"})
            return
        self.send_json({**self.served_by(), "note": note, "stores": written, "objects": objects,
                        "queues": queues},
                       HTTPStatus.CREATED if written or objects or queues else HTTPStatus.OK)

    def note(self):
        told = self.headers.get("Content-Length", "0")
        length = int(told) if told.isascii() and told.isdigit() else LONGEST_BODY + 1
        if length > LONGEST_BODY:
            self.close_connection = True
            return "", False
        body = self.rfile.read(length).decode("utf-8", "replace")
        kind = self.headers.get("Content-Type", "")
        is_form = kind.startswith("application/x-www-form-urlencoded")
        fields = parse_qs(body) if is_form else {}
        note = fields["note"][0] if "note" in fields else body
        return note.replace("\0", "").strip()[:LONGEST_NOTE], "page" in fields

    def page(self):
        found, kept_by, objects, queues, problem = [], "", [], [], ""
        try:
            found, kept_by = stored()
            objects = kept_objects()
            queues = handed_over({"look": self.path})
        except StoreError as error:
            problem = str(error)
        served = self.served_by()
        rows = "".join(
            "<tr><td>%s</td><td>%s</td><td>%s</td></tr>"
            % tuple(html.escape(str(row[key])) for key in ("note", "app", "created"))
            for store in found for row in store["rows"]
        )
        nodes = {"balancer": served["balancer"], "web": served["web"], "app": NAME,
                 "version": VERSION, "problem": problem, "title": TITLE,
                 "database": ", ".join(store["node"] for store in found),
                 "cache": kept_by, "queue": ", ".join(queues),
                 "storage": ", ".join("%(node)s has “%(note)s”" % item for item in objects),
                 "count": sum(store["count"] for store in found)}
        text = PAGE.substitute({key: html.escape(str(value)) for key, value in nodes.items()},
                               rows=rows, writes="" if any(s.writes for s in (*STORES, *OBJECTS)) else "hidden")
        code = HTTPStatus.SERVICE_UNAVAILABLE if problem else HTTPStatus.OK
        self.send(text, "text/html; charset=utf-8", code)

    def send_json(self, value, code=HTTPStatus.OK):
        self.send(json.dumps(value) + "\n", "application/json", code)

    def send(self, text, kind, code=HTTPStatus.OK, headers=()):
        body = text.encode()
        self.code = int(code)
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-App", NAME)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, template, *values):
        if self.path not in ("/healthz", "/alive", "/metrics"):
            sys.stdout.write("%s %s\n" % (self.address_string(), template % values))


def serve(port, context=None):
    server = ThreadingHTTPServer(("0.0.0.0", port), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    if os.environ["TLS_PORT"]:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain("/certs/tls.crt", "/certs/tls.key")
        threading.Thread(
            target=serve, args=(int(os.environ["TLS_PORT"]), tls), daemon=True).start()
    serve(int(os.environ["PORT"]))
