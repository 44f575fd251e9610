"""Workers of the user's own, built of their folders: one that does jobs, and what starts others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model import edits
from tests.exporters.designs import working
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker
# Takes what the shipped applications leave; ends at whatever goes wrong, and is started again.
PYTHON = """
import json, os, ssl
from pathlib import Path
import amqp, psycopg

told = os.environ

def password(of):
    return Path(told[of + "_PASSWORD_FILE"]).read_text().strip()

def noted(text):
    with psycopg.connect(host=told["DATABASE_HOST"], port=told["DATABASE_PORT"],
                         dbname=told["DATABASE_NAME"], user=told["DATABASE_USER"],
                         password=password("DATABASE")) as connection:
        connection.execute("INSERT INTO entries (note, app) VALUES (%s, %s)",
                           (text, told["NODE_NAME"]))

def do(message):
    job = json.loads(message.body)
    if "note" in job:
        noted("mailed: " + job["note"])
    message.channel.basic_ack(message.delivery_tag)

safe = {"ca_certs": told["QUEUE_CA"], "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": told["QUEUE_HOST"]}
with amqp.Connection(host=told["QUEUE_HOST"] + ":" + told["QUEUE_PORT"], ssl=safe,
                     userid=told["QUEUE_USER"], password=password("QUEUE")) as connection:
    channel = connection.channel()
    channel.queue_declare(told["QUEUE_NAME"], durable=True, auto_delete=False,
                          arguments=json.loads(told["QUEUE_ARGUMENTS"]))
    channel.basic_qos(0, 1, False)
    channel.basic_consume(told["QUEUE_NAME"], callback=do)
    while True:
        connection.drain_events()
"""
FOLDERS = {
    "mailer": {"worker.py": PYTHON, "requirements.txt": "amqp==5.4.2\npsycopg[binary]==3.2.13\n",
               "main.py": "raise SystemExit('this is the server')\n"},
    "node": {"package.json": '{"scripts": {"worker": "node jobs/run.js"}}',
             "jobs/run.js": "console.log(process.env.NODE_NAME + ' works');"
                            "setInterval(() => {}, 1000);"},
    "php": {"worker.php": "<?php echo getenv('NODE_NAME'), \" works\\n\";"
                          "while (true) { sleep(1); }"},
}  # fmt: skip


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    base: Path = tmp_path_factory.mktemp("own")
    for folder, files in FOLDERS.items():
        for name, text in files.items():
            (base / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (base / folder / name).write_text(text)
    design, ids = working(tls=True)
    design = edits.set_fields(design, ids["worker"], program="folder", source="mailer")
    for name in ("node", "php"):
        design, _ = edits.add(design, "worker", name=name, program="folder", source=name)
    with running(design, base / "project", sources=base) as found:
        yield found


def written(project: Project, note: str) -> bool:
    answer = project.ask(f"{project.address('lb', 'http')}/write", note.encode())
    return answer.status in (200, 201)


def notes(project: Project) -> set[str]:
    answer = project.ask(f"{project.address('lb', 'http')}/written?start=")
    return set(answer.json["stores"][0]["notes"]) if answer.status == 200 else set()


def test_a_worker_of_the_users_own_does_what_an_application_leaves(project: Project) -> None:
    assert written(project, "first")
    assert eventually(lambda: "mailed: first" in notes(project), 30)


def test_jobs_wait_for_it_while_it_is_dead(project: Project) -> None:
    project.compose("kill", "worker")
    assert written(project, "meanwhile")
    assert "mailed: meanwhile" not in notes(project)
    project.compose("start", "worker")
    assert eventually(lambda: "mailed: meanwhile" in notes(project), 30)


@pytest.mark.parametrize("name", ["node", "php"])
def test_a_worker_without_a_dockerfile_is_started_by_its_language(
    project: Project, name: str
) -> None:
    def said() -> bool:
        return f"{name} works" in project.compose("logs", "--no-log-prefix", name)

    assert eventually(said, 30)
    assert project.compose("ps", "--format", "{{.State}}", name).strip() == "running"
