#!/bin/sh
# other: the balancer, and keepalived, which gives it the address of the pair while it works.
# The container ends when either ends, and its restart starts both: an address that nobody answers
# on is not left behind.
set -eu
peers=/tmp/peers
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

# Where the others are; of one that is gone, where it was. They do not hear a multicast.
look_for_peers() {
  # shellcheck disable=SC2043  # in a pair it is one
  for name in front.pair; do
    found=$(getent ahostsv4 "$name" | awk 'NR == 1 { print $1 }') || true
    [ -z "$found" ] || echo "$found" > "$peers/$name"
  done
  cat "$peers"/* 2> /dev/null || true
}
# To them alone it tells that it is there; keepalived takes no empty list.
told() {
  [ -z "$1" ] || printf 'unicast_peer {\n%s\n  }' "$1"
}
configure() {
  cat > /run/keepalived.conf << CONF
global_defs {
  router_id other
  script_user nobody
  enable_script_security
}
vrrp_script serves {
  script "/usr/bin/curl -fsS -o /dev/null -m 1 http://127.0.0.1:8404/healthz"
  interval 1
  timeout 2
  fall 2
  rise 2
}
vrrp_instance pair {
  state BACKUP
  interface $device
  virtual_router_id 51
  priority 100
  version 3
  advert_int 1.0
  $(told "$1")
  virtual_ipaddress {
    $address/32 dev $device
  }
  track_script {
    serves
  }
}
CONF
  chmod 0600 /run/keepalived.conf
  keepalived --config-test --use-file /run/keepalived.conf
}

mkdir -p "$peers"
until moving_address "other.pair"; do sleep 0.2; done
setpriv --reuid=99 --regid=99 --clear-groups \
  haproxy -W -f /usr/local/etc/haproxy/haproxy.cfg &
balancer=$!
mover=""
stop_mover() {
  if [ -n "$mover" ]; then
    kill "$mover" 2> /dev/null || true
    wait "$mover" || true
  fi
}
start_mover() {
  ip address del "$address/32" dev "$device" 2> /dev/null || true
  configure "$1"
  keepalived --dont-fork --log-console --use-file /run/keepalived.conf \
    --pid /run/keepalived.pid --vrrp_pid /run/vrrp.pid &
  mover=$!
}
# The address goes first, and the balancer once nobody is led to it any more.
end() {
  stop_mover
  kill "$balancer" 2> /dev/null || true
}
trap end TERM INT
place=""
known=""
while kill -0 "$balancer" $mover 2> /dev/null; do
  # Without a network, or while it goes, it is cut off: nothing is known then.
  if moving_address "other.pair" && index=$(cat "/sys/class/net/$device/ifindex"); then
    now=$(look_for_peers)
    here="$device $index ${now:+among others}"
    # After a cut the network is back as another interface. Who is alone does not wait for others.
    if [ "$here" != "$place" ]; then
      stop_mover
      start_mover "$now"
    elif [ "$now" != "$known" ]; then
      configure "$now"
      kill -HUP "$mover"
    fi
    place=$here
    known=$now
  fi
  sleep 0.5 &
  wait $! || true
done
end
wait
