#!/bin/bash
# Starts the project, reads and writes through its entrances, and stops it again.
# KEEP=1 leaves it running; it takes nothing but docker compose and curl.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${KEEP:-}" ]; then
  trap 'docker compose down --volumes --timeout 5' EXIT
fi
docker compose up --detach --build --wait

port_of() {
  there="$(docker compose port "$1" "$2")"
  echo "${there##*:}"
}
ask() {
  curl --location --fail --silent --show-error --max-time 10 \
    --retry 5 --retry-delay 1 --retry-all-errors "$@"
}

echo "web, http"
base="http://localhost:$(port_of web 8080)"
ask --output /dev/null "$base/"
ask "$base/read"
echo "The project works."
