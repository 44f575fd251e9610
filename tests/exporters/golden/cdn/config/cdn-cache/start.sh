#!/bin/sh
# cdn-cache: Varnish asks for the address of a server only when it reads its rules. This starts
# it whether or not its servers have an address, and lets it read them again when one changes.
set -eu
work=/tmp/varnish

behind="cdn-origin:8080"
servers() {
  number=0
  echo "backend default none;"
  for server in $behind; do
    number=$((number + 1))
    address=$(getent ahostsv4 "${server%:*}" | awk 'NR == 1 { print $1 }') || true
    echo "backend server_$number {"
    echo "  .host = \"${address:-127.0.0.1}\"; .port = \"${server#*:}\";"
    echo "  .connect_timeout = 500ms; .first_byte_timeout = 30s;"
    echo "  .probe = {"
    echo "    .request = \"GET /healthz HTTP/1.1\" \"Host: localhost\" \"Connection: close\";"
    echo "    .interval = 1s; .timeout = 1s; .window = 2; .threshold = 1; .initial = 1;"
    echo "  }"
    echo "}"
  done
}

servers > /tmp/servers.vcl
# A service may have 200 threads here; Varnish would begin with as many.
varnishd -F -n "$work" -f /etc/varnish/default.vcl -a http=:8080,HTTP -s malloc,128m \
  -p thread_pool_min=10 -p thread_pool_max=60 \
  -p max_retries=4 &
varnish=$!
trap 'kill "$varnish"' TERM INT
read_again=0
while kill -0 "$varnish" 2> /dev/null; do
  sleep 2
  servers > /tmp/servers.new
  if ! cmp -s /tmp/servers.new /tmp/servers.vcl; then
    mv /tmp/servers.new /tmp/servers.vcl
    read_again=$((read_again + 1))
    if ! varnishadm -n "$work" vcl.load "rules_$read_again" /etc/varnish/default.vcl > /dev/null ||
      ! varnishadm -n "$work" vcl.use "rules_$read_again" > /dev/null; then
      rm -f /tmp/servers.vcl
    fi
  fi
done
wait "$varnish"
