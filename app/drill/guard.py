"""The guard of a drill: waits until the drill has ended, however it did, and removes its project.

It is started as a program of its own, and knows of the end by that of its standard input: the
drill and each of its commands hold the other end. What it removes carries the label of the one
compose project, whose name no other project has. It prints what it could not remove.
"""

import signal
import subprocess
import sys
import time

PREFIX = "loadpath-drill-"
TRIES, PAUSE = 40, 0.5
_LABEL = "label=com.docker.compose.project="
_KINDS = (
    (("container", "ls", "--all", "--quiet"), ("container", "rm", "--force", "--volumes")),
    (("network", "ls", "--quiet"), ("network", "rm")),
    (("volume", "ls", "--quiet"), ("volume", "rm", "--force")),
)


def docker(*words: str) -> list[str]:
    """Return the lines that a command of docker prints; none where it fails."""
    command = ["docker", *words]
    done = subprocess.run(  # noqa: S603  # no shell; each word is ours or an id
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.stdout.split() if done.returncode == 0 else []


def remove(project: str) -> list[str]:
    """Remove all that a project has; return the ids of what was there."""
    found = []
    for listing, removing in _KINDS:
        ids = docker(*listing, "--filter", f"{_LABEL}{project}")
        if ids:
            docker(*removing, *ids)
        found += ids
    images = docker("image", "ls", "--quiet", "--filter", f"reference={project}-*")
    if images:
        docker("image", "rm", "--force", *images)
    return [*found, *images]


def clean(project: str) -> list[str]:
    """Remove a project until nothing of it is there twice in a row; return what stays for ever.

    A command that was cut short may still make the engine create something.
    """
    nothing, left = 0, [""]
    for _ in range(TRIES):
        left = remove(project)
        nothing = 0 if left else nothing + 1
        if nothing > 1:
            return []
        time.sleep(PAUSE)
    return left


def main() -> int:
    """Wait for the end of the drill, and clean up after it."""
    project = sys.argv[1]
    if not project.startswith(PREFIX):
        return 2
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdin.buffer.read()
    left = clean(project)
    sys.stdout.write("\n".join(left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
