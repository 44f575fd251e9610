"""Stands in for the docker command, where no engine is: remembers what was made, and by whom.

The state lies in the folder of the environment variable STAND_IN. `ports` has those of the project,
as VARIABLE=NUMBER, `ca` whom it asks for a certificate. `calls` has each list of words
on a line. A service whose name is in `failed` makes the site of the test fail (see `site`). A file
called `fail-WORD` makes a command with that verb or service end with what is in the file.
"""

import json
import os
import sys
from pathlib import Path

HOME = Path(os.environ["STAND_IN"])


def read(name: str) -> list[str]:
    """Return the lines of a file; none where there is none."""
    path = HOME / name
    return path.read_text().split() if path.exists() else []


def write(name: str, lines: list[str]) -> None:
    """Write the lines of a file."""
    (HOME / name).write_text("\n".join(lines))


def of_project(words: list[str]) -> str:
    """Return the project that a filter names."""
    text = next(word for word in words if "=" in word)
    return text.rpartition("=")[2].removesuffix("-*")


def states(services: list[str]) -> None:
    """Print what becomes of each service, as old and new versions of Compose do."""
    failed = read("failed")
    rows = [
        {
            "Service": name,
            "State": "exited" if name in failed else "running",
            "ExitCode": 137 if name in failed else 0,
            "Health": "",
        }
        for name in services
    ]
    old = (HOME / "old").exists()
    print(json.dumps(rows) if old else "\n".join(json.dumps(row) for row in rows))


def compose(project: str, verb: str, rest: list[str]) -> None:
    """Carry out a command of compose."""
    services, failed = read("services"), set(read("failed"))
    named = {word for word in rest if word in services}
    if verb == "up":
        write("ports", [f"{k}={v}" for k, v in os.environ.items() if k.endswith("_PORT")])
        write("ca", [os.environ["ACME_DIRECTORY"]])
        for kind in ("container", "network", "volume", "image"):
            write(kind, [*read(kind), project])
    elif verb == "config":
        print((HOME / "config.json").read_text())
    elif verb == "exec":
        print((HOME / "counters").read_text())
    elif verb == "ps" and "--quiet" in rest:
        print("\n".join(f"id-{name}" for name in named))
    elif verb == "ps":
        states(services)
    else:
        stops = verb in ("kill", "pause")
        write("failed", sorted(failed | named if stops else failed - named))


def engine(words: list[str]) -> None:
    """Carry out another command."""
    kind, verb = words[:2]
    if kind == "version":
        print("20.10.24")
    elif kind == "run":
        print((HOME / "connects").read_text())
    elif words[:2] == ["compose", "version"]:
        print("2.26.1")
    elif verb == "start":
        write("failed", sorted({*read("failed")} - {word.removeprefix("id-") for word in words}))
    elif verb == "inspect":
        label = {"com.docker.compose.project": read("container")[-1]}
        networks = {
            "front": {"Aliases": ["web-1", "abc"], "IPAMConfig": {"IPv4Address": "10.0.0.2"}},
            "back": {"Aliases": None, "IPAMConfig": None},
        }
        found = {
            "Image": "sha256:it",
            "Config": {"Labels": label},
            "NetworkSettings": {"Networks": networks},
        }
        print(json.dumps([found]))
    elif verb == "ls":
        print("\n".join(f"{kind}-{p}" for p in read(kind) if p == of_project(words)))
    elif verb == "rm" and not (HOME / f"stuck-{kind}").exists():
        gone = [word.removeprefix(f"{kind}-") for word in words if word.startswith(f"{kind}-")]
        write(kind, [item for item in read(kind) if item not in gone])


def main() -> int:
    """Carry out one command."""
    words = sys.argv[1:]
    with (HOME / "calls").open("a") as stream:
        stream.write(json.dumps(words) + "\n")
    is_compose = words[0] == "compose" and words[1] == "--project-name"
    verb = words[5] if is_compose else words[1]
    for word in (verb, *words[6:]):
        if "/" not in word and (HOME / f"fail-{word}").exists():
            sys.stderr.write((HOME / f"fail-{word}").read_text())
            return 1
    if is_compose:
        compose(words[2], verb, words[6:])
    else:
        engine(words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
