#!/bin/bash
# Starts a server in the role that ops has given it; without one, in the role that was drawn.
set -euo pipefail
case "$(cat /var/lib/mysql/.role 2>/dev/null || true)" in
  primary) set -- "$@" --read-only=OFF ;;
  replica) set -- "$@" --read-only=ON ;;
esac
exec docker-entrypoint.sh "$@"
