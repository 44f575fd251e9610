#!/bin/sh
# Starts a sentinel. It writes what it learns into its configuration, which is made only once.
set -eu
config=$2
if [ ! -s "$config" ]; then
  until timeout 2 "$CLIENT" -h "$PRIMARY" ping >/dev/null 2>&1; do
    sleep 1
  done
  cat > "$config.new" <<END
port 26379
dir $(dirname "$config")
protected-mode no
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel monitor main $PRIMARY 6379 2
sentinel down-after-milliseconds main $DETECTION
sentinel failover-timeout main 10000
sentinel parallel-syncs main 1
END
  mv "$config.new" "$config"
fi
exec docker-entrypoint.sh "$@"
