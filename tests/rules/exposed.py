"""Designs that are open, in clear, or watched badly: what the rules of these categories find."""

from app.model.design import Design
from tests.rules.drawing import Drawing


def open_house() -> Design:
    """The data stands in the street, beside a firewall that can be walked round."""
    drawing = Drawing()
    dmz, data = (drawing.part("zone", trust=trust) for trust in ("dmz", "data"))
    wall, idle = (drawing.part("firewall", dmz) for _ in range(2))
    (web,) = drawing.on(dmz, "web_server")
    (beside,) = drawing.on(dmz, "database")
    (db,) = drawing.on(data, "database")
    drawing.set(idle, name="idle")
    drawing.link(drawing.users, wall, protocol="https", tls="1.0")
    drawing.link(wall, web, protocol="https", tls="1.3")
    drawing.link(drawing.users, web, protocol="http", choice="back door")
    drawing.link(drawing.users, beside, role="read", protocol="postgres", choice="data")
    drawing.link(drawing.users, web, role="admin", protocol="telnet")
    drawing.link(web, db, role="write", protocol="mysql", port=443, data="credentials")
    return drawing.design


def bad_watch() -> Design:
    """One agent that reports to nobody, and a monitoring server on the machine that it watches."""
    drawing = Drawing()
    lb, monitoring = drawing.on(None, "load_balancer", "monitoring_server")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.part("monitoring_agent", drawing.design.host(webs[0]))
    drawing.set(lb, health_check="none")
    drawing.link(drawing.users, lb, protocol="https", tls="1.3")
    drawing.link(lb, *webs, protocol="http")
    drawing.link(monitoring, lb, role="monitor", protocol="http")
    return drawing.design
