#!/bin/sh
# Puts a copy of app back that copies made: the newest, or the one that is named.
# What was written since is lost. Run it in the folder of the project.
set -eu
copy=${1:-$(docker compose exec -T copies sh -c 'cd "$COPIES" && ls' | sort | grep 'copy$' | tail -n 1)}
[ -n "$copy" ] || { echo "copies has made no copy yet" >&2; exit 1; }

# Roots log in at the socket only, with the password that the server was made with.
# shellcheck disable=SC2016  # the shell in the container fills it in
as_root='MYSQL_PWD="$(cat "${MYSQL_ROOT_PASSWORD_FILE}")" mysql --protocol=socket -uroot'
leads() {
  docker compose exec -T "$1" sh -c "$as_root -Ne 'select @@global.read_only'" </dev/null 2>/dev/null || true
}
leader=
servers='db-0'
for server in $servers; do
  if [ "$(leads "$server")" = 0 ]; then leader=$server; fi
done
[ -n "$leader" ] || { echo "No server takes writes." >&2; exit 1; }

docker compose exec -T copies sh -c 'gunzip --stdout "$COPIES/$1"' sh "$copy" </dev/null |
  docker compose exec -T "$leader" sh -c "$as_root app"
echo "$copy is back on $leader."
