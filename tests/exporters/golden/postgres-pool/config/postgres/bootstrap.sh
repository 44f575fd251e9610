#!/bin/bash
# Runs once, on the server that becomes the first primary.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
for script in 20-roles.sh 30-schema.sh; do
  bash "/etc/patroni/$script"
done
