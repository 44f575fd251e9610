"""An exported project as the tests read it."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from app.model.design import Design
from app.storage.codec import load
from exporters.compose import export
from exporters.files import Files
from sample_designs import SAMPLES, read
from tests.exporters.designs import (
    balanced_data,
    cache_set,
    copied,
    passive_pair,
    self_switching,
    web_stack,
)

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
    "mariadb": web_stack("mariadb", replicas=2)[0],
}


def token(name: str) -> str:
    """A password that is the same in each test."""
    return f"password-of-{name}"


def project(design: Design) -> Files:
    """Return an export with known passwords."""
    return export(design, token=token)


def yaml(content: bytes) -> Any:
    """Read YAML 1.2, refusing what is not."""
    return YAML(typ="safe", pure=True).load(io.BytesIO(content))


def compose_of(files: Files) -> dict[str, Any]:
    """Return the compose file of a project."""
    found = yaml(files["compose.yaml"])
    assert isinstance(found, dict)
    return found
