#!/bin/bash
# Runs a command with the passwords of Patroni, which takes them from variables only.
set -euo pipefail
PATRONI_SUPERUSER_PASSWORD="$(cat "$ADMIN_PASSWORD_FILE")"
PATRONI_REPLICATION_PASSWORD="$(cat "$REPLICATION_PASSWORD_FILE")"
export PATRONI_SUPERUSER_USERNAME=postgres PATRONI_SUPERUSER_PASSWORD
export PATRONI_REPLICATION_USERNAME=replicator PATRONI_REPLICATION_PASSWORD
# Whoever may stop or promote a server through the interface of Patroni has to know this.
export PATRONI_RESTAPI_USERNAME=admin PATRONI_RESTAPI_PASSWORD="$PATRONI_SUPERUSER_PASSWORD"
export PATRONICTL_CONFIG_FILE=/etc/patroni/patroni.yml
exec "$@"
