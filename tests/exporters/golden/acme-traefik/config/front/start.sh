#!/bin/sh
# Traefik reads no variables in its static configuration: what .env says of ACME is added here.
# What each CA has signed is in a file of its own, since it would be taken for that of the next one.
set -eu
ca=$(printf %s "$ACME_DIRECTORY" | tr -c 'A-Za-z0-9' -)
{
  cat /etc/traefik/traefik.yml
  cat <<END
certificatesResolvers:
  acme:
    acme:
      email: "$ACME_EMAIL"
      caServer: "$ACME_DIRECTORY"
      storage: "/acme/$ca.json"
      tlsChallenge: {}
END
} > /tmp/traefik.yml
exec traefik --configFile=/tmp/traefik.yml
