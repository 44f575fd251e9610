"""Fills the templates of a compose project; decides nothing."""

import json
import re
from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.analysis import failover
from exporters import engines
from exporters.deployment import Deployment, Servers
from exporters.markdown import one_line
from exporters.pki import CA_CERTIFICATE, FOLDER
from exporters.plan.acme import wanted_ports
from exporters.plan.probes import writes
from exporters.recipe import RECIPE, recipe_of, text
from exporters.secrets import path_of

# What JSON leaves as it is and YAML 1.2 does not take inside quotes (section 5.1 of YAML).
_UNPRINTABLE = re.compile("[\x7f-\x84\x86-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
PICTURE, SCRIPT = "design.svg", "ops"
_FRONTS = frozenset(("balancer", "edge", "web", "proxy", "app", "own-app"))
_SWITCHED = {"patroni": "postgres", "sentinel": "redis"}  # by themselves, and what they are
_CONDITIONS = {
    "started": "service_started",
    "healthy": "service_healthy",
    "completed": "service_completed_successfully",
}


def quoted(value: object) -> str:
    """Return a value as JSON, which is YAML as well, whatever it holds."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def quoted_for_compose(value: object) -> str:
    """Return a value quoted, with each `$` doubled, because compose fills in variables."""
    return quoted(value).replace("$", "$$")


@cache
def _environment(*, interpolated: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("exporters.compose", "templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  # no web page: each value is quoted for its own syntax
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["q"] = quoted_for_compose if interpolated else quoted
    environment.filters["md"] = one_line
    environment.globals["failover"] = failover  # how soon a balancer has to notice
    environment.globals["oldest"] = engines
    environment.globals["wanted_ports"] = wanted_ports
    return environment


def fill(template: str, values: Mapping[str, object], *, interpolated: bool = False) -> bytes:
    """Return a template filled in: UTF-8, ends of lines LF, one of them at the end."""
    source = _environment(interpolated=interpolated).get_template(f"{template}.j2")
    return (source.render(values).strip("\n") + "\n").encode()


def render(deployment: Deployment, *, pictured: bool = False) -> dict[str, bytes]:
    """Return the files of a compose project, apart from secrets and keys.

    Its README shows the picture of the design, where there is one.
    """
    files = {item.path: fill(item.template, {"c": item.values}) for item in deployment.files}
    values: dict[str, object] = {"d": deployment, "stores": _stores(deployment)}
    defaults: dict[str, object] = {port.variable: port.default for port in deployment.ports}
    defaults |= {setting.variable: setting.default for setting in deployment.settings}
    compose = values | {"defaults": defaults, "conditions": _CONDITIONS}
    files["compose.yaml"] = fill("compose.yaml", compose, interpolated=True)
    files[RECIPE] = text(recipe_of(deployment))
    files["README.md"] = fill(
        "README.md",
        values | {"picture": PICTURE if pictured else "", "replica": _replica(deployment)},
    )
    files[SCRIPT] = fill(SCRIPT, values | _operations(deployment))
    files[".env"] = fill("env", values | {"example": False})
    files[".env.example"] = fill("env", values | {"example": True})
    files[".gitignore"] = fill("gitignore", values)
    files[".gitattributes"] = fill("gitattributes", values)
    files["tests/smoke.sh"] = fill("smoke.sh", values | _smoke(deployment))
    return files


def _stores(deployment: Deployment) -> tuple[Servers, ...]:
    """Return all servers that have roles."""
    return (*deployment.databases, *deployment.caches)


def _replica(deployment: Deployment) -> str:
    """Return a server that people may promote; none where all switch by themselves, or nobody."""
    stores = (s for s in _stores(deployment) if s.program not in _SWITCHED)
    return next((name for store in stores for name in store.names[1:]), "")


def _operations(deployment: Deployment) -> dict[str, object]:
    """Return what the script for operations knows beside the deployment.

    `programs` run the databases and caches; what is switched by Patroni or by sentinels is a server
    of PostgreSQL or Redis as well. `private` are the files that no repository carries. A new
    authority is read by those that are `trusting` when they start.
    """
    programs = {store.program for store in _stores(deployment)}
    owners = [item.service for item in deployment.certificates]
    knowing = (
        service.name
        for service in deployment.services
        if any(bind.source == CA_CERTIFICATE for bind in service.binds)
    )
    return {
        "programs": sorted(programs | {_SWITCHED[one] for one in programs & _SWITCHED.keys()}),
        "private": [
            *(path_of(secret.name) for secret in deployment.secrets),
            *(f"{FOLDER}/{owner}.key" for owner in owners),
        ],
        "owners": owners,
        "trusting": [*dict.fromkeys((*owners, *knowing))],
        "installer": next((s.name for s in deployment.services if s.role == "installer"), ""),
    }


def _smoke(deployment: Deployment) -> dict[str, object]:
    """Return what the smoke test asks: each entrance, for a page, and for data where there is."""
    fronts = [service for service in deployment.services if service.role in _FRONTS]
    apps = [service for service in deployment.services if service.role == "app"]
    own = [service for service in deployment.services if service.role == "own-app"]
    return {
        "entrances": [(service.name, port) for service in fronts for port in service.ports],
        "page": next((service.environment["HEALTH_PATH"] for service in own), "/"),
        "reads": bool(apps) and not own,
        "writes": any(writes(app, what) for app in apps for what in ("STORES", "OBJECTS"))
        and not own,
    }
