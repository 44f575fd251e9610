"""What is drilled beside the samples: designs that span the failover modes, databases and proxies.

As a program it drills those that are named, or all, and writes their matrices into docs/drills.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from app.drill import DrillError, telling
from app.drill.experiments import How, Wanted
from app.drill.project import drilled, read
from app.drill.running import Drill, Matrix
from app.model import edits
from app.model.design import Design
from app.storage.codec import dump, load
from exporters.compose import export
from exporters.files import write
from sample_designs import SAMPLES
from sample_designs import read as sample
from tests.exporters.designs import (
    Drawn,
    balanced,
    balanced_data,
    cache_set,
    cached,
    link,
    passive_pair,
    self_switching,
    web_stack,
)

MATRICES = Path(__file__).parents[2] / "docs" / "drills"


def balanced_by(image: str, drawn: Drawn, *, web: str = "") -> Design:
    """Return the web stack with another product as its balancer, and as its web servers."""
    design, ids = drawn
    design = edits.set_fields(design, ids["lb"], image=image)
    for name in ("web-1", "web-2") if web else ():
        design = edits.set_fields(design, ids[name], image=web)
    return design


def paired(drawn: Drawn, *, image: str = "", **cluster: str) -> Design:
    """Return the web stack whose users come in over TLS at a pair of balancers."""
    design, ids = drawn
    design, ids["lb-b"] = edits.add(design, "load_balancer", name="lb-b")
    design, ids["pair"] = edits.add(design, "cluster", name="pair", **cluster)
    for name in ("lb", "lb-b"):
        design = edits.set_fields(design, ids[name], image=image, algorithm="leastconn")
    design = edits.join(design, ids["pair"], [ids["lb"], ids["lb-b"]])
    design = edits.remove(design, design.incoming[ids["lb"]])
    design = link((design, ids), ("users", "pair"), protocol="https", tls="1.3")
    return link((design, ids), ("lb-b", "web-1"), ("lb-b", "web-2"), protocol="http")


def everything(failover: str) -> Design:
    """Return the passive pair with MySQL, caches and a queue behind it, all of which runs here."""
    design, ids = passive_pair(failover)
    return edits.remove(design, [ids["extra"]])  # its image is nobody's


def titled(title: str, design: Design) -> Design:
    return edits.rename(design, title)


# Traefik has no image in the lab: nothing can be drilled with it here.
FURTHER: Mapping[str, Design] = {
    "nginx-mariadb": titled("nginx, MariaDB with two replicas switched by hand",
        balanced_by("nginx:1.30", web_stack("mariadb", replicas=2))),
    "caddy-mysql": titled("Caddy, MySQL with a replica switched by hand",
        balanced_by("caddy:2.11", web_stack("mysql", replicas=1), web="caddy:2.11")),
    "haproxy-mysql-alone": titled("HAProxy, MySQL alone", web_stack("mysql")[0]),
    "nginx-pair-patroni": titled("Passive pair of nginx, PostgreSQL 17 with two replicas and Patroni",
        paired(self_switching(version="17"), image="nginx:1.30", mode="active-passive",
               failover="automatic")),
    "caddy-pair-postgres": titled("Active pair of Caddy, PostgreSQL 18 switched by hand",
        paired(web_stack(replicas=1), image="caddy:2.11", mode="active-active")),
    "passive-pair": titled("Passive pair of HAProxy, MySQL, caches, a queue", everything("automatic")),
    "manual-pair": titled("Pair of HAProxy switched by hand, MySQL, caches, a queue",
        everything("manual")),
    "data-balancer": titled("Balancer before PostgreSQL 18 with Patroni", balanced_data()[0]),
    "data-balancer-by-hand": titled("Balancer before PostgreSQL 17 switched by hand",
        balanced_data("manual", replicas=1, version="17")[0]),
    "redis-sentinels": titled("Redis with sentinels", cache_set(detection_seconds=2)[0]),
    "valkey-by-hand": titled("Valkey switched by hand", cache_set("valkey", "manual")[0]),
    "varnish-proxy": titled("Varnish before two applications",
        balanced("varnish:7.7", "reverse_proxy")[0]),
    "haproxy-proxy": titled("HAProxy as reverse proxy before two applications",
        balanced("haproxy:3.2", "reverse_proxy")[0]),
    "cdn": titled("A web server behind a cache", cached(tls=True)[0]),
}  # fmt: skip


def design_of(name: str) -> Design:
    """Return a design that is drilled: one of the further ones, or a sample."""
    return FURTHER[name] if name in FURTHER else load(sample(name))


NAMES = (*(item.name for item in SAMPLES), *FURTHER)


def carried_out(
    name: str, folder: Path, wanted: Wanted, tell: Callable[[str], None], how: How = "kill"
) -> Matrix:
    """Export a design into a folder, drill it, and return the matrix.

    Raises:
        DrillError: it could not be carried out.
    """
    design = design_of(name)
    write(export(design, document=dump(design)), folder)
    drill = Drill(*read(folder), wanted=wanted, how=how)
    return [*drilled(folder, drill, tell)][-1]


def main() -> int:
    """Drill, write the matrices, and say whether all was as predicted."""
    status = 0
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory() as home:
            try:
                matrix = carried_out(name, Path(home) / name, Wanted(), print)
            except DrillError as error:
                print(f"{name}: {error}")
                status = 2
                continue
        (MATRICES / f"{name}.md").write_text(telling.markdown(matrix))
        for text in telling.mismatches(matrix):
            print(text)
            status = status or 1
    return status


if __name__ == "__main__":
    sys.exit(main())
