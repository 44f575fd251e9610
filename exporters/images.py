"""The one table of container images: their pinned tags, and what has to be known about each.

Facts were taken from the entrypoints and Dockerfiles of the images: the user, what stays writable
under a read-only root, capabilities beyond none, and a probe whose tool is in the image.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exporters.deployment import Limits, Probe

_SMALL = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A pinned image and its facts; `probe` is None where the image holds no tool for one."""

    tag: str
    user: str = ""
    tmpfs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    probe: Probe | None = None
    data: str = ""
    limits: Limits = _SMALL
    key_owner: str = "0:0"
    key_mode: str = "0600"
    read_only: bool = True
    drops_privileges: bool = False  # its entrypoint changes user only with SETUID and SETGID
    # Why it needs more than other images, under the word of Compose.
    reasons: Mapping[str, str] = field(default_factory=dict, hash=False)


def _shell(*command: str, **values: int) -> Probe:
    return Probe(command=command, **values)


def _wget(port: int, path: str) -> Probe:
    return _shell("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}{path}")


_POSTGRES_PROBE = _shell("pg_isready", "-h", "127.0.0.1", "-q", start_period=120)
_POSTGRES = {
    "user": "999:999",
    "tmpfs": ("/tmp", "/var/run/postgresql"),  # noqa: S108  # a path in the container
    "probe": _POSTGRES_PROBE,
    "limits": Limits(cpus=1.0, memory=512),
    "key_owner": "999:999",
    "drops_privileges": True,
}
_TMP = ("/tmp",)  # noqa: S108  # a path in the container
_EXPORTER = Limits(cpus=0.1, memory=64)

HAPROXY = Image(
    tag="haproxy:3.2-alpine",
    user="99:99",
    tmpfs=_TMP,
    probe=_wget(8404, "/healthz"),
    key_owner="0:99",
    key_mode="0440",
)
HAPROXY_DEBIAN = replace(HAPROXY, tag="haproxy:3.2", probe=None)  # with keepalived on top
NGINX = Image(
    tag="nginx:1.30-alpine",
    tmpfs=("/var/cache/nginx", "/run", *_TMP),
    capabilities=("CHOWN", "SETGID", "SETUID"),
    reasons={
        "user": "its master starts as root; its workers become another user",
        "cap_add": "its master gives folders to its workers, and makes them another user",
    },
    probe=_shell("curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8081/healthz"),
)
CADDY = Image(
    tag="caddy:2.11",
    capabilities=("NET_BIND_SERVICE",),
    reasons={
        "user": "the image has no other user, and no capability but the one below",
        "cap_add": "its program asks for this one, and does not start without it",
    },
    tmpfs=("/config", "/data", *_TMP),
    # The image has no tool for requests everywhere: its port for operations (8404) listens.
    probe=_shell("grep", "-q", ":20D4 .* 0A ", "/proc/net/tcp", "/proc/net/tcp6"),
)
TRAEFIK = Image(
    tag="traefik:v3.7",
    user="65532:65532",
    tmpfs=_TMP,
    probe=_wget(8404, "/healthz"),
    key_owner="65532:65532",
    key_mode="0400",
)
VARNISH = Image(
    tag="varnish:7.7",
    user="1000:1000",
    tmpfs=("/tmp:exec",),  # noqa: S108  # a path in the container
    reasons={"tmpfs": "it compiles its rules there, and loads them as a program"},
    probe=_shell("varnishadm", "-n", "/tmp/varnish", "ping"),  # noqa: S108
    limits=Limits(memory=256),
)
PYTHON = Image(
    tag="python:3.13-slim",
    user="10001:10001",
    tmpfs=_TMP,
    probe=_shell(
        "python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/alive')"
    ),
    limits=Limits(memory=256),
    key_owner="10001:10001",
    key_mode="0400",
)
NODE = Image(tag="node:24-slim", user="1000:1000")  # what a user's own program is built on
PHP = Image(tag="php:8.4-fpm", user="33:33")  # the same; the image has the command line as well
DEBIAN = Image(tag="debian:trixie-slim")  # what programs that have no image are installed on
POSTGRES: MappingProxyType[str, Image] = MappingProxyType(
    {
        "18": Image(tag="postgres:18", data="/var/lib/postgresql", **_POSTGRES),  # type: ignore[arg-type]  # the shared facts, by name
        "17": Image(tag="postgres:17", data="/var/lib/postgresql/data", **_POSTGRES),  # type: ignore[arg-type]  # the shared facts, by name
    }
)
ETCD = Image(  # no shell in it
    tag="quay.io/coreos/etcd:v3.5.30",
    user="0:0",
    data="/etcd-data",
    reasons={"user": "its volume belongs to root, and nothing in the image could give it away"},
    probe=_shell("etcdctl", "--endpoints=http://127.0.0.1:2379", "endpoint", "health"),
)
MARIADB = Image(
    tag="mariadb:11.8",
    user="999:999",
    tmpfs=("/run/mysqld", *_TMP),
    probe=_shell("healthcheck.sh", "--connect", "--innodb_initialized", start_period=120),
    data="/var/lib/mysql",
    limits=Limits(cpus=1.0, memory=512),
    key_owner="999:999",
    key_mode="0400",
    drops_privileges=True,
)
MYSQL = Image(
    tag="mysql:9.7",
    user="999:999",
    tmpfs=("/var/run/mysqld", *_TMP),
    data="/var/lib/mysql",
    limits=Limits(cpus=1.0, memory=768),
    key_owner="999:999",
    key_mode="0400",
    drops_privileges=True,
)
REDIS = Image(
    tag="redis:8.0",
    user="999:999",
    tmpfs=_TMP,
    data="/data",
    probe=_shell("redis-cli", "-h", "127.0.0.1", "ping"),
    drops_privileges=True,
)
VALKEY = Image(
    tag="valkey/valkey:9.1",
    user="999:999",
    tmpfs=_TMP,
    data="/data",
    probe=_shell("valkey-cli", "-h", "127.0.0.1", "ping"),
    drops_privileges=True,
)
MEMCACHED = Image(
    tag="memcached:1.6",
    user="11211:11211",
    tmpfs=_TMP,
    probe=_shell("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/11211"),
)
RABBITMQ = Image(
    tag="rabbitmq:4.3-management",
    capabilities=("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"),
    read_only=False,
    reasons={
        "read_only": "its entrypoint writes below /etc",
        "user": "its entrypoint starts as root to write there, and then becomes another user",
        "cap_add": "its entrypoint gives files to that user, and becomes it",
    },
    data="/var/lib/rabbitmq",
    # It listens when all else has started; its own tools start a machine of Erlang each time, which
    # takes seconds of a processor.
    probe=_shell("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5672", start_period=240),
    limits=Limits(cpus=1.0, memory=512),
)
SEAWEEDFS = Image(
    tag="chrislusf/seaweedfs:4.48",
    user="1000:1000",
    tmpfs=_TMP,
    data="/data",
    probe=_wget(8333, "/healthz"),
    limits=Limits(cpus=1.0, memory=512),
    key_owner="1000:1000",
    key_mode="0400",
    drops_privileges=True,
)
PROMETHEUS = Image(
    tag="prom/prometheus:v3.5.3",
    user="65534:65534",
    tmpfs=_TMP,
    data="/prometheus",
    probe=_wget(9090, "/-/healthy"),
    limits=Limits(memory=512),
)
ALERTMANAGER = Image(
    tag="prom/alertmanager:v0.33.1",
    user="65534:65534",
    tmpfs=_TMP,
    data="/alertmanager",
    probe=_wget(9093, "/-/healthy"),
)
GRAFANA = Image(
    tag="grafana/grafana:13.2.3",
    user="472:0",
    tmpfs=_TMP,
    data="/var/lib/grafana",
    probe=_shell(
        "curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:3000/api/health", start_period=60
    ),
    limits=Limits(memory=256),
)
NODE_EXPORTER = Image(
    tag="prom/node-exporter:v1.11.1",
    user="65534:65534",
    probe=_wget(9100, "/"),
    limits=_EXPORTER,
)
BLACKBOX_EXPORTER = Image(
    tag="prom/blackbox-exporter:v0.28.0",
    user="65534:65534",
    probe=_wget(9115, "/-/healthy"),
    limits=_EXPORTER,
)
MYSQLD_EXPORTER = Image(
    tag="prom/mysqld-exporter:v0.19.0",
    user="65534:65534",
    probe=_wget(9104, "/"),
    limits=_EXPORTER,
)
POSTGRES_EXPORTER = Image(
    tag="quay.io/prometheuscommunity/postgres-exporter:v0.19.1",
    user="65534:65534",
    probe=_wget(9187, "/"),
    limits=_EXPORTER,
)
REDIS_EXPORTER = Image(  # made from nothing as well
    tag="oliver006/redis_exporter:v1.86.0",
    user="65534:65534",
    limits=_EXPORTER,
)
NGINX_EXPORTER = Image(  # made from nothing: no shell, hence no probe
    tag="nginx/nginx-prometheus-exporter:1.5.1",
    user="65534:65534",
    limits=_EXPORTER,
)

IMAGES: tuple[Image, ...] = (
    HAPROXY,
    HAPROXY_DEBIAN,
    NGINX,
    CADDY,
    TRAEFIK,
    VARNISH,
    PYTHON,
    NODE,
    PHP,
    DEBIAN,
    *POSTGRES.values(),
    ETCD,
    MARIADB,
    MYSQL,
    REDIS,
    VALKEY,
    MEMCACHED,
    RABBITMQ,
    SEAWEEDFS,
    PROMETHEUS,
    ALERTMANAGER,
    GRAFANA,
    NODE_EXPORTER,
    BLACKBOX_EXPORTER,
    MYSQLD_EXPORTER,
    POSTGRES_EXPORTER,
    NGINX_EXPORTER,
    REDIS_EXPORTER,
)
