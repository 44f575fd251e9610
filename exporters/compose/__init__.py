"""A design as a Docker Compose project that starts."""

from collections.abc import Mapping
from pathlib import Path

from app.model.design import Design
from exporters.compose.render import PICTURE, render
from exporters.compose.sources import source_files
from exporters.errors import ExportError
from exporters.files import Files
from exporters.pki import certificate_files
from exporters.plan import plan
from exporters.secrets import Token, random_token, secret_files


def export(  # noqa: PLR0913  # by name, each of them a wish
    design: Design,
    *,
    secrets: Mapping[str, str] | None = None,
    document: bytes | None = None,
    picture: bytes | None = None,
    sources: Path | None = None,
    firewalls: str = "gateways",
    takeover: str = "emulated",
    certificates: str = "local",
    token: Token = random_token,
) -> Files:
    """Return the files of a compose project by their path.

    `secrets` holds the secret files and keys of an earlier export by path (`exporters.files`
    reads them from its folder): they are kept. `document` is the design as a file, which the
    project carries along as design.json, and `picture` an SVG of it, which the README shows;
    whoever calls draws it, since that takes the window's libraries. `sources` is the folder of its
    file, in which source folders of the user's own are looked for. `firewalls` says what those
    between parts become, `takeover` how pairs of balancers switch, `certificates` who signs that
    of the entrance (`plan`). `token` makes a password.

    Raises:
        ExportError: nothing in the design runs, or a part asks for what no program can do,
            or a source folder cannot be copied.
    """
    deployment = plan(design, firewalls=firewalls, takeover=takeover, certificates=certificates)
    if not deployment.services:
        raise ExportError(f"{design.name}: nothing in this design runs, so there is no project")
    kept = secrets or {}
    private = secret_files(deployment.secrets, kept, token)
    private |= certificate_files(deployment.certificates, kept)
    files = render(deployment, pictured=picture is not None) | source_files(
        deployment.sources, sources
    )
    files |= {path: text.encode() for path, text in private.items()}
    if document is not None:
        files["design.json"] = document
    if picture is not None:
        files[PICTURE] = picture
    return dict(sorted(files.items()))
