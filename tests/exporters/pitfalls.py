"""What is known to break generated compose projects: 60 failures, each as a rule on an export.

Each was seen in the wild, in the issue trackers of Docker, Compose and the images that we run. A
rule about something that no project holds says so, and fails as soon as one does. `broken` shows
that a rule bites: (path, pattern, replacement) as regular expressions make a project that it
refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.exporters import pitfall_rules as rules
from tests.exporters import program_rules
from tests.exporters.pitfall_rules import Rule, never, without_keys


@dataclass(frozen=True)
class Pitfall:
    """A failure, what an export does about it, and a change of a project that brings it back."""

    sentence: str
    rule: Rule
    broken: tuple[str, str, str] | None


_COMPOSE = r"compose\.yaml"


def _added(line: str) -> tuple[str, str, str]:
    """Return a break: one more line in the first service."""
    return _COMPOSE, r"    <<: \*base\n", f"    <<: *base\n    {line}\n"


PITFALLS: Mapping[int, Pitfall] = {
    1: Pitfall(
        "A database is healthy only when it answers over TCP, which its init does not.",
        program_rules.probes_speak_tcp,
        (_COMPOSE, r'"-h", "127\.0\.0\.1"', '"-h", "/var/run/postgresql"'),
    ),
    2: Pitfall(
        "PostgreSQL 18 is mounted one folder higher than 17.",
        program_rules.postgres_mounts_by_release,
        (_COMPOSE, r'"/var/lib/postgresql"', '"/var/lib/postgresql/data"'),
    ),
    3: Pitfall(
        "Each image has a tag that pins it.",
        rules.images_are_pinned,
        (_COMPOSE, r'"haproxy:[^"]*"', '"haproxy:latest"'),
    ),
    4: Pitfall(
        "No image of Bitnami, whose tags are gone.",
        never("bitnami"),
        (_COMPOSE, r'"postgres:18"', '"bitnami/postgresql:18"'),
    ),
    5: Pitfall(
        "A second export keeps every password, because the volumes hold it too.",
        rules.passwords_stay,
        (r"secrets/.*-app", r".+", ""),
    ),
    6: Pitfall(
        "A generated password has no letter that some syntax has to escape.",
        rules.passwords_need_no_escape,
        (r"secrets/.*-app", r"$", "$word"),
    ),
    7: Pitfall(
        "A balancer starts while names are unknown, and asks again after ten seconds at most.",
        program_rules.names_are_asked_again,
        (r"config/.*site\.conf", r" resolve ", " "),
    ),
    8: Pitfall(
        "HAProxy has a limit of connections, and the open files for them.",
        program_rules.open_files_suffice,
        (r"config/.*haproxy\.cfg", r"maxconn 4000", "maxconn 9000"),
    ),
    9: Pitfall(
        "Each published port has a variable, a default of 8000 or more, and no double.",
        rules.ports_can_be_moved,
        (_COMPOSE, r"_PORT:-8\d\d\d\}", "_PORT:-80}"),
    ),
    10: Pitfall(
        "Lines end in LF, whatever system the export was made on.",
        rules.lines_end_in_lf,
        (r"tests/smoke\.sh", r"\n", "\r\n"),
    ),
    11: Pitfall(
        "Scripts are started by their shell; those of an init also work when they are sourced.",
        rules.scripts_need_no_execute_bit,
        (_COMPOSE, r'entrypoint: \["bash", ', "entrypoint: ["),
    ),
    12: Pitfall(
        "Every source of a bind mount is in the project; the engine makes no folder in its place.",
        rules.bind_sources_exist,
        (_COMPOSE, r'source: "\./config', 'source: "./configs'),
    ),
    13: Pitfall(
        "No secret relies on an owner or a mode, which Compose does not set for files.",
        rules.secrets_are_plain_files,
        (_COMPOSE, r'secrets: \["([^"]+)"', r'secrets: [{source: "\1", mode: 256}'),
    ),
    14: Pitfall(
        "Configuration can be read by every user of a container, whatever the umask.",
        rules.configuration_can_be_read,
        None,  # `write` gives the modes, not the text of a file; tests/exporters/test_files.py
    ),
    15: Pitfall(
        "A key reaches its reader alone, with the owner and the mode that the program accepts.",
        rules.keys_suit_their_readers,
        (r"pki/install\.sh", r"0440", "0644"),
    ),
    16: Pitfall(
        "Somebody who runs on waits for each service that ends, or `up --wait` fails.",
        rules.one_shots_are_waited_for,
        (_COMPOSE, r'"service_completed_successfully"', '"service_started"'),
    ),
    17: Pitfall(
        "Secrets are files: other sources fail under a read-only root.",
        rules.secrets_come_from_files,
        (_COMPOSE, r'    file: "\./secrets', '    environment: "./secrets'),
    ),
    18: Pitfall(
        "Under a read-only root a program has room where it must write.",
        rules.read_only_roots_have_room,
        (_COMPOSE, r'"/var/cache/nginx", ', ""),
    ),
    19: Pitfall(
        "Who publishes a port is in a network with a way out.",
        rules.publishers_have_a_way_out,
        (_COMPOSE, r"internal: false", "internal: true"),
    ),
    20: Pitfall(
        "No two networks have the same members; many of them are told.",
        rules.networks_are_few,
        (_COMPOSE, r"\nnetworks:\n", "\nnetworks:\n  a: {internal: true}\n  b: {internal: true}\n"),
    ),
    21: Pitfall(
        "No network has a fixed range, which would collide with somebody's VPN.",
        rules.networks_have_no_fixed_range,
        (_COMPOSE, r"    internal: true\n", "    internal: true\n    ipam: {driver: default}\n"),
    ),
    22: Pitfall(
        "Who is not root binds no port below 1024, and puts sockets below /tmp.",
        program_rules.nobody_binds_low_ports,
        (r"config/.*haproxy\.cfg", r"bind :8443", "bind :443"),
    ),
    23: Pitfall(
        "A redirect to HTTPS names the port that is published.",
        program_rules.redirects_name_the_published_port,
        (r"config/.*haproxy\.cfg", r":\$\{HTTPS_PORT\}", ""),
    ),
    24: Pitfall(
        "Docker on a Mac or without root reaches no virtual address: an edge stands before each "
        "active-passive pair.",
        program_rules.pairs_are_behind_an_edge,
        (_COMPOSE, r'role: "edge"', 'role: "balancer"'),
    ),
    25: Pitfall(
        "Only what runs keepalived has its capabilities, and has them both.",
        program_rules.keepalived_has_its_rights,
        (_COMPOSE, r'"NET_ADMIN", "NET_RAW"', '"NET_ADMIN"'),
    ),
    26: Pitfall(
        "A balancer ends with its keepalived, and takes no address along from the time before.",
        program_rules.no_address_is_left_behind,
        (r"config/.*/start\.sh", r"ip address del.*\n", ""),
    ),
    27: Pitfall(
        "Nothing flushes the rules by which the engine resolves names.",
        never(r"flush ruleset|firewalld"),
        (r"tests/smoke\.sh", r"\Z", "nft flush ruleset\n"),
    ),
    28: Pitfall(
        "No container is a default gateway: a firewall has the names of those behind it, and who "
        "asks shares no network with them. One that is no gateway is told as segmentation.",
        rules.firewalls_filter_or_say_that_they_do_not,
        (_COMPOSE, r'cap_add: \["NET_ADMIN"\]', 'cap_add: ["NET_ADMIN", "NET_RAW"]'),
    ),
    29: Pitfall(
        "No option of a network that only some engines know.",
        never(r"gateway_mode|driver_opts"),
        (_COMPOSE, r"    internal: true\n", "    internal: true\n    driver_opts: {}\n"),
    ),
    30: Pitfall(
        "A replica copies aside and renames: a copy cut short is never taken for a database.",
        program_rules.copies_are_made_aside,
        (r"config/.*replica\.sh", r'-D "\$PGDATA\.part"', '-D "$PGDATA"'),
    ),
    31: Pitfall(
        "A line of its own, before the general ones, lets replication in.",
        program_rules.replication_is_let_in,
        (r"config/postgres/.*\.sh", r"host replication replicator", "host all replicator"),
    ),
    32: Pitfall(
        "Each replica has a slot, and slots keep no more than fits on the primary.",
        program_rules.slots_are_capped,
        (_COMPOSE, r'"max_slot_wal_keep_size=2GB"', '"log_connections=on"'),
    ),
    33: Pitfall(
        "Who promotes a replica makes a slot for each other server, and lets it follow.",
        rules.promotion_makes_slots,
        ("ops", r'slot_for "\$1" "\$one"', ":"),
    ),
    34: Pitfall(
        "A replica of MySQL forgets its own init, speaks TLS, and refuses writes only then.",
        program_rules.mysql_replicas_only_follow,
        (r"config/mysql/zz-replica\.sh", r"SOURCE_SSL=1", "SOURCE_SSL=0"),
    ),
    35: Pitfall(
        "A replica of MariaDB makes no database of its own; root logs in on the spot alone.",
        program_rules.mariadb_replicas_only_follow,
        (_COMPOSE, r'MARIADB_ROOT_HOST: "localhost"', 'MARIADB_ROOT_HOST: "%"'),
    ),
    36: Pitfall(
        "A replica that has received nothing is not healthy.",
        program_rules.replicas_are_not_healthy_alone,
        (_COMPOSE, r', "--replication_seconds_behind_master=30"', ""),
    ),
    37: Pitfall(
        "No probe is `mysqladmin ping`, which is content when access is denied.",
        never("mysqladmin"),
        (_COMPOSE, r'"mysql", "--protocol=TCP"', '"mysqladmin", "ping"'),
    ),
    38: Pitfall(
        "RabbitMQ reads its account from a file, and keeps its host name.",
        program_rules.queues_read_a_file,
        (_COMPOSE, r"RABBITMQ_CONFIG_FILE", "RABBITMQ_DEFAULT_PASS_FILE"),
    ),
    39: Pitfall(
        "An image that would drop privileges is started without them.",
        rules.nobody_stays_root,
        (_COMPOSE, r'    user: "999:999"\n', ""),
    ),
    40: Pitfall(
        "No exporter is given its account in a variable that it no longer reads.",
        never("DATA_SOURCE_NAME:"),
        _added('environment: {DATA_SOURCE_NAME: "x"}'),
    ),
    41: Pitfall(
        "Each panel of a dashboard names the source of data that its Grafana is given.",
        program_rules.dashboards_have_their_source,
        (r"monitoring/.*datasources\.yml", r'uid: "\w+"', 'uid: "${DS_PROMETHEUS}"'),
    ),
    42: Pitfall(
        "An alert asks for a metric by the name that it has in the pinned exporter.",
        program_rules.rules_suit_their_exporter,
        (_COMPOSE, r"postgres-exporter:v0\.19\.1", "postgres-exporter:v0.20.1"),
    ),
    43: Pitfall(
        "Programs keep their state in volumes, never in a folder of the user.",
        program_rules.state_is_in_volumes,
        (_COMPOSE, r'target: "/prometheus"', 'target: "/data"'),
    ),
    44: Pitfall(
        "Nothing of the machine is mounted: no `/`, and no propagation of its mounts.",
        rules.binds_stay_in_the_project,
        (_COMPOSE, r'source: "\./config', 'source: "/etc'),
    ),
    45: Pitfall(
        "No cAdvisor is exported.", never("cadvisor"), _added('image: "google/cadvisor:1"')
    ),
    46: Pitfall(
        "Nobody talks to the engine: Traefik, where there is one, reads files.",
        never(r"docker\.sock|^\s*docker:"),
        _added('environment: {DOCKER_HOST: "unix:///var/run/docker.sock"}'),
    ),
    47: Pitfall(
        "A probe is a command of its image; nobody waits for the health of a service without one.",
        rules.probes_have_their_tool,
        (_COMPOSE, r'"CMD", "wget"', '"CMD", "curl"'),
    ),
    48: Pitfall(
        "The README says that the engine restarts nobody for being unhealthy; no healer holds "
        "the socket of the engine.",
        rules.unhealthy_is_told,
        (r"README\.md", r"is not restarted", "is restarted"),
    ),
    49: Pitfall(
        "No container has a fixed name, so that two projects fit on a machine.",
        without_keys("container_name"),
        _added("container_name: one"),
    ),
    50: Pitfall(
        "No probe has an interval for its start, which needs Engine 25.",
        without_keys("start_interval"),
        (_COMPOSE, r'      start_period: "', '      start_interval: "1s"\n      start_period: "'),
    ),
    51: Pitfall(
        "No stack for Swarm is exported; the project has no key of its own format.",
        without_keys("version", "mode", "update_config", "placement"),
        (_COMPOSE, r"\nservices:\n", '\nversion: "3.8"\nservices:\n'),
    ),
    52: Pitfall(
        "No key at which another Compose stumbles.",
        without_keys("extends", "include", "profiles"),
        _added('profiles: ["extra"]'),
    ),
    53: Pitfall(
        "Nothing for Kubernetes is exported.",
        never(r"^(kind:|apiVersion: v)"),
        (_COMPOSE, r"\nservices:\n", "\napiVersion: v1\nservices:\n"),
    ),
    54: Pitfall(
        "An algorithm that reads requests is not asked of connections.",
        program_rules.layers_and_algorithms_agree,
        (r"config/.*haproxy\.cfg", r"mode tcp((?s:.*))balance \w+", r"mode tcp\1balance uri"),
    ),
    55: Pitfall(
        "Each text ends in one newline.",
        rules.files_end_in_one_newline,
        (r"config/.*haproxy\.cfg", r"\n\Z", ""),
    ),
    56: Pitfall(
        "Names have small letters, digits and single dashes, and are short enough for DNS.",
        rules.names_are_safe,
        (_COMPOSE, r"\nservices:\n  ", "\nservices:\n  Not_"),
    ),
    57: Pitfall(
        "Nothing is imported yet; what is exported has a default for each variable.",
        rules.variables_have_defaults,
        (_COMPOSE, r"_PORT:-\d+\}", "_PORT}"),
    ),
    58: Pitfall(
        "A file of a kind that nothing here reads is refused.",
        rules.every_file_is_read,
        (_COMPOSE, r"\nservices:\n", "\nservices: [\n"),
    ),
    59: Pitfall(
        "The schema of Compose and our list of keys both hold.",
        rules.schema_and_own_rules_hold,
        _added("pre_start: []"),
    ),
    60: Pitfall(
        "Of SeaweedFS nothing is open but S3, it reserves no disk, and its password is in a file.",
        program_rules.object_stores_open_s3_alone,
        (_COMPOSE, r"-ip\.bind=127\.0\.0\.1", "-ip.bind=0.0.0.0"),
    ),
}
