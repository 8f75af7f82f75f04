# shellcheck shell=bash
# A Kubernetes on this machine, built from source, with our images in it.  Sourced by run.

CLUSTER=${FFDL_CLUSTER:-ffdl}
OPERATOR_ARCHIVE=$ROOT/build/images/ffdl.tar
LEAST_DISK_GB=12
LEAST_MEMORY_GB=4

make_local_cluster() {
  printf '%sTwo learners train a network, under FfDL, on a Kubernetes of this machine.%s\n' "$BOLD" "$PLAIN"
  printf 'Logs of all parts: %s\n\n' "${LOGS#"$ROOT"/}"
  check_machine
  install_first_packages
  start_part 2 Kubernetes "The module proxy for Go must be reachable." build_kubernetes
  start_part 3 Operator "To build it by hand: make build" build_operator
  start_part 4 Images "Debian's packages must be reachable, and those of npm." build_images
  announce_parts
  wait_for_parts
  start_part 5 Cluster "To see what runs: test/cluster/status; to begin anew: make cluster-down" start_cluster
  step 5 Cluster "starting a Kubernetes node in a network namespace of its own"
  wait_for_parts
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "a Kubernetes node needs root: network namespaces, mounts, cgroups" "" \
    "Type: sudo make quickstart" "Or use a cluster that you have: make quickstart KUBECONFIG=FILE"
}

check_machine() {
  local disk memory
  disk=$(($(stat -f -c '%a * %S / 1000000000' "$ROOT")))
  memory=$(($(awk '/^MemTotal/ {print $2}' /proc/meminfo) / 1000000))
  [ $disk -ge $LEAST_DISK_GB ] || [ -d "$HOME/.cache/ffdl/bin" ] ||
    say "Warning: $disk GB of disk are free; the first run fills about $LEAST_DISK_GB."
  [ $memory -ge $LEAST_MEMORY_GB ] || say "Warning: $memory GB of memory; $LEAST_MEMORY_GB and more are better."
}

# Those that building Kubernetes needs; the others are installed while it is built.
install_first_packages() {
  local packages from
  packages=$("$ROOT/.ci/install-packages" --list build cluster images | wc -l)
  if [ "$packages" = 0 ]; then
    step 1 Packages "all there"
    return
  fi
  from=$(now)
  step 1 Packages "$packages Debian packages are missing; installing those that are needed first"
  "$ROOT/.ci/install-packages" cluster >"$LOGS/packages.log" 2>&1 ||
    fail "Debian packages could not be installed" "$LOGS/packages.log" "Try: apt-get update; .ci/install-packages"
  took Packages "$from" $(($(now) - from))
  step 1 Packages "${GREEN}ready${PLAIN} after $(duration $(($(now) - from)))"
}

announce_parts() {
  step 2 Kubernetes "building from source, unless it was before; the first time takes minutes"
  step 3 Operator "compiling"
  step 4 Images "making the operator's and PyTorch's"
}

build_kubernetes() { exec "$ROOT/test/cluster/build"; }

build_operator() {
  set -e
  cd "$ROOT"
  .ci/install-packages build images
  cmake --preset release
  cmake --build --preset release --target ffdl-operator ffdl-agent ffdl-launch --parallel "$(nproc)"
  mkdir -p "${OPERATOR_ARCHIVE%/*}"
  manifests/image/build build/release "$OPERATOR_ARCHIVE"
}

build_images() {
  set -e
  cd "$ROOT"
  .ci/install-packages images
  exec test/cluster/images base torch
}

start_cluster() { exec "$ROOT/test/cluster/up" --name "$CLUSTER" --images "torch $OPERATOR_ARCHIVE"; }

deploy_to_local_cluster() {
  FFDL_CLUSTER=$CLUSTER exec "$ROOT/test/cluster/run" "$HERE/deploy" --steps 7 \
    --namespace "${NAMESPACE:-default}" --archive "$OPERATOR_ARCHIVE" \
    --kubectl "$([ "$CLUSTER" = ffdl ] || echo "FFDL_CLUSTER=$CLUSTER ")test/cluster/kubectl" \
    --run "$([ "$CLUSTER" = ffdl ] || echo "FFDL_CLUSTER=$CLUSTER ")test/cluster/run "
}
