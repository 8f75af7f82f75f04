# shellcheck shell=bash
# Namespaces and network of the nodes; none has a way out.  Sourced by up.
#
# An empty bridge carries node 1's address (not every kernel has a dummy device); node 2 hangs on it
# by a veth.  The service range needs some route, or a connect from a node fails before its address is
# rewritten; the unreachable default route makes every other address fail at once.

hold_node() { # NODE
  mkdir -p "$W/n$1"
  spawn "node$1" unshare --net --mount --propagation slave "$TEST_CLUSTER/lib/node_holder" "$W/n$1"
}

wait_node_held() { wait_for 10 "node$1" "the namespaces of node $1" test -e "$W/n$1/held"; }

no_way_out() { # NODE DEVICE
  in_network "$1" ip route add "$SERVICE_RANGE" dev "$2"
  in_network "$1" ip route add unreachable default metric 4000
}

connect_first_node() {
  in_network 1 ip link add node0 type bridge
  in_network 1 ip addr add "$API_IP/24" dev node0
  in_network 1 ip link set node0 up
  no_way_out 1 node0
}

connect_further_node() { # NODE
  local other
  in_network 1 ip link add "to$1" type veth peer name eth0 netns "$(daemon_pid "node$1")"
  in_network 1 ip link set "to$1" master node0 up
  in_network "$1" ip addr add "$(node_ip "$1")/24" dev eth0
  in_network "$1" ip link set eth0 up
  no_way_out "$1" eth0
  for other in $(nodes); do
    [ "$other" -lt "$1" ] || continue
    in_network "$1" ip route add "$(pod_range "$other")" via "$(node_ip "$other")"
    in_network "$other" ip route add "$(pod_range "$1")" via "$(node_ip "$1")"
  done
}

make_network() { # NODES
  local i
  modprobe -qa overlay br_netfilter 2>/dev/null || true # they are built into some kernels
  for ((i = 1; i <= $1; i++)); do make_cgroups "$i" && hold_node "$i"; done
  for ((i = 1; i <= $1; i++)); do wait_node_held "$i"; done
  connect_first_node
  for ((i = 2; i <= $1; i++)); do connect_further_node "$i"; done
}
