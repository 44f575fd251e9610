"""The static gate: every rule over every export, of golden and of generated designs.

What is known to break a project is in `pitfalls`; here is what else must hold of all of them.
"""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.model.design import Design
from exporters.compose import export
from exporters.errors import ExportError
from tests.exporters.exported import Exported, role_of
from tests.exporters.generated import runnable_designs
from tests.exporters.pitfalls import PITFALLS
from tests.exporters.projects import DESIGNS, project, token
from tests.strategies import designs

# Twice as many as of other properties (200 in CI): a design has more ways to be odd than a field.
# A design that fails is shown as it was drawn: to make it smaller takes minutes.
MANY = settings(
    max_examples=2 * settings.default.max_examples,  # type: ignore[union-attr]  # loaded in conftest
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
ON_DISK = frozenset((14,))  # the mode of a file is no matter of what is drawn


def check(found: Exported) -> None:
    """Hold every rule against one project."""
    check_hardening(found)
    check_names_are_declared(found)
    check_no_secret_is_told(found)
    for number, pitfall in PITFALLS.items():
        if number not in ON_DISK:
            pitfall.rule(found)


def check_hardening(found: Exported) -> None:
    for service in found.services.values():
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        limits = service["deploy"]["resources"]["limits"]
        assert set(limits) == {"cpus", "memory", "pids"}
        filters = {"NET_ADMIN"} if role_of(service) == "firewall" else set()
        assert set(service.get("cap_add", ())) <= filters | {
            "CHOWN", "SETUID", "SETGID", "FOWNER", "DAC_OVERRIDE", "NET_BIND_SERVICE",
        }  # fmt: skip


def check_names_are_declared(found: Exported) -> None:
    """What a service names is there, and nothing is declared that nobody names."""
    services = found.services.values()
    volumes = [mount for service in services for mount in service.get("volumes", ())]
    used = {
        "networks": {name for service in services for name in service.get("networks", ())},
        "secrets": {name for service in services for name in service.get("secrets", ())},
        "volumes": {mount["source"] for mount in volumes if mount["type"] == "volume"},
    }
    assert used["networks"] == found.compose.get("networks", {}).keys()
    assert used["volumes"] == found.compose.get("volumes", {}).keys()
    assert used["secrets"] <= found.compose.get("secrets", {}).keys()
    for service in services:
        assert service.get("networks") or service["network_mode"] == "none"
        assert service.get("depends_on", {}).keys() <= found.services.keys()


def check_no_secret_is_told(found: Exported) -> None:
    """Passwords are in secrets/ alone."""
    values = [
        found.files[f"secrets/{secret.name}"]
        for secret in found.deployment.secrets
        if not secret.sources
    ]
    for path, content in found.files.items():
        if not path.startswith(("secrets/", "pki/")):
            assert not [value for value in values if value in content], path
    for service in found.services.values():
        for key, value in service.get("environment", {}).items():
            assert isinstance(value, str), key
            assert not key.endswith(("PASSWORD", "SECRET")), key


@pytest.mark.parametrize("name", DESIGNS)
def test_no_known_failure_is_in_an_exported_project(name: str) -> None:
    check(Exported(DESIGNS[name], project(DESIGNS[name])))


@MANY
@given(runnable_designs())
def test_a_project_of_any_design_that_runs_passes_and_is_the_same_bytes_again(
    design: Design,
) -> None:
    _check_twice(design)


@given(designs())
def test_a_project_of_any_design_at_all_passes_and_is_the_same_bytes_again(
    design: Design,
) -> None:
    _check_twice(design)


def _check_twice(design: Design) -> None:
    """Check an export, and that one which keeps its keys is the same; or see it refused."""
    try:
        files = export(design, token=token)
    except ExportError as error:
        named = {design.name, *(item.name for item in design.components.values())}
        assert any(str(error).startswith(f"{name}: ") for name in named)  # noqa: PT017  # if at all
        return
    kept = {
        path: content.decode()
        for path, content in files.items()
        if path.startswith(("secrets/", "pki/"))
    }
    assert export(design, secrets=kept) == files
    check(Exported(design, files))


def test_the_design_travels_with_its_project() -> None:
    files = export(DESIGNS["scale-up"], document=b"{}\n", token=token)
    assert files["design.json"] == b"{}\n"


_HOSTILE = st.text(
    st.sampled_from("ab$`'\"\\{}[]<>&|;:#%@!*~\u00e9\u4e2d\U0001f600 \u00a0-_./"),
    min_size=1,
    max_size=40,
).filter(str.strip)


@given(_HOSTILE, _HOSTILE)
def test_a_hostile_name_reaches_no_configuration_file(name: str, title: str) -> None:
    from app.model import edits
    from tests.exporters.designs import web_stack

    design, ids = web_stack(replicas=1)
    plain = project(design)
    design = edits.rename(design, title)
    for key in ids.values():
        design = edits.set_fields(design, key, name=name)
    found = Exported(design, project(design))
    check(found)
    labels = {service["labels"]["io.loadpath.title"] for service in found.services.values()}
    assert labels == {name.replace("$", "$$")}, "compose fills in what follows a single dollar"
    assert found.compose["x-design"]["title"] == title.replace("$", "$$")
    assert len(found.files) == len(plain)
