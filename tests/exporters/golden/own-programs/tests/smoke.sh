#!/bin/bash
# Starts the project, reads and writes through its entrances, and deletes it again with its data.
# KEEP=1 leaves it running; it takes nothing but docker compose and curl.
# Exit status: 0 it works, 2 there was something to delete already, others: it does not work.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${KEEP:-}" ]; then
  name="$(docker compose config | sed -n 's/^name: //p')"
  there="$(docker compose ps --all --quiet)"
  there+="$(docker volume ls --quiet --filter "label=com.docker.compose.project=$name")"
  if [ -n "$there" ]; then
    echo "smoke: $name has containers or data already, which this would delete; say KEEP=1" >&2
    exit 2
  fi
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

echo "app, http"
base="http://localhost:$(port_of app 8000)"
ask --output /dev/null "$base/healthz"
echo "The project works."
