#!/bin/sh
# Gives each service its certificate in a volume of its own, with the owner that it insists on.
set -eu
put() {
  service=$1 owner=$2 mode=$3
  cat "/pki/$service.crt" "/pki/$service.key" > "/out/$service/site.pem.new"
  cp "/pki/$service.crt" "/out/$service/tls.crt.new"
  cp "/pki/$service.key" "/out/$service/tls.key.new"
  for file in site.pem tls.key; do
    chmod "$mode" "/out/$service/$file.new"
  done
  chmod 0444 "/out/$service/tls.crt.new"
  for file in site.pem tls.key tls.crt; do
    chown "$owner" "/out/$service/$file.new"
    mv -f "/out/$service/$file.new" "/out/$service/$file"
  done
  chmod 0755 "/out/$service"
}
put storage 1000:1000 0400
