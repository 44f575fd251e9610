"""A worker: takes jobs from its queues and does them, and says so where it is asked.

A job is a note that somebody took, or a look at the page. Of a note it writes into its databases
that it is done. A job is confirmed after that, so a worker that dies meanwhile loses none; the next
one does it again.
"""

import json
import os
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from neighbours import queues_from
from stores import StoreError, stores_from

NAME = os.environ["NODE_NAME"]
STORES = stores_from(json.loads(os.environ["STORES"]))
QUEUES = queues_from(json.loads(os.environ["QUEUES"]))
LONGEST_NOTE = 200
DONE = {"note": 0, "look": 0}
LOCK = threading.Lock()


def do(job):
    """Do one job."""
    if not isinstance(job, dict):
        raise ValueError("it is not an object")
    kind = "note" if "note" in job else "look"
    if kind == "note":
        text = "done by %s: %s" % (NAME, job["note"])
        for store in STORES:
            if store.writes:
                store.write(text[:LONGEST_NOTE], NAME)
        print(text, flush=True)
    with LOCK:
        DONE[kind] += 1


def take_jobs(queue):
    """Take jobs for ever, whatever becomes of a server; what is unexpected ends the worker."""
    try:
        while True:
            try:
                queue.consume(do)
            except StoreError as error:
                print(error, flush=True)
                time.sleep(1)
    finally:
        traceback.print_exc()
        os._exit(1)


class Handler(BaseHTTPRequestHandler):
    """Says that it lives, and counts the jobs."""

    def do_GET(self):
        lines = ['worker_jobs_total{kind="%s"} %d' % item for item in sorted(DONE.items())]
        body = "\n".join(["# TYPE worker_jobs_total counter", *lines, ""]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, template, *values):
        pass


if __name__ == "__main__":
    for found in QUEUES:
        threading.Thread(target=take_jobs, args=(found,), daemon=True).start()
    ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Handler).serve_forever()
