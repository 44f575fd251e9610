"""Caches that are copies of each other and change places by the script `ops`, running."""

from pathlib import Path

import pytest

from tests.exporters.designs import cache_set
from tests.lab.engine import Project, eventually, running
from tests.lab.test_operations import ops

pytestmark = pytest.mark.docker


def ask(project: Project, service: str, *words: str) -> str:
    words = ("sh", "-c", 'exec "$CLIENT" "$@"', "sh", *words)
    return project.compose("exec", "-T", service, *words, check=False).strip()


def roles(project: Project) -> list[str]:
    """Return the last lines of the status, one for each server."""
    lines = ops(project, "status").split("\n\n")[-1].splitlines()
    return [" ".join(line.split()) for line in lines]


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_caches_switched_by_hand_change_places_and_lose_nothing_that_a_replica_had(
    engine: str, tmp_path: Path
) -> None:
    first, second, third = (f"{engine}-{number}" for number in range(3))
    with running(cache_set(engine, "manual")[0], tmp_path / "project") as project:
        site = project.address("app", "http")
        begin = [f"{first} leads", f"{second} follows {first}", f"{third} follows {first}"]
        switched = [f"{first} follows {second}", f"{second} leads", f"{third} follows {second}"]

        def all_have(key: str, value: str) -> bool:
            names = (first, second, third)
            return eventually(lambda: all(ask(project, n, "get", key) == value for n in names), 30)

        def remembered_by() -> str:
            return str(project.ask(f"{site}/read").json["cache"])

        assert eventually(lambda: roles(project) == begin, 30)
        assert ask(project, first, "set", "greeting", "hello") == "OK"
        assert all_have("greeting", "hello")

        # A dead leader is replaced, and the application finds the new one through its front.
        project.compose("kill", first)
        told = ops(project, "promote", second)
        assert f"{second} leads now" in told
        assert f"./ops rejoin {first}" in told
        assert ask(project, second, "set", "after", "the switch") == "OK"
        assert eventually(lambda: remembered_by() in (second, third), 20)
        assert eventually(lambda: "read/" in ask(project, second, "keys", "*"), 20)

        # Who led takes no writes when it starts again, nor tells what is out of date.
        project.compose("up", "--detach", "--wait", first)
        assert "READONLY" in ask(project, first, "set", "greeting", "no")
        assert "MASTERDOWN" in ask(project, first, "get", "greeting")
        assert roles(project)[0] == f"{first} follows nobody; if that lasts: ./ops rejoin {first}"
        assert eventually(lambda: remembered_by() in (second, third), 20)
        assert f"{first} follows {second}" in ops(project, "rejoin", first)
        assert all_have("after", "the switch")
        assert "leads already" in ops(project, "promote", second, status=2)

        # The roles hold as long as the data do.
        project.compose("down")
        project.compose("up", "--detach", "--wait")
        assert eventually(lambda: roles(project) == switched)
        assert all_have("after", "the switch")

        # A leader that works hands over, and nothing is lost.
        assert ask(project, second, "set", "last", "word") == "OK"
        assert f"{first} leads now" in ops(project, "promote", first)
        assert ask(project, first, "get", "last") == "word"
        ops(project, "rejoin", second)
        assert eventually(
            lambda: roles(project) == [begin[0], f"{second} follows {first}", begin[2]]
        )

        # Where the leader does not come back at all, whoever starts can still be promoted.
        project.compose("stop", "--timeout", "5", first, second, third)
        project.compose("up", "--detach", second, third)
        assert eventually(lambda: ask(project, third, "ping") == "PONG", 90)
        assert f"{third} leads now" in ops(project, "promote", third)
        assert ask(project, third, "get", "last") == "word"


def test_sentinels_are_asked_for_the_server_that_somebody_wants_to_lead(tmp_path: Path) -> None:
    names = ("redis-0", "redis-1", "redis-2")
    with running(cache_set(detection_seconds=10)[0], tmp_path / "project") as project:

        def led_by(leader: str) -> bool:
            wanted = [f"{n} leads" if n == leader else f"{n} follows {leader}" for n in names]
            return eventually(lambda: roles(project) == wanted)

        assert led_by("redis-0"), roles(project)
        for chosen in ("redis-2", "redis-1"):
            told = ops(project, "promote", chosen)
            assert f"{chosen} leads now; the others follow it by themselves." in told
            assert led_by(chosen), roles(project)
            assert ask(project, chosen, "config", "get", "replica-priority").endswith("100")
        project.compose("stop", "redis-0")
        assert "redis-0 follows redis-1" in ops(project, "rejoin", "redis-0")
