"""What serves requests and does work: one dataclass a kind."""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from app.model.component import (
    Capacity,
    Certificate,
    Component,
    Group,
    Image,
    Metrics,
    OwnMetrics,
    Port,
    Program,
    Redirect,
    Renewal,
)
from app.model.errors import DesignError
from app.model.fields import Help, Length, Where
from app.model.traits import PROGRAM, SERVER_PROGRAM, Trait

_HEALTH_PATH = re.compile(r"/[A-Za-z0-9._~/-]*")
_BROUGHT = Where("program", ("image", "folder"))


@dataclass(frozen=True, kw_only=True)
class WebServer(Program):
    """Answers HTTP: serves files itself and hands the rest to the application."""

    kind: Literal["web_server"] = "web_server"
    title: ClassVar = "Web server"
    summary: ClassVar = "Speaks HTTP with the users: serves files, passes the rest on."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "web"
    traits: ClassVar = SERVER_PROGRAM

    certificate: Certificate = ""
    renewal: Renewal = "unknown"
    redirect: Redirect = False
    metrics: Metrics = False
    image: Annotated[
        str, Length(200), Help("Program and version; nginx and caddy are exported")
    ] = "nginx:1.30"
    capacity: Capacity = None

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.image


@dataclass(frozen=True, kw_only=True)
class OwnProgram(Program):
    """What may run the user's own code in an exported project: an image, or a folder to build."""

    program: Annotated[
        Literal["shipped", "image", "folder"],
        Help(
            "What an exported project runs: the small program that comes with it, your image as "
            "it is, or what is built from your folder"
        ),
    ] = "shipped"
    image: Annotated[Image, Where("program", ("shipped", "image"))] = "python:3.13-slim"
    source: Annotated[
        str,
        Length(400),
        Where("program", ("folder",)),
        Help("Your folder with its source, beside the file of the design", label="Source folder"),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse a folder that leads out of the one that the design lies in."""
        super().__post_init__()
        if self.source and not _stays_inside(self.source):
            message = f"source: {self.source!r} is no folder beside or below the file of the design"
            raise DesignError(message)

    @property
    def brings_its_own(self) -> bool:
        """Whether it runs something else than the program that an export ships."""
        return self.program != "shipped"

    @property
    def fact(self) -> str:
        """Show the program."""
        return self.source if self.program == "folder" and self.source else self.image


def _stays_inside(folder: str) -> bool:
    """Whether a relative path leads nowhere but down, on every system."""
    steps = folder.split("/")
    return not any(step in ("", ".", "..", "~") for step in steps) and not set(folder) & set("\\:")


@dataclass(frozen=True, kw_only=True)
class AppServer(OwnProgram):
    """Runs the application's code."""

    kind: Literal["app_server"] = "app_server"
    title: ClassVar = "Application server"
    summary: ClassVar = "Runs the code that makes the pages: reads and writes the data."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "app"
    traits: ClassVar = SERVER_PROGRAM

    state: Annotated[
        Literal["none", "local", "shared"],
        Help("Where sessions and uploads live: nowhere, on this server, or in a shared store"),
    ] = "none"
    port: Annotated[
        Port | None, _BROUGHT, Help("Port that your program listens on; empty: 8000")
    ] = None
    health_path: Annotated[
        str, Length(200), _BROUGHT, Help("Path at which your program answers 200 while it works")
    ] = "/healthz"
    own_metrics: OwnMetrics = "unknown"
    capacity: Capacity = None

    def __post_init__(self) -> None:
        """Refuse a path with letters that a configuration file could take for its own."""
        super().__post_init__()
        if not _HEALTH_PATH.fullmatch(self.health_path):
            message = (
                f"health_path: {self.health_path!r} is no path of letters, digits and . _ ~ - /, "
                "such as '/healthz'"
            )
            raise DesignError(message)


@dataclass(frozen=True, kw_only=True)
class AppFiles(Component):
    """The code base that an application server runs."""

    kind: Literal["app_files"] = "app_files"
    title: ClassVar = "Application files"
    summary: ClassVar = "The code base: without it the application server has nothing to run."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "files"
    traits: ClassVar = frozenset({Trait.FAILS, Trait.NEEDS_HOST, Trait.LISTENS})
    default_availability: ClassVar = 0.9999

    version: Annotated[str, Length(80), Help("Release that is installed")] = "1.0"
    writable: Annotated[bool, Help("The servers may change the files")] = False

    @property
    def fact(self) -> str:
        """Show the release."""
        return f"code base {self.version}"


@dataclass(frozen=True, kw_only=True)
class Worker(OwnProgram):
    """Does work in the background, away from the users' requests."""

    kind: Literal["worker"] = "worker"
    title: ClassVar = "Worker"
    summary: ClassVar = "Takes jobs from a queue and does them in the background."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "worker"
    traits: ClassVar = PROGRAM

    own_metrics: OwnMetrics = "unknown"
    capacity: Capacity = None


@dataclass(frozen=True, kw_only=True)
class Service(Program):
    """Any program that has no kind of its own."""

    kind: Literal["service"] = "service"
    title: ClassVar = "Service"
    summary: ClassVar = "Any container image that has no kind of its own."
    group: ClassVar[Group] = "compute"
    prefix: ClassVar = "service"
    traits: ClassVar = PROGRAM

    image: Annotated[str, Length(200), Help("Container image with its version")] = ""
    port: Annotated[Port | None, Help("Port it listens on")] = None
    own_metrics: OwnMetrics = "unknown"
    external: Annotated[
        bool, Help("Somebody else runs it, such as a payment provider", label="Third party")
    ] = False

    @property
    def fact(self) -> str:
        """Show who runs it, where that is somebody else, or the image."""
        return "third party" if self.external else self.image or "any program"
