"""Takes the alarms of an Alertmanager in the place of a person, and shows the last of them."""

import json
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000
KEPT = 200
LONGEST_BODY = 1 << 20
TAKEN = deque(maxlen=KEPT)


def line(alert):
    """Return one alarm as a line of text."""
    labels, annotations = alert.get("labels", {}), alert.get("annotations", {})
    ended = alert.get("status") == "resolved"
    moment = alert.get("endsAt" if ended else "startsAt", "")
    words = (moment, "ended" if ended else "raised", labels.get("alertname", ""),
             annotations.get("summary", ""))
    return "  ".join("".join(c if c.isprintable() else " " for c in str(w)) for w in words)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    timeout = 30

    def do_GET(self):
        known = {"/": "\n".join(reversed(TAKEN)) or "No alarm so far.", "/alive": "ok"}
        self.send(200, known[self.path]) if self.path in known else self.send(404, "Not here.")

    def do_POST(self):
        told = self.headers.get("Content-Length", "")
        if not told.isdigit() or int(told) > LONGEST_BODY:
            self.close_connection = True
            self.send(413, "Too long.")
            return
        try:
            found = [line(alert) for alert in json.loads(self.rfile.read(int(told)))["alerts"]]
        except (ValueError, KeyError, TypeError, AttributeError):
            self.send(400, "This is no message of an Alertmanager.")
            return
        for text in found:
            TAKEN.append(text)
            print(text, flush=True)
        self.send(200, "ok")

    def send(self, status, text):
        body = (text + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Say nothing of requests: the log is for alarms."""


ThreadingHTTPServer(("", PORT), Handler).serve_forever()
