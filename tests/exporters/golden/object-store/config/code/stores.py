"""The databases of the application: reads go to replicas first, writes to the primary.

Each request opens a connection of its own, so that a server which died, froze or was promoted is
noticed within two seconds and nothing has to be restarted. A server that failed is asked last for
a while.
"""

import random
import time
from pathlib import Path

CONNECT_SECONDS = 2
ANSWER_SECONDS = 4
AVOID_SECONDS = 5
LATEST = "SELECT note, app, created FROM entries ORDER BY id DESC LIMIT 10"
COUNT = "SELECT count(*) FROM entries"
STARTING = "SELECT note FROM entries WHERE left(note, %s) = %s ORDER BY id"
INSERT = "INSERT INTO entries (note, app) VALUES (%s, %s)"


class StoreError(Exception):
    """No server of a store could do what was asked."""


class ReadOnly(Exception):
    """This server takes no writes."""


def stores_from(settings):
    return [{"postgres": Postgres}.get(item["engine"], MySql)(item) for item in settings]


class Servers:
    """Servers of which one that answers is enough; one that failed is asked last for a while."""

    def __init__(self, name):
        self.name = name
        self.failed = {}

    def first_answer(self, hosts, ask):
        """Return the first host that answers, and what it says."""
        problem = "it has no server"
        for host in sorted(hosts, key=self.failed_lately):
            try:
                return host, ask(host)
            except self.errors() as error:
                self.failed[host] = time.monotonic()
                problem = "%s: %s" % (host, first_line(error))
            except ReadOnly:
                problem = "no server takes writes"
        raise StoreError("%s: %s" % (self.name, problem))

    def failed_lately(self, host):
        return time.monotonic() - self.failed.get(host, -AVOID_SECONDS) < AVOID_SECONDS


class Store(Servers):
    """One primary and its replicas."""

    def __init__(self, settings):
        super().__init__(settings["name"])
        self.settings = settings
        self.writes = bool(settings["write"])

    @property
    def password(self):
        return Path(self.settings["password_file"]).read_text(encoding="utf-8").strip()

    def read(self):
        hosts = list(self.settings["read"])
        random.shuffle(hosts)
        hosts.sort(key=lambda host: host == self.settings["primary"])
        return self.told(hosts, self.read_from)

    def write(self, note, app):
        return self.told(self.settings["write"], lambda host: self.write_to(host, note, app))

    def written(self, start):
        """Return the notes that start so, from a server that takes writes: none is behind."""
        return self.told(self.settings["write"], lambda host: self.written_on(host, start))

    def told(self, hosts, ask):
        host, answer = self.first_answer(hosts, ask)
        return {"store": self.name, "node": host, **answer}

    def read_from(self, host):
        with self.open(host) as connection, connection.cursor() as cursor:
            cursor.execute(COUNT)
            count = cursor.fetchone()[0]
            cursor.execute(LATEST)
            rows = [{"note": note, "app": app, "created": str(created)}
                    for note, app, created in cursor.fetchall()]
        return {"count": count, "rows": rows}

    def write_to(self, host, note, app):
        with self.open(host) as connection, connection.cursor() as cursor:
            self.refuse_read_only(cursor)
            cursor.execute(INSERT, (note, app))
            connection.commit()
        return {}

    def written_on(self, host, start):
        with self.open(host) as connection, connection.cursor() as cursor:
            self.refuse_read_only(cursor)
            cursor.execute(STARTING, (len(start), start))
            return {"notes": [note for (note,) in cursor.fetchall()]}

    def refuse_read_only(self, cursor):
        cursor.execute(self.read_only)
        if cursor.fetchone()[0] in (1, "on"):
            raise ReadOnly


class Postgres(Store):
    """PostgreSQL."""

    read_only = "SHOW transaction_read_only"

    def errors(self):
        import psycopg

        return psycopg.Error

    def open(self, host):
        import psycopg

        found = self.settings
        host, _, place = host.partition(":")
        port, _, database = place.partition("/")
        safe = {"sslmode": "verify-full", "sslrootcert": found["ca"]} if found["ca"] else {}
        return psycopg.connect(
            host=host, port=port or found["port"],
            dbname=database or found["database"], user=found["user"],
            password=self.password, connect_timeout=CONNECT_SECONDS, tcp_user_timeout=1500,
            keepalives_idle=1, keepalives_interval=1, keepalives_count=2,
            options="-c statement_timeout=%ds" % ANSWER_SECONDS, **safe)


class MySql(Store):
    """MySQL and MariaDB."""

    read_only = "SELECT @@global.read_only"

    def errors(self):
        import pymysql

        return (pymysql.Error, OSError)

    def open(self, host):
        import pymysql

        found = self.settings
        return pymysql.connect(
            host=host, port=found["port"], database=found["database"], user=found["user"],
            password=self.password, connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS, write_timeout=ANSWER_SECONDS,
            ssl={"ca": found["ca"], "check_hostname": True} if found["ca"] else None)


def first_line(error):
    return (str(error).strip() or type(error).__name__).splitlines()[0]
