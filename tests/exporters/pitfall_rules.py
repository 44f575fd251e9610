"""What must hold of a compose file so that it falls into no known pitfall: a function for each.

Each fails with an assertion that names the place. `pitfalls` says what they are for.
"""

import ast
import json
import re
from collections.abc import Callable
from configparser import ConfigParser
from importlib import resources
from itertools import combinations
from typing import Any

from jsonschema import Draft202012Validator

from app.model.traffic import Firewall
from exporters.compose import export
from exporters.plan.networks import MANY
from exporters.plan.own_programs import OWN_ROLES
from exporters.secrets import random_token
from tests.exporters.exported import (
    Exported,
    Json,
    facts_of,
    is_brought,
    mounts_of,
    role_of,
    runs_always,
)
from tests.exporters.projects import OPTIONS, yaml

Rule = Callable[[Exported], None]


PORT = re.compile(r"\$\{([A-Z][A-Z0-9_]*):-(\d+)\}")
PINNED = re.compile(r".+:(?!(?:latest|stable|lts)$)[A-Za-z0-9_][A-Za-z0-9_.-]*")
SLUG = re.compile(r"[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]|[a-z]")
SERVICE_KEYS = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "deploy", "dns_opt", "entrypoint",
    "environment", "healthcheck", "hostname", "image", "init", "labels", "logging",
    "network_mode", "networks", "ports", "read_only", "restart", "secrets", "security_opt",
    "shm_size", "stop_grace_period", "sysctls", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
TOP_KEYS = {"name", "x-design", "x-base", "services", "networks", "volumes", "secrets"}
# What the programs of an image write to, by its documentation.
WRITABLE = {
    "nginx": {"/var/cache/nginx", "/run", "/tmp"},  # noqa: S108  # in the container
    "haproxy": {"/tmp"},  # noqa: S108  # in the container
    "postgres": {"/tmp", "/var/run/postgresql"},  # noqa: S108  # in the container
    "mariadb": {"/tmp", "/run/mysqld"},  # noqa: S108  # in the container
    "mysql": {"/tmp", "/var/run/mysqld"},  # noqa: S108  # in the container
}
# Tools for a probe beside the one of the image table.
TOOLS = {
    "mysql": {"bash", "mysql", "sh"},
    "postgres": {"bash", "psql", "sh"},
    "mariadb": {"bash", "sh"},
    "redis": {"sh"},
    "valkey/valkey": {"sh"},
    "debian": {"bash"},
    "chrislusf/seaweedfs": {"sh"},
    "python": {"nft"},  # in the image of a gateway, which is built on it
}
READABLE = re.compile(
    r"(.*/)?(Dockerfile|Caddyfile|\.(env(\.example)?|gitignore|gitattributes|dockerignore))"
    r"|.*\.(cfg|conf|crt|html|ini|json|key|md|php|py|sh|txt|vcl|ya?ml)|secrets/[a-z0-9-]+|ops"
)
COMPOSE = Draft202012Validator(
    json.loads(
        (
            resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
        ).read_text()
    )
)


def never(pattern: str) -> Rule:
    """Return a rule: nothing like this is in a project, apart from what its README tells."""

    def rule(project: Exported) -> None:
        for path, content in project.files.items():
            if path not in ("README.md", "design.json") and not path.endswith((".crt", ".key")):
                found = re.search(pattern, content.decode(), re.MULTILINE)
                assert not found, f"{path}: {found}"

    return rule


def images_are_pinned(project: Exported) -> None:
    for service in project.services.values():
        assert PINNED.fullmatch(project.image(service))
    for text in project.texts(r".*Dockerfile"):
        for tag in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
            assert PINNED.fullmatch(tag), tag


def passwords_stay(project: Exported) -> None:
    kept = {
        path: content.decode()
        for path, content in project.files.items()
        if path.startswith(("secrets/", "pki/"))
    }
    options = OPTIONS.get(project.design.name, {})
    again = export(project.design, secrets=kept, token=lambda name: f"another-{name}", **options)
    assert {path: again[path].decode() for path in kept} == kept


def passwords_need_no_escape(project: Exported) -> None:
    for secret in project.deployment.secrets:
        if not secret.sources:
            text = project.files[f"secrets/{secret.name}"].decode()
            assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", random_token(""))


def ports_can_be_moved(project: Exported) -> None:
    lines = project.files[".env"].decode().splitlines()
    defined = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    seen: dict[str, str] = {}
    for service in project.services.values():
        for port in service.get("ports", ()):
            assert port["host_ip"] == "${BIND_ADDRESS:-127.0.0.1}" or port["protocol"] == "udp"
            found = PORT.fullmatch(port["published"])
            assert found, port
            variable, default = found.groups()
            assert variable not in seen
            assert default not in seen.values()
            assert 8000 <= int(default) < 65536
            assert defined[variable] == default
            seen[variable] = default


def lines_end_in_lf(project: Exported) -> None:
    for path, content in project.files.items():
        assert b"\r" not in content, path
    assert project.files[".gitattributes"] == b"* text eol=lf\n"


def scripts_need_no_execute_bit(project: Exported) -> None:
    for name, service in project.services.items():
        scripts = {
            item["target"]: item["source"].removeprefix("./")
            for item in mounts_of(service, "bind")
            if item["target"].endswith(".sh")
        }
        for start in ("entrypoint", "command"):
            assert not {*service.get(start, ())[:1]} & scripts.keys(), name
        for target, source in scripts.items():
            if "initdb.d" in target:
                text = project.files[source].decode()
                assert not re.search(r"^\s*exit\b", text, re.MULTILINE), source


def bind_sources_exist(project: Exported) -> None:
    for service in project.services.values():
        for item in service.get("volumes", ()):
            assert isinstance(item, dict), "the short syntax makes folders"
        for item in mounts_of(service, "bind"):
            assert item["bind"] == {"create_host_path": False}
            source = item["source"].removeprefix("./")
            inside = any(path.startswith(f"{source}/") for path in project.files)
            assert source in project.files or inside, source


def secrets_are_plain_files(project: Exported) -> None:
    for service in project.services.values():
        assert all(isinstance(item, str) for item in service.get("secrets", ()))


def configuration_can_be_read(project: Exported) -> None:
    for path, mode in project.modes.items():
        if path in ("secrets", "pki"):
            assert mode == 0o700, path
        elif not path.endswith(".key"):
            assert mode & 0o444 == 0o444, path


def keys_suit_their_readers(project: Exported) -> None:
    for text in project.texts(r"pki/install\.sh"):
        for name, owner, mode in re.findall(r"^put (\S+) (\S+) (\S+)$", text, re.MULTILINE):
            facts = facts_of(project.image(project.services[name]))
            assert facts
            assert (owner, mode) == (facts.key_owner, facts.key_mode), name
    for name, service in project.services.items():
        if runs_always(service):
            own = [i for i in mounts_of(service, "volume") if i["source"].endswith("-certs")]
            assert all(i["source"] == f"{name}-certs" and i["read_only"] for i in own), name
            bound = {i["source"] for i in mounts_of(service, "bind")}
            assert not {path for path in bound if path.startswith("./pki")} - {"./pki/ca.crt"}


def one_shots_are_waited_for(project: Exported) -> None:
    waited = {
        needed
        for service in project.services.values()
        if runs_always(service)
        for needed, need in service.get("depends_on", {}).items()
        if need["condition"] == "service_completed_successfully"
    }
    assert waited == {name for name, item in project.services.items() if not runs_always(item)}


def secrets_come_from_files(project: Exported) -> None:
    assert "configs" not in project.compose
    for secret in project.compose.get("secrets", {}).values():
        assert set(secret) == {"file"}


def read_only_roots_have_room(project: Exported) -> None:
    for name, service in project.services.items():
        tag = project.image(service)
        if service.get("read_only") and runs_always(service) and facts_of(tag):
            wanted = WRITABLE.get(tag.split(":")[0], set())
            if role_of(service) in ("balancer", "edge", "web", "proxy", "database"):
                assert wanted <= set(service.get("tmpfs", ())), name


def publishers_have_a_way_out(project: Exported) -> None:
    for name, service in project.services.items():
        if service.get("ports"):
            found = [project.compose["networks"][net]["internal"] for net in service["networks"]]
            assert not all(found), name


def networks_are_few(project: Exported) -> None:
    declared = project.compose.get("networks", {})
    members = {
        key: {name for name, item in project.services.items() if key in item.get("networks", ())}
        for key in declared
    }
    doors = {network for item in _gateways(project) for network in _doors(item)}
    for one, other in combinations(declared.keys() - doors, 2):
        same = members[one] == members[other] and declared[one] == declared[other]
        assert not same, f"{one} and {other} have the same members"
    if len(declared) > MANY:
        assert f"needs {len(declared)} networks" in project.files["README.md"].decode()


def networks_have_no_fixed_range(project: Exported) -> None:
    for network in project.compose.get("networks", {}).values():
        assert set(network) == {"internal"}
    for service in project.services.values():
        networks = service.get("networks", [])
        if not isinstance(networks, list):
            assert all(item.keys() <= {"aliases"} for item in networks.values()), "a fixed address"


def _gateways(project: Exported) -> list[Json]:
    return [item for item in project.services.values() if role_of(item) == "firewall"]


def _doors(gateway: Json) -> dict[str, str]:
    """Return the networks in which a gateway has the name of another service, and that name."""
    return {key: item["aliases"][0] for key, item in gateway["networks"].items() if item}


def _nobody_goes_around(project: Exported, network: str, target: str) -> None:
    inside = set(project.services[target]["networks"])
    for name, service in project.services.items():
        if network in service.get("networks", ()) and role_of(service) != "firewall":
            around = inside & set(service["networks"])
            assert not around, f"{name} reaches {target} around its firewall: {around}"


def firewalls_filter_or_say_that_they_do_not(project: Exported) -> None:
    for name, service in project.services.items():
        rights = {"NET_ADMIN", "NET_RAW"} & set(service.get("cap_add", ()))
        is_gateway = role_of(service) == "firewall"
        if role_of(service) != "balancer":  # which of them may have both says pitfall 25
            assert rights == ({"NET_ADMIN"} if is_gateway else set()), name
        assert service.get("sysctls", {}) == ({"net.ipv4.ip_forward": "1"} if is_gateway else {})
    for gateway in _gateways(project):
        for network, target in _doors(gateway).items():
            assert set(project.services[target]["networks"]) & set(gateway["networks"]), target
            _nobody_goes_around(project, network, target)
    realised = {item["labels"]["io.loadpath.component"] for item in _gateways(project)}
    for key, item in project.design.components.items():
        if isinstance(item, Firewall) and key not in realised:
            told = "these firewalls become segmentation alone"
            assert told in project.files["README.md"].decode()


def nobody_stays_root(project: Exported) -> None:
    for name, service in project.services.items():
        facts = facts_of(project.image(service))
        if facts and facts.drops_privileges and not is_brought(service):
            assert service.get("user"), name


def binds_stay_in_the_project(project: Exported) -> None:
    never(r"rslave")(project)
    for service in project.services.values():
        for item in mounts_of(service, "bind"):
            assert item["source"].startswith("./")
            assert ".." not in item["source"]
            assert item["read_only"] is True


def probes_have_their_tool(project: Exported) -> None:
    for name, service in project.services.items():
        health, facts = service.get("healthcheck"), facts_of(project.image(service))
        if health:
            assert facts, f"{name}: nothing is known about its image"
            known = {facts.probe.command[0]} if facts.probe else set()
            stem = facts.tag.split(":")[0]
            assert health["test"][0] == "CMD"
            added = {"python3", "curl"} if stem == "haproxy" else {"python3"}
            usual = added if "build" in service else set()
            assert health["test"][1] in known | usual | TOOLS.get(stem, set()), name
        for needed, need in service.get("depends_on", {}).items():
            if need["condition"] == "service_healthy":
                assert "healthcheck" in project.services[needed], needed
                assert _reaches(project, name, needed), f"{name} waits for {needed}"


def _reaches(project: Exported, name: str, needed: str) -> bool:
    """Whether a service meets another one, or what answers to its name, in one of its networks.

    A gateway has the name of what is behind it. Programs may ask a balancer or a replica, and wait
    for the primary behind it.
    """
    nets = {key: _names_in(service) for key, service in project.services.items()}
    known = {*nets[name]}
    if role_of(project.services[name]) in ("app", "worker", *OWN_ROLES):
        known = known.union(*(found for found in nets.values() if known & {*found}))
    return any(
        net in known and (key == needed or needed in names)
        for key, found in nets.items()
        for net, names in found.items()
    )


def _names_in(service: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the networks of a service, each with the names that it has there beside its own."""
    found = service.get("networks", ())
    if isinstance(found, dict):
        return {net: tuple((more or {}).get("aliases", ())) for net, more in found.items()}
    return dict.fromkeys(found, ())


def promotion_makes_slots(project: Exported) -> None:
    never(r"pg_ctl promote")(project)
    for text in project.texts("ops"):
        if "pg_promote" in text:
            steps = text.partition("promote_postgres() {")[2].partition("\n}\n")[0]
            before, _, after = steps.partition("pg_promote(")
            assert "stop_leaders" in before, "the old primary would come back as a second one"
            assert "slot_for" in after
            assert "primary_conninfo" in after


def unhealthy_is_told(project: Exported) -> None:
    told = "alive but unhealthy is not restarted"
    assert told in project.files["README.md"].decode()
    never(r"docker\.sock|autoheal")(project)


def without_keys(*keys: str) -> Rule:
    """Return a rule: the compose file has none of these keys."""

    def rule(project: Exported) -> None:
        for name, service in project.services.items():
            inner = (
                service.keys() | service.get("healthcheck", {}).keys() | service["deploy"].keys()
            )
            assert inner.isdisjoint(keys), name
        assert project.compose.keys().isdisjoint(keys)

    return rule


def files_end_in_one_newline(project: Exported) -> None:
    for path, content in project.files.items():
        if not path.startswith("secrets/"):
            assert content.endswith(b"\n"), path
            assert not content.endswith(b"\n\n"), path


def names_are_safe(project: Exported) -> None:
    for kind in ("services", "networks", "volumes", "secrets"):
        for name in project.compose.get(kind, {}):
            assert SLUG.fullmatch(name), name
            assert len(name) <= 63, name
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", project.compose["name"])


def variables_have_defaults(project: Exported) -> None:
    text = project.files["compose.yaml"].decode().replace("$$", "")
    for found in re.findall(r"\$[^$]*", text):
        assert re.match(r"\$\{[A-Z][A-Z0-9_]*:-[\w.:/-]*\}", found), found


def every_file_is_read(project: Exported) -> None:
    for path, content in project.files.items():
        assert READABLE.fullmatch(path), f"{path}: nothing here checks such a file"
        if path == "compose.yaml":
            assert project.compose
        elif path.endswith((".yml", ".yaml")):
            yaml(content)
        elif path.endswith(".json"):
            json.loads(content)
        elif path.endswith(".py"):
            ast.parse(content)
        elif path.endswith(".ini"):
            ConfigParser(interpolation=None).read_string(content.decode())


def schema_and_own_rules_hold(project: Exported) -> None:
    COMPOSE.validate(project.compose | {"services": project.services})
    assert project.compose.keys() <= TOP_KEYS
    for name, service in project.services.items():
        assert service.keys() <= SERVICE_KEYS, name
