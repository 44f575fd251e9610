"""An exported project as the tests read it."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from exporters.compose import export
from exporters.deployment import Deployment
from exporters.files import Files
from exporters.plan import plan
from sample_designs import SAMPLES, read
from tests.exporters.designs import (
    balanced,
    balanced_data,
    cache_set,
    cached,
    copied,
    logging,
    own_programs,
    passive_pair,
    pooled,
    self_switching,
    storing,
    walled,
    watched,
    web_stack,
    working,
)

# Each product in front of two applications, small enough for a person to read what is made of it.
FRONTS: Mapping[str, Design] = {
    "nginx-balancer": watched(balanced("nginx:1.30", tls=True, algorithm="leastconn"))[0],
    "caddy-balancer": watched(balanced("caddy:2.11", tls=True, redirect=True, algorithm="source"))[
        0
    ],
    "traefik-balancer": watched(
        balanced("traefik:v3.7", tls=True, redirect=True, algorithm="random")
    )[0],
    "haproxy-proxy": balanced("haproxy:3.2", "reverse_proxy")[0],
    "caddy-web": balanced("caddy:2.11", "web_server")[0],
    "varnish-proxy": balanced("varnish:7.7", "reverse_proxy")[0],
    "cdn": watched(cached(tls=True))[0],
}
# The same with a certificate by ACME, at both public ports and at one.
PUBLIC: Mapping[str, Design] = {
    "acme-caddy": edits.rename(
        watched(
            balanced("caddy:2.11", tls=True, redirect=True, certificate="www.foobar.com foobar.com")
        )[0],
        "A public name of Caddy",
    ),
    "acme-traefik": edits.rename(
        balanced("traefik:v3.7", "reverse_proxy", tls=True, certificate="www.foobar.com")[0],
        "A public name of Traefik",
    ),
}
MOVING = "An address that moves"
OPTIONS: Mapping[str, Mapping[str, Any]] = {  # by name of the design
    MOVING: {"takeover": "vrrp"},
    **{design.name: {"certificates": "acme"} for design in PUBLIC.values()},
}
DESIGNS: Mapping[str, Design] = {
    **{sample.name: load(read(sample.name)) for sample in SAMPLES},
    "passive-pair": passive_pair()[0],
    "manual-pair": passive_pair("manual")[0],
    "postgres-17": web_stack(replicas=2, version="17.4")[0],
    "postgres-failover": self_switching(version="17")[0],
    "postgres-balancer": balanced_data()[0],
    "postgres-balancer-by-hand": balanced_data("manual", replicas=1, version="17")[0],
    "redis-sentinels": cache_set(detection_seconds=2)[0],
    "valkey-by-hand": cache_set("valkey", "manual")[0],
    "postgres-backup": copied()[0],
    "mariadb-backup": copied("mariadb")[0],
    "mysql-backup": copied("mysql", replicas=0)[0],
    "walled": walled()[0],
    "log-store": logging()[0],
    "object-store": storing(copies=3)[0],
    "vrrp-pair": edits.rename(balanced("haproxy:3.2", tls=True, pair=True)[0], MOVING),
    "mariadb": web_stack("mariadb", replicas=2)[0],
    "mysql": web_stack("mysql", replicas=2)[0],
    "jobs": working(engine="memcached")[0],
    "jobs-quorum": working(3, tls=True)[0],
    "own-programs": own_programs()[0],
    "postgres-pool": pooled(tls=True)[0],
    "postgres-pool-alone": pooled("manual", replicas=0)[0],
    **FRONTS,
    **PUBLIC,
}


def token(name: str) -> str:
    """A password that is the same in each test."""
    return f"password-of-{name}"


def planned(design: Design) -> Deployment:
    """Return what is planned for a design, by the options that it is exported with."""
    return plan(design, **OPTIONS.get(design.name, {}))


def project(design: Design) -> Files:
    """Return an export with known passwords, by the options that the design is exported with."""
    return export(design, token=token, **OPTIONS.get(design.name, {}))


def yaml(content: bytes) -> Any:
    """Read YAML 1.2, refusing what is not."""
    return YAML(typ="safe", pure=True).load(io.BytesIO(content))


def compose_of(files: Files) -> dict[str, Any]:
    """Return the compose file of a project."""
    found = yaml(files["compose.yaml"])
    assert isinstance(found, dict)
    return found
