"""The configuration of each product, read by the product itself, where no name has an address."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.model import edits
from app.model.design import Design
from exporters import images
from exporters.files import Files
from exporters.images import Image
from tests.exporters.designs import balanced, cached, passive_pair
from tests.exporters.projects import FRONTS, project

pytestmark = pytest.mark.docker

NGINX = ("leastconn", "source", "uri", "random", "roundrobin")
CADDY = (*NGINX, "first")
HAPROXY = (*CADDY, "static-rr", "unset")
_CADDY = """
caddy validate --adapter caddyfile --config /etc/caddy/Caddyfile &&
  caddy fmt --diff /etc/caddy/Caddyfile > /checked
"""
# Its servers are written when it starts: the function that writes them is taken from the script.
_VARNISH = """
sed -n '/^set -eu/,/^}/p' /etc/varnish/start.sh > /servers.sh
. /servers.sh
servers > /tmp/servers.vcl
varnishd -C -f /etc/varnish/default.vcl > /checked 2>&1 &&
  ! grep --after-context 9 VCC-compiler /checked || { cat /checked; false; }
"""
CHECKS: Mapping[str, tuple[Image, str, str]] = {
    "haproxy.cfg": (
        images.HAPROXY,
        "/usr/local/etc/haproxy/haproxy.cfg",
        "haproxy -c -f /usr/local/etc/haproxy/haproxy.cfg",
    ),
    "site.conf": (
        images.NGINX,
        "/site.conf",
        "envsubst '$HTTPS_PORT' < /site.conf > /etc/nginx/conf.d/site.conf && nginx -t",
    ),
    "Caddyfile": (images.CADDY, "/etc/caddy/Caddyfile", _CADDY),
    "default.vcl": (images.VARNISH, "/etc/varnish/default.vcl", _VARNISH),
}


def _designs() -> Iterator[tuple[str, Design]]:
    yield from ((name, design) for name, design in FRONTS.items() if "traefik" not in name)
    yield "passive-pair", passive_pair()[0]
    yield "cdn-plain", cached()[0]
    for image, algorithms in (("haproxy:3.2", HAPROXY), ("nginx:1", NGINX), ("caddy:2", CADDY)):
        for word in algorithms:
            for safe in (False, True):
                drawn = balanced(image, tls=safe, pair=safe, redirect=safe, algorithm=word)
                yield f"{image}-{word}-{safe}", drawn[0]
    for word in HAPROXY:
        if word != "uri":
            yield f"tcp-{word}", balanced("haproxy:3.2", layer="tcp", algorithm=word)[0]


DESIGNS = dict(_designs())


@pytest.fixture(params=[*DESIGNS])
def files(request: pytest.FixtureRequest) -> Files:
    return project(DESIGNS[request.param])


def test_each_product_takes_its_configuration_without_a_warning(
    files: Files, tmp_path: Path
) -> None:
    for path, content in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    read = [path for path in files if path.rpartition("/")[2] in CHECKS]
    assert read
    for path in read:
        told = _checked(tmp_path, path)
        assert "warn" not in told.lower(), told


def _checked(root: Path, path: str) -> str:
    image, target, command = CHECKS[path.rpartition("/")[2]]
    folder = root / path.rpartition("/")[0]
    mounts = {folder: target.rpartition("/")[0], _keys(root, folder.name): "/certs"}
    if image is images.NGINX:
        mounts = {
            folder / "nginx.conf": "/etc/nginx/nginx.conf",
            folder / "site.conf": target,
        } | {_keys(root, folder.name): "/certs"}
    authority = root / "pki/ca.crt"
    if authority.exists():
        mounts[authority] = "/etc/loadpath-ca.crt"
    done = subprocess.run(
        ["docker", "run", "--rm", "--network", "none", "--user", "0:0", "--entrypoint", "sh",
         "--env", "HTTPS_PORT=8443",
         *(word for source, place in mounts.items() for word in ("-v", f"{source}:{place}:ro")),
         image.tag, "-c", command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{path}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _keys(root: Path, service: str) -> Path:
    """Return the folder of a service's keys, in the forms in which they are installed."""
    keys = root / "certs" / service
    keys.mkdir(parents=True, exist_ok=True)
    made = [root / "pki" / f"{service}.{ending}" for ending in ("crt", "key")]
    if made[0].exists():
        texts = [path.read_text() for path in made]
        for name, text in (("tls.crt", texts[0]), ("tls.key", texts[1]),
                           ("site.pem", "".join(texts))):  # fmt: skip
            (keys / name).write_text(text)
    return keys


def test_nginx_passes_connections_with_each_algorithm(tmp_path: Path) -> None:
    """The module for connections is in the public image, and beside the stand-in of the lab."""
    for number, design in enumerate(_passing()):
        files = project(design)
        (tmp_path / f"{number}.conf").write_bytes(files["config/front/nginx.conf"])
        if "pki/front.key" in files:
            (tmp_path / "tls.crt").write_bytes(files["pki/front.crt"])
            (tmp_path / "tls.key").write_bytes(files["pki/front.key"])
        (tmp_path / "ca.crt").write_bytes(files["pki/ca.crt"])
    tag = f"loadpath-test-{tmp_path.parent.name}"
    made = f"FROM {images.NGINX.tag}\nRUN {_STREAM}\n"
    subprocess.run(
        ["docker", "build", "--quiet", "--tag", tag, "-"],
        input=made, text=True, check=True, capture_output=True,
    )  # fmt: skip
    try:
        done = subprocess.run(
            ["docker", "run", "--rm", "--network", "none", "--entrypoint", "sh",
             "-v", f"{tmp_path}:/certs:ro", "-v", f"{tmp_path}/ca.crt:/etc/loadpath-ca.crt:ro",
             tag, "-c", _EACH],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        subprocess.run(["docker", "rmi", tag], check=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warn" not in done.stdout + done.stderr


_STREAM = "apt-get update; apt-get install -y --no-install-recommends libnginx-mod-stream; true"
_EACH = """
module=$(find /usr -name ngx_stream_module.so)
for file in /certs/*.conf; do
  nginx -t -c "$file" -g "load_module $module;" || exit 1
done
"""


def _passing() -> Iterator[Design]:
    for algorithm in ("roundrobin", "leastconn", "source", "random"):
        for pair in (False, True):
            design, ids = balanced(
                "nginx:1.30", tls=True, pair=pair, layer="tcp", algorithm=algorithm,
                certificate="www.example.com",
            )  # fmt: skip
            for key in design.outgoing[ids["front"]]:
                design = edits.set_fields(design, key, protocol="https", tls="1.3")
            yield design
            yield edits.set_fields(design, ids["front"], certificate="")
