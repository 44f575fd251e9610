"""What is known to break generated compose projects, as rules over every export."""

import json
import re
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.model.design import Design
from exporters import images
from exporters.compose import export
from exporters.errors import ExportError
from exporters.files import Files
from tests.exporters.projects import DESIGNS, compose_of, project, token
from tests.strategies import designs

SERVICE_KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "dns_opt", "entrypoint",
    "environment", "healthcheck", "hostname", "image", "init", "labels", "logging",
    "network_mode", "networks", "ports", "read_only", "restart", "secrets", "security_opt",
    "shm_size", "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
TOP_KEYS = {"name", "x-design", "x-base", "services", "networks", "volumes", "secrets"}
PORT = re.compile(r"\$\{BIND_ADDRESS:-127\.0\.0\.1\}:\$\{([A-Z][A-Z0-9_]*):-(\d+)\}:(\d+)")
PINNED = re.compile(r".+:(?!latest$|stable$|lts$)[A-Za-z0-9_][A-Za-z0-9_.-]*")
SLUG = re.compile(r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]|[a-z]")
DENIED_VARIABLES = {"DATA_SOURCE_NAME", "RABBITMQ_DEFAULT_PASS_FILE", "POSTGRES_PASSWORD"}
WRITABLE = {
    "nginx": {"/var/cache/nginx", "/run", "/tmp"},  # noqa: S108  # in the container
    "haproxy": {"/tmp"},  # noqa: S108  # in the container
    "postgres": {"/tmp", "/var/run/postgresql"},  # noqa: S108  # in the container
    "mariadb": {"/tmp", "/run/mysqld"},  # noqa: S108  # in the container
    "mysql": {"/tmp", "/var/run/mysqld"},  # noqa: S108  # in the container
}

COMPOSE_SCHEMA = json.loads(
    (resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text()
)
COMPOSE = Draft202012Validator(COMPOSE_SCHEMA)


def check(files: Files) -> None:
    """Hold every rule against one project."""
    compose = compose_of(files)
    check_schema(compose)
    check_top(compose)
    for name, service in compose.get("services", {}).items():
        check_service(name, service, compose)
        check_image(service)
        check_probe(service)
        check_environment(service)
        check_files(service, files)
        check_networks(service, compose)
        check_needs(service, compose)
    check_ports(compose, files)
    check_one_shots(compose)
    check_text(files)


def check_schema(compose: dict[str, Any]) -> None:
    services = compose.get("services", {})
    resolved = {
        name: {key: value for key, value in (compose["x-base"] | service).items() if key != "<<"}
        for name, service in services.items()
    }
    COMPOSE.validate(compose | {"services": resolved})


def check_top(compose: dict[str, Any]) -> None:
    assert compose.keys() <= TOP_KEYS
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", compose["name"])
    for network in compose.get("networks", {}).values():
        assert set(network) == {"internal"}, "a fixed subnet collides with somebody's VPN"
    for secret in compose.get("secrets", {}).values():
        assert set(secret) == {"file"}, "other sources fail under a read-only root"


def check_service(name: str, service: dict[str, Any], compose: dict[str, Any]) -> None:
    assert SLUG.fullmatch(name), name
    assert len(name) <= 63
    assert service.keys() - {"<<"} <= SERVICE_KEYS
    merged = compose["x-base"] | service
    assert merged["cap_drop"] == ["ALL"]
    assert merged["security_opt"] == ["no-new-privileges:true"]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert set(service.get("cap_add", ())) <= {
        "CHOWN", "SETUID", "SETGID", "FOWNER", "DAC_OVERRIDE", "NET_BIND_SERVICE",
    }  # fmt: skip


def check_image(service: dict[str, Any]) -> None:
    if "build" in service:
        assert "image" not in service
        return
    image = service["image"]
    assert PINNED.fullmatch(image), image
    assert "bitnami" not in image
    facts = next((item for item in images.IMAGES if item.tag == image), None)
    if facts is not None and "network_mode" not in service:
        assert not facts.drops_privileges or service["user"], "without SETUID it would stay root"
    stem = image.split(":")[0]
    if service.get("read_only") and stem in WRITABLE and "network_mode" not in service:
        assert WRITABLE[stem] <= set(service["tmpfs"])
    mounts = {item["target"] for item in service.get("volumes", ()) if item["type"] == "volume"}
    if stem == "postgres" and service["labels"]["io.loadpath.role"] == "database":
        major = int(image.split(":")[1])
        assert ("/var/lib/postgresql" if major >= 18 else "/var/lib/postgresql/data") in mounts
        assert service["environment"]["PGDATA"] not in mounts


def check_probe(service: dict[str, Any]) -> None:
    health = service.get("healthcheck")
    if health is None:
        return
    assert "start_interval" not in health, "needs Engine 25"
    assert health["test"][0] == "CMD"
    words = " ".join(health["test"])
    assert "mysqladmin" not in words, "exits 0 when access is denied"
    role, stem = service["labels"]["io.loadpath.role"], service.get("image", "").split(":")[0]
    if role == "database" and stem in ("postgres", "mysql"):
        assert "-h 127.0.0.1" in words, "the socket answers during the init"
    if "curl" in words:
        assert service["image"].startswith("nginx:")


def check_environment(service: dict[str, Any]) -> None:
    environment = service.get("environment", {})
    assert DENIED_VARIABLES.isdisjoint(environment)
    for key, value in environment.items():
        assert isinstance(value, str), key
        if key.endswith(("PASSWORD", "SECRET")):
            pytest.fail(f"a secret in the compose file: {key}")


def check_files(service: dict[str, Any], files: Files) -> None:
    for item in service.get("volumes", ()):
        if item["type"] == "volume":
            continue
        assert item["bind"] == {"create_host_path": False}
        assert item["read_only"] is True
        source = item["source"].removeprefix("./")
        assert source in files or any(path.startswith(f"{source}/") for path in files), source
    if "build" in service:
        context = service["build"]["context"].removeprefix("./")
        assert f"{context}/Dockerfile" in files


def check_networks(service: dict[str, Any], compose: dict[str, Any]) -> None:
    networks = service.get("networks", [])
    assert set(networks) <= compose.get("networks", {}).keys()
    assert networks or service.get("network_mode") == "none"
    if service.get("ports"):
        internal = [compose["networks"][name]["internal"] for name in networks]
        assert not all(internal), "an internal network publishes nothing, silently"


def check_needs(service: dict[str, Any], compose: dict[str, Any]) -> None:
    for name, need in service.get("depends_on", {}).items():
        other = compose["services"][name]
        if need["condition"] == "service_healthy":
            assert "healthcheck" in other
            assert set(service["networks"]) & set(other["networks"])


def check_ports(compose: dict[str, Any], files: Files) -> None:
    defined = dict(
        line.split("=", 1)
        for line in files[".env"].decode().splitlines()
        if "=" in line and not line.startswith("#")
    )
    seen: dict[str, str] = {}
    for service in compose.get("services", {}).values():
        for port in service.get("ports", ()):
            found = PORT.fullmatch(port)
            assert found, port
            variable, default, target = found.groups()
            assert variable not in seen
            assert default not in seen.values()
            assert int(default) >= 8000
            assert int(target) >= 1024 or service.get("image", "").count("/")
            assert defined[variable] == default
            seen[variable] = default


def check_one_shots(compose: dict[str, Any]) -> None:
    services = compose.get("services", {})
    waited = {
        name
        for service in services.values()
        for name, need in service.get("depends_on", {}).items()
        if need["condition"] == "service_completed_successfully"
    }
    once = {name for name, service in services.items() if service.get("restart") == "no"}
    assert once == waited


def check_text(files: Files) -> None:
    for path, content in files.items():
        text = content.decode("utf-8")
        assert "\r" not in text, path
        assert "flush ruleset" not in text
        assert "${DS_" not in text
        if not path.startswith("secrets/"):
            assert text.endswith("\n"), path
            assert not text.endswith("\n\n"), path


@pytest.mark.parametrize("name", DESIGNS)
def test_no_known_failure_is_in_an_exported_project(name: str) -> None:
    check(project(DESIGNS[name]))


@given(designs())
def test_no_known_failure_is_in_a_project_of_any_design(design: Design) -> None:
    try:
        files = export(design, token=token)
    except ExportError as error:
        assert re.search("hashes the URI|nothing in this design runs", str(error))  # noqa: PT017
        return
    check(files)


@given(designs())
def test_two_renderings_of_one_design_are_the_same_bytes(design: Design) -> None:
    try:
        one, two = export(design, token=token), export(design, token=token)
    except ExportError:
        return
    public = [path for path in one if not path.startswith(("secrets/", "pki/"))]
    assert one.keys() == two.keys()
    assert all(one[path] == two[path] for path in public)


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
    files = project(design)
    check(files)
    compose = compose_of(files)
    labels = {s["labels"]["io.loadpath.title"] for s in compose["services"].values()}
    assert labels == {name.replace("$", "$$")}, "compose fills in what follows a single dollar"
    assert compose["x-design"]["title"] == title.replace("$", "$$")
    assert len(files) == len(plain)
