"""The static gate: every rule over every export, of golden and of generated designs.

What is known to break a project is in `pitfalls`; here is what else must hold of all of them.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.model import edits
from app.model.design import Design
from exporters.compose import export
from exporters.errors import ExportError
from tests.exporters.designs import web_stack
from tests.exporters.exported import Exported, role_of
from tests.exporters.generated import runnable_designs
from tests.exporters.pitfalls import PITFALLS
from tests.exporters.projects import DESIGNS, project, token
from tests.strategies import designs

# Twice as many as of other properties (200 in CI): a design has more ways to be odd than a field.
# A design that fails is shown as it was drawn: to make it smaller takes minutes.
MANY = settings(
    max_examples=2 * settings.default.max_examples,  # type: ignore[union-attr]  # loaded in conftest
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
ON_DISK = frozenset((14,))  # the mode of a file is no matter of what is drawn


def check(found: Exported) -> None:
    """Hold every rule against one project."""
    check_hardening(found)
    check_names_are_declared(found)
    check_no_secret_is_told(found)
    check_logging(found)
    for number, pitfall in PITFALLS.items():
        if number not in ON_DISK:
            pitfall.rule(found)


def check_hardening(found: Exported) -> None:
    for name, service in found.services.items():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        drawn = found.design.components.get(found.deployment.service(name).component)
        limits = service["deploy"]["resources"]["limits"]
        unlimited = getattr(drawn, "limits", "") == "none"
        assert set(limits) == ({"pids"} if unlimited else {"cpus", "memory", "pids"})
        filters = {"NET_ADMIN"} if role_of(service) == "firewall" else set()
        moves = {"KILL", "NET_ADMIN", "NET_RAW"} if role_of(service) == "balancer" else set()
        assert set(service.get("cap_add", ())) <= filters | moves | {
            "CHOWN", "SETUID", "SETGID", "FOWNER", "DAC_OVERRIDE", "NET_BIND_SERVICE",
        }  # fmt: skip


def check_logging(found: Exported) -> None:
    """What the engine keeps of each service is bounded; it sends lines to this machine alone."""
    stores = {
        port["published"]: name
        for name, service in found.services.items()
        for port in service.get("ports", ())
        if port.get("protocol") == "udp"
    }
    for name in stores.values():
        assert role_of(found.services[name]) == "log-store"
        (port,) = found.services[name]["ports"]
        assert port["host_ip"] == "127.0.0.1"
    for name, service in found.services.items():
        driver, options = service["logging"]["driver"], dict(service["logging"]["options"])
        assert driver in ("json-file", "syslog")
        kept = "cache-max" if driver == "syslog" else "max"
        assert options.pop(f"{kept}-size") == "10m"
        assert options.pop(f"{kept}-file") == "3"
        if driver == "syslog":  # by udp: over tcp nothing starts while the store is down
            address = options.pop("syslog-address").removeprefix("udp://127.0.0.1:")
            assert stores[address] != name
            assert options == {"syslog-format": "rfc5424micro", "tag": name}
        else:
            assert not options


def check_names_are_declared(found: Exported) -> None:
    """What a service names is there, and nothing is declared that nobody names."""
    services = found.services.values()
    volumes = [mount for service in services for mount in service.get("volumes", ())]
    used = {
        "networks": {name for service in services for name in service.get("networks", ())},
        "secrets": {name for service in services for name in service.get("secrets", ())},
        "volumes": {mount["source"] for mount in volumes if mount["type"] == "volume"},
    }
    assert used["networks"] == found.compose.get("networks", {}).keys()
    assert used["volumes"] == found.compose.get("volumes", {}).keys()
    assert used["secrets"] <= found.compose.get("secrets", {}).keys()
    for service in services:
        assert service.get("networks") or service["network_mode"] == "none"
        assert service.get("depends_on", {}).keys() <= found.services.keys()


def check_no_secret_is_told(found: Exported) -> None:
    """Passwords are in secrets/ alone."""
    values = [
        found.files[f"secrets/{secret.name}"]
        for secret in found.deployment.secrets
        if not secret.sources
    ]
    for path, content in found.files.items():
        if not path.startswith(("secrets/", "pki/")):
            assert not [value for value in values if value in content], path
    for service in found.services.values():
        for key, value in service.get("environment", {}).items():
            assert isinstance(value, str), key
            assert not key.endswith(("PASSWORD", "SECRET")), key


@pytest.mark.parametrize("name", DESIGNS)
def test_no_known_failure_is_in_an_exported_project(name: str) -> None:
    check(Exported(DESIGNS[name], project(DESIGNS[name])))


@MANY
@given(runnable_designs())
def test_a_project_of_any_design_that_runs_passes_and_is_the_same_bytes_again(
    design: Design,
) -> None:
    _check_twice(design)


@given(designs())
def test_a_project_of_any_design_at_all_passes_and_is_the_same_bytes_again(
    design: Design,
) -> None:
    _check_twice(design)


def _check_twice(design: Design) -> None:
    """Check an export, and that one which keeps its keys is the same; or see it refused."""
    try:
        files = export(design, token=token)
    except ExportError as error:
        named = {design.name, *(item.name for item in design.components.values())}
        assert any(str(error).startswith(f"{name}: ") for name in named)  # noqa: PT017  # if at all
        return
    kept = {
        path: content.decode()
        for path, content in files.items()
        if path.startswith(("secrets/", "pki/"))
    }
    assert export(design, secrets=kept) == files
    check(Exported(design, files))


def test_the_design_travels_with_its_project() -> None:
    files = export(DESIGNS["scale-up"], document=b"{}\n", token=token)
    assert files["design.json"] == b"{}\n"


_HOSTILE = st.text(
    st.sampled_from("ab$`'\"\\{}[]<>&|;:#%@!*~\u00e9\u4e2d\U0001f600 \u00a0-_./"),
    min_size=1,
    max_size=40,
).filter(str.strip)


@given(_HOSTILE, _HOSTILE)
def test_a_hostile_name_reaches_no_configuration_file(name: str, title: str) -> None:
    from app.model import edits
    from tests.exporters.designs import web_stack

    design, ids = web_stack(replicas=1)
    plain = project(design)
    design = edits.rename(design, title)
    for key in ids.values():
        design = edits.set_fields(design, key, name=name)
    found = Exported(design, project(design))
    check(found)
    labels = {service["labels"]["io.loadpath.title"] for service in found.services.values()}
    assert labels == {name.replace("$", "$$")}, "compose fills in what follows a single dollar"
    assert found.compose["x-design"]["title"] == title.replace("$", "$$")
    assert len(found.files) == len(plain)


def _exceptions(service: dict[str, Any]) -> Iterator[str]:
    """Yield the words under which a service is not as all are."""
    if service.get("cap_add"):
        yield "cap_add"
    if not service.get("read_only"):
        yield "read_only"
    if str(service.get("user", "0")).split(":")[0] == "0":
        yield "user"
    if service["restart"] == "no":
        yield "restart"
    if any("exec" in place for place in service.get("tmpfs", ())):
        yield "tmpfs"
    if "memory" not in service["deploy"]["resources"]["limits"]:
        yield "limits"


@pytest.mark.parametrize("name", DESIGNS)
def test_each_exception_has_its_reason_beside_it(name: str) -> None:
    found = Exported(DESIGNS[name], project(DESIGNS[name]))
    text = found.files["compose.yaml"].decode().partition("\nservices:\n")[2]
    services = re.split(r"^\S", text, maxsplit=1, flags=re.MULTILINE)[0]
    blocks = dict(re.findall(r"^  ([a-z0-9-]+):\n((?:    .*\n)+)", services, re.MULTILINE))
    assert blocks.keys() == found.services.keys()
    for service, text in blocks.items():
        if "build" in found.services[service] and "user" not in found.services[service]:
            continue  # what a user brings is told as a note
        for word in _exceptions(found.services[service]):
            key = {"limits": "deploy"}.get(word, word)
            reason = rf"    # \S.*\n    {key}:" if word != "user" else r"    # \S.*\n"
            assert re.search(reason, text), f"{service}: {word}"


def test_what_is_drawn_of_restarts_limits_and_rights_is_what_runs() -> None:
    design, ids = web_stack()
    fields = {"restart": "never", "limits": "none", "runs_as": "root"}
    design = edits.set_fields(design, ids["web-1"], **fields)
    design = edits.set_fields(design, ids["web-2"], runs_as="host", restart="automatic")
    design = edits.set_fields(
        design, ids["app-1"], program="image", image="ghcr.io/you/shop:1", runs_as="root"
    )
    found = Exported(design, project(design))
    web, other, own = (found.services[name] for name in ("web-1", "web-2", "app-1"))
    assert web["restart"] == "no"
    assert web["deploy"]["resources"]["limits"] == {"pids": 200}
    assert other["restart"] == "unless-stopped"
    assert other["deploy"]["resources"]["limits"]["memory"] == "128M"
    assert own["user"] == "0:0"
    assert "user" not in web
    readme = found.files["README.md"].decode()
    assert "web-1 is drawn as running as root; here it has the user of its image" in readme
    assert "web-2 is drawn as allowed to do everything on its machine" in readme
    assert "| none |" in readme
    text = found.files["compose.yaml"].decode()
    assert "# drawn: nothing starts it again\n    restart:" in text
    assert "# drawn: neither memory nor processors are limited\n    deploy:" in text
