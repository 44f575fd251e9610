"""Balancers before PostgreSQL: a HAProxy that asks each server whether it leads or follows.

Where Patroni runs the servers, its interface says so (the chapter "Patroni REST API" of its
documentation). Elsewhere the check speaks PostgreSQL's protocol itself (the chapter "Message
Formats" of its manual), with an account that needs no password and may do nothing.
"""

from collections.abc import Iterator

from app.model.traffic import HASHED, LoadBalancer
from exporters import images
from exporters.deployment import Bind, ConfigFile, Note, Service
from exporters.errors import ExportError
from exporters.plan import simple
from exporters.plan.draft import Context, Part
from exporters.plan.patroni import REST_PORT
from exporters.plan.postgres import ROLE_CHECK
from exporters.plan.stores import Store
from exporters.programs import DataBalancer

_BALANCE = {"random": "random(2)", "unset": "roundrobin"}
_READY = "5a0000000549"  # ReadyForQuery, idle
_ANSWER = "440000000b000100000001"  # DataRow of one column of one byte, which follows


def plan(
    context: Context, component_id: str, item: LoadBalancer, store: Store, name: str = ""
) -> Part:
    """Plan a balancer before the servers of a store; `name` is another than it is drawn by.

    Raises:
        ExportError: it shall choose by the URI, which no database is asked for.
    """
    if item.algorithm == "uri":
        raise ExportError(
            f"{item.name}: an algorithm that hashes the URI needs a balancer that reads requests; "
            "before databases choose source"
        )
    name = name or context.name(component_id)
    followers = store.members if store.replicas else ()  # also the primary, when it is replaced
    values = DataBalancer(
        name=name,
        balance=_BALANCE.get(item.algorithm, item.algorithm),
        consistent=item.algorithm in HASHED and not item.hashes_by_modulo,
        writers=_servers(context, component_id, store.members, "write"),
        readers=_servers(context, component_id, followers, "read"),
        patroni=bool(store.voters),
        rest_port=REST_PORT,
        startup=_startup(),
        ready=_READY,
        query=_message("Q", b"select pg_is_in_recovery()\0"),
        leads=_ANSWER + b"f".hex(),
        follows=_ANSWER + b"t".hex(),
    )
    config = f"config/{name}/haproxy.cfg"
    service = Service(
        name=name,
        title=item.name,
        role="data-balancer",
        component=component_id,
        image=images.HAPROXY.tag,
        binds=(Bind(source=config, target="/usr/local/etc/haproxy/haproxy.cfg"),),
        open_files=16384,
        stop_seconds=30,
    )
    return Part(
        services=(service,),
        files=(ConfigFile(path=config, template="haproxy-data.cfg", values=values),),
        notes=tuple(_notes(context, component_id, item)),
    )


def left_out(component_id: str, item: LoadBalancer) -> Part:
    """Say why a balancer before other databases does not run."""
    return simple.left_out(
        component_id,
        item.name,
        "without a program of its own beside each server a balancer cannot tell which server of "
        "MySQL or MariaDB, or which of several primaries, takes the writes; the driver of the "
        "application chooses itself, replicas for reading and the primary for writing",
    )


def _servers(
    context: Context, component_id: str, members: tuple[str, ...], role: str
) -> tuple[str, ...]:
    linked = {r.target for r in context.out(component_id) if r.role in (role, "request")}
    return tuple(context.name(key) for key in members if key in linked)


def _message(kind: str, body: bytes) -> str:
    """Return a message of PostgreSQL's protocol in hexadecimal; its length counts itself."""
    return (kind.encode() + (len(body) + 4).to_bytes(4, "big") + body).hex()


def _startup() -> str:
    """Return the message that opens a connection, of version 3.0 of the protocol."""
    pairs = ("user", ROLE_CHECK, "database", "postgres", "application_name", ROLE_CHECK)
    words = b"".join(word.encode() + b"\0" for word in pairs)
    return _message("", b"\x00\x03\x00\x00" + words + b"\0")


def _notes(context: Context, component_id: str, item: LoadBalancer) -> Iterator[Note]:
    def note(text: str) -> Note:
        return Note(components=(component_id,), text=text)

    if item.algorithm == "unset":
        yield note(f"{item.name} has no algorithm: round robin was taken.")
    if not item.image.split("/")[-1].startswith("haproxy"):
        yield note(
            f"{item.name} was drawn as another program; {images.HAPROXY.tag} takes its place, "
            "because it can ask each server of a database whether it leads."
        )
    if context.design.cluster(component_id) is not None:
        yield note(
            f"{item.name}: no address moves between balancers before databases; the application "
            "knows each of them and asks the next one."
        )
