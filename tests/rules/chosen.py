"""Small designs in which balancers choose badly, copies stand badly, or promises are not kept."""

from app.model import edits
from app.model.design import Design
from tests.rules.drawing import Drawing


def pools(*capacities: float | None, **values: str) -> Drawing:
    """Return two balancers with equal settings before application servers of some capacities."""
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer", **values)[0] for _ in range(2)]
    apps = [drawing.on(None, "app_server", capacity=capacity)[0] for capacity in capacities]
    drawing.cluster(*lbs, mode="active-active")
    drawing.link(drawing.users, *lbs, protocol="https", tls="1.3")
    for lb in lbs:
        drawing.link(lb, *apps, protocol="http")
    return drawing


def unchecked() -> Design:
    """Two balancers that never ask whether a server is alive."""
    return pools(None, None, health_check="none").design


def unequal() -> Design:
    """Equal turns for a small and a big server."""
    return pools(100.0, 300.0).design


def sticky() -> Design:
    """Users tied to servers that keep their state."""
    drawing = pools(None, None, algorithm="source")
    for key in ("app-1", "app-2"):
        drawing.set(key, state="local")
    return drawing.design


def before_caches(**values: str) -> Drawing:
    """Return two balancers that hash by modulo before three caches."""
    drawing = Drawing()
    lbs = [
        drawing.on(None, "load_balancer", **{"algorithm": "uri", "hashing": "modulo"} | values)[0]
        for _ in range(2)
    ]
    caches = [drawing.on(None, "cache")[0] for _ in range(3)]
    drawing.cluster(*lbs, mode="active-active")
    drawing.link(drawing.users, *lbs, protocol="https", tls="1.3")
    for lb in lbs:
        drawing.link(lb, *caches, protocol="redis")
    return drawing


def moving_keys() -> Design:
    """The same as they were drawn."""
    return before_caches().design


def unlike() -> Design:
    """Two balancers of a cluster that are not set up alike; one of them knows fewer servers."""
    drawing = pools(None, None)
    drawing.set("lb-2", algorithm="leastconn", health_check="tcp")
    (third,) = drawing.on(None, "app_server")
    drawing.link("lb-1", third, protocol="http")
    return drawing.design


def copied(backup_in: str) -> Drawing:
    """Return a database in one of two sites with its backup on its server, beside it, or away."""
    drawing = Drawing()
    here, there = drawing.part("site"), drawing.part("site")
    (app,) = drawing.on(there, "app_server")
    (db,) = drawing.on(here, "database")
    server = drawing.design.host(db)
    parent = {"server": server, "site": here, "away": None}[backup_in]
    backup = (
        drawing.part("backup", server) if backup_in == "server" else drawing.on(parent, "backup")[0]
    )
    drawing.link(drawing.users, app, protocol="https", tls="1.3")
    drawing.query(app, db)
    drawing.link(db, backup, role="backup", protocol="ssh")
    return drawing


def chain(length: int) -> Drawing:
    """Return a primary whose last replica is so many links away."""
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, app, protocol="https", tls="1.3")
    drawing.query(app, db)
    for _ in range(length):
        (copy,) = drawing.on(None, "database", role="replica")
        drawing.link(db, copy, role="replicate", protocol="postgres", tls="1.3")
        drawing.link(app, copy, role="read", protocol="postgres", tls="1.3")
        db = copy
    return drawing


def weak_promise() -> Design:
    """A promise that a single database misses already."""
    drawing = chain(0)
    drawing.set("checkout", target_availability=0.999)
    return drawing.design


def slow_switch() -> Design:
    """A standby that takes over too late, and names that are kept for too long."""
    drawing = Drawing()
    dns = drawing.part("dns", health_check=True, ttl_seconds=600)
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    dbs = [drawing.on(None, "database", role=role)[0] for role in ("primary", "replica")]
    drawing.cluster(*dbs, mode="primary-replica", failover="automatic")
    drawing.link(dbs[0], dbs[1], role="replicate", protocol="postgres", tls="1.3")
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, *webs, protocol="https", tls="1.3")
    for web in webs:
        drawing.query(web, dbs[0])
        drawing.link(web, dbs[1], role="read", protocol="postgres", tls="1.3")
    drawing.set("checkout", recovery_time_seconds=20.0)
    return drawing.design


def half_the_outage() -> Design:
    """The same with a longer outage allowed, of which the names take more than half."""
    return edits.set_fields(slow_switch(), "checkout", recovery_time_seconds=1000.0)


def same_names() -> Design:
    """Two web servers of one name, and a record that holds what it cannot hold."""
    drawing = Drawing()
    dns = drawing.part("dns", record="CNAME", address="198.51.100.7")
    webs = [drawing.on(None, "web_server", name="web")[0] for _ in range(2)]
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, *webs, protocol="https", tls="1.3")
    return drawing.design


def backup_on_the_same_server() -> Design:
    """A backup that is lost with its original."""
    return copied("server").design


def backup_in_the_same_site() -> Design:
    """A backup that is lost with the site of its original."""
    return copied("site").design


def long_chain() -> Design:
    """A replica that is three links away from the primary."""
    return chain(3).design


def two_full_servers() -> Design:
    """Two servers with everything on each."""
    drawing = Drawing()
    for role in ("primary", "replica"):
        web, app, files, db = drawing.on(None, "web_server", "app_server", "app_files", "database")
        drawing.set(db, role=role)
        drawing.link(drawing.users, web, protocol="https", tls="1.3")
        drawing.link(web, app, protocol="http")
        drawing.link(app, files, protocol="file")
        drawing.query(app, "db-1")
    drawing.link("db-1", "db-2", role="replicate", protocol="postgres", tls="1.3")
    return drawing.design


def third_party(**values: str) -> Design:
    """Two servers that need somebody else's service."""
    drawing = Drawing()
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    pay = drawing.part("service", image="pay:1", external=True)
    drawing.link(drawing.users, *webs, protocol="https", tls="1.3")
    for web in webs:
        drawing.link(web, pay, protocol="https", tls="1.3", **values)
    return drawing.design


def endless_wait() -> Design:
    """The same service, which the servers could do without if they did not wait for it."""
    return third_party(dependency="soft", gives_up="no")


def half_at_noon(load: float = 250.0, *counts: int) -> Design:
    """Application servers for 100 requests a second each, in sites, at a busy hour."""
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer")[0] for _ in range(2)]
    apps = []
    for count in counts or (2, 2):
        site = drawing.part("site")
        apps += [drawing.on(site, "app_server", capacity=100.0)[0] for _ in range(count)]
    drawing.link(drawing.users, *lbs, protocol="https", tls="1.3")
    for lb in lbs:
        drawing.link(lb, *apps, protocol="http")
    drawing.set("browse", requests_per_second=load)
    return drawing.design


def cached_reads(hit_ratio: float | None = 0.9, load: float = 180.0) -> Drawing:
    """Return an application that asks a cache before a database for 100 requests a second."""
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (cache,) = drawing.on(None, "cache", hit_ratio=hit_ratio)
    (db,) = drawing.on(None, "database", capacity=100.0)
    drawing.link(drawing.users, app, protocol="https", tls="1.3")
    drawing.link(app, cache, role="cache", protocol="redis", tls="1.3")
    drawing.query(app, db)
    drawing.set("browse", requests_per_second=load)
    return drawing


def load_bearing_cache() -> Design:
    """The same, of which the database drowns when the cache is empty."""
    return cached_reads().design


def addressed(record: str, address: str, known: str) -> Design:
    """A domain and two web servers behind a balancer whose machine has an address."""
    drawing = Drawing()
    dns = drawing.part("dns", record=record, address=address)
    (lb,) = drawing.on(None, "load_balancer")
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, lb, protocol="https", tls="1.3")
    drawing.link(lb, *webs, protocol="http")
    drawing.set("server-1", address=known)
    return drawing.design


def another_house() -> Design:
    """A domain that leads to another machine than the one of the entrance."""
    return addressed("A", "198.51.100.7", "203.0.113.5")


CHOSEN = (
    third_party, endless_wait, load_bearing_cache, half_at_noon, another_house,
    unchecked, unequal, sticky, unlike, moving_keys, weak_promise, slow_switch, half_the_outage,
    same_names, backup_on_the_same_server, backup_in_the_same_site, long_chain, two_full_servers,
)  # fmt: skip
