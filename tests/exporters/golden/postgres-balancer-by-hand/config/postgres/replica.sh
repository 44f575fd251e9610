#!/bin/bash
# Starts a replica; the first time it copies the primary, aside, so that a copy cut short is never
# taken for a database.
set -euo pipefail
home="$(dirname "$PGDATA")"
mkdir -p "$home"
umask 077
# `*` for the host: after a promotion it follows another server with the same password.
printf '*:*:*:replicator:%s\n' \
  "$(sed 's/[\\:]/\\&/g' "$REPLICATION_PASSWORD_FILE")" > "$home/.pgpass"
export PGPASSFILE="$home/.pgpass"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  until rm -rf "$PGDATA.part" && pg_basebackup -D "$PGDATA.part" -R -X stream -c fast \
    -S "$REPLICATION_SLOT" \
    -d "host=$PRIMARY_HOST port=5432 user=replicator application_name=$REPLICATION_SLOT"; do
    sleep 2
  done
  rm -rf "$PGDATA"
  mv "$PGDATA.part" "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
