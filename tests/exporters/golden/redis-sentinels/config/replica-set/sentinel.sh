#!/bin/bash
# Starts a sentinel, which learns by itself who else is there once it knows who leads.
set -euo pipefail
leads() { [ "$(timeout 2 "$CLIENT" -h "$1" role 2>/dev/null | head -n 1)" = master ]; }

leader=
until [ -n "$leader" ]; do
  for member in $MEMBERS; do
    if leads "$member"; then leader=$member; fi
  done
  [ -n "$leader" ] || sleep 1
done
address="$(getent ahostsv4 "$leader" | head -n 1 | cut -d ' ' -f 1)"
cat > /tmp/sentinel.conf <<END
port 26379
dir /tmp
protected-mode no
sentinel monitor main $address 6379 2
sentinel down-after-milliseconds main $DETECTION
sentinel failover-timeout main 10000
sentinel parallel-syncs main 1
END
exec docker-entrypoint.sh "$@"
