#!/bin/bash
# Starts a server of RabbitMQ. The cookie by which the servers of a cluster know each other, and
# the key of a certificate, are taken from files that belong to the user of the program alone.
set -euo pipefail
own() { install -o rabbitmq -g rabbitmq -m 0400 "$1" "$2"; }
if [ -n "${COOKIE_FILE:-}" ]; then own "$COOKIE_FILE" /var/lib/rabbitmq/.erlang.cookie; fi
if [ -e /certs/tls.key ]; then own /certs/tls.key /tmp/tls.key; fi
exec docker-entrypoint.sh "$@"
