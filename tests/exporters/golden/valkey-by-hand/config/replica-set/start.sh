#!/bin/bash
# Starts a server as what it is by now: whoever leads is found, and followed by address. Looking
# for the name of a dead container halts these programs for a second or two, again and again.
# Where people switch, it follows whom ops has written down; nobody where that is empty.
set -euo pipefail
leads() { [ "$(timeout 2 "$CLIENT" -h "$1" role 2>/dev/null | head -n 1)" = master ]; }
address_of() { getent ahostsv4 "$1" | head -n 1 | cut -d ' ' -f 1; }
# The address that this server has towards another: what the kernel would send from.
own_address() {
  local line
  exec 3<>"/dev/udp/$1/9"
  line="$(grep -m 1 ':0009 ' /proc/net/udp)"
  exec 3>&-
  read -r _ line _ <<<"$line"
  printf '%d.%d.%d.%d' "0x${line:6:2}" "0x${line:4:2}" "0x${line:2:2}" "0x${line:0:2}"
}

leader=$PRIMARY
if [ -z "$SENTINELS" ] && [ -f /data/.leader ]; then
  leader="$(cat /data/.leader)"
else
  for member in $MEMBERS; do
    if [ "$member" != "$NODE" ] && leads "$member"; then leader=$member; fi
  done
fi
for sentinel in $SENTINELS; do
  if address="$(address_of "$sentinel")"; then
    own="$(own_address "$address")"
    set -- "$@" --replica-announce-ip "$own"
    # Nobody else leads, and those who decide still take this one for the leader.
    told="$(timeout 2 "$CLIENT" -h "$sentinel" -p 26379 --raw \
      sentinel get-master-addr-by-name main 2>/dev/null | head -n 1)" || true
    if [ "$told" = "$own" ] && [ "$leader" = "$PRIMARY" ]; then leader=$NODE; fi
    break
  fi
done
if [ -z "$leader" ]; then
  # No server listens there. Reads are refused as well: what it has may be long out of date.
  set -- "$@" --replicaof 127.0.0.1 9 --replica-serve-stale-data no
elif [ "$leader" != "$NODE" ]; then
  until address="$(address_of "$leader")"; do
    # With the leader dead for long it starts all the same, so that it can be promoted.
    if [ "$SECONDS" -ge 30 ]; then address=$leader && break; fi
    sleep 1
  done
  set -- "$@" --replicaof "$address" 6379
fi
exec docker-entrypoint.sh "$@"
