"""Application servers, workers, and the code that they run: a small program of the project."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.model.compute import AppFiles, AppServer, Worker
from exporters import images
from exporters.deployment import (
    Bind,
    Build,
    Certificate,
    Condition,
    ConfigFile,
    Note,
    Service,
)
from exporters.pki import CA_CERTIFICATE
from exporters.plan import poolers
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import entrance_of
from exporters.plan.neighbours import Neighbours, engines_used, neighbours_of
from exporters.plan.reaches import asks_roles
from exporters.plan.stores import DATABASE, PORTS, USER, Store, secret_file
from exporters.programs import (
    APP_PORT,
    APP_TLS_PORT,
    CA_FILE,
    JOBS,
    JOBS_ARGUMENTS,
    READ_PORT,
    WRITE_PORT,
    Application,
    Requirements,
)

_CODE = "/srv/app"
_SOURCES = ("main.py", "stores.py", "neighbours.py", "page.html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How an application uses a store: whom it asks to read, and to write."""

    store: Store
    read: tuple[str, ...]
    write: tuple[str, ...]

    @property
    def awaited(self) -> tuple[str, ...]:
        """Who has to answer before the application starts: the primary, or what leads to it."""
        asked = {*self.read, *self.write}
        balancers = tuple(key for key in self.store.balancers if key in asked)
        return balancers if asked <= set(balancers) else (self.store.primary,)


def application(
    context: Context, component_id: str, item: AppServer, stores: Mapping[str, Store]
) -> Part:
    """Plan an application server with its code, and what it keeps its data in."""
    entrance = entrance_of(context, component_id)
    part = _program(
        context, component_id, item, stores, neighbours_of(context, component_id, "publish")
    )
    [service] = part.services
    service = replace(
        service,
        role="app",
        environment={**service.environment, "TLS_PORT": str(APP_TLS_PORT) if entrance.tls else ""},
        ports=entrance.ports,
    )
    return replace(
        part,
        services=(service,),
        certificates=_certificate(service.name) if entrance.tls else (),
        notes=(*part.notes, *_unused(context, component_id, "publish")),
    )


def worker(context: Context, component_id: str, item: Worker, stores: Mapping[str, Store]) -> Part:
    """Plan a worker: the same code, which takes jobs instead of requests."""
    neighbours = neighbours_of(context, component_id, "consume")
    part = _program(context, component_id, item, stores, neighbours)
    [service] = part.services
    service = replace(service, role="worker", command=("python3", f"{_CODE}/worker.py"))
    text = f"{item.name} is linked to no queue to take jobs from: it runs and does nothing."
    if neighbours.queues:
        text = (
            f"{item.name} takes jobs one after the other and confirms each when it is done, so "
            "none is lost, and one may be done twice. "
            f"docker compose logs {service.name} shows them."
        )
    return replace(
        part,
        services=(service,),
        notes=(
            *part.notes,
            *_unused(context, component_id, "consume"),
            Note(components=(component_id,), text=text),
        ),
    )


def _program(
    context: Context,
    component_id: str,
    item: AppServer | Worker,
    stores: Mapping[str, Store],
    neighbours: Neighbours,
) -> Part:
    """Return what both have in common: their code, and what they are told of their data."""
    name = context.name(component_id)
    uses = tuple(uses_of(context, component_id, stores))
    folder, files, code_notes = _code(context, component_id)
    needs: dict[str, Condition] = {
        context.name(key): "healthy" for use in uses for key in use.awaited
    }
    needs |= dict.fromkeys(neighbours.awaited, "healthy")
    trusts = neighbours.tls or any(use.store.tls for use in uses)
    service = Service(
        name=name,
        title=item.name,
        role="",
        component=component_id,
        image=images.PYTHON.tag,
        build=Build(folder="images/app"),
        environment={
            "NODE_NAME": name,
            "SITE_TITLE": context.design.name,
            "CODE_VERSION": _version(context, component_id),
            "STORES": json.dumps([_settings(context, use) for use in uses], sort_keys=True),
            "CACHES": json.dumps(neighbours.caches, sort_keys=True),
            "QUEUES": json.dumps(neighbours.queues, sort_keys=True),
            "OBJECTS": json.dumps(neighbours.objects, sort_keys=True),
            "PORT": str(APP_PORT),
        },
        binds=(
            Bind(source=f"config/{folder}", target=_CODE),
            *((Bind(source=CA_CERTIFICATE, target=CA_FILE),) if trusts else ()),
        ),
        secrets=(*(use.store.secret("app") for use in uses), *neighbours.secrets),
        needs=needs,
    )
    return Part(
        services=(service,),
        files=(*files, *_image(context, stores)),
        notes=(*code_notes, *_other_program(component_id, item)),
    )


def _certificate(name: str) -> tuple[Certificate, ...]:
    image = images.PYTHON
    return (
        Certificate(
            service=name,
            names=(name, "localhost"),
            owner=image.key_owner,
            mode=image.key_mode,
        ),
    )


def _image(context: Context, stores: Mapping[str, Store]) -> Iterator[ConfigFile]:
    """Yield what the image of all shipped programs is built from: drivers for all they use."""
    engines = {store.engine for store in stores.values()} | engines_used(context)
    values = Requirements(engines=frozenset(engines))
    folder = "images/app"
    yield ConfigFile(path=f"{folder}/Dockerfile", template="app/Dockerfile")
    yield ConfigFile(path=f"{folder}/.dockerignore", template="app/dockerignore")
    yield ConfigFile(
        path=f"{folder}/requirements.txt", template="app/requirements.txt", values=values
    )


def uses_of(context: Context, component_id: str, stores: Mapping[str, Store]) -> Iterator[Use]:
    """Yield the stores that an application uses, with the hosts in the order of asking."""
    read: dict[str, list[str]] = {}
    write: dict[str, list[str]] = {}
    by_name: dict[str, Store] = {}
    for reach in context.out(component_id):
        store = stores.get(reach.target)
        if store is not None and reach.role in ("read", "write", "request"):
            by_name[store.name] = store
            wanted = write if reach.role == "write" else read
            wanted.setdefault(store.name, []).append(reach.target)
    for name, store in sorted(by_name.items()):
        writers = write.get(name, [])
        yield Use(
            store=store,
            read=_replicas_first(store, read.get(name, writers)),
            write=tuple(key for key in (*store.balancers, *store.members) if key in writers),
        )


def _replicas_first(store: Store, ids: list[str]) -> tuple[str, ...]:
    return tuple(key for key in (*store.balancers, *store.replicas, store.primary) if key in ids)


def _settings(context: Context, use: Use) -> dict[str, object]:
    store = use.store
    return {
        "name": store.name,
        "engine": store.engine,
        "database": DATABASE,
        "user": USER,
        "password_file": secret_file(store.secret("app")),
        "port": PORTS[store.engine],
        "primary": context.name(store.primary),
        "read": [_address(context, store, key, READ_PORT) for key in use.read],
        "write": [_address(context, store, key, WRITE_PORT) for key in use.write],
        "ca": CA_FILE if store.tls else "",
    }


def _address(context: Context, store: Store, component_id: str, port: int) -> str:
    """Return whom to ask: a server at its usual port, or a balancer at the one for a role."""
    name = context.name(component_id)
    if poolers.is_pooler(context.item(component_id)):
        database = DATABASE if port == WRITE_PORT else poolers.READS
        return f"{name}:{WRITE_PORT}/{database}"
    return f"{name}:{port}" if component_id in store.balancers else name


def _files_of(context: Context, component_id: str) -> dict[str, AppFiles]:
    """Return the application files that a server links to, by id."""
    found = {reach.target: context.item(reach.target) for reach in context.out(component_id)}
    return {key: item for key, item in found.items() if isinstance(item, AppFiles)}


def _version(context: Context, component_id: str) -> str:
    return next((item.version for item in _files_of(context, component_id).values()), "")


def _code(
    context: Context, component_id: str
) -> tuple[str, tuple[ConfigFile, ...], tuple[Note, ...]]:
    """Return the folder of the code that a server runs, its files, and what must be told."""
    found = list(_files_of(context, component_id))
    item = context.item(component_id)
    if found:
        rest = [
            Note(
                components=(component_id,),
                text=f"{item.name} runs the code of {context.item(found[0]).name}; "
                f"{context.item(key).name} was left out.",
            )
            for key in found[1:]
        ]
        return context.name(found[0]), (), tuple(rest)
    name = context.name(component_id)
    note = Note(
        components=(component_id,),
        text=f"{item.name} has no application files drawn: it runs a copy of its own.",
    )
    return name, sources(context, name), (note,)


def sources(context: Context, name: str) -> tuple[ConfigFile, ...]:
    """Return the code of the application in the folder of a drawn part."""
    items = context.design.components.values()
    works = any(isinstance(item, Worker) and not item.brings_its_own for item in items)
    return tuple(
        ConfigFile(
            path=f"config/{name}/{source}",
            template=f"app/{source}",
            values=Application(jobs=JOBS, arguments=JOBS_ARGUMENTS),
        )
        for source in (*_SOURCES, *(("worker.py",) if works else ()))
    )


def code(context: Context, component_id: str, item: AppFiles) -> Part:
    """Plan application files: a folder that the servers mount."""
    name = context.name(component_id)
    note = Note(
        components=(component_id,),
        text=f"{item.name} is drawn as writable; it is mounted read-only all the same.",
    )
    return Part(files=sources(context, name), notes=(note,) if item.writable else ())


def _other_program(component_id: str, item: AppServer | Worker) -> Iterator[Note]:
    if not item.image.split("/")[-1].startswith("python"):
        what = "worker" if isinstance(item, Worker) else "application"
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; the {what} of this project "
            f"is written for {images.PYTHON.tag}.",
        )


def _unused(context: Context, component_id: str, role: str) -> Iterator[Note]:
    """Yield what a program is linked to and does not use; with queues it does what `role` says."""
    item = context.item(component_id)
    used = (
        "database",
        "cache",
        "app_files",
        "monitoring_server",
        "log_store",
        "alerting",
        "backup",
    )
    for reach in context.out(component_id):
        target = context.item(reach.target)
        uses = target.kind in used or (target.kind == "queue" and reach.role == role)
        uses = uses or (target.kind == "object_store" and role == "publish")
        if not uses and not asks_roles(context.design, reach.target):
            what = "worker" if role == "consume" else "application"
            yield Note(
                components=(component_id,),
                text=f"{item.name} can reach {target.name}, but the {what} does not use it.",
            )
