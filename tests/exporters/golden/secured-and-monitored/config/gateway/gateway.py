"""A firewall between two networks: forwards what doors.json names, and drops all else.

gateway.py            keep the rules, as addresses change; tell Prometheus what they count
gateway.py counters   what each rule has counted, as JSON: connections let in, packets dropped
gateway.py rules      the rules, with addresses that nobody has

A door is an address of this machine in the network of those who ask (the name `entry`), the ports
that are drawn, and the part that answers (the name `exit`). Rules hold addresses, and these are
only known while a part runs: names are asked again all the time. The engine keeps rules of its own
for names in this place, so nothing but the one table is ever touched, and its counters stay.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 9630
DOORS = "/etc/gateway/doors.json"
TABLE = "inet loadpath"
CHAINS = {
    "f_pre": "type nat hook prerouting priority dstnat; policy accept;",
    "f_post": "type nat hook postrouting priority srcnat; policy accept;",
    "f_forward": "type filter hook forward priority filter; policy drop;",
    "f_input": "type filter hook input priority filter; policy drop;",
}
EVERY = 0.5  # seconds
MISSES = 2


def rules(doors, addresses):
    """Return the rules as a script, which changes all of them at once or none."""
    lines = [f"add table {TABLE}"]
    for name in counters(doors):
        lines.append(f"add counter {TABLE} {name}")
    for name, what in CHAINS.items():
        lines.append(f"add chain {TABLE} {name} " + "{ " + what + " }")
        lines.append(f"flush chain {TABLE} {name}")
    first = [
        "f_post ct status dnat masquerade",
        "f_forward ct state invalid counter name dropped drop",
        "f_forward ct state established,related accept",
        "f_input iif lo accept",
        "f_input ct state established,related accept",
    ]
    last = [
        f"f_input tcp dport {PORT} accept",  # after the doors: nobody who asks comes so far
        "f_forward counter name dropped",
        "f_input counter name dropped",
    ]
    between = [line for door in doors for line in door_rules(door, addresses)]
    lines += [f"add rule {TABLE} {line}" for line in (*first, *between, *last)]
    return "\n".join(lines) + "\n"


def door_rules(door, addresses):
    """Yield the rules of one door; of one whose part is away, that there is no connection."""
    entry, exit = addresses.get(door["entry"]), addresses.get(door["exit"])
    if not entry:
        return
    for port in door["ports"]:
        if exit:
            name = f"open_{door['name']}_{port}"
            yield f"f_pre ip daddr {entry} tcp dport {port} dnat ip to {exit}"
            yield (
                f"f_forward ct original ip daddr {entry} ip daddr {exit} tcp dport {port}"
                f" ct state new counter name {name} accept"
            )
        else:
            yield f"f_input ip daddr {entry} tcp dport {port} reject with tcp reset"
    yield f"f_input ip daddr {entry} counter name closed_{door['name']} drop"


def counters(doors):
    """Return the names of all counters."""
    names = ["dropped"]
    for door in doors:
        names += [f"open_{door['name']}_{port}" for port in door["ports"]]
        names.append(f"closed_{door['name']}")
    return names


def look_up(name):
    """Return the address of a name, or "" where it has none."""
    try:
        return min(item[4][0] for item in socket.getaddrinfo(name, None, socket.AF_INET))
    except OSError:
        return ""


def learn(door, known, misses):
    """Look up both ends of a door.

    A busy resolver says nothing, which is no different from a name that is gone. A part is away
    when its name is not found twice in a row, while the gateway's own is.
    """
    own = look_up(door["entry"])
    found = own and look_up(door["exit"])
    known[door["entry"]] = own or known.get(door["entry"], "")
    misses[door["exit"]] = 0 if found else misses.get(door["exit"], 0) + bool(own)
    if found or misses[door["exit"]] >= MISSES:
        known[door["exit"]] = found


def keep(doors):
    """Put the rules in place, and again whenever an address has changed."""
    known, misses, before = {}, {}, ""
    while True:
        wanted = rules(doors, known)
        if wanted != before:
            change(wanted)
            before = wanted
            print("rules for", known, flush=True)
        time.sleep(EVERY)
        for door in doors:
            learn(door, known, misses)


def change(script):
    """Carry out a script of nft."""
    done = subprocess.run(["nft", "-f", "-"], input=script, text=True, check=False)
    if done.returncode:
        sys.exit(
            "The rules cannot be set. Does this engine give NET_ADMIN? Where it does not, export "
            "with: --firewalls segments"
        )


def counted():
    """Return what each rule has counted."""
    command = ["nft", "-j", "list", "counters", "table", *TABLE.split()]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    found = [item["counter"] for item in told["nftables"] if "counter" in item]
    return {item["name"]: item["packets"] for item in found}


class Metrics(BaseHTTPRequestHandler):
    """Answers every request with what the rules have counted, in the format of Prometheus."""

    def do_GET(self):
        """Answer."""
        lines = ["# TYPE gateway_packets_total counter"]
        for name, number in counted().items():
            lines.append('gateway_packets_total{rule="%s"} %d' % (name, number))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write("\n".join([*lines, ""]).encode())

    def log_message(self, *_):
        """Say nothing."""


def main():
    """Do what the first word says."""
    word = sys.argv[1] if len(sys.argv) > 1 else "keep"
    with open(DOORS, encoding="utf-8") as file:
        doors = json.load(file)
    if word == "counters":
        print(json.dumps(counted(), indent=1, sort_keys=True))
    elif word == "rules":
        ends = [door[end] for door in doors for end in ("entry", "exit")]
        print(rules(doors, {name: f"192.0.2.{n % 250 + 1}" for n, name in enumerate(ends)}), end="")
    else:
        server = ThreadingHTTPServer(("", PORT), Metrics)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        keep(doors)


if __name__ == "__main__":
    main()
