"""What users bring in place of a shipped program: an image as it is, or a folder to build."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.model.compute import AppServer, OwnProgram
from app.model.stores import Queue
from exporters.deployment import Bind, Build, Condition, Limits, Note, Service, Source
from exporters.errors import ExportError
from exporters.pki import CA_CERTIFICATE
from exporters.plan.applications import Use, uses_of
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import entrance_of
from exporters.plan.names import is_image
from exporters.plan.queues import USER as QUEUE_USER
from exporters.plan.queues import Broker, broker_of, port_of
from exporters.plan.reaches import Reach
from exporters.plan.simple import UNKNOWN
from exporters.plan.stores import DATABASE, PORTS, USER, Store, secret_file
from exporters.programs import APP_PORT, CA_FILE, JOBS, JOBS_ARGUMENTS

ROLES = ("own-app", "own-worker")
_LIMITS = Limits(memory=256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The queue that a program is told of; `servers` are those that will do, the first first."""

    broker: Broker
    servers: tuple[str, ...]
    port: int
    tls: bool
    left_out: tuple[str, ...]


def own_program(
    context: Context, component_id: str, item: OwnProgram, stores: Mapping[str, Store]
) -> Part:
    """Plan a program of the user's own.

    It is told by its environment where its database and its queue are, and a server where to
    listen. Nothing about its user or what it writes is known, so it keeps its own; what the engine
    takes from every service it takes from this one as well.

    Raises:
        ExportError: its image is none that can be pulled, or no folder is named.
    """
    name = context.name(component_id)
    serves = isinstance(item, AppServer)
    build = _build(context, item)
    uses = tuple(uses_of(context, component_id, stores))
    jobs = _jobs(context, component_id)
    needs: dict[str, Condition] = {context.name(use.store.primary): "healthy" for use in uses}
    if jobs:
        needs[context.name(jobs.servers[0])] = "healthy"
    tls = any(use.store.tls for use in uses) or (jobs is not None and jobs.tls)
    service = Service(
        name=name,
        title=item.name,
        role=ROLES[0] if serves else ROLES[1],
        component=component_id,
        image="" if build else item.image,
        build=build,
        environment={
            **(_door(item) if isinstance(item, AppServer) else {}),
            "NODE_NAME": name,
            **(_database(context, uses[0]) if uses else {}),
            **(_queue(context, jobs) if jobs else {}),
        },
        ports=entrance_of(context, component_id).ports if serves else (),
        binds=(Bind(source=CA_CERTIFICATE, target=CA_FILE),) if tls else (),
        secrets=(
            *(use.store.secret("app") for use in uses),
            *((jobs.broker.password,) if jobs else ()),
        ),
        needs=needs,
        limits=_LIMITS,
        read_only=False,
        reasons=UNKNOWN,
    )
    return Part(
        services=(service,),
        sources=(_source(item, build),) if build else (),
        notes=tuple(
            Note(components=(component_id,), text=text)
            for text in _told(context, component_id, item, uses, jobs)
        ),
    )


def _build(context: Context, item: OwnProgram) -> Build | None:
    """Return the folder that is built; parts of one kind that run the same source share it."""
    if item.program == "image":
        if not is_image(item.image):
            raise ExportError(
                f"{item.name}: {item.image!r} is no image reference with a tag or digest that "
                "pins it, such as ghcr.io/you/shop:1.4"
            )
        return None
    if not item.source:
        raise ExportError(f"{item.name}: it runs your own source, and no source folder is named")
    first = next(
        key
        for key, other in context.design.of(type(item)).items()
        if other.program == "folder" and other.source == item.source
    )
    return Build(folder=f"images/own-{context.name(first)}")  # beside those of the export


def _source(item: OwnProgram, build: Build) -> Source:
    return Source(
        title=item.name,
        folder=item.source,
        target=build.folder,
        starts="server" if isinstance(item, AppServer) else "worker",
    )


def _door(item: AppServer) -> dict[str, str]:
    """Return where a server listens, and what it is asked there."""
    return {"PORT": str(item.port or APP_PORT), "HEALTH_PATH": item.health_path}


def _database(context: Context, use: Use) -> dict[str, str]:
    """Return where a program finds its first database."""
    store = use.store
    return {
        "DATABASE_ENGINE": store.engine,
        "DATABASE_HOST": context.name(store.primary),
        "DATABASE_READ_HOSTS": " ".join(context.name(key) for key in use.read),
        "DATABASE_PORT": str(PORTS[store.engine]),
        "DATABASE_NAME": DATABASE,
        "DATABASE_USER": USER,
        "DATABASE_PASSWORD_FILE": secret_file(store.secret("app")),
        "DATABASE_CA": CA_FILE if store.tls else "",
    }


def _jobs(context: Context, component_id: str) -> Jobs | None:
    """Return the first queue that a program takes jobs from, or else leaves them in."""
    reaches = [
        reach
        for role in ("consume", "publish")
        for reach in context.out(component_id)
        if reach.role == role and isinstance(context.item(reach.target), Queue)
    ]
    if not reaches:
        return None

    def place(reach: Reach) -> tuple[Broker, int]:
        return broker_of(context, reach.target), port_of(reach.link)

    broker, port = place(reaches[0])
    chosen = dict.fromkeys(r.target for r in reaches if place(r) == (broker, port))
    others = dict.fromkeys(r.target for r in reaches if r.target not in chosen)
    return Jobs(
        broker=broker,
        servers=tuple(chosen),
        port=port,
        tls=reaches[0].link.encrypted,
        left_out=tuple(others),
    )


def _queue(context: Context, jobs: Jobs) -> dict[str, str]:
    """Return where a program finds its queue, and how that is declared."""
    names = [context.name(key) for key in jobs.servers]
    return {
        "QUEUE_ENGINE": "rabbitmq",
        "QUEUE_HOST": names[0],
        "QUEUE_HOSTS": " ".join(names),
        "QUEUE_PORT": str(jobs.port),
        "QUEUE_NAME": JOBS,
        "QUEUE_ARGUMENTS": json.dumps(dict(JOBS_ARGUMENTS), sort_keys=True),
        "QUEUE_USER": QUEUE_USER,
        "QUEUE_PASSWORD_FILE": secret_file(jobs.broker.password),
        "QUEUE_CA": CA_FILE if jobs.tls else "",
    }


def _told(
    context: Context, component_id: str, item: OwnProgram, uses: tuple[Use, ...], jobs: Jobs | None
) -> Iterator[str]:
    """Yield what its user has to know of a program, and what was left out."""
    what = f"the image {item.image}" if item.program == "image" else f"your folder {item.source}"
    if isinstance(item, AppServer):
        health = f"answers 200 at {item.health_path} while it works"
        yield f"{item.name} runs {what}. It listens on the port in PORT, and {health}."
    else:
        start = (
            ": its Dockerfile, else what is called worker in it" if item.program == "folder" else ""
        )
        yield (
            f"{item.name} runs {what}{start}. No port is known at which it could be asked, so "
            "nothing here notices when it runs on and does no work."
        )
    if uses:
        yield from _found(item, "database", [use.store.name for use in uses[1:]])
    if jobs:
        yield from _found(item, "queue", [context.item(key).name for key in jobs.left_out])
    for reach in context.out(component_id):
        if context.item(reach.target).kind == "app_files":
            files = context.item(reach.target).name
            yield f"{item.name} brings its own code; {files} is not part of it."
    asked = (r for r in context.into(component_id) if r.role == "request" and r.link.encrypted)
    if isinstance(item, AppServer) and any(asked):
        yield (
            f"{item.name} is a program of your own, which is asked without encryption also where "
            "the link is drawn as encrypted."
        )


def _found(item: OwnProgram, what: str, others: Iterable[str]) -> Iterator[str]:
    """Yield how a program finds its first database or queue, and which others it is not told of."""
    stem = what.upper()
    yield (
        f"{item.name} finds its {what} by {stem}_HOST and the variables beside it; the "
        f"password is in the file that {stem}_PASSWORD_FILE names."
    )
    for other in others:
        yield f"{item.name} is told of one {what} only; {other} was left out."
