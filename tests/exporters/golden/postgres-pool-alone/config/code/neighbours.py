"""What the application asks beside its databases: caches, queues and object stores.

What the drawing calls hard has to work, or the request fails; what it calls soft is done without.
Each use opens a connection of its own, as with the databases.
"""

import io
import json
import socket
import ssl
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

from stores import Servers, StoreError, first_line

CACHE_SECONDS = 0.5
LOOK_SECONDS = 0.25
LOOK_EVERY = 0.5
KEPT_SECONDS = 2
CONNECT_SECONDS = 2
ANSWER_SECONDS = 4
LATEST = "latest.json"
JOBS = "jobs"
ARGUMENTS = {"x-delivery-limit": -1, "x-max-length": 10000, "x-queue-type": "quorum"}


def caches_from(settings, key):
    return [{"memcached": Memcached}.get(item["engine"], Redis)(item, key) for item in settings]


def queues_from(settings):
    return [Queue(item) for item in settings]


def objects_from(settings):
    return [ObjectStore(item) for item in settings]


class Neighbour(Servers):
    """Servers that are hard or soft, as drawn."""

    def __init__(self, settings):
        super().__init__(settings["name"])
        self.needed = settings["needed"]
        self.own = settings["own"]
        self.lost = False
        self.places = {place["host"]: place for place in settings["hosts"]}
        if self.own:
            threading.Thread(target=self.watch, daemon=True).start()

    def asked(self, ask):
        """Return the first host that answers, and what it says; nothing where that is bearable."""
        try:
            return self.first_answer(self.places, ask)
        except StoreError as error:
            if self.needed:
                raise
            print(error, flush=True)
            return "", None

    def watch(self):
        """Notice that no host takes connections, before somebody who asks has to."""
        while True:
            self.lost = not any(map(takes_connections, self.places.values()))
            time.sleep(LOOK_EVERY)


def takes_connections(place):
    try:
        socket.create_connection((place["host"], place["port"]), LOOK_SECONDS).close()
    except OSError:
        return False
    return True


class Cache(Neighbour):
    """A cache that remembers what the databases said, for a moment."""

    def __init__(self, settings, key):
        super().__init__(settings)
        self.key = "read/" + key

    def recall(self):
        """Return what is remembered, and by which server; nothing where nothing is."""
        host, kept = self.asked(self.get_from)
        return (json.loads(kept), host) if kept else None

    def remember(self, found):
        self.asked(lambda host: self.set_at(host, json.dumps(found)))

    def forget(self):
        self.asked(self.delete_from)


class Redis(Cache):
    """Redis and Valkey; a copy of another server takes no writes, so the next one is asked."""

    def errors(self):
        import redis

        return (redis.RedisError, OSError)

    def open(self, host):
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return redis.Redis(host, self.places[host]["port"], socket_connect_timeout=CACHE_SECONDS,
                           socket_timeout=CACHE_SECONDS, retry=Retry(NoBackoff(), 0))

    def get_from(self, host):
        with self.open(host) as client:
            return client.get(self.key)

    def set_at(self, host, text):
        with self.open(host) as client:
            client.set(self.key, text, ex=KEPT_SECONDS)

    def delete_from(self, host):
        with self.open(host) as client:
            client.delete(self.key)


class Memcached(Cache):
    """Memcached."""

    def errors(self):
        import pymemcache

        return (pymemcache.MemcacheError, OSError)

    def open(self, host):
        import pymemcache

        return pymemcache.Client((host, self.places[host]["port"]), connect_timeout=CACHE_SECONDS,
                                 timeout=CACHE_SECONDS, no_delay=True)

    def get_from(self, host):
        with closing(self.open(host)) as client:
            return client.get(self.key)

    def set_at(self, host, text):
        with closing(self.open(host)) as client:
            client.set(self.key, text, expire=KEPT_SECONDS, noreply=False)

    def delete_from(self, host):
        with closing(self.open(host)) as client:
            client.delete(self.key, noreply=False)


class Queue(Neighbour):
    """RabbitMQ: jobs lie in one queue, safe on disk, until a worker has done them."""

    def errors(self):
        import amqp

        return (amqp.AMQPError, OSError)

    def open(self, host, heartbeat=0):
        """Return a connection whose every wait ends."""
        import amqp

        place = self.places[host]
        safe = {"ssl": {"ca_certs": place["ca"], "cert_reqs": ssl.CERT_REQUIRED,
                        "server_hostname": host}} if place["ca"] else {}
        connection = amqp.Connection(
            host="%s:%d" % (host, place["port"]), userid="app", password=password_of(place),
            connect_timeout=CONNECT_SECONDS, read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS, heartbeat=heartbeat, confirm_publish=True, **safe)
        connection.connect()
        return connection

    def publish(self, job):
        """Leave a job; return the server that has it, once all copies that count are on disk."""
        import amqp

        def leave_at(host):
            with self.open(host) as connection:
                channel = jobs_of(connection)
                message = amqp.Message(
                    json.dumps(job), content_type="application/json", delivery_mode=2)
                channel.basic_publish_confirm(
                    message, routing_key=JOBS, confirm_timeout=ANSWER_SECONDS)

        return self.asked(leave_at)[0]

    def consume(self, do):
        """Hand jobs to `do`, one after the other, until no server of the queue answers."""
        def take_from(host):
            with self.open(host, heartbeat=10) as connection:
                channel = jobs_of(connection)
                channel.basic_qos(0, 1, False)
                channel.basic_consume(JOBS, callback=lambda message: self.taken(message, do))
                while True:
                    try:
                        connection.drain_events(timeout=1)
                    except TimeoutError:
                        pass
                    connection.heartbeat_tick()

        self.first_answer(self.places, take_from)

    def taken(self, message, do):
        """Confirm a job that is done; one that is not is given to the next who takes jobs."""
        try:
            do(json.loads(message.body))
        except StoreError as error:
            print(error, flush=True)
            time.sleep(1)
            message.channel.basic_reject(message.delivery_tag, requeue=True)
        except ValueError as error:
            print("this is no job: %s" % first_line(error), flush=True)
            message.channel.basic_reject(message.delivery_tag, requeue=False)
        else:
            message.channel.basic_ack(message.delivery_tag)


class ObjectStore(Neighbour):
    """A store that is spoken to by S3: the latest note lies in it as an object."""

    def __init__(self, settings):
        super().__init__(settings)
        self.bucket, self.user = settings["bucket"], settings["user"]
        self.reads, self.writes = settings["read"], settings["write"]

    def errors(self):
        import minio
        import urllib3

        return (minio.error.MinioException, urllib3.exceptions.HTTPError, OSError)

    @contextmanager
    def open(self, host):
        import minio
        import urllib3

        place = self.places[host]
        safe = {"cert_reqs": "CERT_REQUIRED", "ca_certs": place["ca"]} if place["ca"] else {}
        limits = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        with urllib3.PoolManager(timeout=limits, retries=False, **safe) as pool:
            yield minio.Minio(
                endpoint="%s:%d" % (host, place["port"]), access_key=self.user,
                secret_key=password_of(place), secure=bool(place["ca"]), region="us-east-1",
                http_client=pool)

    def put(self, note):
        """Keep a note; return the server that has it, nothing where that is bearable."""
        text = json.dumps(note).encode()
        return self.asked(lambda host: self.put_at(host, text))[0]

    def put_at(self, host, text):
        import minio

        def put():
            client.put_object(bucket_name=self.bucket, object_name=LATEST, data=io.BytesIO(text),
                              length=len(text), content_type="application/json")

        with self.open(host) as client:
            try:
                put()
            except minio.error.S3Error as error:
                if error.code != "NoSuchBucket":
                    raise
                client.make_bucket(bucket_name=self.bucket)
                put()

    def get(self):
        """Return the latest note with the server that has it, empty where none is kept."""
        host, text = self.asked(self.get_from)
        return {"store": self.name, "node": host, **(json.loads(text) if text else {"note": ""})}

    def get_from(self, host):
        import minio

        try:
            with self.open(host) as client:
                with client.get_object(bucket_name=self.bucket, object_name=LATEST) as found:
                    return found.read()
        except minio.error.S3Error as error:
            if error.code not in ("NoSuchBucket", "NoSuchKey"):
                raise
            return b""


def jobs_of(connection):
    """Return a channel on which the queue of the jobs exists."""
    channel = connection.channel()
    channel.queue_declare(JOBS, durable=True, auto_delete=False, arguments=ARGUMENTS)
    return channel


def password_of(place):
    return Path(place["password_file"]).read_text(encoding="utf-8").strip()
