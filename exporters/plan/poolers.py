"""PgBouncer: keeps few connections to PostgreSQL and lends them to many programs.

It cannot tell which server leads. Where there are several, a HAProxy between them and it can: its
two ports are two databases of PgBouncer, `app` for what writes and `app_reads` for what reads.
Settings: the chapter "Configuration" of the PgBouncer manual.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.model.kinds import AnyComponent
from app.model.traffic import LoadBalancer
from exporters.deployment import (
    Bind,
    Build,
    Certificate,
    ConfigFile,
    Note,
    Probe,
    Secret,
    Service,
)
from exporters.images import Image
from exporters.pki import CA_CERTIFICATE
from exporters.plan import data_balancers
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.postgres import image_of
from exporters.plan.stores import DATABASE, USER, Store, secret_file
from exporters.programs import CA_FILE, READ_PORT, WRITE_PORT, Base, Pooler

READS = f"{DATABASE}_reads"
_CONFIG = "/etc/pgbouncer.ini"


def is_pooler(item: AnyComponent) -> bool:
    """Whether a balancer before databases is drawn as a PgBouncer."""
    if not isinstance(item, LoadBalancer):
        return False
    return item.image.rpartition("/")[2].partition("@")[0].partition(":")[0] == "pgbouncer"


def plan(context: Context, component_id: str, item: LoadBalancer, store: Store) -> Part:
    """Plan a PgBouncer before the servers of a store, and what finds out for it which one leads.

    Raises:
        ExportError: it shall choose by the URI, which no database is asked for.
    """
    name, image = context.name(component_id), image_of(store)
    folder, config = f"images/pgbouncer-{image.tag.split(':')[1]}", f"config/{name}/pgbouncer.ini"
    accounts, password = f"{name}-accounts", store.secret("app")
    chooser = _chooser(context, component_id, item, store) if store.replicas else Part()
    behind = chooser.services[0].name if chooser.services else context.name(store.primary)
    values = Pooler(
        name=name,
        host=behind,
        write_port=WRITE_PORT,
        read_port=READ_PORT if chooser.services else WRITE_PORT,
        accounts=secret_file(accounts),
        tls=store.tls,
    )
    service = Service(
        name=name,
        title=item.name,
        role="pooler",
        component=component_id,
        image=image.tag,
        build=Build(folder=folder),
        entrypoint=("pgbouncer",),
        command=(_CONFIG,),
        binds=(
            Bind(source=config, target=_CONFIG),
            *((Bind(source=CA_CERTIFICATE, target=CA_FILE),) if store.tls else ()),
        ),
        secrets=(accounts,),
        needs={context.name(store.primary): "healthy"},
        open_files=16384,
        probe=Probe(command=("pg_isready", "-h", "127.0.0.1", "-q", "-U", USER, "-d", DATABASE)),
    )
    return Part(
        services=(service, *chooser.services),
        secrets=(Secret(name=accounts, text=f'"{USER}" "{{{password}}}"\n', sources=(password,)),),
        files=(
            ConfigFile(path=config, template="pgbouncer/pgbouncer.ini", values=values),
            ConfigFile(
                path=f"{folder}/Dockerfile",
                template="pgbouncer/Dockerfile",
                values=Base(tag=image.tag),
            ),
            *chooser.files,
        ),
        certificates=(_certificate(name, image),) if store.tls else (),
        notes=tuple(_notes(component_id, item, behind, store)),
        wires=(Wire(source=name, target=behind, label="pool"), *chooser.wires),
    )


def _chooser(context: Context, component_id: str, item: LoadBalancer, store: Store) -> Part:
    """Return a HAProxy that knows who leads: a helper, which is not drawn."""
    name = context.names.claim(f"{context.name(component_id)}-roles")
    part = data_balancers.plan(context, component_id, item, store, name)
    [service] = part.services
    return Part(
        services=(replace(service, title=name, component=""),),
        files=part.files,
        wires=tuple(
            Wire(source=name, target=context.name(key), label="pool") for key in store.members
        ),
    )


def _certificate(name: str, image: Image) -> Certificate:
    return Certificate(service=name, names=(name,), owner=image.key_owner, mode=image.key_mode)


def _notes(component_id: str, item: LoadBalancer, behind: str, store: Store) -> Iterator[Note]:
    yield Note(
        components=(component_id,),
        text=f"{item.name} is a PgBouncer, which lends a connection for one transaction: what "
        "holds for a whole session, such as SET or LISTEN, does not work through it.",
    )
    if store.replicas:
        yield Note(
            components=(component_id,),
            text=f"{item.name}: PgBouncer cannot tell which server leads; {behind} is a HAProxy "
            "between it and the databases that can, and that is not drawn. Who reads asks for the "
            f"database {READS}.",
        )
