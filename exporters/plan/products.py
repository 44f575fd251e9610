"""Which program a drawn balancer or proxy is, and what each calls an algorithm.

A product that lacks an algorithm is refused with the nearest that it has: what runs would
otherwise spread requests in a way that nobody has drawn. Sources: HAProxy 3.2 configuration
manual, `balance`; nginx, `ngx_http_upstream_module` and `ngx_stream_upstream_module`; Caddy 2.11,
directive `reverse_proxy`, `lb_policy`; Traefik 3.7, `loadBalancer.strategy`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, get_args

from app.model.traffic import Algorithm, LoadBalancer
from exporters.errors import ExportError
from exporters.programs import Backend

Product = Literal["haproxy", "nginx", "caddy", "traefik", "varnish"]
TITLES: Mapping[Product, str] = MappingProxyType(
    {
        "haproxy": "HAProxy",
        "nginx": "nginx",
        "caddy": "Caddy",
        "traefik": "Traefik",
        "varnish": "Varnish",
    }
)
_HTTP: Mapping[Product, Mapping[Algorithm, str]] = MappingProxyType(
    {
        "haproxy": {
            "roundrobin": "roundrobin",
            "static-rr": "static-rr",
            "leastconn": "leastconn",
            "source": "source",
            "uri": "uri",
            "random": "random(2)",
            "first": "first",
        },
        "nginx": {
            "roundrobin": "",
            "leastconn": "least_conn",
            "source": "hash $remote_addr consistent",
            "uri": "hash $request_uri consistent",
            "random": "random two least_conn",
        },
        "caddy": {
            "roundrobin": "round_robin",
            "leastconn": "least_conn",
            "source": "ip_hash",
            "uri": "uri_hash",
            "random": "random_choose 2",
            "first": "first",
        },
        "traefik": {"roundrobin": "wrr", "source": "hrw", "random": "p2c"},
        "varnish": {"roundrobin": "round_robin"},
    }
)
_READS_REQUESTS = frozenset(("uri",))  # of no use where only connections are seen
_TCP: Mapping[Product, Mapping[Algorithm, str]] = MappingProxyType(
    {
        product: {key: _HTTP[product][key] for key in _HTTP[product] if key not in _READS_REQUESTS}
        for product in ("haproxy", "nginx")
    }
    | {"traefik": {"roundrobin": "wrr"}}
)
_NEAREST: Mapping[Algorithm, Algorithm] = MappingProxyType(
    {"leastconn": "random", "random": "leastconn", "uri": "source"}
)
_HASHES_BY_MODULO = frozenset(("haproxy", "nginx"))  # others by the highest random weight
_WEIGHS_IN_TURN_ONLY = frozenset(("caddy", "traefik"))


def product_of(image: str) -> Product | None:
    """Return the product of a drawn image, by its last word: `docker.io/library/nginx:1.30`."""
    name = image.rpartition("/")[2].partition("@")[0].partition(":")[0].lower()
    return next((product for product in get_args(Product) if product == name), None)


def algorithm_of(product: Product, item: LoadBalancer, backends: Sequence[Backend]) -> str:
    """Return what a product calls the algorithm of a balancer.

    Raises:
        ExportError: the product lacks it; the message names the nearest that it has.
    """
    has = (_HTTP if item.layer == "http" else _TCP).get(product, {})
    wanted: Algorithm = "roundrobin" if item.algorithm == "unset" else item.algorithm
    if not has:
        raise ExportError(
            f"{item.name}: {TITLES[product]} cannot pass connections; set its layer to http, or "
            "draw HAProxy or nginx"
        )
    if wanted not in has:
        raise ExportError(f"{item.name}: {_lacks(product, item)}; choose {_nearest(has, item)}")
    weighted = any(backend.weight != 1 for backend in backends)
    if not weighted or product not in _WEIGHS_IN_TURN_ONLY:
        return _by_modulo(product, item, has[wanted]) if item.hashes_by_modulo else has[wanted]
    if wanted != "roundrobin" or item.layer == "tcp":
        raise ExportError(
            f"{item.name}: {TITLES[product]} weighs its servers only where it asks them in turn "
            "over HTTP; choose round robin (roundrobin), or set the weights to 1"
        )
    return _in_turn(product, backends)


def _by_modulo(product: Product, item: LoadBalancer, word: str) -> str:
    """Return an algorithm that hashes, by modulo; of HAProxy that is another directive's default.

    Raises:
        ExportError: the product always hashes consistently.
    """
    if product not in _HASHES_BY_MODULO:
        raise ExportError(
            f"{item.name}: {TITLES[product]} has no hashing by modulo; choose consistent"
        )
    return word.removesuffix(" consistent")


def _lacks(product: Product, item: LoadBalancer) -> str:
    """Say what a product does not do."""
    if item.layer == "tcp" and item.algorithm in _READS_REQUESTS:
        return "an algorithm that hashes the URI needs a balancer that reads requests (layer http)"
    connections = " for connections (layer tcp)" if item.layer == "tcp" else ""
    return f'{TITLES[product]} has no algorithm "{item.fact}"{connections}'


def _nearest(has: Mapping[Algorithm, str], item: LoadBalancer) -> str:
    near = _NEAREST.get(item.algorithm, "roundrobin")
    chosen = replace(item, algorithm=near if near in has else "roundrobin")
    return f"the nearest, {chosen.fact} ({chosen.algorithm})"


def _in_turn(product: Product, backends: Sequence[Backend]) -> str:
    """Return round robin with weights: Caddy lists them in the policy, Traefik at the servers."""
    if product == "caddy":
        return " ".join(("weighted_round_robin", *(str(backend.weight) for backend in backends)))
    return "wrr"
