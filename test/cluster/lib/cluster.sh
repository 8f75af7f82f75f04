# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for those who source this
# One cluster: its name, its folder, its nodes, its daemons.  Sourced after common.sh.
#
# All daemons of a cluster live in the cgroup ffdl-NAME, pods below it, and each node has network and
# mount namespaces of its own that exist only as long as processes are in them.  So a cluster is gone
# when the processes of its cgroup are gone; nothing has to be unmounted or put back.

API_IP=10.99.0.1
SERVICE_IP=10.96.0.1
SERVICE_RANGE=10.96.0.0/16
POD_RANGE=10.244.0.0/16
DOMAIN=cluster.local
S3_PORT=7070
S3_KEY=testkey
S3_SECRET=testsecret

node_ip() { echo "10.99.0.$1"; }
pod_range() { echo "10.244.$(($1 - 1)).0/24"; }

# use_cluster NAME: sets NAME and the folders below it.
use_cluster() {
  NAME=$1
  [[ $NAME =~ ^[a-z][a-z0-9-]{0,14}$ ]] ||
    die "'$NAME' cannot name a cluster: at most 15 small letters, digits and hyphens, a letter first"
  W=$STATE/$NAME PKI=$STATE/$NAME/pki LOG=$STATE/$NAME/log AUDIT_LOG=$STATE/$NAME/audit/audit.log
  CGROUP=ffdl-$NAME
  # The kubelet makes sockets 50 characters below this folder and Unix allows 107 in all.
  [ ${#W} -le 57 ] || die "the folder $W is too long for sockets in it: set XDG_STATE_HOME to a shorter one"
  case $STATE/ in /var/* | /run/*) die "state cannot be kept below /var or /run: set XDG_STATE_HOME" ;; esac
  case $CACHE/ in /var/* | /run/*) die "the cache cannot be kept below /var or /run: set XDG_CACHE_HOME" ;; esac
}

# parse_name "$@": sets NAME's folders from --name or FFDL_CLUSTER, leaves the rest in ARGS.
parse_name() {
  local name=${FFDL_CLUSTER:-ffdl}
  ARGS=()
  while [ $# -gt 0 ]; do
    case $1 in
      --name) name=${2:?--name needs a value} && shift 2 ;;
      --name=*) name=${1#*=} && shift ;;
      *) ARGS+=("$1") && shift ;;
    esac
  done
  use_cluster "$name"
}

nodes() { local d && for d in "$W"/n[0-9]; do [ ! -d "$d" ] || echo "${d##*/n}"; done; }
daemon_pid() { cat "$W/pid/$1" 2>/dev/null; }

# A pid may have been given to another program since: only one in our cgroup counts.
is_running() {
  local pid
  pid=$(daemon_pid "$1") && grep -qs "/$CGROUP/" "/proc/$pid/cgroup" && ! grep -qs '^State:.*Z' "/proc/$pid/status"
}
daemons() { local f && for f in "$W"/pid/*; do [ ! -e "$f" ] || echo "${f##*/}"; done; }

# down, half-up, broken (was up, but a daemon is gone) or up.
cluster_state() {
  local daemon
  [ -d "$W" ] || { echo down && return; }
  [ -e "$W/up" ] || { echo half-up && return; }
  for daemon in $(daemons); do is_running "$daemon" || { echo broken && return; }; done
  echo up
}

need_cluster() {
  if [ ! -e "$W/up" ] || ! is_running node1; then
    die "cluster '$NAME' is not up: test/cluster/up --name $NAME"
  fi
}

# in_network NODE COMMAND...: only the network is the node's; files are those of the caller.
in_network() {
  local node=$1
  shift
  nsenter --target "$(daemon_pid "node$node")" --net "$@"
}

# in_node NODE COMMAND...: network and mounts of the node, as its daemons see them.
in_node() {
  local node=$1
  shift
  nsenter --target "$(daemon_pid "node$node")" --net --mount "$@"
}

# A proxy of the caller does not know the cluster.
NO_PROXY_ENV=(-u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY)

k() { in_network 1 env "${NO_PROXY_ENV[@]}" KUBECONFIG="$W/kubeconfig" KUBECACHEDIR="$W/kubecache" "$(bin_dir core)/kubectl" "$@"; }
ctr_of() { ctr --address "$W/n$1/containerd.sock" --namespace k8s.io "${@:2}"; } # a Unix socket: no namespace needed
