"""The samples are what the exercise asks for, look tidy, and are judged as an engineer would."""

from collections import Counter
from itertools import combinations

import pytest

from app.analysis.analysis import Analysis
from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import Rect, bounds
from app.model.sizes import GRID
from app.rules.check import check
from app.storage.codec import dump, load
from sample_designs import SAMPLES, read

NAMES = [sample.name for sample in SAMPLES]
# What the exercise asks to draw; users, DNS, clusters and zones come on top.
PARTS = {
    "simple-web-stack": {
        "server": 1, "web_server": 1, "app_server": 1, "app_files": 1, "database": 1,
    },
    "distributed-web-infrastructure": {
        "server": 3, "load_balancer": 1, "web_server": 2, "app_server": 2, "app_files": 2,
        "database": 2,
    },
    "secured-and-monitored": {
        "server": 3, "load_balancer": 1, "web_server": 2, "app_server": 2, "app_files": 2,
        "database": 2, "firewall": 3, "monitoring_agent": 3, "monitoring_server": 1, "alerting": 1,
    },
    "scale-up": {
        "server": 5, "load_balancer": 2, "web_server": 1, "app_server": 1, "app_files": 1,
        "database": 1, "firewall": 3, "monitoring_agent": 5, "monitoring_server": 1, "alerting": 1,
    },
    "two-of-everything": {
        "site": 2, "server": 8, "firewall": 2, "load_balancer": 2, "web_server": 2,
        "app_server": 2, "app_files": 2, "database": 2, "monitoring_server": 1, "alerting": 1,
        "backup": 1,
    },
}  # fmt: skip
EVERYWHERE = {"client", "dns", "cluster", "zone"}
SPOFS = {
    "simple-web-stack": [{"web-1", "app-1", "files-1", "db-1", "server-1"}] * 2,
    "distributed-web-infrastructure": [
        {"lb", "server-0"},
        {"lb", "server-0", "db-1", "server-1"},
    ],
    "secured-and-monitored": [
        {"fw-0", "lb", "server-0"},
        {"fw-0", "lb", "server-0", "db-1", "server-1"},
    ],
    "scale-up": [
        {"fw-1", "web-1", "server-3", "fw-2", "app-1", "files-1", "server-4", "fw-3", "db-1",
         "server-5"},
    ] * 2,
    "two-of-everything": [set(), set()],
}  # fmt: skip
FINDINGS = {
    "simple-web-stack": [
        "NET001@web-1", "SPOF001@app-1", "SPOF001@web-1", "SPOF005@db-1", "TLS001@link-2",
        "DB010@db-1", "MON001@design", "SEC008@server-1", "SPOF020@app-1+web-1",
    ],
    "distributed-web-infrastructure": [
        "NET001@lb", "SPOF004@lb", "SPOF005@db-1", "TLS001@link-2", "DB010@db-1", "MON001@design",
        "TLS005@link-15", "TLS014@link-12+link-13+link-9", "DB015@server-1+server-2",
    ],
    "secured-and-monitored": [
        "SPOF004@lb", "SPOF005@db-1", "DB010@db-1", "SPOF006@fw-0", "TLS003@link-5+link-7",
        "TLS005@link-18", "TLS014@link-12+link-15+link-16", "DB015@server-1+server-2",
    ],
    "scale-up": [
        "SPOF001@app-1", "SPOF001@web-1", "SPOF005@db-1", "DB010@db-1", "SPOF006@fw-1",
        "SPOF006@fw-2", "SPOF006@fw-3", "SPOF020@app-1+web-1",
    ],
    "two-of-everything": [],
}  # fmt: skip


def sample(name: str) -> Design:
    """Return a sample."""
    return load(read(name))


def test_there_is_no_other_sample() -> None:
    with pytest.raises(KeyError):
        read("../pyproject")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_written_as_the_program_writes_it(name: str) -> None:
    assert dump(sample(name)) == read(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_the_parts_that_the_exercise_counts(name: str) -> None:
    kinds = Counter(item.kind for item in sample(name).components.values())

    assert {kind: count for kind, count in kinds.items() if kind not in EVERYWHERE} == PARTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_a_www_name_that_users_ask_beside_the_way(name: str) -> None:
    design = sample(name)
    names = {key for key, item in design.components.items() if item.kind == "dns"}

    assert names
    assert all(getattr(design.components[key], "domain", "") == "www.foobar.com" for key in names)
    for link in design.links.values():
        assert link.source not in names
        assert (link.role == "resolve") == (link.target in names)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_says_why_each_part_is_there(name: str) -> None:
    for key, item in sample(name).components.items():
        assert item.description.endswith("."), key
        assert len(item.description) < 160, key


@pytest.mark.parametrize("name", NAMES)
def test_the_single_points_of_failure_are_those_known(name: str) -> None:
    analysis = Analysis(sample(name))

    for view in (analysis.spofs, analysis.continuity_spofs):
        assert [view[flow] for flow in ("browse", "checkout")] == SPOFS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_are_those_that_were_judged_right(name: str) -> None:
    assert [finding.key for finding in check(sample(name))] == FINDINGS[name]


@pytest.mark.parametrize("name", NAMES)
def test_cards_stand_on_the_grid_and_cover_nothing(name: str) -> None:
    design = sample(name)
    cards = [key for key, item in design.components.items() if not is_container(item)]

    for key in cards:
        place = design.layout[key]
        assert (place.x % GRID, place.y % GRID) == (0, 0), key
    for one, other in combinations(design.components, 2):
        if other not in design.ancestors(one) and one not in design.ancestors(other):
            assert not _meet(bounds(design, one), bounds(design, other)), (one, other)


def _meet(one: Rect, other: Rect) -> bool:
    wide = one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
    return wide and one[1] < other[1] + other[3] and other[1] < one[1] + one[3]
