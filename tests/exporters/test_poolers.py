"""PgBouncer before PostgreSQL: whom it asks, and who asks it."""

import json

import pytest

from app.model import edits
from exporters.errors import ExportError
from exporters.plan import plan
from tests.exporters.designs import Drawn, pooled, web_stack
from tests.exporters.projects import compose_of, project
from tests.exporters.test_plan import joint, roles, texts


def stores(drawn: Drawn) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        compose_of(project(drawn[0]))["services"]["app"]["environment"]["STORES"]
    )
    return found


@pytest.mark.parametrize("failover", ["automatic", "manual"])
def test_the_application_asks_the_pool_and_the_pool_asks_who_knows_who_leads(failover: str) -> None:
    drawn = pooled(failover)
    deployment = plan(drawn[0])
    [store] = stores(drawn)
    assert store["write"] == ["pool:5432/app"]
    assert store["read"] == ["pool:5432/app_reads"]
    assert roles(deployment)["pool"] == "pooler"
    assert roles(deployment)["pool-roles"] == "data-balancer"
    assert not deployment.service("pool-roles").component
    text = project(drawn[0])["config/pool/pgbouncer.ini"].decode()
    assert "app = host=pool-roles port=5432 dbname=app\n" in text
    assert "app_reads = host=pool-roles port=5433 dbname=app\n" in text
    assert deployment.service("app").needs["pool"] == "healthy"
    for one, other in (("app", "pool"), ("pool", "pool-roles"), ("pool-roles", "db-1")):
        assert joint(deployment, one, other)
    assert not joint(deployment, "app", "db-0")
    assert "pool-roles is a HAProxy" in texts(deployment)


def test_a_single_database_is_asked_by_the_pool_itself() -> None:
    drawn = pooled("manual", replicas=0)
    assert "pool-roles" not in roles(plan(drawn[0]))
    text = project(drawn[0])["config/pool/pgbouncer.ini"].decode()
    assert "app_reads = host=db-0 port=5432 dbname=app\n" in text


def test_a_pool_knows_the_password_of_its_users_from_a_secret() -> None:
    files = project(pooled()[0])
    assert files["secrets/pool-accounts"] == b'"app" "password-of-db-0-app"\n'
    assert "auth_file = /run/secrets/pool-accounts" in files["config/pool/pgbouncer.ini"].decode()


@pytest.mark.parametrize("tls", [False, True])
def test_a_pool_speaks_tls_where_its_database_does(*, tls: bool) -> None:
    files = project(pooled(tls=tls)[0])
    text = files["config/pool/pgbouncer.ini"].decode()
    assert ("client_tls_sslmode = require" in text) is tls
    assert ("server_tls_sslmode = verify-ca" in text) is tls
    assert ("pki/pool.key" in files) is tls


def test_a_pool_cannot_choose_by_the_uri() -> None:
    design, ids = pooled()
    with pytest.raises(ExportError, match="hashes the URI"):
        plan(edits.set_fields(design, ids["pool"], algorithm="uri"))


def test_before_other_databases_a_pool_is_left_out_with_the_reason() -> None:
    design, ids = pooled()
    for key in (key for key in ids if key.startswith("db-") and key[3:].isdigit()):
        design = edits.set_fields(design, ids[key], engine="mysql")
    assert "pool was left out: without a program of its own" in texts(plan(design))
    assert "pooler" not in roles(plan(web_stack()[0])).values()
