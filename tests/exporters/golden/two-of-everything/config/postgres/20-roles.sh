#!/bin/bash
# Runs once, when the primary is made: accounts, one slot for each replica, and who may connect.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v app="$(cat "$APP_PASSWORD_FILE")" \
  -v repl="$(cat "$REPLICATION_PASSWORD_FILE")" \
  -v mon="$(cat "$MONITOR_PASSWORD_FILE")" <<'SQL'
CREATE ROLE app LOGIN PASSWORD :'app' CONNECTION LIMIT 80;
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'repl' CONNECTION LIMIT 20;
CREATE ROLE exporter LOGIN PASSWORD :'mon' IN ROLE pg_monitor CONNECTION LIMIT 5;
SQL
for slot in $REPLICATION_SLOTS; do
  psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v slot="$slot" \
    <<<"SELECT pg_create_physical_replication_slot(:'slot', true);"
done
# `all` does not mean replication, and the first line that matches decides.
lines="$(mktemp)"
{ echo 'host replication replicator samenet scram-sha-256'
  cat "$PGDATA/pg_hba.conf"; } > "$lines"
cat "$lines" > "$PGDATA/pg_hba.conf"
rm -f "$lines"
