"""Storage for objects: what was written outlives its container, and its loss is as predicted."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from app.drill import telling
from app.drill.experiments import Wanted
from app.model import edits
from app.model.design import Design
from tests.exporters.designs import storing
from tests.lab import own_images
from tests.lab.drills import Kept, carried_out
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

# Asks each port of a store from an application, and the store itself with a password of nobody's.
_ASK = """
import io, json, os, socket, sys
sys.path.insert(0, "/srv/app")
from neighbours import takes_connections, objects_from
print([port for port in (8080, 8888, 9333, 18080, 18888, 19333)
       if takes_connections({"host": "storage", "port": port})])
settings = json.loads(os.environ["OBJECTS"])
settings[0]["hosts"][0]["password_file"] = "/etc/hostname"
try:
    print(objects_from(settings)[0].put("x"))
except Exception as error:
    print(error)
"""


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    own_images.seaweedfs()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("objects") / "project"
    with running(storing()[0], folder) as found:
        yield found


def kept(project: Project) -> str:
    """Return the note that the store has; nothing where it does not answer."""
    answer = project.ask(f"{project.address('lb', 'http')}/read", timeout=15)
    return str(answer.json["objects"][0]["note"]) if answer.status == 200 else ""


def test_a_note_becomes_an_object_that_every_application_reads(project: Project) -> None:
    site = project.address("lb", "http")
    assert project.ask(f"{site}/read").json["objects"] == [
        {"store": "storage", "node": "storage", "note": ""}
    ]
    for note in ("first", "second"):
        answer = project.ask(f"{site}/write", note.encode())
        assert (answer.status, answer.json["objects"]) == (201, ["storage"])
    found = [project.ask(f"{site}/read").json for _ in range(4)]
    told = {(answer["app"], answer["objects"][0]["note"]) for answer in found}
    assert told == {("app-1", "second"), ("app-2", "second")}
    assert "storage has “second”" in project.ask(f"{site}/").body.decode()


@pytest.mark.parametrize(
    "words",
    [("restart",), ("kill", "start"), ("up --detach --wait --force-recreate --no-deps",)],
    ids=["restarted", "killed", "made anew"],
)
def test_an_object_outlives_its_container(words: tuple[str, ...], project: Project) -> None:
    note = f"before it was {words[0].split()[0]}"
    assert project.ask(f"{project.address('lb', 'http')}/write", note.encode()).status == 201
    for word in words:
        project.compose(*word.split(), "storage")
    assert eventually(lambda: kept(project) == note, 60)
    assert project.ask(f"{project.address('lb', 'http')}/write", note.encode()).status == 201


def test_only_s3_is_open_and_only_to_who_has_the_password(project: Project) -> None:
    ports, refused = project.compose("exec", "-T", "app-1", "python3", "-c", _ASK).splitlines()
    assert ports == "[]"
    assert "SignatureDoesNotMatch" in refused
    told = project.compose("logs", "storage")
    assert "Registered IAM gRPC service" in told
    assert "unauthenticated" not in told, "it has not read the key by which it refuses new users"


def test_its_password_is_nowhere_but_in_files(project: Project) -> None:
    password = (project.folder / "secrets" / "storage-password").read_text(encoding="utf-8")
    for service in ("storage", "app-1"):
        told = project.compose(
            "exec", "-T", service, "sh", "-c", "cat /proc/*/environ /proc/*/cmdline"
        )
        assert "NODE_NAME" in told or "-s3.config" in told
        assert password not in told
    assert password not in project.compose("config")
    assert password not in project.compose("logs")


def test_it_stops_in_its_own_time(project: Project) -> None:
    project.compose("stop", "storage")
    [line] = project.compose("ps", "--all", "--format", "json", "storage").splitlines()
    code = json.loads(line)["ExitCode"]  # 137 is that of one that was killed
    assert code == 0, project.compose("logs", "--timestamps", "--tail", "200", "storage")
    project.compose("start", "storage")
    assert eventually(lambda: bool(kept(project)))


def test_it_is_measured(project: Project) -> None:
    def told(query: str) -> bool:
        return bool(project.metric("prometheus", query))

    for query in (
        'up{job="object-store",part="storage"} == 1',
        'sum by (type) (rate(SeaweedFS_s3_request_total{part="storage"}[1m]))',
        'SeaweedFS_volumeServer_resource{part="storage",type="free"} > 0',
    ):
        assert eventually(partial(told, query), 90), query


def depending(*, soft: bool) -> Design:
    """Return a design whose applications need their store, or may do without it."""
    design, ids = storing(tls=not soft)
    for key in design.incoming[ids["storage"]] if soft else ():
        if design.links[key].is_traffic:
            design = edits.set_fields(design, key, dependency="soft")
    return design


@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_its_loss_does_what_is_predicted(soft: bool, tmp_path: Path) -> None:
    design, told = depending(soft=soft), list[str]()
    store = next(key for key, item in design.components.items() if item.kind == "object_store")
    drill = Kept(design, Wanted(only=frozenset((store,))))
    matrix = carried_out("objects", drill, tmp_path, told.append)
    assert not [*telling.mismatches(telling.document(matrix))], "\n".join(told)
    assert len(matrix.rows) == matrix.planned == 1
