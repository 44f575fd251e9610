"""Designs that say how programs listen, share a machine, and are too narrow, too long or alike."""

from collections.abc import Callable

from app.model.design import Design
from tests.rules.drawing import Drawing


def crowded_machine(listens: str = "everywhere", limits: str = "none") -> Drawing:
    """A web server and its application on one machine, administered by a password."""
    drawing = Drawing()
    zone = drawing.part("zone", trust="dmz")
    wall = drawing.part("firewall")
    web, app = drawing.on(zone, "web_server", "app_server")
    drawing.set(app, listens=listens, limits=limits)
    drawing.link(drawing.users, web, protocol="https", tls="1.3", via=(wall,))
    drawing.link(web, app, protocol="http")
    drawing.link(drawing.users, web, role="admin", protocol="ssh", auth="password", via=(wall,))
    return drawing


def greedy_and_open() -> Design:
    """An application that takes all there is and answers everybody; a password is enough."""
    return crowded_machine().design


def passing(**values: object) -> Drawing:
    """Return a balancer that passes connections to two web servers."""
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer", layer="tcp", health_check="tcp", **values)
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    drawing.link(drawing.users, lb, protocol="http")
    drawing.link(lb, *webs, protocol="http")
    return drawing


def blind_balancer() -> Design:
    """A balancer that is to choose by what it does not read."""
    return passing(algorithm="uri", redirect=True).design


def doors(*capacities: float | None, each: float = 200.0, **values: object) -> Drawing:
    """Return balancers of some capacities before three web servers."""
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer", capacity=able)[0] for able in capacities]
    webs = [drawing.on(None, "web_server", capacity=each)[0] for _ in range(3)]
    if len(lbs) > 1:
        drawing.cluster(*lbs, **values)
    drawing.link(drawing.users, *lbs)
    for lb in lbs:
        drawing.link(lb, *webs)
    return drawing


def narrow_door() -> Design:
    """A balancer that is slower than its servers."""
    return doors(150.0).design


def spare(active: float | None, standby: float | None, mode: str = "active-passive") -> Drawing:
    """Return a pair of which one stands by, which users enter by its cluster."""
    drawing = Drawing()
    kind = "load_balancer" if mode == "active-passive" else "database"
    first, other = (drawing.on(None, kind, capacity=able)[0] for able in (active, standby))
    cluster = drawing.cluster(
        first, other, mode=mode, failover="automatic", virtual_address=mode == "active-passive"
    )
    if kind == "database":
        drawing.set(other, role="replica")
        drawing.link(first, other, role="replicate", protocol="postgres", tls="1.3")
        (app,) = drawing.on(None, "app_server")
        drawing.link(drawing.users, app)
        drawing.query(app, cluster)
        return drawing
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, cluster)
    drawing.link(first, web)
    drawing.link(other, web)
    return drawing


def small_spare() -> Design:
    """A standby that can carry half of what it stands in for."""
    return spare(200.0, 100.0).design


def row(length: int) -> Drawing:
    """Return so many services, each of which waits for the next."""
    drawing = Drawing()
    before = drawing.users
    for _ in range(length):
        (after,) = drawing.on(None, "service", image="shop:1")
        drawing.link(before, after, protocol="http")
        before = after
    return drawing


def long_row() -> Design:
    """Six services that wait for each other."""
    return row(6).design


def numbered(record: str, *machines: str, trust: str = "data", **values: object) -> Drawing:
    """Return a domain that leads to an address, and machines with addresses in an inner zone."""
    drawing = Drawing()
    dns = drawing.part("dns", address=record)
    (web,) = drawing.on(None, "web_server")
    zone = drawing.part("zone", trust=trust)
    drawing.link(drawing.users, dns, role="resolve", protocol="dns")
    drawing.link(drawing.users, web, protocol="https", tls="1.3")
    for machine in machines:
        server = drawing.part("server", zone, address=machine, **values)
        db = drawing.part("database", server)
        drawing.link(web, db, role="read", protocol="postgres", tls="1.3", choice="data")
    return drawing


def lost_addresses() -> Design:
    """A private address for the public, and public ones for the data."""
    return numbered("192.168.0.10", "203.0.113.5", "203.0.113.6").design


def twins(**values: object) -> Drawing:
    """Return two web servers of one release in a cluster, with a promise."""
    drawing = Drawing()
    webs = [drawing.on(None, "web_server")[0] for _ in range(2)]
    drawing.cluster(*webs, mode="active-active", **values)
    drawing.link(drawing.users, *webs)
    drawing.set("browse", target_availability=0.9)
    return drawing


def promised_twins() -> Design:
    """The same, of which nobody has said how often both fail at once."""
    return twins().design


def before_one(kind: str = "web_server", count: int = 3, **values: object) -> Drawing:
    """Return two balancers, so many parts of a kind, and one application that all of them need."""
    drawing = Drawing()
    lbs = [drawing.on(None, "load_balancer")[0] for _ in range(2)]
    drawing.cluster(*lbs, mode="active-active")
    parts = [drawing.on(None, kind, **values)[0] for _ in range(count)]
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, *lbs, protocol="https", tls="1.3")
    for lb in lbs:
        drawing.link(lb, *parts, protocol="https", tls="1.3", dependency="hard")
    for part in parts:
        drawing.link(part, app, protocol="https", tls="1.3")
    drawing.set("browse", target_availability=0.99)
    return drawing


def third_before_one() -> Design:
    """Three web servers, of which the third helps nobody while there is one application."""
    return before_one().design


SPOKEN: tuple[Callable[[], Design], ...] = (
    greedy_and_open, blind_balancer, narrow_door, small_spare, long_row, lost_addresses,
    promised_twins, third_before_one,
)  # fmt: skip
