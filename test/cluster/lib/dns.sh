# shellcheck shell=bash
# CoreDNS on node 1's address, which pods of every node reach.  Sourced by up.

start_dns() {
  k apply -f "$TEST_CLUSTER/lib/dns.yaml" >/dev/null
  write_corefile
  start coredns 1 "$BIN/coredns" -conf "$W/Corefile"
}

wait_dns() {
  wait_for 30 coredns "the cluster's DNS" in_network 1 bash -c 'exec 3<>/dev/tcp/127.0.0.1/8181 &&
    printf "GET /ready HTTP/1.0\r\n\r\n" >&3 && grep -q " 200 " <&3'
}

# Names outside the cluster are refused at once.  The template that does it needs a block of its own:
# in the first one it would run before `kubernetes` and answer every name.
write_corefile() {
  cat >"$W/Corefile" <<EOF
$DOMAIN:53 in-addr.arpa:53 ip6.arpa:53 {
  bind $API_IP
  errors
  health 127.0.0.1:8080
  ready 127.0.0.1:8181
  prometheus 127.0.0.1:9153
  kubernetes $DOMAIN in-addr.arpa ip6.arpa {
    kubeconfig $PKI/coredns.kubeconfig $NAME
    pods insecure
    ttl 1
  }
}
.:53 {
  bind $API_IP
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
EOF
}
