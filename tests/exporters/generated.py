"""Designs nobody thought of in which something runs, built through edits."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import fields_of
from exporters.images import IMAGES
from exporters.plan.names import is_image
from tests.strategies import kinds, texts, values

# What YAML, compose, shells, SQL, DNS, nft, SGML or a path would take for something else.
NAMES: SearchStrategy[str] = st.sampled_from(
    ["yes", "null", "~", "0x10", "1e3", "*base", "# x", "a: b", "{{ c }}", "[x", "<<", "default",
     "localhost", "host", "none", "fwd", "select", "table", "con", "..", "../../etc/passwd",
     "$HOME", "${X}", "$$", "`id`", "'; drop table x; --", 'a"b\\', "%s", "&amp;<b>", "web 1",
     "WEB-1", "web_1", "\u6570\u636e\u5e93", "\U0001f600", "\u00a0x", "x" * 60, "-", "\u202eabc"],
)  # fmt: skip
FRONTS = ("nginx:1", "haproxy:3.2", "caddy:2", "traefik:v3.7", "varnish:7.7")
PRODUCTS: SearchStrategy[str] = st.sampled_from(("", *FRONTS)) | st.sampled_from(
    [image.tag for image in IMAGES]
    + ["envoy:1", "ghcr.io/example/thing:1.2.3", "thing", "thing:latest", "bitnami/x: 1"]
)
# Kind of the target -> what is usually said to it.
USUAL: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "database": (("read", "write"), ("postgres", "mysql")),
    "cluster": (("read", "write", "request", "cache"), ("postgres", "http", "https")),
    "cache": (("cache",), ("redis",)),
    "queue": (("publish", "consume"), ("amqp",)),
    "app_files": (("request",), ("file",)),
    "backup": (("backup",), ("ssh",)),
    "monitoring_server": (("monitor",), ("http", "https")),
    "alerting": (("alert",), ("http",)),
    "object_store": (("request", "read", "write"), ("s3", "http")),
    "log_store": (("log",), ("syslog", "syslog-tls")),
}
REQUESTS = (("request",), ("http", "https"))


def _part(draw: DrawFn, design: Design, kind: str) -> Design:
    """Add a part with a name from anywhere, and values in some of its fields."""
    design, key = edits.add(design, kind)
    told = {facts.name: facts for facts in fields_of(type(design.components[key]))}
    given: dict[str, Any] = {"name": draw(NAMES | texts(told["name"]))}
    if "image" in told:
        given["image"] = draw(PRODUCTS)
    if "program" in told and is_image(given["image"]):
        given["program"] = draw(st.sampled_from(("shipped", "image")))
    free = sorted(told.keys() - {"kind", "name", "image", "parent", "members"} - given.keys())
    for name in draw(st.lists(st.sampled_from(free), max_size=3, unique=True)) if free else ():
        given[name] = draw(values(told[name], design))
    for name, value in given.items():
        design = _tried(edits.set_fields, design, key, **{name: value})
    return design


def _tried(edit: Any, design: Design, *arguments: Any, **given: Any) -> Design:
    """Return what an edit makes of a design; the design itself where the edit refuses."""
    try:
        found: Design | tuple[Design, str] = edit(design, *arguments, **given)
    except DesignError:
        return design
    return found if isinstance(found, Design) else found[0]


def _link(draw: DrawFn, design: Design) -> Design:
    source, target = draw(st.lists(st.sampled_from([*design.components]), min_size=2, max_size=2))
    roles, protocols = USUAL.get(design.components[target].kind, REQUESTS)
    given: dict[str, Any] = {"protocol": draw(st.sampled_from(protocols))}
    if given["protocol"] == "https":
        given["tls"] = "1.3"
    for role in roles if draw(st.booleans()) else roles[:1]:
        design = _tried(edits.connect, design, source, target, role=role, **given)
    return design


def _joined(draw: DrawFn, design: Design) -> Design:
    """Make parts of one kind the members of each cluster."""
    for key, item in design.components.items():
        if isinstance(item, Cluster):
            kind = draw(st.sampled_from([part.kind for part in design.components.values()]))
            members = [name for name, part in design.components.items() if part.kind == kind]
            design = _tried(edits.join, design, key, members)
    return design


def _nested(draw: DrawFn, design: Design) -> Design:
    holders = [key for key, item in design.components.items() if edits.is_container(item)]
    for holder in holders:
        chosen = draw(st.lists(st.sampled_from([*design.components]), max_size=4, unique=True))
        design = _tried(edits.nest, design, chosen, holder)
    return design


@st.composite
def runnable_designs(draw: DrawFn) -> Design:
    """Designs in which something runs, of up to sixteen parts and thirty links."""
    design = edits.rename(Design(), draw(NAMES))
    wanted = draw(st.lists(kinds, min_size=2, max_size=12))
    for kind in (*wanted, "app_server", "worker", "queue", "database"):
        design = _part(draw, design, kind)
    design = _nested(draw, _joined(draw, design))
    for _ in range(draw(st.integers(0, 30))):
        design = _link(draw, design)
    return design
