"""Designs that say of themselves what is careless: rights, passwords, versions, ports, alarms."""

from collections.abc import Callable

from app.model.design import Design
from tests.rules.drawing import Drawing


def behind_firewall(**values: str) -> Drawing:
    """Users before a firewall before a web server, its application and its database."""
    drawing = Drawing()
    wall = drawing.part("firewall", **values)
    (web,) = drawing.on(None, "web_server", certificate="www.example.com")
    (app,) = drawing.on(None, "app_server")
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, wall, protocol="https", tls="1.3")
    drawing.link(wall, web, protocol="https", tls="1.3")
    drawing.link(web, app, protocol="https", tls="1.3")
    for role in ("read", "write"):
        drawing.link(app, db, role=role, protocol="postgres", tls="1.3")
    return drawing


def firewall_that_lets_all_through() -> Design:
    """A packet filter without a rule."""
    return behind_firewall(default_policy="allow", open_ports="22").design


def firewall_with_wrong_ports() -> Design:
    """A packet filter that opens what nobody needs and shuts what is drawn."""
    return behind_firewall(open_ports="22 25").design


def flat_network() -> Design:
    """Application and data in the only zone, behind a front outside it."""
    drawing = Drawing()
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server", certificate="www.example.com")
    zone = drawing.part("zone", trust="app")
    (app,) = drawing.on(zone, "app_server")
    (db,) = drawing.on(zone, "database")
    drawing.link(drawing.users, wall, protocol="https", tls="1.3")
    drawing.link(wall, web, protocol="https", tls="1.3")
    drawing.link(web, app, protocol="https", tls="1.3", via=(wall,))
    for role in ("read", "write"):
        drawing.link(app, db, role=role, protocol="postgres", tls="1.3")
    return drawing.design


def side_doors() -> Design:
    """Ways round the tiers, a way out, and confidential requests that nobody reads."""
    drawing = Drawing()
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server", certificate="www.example.com")
    zone = drawing.part("zone", trust="app")
    (app,) = drawing.on(zone, "app_server")
    (db,) = drawing.on(zone, "database")
    outside = drawing.part("zone", trust="internet")
    payment = drawing.part("service", outside)
    drawing.link(drawing.users, wall, protocol="https", tls="1.3", data="confidential")
    drawing.link(wall, web, protocol="https", tls="1.3", data="confidential")
    drawing.link(web, app, protocol="https", tls="1.3", via=(wall,))
    drawing.link(app, payment, protocol="https", tls="1.3", dependency="soft")
    drawing.link(drawing.users, app, protocol="https", tls="1.3", via=(wall,), choice="side door")
    for role in ("read", "write"):
        drawing.link(app, db, role=role, protocol="postgres", tls="1.3")
        drawing.link(web, db, role=role, protocol="postgres", tls="1.3", dependency="soft",
                     via=(wall,))  # fmt: skip
    return drawing.design


def management_in_front() -> Design:
    """Monitoring, logs and backups beside what answers the internet; administration from there."""
    drawing = Drawing()
    zone = drawing.part("zone", trust="dmz")
    wall = drawing.part("firewall", zone)
    (web,) = drawing.on(zone, "web_server", certificate="www.example.com")
    _, collector, logs = drawing.on(zone, "service", "monitoring_server", "log_store")
    (desk,) = drawing.on(zone, "service")
    drawing.link(drawing.users, wall, protocol="https", tls="1.3")
    drawing.link(wall, web, protocol="https", tls="1.3")
    drawing.link(collector, str(drawing.design.host(web)), role="monitor", protocol="https")
    drawing.link(web, logs, role="log", protocol="syslog-tls")
    drawing.link(desk, str(drawing.design.host(web)), web, role="admin", protocol="ssh")
    return drawing.design


def open_locks() -> Design:
    """Passwords, rights and disks as nobody should have them."""
    drawing = Drawing()
    front, inner = drawing.part("zone", trust="dmz"), drawing.part("zone", trust="data")
    (web,) = drawing.on(front, "web_server", certificate="www.example.com", runs_as="host")
    app, files, cache = drawing.on(front, "app_server", "app_files", "cache")
    (primary,) = drawing.on(inner, "database", engine="mariadb")
    (replica,) = drawing.on(inner, "database", role="replica", engine="mariadb")
    (backup,) = drawing.on(inner, "backup", at_rest="none")
    for host in drawing.design.children[front] + drawing.design.children[inner]:
        drawing.set(host, firewall=True)
    drawing.set(app, runs_as="root")
    drawing.set(files, writable=True)
    drawing.set(primary, credentials="default", at_rest="none")
    drawing.set(replica, credentials="configuration", accepts="writes", lag="unwatched")
    drawing.cluster(primary, replica, mode="primary-replica", failover="automatic")
    drawing.link(drawing.users, web, protocol="https", tls="1.3")
    drawing.link(web, app, protocol="https", tls="1.3", verify="no")
    drawing.link(app, files, protocol="file")
    drawing.link(app, cache, role="cache", protocol="redis", auth="none", data="credentials")
    for role in ("read", "write"):
        drawing.link(app, primary, role=role, protocol="mysql", tls="1.3", auth="none",
                     data="confidential")  # fmt: skip
    drawing.link(primary, replica, role="replicate", protocol="mysql", tls="1.3")
    drawing.link(primary, backup, role="backup", protocol="ssh")
    return drawing.design


def careless_operation() -> Design:
    """Servers that differ, versions without a number or without repairs, nobody who restarts."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", health_check="tcp", restart="never")
    drawing.set(lb, image="haproxy:latest")
    webs = [
        key
        for image in ("nginx:1.18", "nginx:1.30")
        for key in drawing.on(None, "web_server", image=image)
    ]
    apps = []
    for version in ("1.0", "1.1"):
        app, files = drawing.on(None, "app_server", "app_files")
        drawing.set(files, version=version)
        drawing.link(app, files, protocol="file")
        apps.append(app)
    (db,) = drawing.on(None, "database", version="12")
    pipeline = drawing.part("service", image="gitea/act_runner:0.2")
    drawing.link(pipeline, apps[0], role="deploy", protocol="ssh")
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)
    for web in webs:
        drawing.link(web, *apps)
    for app in apps:
        drawing.query(app, db)
    return drawing.design


def sleepy_watch() -> Design:
    """A promise that nobody could see broken: silent logs, certificates, alarms on the machine."""
    drawing = Drawing()
    (web,) = drawing.on(
        None, "web_server", certificate="www.example.com", renewal="by-hand", metrics=True
    )
    host = str(drawing.design.host(web))
    primary, replica = (
        drawing.on(None, "database", role=role)[0] for role in ("primary", "replica")
    )
    drawing.set(replica, lag="unwatched", own_metrics="none")
    drawing.cluster(primary, replica, mode="primary-replica", failover="automatic")
    (collector,) = drawing.on(None, "monitoring_server", probes=True)
    bell = drawing.part("alerting", host)
    (logs,) = drawing.on(None, "log_store")
    drawing.link(drawing.users, web, protocol="https", tls="1.3")
    for role in ("read", "write"):
        drawing.link(web, primary, role=role, protocol="postgres", tls="1.3")
    drawing.link(primary, replica, role="replicate", protocol="postgres", tls="1.3")
    for part in (web, primary, replica):
        watched = str(drawing.design.host(part))
        drawing.link(collector, watched, role="monitor", protocol="https")
    drawing.link(primary, logs, role="log", protocol="syslog-tls")
    drawing.link(collector, bell, role="alert", protocol="https")
    drawing.set("browse", target_availability=0.99)
    return drawing.design


def trusting_neighbours(**values: str) -> Drawing:
    """A web server with a certificate, and secrets that its application gets without a proof."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", certificate="www.example.com", renewal="watched")
    zone = drawing.part("zone", trust="app")
    (app,) = drawing.on(zone, "app_server")
    (db,) = drawing.on(zone, "database")
    drawing.link(drawing.users, web, protocol="https", tls="1.3")
    drawing.link(web, app, protocol="https", tls="1.3")
    for role in ("read", "write"):
        drawing.link(app, db, **{"role": role, "protocol": "postgres", "tls": "1.3",
                                 "data": "confidential", "auth": "none"} | values)  # fmt: skip
    return drawing


def trust_inside() -> Design:
    """The same as it was drawn."""
    return trusting_neighbours().design


def half_a_figure() -> Design:
    """A web server of which only the time between failures is known."""
    drawing = Drawing()
    drawing.link(drawing.users, *drawing.on(None, "web_server", mtbf_hours=1_000.0))
    return drawing.design


CARELESS: tuple[Callable[[], Design], ...] = (
    firewall_that_lets_all_through, firewall_with_wrong_ports, flat_network, side_doors,
    management_in_front, open_locks, careless_operation, sleepy_watch, trust_inside,
    half_a_figure,
)  # fmt: skip
