#!/bin/sh
# Puts a copy of app back that copies made: the newest, or the one that is named.
# What was written since is lost. Run it in the folder of the project.
set -eu
copy=${1:-$(docker compose exec -T copies sh -c 'cd "$COPIES" && ls' | sort | grep 'copy$' | tail -n 1)}
[ -n "$copy" ] || { echo "copies has made no copy yet" >&2; exit 1; }

leads() {
  docker compose exec -T "$1" psql -U postgres -Atc 'select pg_is_in_recovery()' </dev/null 2>/dev/null || true
}
leader=
servers='db-1 db-0'
for server in $servers; do
  if [ "$(leads "$server")" = f ]; then leader=$server; fi
done
[ -n "$leader" ] || { echo "No server takes writes." >&2; exit 1; }

docker compose exec -T copies sh -c 'cat "$COPIES/$1"' sh "$copy" </dev/null |
  docker compose exec -T "$leader" pg_restore -U postgres --dbname app \
    --clean --if-exists --single-transaction --exit-on-error
echo "$copy is back on $leader."
