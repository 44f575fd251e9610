#!/bin/bash
# Takes copies of a database, from a replica where one answers.
set -uo pipefail
cd "$COPIES" || exit 1

copy_from() {
  PGPASSWORD="$(cat "$PASSWORD_FILE")" PGCONNECT_TIMEOUT=3 \
    pg_dump --host "$1" --username backup --format custom "$DATABASE"
}
is_whole() {
  pg_restore --list "$1" >/dev/null
}

# Copies now and then at intervals; a copy has its name only when it is whole.
umask 077
trap 'exit 0' TERM INT
while true; do
  copy="$PWD/$(date --utc +%Y%m%dT%H%M%SZ).copy"
  for server in $SERVERS; do
    if copy_from "$server" > "$copy.part" && is_whole "$copy.part"; then
      mv "$copy.part" "$copy"
      echo "copied $DATABASE from $server: $copy"
      break
    fi
  done
  rm -f ./*.part
  find . -maxdepth 1 -name '*.copy' | sort --reverse | tail --lines "+$((KEEP + 1))" | xargs --no-run-if-empty rm -f
  sleep "$EVERY" &
  wait $!
done
