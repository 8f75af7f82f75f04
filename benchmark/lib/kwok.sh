# shellcheck shell=bash
# shellcheck disable=SC2034  # variables for the other parts
# kwok: nodes that exist only in the API server, and pods on them that go through their lives without a
# kubelet.  Built like the programs of the test cluster, from a module of its own.  Sourced after the
# libraries of test/cluster.

SIMULATED_NODES=4

# Which folder of the cache holds kwok, kept as test/cluster keeps its own programs.
kwok_dir() { (TEST_CLUSTER=$BENCHMARK && bin_dir kwok); }

build_kwok() {
  (
    TEST_CLUSTER=$BENCHMARK
    take_lock "$CACHE/.build.lock" 3600 "another build to end"
    compile kwok kwok=sigs.k8s.io/kwok/cmd/kwok
  )
}

# The taint keeps all other pods away, the label brings the benchmark's here.
simulated_node() { # NUMBER
  cat <<EOT
apiVersion: v1
kind: Node
metadata:
  name: simulated-$1
  labels: {ffdl-benchmark: simulated, kubernetes.io/hostname: simulated-$1}
spec:
  taints: [{key: ffdl-benchmark, effect: NoSchedule}]
---
EOT
}

start_nodes() {
  local i
  start kwok 1 "$(kwok_dir)/kwok" --kubeconfig "$W/kubeconfig" --config "$BENCHMARK/kwok/stages.yaml" \
    --manage-all-nodes=false --manage-nodes-with-label-selector ffdl-benchmark=simulated \
    --cidr 10.245.0.0/16 --node-ip 10.99.0.9 --node-lease-duration-seconds 40 -v WARN
  for ((i = 1; i <= SIMULATED_NODES; i++)); do simulated_node "$i"; done | k apply -f - >/dev/null
  wait_for 60 kwok "the simulated nodes" k wait --for=condition=Ready --timeout=5s \
    nodes -l ffdl-benchmark=simulated
}
