"""Pairs of balancers with an address that moves: who gets it, by which rights, and who does not."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from exporters.deployment import Deployment
from exporters.plan import plan
from exporters.plan.vrrp import advert_seconds, slowest_seconds
from exporters.programs import Moving
from tests.exporters.designs import balanced, passive_pair
from tests.exporters.projects import DESIGNS, project


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def test_balancers_and_edge_find_their_network_by_names_of_their_own() -> None:
    deployment = plan(DESIGNS["vrrp-pair"], takeover="vrrp")
    services = {name: deployment.service(name) for name in ("front", "other", "pair")}
    networks = {name: [*service.aliases] for name, service in services.items()}
    assert networks["front"] == networks["other"] == networks["pair"]
    [network] = networks["front"]
    assert {name: service.aliases[network] for name, service in services.items()} == {
        name: (f"{name}.pair",) for name in services
    }


def test_the_first_balancer_is_preferred_and_each_knows_the_other() -> None:
    files = project(DESIGNS["vrrp-pair"])
    first, second = (files[f"config/{name}/start.sh"].decode() for name in ("front", "other"))
    assert "priority 150\n" in first
    assert "priority 100\n" in second
    assert "for name in other.pair; do" in first
    assert "for name in front.pair; do" in second
    assert "${MOVING_ADDRESS}:8543" in files["config/pair/haproxy.cfg"].decode()


@pytest.mark.parametrize("other", ["", "10.9.0.3"])
def test_a_balancer_tells_the_other_alone_and_gives_no_empty_list(
    other: str, tmp_path: Path
) -> None:
    script = project(DESIGNS["vrrp-pair"])["config/front/start.sh"].decode()
    script = script.partition("until moving")[0].replace("/run/", "").replace("/tmp/", "")  # noqa: S108
    (tmp_path / "getent").write_text(f"#!/bin/sh\necho {other}\n")
    (tmp_path / "keepalived").write_text("#!/bin/sh\n")
    for name in ("getent", "keepalived"):
        (tmp_path / name).chmod(0o755)
    subprocess.run(
        ["sh", "-c", f'{script}\ndevice=eth0 address=10.9.0.254\nconfigure "$(look_for_peers)"'],
        cwd=tmp_path, env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=True,
        timeout=60,
    )  # fmt: skip
    made = (tmp_path / "keepalived.conf").read_text()
    assert re.findall(r"unicast_peer {\s*([0-9.]*)\s*}", made) == ([other] if other else [])
    assert "10.9.0.254/32 dev eth0\n" in made


def test_the_notes_say_who_moves_the_address_and_how_soon() -> None:
    told = texts(plan(DESIGNS["vrrp-pair"], takeover="vrrp"))
    assert "keepalived (VRRP) moves an address between front, other" in told
    assert "replaced within 4 seconds" in told


@pytest.mark.parametrize(
    ("detection", "advert", "slowest"), [(10, 1.0, 4.0), (2, 0.5, 2.0), (0.1, 0.1, 0.4)]
)
def test_adverts_come_so_often_that_the_drawn_time_is_kept(
    detection: float, advert: float, slowest: float
) -> None:
    cluster = Cluster(name="pair", detection_seconds=detection)
    assert (advert_seconds(cluster), slowest_seconds(cluster)) == (advert, slowest)
    design, ids = passive_pair("automatic")
    design = edits.set_fields(design, ids["pair"], detection_seconds=detection)
    deployment = plan(edits.remove(design, [ids["extra"]]), takeover="vrrp")
    moving = [f.values for f in deployment.files if f.template == "vrrp/start.sh"]
    assert {item.advert_seconds for item in moving if isinstance(item, Moving)} == {advert}


def _nginx() -> Design:
    return balanced("nginx:1.30", tls=True, pair=True)[0]


def _by_hand() -> Design:
    design, ids = passive_pair("manual")
    return edits.remove(design, [ids["extra"]])


@pytest.mark.parametrize("design", [_nginx(), _by_hand()], ids=["nginx", "by hand"])
def test_other_pairs_are_switched_by_their_edge_and_the_notes_say_so(design: Design) -> None:
    deployment = plan(design, takeover="vrrp")
    assert "is to be had for pairs of HAProxy that switch by themselves alone" in texts(deployment)
    assert "emulated by the service pair" in texts(deployment)
    rights: set[Any] = {right for service in deployment.services for right in service.capabilities}
    assert "NET_RAW" not in rights


def test_nothing_moves_unless_it_is_asked_for() -> None:
    deployment = plan(DESIGNS["vrrp-pair"])
    assert not any(service.aliases for service in deployment.services)
    assert "keepalived" not in texts(deployment)
