"""What users bring in place of a shipped program: an image as it is, or a folder to build."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.model.compute import AppServer, OwnProgram
from app.model.stores import ObjectStore, Queue
from exporters.deployment import Bind, Build, Limits, Note, Service, Source
from exporters.errors import ExportError
from exporters.pki import CA_CERTIFICATE
from exporters.plan import object_stores
from exporters.plan.applications import Use, uses_of
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import entrance_of
from exporters.plan.names import is_image
from exporters.plan.queues import USER as QUEUE_USER
from exporters.plan.queues import Broker, broker_of, port_of
from exporters.plan.reaches import Reach
from exporters.plan.simple import UNKNOWN
from exporters.plan.stores import DATABASE, PORTS, USER, Store, secret_file
from exporters.programs import APP_PORT, BUCKET, CA_FILE, JOBS, JOBS_ARGUMENTS

OWN_APP, OWN_WORKER = OWN_ROLES = ("own-app", "own-worker")
_LIMITS = Limits(memory=256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a program is told of its database, its queue or its storage, and what it has for it.

    `awaited` are services that have to answer before it starts; of what is `left_out` by its name,
    it is not told.
    """

    what: str
    environment: Mapping[str, str]
    secrets: tuple[str, ...]
    awaited: tuple[str, ...]
    tls: bool
    left_out: tuple[str, ...]


def own_program(
    context: Context, component_id: str, item: OwnProgram, stores: Mapping[str, Store]
) -> Part:
    """Plan a program of the user's own.

    It is told by its environment where its database, queue and storage are, and a server where to
    listen. Nothing about its user or what it writes is known, so it keeps its own; what the engine
    takes from every service it takes from this one as well.

    Raises:
        ExportError: its image is none that can be pulled, or no folder is named.
    """
    name = context.name(component_id)
    serves = isinstance(item, AppServer)
    build = _build(context, item)
    told = (
        *_database(context, tuple(uses_of(context, component_id, stores))),
        *_queue(context, component_id),
        *_storage(context, component_id),
    )
    trusts = any(item.tls for item in told)
    service = Service(
        name=name,
        title=item.name,
        role=OWN_APP if serves else OWN_WORKER,
        component=component_id,
        image="" if build else item.image,
        build=build,
        environment={
            **(_listening(item) if isinstance(item, AppServer) else {}),
            "NODE_NAME": name,
            **{key: value for item in told for key, value in item.environment.items()},
        },
        ports=entrance_of(context, component_id).ports if serves else (),
        binds=(Bind(source=CA_CERTIFICATE, target=CA_FILE),) if trusts else (),
        secrets=tuple(secret for item in told for secret in item.secrets),
        needs={awaited: "healthy" for item in told for awaited in item.awaited},
        limits=_LIMITS,
        read_only=False,
        reasons=UNKNOWN,
    )
    return Part(
        services=(service,),
        sources=(_source(item, build),) if build else (),
        notes=tuple(
            Note(components=(component_id,), text=text)
            for text in _notes(context, component_id, item, told)
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


def _listening(item: AppServer) -> dict[str, str]:
    """Return where a server listens, and what it is asked there."""
    return {"PORT": str(item.port or APP_PORT), "HEALTH_PATH": item.health_path}


def _database(context: Context, uses: tuple[Use, ...]) -> Iterator[Told]:
    """Yield where a program finds its first database."""
    for use in uses[:1]:
        store = use.store
        yield Told(
            what="database",
            environment={
                "DATABASE_ENGINE": store.engine,
                "DATABASE_HOST": context.name(store.primary),
                "DATABASE_READ_HOSTS": " ".join(context.name(key) for key in use.read),
                "DATABASE_PORT": str(PORTS[store.engine]),
                "DATABASE_NAME": DATABASE,
                "DATABASE_USER": USER,
                "DATABASE_PASSWORD_FILE": secret_file(store.secret("app")),
                "DATABASE_CA": CA_FILE if store.tls else "",
            },
            secrets=(store.secret("app"),),
            awaited=(context.name(store.primary),),
            tls=store.tls,
            left_out=tuple(item.store.name for item in uses[1:]),
        )


def _queue(context: Context, component_id: str) -> Iterator[Told]:
    """Yield where a program finds the first queue that it takes jobs from, or else leaves them in.

    Other servers that stand in for it are told as well; how it is declared, too.
    """
    reaches = [
        reach
        for role in ("consume", "publish")
        for reach in context.out(component_id)
        if reach.role == role and isinstance(context.item(reach.target), Queue)
    ]

    def place(reach: Reach) -> tuple[Broker, int]:
        return broker_of(context, reach.target), port_of(reach.link)

    for first in reaches[:1]:
        broker, port = place(first)
        chosen = dict.fromkeys(r.target for r in reaches if place(r) == (broker, port))
        others = dict.fromkeys(r.target for r in reaches if r.target not in chosen)
        names = [context.name(key) for key in chosen]
        tls = first.link.encrypted
        yield Told(
            what="queue",
            environment={
                "QUEUE_ENGINE": "rabbitmq",
                "QUEUE_HOST": names[0],
                "QUEUE_HOSTS": " ".join(names),
                "QUEUE_PORT": str(port),
                "QUEUE_NAME": JOBS,
                "QUEUE_ARGUMENTS": json.dumps(dict(JOBS_ARGUMENTS), sort_keys=True),
                "QUEUE_USER": QUEUE_USER,
                "QUEUE_PASSWORD_FILE": secret_file(broker.password),
                "QUEUE_CA": CA_FILE if tls else "",
            },
            secrets=(broker.password,),
            awaited=(names[0],),
            tls=tls,
            left_out=tuple(context.item(key).name for key in others),
        )


def _storage(context: Context, component_id: str) -> Iterator[Told]:
    """Yield where a program finds its first object store, and which bucket there is its own."""
    found = [
        reach
        for reach in context.out(component_id)
        if reach.role in object_stores.ROLES and isinstance(context.item(reach.target), ObjectStore)
    ]
    targets = [*dict.fromkeys(reach.target for reach in found)]
    for first in found[:1]:
        name, tls = context.name(first.target), object_stores.over_tls(context, first.target)
        secret = object_stores.password(name)
        yield Told(
            what="storage",
            environment={
                "STORAGE_HOST": name,
                "STORAGE_PORT": str(object_stores.PORT),
                "STORAGE_BUCKET": BUCKET,
                "STORAGE_USER": object_stores.USER,
                "STORAGE_PASSWORD_FILE": secret_file(secret),
                "STORAGE_CA": CA_FILE if tls else "",
            },
            secrets=(secret,),
            awaited=() if context.design.is_soft(first.link) else (name,),
            tls=tls,
            left_out=tuple(context.item(key).name for key in targets[1:]),
        )


def _notes(
    context: Context, component_id: str, item: OwnProgram, told: tuple[Told, ...]
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
    for found in told:
        yield from _found(item, found.what, found.left_out)
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
    """Yield how a program finds the first of what it uses, and which others it is not told of."""
    stem = what.upper()
    yield (
        f"{item.name} finds its {what} by {stem}_HOST and the variables beside it; the "
        f"password is in the file that {stem}_PASSWORD_FILE names."
    )
    for other in others:
        yield f"{item.name} is told of one {what} only; {other} was left out."
