"""Small designs, each with something wrong in it; the rules and their fixes are tried on all."""

from collections.abc import Callable, Iterable

from app.model import edits
from app.model.design import Design
from app.model.links import Place, Waiver
from app.rules.check import check
from app.storage.codec import load
from sample_designs import SAMPLES, read
from tests.rules.cabling import uplink
from tests.rules.careless import CARELESS
from tests.rules.chosen import CHOSEN
from tests.rules.drawing import Drawing
from tests.rules.exposed import bad_watch, open_house
from tests.rules.spoken import SPOKEN


def spofs(design: Design) -> list[str]:
    """Return the keys of all findings of the category."""
    return [finding.key for finding in check(design) if finding.rule.category == "spof"]


def pair(kind: str, *, shared: bool = False) -> Drawing:
    """Return two parts of a kind that a web server may use, on two servers or on one."""
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    first = drawing.on(None, kind, kind) if shared else drawing.on(None, kind)
    second = [] if shared else drawing.on(None, kind)
    drawing.link(drawing.users, *webs)
    for web in webs:
        drawing.link(web, *first, *second)
    return drawing


def one_server() -> Design:
    """Everything on one machine."""
    drawing = Drawing()
    web, app, files, db = drawing.on(None, "web_server", "app_server", "app_files", "database")
    drawing.link(drawing.users, web)
    drawing.link(web, app)
    drawing.link(app, files, protocol="file")
    drawing.query(app, db)
    return drawing.design


def single_parts() -> Design:
    """A balancer before two web servers that share one application server, queue and search."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    (app,) = drawing.on(None, "app_server")
    (queue,) = drawing.on(None, "queue")
    (search,) = drawing.on(None, "search")
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)
    for web in webs:
        drawing.link(web, app)
    drawing.link(app, queue, role="publish", protocol="amqp")
    drawing.link(app, search, dependency="hard")
    return drawing.design


def without_servers() -> Design:
    """Programs that no machine was drawn for."""
    drawing = Drawing()
    lb, web, db = (drawing.part(kind) for kind in ("load_balancer", "web_server", "database"))
    drawing.link(drawing.users, lb)
    drawing.link(lb, web)
    drawing.query(web, db)
    return drawing.design


def shared_server() -> Design:
    """Two web servers with their applications on one machine."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    web_1, web_2, app_1, app_2 = drawing.on(
        None, "web_server", "web_server", "app_server", "app_server"
    )
    drawing.link(drawing.users, lb)
    drawing.link(lb, web_1, web_2)
    drawing.link(web_1, app_2)
    drawing.link(web_2, app_1)
    return drawing.design


def shared_storage() -> Design:
    """Two application servers that share their code and one store."""
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (files,) = drawing.on(None, "app_files")
    (store,) = drawing.on(None, "object_store")
    drawing.link(drawing.users, *apps)
    for app in apps:
        drawing.link(app, files, protocol="file")
        drawing.link(app, store, protocol="s3")
    return drawing.design


def firewalls() -> Design:
    """One firewall drawn as a box and one that a link passes."""
    drawing = Drawing()
    wall, other = drawing.part("firewall"), drawing.part("firewall")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    drawing.link(drawing.users, wall)
    drawing.link(wall, *webs)
    for web in webs:
        drawing.link(web, *apps, via=(other,))
    return drawing.design


def names_and_edges() -> Design:
    """One DNS provider with one name server and one CDN before two web servers."""
    drawing = Drawing()
    dns, cdn = drawing.part("dns", name_servers=1), drawing.part("cdn")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, cdn)
    drawing.link(cdn, *webs)
    return drawing.design


def round_robin_dns() -> Design:
    """Two web servers behind names that nobody checks; a hidden name server."""
    drawing = Drawing()
    providers = [drawing.part("dns"), drawing.part("dns", name_servers=1)]
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *providers, role="resolve", protocol="dns")
    drawing.link(drawing.users, *webs)
    return drawing.design


def replicas(failover: str = "none", *, promotable: bool = True, together: bool = False) -> Design:
    """Two application servers before a primary with a replica."""
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (primary,) = drawing.on(None, "database")
    host = drawing.design.host(primary) if together else drawing.part("server")
    replica = drawing.part("database", host, role="replica", promotable=promotable)
    drawing.cluster(primary, replica, mode="primary-replica", failover=failover)
    drawing.link(primary, replica, role="replicate", protocol="postgres")
    drawing.link(drawing.users, *apps)
    for app in apps:
        drawing.query(app, primary)
        drawing.link(app, replica, role="read", protocol="postgres")
    return drawing.design


def reads_from_the_primary() -> Design:
    """A failover that saves the writes while all reads still go to the first database."""
    design = replicas("automatic")
    reads = [key for key, link in design.links.items() if link.role == "read"]
    return edits.remove(design, reads[1::2])


def reading_only() -> Design:
    """A catalogue that nobody writes to, in one database."""
    drawing = Drawing()
    drawing.design = edits.remove(drawing.design, ("checkout",))
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, *apps)
    for app in apps:
        drawing.link(app, db, role="read", protocol="postgres")
    return drawing.design


def writes_to_a_replica() -> Design:
    """An application that writes where it may only read, and a replica without a source."""
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    (primary,) = drawing.on(None, "database")
    (replica,) = drawing.on(None, "database", role="replica")
    drawing.cluster(primary, replica, mode="primary-replica", failover="automatic")
    drawing.link(drawing.users, app)
    drawing.query(app, primary)
    drawing.link(app, replica, role="write", protocol="postgres")
    return drawing.design


def sites(domain: str = "datacenter") -> Design:
    """Two of each in one place."""
    drawing = Drawing()
    site = drawing.part("site", domain=domain)
    zone = drawing.part("zone", site)
    webs = [key for _ in range(2) for key in drawing.on(zone, "web_server")]
    apps = [key for _ in range(2) for key in drawing.on(zone, "app_server")]
    drawing.link(drawing.users, *webs)
    for web in webs:
        drawing.link(web, *apps)
    return drawing.design


def single_parts_in_a_site() -> Design:
    """One of each, in one place."""
    drawing = Drawing()
    site = drawing.part("site")
    (lb,) = drawing.on(site, "load_balancer")
    (web,) = drawing.on(site, "web_server")
    (db,) = drawing.on(site, "database")
    drawing.link(drawing.users, lb)
    drawing.link(lb, web)
    drawing.query(web, db)
    return drawing.design


def balancers(mode: str, failover: str = "none", *, virtual: bool = False) -> Design:
    """Two balancers in a cluster before two web servers; the users enter by the cluster."""
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    cluster = drawing.cluster(*lbs, mode=mode, failover=failover, virtual_address=virtual)
    for lb in lbs:
        drawing.link(lb, *webs)
    drawing.link(drawing.users, cluster)
    return drawing.design


def one_door() -> Design:
    """Two balancers that work at the same time, and users that know one of them."""
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.cluster(*lbs, mode="active-active")
    for lb in lbs:
        drawing.link(lb, *webs)
    drawing.link(drawing.users, lbs[0])
    return drawing.design


def quorum(count: int, servers: int) -> Design:
    """Services that vote, on so many machines."""
    drawing = Drawing()
    hosts = [drawing.part("server") for _ in range(servers)]
    members = [drawing.part("service", hosts[number % servers]) for number in range(count)]
    cluster = drawing.cluster(*members, mode="quorum")
    drawing.link(drawing.users, cluster)
    return drawing.design


def hidden_cluster() -> Design:
    """A cluster on one machine, which something else hides from the users."""
    drawing = Drawing()
    webs = drawing.on(None, "web_server", "web_server")
    (third,) = drawing.on(None, "web_server")
    cluster = drawing.cluster(*webs, mode="active-active")
    drawing.link(drawing.users, cluster, choice="web")
    drawing.link(drawing.users, third, choice="web")
    return drawing.design


def all_needed() -> Design:
    """A cluster that needs both of its members."""
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    cluster = drawing.cluster(*webs, mode="active-active", needed=2)
    drawing.link(drawing.users, cluster)
    return drawing.design


def busy() -> Design:
    """Two balanced web servers that cannot carry the load alone, with state on one."""
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    apps = [
        key
        for state in ("local", "none")
        for key in drawing.on(None, "app_server", capacity=100.0, state=state)
    ]
    drawing.link(drawing.users, *lbs)
    for lb in lbs:
        drawing.link(lb, *apps)
    drawing.set("browse", requests_per_second=120.0)
    drawing.set("checkout", requests_per_second=30.0)
    return drawing.design


def pool(rate: float, *capacities: float, **flow: float) -> Design:
    """A balancer with a pool of web servers, for each flow half of a load."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    webs = [drawing.on(None, "web_server", capacity=able)[0] for able in capacities]
    drawing.link(drawing.users, lb)
    drawing.link(lb, *webs)
    for key in ("browse", "checkout"):
        drawing.set(key, requests_per_second=rate / 2, **flow)
    return drawing.design


def promises() -> Design:
    """A single web server and a promise that it cannot keep."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web)
    drawing.set("browse", target_availability=0.999)
    return drawing.design


def unfinished() -> Design:
    """Users that lead nowhere, a balancer with nothing behind it, parts without links."""
    drawing = Drawing()
    drawing.part("load_balancer", algorithm="unset")
    drawing.part("cache")
    return drawing.design


def unknown_parts() -> Design:
    """Requirements that name parts that are not there, and a waiver of nothing."""
    design = edits.set_fields(one_server(), "web-1", requires={"read": "app-9 or app-1"})
    return edits.set_fields(design, "app-1", requires={"write": "gone-1"})


def impossible() -> Design:
    """A cluster that needs more members than it has."""
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    cluster = drawing.cluster(*webs, needed=3)
    drawing.link(drawing.users, cluster)
    return drawing.design


def circle() -> Design:
    """Two services that need each other."""
    drawing = Drawing()
    one, other = drawing.on(None, "service", "service")
    drawing.link(drawing.users, one)
    drawing.link(one, other)
    drawing.link(other, one)
    return drawing.design


def by_expression() -> Design:
    """A web server whose requirement names its database, and a flow that names the server."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, web)
    drawing.query(web, db)
    drawing.set(web, requires={"read": db, "write": db})
    drawing.set("browse", requires=web)
    return drawing.design


def half_housed() -> Design:
    """A program that no machine was drawn for, beside one that has one."""
    drawing = Drawing()
    drawing.link(drawing.users, *drawing.on(None, "web_server"), drawing.part("web_server"))
    return drawing.design


def lonely_backends() -> Design:
    """Two balancers that have one server each."""
    drawing = Drawing()
    for _ in range(2):
        (lb,) = drawing.on(None, "load_balancer")
        (web,) = drawing.on(None, "web_server")
        drawing.link(drawing.users, lb)
        drawing.link(lb, web)
    return drawing.design


def weak_pair() -> Design:
    """A promise that two web servers use up together, and a reason for something that is gone."""
    drawing = Drawing()
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, *webs)
    drawing.set("browse", target_availability=0.99999)
    return edits.waive(drawing.design, "SPOF001@gone-1", Waiver(reason="it was a demo"))


def unused_replicas() -> Design:
    """A database cluster that nothing switches, all on one machine, which no flow needs yet."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    primary, replica = drawing.on(None, "database", "database")
    drawing.set(replica, role="replica")
    drawing.link(drawing.users, web)
    drawing.link(primary, replica, role="replicate", protocol="postgres")
    drawing.cluster(primary, replica, mode="primary-replica")
    return drawing.design


def replicas_in_one_site() -> Design:
    """Votes and copies of data in one of two sites; another answer hides that from the users."""
    drawing = Drawing()
    here, there = drawing.part("site"), drawing.part("site")
    apps = [key for site in (here, there) for key in drawing.on(site, "app_server")]
    (primary,) = drawing.on(here, "database")
    (replica,) = drawing.on(here, "database", role="replica")
    members = [key for _ in range(3) for key in drawing.on(here, "service")]
    drawing.cluster(primary, replica, mode="primary-replica", failover="automatic")
    drawing.link(primary, replica, role="replicate", protocol="postgres")
    votes = drawing.cluster(*members, mode="quorum")
    drawing.link(drawing.users, *apps)
    drawing.query(apps[0], primary)
    drawing.link(apps[0], replica, role="read", protocol="postgres")
    drawing.link(apps[0], votes)
    drawing.query(apps[1], *drawing.on(there, "database"))
    return drawing.design


def dead_end() -> Design:
    """A balancer that hands requests to nobody."""
    drawing = Drawing()
    drawing.link(drawing.users, *drawing.on(None, "load_balancer"))
    return drawing.design


def mixed_cluster() -> Design:
    """Two databases and a web server as each other's stand-ins."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    members = [drawing.on(None, "database", role=role)[0] for role in ("primary", "replica")]
    drawing.link(members[0], members[1], role="replicate", protocol="postgres")
    drawing.cluster(web, *members, mode="primary-replica", failover="automatic")
    drawing.link(drawing.users, web)
    return drawing.design


def backwards() -> Design:
    """A primary that copies its replica."""
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    primary, replica = (
        drawing.on(None, "database", role=role)[0] for role in ("primary", "replica")
    )
    drawing.link(drawing.users, app)
    drawing.query(app, primary)
    drawing.link(replica, primary, role="replicate", protocol="postgres")
    return drawing.design


def crowded() -> Design:
    """Two balancers without a server, too near to each other for a frame around each."""
    drawing = Drawing()
    lbs = [drawing.part("load_balancer") for _ in range(2)]
    (web,) = drawing.on(None, "web_server")
    drawing.design = edits.move(
        drawing.design, {key: Place(x=300, y=70.0 * n) for n, key in enumerate(lbs)}
    )
    drawing.link(drawing.users, *lbs)
    for lb in lbs:
        drawing.link(lb, web)
    return drawing.design


def nobody() -> Design:
    """Parts without users."""
    design, _ = edits.add(Design(), "web_server")
    return design


CASES: dict[str, Callable[[], Design]] = {
    case.__name__: case
    for case in (
        one_server, single_parts, without_servers, shared_server, shared_storage, firewalls,
        names_and_edges, round_robin_dns, replicas, reads_from_the_primary, reading_only,
        writes_to_a_replica, sites, single_parts_in_a_site, one_door, hidden_cluster, all_needed,
        busy, promises, unfinished, unknown_parts, impossible, circle, by_expression, half_housed,
        lonely_backends, weak_pair, unused_replicas, replicas_in_one_site, dead_end, nobody,
        open_house, bad_watch, mixed_cluster, backwards, crowded, uplink, *CHOSEN,
    )
}  # fmt: skip
CASES |= {
    "manual_failover": lambda: replicas("manual"),
    "replica_that_stays_one": lambda: replicas("automatic", promotable=False),
    "replica_on_the_same_server": lambda: replicas("automatic", together=True),
    "replicas_that_are_right": lambda: replicas("automatic"),
    "two_primaries": lambda: edits.set_fields(replicas("automatic"), "db-2", role="primary"),
    "one_switch": lambda: sites("switch"),
    "one_rack": lambda: sites("rack"),
    "standby_nobody_switches_to": lambda: balancers("active-passive"),
    "standby_by_hand": lambda: balancers("active-passive", "manual", virtual=True),
    "standby_that_is_right": lambda: balancers("active-passive", "automatic", virtual=True),
    "two_doors": lambda: balancers("active-active"),
    "even_votes": lambda: quorum(4, 4),
    "votes_on_two_servers": lambda: quorum(3, 2),
    "votes_that_are_right": lambda: quorum(3, 3),
}
CASES |= {case.__name__: case for case in (*CARELESS, *SPOKEN)}
CASES |= {
    "busy_pool": lambda: pool(170.0, 100.0, 100.0),
    "flooded_pool": lambda: pool(300.0, 100.0, 100.0),
    "slow_pool": lambda: pool(150.0, 100.0, 100.0, target_response_seconds=0.045),
    "idle_pool": lambda: pool(15.0, 100.0, 100.0, 100.0),
    "settings_of_a_later_version": lambda: edits.set_rule(one_server(), "NEW999", off=True),
    "team_rules": lambda: edits.set_team_rules(one_server(), "rules.py"),
}
CASES |= {
    f"sample_{sample.name}": lambda sample=sample: load(read(sample.name))  # type: ignore[misc]
    for sample in SAMPLES
}


def names() -> Iterable[str]:
    """Return the names of all cases."""
    return sorted(CASES)
