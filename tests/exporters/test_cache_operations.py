"""What `ops` asks of caches that are copies of each other, and how they start; no engine."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.exporters.designs import cache_set
from tests.exporters.projects import project

# Three servers of which the first leads while it is in UP, and sentinels that do what is asked.
ENGINE = r"""#!/bin/sh
echo "$*" | tr '\n' ' ' >> "$ASKED"
echo >> "$ASKED"
linked() {
  printf 'master_link_status:up\r\nmaster_host:10.0.0.2\r\nslave_repl_offset:%s\r\n' "$1"
}
case "$*" in
  "version "*) echo 24.0.7 ;;
  "compose version "*) echo 2.26.1 ;;
  *--services*) printf '%s\n' $UP ;;
  "compose exec -T redis-0 "*" role") echo master ;;
  *" role") if [ -f "$ASKED.led" ]; then echo master; else echo slave; fi ;;
  *"redis-0 "*"info replication") printf 'role:master\r\nmaster_repl_offset:70\r\n' ;;
  *"redis-1 "*"info replication") linked "${RECEIVED-70}" ;;
  *"redis-2 "*"info replication") linked 90 ;;
  *"redis-0 hostname -I") echo "192.168.0.2 10.0.0.2" ;;
  *"hostname -I") echo 10.0.0.20 ;;
  *replica-announce-ip) printf 'replica-announce-ip\n10.0.0.4\n' ;;
  *"replicas main") printf 'slave-priority\n1\n' ;;
  *"failover main") [ -z "${REFUSED-}" ] && touch "$ASKED.led" ;;
esac
"""


def asked_by(
    tmp_path: Path, failover: str, *words: str, up: str, **given: str
) -> tuple[int, str, list[str]]:
    """Run `ops` with a docker that only answers; return its status, its words and what it asked."""
    asked = tmp_path / "asked"
    for name, content in (("ops", project(cache_set(failover=failover)[0])["ops"]),
                          ("docker", ENGINE.encode()),
                          ("sleep", b"#!/bin/sh\n")):  # fmt: skip
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        [tmp_path / "ops", *words],
        env=os.environ | {"PATH": path, "ASKED": str(asked), "UP": up} | given,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr, asked.read_text().splitlines()


def in_order(lines: list[str], *ends: str) -> bool:
    """Whether lines with these ends follow each other, maybe with others between them."""
    left = iter(lines)
    return all(any(line.strip().endswith(end) for line in left) for end in ends)


@pytest.mark.parametrize("failover", ["manual", "automatic"])
def test_the_status_lists_caches_with_their_roles(tmp_path: Path, failover: str) -> None:
    told = asked_by(tmp_path, failover, "status", up="redis-0 redis-1")[1]
    lines = [" ".join(line.split()) for line in told.splitlines()[-3:]]
    assert lines == ["redis-0 leads", "redis-1 follows redis-0", "redis-2 does not run"]


def test_a_leader_that_works_hands_over_and_is_kept_from_taking_writes(tmp_path: Path) -> None:
    status, told, asked = asked_by(
        tmp_path, "manual", "promote", "redis-1", up="redis-0 redis-1 redis-2"
    )
    assert status == 0, told
    assert "redis-0 is stopped; let it follow with: ./ops rejoin redis-0" in told
    assert in_order(
        asked,
        "client pause 180000 write",
        "compose stop redis-0",
        "--entrypoint sh redis-0 -c : > /data/.leader",
        'redis-1 sh -c echo "$NODE" > /data/.leader',
        "replicaof no one",
        "6379 sh redis-1",
    ), asked


def test_a_leader_whose_replica_does_not_catch_up_leads_on(tmp_path: Path) -> None:
    status, told, asked = asked_by(
        tmp_path, "manual", "promote", "redis-1", up="redis-0 redis-1", RECEIVED="69"
    )
    assert (status, told) == (2, "ops: redis-1 does not catch up with redis-0, which leads on\n")
    assert asked[-1].endswith("client unpause ")
    assert not any("compose stop" in line for line in asked)


def test_of_the_replicas_of_a_dead_leader_the_one_that_has_received_most_is_promoted(
    tmp_path: Path,
) -> None:
    status, told, asked = asked_by(tmp_path, "manual", "promote", "redis-1", up="redis-1 redis-2")
    assert (status, told) == (2, "ops: redis-2 has received more than redis-1: promote it\n")
    assert not any("compose stop" in line or "replicaof" in line for line in asked)
    status, told, _ = asked_by(tmp_path, "manual", "promote", "redis-2", up="redis-1 redis-2")
    assert status == 0, told
    assert "redis-2 leads now." in told


def test_a_server_rejoins_with_the_leader_written_into_its_data(tmp_path: Path) -> None:
    status, told, asked = asked_by(tmp_path, "manual", "rejoin", "redis-1", up="redis-0 redis-1")
    assert status == 0, told
    assert in_order(
        asked,
        "compose stop redis-1",
        '--entrypoint sh redis-1 -c echo "$1" > /data/.leader sh redis-0',
        "compose up --detach --no-deps --wait redis-1",
    ), asked


def test_sentinels_are_asked_to_switch_and_nobody_is_stopped(tmp_path: Path) -> None:
    up = "redis-0 redis-1 redis-2"
    status, told, asked = asked_by(tmp_path, "automatic", "promote", "redis-2", up=up)
    assert (status, told) == (0, "redis-2 leads now; the others follow it by themselves.\n")
    assert in_order(
        asked,
        "config set replica-priority 1",
        "failover main",
        "config set replica-priority 100",
        "sh replicaof 10.0.0.4 6379",
    ), asked
    assert not any("compose stop" in line for line in asked)


def test_sentinels_that_refuse_are_told_and_leave_the_server_as_it_was(tmp_path: Path) -> None:
    status, told, asked = asked_by(
        tmp_path, "automatic", "promote", "redis-2", up="redis-0 redis-2", REFUSED="yes"
    )
    sentence = "ops: the sentinels did not promote redis-2; their logs say why\n"
    assert (status, told) == (2, sentence)
    assert asked[-1].endswith("config set replica-priority 100 ")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (None, "--replicaof 10.0.0.2 6379"),
        ("", "--replicaof 127.0.0.1 9 --replica-serve-stale-data no"),
        ("redis-1\n", ""),
        ("redis-2\n", "--replicaof 10.0.0.2 6379"),
    ],
)
def test_a_server_starts_as_what_ops_has_written_into_its_data(
    tmp_path: Path, written: str | None, expected: str
) -> None:
    script = project(cache_set(failover="manual")[0])["config/replica-set/start.sh"].decode()
    leader = tmp_path / "leader"
    if written is not None:
        leader.write_text(written)
    for name, text in (
        ("getent", "echo 10.0.0.2 STREAM"),
        ("redis-cli", "echo slave"),
        ("docker-entrypoint.sh", 'echo "$@"'),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    given = {"NODE": "redis-1", "CLIENT": "redis-cli", "PRIMARY": "redis-0", "SENTINELS": "",
             "MEMBERS": "redis-0 redis-1 redis-2",
             "PATH": f"{tmp_path}:{os.environ['PATH']}"}  # fmt: skip
    done = subprocess.run(
        ["bash", "-c", script.replace("/data/.leader", str(leader)), "bash", "redis-server"],
        env=os.environ | given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == f"redis-server {expected}".strip(), done.stderr
