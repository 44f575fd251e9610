"""What is drilled beside the samples: designs that span the failover modes, databases and proxies.

As a program it drills those that are named, or all, and writes their matrices into docs/drills.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from app.drill import DrillError, telling
from app.drill.experiments import How, Wanted
from app.drill.project import drilled, read
from app.drill.running import Drill, Matrix
from app.model import edits
from app.model.design import Design
from app.storage.codec import dump, load
from exporters.compose import export
from exporters.files import write
from exporters.plan import plan
from exporters.recipe import recipe_of
from sample_designs import SAMPLES
from sample_designs import read as sample
from tests.exporters.designs import (
    Drawn,
    balanced,
    balanced_data,
    cache_set,
    cached,
    link,
    logging,
    passive_pair,
    self_switching,
    storing,
    watched,
    web_stack,
)
from tests.lab import own_images

MATRICES = Path(__file__).parents[2] / "docs" / "drills"


def balanced_by(image: str, drawn: Drawn, *, web: str = "") -> Design:
    """Return the web stack with another product as its balancer, and as its web servers."""
    design, ids = drawn
    design = edits.set_fields(design, ids["lb"], image=image)
    for name in ("web-1", "web-2") if web else ():
        design = edits.set_fields(design, ids[name], image=web)
    return design


def paired(drawn: Drawn, *, image: str, **cluster: Any) -> Design:
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


FURTHER: Mapping[str, Design] = {
    "nginx-mariadb": titled("nginx, MariaDB with two replicas switched by hand",
        balanced_by("nginx:1.30", web_stack("mariadb", replicas=2))),
    "caddy-mysql": titled("Caddy, MySQL with a replica switched by hand",
        balanced_by("caddy:2.11", web_stack("mysql", replicas=1), web="caddy:2.11")),
    "haproxy-mysql-alone": titled("HAProxy, MySQL alone", web_stack("mysql")[0]),
    "nginx-pair-patroni": titled("Passive pair of nginx, PostgreSQL 17 and Patroni",
        paired(self_switching(replicas=1, version="17"), image="nginx:1.30", mode="active-passive",
               failover="automatic")),
    "caddy-pair-postgres": titled("Active pair of Caddy, PostgreSQL 18 switched by hand",
        paired(web_stack(replicas=1), image="caddy:2.11", mode="active-active")),
    "passive-pair": titled("Passive pair of HAProxy, MySQL, caches, a queue",
        everything("automatic")),
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
    "nginx-proxy": titled("nginx as reverse proxy before two applications",
        balanced("nginx:1.30", "reverse_proxy")[0]),
    "caddy-proxy": titled("Caddy as reverse proxy before two applications",
        balanced("caddy:2.11", "reverse_proxy")[0]),
    "traefik-proxy": titled("Traefik as reverse proxy before two applications",
        balanced("traefik:v3.7", "reverse_proxy")[0]),
    "traefik-pair": titled("Passive pair of Traefik before two applications",
        balanced("traefik:v3.7", tls=True, pair=True)[0]),
    "nginx-pair": titled("Passive pair of nginx before two applications",
        balanced("nginx:1.30", tls=True, pair=True)[0]),
    "cdn": titled("A web server behind a cache", cached(tls=True)[0]),
    "object-store": titled("Storage for objects beside PostgreSQL", storing()[0]),
    "log-store": titled("Logs of two applications are kept", watched(logging())[0]),
}  # fmt: skip


# The sample that is also drilled in each other way that there is.
_SEED = "distributed-web-infrastructure"


_VRRP = titled("Pair of HAProxy whose address moves (VRRP)",
    balanced("haproxy:3.2", tls=True, pair=True)[0])  # fmt: skip
_VRRP_DRILLS: Mapping[str, How] = {"vrrp-pair": "kill", "vrrp-pair-cut": "cut"}


class Kept(NamedTuple):
    """A drill whose matrix is kept in docs/drills."""

    design: Design
    wanted: Wanted = Wanted()
    how: How = "kill"
    takeover: str = "emulated"  # of pairs of balancers


DRILLS: Mapping[str, Kept] = {
    **{item.name: Kept(load(sample(item.name))) for item in SAMPLES},
    f"{_SEED}-cut": Kept(load(sample(_SEED)), how="cut"),
    f"{_SEED}-hosts": Kept(load(sample(_SEED)), Wanted(singles=False, hosts=True)),
    f"{_SEED}-pairs": Kept(load(sample(_SEED)), Wanted(singles=False, pairs=True)),
    **{name: Kept(design) for name, design in FURTHER.items()},
    **{name: Kept(_VRRP, how=how, takeover="vrrp") for name, how in _VRRP_DRILLS.items()},
}


# What is drilled on one day, where all of it would take hours: so many of these, so many parts of
# each, which is about seven minutes on a slow machine.
A_DAY, PARTS = 2, 6


def is_kept(name: str) -> bool:
    """Whether a matrix says that a drill was carried out once."""
    return (MATRICES / f"{name}.md").exists()


def of_day(day: date) -> Iterator[tuple[str, Kept]]:
    """Yield the drills of a day: by and by all whose matrix is kept, then the next of their parts.

    Only the number of the day decides, so that two machines drill the same.
    """
    names = [name for name, kept in DRILLS.items() if kept.wanted == Wanted() and is_kept(name)]
    for number in range(A_DAY * day.toordinal(), A_DAY * (day.toordinal() + 1)):
        turn, place = divmod(number, len(names))
        kept = DRILLS[names[place]]
        recipe = recipe_of(plan(kept.design, takeover=kept.takeover))
        experiments = Drill(kept.design, recipe, wanted=kept.wanted).program.experiments
        first = turn * PARTS % len(experiments)
        chosen = [*experiments, *experiments][first : first + min(PARTS, len(experiments))]
        only = frozenset(key for item in chosen for key in item.failed)
        yield names[place], kept._replace(wanted=Wanted(only=only))


def carried_out(name: str, kept: Kept, home: Path, tell: Callable[[str], None]) -> Matrix:
    """Export a design below a folder, drill it, and return the matrix.

    Raises:
        DrillError: it could not be carried out.
    """
    own_images.traefik()
    own_images.seaweedfs()
    files = export(kept.design, document=dump(kept.design), takeover=kept.takeover)
    write(files, home / name)
    drill = Drill(*read(home / name), wanted=kept.wanted, how=kept.how)
    return [*drilled(home / name, drill, tell)][-1]


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Drill, write the matrices, and say whether all was as predicted."""
    status = 0
    for name in sys.argv[1:] or DRILLS:
        with tempfile.TemporaryDirectory() as home:
            try:
                matrix = carried_out(name, DRILLS[name], Path(home), tell)
            except DrillError as error:
                tell(f"{name}: {error}")
                status = 2
                continue
        (MATRICES / f"{name}.md").write_text(telling.markdown(matrix), encoding="utf-8")
        for text in telling.mismatches(telling.document(matrix)):
            tell(text)
            status = status or 1
    return status


if __name__ == "__main__":
    sys.exit(main())
