# shellcheck shell=bash
# The cgroups of a cluster: one tree, ffdl-NAME, with `daemons` and one folder per node.  Two kubelets
# under one root would delete each other's pods.  Sourced after cluster.sh.

cgroup_is_v2() { [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; }

# Every hierarchy in which pods get a folder.  Next to v1 hierarchies, `unified` has no use here.
cgroup_hierarchies() {
  local d
  if cgroup_is_v2; then echo /sys/fs/cgroup && return; fi
  for d in /sys/fs/cgroup/*/; do [ "$d" = /sys/fs/cgroup/unified/ ] || [ -L "${d%/}" ] || echo "${d%/}"; done
}

# The folder in which the daemons are counted.
daemon_cgroup() {
  if cgroup_is_v2; then echo "/sys/fs/cgroup/$CGROUP/daemons"; else echo "/sys/fs/cgroup/pids/$CGROUP/daemons"; fi
}

# On v2 a group has only those controllers that its parent hands down, and a kubelet wants them all.
hand_down_controllers() { # GROUP
  local controller controllers
  read -ra controllers <"$1/cgroup.controllers"
  for controller in "${controllers[@]}"; do
    echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true
  done
}

make_cgroups() { # NODE
  local h f
  for h in $(cgroup_hierarchies); do
    mkdir -p "$h/$CGROUP/node$1"
    # On v1 a new cpuset is empty, and no process can be put into it.
    for f in cpuset.cpus cpuset.mems; do
      if cgroup_is_v2 || [ ! -e "$h/$f" ]; then continue; fi
      cat "$h/$f" >"$h/$CGROUP/$f"
      cat "$h/$f" >"$h/$CGROUP/node$1/$f"
    done
  done
  mkdir -p "$(daemon_cgroup)"
  if cgroup_is_v2; then
    hand_down_controllers /sys/fs/cgroup
    hand_down_controllers "/sys/fs/cgroup/$CGROUP"
  fi
}

cluster_cgroups() { find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name "$CGROUP" 2>/dev/null; }

# The pids of everything in the cluster: daemons, shims, pods.
cluster_pids() {
  local tree
  for tree in $(cluster_cgroups); do
    find "$tree" -name cgroup.procs -exec cat {} + 2>/dev/null
  done | sort -u
}

remove_cgroups() {
  local tree
  for tree in $(cluster_cgroups); do find "$tree" -depth -type d -exec rmdir {} + 2>/dev/null || true; done
  [ -z "$(cluster_cgroups)" ]
}
