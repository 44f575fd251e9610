#!/bin/bash
# Runs once, when the primary is made: one slot for each replica, and who may copy.
set -euo pipefail
for slot in $REPLICATION_SLOTS; do
  psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v slot="$slot" \
    <<<"SELECT pg_create_physical_replication_slot(:'slot', true);"
done
# `all` does not mean replication, and the first line that matches decides.
lines="$(mktemp)"
{ if [ -n "${ROLE_CHECK:-}" ]; then
    echo "hostnossl postgres $ROLE_CHECK samenet trust"
    echo "host all $ROLE_CHECK all reject"
  fi
  echo 'host replication replicator samenet scram-sha-256'
  cat "$PGDATA/pg_hba.conf"; } > "$lines"
cat "$lines" > "$PGDATA/pg_hba.conf"
rm -f "$lines"
