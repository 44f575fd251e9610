#!/bin/sh
# pair: hands what comes in to the address that moves between the balancers.
set -eu
# Sets $device and $address: the network in which this service has the name given, and the address
# in it that moves between the balancers, the last one but one of the network. The engine gives
# addresses away from the other end.
number() {
  # shellcheck disable=SC2086  # each number of the address becomes a word
  old=$IFS && IFS=. && set -- $1 && IFS=$old
  echo $(($1 << 24 | $2 << 16 | $3 << 8 | $4))
}
turned() { # what /proc/net/route has: hexadecimal, the last byte first
  value=$((0x$1))
  echo $(((value & 255) << 24 | (value >> 8 & 255) << 16 | (value >> 16 & 255) << 8 | value >> 24))
}
moving_address() {
  own=$(getent ahostsv4 "$1" | awk 'NR == 1 { print $1 }')
  [ -n "$own" ] || return 1
  own=$(number "$own")
  address=""
  while read -r name network _ _ _ _ _ mask _; do
    [ "$name" = Iface ] || [ "$mask" = 00000000 ] && continue
    network=$(turned "$network")
    mask=$(turned "$mask")
    [ $((own & mask)) -eq "$network" ] || continue
    last=$(((network | ~mask & 0xffffffff) - 1))
    address=$((last >> 24)).$((last >> 16 & 255)).$((last >> 8 & 255)).$((last & 255))
    # shellcheck disable=SC2034  # not everybody needs it
    device=$name
  done < /proc/net/route
  [ -n "$address" ]
}

until moving_address "pair.pair"; do sleep 0.2; done
export MOVING_ADDRESS="$address"
exec haproxy -W -f /usr/local/etc/haproxy/haproxy.cfg
