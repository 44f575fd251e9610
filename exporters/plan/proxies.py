"""Balancers, proxies and web servers as services: which files each product is configured by."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from exporters import images
from exporters.deployment import Bind, ConfigFile, Service
from exporters.images import Image
from exporters.plan.acme import issued
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import Entrance
from exporters.plan.fronts import certificate, published
from exporters.plan.products import Product
from exporters.programs import CA_FILE, Front, Page

_OPEN_FILES = 16384
_CA = Bind(source="pki/ca.crt", target=CA_FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setup:
    """The image of a product, and the files that configure it: template, name, place."""

    image: Image
    files: tuple[ConfigFile, ...]
    binds: tuple[Bind, ...]
    tmpfs: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()


def proxy(  # noqa: PLR0913  # what is decided where the part is planned
    context: Context,
    component_id: str,
    front: Front,
    entrance: Entrance,
    product: Product,
    *,
    role: str,
    names: tuple[str, ...],
    wanted: str,
) -> Part:
    """Return the service of a product that hands requests on, with its files and keys.

    `names` are those that its certificate has beside the ones in `wanted`, which was drawn.
    """
    setup = SETUPS[product](front)
    service = Service(
        name=front.name,
        title=context.item(component_id).name,
        role=role,
        component=component_id,
        image=setup.image.tag,
        entrypoint=setup.entrypoint,
        environment=published(entrance),
        ports=entrance.ports,
        binds=(*setup.binds, *((_CA,) if any(b.tls for b in front.backends) else ())),
        tmpfs=setup.tmpfs,
        open_files=_OPEN_FILES,
        stop_seconds=30,
    )
    own_key = entrance.tls and not front.passthrough
    local = "" if front.public else wanted  # a program asks no CA for a name that it has
    part = Part(
        services=(service,),
        files=setup.files,
        certificates=certificate(names, local, setup.image) if own_key else (),
    )
    return issued(context, component_id, part, entrance, setup.image) if front.public else part


def _config(front: Front, name: str, template: str) -> ConfigFile:
    return ConfigFile(path=f"config/{front.name}/{name}", template=template, values=front)


def _bound(file: ConfigFile, target: str) -> Bind:
    return Bind(source=file.path, target=target)


def _haproxy(front: Front) -> _Setup:
    config = _config(front, "haproxy.cfg", "haproxy.cfg")
    return _Setup(
        image=images.HAPROXY,
        files=(config,),
        binds=(_bound(config, "/usr/local/etc/haproxy/haproxy.cfg"),),
    )


def _nginx(front: Front) -> _Setup:
    if front.mode == "tcp":
        config = _config(front, "nginx.conf", "nginx-stream.conf")
        binds = (_bound(config, "/etc/nginx/nginx.conf"),)
        return _Setup(image=images.NGINX, files=(config,), binds=binds)
    main = _config(front, "nginx.conf", "nginx.conf")
    site = _config(front, "site.conf", "site.conf")
    target = "/etc/nginx/conf.d/site.conf"
    if front.redirect:  # the number of the published port is only known when it starts
        target = "/etc/nginx/templates/site.conf.template"
    page, page_binds = _page(front, "/usr/share/nginx/html")
    return _Setup(
        image=images.NGINX,
        files=(main, site, *page),
        binds=(
            _bound(main, "/etc/nginx/nginx.conf"),
            _bound(site, target),
            *page_binds,
            *_shared(front),
        ),
        tmpfs=("/etc/nginx/conf.d",) if front.redirect else (),
    )


def _caddy(front: Front) -> _Setup:
    config = _config(front, "Caddyfile", "Caddyfile")
    page, page_binds = _page(front, "/srv/html")
    return _Setup(
        image=images.CADDY,
        files=(config, *page),
        binds=(_bound(config, "/etc/caddy/Caddyfile"), *page_binds, *_shared(front)),
    )


def _traefik(front: Front) -> _Setup:
    static = _config(front, "traefik.yml", "traefik/traefik.yml")
    routes = _config(front, "routes.yml", "traefik/routes.yml")
    binds = (
        _bound(static, "/etc/traefik/traefik.yml"),
        _bound(routes, "/etc/traefik/routes.yml"),
    )
    if not front.public:
        return _Setup(image=images.TRAEFIK, files=(static, routes), binds=binds)
    start, inside = _config(front, "start.sh", "traefik/start.sh"), "/etc/traefik/start.sh"
    return _Setup(
        image=images.TRAEFIK,
        files=(static, routes, start),
        binds=(*binds, _bound(start, inside)),
        entrypoint=("sh", inside),
    )


def _varnish(front: Front) -> _Setup:
    start = _config(front, "start.sh", "varnish/start.sh")
    rules = _config(front, "default.vcl", "varnish/default.vcl")
    target = "/etc/varnish/start.sh"
    return _Setup(
        image=images.VARNISH,
        files=(start, rules),
        binds=(_bound(rules, "/etc/varnish/default.vcl"), _bound(start, target)),
        entrypoint=("sh", target),
    )


SETUPS: Mapping[Product, Callable[[Front], _Setup]] = MappingProxyType(
    {
        "haproxy": _haproxy,
        "nginx": _nginx,
        "caddy": _caddy,
        "traefik": _traefik,
        "varnish": _varnish,
    }
)


def _page(front: Front, target: str) -> tuple[tuple[ConfigFile, ...], tuple[Bind, ...]]:
    """Return the page of a web server that has nothing behind it."""
    if front.backends or front.balances:
        return (), ()
    folder = f"config/{front.name}/html"
    file = ConfigFile(
        path=f"{folder}/index.html", template="index.html", values=Page(name=front.name)
    )
    return (file,), (Bind(source=folder, target=target),)


def _shared(front: Front) -> Iterable[Bind]:
    for files in front.files:
        yield Bind(source=f"config/{files}", target=f"/srv/files/{files}")
