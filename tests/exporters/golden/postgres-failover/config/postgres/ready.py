"""Whether this server does its part: it leads, or it follows and somebody could lead next.

Sources: the Patroni documentation, chapters "REST API" and "Replication modes".
"""

import json
import sys
from urllib.request import urlopen


def told(path):
    with urlopen(f"{sys.argv[1]}/{path}", timeout=3) as answer:
        return json.load(answer)


def has_heir():
    """Where writes wait for a replica, the leader says which one may lead after it."""
    if not told("config").get("synchronous_mode"):
        return True
    return any(member["role"] == "sync_standby" for member in told("cluster")["members"])


here = told("patroni")
if here["state"] != "running":
    sys.exit(f"the server is {here['state']}")
if here["role"] == "replica" and here.get("replication_state") != "streaming":
    sys.exit("nothing is received from the leader")
if here["role"] == "replica" and not has_heir():
    sys.exit("nobody may lead after the leader yet")
