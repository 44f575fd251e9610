"""Designs for the tests of the exporters, built through edits as users build them."""

from typing import Any

from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.traffic import Client, Firewall

Drawn = tuple[Design, dict[str, str]]


def draw(name: str, parts: dict[str, tuple[str, dict[str, Any]]]) -> Drawn:
    """Return a design with parts under handles: handle -> (kind, fields), and the ids."""
    design, ids = Design(name=name), {}
    for handle, (kind, values) in parts.items():
        design, ids[handle] = edits.add(design, kind, **({"name": handle} | values))
    return design, ids


def link(drawn: Drawn, *ends: tuple[str, str], **values: Any) -> Design:
    """Return the design with links between handles."""
    design, ids = drawn
    for source, target in ends:
        design, _ = edits.connect(design, ids[source], ids[target], **values)
    return design


def web_stack(engine: str = "postgres", replicas: int = 0, **database: Any) -> Drawn:
    """Users, a balancer, two web servers, two applications and a database."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "lb": ("load_balancer", {}),
        "web-1": ("web_server", {}),
        "web-2": ("web_server", {}),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "files-1": ("app_files", {}),
        "db-0": ("database", {"engine": engine, "role": "primary"} | database),
        "db-cluster": ("cluster", {"mode": "primary-replica", "failover": "manual"}),
    }
    for number in range(1, replicas + 1):
        parts[f"db-{number}"] = ("database", {"engine": engine, "role": "replica"})
    drawn = draw("A stack", parts)
    ids = drawn[1]
    members = [ids[key] for key in parts if key.startswith("db-") and key != "db-cluster"]
    drawn = edits.join(drawn[0], ids["db-cluster"], members), ids
    drawn = link(drawn, ("users", "lb"), ("lb", "web-1"), ("lb", "web-2"), protocol="http"), ids
    drawn = link(drawn, ("web-1", "app-1"), ("web-2", "app-2"), protocol="http", port=8000), ids
    drawn = link(drawn, ("app-1", "files-1"), ("app-2", "files-1"), protocol="file"), ids
    for role in ("read", "write"):
        ends = (("app-1", "db-cluster"), ("app-2", "db-cluster"))
        drawn = link(drawn, *ends, role=role, protocol="postgres"), ids
    return drawn


def measured(drawn: Drawn, *left_out: str, by: str = "prometheus") -> Drawn:
    """Return a design in which a monitoring server is drawn to measure all parts but some."""
    design, ids = drawn
    ends = [
        (by, handle)
        for handle, key in ids.items()
        if handle not in (by, *left_out)
        and not isinstance(design.components[key], Client | Cluster | Firewall)
    ]
    return link(drawn, *ends, role="monitor", protocol="http"), ids


def self_switching(replicas: int = 2, **database: Any) -> Drawn:
    """The web stack with a database that switches by itself, watched."""
    design, ids = web_stack(replicas=replicas, **database)
    design = edits.set_fields(design, ids["db-cluster"], failover="automatic")
    design, ids["prometheus"] = edits.add(design, "monitoring_server", name="prometheus")
    return measured((design, ids))


def balanced_data(failover: str = "automatic", replicas: int = 2, **database: Any) -> Drawn:
    """The web stack with a balancer before its database, watched."""
    design, ids = self_switching(replicas=replicas, **database)
    design = edits.set_fields(design, ids["db-cluster"], failover=failover)
    direct = [key for key, link in design.links.items() if link.target == ids["db-cluster"]]
    design, ids["db-lb"] = edits.add(
        edits.remove(design, direct), "load_balancer", name="db-lb", algorithm="leastconn"
    )
    for role in ("read", "write"):
        ends = (("app-1", "db-lb"), ("app-2", "db-lb"), ("db-lb", "db-cluster"))
        design = link((design, ids), *ends, role=role, protocol="postgres")
    return link((design, ids), ("prometheus", "db-lb"), role="monitor", protocol="http"), ids


def copied(engine: str = "postgres", replicas: int = 1, **backup: Any) -> Drawn:
    """The web stack whose database is copied by a backup."""
    design, ids = web_stack(engine, replicas=replicas)
    design, ids["copies"] = edits.add(design, "backup", name="copies", **backup)
    return link((design, ids), ("db-0", "copies"), role="backup", protocol="ssh"), ids


def cache_set(engine: str = "redis", failover: str = "automatic", **cluster: Any) -> Drawn:
    """An application with a cache of three copies, watched."""
    names = [f"{engine}-{number}" for number in range(3)]
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "app": ("app_server", {}),
        **{name: ("cache", {"engine": engine}) for name in names},
        "copies": ("cluster", {"mode": "primary-replica", "failover": failover} | cluster),
        "prometheus": ("monitoring_server", {}),
    }
    design, ids = draw("Copies", parts)
    design = edits.join(design, ids["copies"], [ids[name] for name in names])
    design = link((design, ids), ("users", "app"), protocol="http")
    design = link((design, ids), ("app", "copies"), role="cache", protocol="redis")
    return measured((design, ids))


def passive_pair(failover: str = "automatic") -> Drawn:
    """An active-passive pair of balancers over TLS, with everything else there is behind it."""
    design, ids = web_stack("mysql", replicas=2)
    more: dict[str, tuple[str, dict[str, Any]]] = {
        "lb-b": ("load_balancer", {"algorithm": "random", "redirect": True}),
        "pair": ("cluster", {"mode": "active-passive", "failover": failover}),
        "redis": ("cache", {"engine": "redis"}),
        "valkey": ("cache", {"engine": "valkey"}),
        "memcached": ("cache", {"engine": "memcached"}),
        "queue": ("queue", {}),
        "extra": ("service", {"image": "ghcr.io/example/thing:1.2.3", "port": 9000}),
        "prometheus": ("monitoring_server", {"probes": True}),
        "pager": ("alerting", {}),
        "agent": ("monitoring_agent", {}),
        "fw": ("firewall", {}),
    }
    for handle, (kind, values) in more.items():
        design, ids[handle] = edits.add(design, kind, **({"name": handle} | values))
    design = edits.set_fields(design, ids["lb"], redirect=True, certificate="www.example.com")
    design = edits.join(design, ids["pair"], [ids["lb"], ids["lb-b"]])
    first = design.incoming[ids["lb"]][0]
    design = edits.remove(design, [first])
    design = link((design, ids), ("users", "fw"), ("fw", "pair"), protocol="https", tls="1.3")
    design = link((design, ids), ("lb-b", "web-1"), ("lb-b", "web-2"), protocol="http")
    for handle in ("redis", "valkey", "memcached"):
        design = link((design, ids), ("app-1", handle), role="cache", protocol="redis")
    design = link((design, ids), ("app-1", "queue"), role="publish", protocol="amqp")
    design = link((design, ids), ("app-1", "extra"), protocol="http", port=9000)
    design = link((design, ids), ("prometheus", "pager"), role="alert", protocol="http")
    return measured((design, ids))


def balanced(
    image: str, kind: str = "load_balancer", *, tls: bool = False, pair: bool = False, **values: Any
) -> Drawn:
    """Users, a front of any product, or a pair of it, and two applications behind it."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "front": (kind, {"image": image} | values),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "code": ("app_files", {}),
    }
    if pair:
        parts["other"] = parts["front"]
        parts["pair"] = ("cluster", {"mode": "active-passive", "failover": "automatic"})
    design, ids = draw(f"Balanced by {image.partition(':')[0]}", parts)
    if pair:
        design = edits.join(design, ids["pair"], [ids["front"], ids["other"]])
    entrance = {"protocol": "https", "tls": "1.3"} if tls else {"protocol": "http"}
    design = link((design, ids), ("users", "pair" if pair else "front"), **entrance)
    for front in ("front", "other") if pair else ("front",):
        ends = ((front, "app-1"), (front, "app-2"))
        design = link((design, ids), *ends, protocol="http", port=8000)
    ends = (("app-1", "code"), ("app-2", "code"))
    return link((design, ids), *ends, protocol="file"), ids


def watched(drawn: Drawn) -> Drawn:
    """A design with a monitoring server that looks at the site as its users do."""
    design, ids = drawn
    design, ids["prometheus"] = edits.add(
        design, "monitoring_server", name="prometheus", probes=True
    )
    return measured((design, ids))


def cached(*, tls: bool = False) -> Drawn:
    """Users, a CDN, and a web server that is the origin of its pages."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "cdn": ("cdn", {}),
        "web": ("web_server", {}),
    }
    entrance = {"protocol": "https", "tls": "1.3"} if tls else {"protocol": "http"}
    drawn = draw("Behind a cache", parts)
    return link(drawn, ("users", "cdn"), ("cdn", "web"), **entrance), drawn[1]


def working(queues: int = 1, mode: str = "quorum", *, tls: bool = False, **cache: Any) -> Drawn:
    """Two applications that leave jobs in queues, a worker that does them, and a cache."""
    names = [f"queue-{number}" for number in range(1, queues + 1)]
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "lb": ("load_balancer", {}),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "worker": ("worker", {}),
        "code": ("app_files", {}),
        "db": ("database", {}),
        "cache": ("cache", cache),
        **{name: ("queue", {}) for name in names},
        "queues": ("cluster", {"mode": mode}),
        "prometheus": ("monitoring_server", {}),
    }
    if queues == 1:
        del parts["queues"]
    design, ids = draw("Jobs", parts)
    if queues > 1:
        design = edits.join(design, ids["queues"], [ids[name] for name in names])
    design = link((design, ids), ("users", "lb"), protocol="http")
    design = link((design, ids), ("lb", "app-1"), ("lb", "app-2"), protocol="http", port=8000)
    target = "queues" if queues > 1 else "queue-1"
    amqp = {"protocol": "amqp", "tls": "1.3" if tls else "none"}
    design = link((design, ids), ("app-1", target), ("app-2", target), role="publish", **amqp)
    design = link((design, ids), ("worker", target), role="consume", **amqp)
    for role in ("read", "write"):
        ends = (("app-1", "db"), ("app-2", "db"), ("worker", "db"))
        design = link((design, ids), *ends, role=role, protocol="postgres")
    for app in ("app-1", "app-2"):
        design = link((design, ids), (app, "cache"), role="cache", protocol="redis")
    ends = (("app-1", "code"), ("app-2", "code"), ("worker", "code"))
    return measured((link((design, ids), *ends, protocol="file"), ids), "code")


def own_programs(*, tls: bool = False, **worker: Any) -> Drawn:
    """An application and a worker of the user's own that share a queue and a database, watched."""
    own = {"program": "image", "image": "ghcr.io/you/shop:1.4"}
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "app": ("app_server", own),
        "worker": ("worker", own | {"image": "ghcr.io/you/mailer:1.4"} | worker),
        "queue": ("queue", {}),
        "db": ("database", {}),
        "prometheus": ("monitoring_server", {}),
    }
    design, ids = draw("Own programs", parts)
    safe = {"tls": "1.3" if tls else "none"}
    design = link((design, ids), ("users", "app"), protocol="http")
    design = link((design, ids), ("app", "queue"), role="publish", protocol="amqp", **safe)
    design = link((design, ids), ("worker", "queue"), role="consume", protocol="amqp", **safe)
    for role in ("read", "write"):
        ends = (("app", "db"), ("worker", "db"))
        design = link((design, ids), *ends, role=role, protocol="postgres", **safe)
    return measured((design, ids))


def pooled(failover: str = "automatic", replicas: int = 1, *, tls: bool = False) -> Drawn:
    """An application, and a PgBouncer before its database, watched."""
    names = [f"db-{number}" for number in range(replicas + 1)]
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "app": ("app_server", {}),
        "code": ("app_files", {}),
        "pool": ("load_balancer", {"image": "pgbouncer:1.25", "layer": "tcp"}),
        "db": ("cluster", {"mode": "primary-replica", "failover": failover}),
        **{name: ("database", {"role": "replica"}) for name in names},
        "db-0": ("database", {}),
        "prometheus": ("monitoring_server", {}),
    }
    design, ids = draw("Pooled", parts)
    design = edits.join(design, ids["db"], [ids[name] for name in names])
    design = link((design, ids), ("users", "app"), protocol="http")
    design = link((design, ids), ("app", "code"), protocol="file")
    for role in ("read", "write"):
        values = {"role": role, "protocol": "postgres", "tls": "1.3" if tls else "none"}
        design = link((design, ids), ("app", "pool"), ("pool", "db"), **values)
    return measured((design, ids), "code")


def storing(copies: int = 1, *, tls: bool = True, database: bool = True) -> Drawn:
    """Two applications that keep notes in an object store, and in a database if any; watched."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "lb": ("load_balancer", {}),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "code": ("app_files", {}),
        "storage": ("object_store", {"copies": copies}),
        "prometheus": ("monitoring_server", {}),
        **({"db": ("database", {})} if database else {}),
    }
    design, ids = draw("Objects", parts)
    design = link((design, ids), ("users", "lb"), protocol="http")
    design = link((design, ids), ("lb", "app-1"), ("lb", "app-2"), protocol="http", port=8000)
    for app in ("app-1", "app-2"):
        design = link((design, ids), (app, "code"), protocol="file")
        design = link((design, ids), (app, "storage"), protocol="s3" if tls else "http")
        for role in ("read", "write") if database else ():
            design = link((design, ids), (app, "db"), role=role, protocol="postgres")
    return measured((design, ids), "code")


def logging(*more: str) -> Drawn:
    """A web server, and two applications whose logs are kept: of one alone, of one by its machine.

    `more` are further log stores to which both send as well.
    """
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "web": ("web_server", {}),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "code": ("app_files", {}),
        "host": ("server", {}),
        "agent": ("monitoring_agent", {}),
        **{name: ("log_store", {}) for name in ("logs", *more)},
    }
    design, ids = draw("Logs are kept", parts)
    design = edits.nest(design, [ids["app-2"], ids["agent"]], ids["host"])
    design = link((design, ids), ("users", "web"), protocol="http")
    design = link((design, ids), ("web", "app-1"), ("web", "app-2"), protocol="http", port=8000)
    design = link((design, ids), ("app-1", "code"), ("app-2", "code"), protocol="file")
    for name in ("logs", *more):
        ends = (("app-1", name), ("agent", name))
        design = link((design, ids), *ends, role="log", protocol="syslog-tls")
    return design, ids


def walled() -> Drawn:
    """Three zones with firewalls between them: one as a node, and two that are alternatives."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "web": ("web_server", {}),
        "fwd": ("firewall", {}),
        "app-1": ("app_server", {}),
        "app-2": ("app_server", {}),
        "code": ("app_files", {}),
        "wall-1": ("firewall", {}),
        "wall-2": ("firewall", {}),
        "db": ("database", {"engine": "postgres", "role": "primary"}),
        "dmz": ("zone", {"trust": "dmz"}),
        "inner": ("zone", {"trust": "app"}),
        "data": ("zone", {"trust": "data"}),
    }
    design, ids = draw("Behind walls", parts)
    for zone, members in {"dmz": ["web"], "inner": ["app-1", "app-2"], "data": ["db"]}.items():
        design = edits.nest(design, [ids[name] for name in members], ids[zone])
    design = link((design, ids), ("users", "web"), ("web", "fwd"), protocol="http")
    design = link((design, ids), ("fwd", "app-1"), ("fwd", "app-2"), protocol="http", port=8000)
    for role in ("read", "write"):
        ends = (("app-1", "db"), ("app-2", "db"))
        either = (f"{ids['wall-1']}|{ids['wall-2']}",)
        design = link((design, ids), *ends, role=role, protocol="postgres", via=either)
    design = link((design, ids), ("app-1", "code"), ("app-2", "code"), protocol="file")
    return design, ids
