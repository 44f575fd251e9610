#!/bin/bash
# Runs once, when the primary is made: the table of the application.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -d "$POSTGRES_DB" <<'SQL'
CREATE TABLE entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  note varchar(200) NOT NULL,
  app varchar(63) NOT NULL,
  created timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON entries TO app;
SQL
