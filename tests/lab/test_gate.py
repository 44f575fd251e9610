"""Every golden project, read by Compose and by the programs themselves, where no name resolves.

What a project binds into a container lies there in the same places, one container for all
services of an image. A new product is found by its image: without a checker, it fails here.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import quote

import pytest

from exporters.files import write
from tests.exporters.exported import Exported, Json, mounts_of, role_of
from tests.exporters.projects import DESIGNS, project
from tests.lab import own_images

pytestmark = pytest.mark.docker

CHECKERS: Mapping[str, str] = {
    "haproxy": "haproxy -c -dW -f /usr/local/etc/haproxy/haproxy.cfg",
    "nginx": """
for template in /etc/nginx/templates/*.template; do
  [ -e "$template" ] || continue
  envsubst '$HTTPS_PORT' < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
done
nginx -t""",
    "caddy": "caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile",
    # The addresses of its servers are written at its start, by a function of the script.
    "varnish": """
sed -n '/^set -eu/,/^}/p' /etc/varnish/start.sh > /servers.sh
. /servers.sh
servers > /tmp/servers.vcl
varnishd -C -f /etc/varnish/default.vcl > /compiled""",
    "prom/prometheus": """
promtool check config --lint=all --lint-fatal /etc/prometheus/prometheus.yml
promtool check rules --lint=all --lint-fatal /etc/prometheus/alerts.yml
promtool test rules /etc/prometheus/alerts_test.yml""",
    "prom/alertmanager": "amtool check-config /etc/alertmanager/alertmanager.yml",
    "prom/blackbox-exporter": "blackbox_exporter --config.check --config.file=/etc/blackbox.yml",
}
# Images that read a configuration which no program at hand checks, and why.
UNCHECKED: Mapping[str, str] = {
    "traefik": "it checks a configuration by running it: test_products.py, test_acme.py",
    "postgres": "Patroni and PgBouncer, in images that the project builds: they run in "
    "test_failover.py and test_pooler.py",
    "debian": "rsyslog, in an image that the project builds: test_log_store.py runs its checker",
    "grafana/grafana": "its stand-in reads the files; test_secured.py runs the queries",
    "chrislusf/seaweedfs": "a key that its program reads: test_object_store.py sees that it did",
    "rabbitmq": "a few lines that its program reads: they run in test_jobs.py",
}
SETTING = re.compile(r"\$\{ACME_\w+:-(.*)\}")  # a variable of the project, with its default
READ_ELSEWHERE = (".sh", ".py", ".html", ".crt")  # scripts below, programs and pages by the tests
FOUND = {name: Exported(design, project(design)) for name, design in DESIGNS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All golden projects, written as users write them."""
    root: Path = tmp_path_factory.mktemp("golden")
    for name, found in FOUND.items():
        write(found.files, root / name)
    return root


def run(*words: str, text: str = "", cwd: Path | None = None) -> str:
    """Run a command and return what it told; it has to end well."""
    done = subprocess.run(words, input=text, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def built(project: Path, folder: str, tag: str) -> str:
    """Build an image as a project does, kept for the next time like those of the lab."""
    run("docker", "build", "--quiet", "--tag", tag, f"{project}/{folder}")
    return tag


def test_nft_takes_the_rules_of_each_gateway(folder: Path) -> None:
    doors = [
        f"/p/{name}/{path}"
        for name, found in FOUND.items()
        for path in found.files
        if path.endswith("/doors.json")
    ]
    image = built(folder / "walled", "images/gateway", "loadpath-lab-gateway:trixie")
    lines = [
        f"cp {path} /etc/gateway/doors.json; "
        "python3 /p/walled/config/gateway/gateway.py rules | nft --check --file - || exit 1"
        for path in doors
    ]
    assert len(doors) > 3
    run(
        "docker", "run", "--rm", "--interactive", "--network", "none", "--cap-drop", "ALL",
        "--cap-add", "NET_ADMIN", "--volume", f"{folder}:/p:ro", "--tmpfs", "/etc/gateway",
        "--entrypoint", "sh", image, text="\n".join(lines),
    )  # fmt: skip


def stem(service: Json) -> str:
    return str(service.get("image", "")).split(":")[0]


def configured(found: Exported) -> Iterator[tuple[str, Json]]:
    """Yield the services of a project that are given a configuration by us."""
    for name, service in found.services.items():
        bound = [item["source"] for item in mounts_of(service, "bind")]
        files = [path for path in found.files if any(f"./{path}".startswith(b) for b in bound)]
        if role_of(service) != "installer" and not all(p.endswith(READ_ELSEWHERE) for p in files):
            yield name, service


@pytest.mark.parametrize("name", DESIGNS)
def test_compose_takes_each_project(name: str, folder: Path) -> None:
    assert not run("docker", "compose", "config", "--quiet", cwd=folder / name)


def test_every_configuration_has_a_checker_or_a_reason() -> None:
    images = {
        found.image(service).split(":")[0]
        for found in FOUND.values()
        for _, service in configured(found)
    }
    # What an application is given is its own code.
    assert images - {"python", "node", "php"} <= CHECKERS.keys() | UNCHECKED.keys()


@pytest.mark.parametrize("image", CHECKERS)
def test_each_program_takes_its_configurations_without_a_warning(image: str, folder: Path) -> None:
    chosen = [
        (design, name, service)
        for design, found in FOUND.items()
        for name, service in configured(found)
        if stem(service) == image
    ]
    for tag in sorted({service["image"] for _, _, service in chosen}):
        script = "failed=0\n" + "".join(
            _check(design, name, service, CHECKERS[image])
            for design, name, service in chosen
            if service["image"] == tag
        )
        told = run(
            "docker", "run", "--rm", "--interactive", "--network", "none", "--user", "0:0",
            "--volume", f"{folder}:/p:ro", "--entrypoint", "sh", tag,
            text=f"{script}exit $failed\n",
        )  # fmt: skip
        assert "warn" not in told.lower(), told


def _check(design: str, name: str, service: Json, command: str) -> str:
    """Return what puts the files of a service in their places and calls the checker."""
    variables = service.get("environment", {}).items()
    defaults = {key: SETTING.fullmatch(value) for key, value in variables}
    settings = " ".join(f"{key}={quote(found[1])}" for key, found in defaults.items() if found)
    root = f"/p/{design}"
    lines = [
        "rm -rf /certs && mkdir /certs",
        f"if [ -e {root}/pki/{name}.key ]; then",
        f"  cp {root}/pki/{name}.crt /certs/tls.crt; cp {root}/pki/{name}.key /certs/tls.key",
        "  cat /certs/tls.crt /certs/tls.key > /certs/site.pem",
        "fi",
    ]
    for item in mounts_of(service, "bind"):
        target = quote(item["target"])
        lines += [
            f'mkdir -p "$(dirname {target})" && rm -rf {target}',
            f"cp -r {quote(root + item['source'].removeprefix('.'))} {target}",
        ]
    lines += [
        f"env HTTPS_PORT=8443 {settings} sh -euc {quote(command)} > /told 2>&1 ||",
        f"  {{ failed=1; echo {design}: {name}; cat /told; }}",
        "grep -i warn /told",
    ]
    return "\n".join(lines) + "\n"


def test_shellcheck_has_nothing_to_say_of_any_script(folder: Path) -> None:
    scripts: dict[bytes, str] = {}
    for name, found in FOUND.items():
        for path, content in found.files.items():
            if path.endswith(".sh") or path == "ops":
                scripts.setdefault(content, f"/p/{name}/{path}")
    run(
        "docker", "run", "--rm", "--network", "none", "--volume", f"{folder}:/p:ro",
        own_images.shellcheck(),
        "shellcheck", *scripts.values(),
    )  # fmt: skip
