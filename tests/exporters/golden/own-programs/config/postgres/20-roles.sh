#!/bin/bash
# Runs once, when the primary is made: the accounts.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v app="$(cat "$APP_PASSWORD_FILE")" \
  -v repl="$(cat "$REPLICATION_PASSWORD_FILE")" \
  -v mon="$(cat "$MONITOR_PASSWORD_FILE")" <<'SQL'
CREATE ROLE app LOGIN PASSWORD :'app' CONNECTION LIMIT 80;
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'repl' CONNECTION LIMIT 20;
CREATE ROLE exporter LOGIN PASSWORD :'mon' IN ROLE pg_monitor CONNECTION LIMIT 5;
SQL
if [ -n "${BACKUP_PASSWORD_FILE:-}" ]; then
  psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v word="$(cat "$BACKUP_PASSWORD_FILE")" \
    <<<"CREATE ROLE backup LOGIN PASSWORD :'word' IN ROLE pg_read_all_data CONNECTION LIMIT 5;"
fi
# A balancer asks each server whether it leads, as somebody who owns nothing and may do nothing.
if [ -n "${ROLE_CHECK:-}" ]; then
  psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v name="$ROLE_CHECK" \
    <<<'CREATE ROLE :"name" LOGIN CONNECTION LIMIT 20;'
fi
