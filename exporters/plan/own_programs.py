"""What users bring instead of the shipped application: an image as it is, or a folder to build."""

from collections.abc import Iterator, Mapping

from app.model.compute import AppServer
from exporters.deployment import Bind, Build, Condition, Limits, Note, Service, Source
from exporters.errors import ExportError
from exporters.plan.applications import Use, uses_of
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import entrance_of
from exporters.plan.names import is_image
from exporters.plan.simple import UNKNOWN
from exporters.plan.stores import DATABASE, PORTS, USER, Store, secret_file
from exporters.programs import APP_PORT, CA_FILE

_LIMITS = Limits(memory=256)


def own_program(
    context: Context, component_id: str, item: AppServer, stores: Mapping[str, Store]
) -> Part:
    """Plan a program of the user's own.

    It is told by its environment where to listen and where its databases are. Nothing about its
    user or what it writes is known, so it keeps its own; what the engine takes from every service
    it takes from this one as well.

    Raises:
        ExportError: its image is none that can be pulled, or no folder is named.
    """
    name = context.name(component_id)
    build = _build(context, item)
    uses = tuple(uses_of(context, component_id, stores))
    needs: dict[str, Condition] = {context.name(use.store.primary): "healthy" for use in uses}
    tls = any(use.store.tls for use in uses)
    service = Service(
        name=name,
        title=item.name,
        role="own-app",
        component=component_id,
        image="" if build else item.image,
        build=build,
        environment={
            "PORT": str(item.port or APP_PORT),
            "HEALTH_PATH": item.health_path,
            "NODE_NAME": name,
            **(_database(context, uses[0]) if uses else {}),
        },
        ports=entrance_of(context, component_id).ports,
        binds=(Bind(source="pki/ca.crt", target=CA_FILE),) if tls else (),
        secrets=tuple(use.store.secret("app") for use in uses),
        needs=needs,
        limits=_LIMITS,
        read_only=False,
        reasons=UNKNOWN,
    )
    return Part(
        services=(service,),
        sources=(_source(item, build),) if build else (),
        notes=tuple(_notes(context, component_id, item, uses)),
    )


def _build(context: Context, item: AppServer) -> Build | None:
    """Return the folder that is built; servers that run the same source build the same one."""
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
        for key, other in context.design.components.items()
        if isinstance(other, AppServer)
        and other.program == "folder"
        and other.source == item.source
    )
    return Build(folder=f"images/{context.name(first)}")


def _source(item: AppServer, build: Build) -> Source:
    return Source(title=item.name, folder=item.source, target=build.folder)


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


def _notes(
    context: Context, component_id: str, item: AppServer, uses: tuple[Use, ...]
) -> Iterator[Note]:
    what = f"the image {item.image}" if item.program == "image" else f"your folder {item.source}"
    health = f"answers 200 at {item.health_path} while it works"
    texts = [f"{item.name} runs {what}. It listens on the port in PORT, and {health}."]
    if uses:
        texts.append(
            f"{item.name} finds its database by DATABASE_HOST and the variables beside it; the "
            "password is in the file that DATABASE_PASSWORD_FILE names."
        )
    texts += [
        f"{item.name} is told of one database only; {use.store.name} was left out."
        for use in uses[1:]
    ]
    texts += [
        f"{item.name} brings its own code; {context.item(reach.target).name} is not part of it."
        for reach in context.out(component_id)
        if context.item(reach.target).kind == "app_files"
    ]
    if any(r.link.encrypted for r in context.into(component_id) if r.role == "request"):
        texts.append(
            f"{item.name} is a program of your own, which is asked without encryption also where "
            "the link is drawn as encrypted."
        )
    for text in texts:
        yield Note(components=(component_id,), text=text)
