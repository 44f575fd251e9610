#!/bin/bash
# Takes copies of a database, from a replica where one answers.
set -uo pipefail
cd "$COPIES" || exit 1

copy_from() {
  # Each of both programs knows only its own word for what it must not copy.
  if [ "$ENGINE" = mysql ]; then
    set -- mysqldump --set-gtid-purged=OFF --host "$1"
  else
    set -- mariadb-dump --host "$1"
  fi
  MYSQL_PWD="$(cat "$PASSWORD_FILE")" \
    "$@" --user backup --single-transaction --no-tablespaces --routines=FALSE "$DATABASE" | gzip
}
is_whole() {
  gunzip --stdout "$1" | tail --lines 1 | grep --quiet '^-- Dump completed'
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
