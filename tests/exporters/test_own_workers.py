"""Workers that users bring: nobody asks them, they are told where jobs and data are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.compose import export
from exporters.errors import ExportError
from exporters.plan import plan
from tests.exporters.designs import Drawn, draw, link, own_programs, working
from tests.exporters.projects import compose_of, project, token
from tests.exporters.test_own_programs import folder_of
from tests.exporters.test_plan import texts

OWN = {"program": "image", "image": "ghcr.io/you/mailer:1.4"}


def mailing(drawn: Drawn) -> Design:
    """Let the worker of a design run the user's own image."""
    return edits.set_fields(drawn[0], drawn[1]["worker"], **OWN)


def told(design: Design, service: str = "worker") -> dict[str, Any]:
    """Return the environment of a program."""
    return dict(plan(design).service(service).environment)


def test_a_worker_is_told_where_its_jobs_and_its_data_are_and_not_where_to_listen() -> None:
    design = own_programs()[0]
    service = compose_of(project(design))["services"]["worker"]
    assert service["image"] == "ghcr.io/you/mailer:1.4"
    arguments = service["environment"].pop("QUEUE_ARGUMENTS")
    assert service["environment"] == {
        "NODE_NAME": "worker",
        "DATABASE_ENGINE": "postgres", "DATABASE_HOST": "db", "DATABASE_READ_HOSTS": "db",
        "DATABASE_PORT": "5432", "DATABASE_NAME": "app", "DATABASE_USER": "app",
        "DATABASE_PASSWORD_FILE": "/run/secrets/db-app", "DATABASE_CA": "",
        "QUEUE_ENGINE": "rabbitmq", "QUEUE_HOST": "queue", "QUEUE_HOSTS": "queue",
        "QUEUE_PORT": "5672", "QUEUE_NAME": "jobs", "QUEUE_USER": "app",
        "QUEUE_PASSWORD_FILE": "/run/secrets/queue-password", "QUEUE_CA": "",
    }  # fmt: skip
    assert json.loads(arguments)["x-queue-type"] == "quorum"
    assert service["secrets"] == ["db-app", "queue-password"]
    assert {*service["depends_on"]} == {"db", "queue"}
    assert "healthcheck" not in service, "nobody knows what tools are in it"
    assert "ports" not in service
    assert "volumes" not in service


def test_people_who_are_drawn_before_a_worker_find_no_port() -> None:
    design, ids = own_programs()
    design = link((design, ids), ("users", "worker"), protocol="https", tls="1.3")
    deployment = plan(design)
    assert not deployment.service("worker").ports
    assert "without encryption" not in texts(deployment)


def test_a_worker_checks_its_servers_where_links_are_encrypted() -> None:
    design = own_programs(tls=True)[0]
    assert plan(design).service("worker").binds[0].source == "pki/ca.crt"
    for program in ("worker", "app"):
        found = told(design, program)
        assert (found["QUEUE_PORT"], found["QUEUE_CA"]) == ("5671", "/etc/loadpath-ca.crt")
        assert found["DATABASE_CA"] == "/etc/loadpath-ca.crt"


def test_the_queue_alone_is_reason_enough_to_know_the_authority() -> None:
    design, ids = own_programs(tls=True)
    service = plan(edits.remove(design, [ids["db"]])).service("worker")
    assert [item.target for item in service.binds] == ["/etc/loadpath-ca.crt"]


def test_all_programs_declare_the_queue_in_the_same_way() -> None:
    design = mailing(working())
    code = project(design)["config/code/neighbours.py"].decode()
    declared = re.search(r"^ARGUMENTS = (.+)$", code, re.MULTILINE)
    assert declared
    assert json.loads(declared[1]) == json.loads(told(design)["QUEUE_ARGUMENTS"])
    assert f'JOBS = "{told(design)["QUEUE_NAME"]}"\n' in code


def test_any_server_of_a_quorum_will_do_and_of_other_queues_one_is_told() -> None:
    quorum = mailing(working(3))
    assert told(quorum)["QUEUE_HOSTS"] == "queue-1 queue-2 queue-3"
    assert plan(quorum).service("worker").secrets == ("db-app", "queue-1-password")
    apart = mailing(working(2, "active-active"))
    assert told(apart)["QUEUE_HOSTS"] == "queue-1"
    assert "worker is told of one queue only; queue-2 was left out" in texts(plan(apart))


def test_a_program_takes_jobs_before_it_leaves_any() -> None:
    design, ids = own_programs()
    design, ids["next"] = edits.add(design, "queue", name="next")
    for role in ("publish", "read"):
        design = link((design, ids), ("worker", "next"), role=role, protocol="amqp")
    assert told(design)["QUEUE_HOST"] == "queue"
    assert "worker is told of one queue only; next was left out" in texts(plan(design))
    [taken] = [key for key in design.outgoing[ids["worker"]] if design.links[key].role == "consume"]
    assert told(edits.remove(design, [taken]))["QUEUE_HOST"] == "next"


def test_a_worker_without_queue_and_data_is_told_its_name() -> None:
    assert told(draw("Alone", {"worker": ("worker", OWN)})[0]) == {"NODE_NAME": "worker"}


def test_the_code_of_the_shipped_worker_stays_away_where_nobody_runs_it() -> None:
    design, ids = working()
    assert "config/code/worker.py" in project(design)
    mine = mailing((design, ids))
    assert "config/code/worker.py" not in project(mine)
    assert "worker brings its own code; code is not part of it" in texts(plan(mine))
    assert b"amqp" in project(mine)["images/app/requirements.txt"], "the applications leave jobs"


def test_it_is_said_that_nothing_notices_a_worker_that_does_no_work() -> None:
    deployment = plan(own_programs()[0])
    assert "worker runs the image ghcr.io/you/mailer:1.4. No port is known" in texts(deployment)
    assert "prometheus cannot measure worker" in texts(deployment)
    assert "leaves out" not in texts(deployment)
    assert "own worker" in project(own_programs()[0])["README.md"].decode()


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({"worker__py": "", "main__py": "", "requirements__txt": ""},
         ["FROM python:3.13-slim", "RUN pip install", 'CMD ["python3", "worker.py"]']),
        ({"package__json": '{"scripts": {"start": "x", "worker": "y"}}', "worker__js": ""},
         ["FROM node:24-slim", 'CMD ["npm", "run", "worker"]']),
        ({"package__json": '{"scripts": {"start": "x"}}', "worker__js": ""},
         ['CMD ["node", "worker.js"]']),
        ({"package__json": '{"scripts": {"build": "x"}}', "worker__py": "", "server__js": ""},
         ['CMD ["python3", "worker.py"]']),
        ({"worker__php": "", "index__php": ""},
         ["FROM php:8.4-fpm", "USER 33:33", 'CMD ["php", "worker.php"]']),
        ({"worker__py": "", "Dockerfile": "FROM scratch\n"}, ["FROM scratch"]),
    ],
)  # fmt: skip
def test_a_folder_without_a_dockerfile_starts_the_worker_of_its_language(
    tmp_path: Path, files: dict[str, str], lines: list[str]
) -> None:
    folder_of(tmp_path, **files)
    made = built(tmp_path)["images/own-worker/Dockerfile"].decode()
    for line in lines:
        assert line in made
    assert "CLI_SERVER" not in made
    assert "meant for trials" not in made


def built(base: Path) -> dict[str, bytes]:
    design = draw("Work", {"worker": ("worker", {"program": "folder", "source": "shop"})})[0]
    return dict(export(design, token=token, sources=base))


@pytest.mark.parametrize(
    ("files", "message"),
    [({"main__py": ""}, "default: worker.py for Python, package.json for Node, worker.php for PHP"),
     ({"package__json": '{"scripts": {"start": "x"}}', "server__js": ""},
      "has no script worker, and there is no worker.js"),
     ({"package__json": "{"}, "package.json is no JSON")],
)  # fmt: skip
def test_a_folder_that_starts_a_server_alone_is_no_worker(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    folder_of(tmp_path, **files)
    with pytest.raises(ExportError, match=f"worker: .*{re.escape(message)}"):
        built(tmp_path)


def test_it_is_said_how_a_folder_is_taken_to_start() -> None:
    drawn = draw("Work", {"worker": ("worker", {"program": "folder", "source": "shop"})})[0]
    assert "runs your folder shop: its Dockerfile, else what is called worker in it" in texts(
        plan(drawn)
    )


def test_a_server_and_a_worker_of_one_folder_are_two_images(tmp_path: Path) -> None:
    folder_of(tmp_path, main__py="", worker__py="")
    own = {"program": "folder", "source": "shop"}
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "a": ("worker", own), "app": ("app_server", own), "b": ("worker", own),
    }  # fmt: skip
    files = export(draw("Both", parts)[0], token=token, sources=tmp_path)
    services = compose_of(files)["services"]
    assert services["a"]["build"] == services["b"]["build"] == {"context": "./images/own-a"}
    assert services["app"]["build"] == {"context": "./images/own-app"}
    assert b'"worker.py"' in files["images/own-a/Dockerfile"]
    assert b'"main.py"' in files["images/own-app/Dockerfile"]


def test_a_folder_is_never_built_in_place_of_an_image_that_the_export_brings(
    tmp_path: Path,
) -> None:
    folder_of(tmp_path, main__py="", requirements__txt="mine==1\n")
    design, ids = working()
    design = edits.set_fields(design, ids["app-1"], name="app", program="folder", source="shop")
    files = export(design, token=token, sources=tmp_path)
    services = compose_of(files)["services"]
    assert services["app"]["build"] != services["worker"]["build"]
    assert b"mine" not in files["images/app/requirements.txt"], "what the shipped worker runs"
