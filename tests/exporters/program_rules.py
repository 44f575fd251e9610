"""What must hold of programs and their configuration so that they fall into no known pitfall.

As in `pitfall_rules`, each fails with an assertion that names the place.
"""

import json
import re

from exporters import images
from exporters.programs import HTTPS_PORT
from tests.exporters.exported import Exported, facts_of, is_brought, mounts_of, probe_of, role_of
from tests.exporters.projects import yaml


def names_are_asked_again(project: Exported) -> None:
    for text in project.texts(r"config/.*site\.conf"):
        upstreams = re.findall(r"upstream ([\w-]+) \{(.*?)\n\}", text, re.DOTALL)
        servers = [line for _, block in upstreams for line in re.findall(r"server .*;", block)]
        assert all(" resolve" in line for line in servers)
        if servers:
            valid = re.search(r"resolver 127\.0\.0\.11 valid=(\d+)s", text)
            assert valid
            assert int(valid[1]) <= 10
        asked = set(re.findall(r"proxy_pass https?://([^;/]+)", text))
        others = re.search(r"map \S+ \$others \{\n  volatile;\n(.*?)\n\}", text, re.DOTALL)
        if "$next" in asked:
            assert others
            asked |= {line.split()[1].rstrip(";") for line in others[1].splitlines()}
        assert asked - {"$next"} <= {name for name, _ in upstreams}
    for text in project.texts(r"config/.*haproxy\.cfg"):
        assert re.search(r"default-server init-addr none .*resolvers docker", text)
        # One that is back is up at once otherwise, whatever its check would say. But whoever waits
        # for a balancer must not find it without servers: only who is unhealthy then begins so.
        begins_with_nobody = "init-state fully-down" in text
        assert begins_with_nobody == ("monitor fail" in text and "${MOVING_ADDRESS}" not in text)
        if begins_with_nobody:  # who is not checked would never come up
            servers = re.findall(r"^  server .*", text, re.MULTILINE)
            assert all(" check" in server for server in servers)


def open_files_suffice(project: Exported) -> None:
    for name, service in project.of_image("haproxy"):
        sources = [item["source"].removeprefix("./") for item in mounts_of(service, "bind")]
        for path in (path for path in sources if path.endswith(".cfg")):
            limit = re.search(r"maxconn (\d+)", project.files[path].decode())
            assert limit, name
            assert service["ulimits"]["nofile"]["soft"] >= 2 * int(limit[1]) + 100


def nobody_binds_low_ports(project: Exported) -> None:
    for text in project.texts(r"config/.*\.(cfg|conf)"):
        for number in re.findall(r"^\s*(?:bind :|listen )(\d+)", text, re.MULTILINE):
            assert int(number) >= 1024
        for place in re.findall(r"stats socket (\S+)", text):
            assert place.startswith("/tmp/"), place  # noqa: S108  # in the container


def redirects_name_the_published_port(project: Exported) -> None:
    sends = r"^.*(?:redirect code|return 30\d https|redir .*https).*$"
    for text in project.texts(r"config/.*"):
        for line in re.findall(sends, text, re.MULTILINE):
            assert "HTTPS_PORT}" in line, line
    for name, service in project.services.items():
        number = service.get("environment", {}).get("HTTPS_PORT")
        if number is None:
            continue
        variable = re.fullmatch(r"\$\{([A-Z0-9_]+):-\d+\}", number)
        if variable:
            assert f"\n{variable[1]}=" in project.files[".env"].decode()
        else:  # only others inside the project ask it
            configs = "".join(project.texts(f"config/{name}/.*"))
            assert not re.search("accept-proxy|proxy_protocol", configs), f"{name}: behind an edge"
            assert not service.get("ports"), name
            assert number == str(HTTPS_PORT), name


def pairs_are_behind_an_edge(project: Exported) -> None:
    passive = any("accept-proxy" in text for text in project.texts(r"config/.*"))
    assert not passive or "edge" in map(role_of, project.services.values())


def layers_and_algorithms_agree(project: Exported) -> None:
    for text in project.texts(r"config/.*haproxy\.cfg"):
        mode = re.search(r"^defaults\n  mode (\w+)", text, re.MULTILINE)
        assert mode
        if mode[1] == "tcp":
            assert not re.search(r"^\s*balance (uri|url_param|hdr)", text, re.MULTILINE)


def probes_speak_tcp(project: Exported) -> None:
    for name, service in project.services.items():
        if role_of(service) == "database":
            words = probe_of(service)
            assert "127.0.0.1" in words or "healthcheck.sh --connect" in words, name


def postgres_mounts_by_release(project: Exported) -> None:
    for name, service in project.of_image("postgres"):
        if role_of(service) == "database":
            major = int(project.image(service).split(":")[1].split(".")[0])
            home = "/var/lib/postgresql" if major >= 18 else "/var/lib/postgresql/data"
            targets = {item["target"] for item in mounts_of(service, "volume")}
            assert home in targets, name
            assert service["environment"]["PGDATA"] not in targets, "a mount cannot be renamed"
            assert service["environment"]["PGDATA"].startswith(f"{home}/")


def copies_are_made_aside(project: Exported) -> None:
    for text in project.texts(r"config/.*\.sh"):
        for target in re.findall(r"pg_basebackup -D (\S+)", text):
            assert target == '"$PGDATA.part"'
            assert 'rm -rf "$PGDATA.part"' in text
            assert 'mv "$PGDATA.part" "$PGDATA"' in text


def replication_is_let_in(project: Exported) -> None:
    for text in project.texts(r"config/.*\.(sh|yml)"):
        if "pg_hba" in text:
            own = text.find("host replication replicator")
            general = re.search(r'host all all|cat "\$PGDATA/pg_hba', text)
            assert own >= 0
            assert general
            assert own < general.start(), "the first line that matches decides"


def slots_are_capped(project: Exported) -> None:
    slots: set[str] = set()
    for _, service in project.of_image("postgres"):
        mine = service.get("environment", {}).get("REPLICATION_SLOTS", "").split()
        slots |= {*mine}
        if mine:
            assert any("max_slot_wal_keep_size=" in word for word in service["command"])
    for name, service in project.services.items():
        own = service.get("environment", {}).get("REPLICATION_SLOT")
        assert own is None or own in slots, name
    for text in project.texts(r"config/.*patroni\.yml"):
        assert "max_slot_wal_keep_size" in text


def mysql_replicas_only_follow(project: Exported) -> None:
    for text in project.texts(r"config/mysql/zz-replica\.sh"):
        statements = text[text.index("<<SQL") :].removesuffix("SQL\n").strip().split(";")
        assert "RESET BINARY LOGS AND GTIDS" in statements[0]
        assert "SOURCE_SSL=1" in statements[1]
        assert statements[-2].strip() == "SET PERSIST super_read_only=ON"
    for _, service in project.of_image("mysql"):
        words = service.get("command", ())
        assert "super-read-only" not in " ".join(words)
        if "--read-only=ON" in words:
            assert "--relay-log=relay-bin" in words, "a new container would not find its relay log"


def mariadb_replicas_only_follow(project: Exported) -> None:
    for name, service in project.of_image("mariadb"):
        given = service.get("environment", {})
        assert given.get("MARIADB_ROOT_HOST", "localhost") == "localhost", name
        if "MARIADB_MASTER_HOST" in given:
            assert {"MARIADB_DATABASE", "MARIADB_USER"}.isdisjoint(given), name


def replicas_are_not_healthy_alone(project: Exported) -> None:
    """MySQL's probe has an account that comes with the log; PostgreSQL starts from the copy."""
    for name, service in project.of_image("mariadb"):
        if "MARIADB_MASTER_HOST" in service.get("environment", {}):
            assert "--replication_seconds_behind_master" in probe_of(service), name
    for name, service in project.of_image("mysql"):
        if role_of(service) == "database":
            assert "-u health" in probe_of(service), name
    for text in project.texts(r"config/mysql/zz-replica\.sh"):
        assert "CREATE USER" not in text
    for name, service in project.of_image("postgres"):
        if "REPLICATION_SLOT" in service.get("environment", {}):
            assert service["entrypoint"][-1].endswith("/replica.sh"), name


def queues_read_a_file(project: Exported) -> None:
    for _, service in project.of_image("rabbitmq"):
        given = service["environment"]
        assert not [key for key in given if key.startswith("RABBITMQ_DEFAULT_")]
        assert given["RABBITMQ_CONFIG_FILE"] in {i["target"] for i in mounts_of(service, "bind")}
        assert service["hostname"]


def object_stores_open_s3_alone(project: Exported) -> None:
    for name, service in project.of_image("chrislusf/seaweedfs"):
        words = service["command"]
        assert "-ip.bind=127.0.0.1" in words, "its filer asks nobody for a password"
        opened = {word for word in words if word.endswith("=0.0.0.0")}
        assert opened == {"-s3.ip.bind=0.0.0.0", "-metricsIp=0.0.0.0"}, name
        assert "-master.volumePreallocate=false" in words, "the entrypoint takes 7 GiB of the disk"
        (config,) = (word.partition("=")[2] for word in words if word.startswith("-s3.config="))
        assert config.removeprefix("/run/secrets/") in service["secrets"], name
        assert "environment" not in service, "the other way to tell it a password"
        bound = {item["target"] for item in mounts_of(service, "bind")}
        assert bound == {"/etc/seaweedfs/security.toml"}, "without it anybody adds users at 18333"


def state_is_in_volumes(project: Exported) -> None:
    for name, service in project.services.items():
        facts = facts_of(project.image(service))
        if facts and facts.data:
            binds = [item["target"] for item in mounts_of(service, "bind")]
            assert not [target for target in binds if target == facts.data], name
        if not is_brought(service) and facts in (
            images.PROMETHEUS,
            images.ALERTMANAGER,
            images.GRAFANA,
            images.SEAWEEDFS,
        ):
            kept = {item["target"] for item in mounts_of(service, "volume")}
            assert facts.data in kept | {*service.get("tmpfs", ())}, name


def dashboards_have_their_source(project: Exported) -> None:
    """What Grafana fills in when people import a dashboard, it leaves where one is provisioned."""
    for _, service in project.of_image("grafana/grafana"):
        bound = {item["source"].removeprefix("./") for item in mounts_of(service, "bind")}
        (path,) = (path for path in bound if path.endswith("datasources.yml"))
        known = {source["uid"] for source in yaml(project.files[path])["datasources"]}
        folder = next(path for path in bound if path.endswith("/dashboards"))
        boards = [p for p in project.files if p.startswith(f"{folder}/")]
        assert f"{folder}/drawing.json" in boards
        uids = set()
        for board in boards:
            found = json.loads(project.files[board])
            uids.add(found["uid"])
            for panel in found["panels"]:
                asked = [panel["datasource"], *(t["datasource"] for t in panel["targets"])]
                assert {item["uid"] for item in asked} <= known, f"{board}: {panel['title']}"
        assert len(uids) == len(boards)


def rules_suit_their_exporter(project: Exported) -> None:
    """The slot collector of postgres_exporter has another prefix from 0.20 on."""
    for text in project.texts(r"monitoring/.*alerts\.yml"):
        if "pg_replication_slot_" in text:
            exporter = "quay.io/prometheuscommunity/postgres-exporter"
            tags = [project.image(service) for _, service in project.of_image(exporter)]
            assert tags
            assert all(":v0.19." in tag for tag in tags)


def _keepalived(project: Exported) -> dict[str, str]:
    """Return the start of each service that runs keepalived."""
    found = {name: "".join(project.texts(f"config/{name}/start\\.sh")) for name in project.services}
    return {name: text for name, text in found.items() if "keepalived" in text}


def keepalived_has_its_rights(project: Exported) -> None:
    moving = _keepalived(project)
    for name, service in project.services.items():
        rights = {"NET_ADMIN", "NET_RAW"} & set(service.get("cap_add", ()))
        if name in moving:
            assert rights == {"NET_ADMIN", "NET_RAW"}, name
            assert service["user"] == "0:0"
        else:
            assert "NET_RAW" not in rights, name
            assert not rights or role_of(service) == "firewall", name


def no_address_is_left_behind(project: Exported) -> None:
    for text in _keepalived(project).values():
        assert 'ip address del "$address/32"' in text
        assert 'while kill -0 "$balancer" $mover' in text
        assert "virtual_ipaddress" in text
