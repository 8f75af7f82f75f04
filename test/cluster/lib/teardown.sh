# shellcheck shell=bash
# Removes all of a cluster, whatever state it is in.  Sourced after cluster.sh and cgroups.sh.

# Everything a cluster runs is in its cgroups, so one loop finds it: daemons, shims, pods, and an `up`
# that is still at work.  New ones may appear until the kubelet and containerd are gone.
kill_cluster() {
  local until=$((SECONDS + 20)) pids pid killed=
  while pids=$(cluster_pids) && [ -n "$pids" ]; do
    [ $SECONDS -lt $until ] || die "processes of cluster '$NAME' do not end: $(tr '\n' ' ' <<<"$pids")"
    # shellcheck disable=SC2086  # a list of pids
    kill -KILL $pids 2>/dev/null || true
    killed+=" $pids"
    sleep 0.05
  done
  # A process leaves its cgroup before its memory and its namespaces are given back.
  for pid in $killed; do
    while is_dying "$pid" && [ $SECONDS -lt $until ]; do sleep 0.05; done
  done
}

# Not yet reaped by its parent is dead enough: nothing of it is left but its entry.
is_dying() { grep -qsE '^State:[[:space:]]+[^ZX]' "/proc/$1/status"; }

# With the last process of a node go its mounts and its network, so files can be removed safely: what
# was mounted there is not seen from here.
take_down() {
  local until=$((SECONDS + 20))
  kill_cluster
  until remove_cgroups; do
    [ $SECONDS -lt $until ] || die "cgroups of cluster '$NAME' do not go: $(cluster_cgroups | tr '\n' ' ')"
    kill_cluster
    sleep 0.05
  done
  rm -rf --one-file-system "$W"
}
