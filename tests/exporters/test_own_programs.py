"""What users bring: an image as it is, and a source folder that is copied and built."""

import os
from pathlib import Path
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from exporters import images
from exporters.compose import export, sources
from exporters.errors import ExportError
from exporters.files import Files
from exporters.plan import plan
from tests.exporters.designs import Drawn, draw, link, watched, web_stack
from tests.exporters.projects import compose_of, token
from tests.exporters.test_plan import texts, values

SHA = "sha256:" + "0123456789abcdef" * 4


def bring(**fields: Any) -> Drawn:
    """Users, a web server, and a program of the user's own behind it."""
    drawn = draw("Own", {"users": ("client", {}), "web": ("web_server", {}),
                         "app": ("app_server", fields)})  # fmt: skip
    return link(drawn, ("users", "web"), ("web", "app"), protocol="http"), drawn[1]


def work(**fields: Any) -> Drawn:
    """A worker of the user's own, and a queue that it takes jobs from."""
    drawn = draw("Work", {"worker": ("worker", fields), "queue": ("queue", {})})
    return link(drawn, ("worker", "queue"), role="consume", protocol="amqp"), drawn[1]


# Each kind whose program users may bring, by the handle of the part.
BRINGING = {"app": bring, "worker": work}


def folder_of(base: Path, **files: str) -> Path:
    """Make the folder `shop` with files; `__` in a name stands for a dot."""
    shop = base / "shop"
    for name, text in files.items():
        path = shop / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return shop


def built(base: Path | None) -> Files:
    design = bring(program="folder", source="shop")[0]
    return export(design, token=token, sources=base)


def test_an_image_is_run_as_it_is_and_told_where_to_listen() -> None:
    design = bring(program="image", image=f"ghcr.io/you/shop:1.4@{SHA}", port=3000,
                   health_path="/up")[0]  # fmt: skip
    service = compose_of(export(design, token=token))["services"]["app"]
    assert service["image"] == f"ghcr.io/you/shop:1.4@{SHA}"
    assert service["environment"] == {"PORT": "3000", "HEALTH_PATH": "/up", "NODE_NAME": "app"}
    assert "healthcheck" not in service, "nobody knows what tools are in it"
    assert service["read_only"] is False
    site = export(design, token=token)["config/web/site.conf"]
    assert b"server app:3000 resolve" in site
    assert b"proxy_pass http://servers_behind/up;" in site


@pytest.mark.parametrize("part", BRINGING)
@pytest.mark.parametrize(
    "image",
    ["shop", "shop:latest", "Shop:1", "shop:1 --privileged", "shop:1\n", "-shop:1", "shop:",
     "../shop:1", "shop@sha256:12", "a//b:1", "${HOME}:1", "shop:1\u2028", "a/" * 130 + "b:1", ""],
)  # fmt: skip
def test_a_text_that_is_no_image_reference_is_refused(image: str, part: str) -> None:
    try:
        design = BRINGING[part](program="image", image=image)[0]
    except DesignError:
        return
    with pytest.raises(ExportError, match=rf"{part}: .* is no image reference"):
        plan(design)


@pytest.mark.parametrize("image", ["shop:1", f"shop@{SHA}", "localhost:5000/a/b__c-d:v1.0_x",
                                   "registry.example.com/shop:1", "a.b/c:1"])  # fmt: skip
def test_an_image_reference_of_the_specification_is_taken(image: str) -> None:
    assert plan(bring(program="image", image=image)[0]).service("app").image == image


@pytest.mark.parametrize("part", BRINGING)
def test_an_image_that_this_exporter_knows_keeps_the_users_own_facts(part: str) -> None:
    design, ids = BRINGING[part](program="image", image=images.NGINX.tag)
    service = plan(design).service(part)
    assert not service.capabilities
    assert service.probe is None
    assert not service.user
    rooted = edits.set_fields(design, ids[part], runs_as="root")
    assert plan(rooted).service(part).user == "0:0"


@pytest.mark.parametrize("path", ["up", "/up;", "/a b", "/{x}", "/$uri", "/a\n", "/ü", ""])
def test_a_health_path_that_a_configuration_could_misread_is_refused(path: str) -> None:
    with pytest.raises(DesignError, match="health_path"):
        bring(health_path=path)


@pytest.mark.parametrize("folder", ["/etc", "../shop", "a/../b", "a//b", ".", "~", "a\\b", "C:/x",
                                    "shop/"])  # fmt: skip
@pytest.mark.parametrize("part", BRINGING)
def test_a_source_folder_lies_below_the_file_of_the_design(folder: str, part: str) -> None:
    with pytest.raises(DesignError, match="source"):
        BRINGING[part](source=folder)


@pytest.mark.parametrize("part", BRINGING)
def test_the_fact_of_a_program_is_what_it_runs(part: str) -> None:
    design, ids = BRINGING[part](program="folder", source="shop")
    assert design.components[ids[part]].fact == "shop"
    other = edits.set_fields(design, ids[part], program="image", image="shop:1")
    assert other.components[ids[part]].fact == "shop:1"


def test_a_worker_becomes_an_application_that_runs_the_same() -> None:
    design, ids = work(program="folder", source="shop")
    changed = edits.change_kind(design, ids["worker"], "app_server")
    assert changed.components[ids["worker"]].fact == "shop"


def test_a_program_finds_its_database_and_is_told_what_it_is_not() -> None:
    design, ids = web_stack(replicas=1)
    design, ids["extra"] = edits.add(design, "database", name="extra", engine="mysql")
    design = link((design, ids), ("app-1", "extra"), role="read", protocol="mysql")
    for key, drawn in design.links.items():
        if drawn.target in (ids["db-cluster"], ids["app-1"]):
            design = edits.set_fields(design, key, tls="1.3")
    design = edits.set_fields(design, ids["app-1"], program="image", image="shop:1")
    deployment = plan(design)
    service = deployment.service("app-1")
    assert service.environment["DATABASE_HOST"] == "db-0"
    assert service.environment["DATABASE_READ_HOSTS"] == "db-1 db-0"
    assert service.environment["DATABASE_CA"] == "/etc/loadpath-ca.crt"
    assert service.needs["db-0"] == "healthy"
    told = texts(deployment)
    assert "told of one database only; extra was left out" in told
    assert "app-1 brings its own code; files-1 is not part of it" in told
    assert "asked without encryption" in told
    assert not [item for item in deployment.certificates if item.service == "app-1"]
    assert values(deployment, "config/web-1/site.conf").backends[0].tls is False


def test_different_health_paths_leave_the_ports_to_be_tested() -> None:
    design, ids = draw("Two", {"lb": ("load_balancer", {}), "a": ("app_server", {}),
                               "b": ("app_server", {"program": "image", "image": "b:1",
                                                    "health_path": "/b"})})  # fmt: skip
    deployment = plan(link((design, ids), ("lb", "a"), ("lb", "b"), protocol="http"))
    assert values(deployment, "config/lb/haproxy.cfg").check == "tcp"
    assert "tested by different paths" in texts(deployment)


def test_a_program_is_watched_by_its_port_and_smoked_by_its_health_path() -> None:
    design, ids = watched(bring(program="image", image="shop:1", health_path="/up"))
    design = edits.set_fields(design, ids["app"], port=3000)
    jobs = values(plan(design), "monitoring/prometheus/alerts.yml").jobs
    assert [job.targets for job in jobs if job.name == "ports"] == [("app:3000",)]
    smoke = export(design, token=token)["tests/smoke.sh"]
    assert b'"$base/up"' in smoke
    assert b"/read" not in smoke


def test_a_folder_with_a_dockerfile_is_copied_as_it_is(tmp_path: Path) -> None:
    folder_of(tmp_path, Dockerfile="FROM scratch\n", main__go="package main\n")
    files = built(tmp_path)
    assert files["images/own-app/Dockerfile"] == b"FROM scratch\n"
    assert files["images/own-app/main.go"] == b"package main\n"
    assert compose_of(files)["services"]["app"]["build"] == {"context": "./images/own-app"}


def test_servers_with_the_same_source_build_the_same_folder(tmp_path: Path) -> None:
    folder_of(tmp_path, main__py="")
    own = {"program": "folder", "source": "shop"}
    design, _ = draw("Two", {"a": ("app_server", own), "b": ("app_server", own)})
    files = export(design, token=token, sources=tmp_path)
    services = compose_of(files)["services"]
    assert services["a"]["build"] == services["b"]["build"] == {"context": "./images/own-a"}
    assert not [path for path in files if path.startswith("images/own-b/")]


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({"main__py": "", "requirements__txt": ""},
         ["FROM python:3.13-slim", "RUN pip install", 'CMD ["python3", "main.py"]']),
        ({"app__py": ""}, ["USER 10001:10001", 'CMD ["python3", "app.py"]']),
        ({"package__json": '{"scripts": {"start": "x"}, "dependencies": {"a": "1"}}'},
         ["FROM node:24-slim", "RUN npm install --omit=dev", 'CMD ["npm", "run", "start"]']),
        ({"package__json": '{"dependencies": {"a": "1"}}', "package-lock__json": "{}",
          "server__js": ""}, ["RUN npm ci --omit=dev", 'CMD ["node", "server.js"]']),
        ({"package__json": "[]", "index__js": ""}, ["USER 1000:1000", 'CMD ["node", "index.js"]']),
        ({"index__php": ""}, ["FROM php:8.4-fpm", "-t ."]),
        ({"public/index__php": ""}, ["USER 33:33", "-t public"]),
    ],
)  # fmt: skip
def test_a_folder_without_one_gets_the_default_of_its_language(
    tmp_path: Path, files: dict[str, str], lines: list[str]
) -> None:
    folder_of(tmp_path, **files)
    made = built(tmp_path)["images/own-app/Dockerfile"].decode()
    for line in lines:
        assert line in made
    assert ("RUN" in made) is any(line.startswith("RUN") for line in lines)


@pytest.mark.parametrize(
    ("files", "told"),
    [({"README": ""}, "has no Dockerfile, and nothing that is started by default"),
     ({"package__json": "{"}, "package.json is no JSON"),
     ({"package__json": "[" * 100_000}, "package.json is no JSON"),
     ({"package__json": '{"scripts": []}'}, "has no script start")],
)  # fmt: skip
def test_a_folder_that_nothing_says_how_to_start_is_refused(
    tmp_path: Path, files: dict[str, str], told: str
) -> None:
    folder_of(tmp_path, **files)
    with pytest.raises(ExportError, match=f"app: .*{told}"):
        built(tmp_path)


def test_what_belongs_into_no_image_stays_behind(tmp_path: Path) -> None:
    shop = folder_of(tmp_path, main__py="", **{
        ".git/config": "", "node_modules/a.js": "", ".env": "PASSWORD=1", ".env.local": "",
        ".env.example": "", "tls.key": "", "pkg/__pycache__/a.pyc": "", "pkg/a.py": "",
        "out/.loadpath-files": "", "out/compose.yaml": "",
    })  # fmt: skip
    (shop / "pipe").unlink(missing_ok=True)
    os.mkfifo(shop / "pipe")
    copied = {path for path in built(tmp_path) if path.startswith("images/own-app/")}
    assert copied == {f"images/own-app/{name}" for name in ("main.py", "pkg/a.py", ".env.example",
                                                        "Dockerfile")}  # fmt: skip


def test_a_link_to_a_file_inside_is_what_it_leads_to(tmp_path: Path) -> None:
    shop = folder_of(tmp_path, main__py="print(1)")
    (shop / "again.py").symlink_to("main.py")
    assert built(tmp_path)["images/own-app/again.py"] == b"print(1)"


@pytest.mark.parametrize("target", ["../secret", "/etc/passwd", "sub", "nowhere", "loop"])
def test_a_link_that_leads_out_or_to_a_folder_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "secret").write_text("secret")
    shop = folder_of(tmp_path, main__py="", **{"sub/a.py": ""})
    (shop / "loop").symlink_to(target)
    with pytest.raises(ExportError, match="is a link to a folder, or leads out of shop"):
        built(tmp_path)


def test_a_source_folder_that_is_a_link_out_is_refused(tmp_path: Path) -> None:
    base = tmp_path / "designs"
    base.mkdir()
    (base / "shop").symlink_to(folder_of(tmp_path, main__py=""))
    with pytest.raises(ExportError, match="app: shop leads out of"):
        built(base)


def test_a_source_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="app: there is no folder shop in"):
        built(tmp_path)
    (tmp_path / "shop").write_text("")
    with pytest.raises(ExportError, match="app: shop is no folder"):
        built(tmp_path)
    with pytest.raises(ExportError, match="save the design first"):
        built(None)
    for part, drawn in BRINGING.items():
        with pytest.raises(ExportError, match=f"{part}: .* no source folder is named"):
            plan(drawn(program="folder")[0])


def test_what_is_copied_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path, main__py="", a="1", b="22")
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    with pytest.raises(
        ExportError, match=r"holds more than 2 files or 32 MiB, main\.py among them"
    ):
        built(tmp_path)
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    monkeypatch.setattr(sources, "MOST_BYTES", 2)
    with pytest.raises(ExportError, match="holds more than 3 files"):
        built(tmp_path)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    shop = folder_of(tmp_path, main__py="")
    Path(os.fsdecode(os.fsencode(shop) + b"/\xff")).write_text("")
    with pytest.raises(ExportError, match="has a name that is no UTF-8"):
        built(tmp_path)


def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path, main__py="")

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)  # root, who runs tests at times, reads all
    with pytest.raises(ExportError, match=r"main\.py cannot be read: Permission denied"):
        built(tmp_path)


def test_a_design_without_programs_of_its_own_asks_for_no_folder() -> None:
    design: Design = web_stack()[0]
    assert export(design, token=token, sources=None)
