"""Each product in front of two applications, running: pages, the spread, and a death behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from exporters import images
from tests.exporters.designs import balanced, cached, draw, link, watched
from tests.lab import own_images
from tests.lab.engine import Project, eventually, kill_under_load, running, spread

pytestmark = pytest.mark.docker
PYTHON = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["NODE_NAME"].encode())
http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""
NODE = """
const { PORT, NODE_NAME } = process.env;
require("http").createServer((asked, answer) => answer.end(NODE_NAME)).listen(PORT);
"""
PHP = "<?php echo getenv('NODE_NAME');"
# Takes what is sent to it, and ends the connection instead of an answer; tells how often that was.
TAKES_AND_ENDS = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    taken = 0
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        Handler.taken += 1
        self.close_connection = True
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.environ['NODE_NAME']} {Handler.taken}".encode())
http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module", autouse=True)
def _traefik() -> None:
    own_images.traefik()


@contextmanager
def serving(folder: Path, image: str, kind: str = "load_balancer", **values: Any) -> Iterator[
    Project
]:  # fmt: skip
    with running(balanced(image, kind, **values)[0], folder / "project") as project:
        yield project


def counts(project: Project, site: str, asked: int = 60) -> list[int]:
    """Ask a site so often, and return how many answers each application gave, the most first."""
    answers = [project.ask(f"{site}/read") for _ in range(asked)]
    assert {answer.status for answer in answers} == {200}
    found = spread(answers, "x-app")
    return sorted((found["app-1"], found["app-2"]), reverse=True)


def test_nginx_balances_over_tls_and_is_watched(tmp_path: Path) -> None:
    design, _ = watched(balanced("nginx:1.30", tls=True, algorithm="leastconn"))
    with running(design, tmp_path / "project") as project:
        site = project.address("front", "https")
        assert min(counts(project, site)) >= 20
        answer = project.ask(f"{site}/read")
        assert answer.headers["x-balancer"] == answer.json["balancer"] == "front"

        def all_up() -> bool:
            found = [
                item["value"][1]
                for query in ("up", "nginx_up", "probe_success")
                for item in project.metric("prometheus", query)
            ]
            return len(found) >= 6 and set(found) == {"1"}

        assert eventually(all_up, 60)
        _, lost = kill_under_load(project, f"{site}/read", "app-1")
        assert not lost


def test_caddy_sends_a_visitor_to_one_server_and_to_another_when_that_dies(tmp_path: Path) -> None:
    design, _ = watched(balanced("caddy:2.11", tls=True, redirect=True, algorithm="source"))
    with running(design, tmp_path / "project") as project:
        site = project.address("front", "https")
        assert counts(project, site) == [60, 0]
        sent = project.ask(f"{project.address('front', 'http')}/read?a=1")
        assert (sent.status, sent.headers["location"]) == (308, f"{site}/read?a=1".replace(
            "localhost", "127.0.0.1"))  # fmt: skip
        [chosen] = spread([project.ask(f"{site}/read")], "x-app")
        _, lost = kill_under_load(project, f"{site}/read", chosen)
        assert not lost
        query = "caddy_reverse_proxy_upstreams_healthy"
        assert eventually(lambda: len(project.metric("prometheus", query)) == 2, 60)


def test_traefik_balances_over_tls_and_is_watched(tmp_path: Path) -> None:
    design, _ = watched(balanced("traefik:v3.7", tls=True, redirect=True, algorithm="random"))
    with running(design, tmp_path / "project") as project:
        site = project.address("front", "https")
        assert min(counts(project, site)) >= 15
        sent = project.ask(f"{project.address('front', 'http')}/read?a=1")
        assert (sent.status, sent.headers["location"]) == (
            301, f"{site}/read?a=1".replace("localhost", "127.0.0.1")
        )  # fmt: skip
        answer = project.ask(f"{site}/read")
        assert answer.headers["x-balancer"] == answer.json["balancer"] == "front"
        query = "traefik_service_server_up"
        assert eventually(
            lambda: [item["value"][1] for item in project.metric("prometheus", query)] == ["1"] * 2
        )
        _, lost = kill_under_load(project, f"{site}/read", "app-1")
        assert not lost


def test_traefik_sends_a_visitor_to_one_server_and_to_another_when_that_dies(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, "traefik:v3.7", algorithm="source") as project:
        site = project.address("front", "http")
        assert counts(project, site) == [60, 0]
        [chosen] = spread([project.ask(f"{site}/read")], "x-app")
        _, lost = kill_under_load(project, f"{site}/read", chosen)
        assert not lost


def test_caddy_asks_its_servers_in_turn(tmp_path: Path) -> None:
    with serving(tmp_path, "caddy:2.11") as project:
        assert counts(project, project.address("front", "http")) == [30, 30]


def test_nginx_repeats_nothing_that_an_application_has_seen(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "main.py").write_text(TAKES_AND_ENDS)
    own = {"program": "folder", "source": "shop", "health_path": "/up"}
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "front": ("load_balancer", {"image": "nginx:1.30"}),
        **dict.fromkeys(("app-1", "app-2"), ("app_server", own)),
    }
    design, ids = draw("Once", parts)
    design = link((design, ids), ("users", "front"), ("front", "app-1"), protocol="http")
    design = link((design, ids), ("front", "app-2"), protocol="http")
    with running(design, tmp_path / "project", sources=tmp_path) as project:
        site = project.address("front", "http")
        assert eventually(lambda: project.ask(site).status == 200)
        assert project.ask(site, b"an order").status == 502
        told = {project.ask(site).body.decode() for _ in range(6)}
        assert sorted(told) in (["app-1 0", "app-2 1"], ["app-1 1", "app-2 0"])


@pytest.mark.parametrize("image", ["nginx:1.30", "caddy:2.11", "traefik:v3.7"])
def test_a_pair_takes_over_behind_one_address(tmp_path: Path, image: str) -> None:
    with serving(tmp_path, image, tls=True, pair=True) as project:
        site = project.address("pair", "https")
        assert project.ask(f"{site}/read").json["balancer"] == "front"
        _, lost = kill_under_load(project, f"{site}/read", "front")
        assert not lost


@pytest.mark.parametrize(
    "image", ["haproxy:3.2", "nginx:1.30", "caddy:2.11", "traefik:v3.7", "varnish:7.7"]
)
def test_a_proxy_of_any_product_outlives_a_server_behind_it(tmp_path: Path, image: str) -> None:
    with serving(tmp_path, image, "reverse_proxy") as project:
        site = project.address("front", "http")
        assert min(counts(project, site)) >= 20
        assert project.ask(f"{site}/read").json["web"] == "front"
        assert project.ask(f"{site}/healthz").body == b"ok\n"
        _, lost = kill_under_load(project, f"{site}/read", "app-2")
        assert not lost
        assert eventually(lambda: min(counts(project, site, 20)) > 0, 30), "it came back"


def test_a_cache_gives_pages_when_their_origin_is_dead(tmp_path: Path) -> None:
    with running(cached(tls=True)[0], tmp_path / "project") as project:
        site = project.address("cdn", "https")
        first, again = (project.ask(f"{site}/") for _ in range(2))
        assert (first.headers["x-cache"], again.headers["x-cache"]) == ("miss", "hit")
        assert first.body == again.body
        assert b"<h1>web</h1>" in again.body
        project.compose("kill", "web")
        assert eventually(lambda: project.ask(f"{site}/healthz").status == 503, 20)
        assert project.ask(f"{site}/").body == first.body
        assert project.ask(f"{site}/new").status == 503
        project.compose("start", "web")
        assert eventually(lambda: project.ask(f"{site}/healthz").status == 200, 30)


def test_caddy_serves_pages_as_a_web_server(tmp_path: Path) -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}),
        "web": ("web_server", {"image": "caddy:2.11"}),
    }
    design = link(draw("Pages", parts), ("users", "web"), protocol="https", tls="1.3")
    with running(design, tmp_path / "project") as project:
        answer = project.ask(f"{project.address('web', 'https')}/")
        assert answer.status == 200
        assert b"<h1>web</h1>" in answer.body


def test_programs_of_the_users_own_are_built_by_default_and_served(tmp_path: Path) -> None:
    shops = {
        "python": {"main.py": PYTHON},
        "node": {"package.json": "{}", "server.js": NODE},
        "php": {"index.php": PHP},
        "made": {"Dockerfile": f"FROM {images.PYTHON.tag}\nCOPY . /\nCMD python3 /serve.py\n",
                   "serve.py": PYTHON},
    }  # fmt: skip
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        name: ("app_server", {"program": "folder", "source": name, "health_path": "/up"})
        for name in shops
    }
    parts |= {
        "users": ("client", {}),
        "lb": ("load_balancer", {}),
        "image": ("app_server", {"program": "image", "image": images.NODE_EXPORTER.tag,
                                 "port": 9100, "health_path": "/metrics"}),
    }  # fmt: skip
    for name, files in shops.items():
        (tmp_path / name).mkdir()
        for file, text in files.items():
            (tmp_path / name / file).write_text(text)
    drawn = draw("Own", parts)
    design = link(drawn, ("users", "lb"), ("users", "image"), protocol="http")
    design = link((design, drawn[1]), *(("lb", name) for name in shops), protocol="http")
    with running(design, tmp_path / "project", sources=tmp_path) as project:
        site = project.address("lb", "http")
        assert eventually(
            lambda: {project.ask(f"{site}/").body for _ in range(8)} == {s.encode() for s in shops}
        )
        assert b"node_" in project.ask(f"{project.address('image', 'http')}/metrics").body
