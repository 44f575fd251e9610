"""A certificate for a public name, from a CA that asks the entrance as Let's Encrypt would: Pebble.

Pebble finds the entrance under its public name in a network of the project, at the ports inside of
the containers.
"""

import json
from pathlib import Path

import pytest

from app.model.design import Design
from exporters.deployment import Certificate
from exporters.pki import CA_CERTIFICATE, certificate_files
from tests.exporters.designs import draw, link
from tests.lab import own_images
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

NAMES = ("www.foobar.com", "foobar.com")
_PEBBLE = {
    "pebble": {
        "listenAddress": "0.0.0.0:14000",
        "managementListenAddress": "0.0.0.0:15000",
        "certificate": "/pebble/pki/pebble.crt",
        "privateKey": "/pebble/pki/pebble.key",
        "httpPort": 8080,
        "tlsPort": 8443,
    }
}
_SETTINGS = b"""
ACME_EMAIL=web@foobar.com
ACME_DIRECTORY=https://pebble:14000/dir
ACME_CA_ROOT=/etc/acme/pebble.crt
"""
# What a user would write to have a CA in the project, and a name that leads to the entrance.
_OVERRIDE = {
    "services": {
        "pebble": {
            "image": own_images.PEBBLE,
            "command": ["pebble", "-config", "/pebble/config.json"],
            "environment": {"PEBBLE_VA_NOSLEEP": "1"},
            "networks": ["public"],
            "volumes": ["./pebble:/pebble:ro"],
        },
        "web": {"networks": {"public": {"aliases": [*NAMES]}}},
    }
}


@pytest.fixture(scope="module", autouse=True)
def _made() -> None:
    own_images.pebble()
    own_images.traefik()


def site(*, redirect: bool) -> Design:
    """Users, and a web server that is reached over HTTPS, and over HTTP where it redirects."""
    values = {"image": "caddy:2.11", "certificate": " ".join(NAMES), "redirect": redirect}
    drawn = draw("A public page", {"users": ("client", {}), "web": ("web_server", values)})
    return link(drawn, ("users", "web"), protocol="https", tls="1.3")


def behind_traefik() -> Design:
    """Users, and an application behind Traefik."""
    values = {"image": "traefik:v3.7", "certificate": " ".join(NAMES)}
    drawn = draw("A public page", {
        "users": ("client", {}), "web": ("reverse_proxy", values), "app": ("app_server", {}),
    })  # fmt: skip
    design = link(drawn, ("users", "web"), protocol="https", tls="1.3")
    return link((design, drawn[1]), ("web", "app"), protocol="http")


def with_pebble() -> dict[str, bytes]:
    """Return the files that add Pebble to a project, and let it know Pebble's server."""
    server = Certificate(service="pebble", names=("pebble", "localhost"), owner="", mode="")
    keys = {path: text.encode() for path, text in certificate_files((server,), {}).items()}
    return {
        ".env": _SETTINGS,
        "compose.override.yaml": json.dumps(_OVERRIDE).encode(),
        "pebble/config.json": json.dumps(_PEBBLE).encode(),
        "config/acme/pebble.crt": keys[CA_CERTIFICATE],
        **{f"pebble/{path}": content for path, content in keys.items()},
    }


def outside(project: Project, name: str, *words: str) -> str:
    """Ask for a page as a browser that trusts what Pebble signs; return the answer."""
    script = (
        "curl --silent --cacert /pebble/pki/ca.crt https://localhost:15000/roots/0 > /tmp/root\n"
        f'curl --silent --show-error --fail --cacert /tmp/root "$@" https://{name}:8443/'
    )
    return project.compose(
        "exec", "--no-TTY", "pebble", "sh", "-c", script, "sh", *words, check=False
    )


def signed(project: Project) -> int:
    """Return how many certificates Pebble has signed."""
    return project.compose("logs", "pebble").count("Issued certificate serial")


@pytest.mark.parametrize(
    ("design", "certificates"),
    [(site(redirect=True), len(NAMES)), (site(redirect=False), len(NAMES)), (behind_traefik(), 1)],
    ids=["caddy at both ports", "caddy at 443 alone", "traefik: one for both names"],
)
def test_the_entrance_gets_a_certificate_for_each_public_name_and_keeps_it(
    design: Design, certificates: int, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    with running(design, folder, added=with_pebble(), certificates="acme") as project:
        assert eventually(lambda: all("web" in outside(project, name) for name in NAMES))
        assert signed(project) == certificates
        assert "set INVALID" not in project.compose("logs", "pebble")  # which limits would count
        # At localhost the authority of the project is the one that signs.
        assert project.ask(f"{project.address('web', 'https')}/").status == 200
        project.compose("up", "--detach", "--wait", "--force-recreate", "--no-deps", "web")
        assert eventually(lambda: "web" in outside(project, NAMES[0]))
        assert signed(project) == certificates
