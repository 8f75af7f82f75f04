# shellcheck shell=bash
# containerd and its network plugins on one node.  Sourced by up.

start_containerd() { # NODE
  local d=$W/n$1
  write_containerd_config "$d"
  write_network_config "$d" "$1"
  start "containerd$1" "$1" containerd --config "$d/containerd.toml"
  wait_for 20 "containerd$1" "containerd on node $1" ctr_of "$1" version
}

# restrict_oom_score_adj: where root lacks CAP_SYS_RESOURCE every sandbox fails without it.
write_containerd_config() { # NODE_FOLDER
  cat >"$1/containerd.toml" <<EOF
version = 2
root = "$1/containerd/root"
state = "$1/containerd/state"
[grpc]
  address = "$1/containerd.sock"
[ttrpc]
  address = "$1/containerd.sock.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "$1/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$1/cni"
EOF
}

# No masquerading: nothing leaves the cluster, and pods keep their addresses between nodes.
write_network_config() { # NODE_FOLDER NODE
  mkdir -p "$1/cni"
  cat >"$1/cni/10-pods.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$1/cni-ipam",
            "ranges": [[{"subnet": "$(pod_range "$2")"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}
]}
EOF
}
