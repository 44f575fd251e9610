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
copy() {
  rm -rf "$PGDATA.part" && pg_basebackup -D "$PGDATA.part" -R -X stream -c fast \
    -S "$REPLICATION_SLOT" \
    -d "host=$PRIMARY_HOST port=5432 user=replicator application_name=$REPLICATION_SLOT"
}
# With ANEW it takes the place of what is there, and tries once: ops lets a server follow again.
if [ -n "${ANEW:-}" ] || [ ! -s "$PGDATA/PG_VERSION" ]; then
  until copy; do
    [ -z "${ANEW:-}" ] || exit 1
    sleep 2
  done
  rm -rf "$PGDATA"
  mv "$PGDATA.part" "$PGDATA"
fi
exec docker-entrypoint.sh "$@"
