#!/bin/sh
# Starts a server as what it is by now: the sentinels, where there are any, know who leads.
set -eu
leader=$PRIMARY
for sentinel in $SENTINELS; do
  found=$(timeout 2 "$CLIENT" -h "$sentinel" -p 26379 --raw \
    sentinel get-master-addr-by-name main 2>/dev/null | head -n 1) || true
  case " $MEMBERS " in
    *" ${found:-nobody} "*) leader=$found; break ;;
  esac
done
set -- "$@" --replica-announce-ip "$NODE"
if [ "$leader" != "$NODE" ]; then
  set -- "$@" --replicaof "$leader" 6379
fi
exec docker-entrypoint.sh "$@"
