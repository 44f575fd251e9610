"""`loadpath simulate`: the table, the formula beside it, deaths, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.analysis.queueing import Queue
from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run


def simulated(run: Run, path: Path, *options: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("simulate", path, *options, "--format", "json").out)
    return found


def test_a_table_says_who_got_what_and_what_was_assumed(run: Run, seed: Path) -> None:
    said = run("simulate", seed, "--requests", 2000)
    assert said.status == 0
    assert "round robin, 140 requests a second, seed 1" in said.out
    assert "assumed: web-1 and web-2 have no capacity: 100 requests a second each" in said.out
    assert "2,000 requests in " in said.out
    assert "web-1     1,000    50%    1,000        0" in said.out
    assert "wait before service: mean " in said.out
    assert "M/M/2, one queue for all: mean 9.61 ms, 95% within 40.7 ms, 70% busy" in said.out


def test_the_same_seed_gives_the_same_run(run: Run, seed: Path) -> None:
    one, same, other = (simulated(run, seed, "--requests", 300, "--seed", n) for n in (5, 5, 6))
    assert one == same
    assert one["seconds"] != other["seconds"]


def test_another_algorithm_meets_the_same_requests(run: Run, seed: Path) -> None:
    options = ("--requests", 3000, "--rate", 160)
    turn, least = (
        simulated(run, seed, *options, "--algorithm", name) for name in ("roundrobin", "leastconn")
    )
    assert turn["arrived"] == least["arrived"]
    assert least["wait_seconds"]["mean"] < turn["wait_seconds"]["mean"]
    formula = Queue(160, 100, 2)
    assert turn["formula"]["mean_wait_seconds"] == formula.mean_wait
    assert turn["formula"]["p95_wait_seconds"] == formula.wait_within(0.95)
    assert turn["formula"]["waiting_probability"] == formula.waiting


@pytest.mark.parametrize("way", ["consistent", "map"])
def test_users_keep_their_server_by_either_hash(run: Run, seed: Path, way: str) -> None:
    options = ("--algorithm", "source", "--hash", way, "--requests", 2000)
    found = simulated(run, seed, *options)
    assert sum(server["sent"] for server in found["servers"]) == 2000
    said = run("simulate", seed, *options).out
    assert "when one server goes, 50% of the users get another" in said  # half, by either hash


def test_theory_says_what_an_algorithm_can_reach(run: Run, seed: Path) -> None:
    said = run("simulate", seed, "--algorithm", "random", "--rate", 100, "--requests", 100).out
    assert "two choices among very many servers: mean 2.66 ms" in said  # (1.26569 - 1) / 100
    assert "all of them are needed: without one the others drown" in said
    said = run("simulate", seed, "--algorithm", "uri", "--rate", 99, "--requests", 100).out
    assert "50% of the pages get another" in said
    assert "all of them are needed" not in said


def test_a_server_dies_and_works_again(run: Run, seed: Path) -> None:
    said = run("simulate", seed, "--seconds", 30, "--kill", "web-1@10-20")
    assert "     10.0 s  web-1: died" in said.out
    assert "     12.0 s  web-1: found dead" in said.out
    assert "     22.0 s  web-1: found working" in said.out
    found = simulated(run, seed, "--seconds", 30, "--kill", "web-1@10.5")
    assert found["seconds"] == 30
    assert found["lost"] > 100
    assert found["arrived"] == found["served"] + found["lost"] + found["in_flight"]
    assert [server["works"] for server in found["servers"]] == [False, True]
    assert "  dead" in run("simulate", seed, "--seconds", 12, "--kill", "web-1@10.5").out


def test_a_cluster_tells_its_mode_and_has_a_leader(run: Run, seed: Path) -> None:
    values = {"failover": "automatic", "switch_success": 1.0}
    design = edits.set_fields(open_design(seed), "mariadb", **values)
    save_design(seed, design)
    options = ("--balancer", "mariadb", "--seconds", 60, "--kill", "db-1@10")
    said = run("simulate", seed, *options)
    assert "primary-replica, 140 requests a second" in said.out
    assert "db-2: took over" in said.out
    assert "M/M/" not in said.out
    found = simulated(run, seed, *options)
    assert found["formula"] is None
    assert [server["leads"] for server in found["servers"]] == [False, True]


def test_overload_has_no_bound(run: Run, seed: Path) -> None:
    options = ("--rate", 300, "--requests", 1000, "--algorithm", "first")
    assert "the wait has no bound" in run("simulate", seed, *options).out
    formula = simulated(run, seed, *options)["formula"]
    assert formula["mean_wait_seconds"] is formula["p95_wait_seconds"] is None
    assert formula["waiting_probability"] == 1


def test_a_run_too_short_for_an_interval_has_none(run: Run, seed: Path) -> None:
    found = simulated(run, seed, "--requests", 3)
    assert found["wait_seconds"]["mean"] is found["wait_seconds"]["interval"] is None
    assert found["wait_seconds"]["p95"] is not None
    assert "wait before" not in run("simulate", seed, "--requests", 3).out
    nothing = simulated(run, seed, "--seconds", 1, "--kill", "web-1@0", "--kill", "web-2@0")
    assert nothing["served"] == 0
    assert nothing["wait_seconds"]["p95"] is None
    assert nothing["servers"][0]["mean_wait_seconds"] is None


def test_long_waits_are_told_in_seconds(run: Run, seed: Path) -> None:
    said = run("simulate", seed, "--rate", 250, "--algorithm", "first", "--requests", 2000)
    assert "mean 1.06 s" in said.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--kill", "web-1"), "--kill web-1: say which server and when"),
        (("--kill", "web-9@3"), "there is no server 'web-9' here; there are web-1, web-2"),
        (("--kill", "web-1@5-2"), "web-1: it must work again later than 5 seconds"),
        (("--balancer", "gone"), "there is no component 'gone'"),
        (("--balancer", "web-1"), "this web server has no servers behind it"),
        (("--rate", "nan"), "rate: nan is no number"),
        (("--rate", "-3"), "rate: -3.0 is no number"),
        (("--requests", "0"), "requests: 0 is not between 1 and 1,000,000"),
        (("--seconds", "1e9"), "--seconds 1e+09: must be above 0, and at most"),
        (("--seconds", "nan"), "--seconds nan: must be above 0"),
        (("--seconds", "5", "--requests", "5"), "not allowed with"),
    ],
)
def test_what_cannot_be_simulated_is_told_in_a_sentence(
    run: Run, seed: Path, options: tuple[str, ...], told: str
) -> None:
    said = run("simulate", seed, *options)
    assert said.status == 2
    assert said.out == ""
    assert told in said.err


def test_a_design_with_nothing_to_choose_from_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.loadpath.json"
    save_design(path, Design())
    assert "no load balancer with servers" in run("simulate", path).err
