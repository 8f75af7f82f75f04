# shellcheck shell=bash
# kubelet and kube-proxy of one node.  Sourced by up.

# --containerd: deprecated, but /metrics/cadvisor lacks its per-container series without it.
start_kubelet() { # NODE
  local d=$W/n$1
  : >"$W/resolv.conf" # empty: pods must not inherit the machine's resolver
  write_kubelet_config "$1" "$d"
  start "kubelet$1" "$1" "$BIN/kubelet" --config="$d/kubelet.yaml" --kubeconfig="$PKI/kubelet$1.kubeconfig" \
    --root-dir="$d/kubelet" --cert-dir="$d/kubelet/pki" --hostname-override="node$1" \
    --node-ip="$(node_ip "$1")" --containerd="$d/containerd.sock"
}

# oomScoreAdj 0: the default cannot be set without CAP_SYS_RESOURCE.  Images are never collected: there
# is nowhere to pull them from again.  A kubelet renews its lease four times in the lease's duration.
write_kubelet_config() { # NODE NODE_FOLDER
  mkdir -p "$2/pod-logs"
  cat >"$2/kubelet.yaml" <<EOF
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $(node_ip "$1")
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: $PKI/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: $PKI/kubelet$1.crt
tlsPrivateKeyFile: $PKI/kubelet$1.key
containerRuntimeEndpoint: unix://$2/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$CGROUP/node$1
failCgroupV1: false
failSwapOn: false
clusterDNS: [$API_IP]
clusterDomain: $DOMAIN
resolvConf: $W/resolv.conf
podLogsDir: $2/pod-logs
readOnlyPort: 0
healthzBindAddress: 127.0.0.1
oomScoreAdj: 0
nodeStatusUpdateFrequency: 2s
nodeLeaseDurationSeconds: $NODE_GRACE
syncFrequency: 5s
serializeImagePulls: false
volumePluginDir: $W/volume-plugins
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard:
  memory.available: 100Mi
  nodefs.available: 1%
  nodefs.inodesFree: 1%
  imagefs.available: 1%
  imagefs.inodesFree: 1%
EOF
}

# The conntrack settings belong to the machine, not to the namespace: leave them alone.
start_proxy() { # NODE
  local d=$W/n$1
  cat >"$d/proxy.yaml" <<EOF
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $PKI/proxy.kubeconfig}
clusterCIDR: $POD_RANGE
hostnameOverride: node$1
bindAddress: $(node_ip "$1")
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
oomScoreAdj: 0
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
EOF
  start "proxy$1" "$1" "$BIN/kube-proxy" --config="$d/proxy.yaml"
}

wait_nodes() { # NODES
  local i
  for ((i = 1; i <= $1; i++)); do
    wait_for 60 "kubelet$i" "node$i to register" k get node "node$i"
    wait_for 60 "kubelet$i" "node$i to be Ready" k wait --for=condition=Ready "node/node$i" --timeout=1s
  done
}
