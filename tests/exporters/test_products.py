"""Balancers and proxies of every product: the algorithms that each has, and how each is set up."""

from pathlib import Path
from typing import Any, get_args

import pytest

from app.model import edits
from app.model.traffic import Algorithm
from exporters import images
from exporters.errors import ExportError
from exporters.plan import plan
from exporters.plan.products import product_of
from exporters.programs import Front
from tests.exporters.designs import balanced, cached, draw, link, watched
from tests.exporters.projects import FRONTS, compose_of, project, yaml
from tests.exporters.test_plan import roles, texts, values

CONFIGURED = {
    "haproxy": "haproxy.cfg",
    "nginx": "site.conf",
    "caddy": "Caddyfile",
    "traefik": "routes.yml",
}
WORDS: dict[str, dict[str, str]] = {
    "haproxy": {
        "roundrobin": "roundrobin", "unset": "roundrobin", "static-rr": "static-rr",
        "leastconn": "leastconn", "source": "source", "uri": "uri", "random": "random(2)",
        "first": "first",
    },
    "nginx": {
        "roundrobin": "", "unset": "", "leastconn": "least_conn",
        "source": "hash $remote_addr consistent", "uri": "hash $request_uri consistent",
        "random": "random two least_conn",
    },
    "caddy": {
        "roundrobin": "round_robin", "unset": "round_robin", "leastconn": "least_conn",
        "source": "ip_hash", "uri": "uri_hash", "random": "random_choose 2", "first": "first",
    },
    "traefik": {"roundrobin": "wrr", "unset": "wrr", "source": "hrw", "random": "p2c"},
}  # fmt: skip
NEAREST = {
    ("nginx", "static-rr"): "roundrobin", ("nginx", "first"): "roundrobin",
    ("caddy", "static-rr"): "roundrobin", ("traefik", "static-rr"): "roundrobin",
    ("traefik", "leastconn"): "random", ("traefik", "uri"): "source",
    ("traefik", "first"): "roundrobin",
}  # fmt: skip


def front(image: str, **fields: Any) -> Front:
    deployment = plan(balanced(image, **fields)[0])
    found = [file.values for file in deployment.files if isinstance(file.values, Front)]
    return found[0]


@pytest.mark.parametrize("product", [*WORDS])
@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_a_product_has_an_algorithm_or_is_refused_with_the_nearest(
    product: str, algorithm: str
) -> None:
    if algorithm in WORDS[product]:
        assert front(f"{product}:1", algorithm=algorithm).balance == WORDS[product][algorithm]
        return
    nearest = NEAREST[product, algorithm]
    with pytest.raises(ExportError, match=rf"^front: .*choose the nearest, .* \({nearest}\)$"):
        plan(balanced(f"{product}:1", algorithm=algorithm)[0])


def test_the_page_of_the_products_shows_what_each_calls_an_algorithm() -> None:
    page = (Path(__file__).parents[2] / "docs" / "compose.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    for product, words in WORDS.items():
        for algorithm, word in words.items():
            assert algorithm == "unset" or not word or f"`{word}`" in rows[algorithm], product


@pytest.mark.parametrize("layer", ["http", "tcp"])
def test_nginx_hashes_as_it_is_drawn(layer: str) -> None:
    assert front("nginx:1", algorithm="source", hashing="modulo", layer=layer).balance == (
        "hash $remote_addr"
    )


@pytest.mark.parametrize(("hashing", "consistent"), [("consistent", True), ("modulo", False)])
def test_haproxy_hashes_as_it_is_drawn(hashing: str, *, consistent: bool) -> None:
    design = balanced("haproxy:3.2", algorithm="uri", hashing=hashing)[0]
    text = project(design)["config/front/haproxy.cfg"].decode()

    assert "balance uri" in text
    assert ("hash-type consistent" in text) is consistent


@pytest.mark.parametrize("product", ["caddy", "traefik"])
def test_what_only_hashes_consistently_is_refused_modulo(product: str) -> None:
    with pytest.raises(ExportError, match=r"has no hashing by modulo; choose consistent"):
        plan(balanced(f"{product}:1", algorithm="source", hashing="modulo")[0])
    assert front(f"{product}:1", algorithm="random", hashing="modulo").balance


def test_a_cache_is_no_balancer_which_is_told() -> None:
    deployment = plan(balanced("varnish:7.7", algorithm="leastconn")[0])
    assert "front was drawn as another program; HAProxy takes its place" in texts(deployment)
    assert values(deployment, "config/front/haproxy.cfg").balance == "leastconn"


@pytest.mark.parametrize(
    ("product", "algorithm", "told"),
    [("haproxy", "uri", r"reads requests \(layer http\); choose the nearest, source hash"),
     ("nginx", "uri", r"reads requests \(layer http\); choose the nearest, source hash"),
     ("traefik", "source", r"for connections \(layer tcp\); choose the nearest, round robin"),
     ("caddy", "roundrobin", "Caddy cannot pass connections; set its layer to http, or draw")],
)  # fmt: skip
def test_a_product_that_cannot_pass_connections_so_is_refused(
    product: str, algorithm: str, told: str
) -> None:
    with pytest.raises(ExportError, match=told):
        plan(balanced(f"{product}:1", layer="tcp", algorithm=algorithm)[0])


@pytest.mark.parametrize("product", ["caddy", "traefik"])
def test_weights_count_where_a_product_asks_in_turn(product: str) -> None:
    design, ids = balanced(f"{product}:1")
    key = design.outgoing[ids["front"]][0]
    design = edits.set_fields(design, key, weight=3)
    text = project(design)[f"config/front/{CONFIGURED[product]}"].decode()
    assert ("weighted_round_robin 3 1" if product == "caddy" else "weight: 3") in text
    with pytest.raises(ExportError, match="weighs its servers only where it asks them in turn"):
        plan(edits.set_fields(design, ids["front"], algorithm="random"))


def test_nginx_weighs_whatever_the_algorithm() -> None:
    design, ids = balanced("nginx:1", algorithm="leastconn")
    design = edits.set_fields(design, design.outgoing[ids["front"]][0], weight=3)
    assert b"app-1:8000 weight=3 resolve" in project(design)["config/front/site.conf"]


@pytest.mark.parametrize(
    ("image", "product"),
    [("haproxy:3.2", "haproxy"), ("docker.io/library/nginx", "nginx"), ("Caddy", "caddy"),
     ("registry:5000/traefik@sha256:00", "traefik"), ("varnish:7.7", "varnish"),
     ("nginxinc/nginx-unprivileged:1", None), ("", None), ("httpd:2.4", None)],
)  # fmt: skip
def test_the_last_word_of_an_image_is_the_product(image: str, product: str | None) -> None:
    assert product_of(image) == product


def test_what_a_product_does_otherwise_is_told() -> None:
    nginx, caddy = (plan(balanced(image, health_check="tcp")[0]) for image in ("nginx", "caddy"))
    assert "asks its servers nothing by itself" in texts(nginx)
    assert "tests its servers by HTTP or not at all" in texts(caddy)
    assert "asks its servers nothing" not in texts(plan(balanced("nginx", health_check="none")[0]))


@pytest.mark.parametrize("image", ["nginx:1", "caddy:2", "traefik:3"])
@pytest.mark.parametrize("check", ["http", "tcp", "none"])
def test_servers_are_tested_as_far_as_a_product_does(image: str, check: str) -> None:
    name = CONFIGURED[image.partition(":")[0]]
    text = project(balanced(image, health_check=check)[0])[f"config/front/{name}"].decode()
    active = "health_uri /healthz" in text or "healthCheck" in text
    passive = "max_fails=2" in text or "max_fails 2" in text
    assert active is (check == "http" and not image.startswith("nginx"))
    assert passive is (check != "none" and not image.startswith("traefik"))


@pytest.mark.parametrize("image", ["haproxy:3", "nginx:1", "caddy:2", "traefik:3"])
def test_a_pair_of_any_product_understands_its_edge(image: str) -> None:
    design = balanced(image, tls=True, redirect=True, pair=True)[0]
    text = "".join(
        content.decode()
        for path, content in project(design).items()
        if path.startswith("config/front/")
    )
    for number in ("8080", "8443", "8180", "8543", "8404"):
        assert number in text, number
    assert "proxy" in text.lower()


def test_servers_that_speak_tls_are_asked_over_tls_by_every_product() -> None:
    for image, name in CONFIGURED.items():
        design, ids = balanced(image)
        for key in design.outgoing[ids["front"]]:
            design = edits.set_fields(design, key, protocol="https", tls="1.3")
        text = project(design)[f"config/front/{name}"].decode()
        assert "/etc/loadpath-ca.crt" in text
        assert "app-1:8443" in text


@pytest.mark.parametrize("image", ["nginx:1", "traefik:3"])
@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("pair", [False, True])
def test_connections_are_passed_on(image: str, *, safe: bool, pair: bool) -> None:
    design, ids = balanced(image, tls=True, layer="tcp", pair=pair)
    fronts = [ids[name] for name in ("front", "other") if name in ids]
    if safe:
        for key in [key for one in fronts for key in design.outgoing[one]]:
            design = edits.set_fields(design, key, protocol="https", tls="1.3")
    own = edits.set_fields(design, ids["front"], certificate="www.example.com")
    passed, ended = project(design), project(own)
    name = "nginx.conf" if image.startswith("nginx") else "routes.yml"
    texts_ = [files[f"config/front/{name}"].decode() for files in (passed, ended)]
    ends = "ssl_certificate" if image.startswith("nginx") else "defaultCertificate"
    assert [ends in text for text in texts_] == [not safe, True]
    assert ("app-1:8443" if safe else "app-1:8000") in texts_[0]


@pytest.mark.parametrize("image", ["haproxy:3", "nginx:1", "caddy:2", "traefik:3"])
@pytest.mark.parametrize("layer", ["http", "tcp"])
def test_a_balancer_with_nothing_behind_it_is_still_a_project(image: str, layer: str) -> None:
    drawn = draw("Empty", {"u": ("client", {}), "lb": ("load_balancer", {"image": image})})
    design = link(drawn, ("u", "lb"), protocol="http")
    if layer == "tcp" and not image.startswith("caddy"):
        design = edits.set_fields(design, drawn[1]["lb"], layer="tcp")
    assert "lb has nothing behind it" in texts(plan(design))
    assert project(design)


def traefik(design_name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    files = project(FRONTS[design_name])
    return yaml(files["config/front/traefik.yml"]), yaml(files["config/front/routes.yml"])


def test_all_that_a_route_of_traefik_names_exists() -> None:
    """No image of Traefik is in the lab: what a reader can check is checked here."""
    static, routes = traefik("traefik-balancer")
    made = routes["http"]
    for router in made["routers"].values():
        assert set(router["entryPoints"]) <= static["entryPoints"].keys()
        service = router["service"]
        assert service in made["services"] or service in ("ping@internal", "prometheus@internal")
        assert set(router.get("middlewares", ())) <= made["middlewares"].keys()
    assert {entry for router in made["routers"].values() for entry in router["entryPoints"]} == (
        static["entryPoints"].keys()
    )
    servers = made["services"]["servers"]["loadBalancer"]
    assert [item["url"] for item in servers["servers"]] == [
        "http://app-1:8000",
        "http://app-2:8000",
    ]
    assert servers["serversTransport"] in made["serversTransports"]
    assert made["middlewares"]["to-https"]["redirectScheme"]["port"] == '{{ env "HTTPS_PORT" }}'
    service = compose_of(project(FRONTS["traefik-balancer"]))["services"]["front"]
    assert service["environment"]["HTTPS_PORT"].startswith("${FRONT_HTTPS_PORT")
    targets = {item["target"] for item in service["volumes"]}
    assert {static["providers"]["file"]["filename"], "/etc/traefik/traefik.yml"} <= targets
    certificate = routes["tls"]["stores"]["default"]["defaultCertificate"]
    assert certificate == {"certFile": "/certs/tls.crt", "keyFile": "/certs/tls.key"}


def test_the_health_path_of_a_program_reaches_every_product() -> None:
    for image, name in {**CONFIGURED, "varnish": "default.vcl"}.items():
        design, ids = balanced(image, "reverse_proxy", tls=image == "traefik")
        for app in ("app-1", "app-2"):
            design = edits.set_fields(
                design, ids[app], program="image", image="shop:1", health_path="/up/ok"
            )
        design = edits.set_fields(design, ids["front"], redirect=image == "traefik")
        assert "/up/ok" in project(design)[f"config/front/{name}"].decode(), image


def test_haproxy_as_a_proxy_serves_no_files_which_is_told() -> None:
    drawn = draw("Files", {"p": ("reverse_proxy", {"image": "haproxy:3"}), "f": ("app_files", {})})
    deployment = plan(link(drawn, ("p", "f"), protocol="file"))
    assert "HAProxy does not" in texts(deployment)
    assert not values(deployment, "config/p/haproxy.cfg").files


def test_caddy_serves_pages_and_files() -> None:
    drawn = draw("Pages", {"w": ("web_server", {"image": "caddy:2"}), "f": ("app_files", {})})
    files = project(link(drawn, ("w", "f"), protocol="file"))
    assert b"handle_path /files/f/*" in files["config/w/Caddyfile"]
    assert "config/w/html/index.html" in files


def test_a_cache_speaks_tls_through_helpers_that_carry_its_name() -> None:
    deployment = plan(cached(tls=True)[0])
    assert roles(deployment) == {
        "cdn": "proxy", "cdn-cache": "proxy", "cdn-origin": "proxy", "web": "web",
        "pki-install": "installer",
    }  # fmt: skip
    assert deployment.service("cdn").image == images.HAPROXY.tag
    assert deployment.service("cdn").component
    assert not deployment.service("cdn-cache").component
    assert values(deployment, "config/cdn/haproxy.cfg").backends[0].host == "cdn-cache"
    assert values(deployment, "config/cdn-cache/default.vcl").backends[0].host == "cdn-origin"
    assert values(deployment, "config/cdn-origin/haproxy.cfg").backends[0].tls
    assert "stands for the machines of somebody else" in texts(deployment)
    for one, other in (("cdn", "cdn-cache"), ("cdn-cache", "cdn-origin"), ("cdn-origin", "web")):
        assert set(deployment.service(one).networks) & set(deployment.service(other).networks)


def test_a_cache_without_tls_is_one_service() -> None:
    deployment = plan(cached()[0])
    assert roles(deployment) == {"cdn": "proxy", "web": "web"}
    assert deployment.service("cdn").image == images.VARNISH.tag
    assert deployment.service("cdn").ports
    assert not deployment.service("web").ports


def test_a_cache_with_nothing_behind_it_is_still_a_project() -> None:
    drawn = draw("Nothing", {"u": ("client", {}), "cdn": ("cdn", {})})
    files = project(link(drawn, ("u", "cdn"), protocol="http"))
    assert b'\nbehind=""\n' in files["config/cdn/start.sh"]


def test_each_product_is_watched_in_its_own_way() -> None:
    jobs = {
        image: {job.name for job in values(
            plan(watched(balanced(image, kind))[0]), "monitoring/prometheus/alerts.yml").jobs}
        for image, kind in (("haproxy", "load_balancer"), ("nginx", "load_balancer"),
                            ("caddy", "load_balancer"), ("traefik", "load_balancer"),
                            ("varnish", "reverse_proxy"))
    }  # fmt: skip
    for image, found in jobs.items():
        assert ("ports" if image == "varnish" else image) in found
        assert not found & (jobs.keys() - {image})


def test_traefik_tries_again_until_a_dead_server_is_known_to_be_dead() -> None:
    made = project(balanced("traefik:v3.7", algorithm="source")[0])
    routes = yaml(next(text for path, text in made.items() if path.endswith("routes.yml")))["http"]
    check = routes["services"]["servers"]["loadBalancer"]["healthCheck"]
    again = routes["middlewares"]["again"]["retry"]
    # As Traefik does: so much longer each, that one more than the last would be twice the first.
    factor = 2 ** (1 / (again["attempts"] - 1))
    pauses = [seconds(again["initialInterval"]) * factor**n for n in range(again["attempts"] - 1)]
    assert sum(pauses) > seconds(check["interval"]) + seconds(check["timeout"])
    assert pauses[0] < 0.5, "who meets another server at once waits as long for it"


def seconds(text: str) -> float:
    """Read a duration of Go, of one unit."""
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))
