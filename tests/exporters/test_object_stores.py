"""Object stores: the service, who may reach it and how, and what applications are told of it."""

import json
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.plan import plan
from exporters.programs import BUCKET, Monitoring
from tests.exporters.designs import draw, link, storing
from tests.exporters.projects import compose_of, project
from tests.exporters.test_plan import joint, texts
from tests.exporters.test_queues import hosts, told


def settings(design: Design, service: str = "app-1") -> list[dict[str, Any]]:
    return told(design, service, "OBJECTS")


def with_links(design: Design, ids: dict[str, str], **values: Any) -> Design:
    """Return the design with other values in the links to its store."""
    for key in design.incoming[ids["storage"]]:
        if design.links[key].role == "request":
            design = edits.set_fields(design, key, **values)
    return design


def test_a_store_is_asked_over_tls_by_the_applications_that_are_linked_to_it() -> None:
    design, _ = storing()
    deployment = plan(design)
    [store] = settings(design)
    assert store == {
        "name": "storage", "needed": True, "own": False, "read": True, "write": True,
        "bucket": BUCKET, "user": "app",
        "hosts": [{"host": "storage", "port": 8333, "ca": "/etc/loadpath-ca.crt",
                   "password_file": "/run/secrets/storage-password"}],
    }  # fmt: skip
    application = deployment.service("app-1")
    assert "storage-password" in application.secrets
    assert application.needs["storage"] == "healthy"
    assert "/etc/loadpath-ca.crt" in {bind.target for bind in application.binds}
    assert joint(deployment, "app-1", "storage")
    assert not joint(deployment, "lb", "storage")
    assert "does not use it" not in texts(deployment)
    files = project(design)
    assert b"minio==" in files["images/app/requirements.txt"]
    assert "put storage 1000:1000 0400" in files["pki/install.sh"].decode()
    assert "https://127.0.0.1:8333/healthz" in str(compose_of(files)["services"]["storage"])


def test_a_store_without_tls_owns_no_certificate() -> None:
    design, _ = storing(tls=False)
    deployment = plan(design)
    assert settings(design)[0]["hosts"][0]["ca"] == ""
    assert not deployment.certificates
    assert not deployment.service("app-1").binds[1:]
    service = str(compose_of(project(design))["services"]["storage"])
    assert "http://127.0.0.1:8333/healthz" in service
    assert "cert.file" not in service


def test_its_password_is_in_files_alone_and_opens_one_bucket() -> None:
    files = project(storing()[0])
    [account] = json.loads(files["secrets/storage-accounts"])["identities"]
    password = files["secrets/storage-password"].decode()
    assert account["credentials"] == [{"accessKey": "app", "secretKey": password}]
    assert account["actions"] == [f"Admin:{BUCKET}"]
    key = files["secrets/storage-signing"].decode()
    assert f'key = "{key}"' in files["secrets/storage-security"].decode()
    public = {path: text for path, text in files.items() if not path.startswith("secrets/")}
    assert not [path for path, text in public.items() if password.encode() in text]


def test_nothing_but_s3_and_its_measurements_is_open() -> None:
    [command] = [s.command for s in plan(storing()[0]).services if s.role == "object-store"]
    assert "-ip.bind=127.0.0.1" in command
    opened = [word for word in command if "0.0.0.0" in word]  # noqa: S104  # in the container
    assert opened == ["-s3.ip.bind=0.0.0.0", "-metricsIp=0.0.0.0"]


@pytest.mark.parametrize("copies", [1, 3])
def test_the_copies_that_are_drawn_are_not_kept_and_the_reader_is_told(copies: int) -> None:
    found = texts(plan(storing(copies)[0]))
    assert "keeps one copy of each object, in the volume storage-data" in found
    assert ("not the 3 that are drawn" in found) is (copies == 3)


def test_a_soft_store_is_neither_needed_nor_waited_for() -> None:
    design = with_links(*storing(), dependency="soft")
    assert [store["needed"] for store in settings(design)] == [False]
    assert "storage" not in plan(design).service("app-1").needs


@pytest.mark.parametrize(("role", "other"), [("read", "write"), ("write", "read")])
def test_a_store_is_read_or_written_as_the_link_is_drawn(role: str, other: str) -> None:
    [store] = settings(with_links(*storing(), role=role))
    assert (store[role], store[other]) == (True, False)


def test_stores_stand_in_for_each_other_and_keep_their_own_objects() -> None:
    design, ids = storing()
    design, ids["other"] = edits.add(design, "object_store", name="other")
    design, ids["both"] = edits.add(design, "cluster", name="both", mode="active-active")
    design = edits.join(design, ids["both"], [ids["storage"], ids["other"]])
    design = link((design, ids), ("app-1", "other"), ("app-2", "other"), protocol="s3")
    assert hosts(settings(design)) == [["storage", "other"]]
    assert "both: active-active is not exported for storage" in texts(plan(design))


def test_an_application_without_a_database_writes_all_the_same() -> None:
    design, ids = storing(database=False)
    read, write = plan(design).probes
    assert (read.path, write.path, write.read_back) == ("/read", "/write", "")
    assert b"/write" in project(design)["tests/smoke.sh"]
    _, write = plan(with_links(design, ids, role="read")).probes
    assert write.why == "nothing behind the entrance of its users takes writes"


def test_a_store_that_is_monitored_is_measured_by_its_own_port() -> None:
    values = [item.values for item in plan(storing()[0]).files]
    jobs = [job for value in values if isinstance(value, Monitoring) for job in value.jobs]
    targets = {job.targets for job in jobs if job.name == "object-store"}
    assert targets == {("storage:9327",)}


def test_a_firewall_before_a_store_lets_s3_through() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "app": ("app_server", {}), "fw": ("firewall", {}), "s": ("object_store", {}),
    }  # fmt: skip
    design = link(draw("Walled", parts), ("app", "fw"), ("fw", "s"), protocol="s3")
    deployment = plan(design)
    [border] = deployment.borders
    assert (border.target, border.drawn) == ("s", 8333)
    assert not joint(deployment, "app", "s")


@pytest.mark.parametrize("kind", ["app_server", "worker"])
def test_a_program_of_the_users_own_finds_its_storage(kind: str) -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "own": (kind, {"program": "image", "image": "a/b:1"}),
        "s": ("object_store", {}), "other": ("object_store", {}),
    }  # fmt: skip
    drawn = draw("Own", parts)
    design = link(drawn, ("own", "s"), ("own", "other"), protocol="s3")
    deployment = plan(design)
    own = deployment.service("own")
    assert {key: value for key, value in own.environment.items() if "STORAGE" in key} == {
        "STORAGE_HOST": "s", "STORAGE_PORT": "8333", "STORAGE_BUCKET": BUCKET,
        "STORAGE_USER": "app", "STORAGE_PASSWORD_FILE": "/run/secrets/s-password",
        "STORAGE_CA": "/etc/loadpath-ca.crt",
    }  # fmt: skip
    assert own.secrets == ("s-password",)
    assert own.needs == {"s": "healthy"}
    assert own.binds
    assert "own is told of one storage only; other was left out" in texts(deployment)
    for key in design.outgoing[drawn[1]["own"]]:
        design = edits.set_fields(design, key, dependency="soft", protocol="http")
    own = plan(design).service("own")
    assert (own.needs, own.binds, own.environment["STORAGE_CA"]) == ({}, (), "")


def test_what_a_worker_does_not_keep_is_told() -> None:
    drawn = draw("Idle", {"w": ("worker", {}), "s": ("object_store", {})})
    deployment = plan(link(drawn, ("w", "s"), protocol="s3"))
    assert "w can reach s, but the worker does not use it" in texts(deployment)
    assert deployment.service("w").secrets == ()
