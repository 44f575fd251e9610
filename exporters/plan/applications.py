"""Application servers and the code that they run: a small program built in the project."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.model.compute import AppFiles, AppServer
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
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import entrance_of
from exporters.plan.reaches import asks_roles
from exporters.plan.stores import DATABASE, PORTS, USER, Store, secret_file
from exporters.programs import (
    APP_PORT,
    APP_TLS_PORT,
    CA_FILE,
    READ_PORT,
    WRITE_PORT,
    Requirements,
)

_CODE = "/srv/app"
_SOURCES = ("main.py", "stores.py", "page.html")


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
    """Plan an application server with its code and its databases."""
    name = context.name(component_id)
    uses = tuple(uses_of(context, component_id, stores))
    folder, files, code_notes = _code(context, component_id)
    entrance = entrance_of(context, component_id)
    needs: dict[str, Condition] = {
        context.name(key): "healthy" for use in uses for key in use.awaited
    }
    binds = [Bind(source=f"config/{folder}", target=_CODE)]
    if any(use.store.tls for use in uses):
        binds.append(Bind(source="pki/ca.crt", target=CA_FILE))
    service = Service(
        name=name,
        title=item.name,
        role="app",
        component=component_id,
        image=images.PYTHON.tag,
        build=Build(folder="images/app"),
        environment={
            "NODE_NAME": name,
            "SITE_TITLE": context.design.name,
            "CODE_VERSION": _version(context, component_id),
            "STORES": json.dumps([_settings(context, use) for use in uses], sort_keys=True),
            "PORT": str(APP_PORT),
            "TLS_PORT": str(APP_TLS_PORT) if entrance.tls else "",
        },
        ports=entrance.ports,
        binds=tuple(binds),
        secrets=tuple(use.store.secret("app") for use in uses),
        needs=needs,
    )
    return Part(
        services=(service,),
        files=(*files, *_image(stores)),
        certificates=_certificate(name) if entrance.tls else (),
        notes=(*code_notes, *_notes(context, component_id, item)),
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


def _image(stores: Mapping[str, Store]) -> Iterator[ConfigFile]:
    values = Requirements(engines=frozenset(store.engine for store in stores.values()))
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
    return name, sources(name), (note,)


def sources(name: str) -> tuple[ConfigFile, ...]:
    """Return the code of the application in the folder of a drawn part."""
    return tuple(
        ConfigFile(path=f"config/{name}/{source}", template=f"app/{source}") for source in _SOURCES
    )


def code(context: Context, component_id: str, item: AppFiles) -> Part:
    """Plan application files: a folder that the servers mount."""
    name = context.name(component_id)
    note = Note(
        components=(component_id,),
        text=f"{item.name} is drawn as writable; it is mounted read-only all the same.",
    )
    return Part(files=sources(name), notes=(note,) if item.writable else ())


def _notes(context: Context, component_id: str, item: AppServer) -> Iterator[Note]:
    if not item.image.split("/")[-1].startswith("python"):
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; the application of this project "
            f"is written for {images.PYTHON.tag}.",
        )
    used = ("database", "app_files", "monitoring_server", "log_store", "alerting", "backup")
    for reach in context.out(component_id):
        target = context.item(reach.target)
        if target.kind not in used and not asks_roles(context.design, reach.target):
            yield Note(
                components=(component_id,),
                text=f"{item.name} can reach {target.name}, but the application does not use it.",
            )
