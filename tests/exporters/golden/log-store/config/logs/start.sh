#!/bin/sh
# logs: rsyslog, and what keeps its files within bounds: 14 days and 64 MiB of each service.
# The container ends when rsyslog does.
set -eu
umask 027
kept=/var/log/services
most=$((64 * 1024))

reopen() {
  kill -HUP "$writer"
}
too_much() {
  [ "$(du -sk "$1" | cut -f 1)" -gt "$most" ]
}
# Where one day alone is too much, its older half goes.
halve() {
  tail -c $((most * 512)) "$1" | sed 1d > "$1.part" && mv "$1.part" "$1"
}
tidy() {
  find "$kept" -name '*.log' -mtime +13 -exec rm -f {} +
  for folder in "$kept"/*/; do
    [ -d "$folder" ] || continue
    set -- "$folder"*.log
    while [ $# -gt 1 ] && too_much "$folder"; do
      rm -f "$1"
      shift
      reopen
    done
    ! too_much "$folder" || { halve "$1" && reopen; }
  done
}

rm -f "$kept"/*/*.part
rsyslogd -n -i NONE -f /etc/loadpath/rsyslog.conf &
writer=$!
trap 'kill "$writer" 2> /dev/null || true' TERM INT
while sleep 10; do
  tidy || echo "the files in $kept could not be kept within bounds" >&2
done &
wait "$writer" || true # a signal ends this one
wait "$writer"
