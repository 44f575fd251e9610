"""A design and its project, as the rules over both read them."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from app.model.design import Design
from exporters import images
from exporters.deployment import Deployment
from exporters.files import Files, write
from exporters.plan.own_programs import OWN_ROLES
from tests.exporters.projects import compose_of, planned

Json = dict[str, Any]


@dataclass(frozen=True)
class Exported:
    """A design and the project that was made of it."""

    design: Design
    files: Files

    @cached_property
    def compose(self) -> Json:
        """The compose file."""
        return compose_of(self.files)

    @cached_property
    def services(self) -> dict[str, Json]:
        """The services, each with what it inherits."""
        base, found = self.compose["x-base"], self.compose["services"]
        return {
            name: {key: value for key, value in (base | service).items() if key != "<<"}
            for name, service in found.items()
        }

    @cached_property
    def deployment(self) -> Deployment:
        """What was planned."""
        return planned(self.design)

    @cached_property
    def modes(self) -> dict[str, int]:
        """The mode of each file and folder where the user's umask shuts everybody else out."""
        with tempfile.TemporaryDirectory() as name:
            before = os.umask(0o077)
            try:
                write(self.files, Path(name) / "project")
            finally:
                os.umask(before)
            root = Path(name) / "project"
            return {
                path.relative_to(root).as_posix(): path.stat().st_mode & 0o777
                for path in root.rglob("*")
            }

    def texts(self, pattern: str) -> Iterator[str]:
        """Yield the text of each file whose path matches."""
        for path, content in self.files.items():
            if re.fullmatch(pattern, path):
                yield content.decode()

    def image(self, service: Json) -> str:
        """Return the image of a service, or the one that its own is built on."""
        if "build" not in service:
            found: str = service["image"]
            return found
        path = f"{service['build']['context'].removeprefix('./')}/Dockerfile"
        tags: list[str] = re.findall(r"^FROM (\S+)", self.files[path].decode(), re.MULTILINE)
        return tags[-1]

    def of_image(self, stem: str) -> Iterator[tuple[str, Json]]:
        """Yield each service of an image, whatever its tag, that is not the user's own."""
        for name, service in self.services.items():
            if not is_brought(service) and self.image(service).startswith(f"{stem}:"):
                yield name, service


def probe_of(service: Json) -> str:
    """The command of a service's probe."""
    return " ".join(service.get("healthcheck", {}).get("test", ()))


def role_of(service: Json) -> str:
    """What a service is for."""
    found: str = service["labels"]["io.loadpath.role"]
    return found


def is_brought(service: Json) -> bool:
    """Whether a service is a program of the user's, of which nothing is known but its image."""
    return role_of(service) in (*OWN_ROLES, "service")


def facts_of(tag: str) -> images.Image | None:
    """What the image table knows of an image."""
    return next((item for item in images.IMAGES if item.tag == tag), None)


def mounts_of(service: Json, kind: str) -> list[Json]:
    """The mounts of a service that are of one kind."""
    return [item for item in service.get("volumes", ()) if item["type"] == kind]


def runs_always(service: Json) -> bool:
    """Whether a service runs on, and is none that ends well."""
    return role_of(service) != "installer"
