# shellcheck shell=bash
# The checks of test/cluster/check about fake GPUs.  Sourced after check_pods.sh.

fake_gpus_are_counted_on_every_node() {
  set_gpus node1 4
  set_gpus node2 2
  soon 10 gpus_are node1 4
  soon 10 gpus_are node2 2
}

node1_is_ready() { k wait --for=condition=Ready node/node1 --timeout=1s; }
node1_heartbeat() { k get node node1 -o 'jsonpath={.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}'; }
node1_was_heard_since() { [ "$(node1_heartbeat)" != "$1" ]; }

fake_gpus_survive_a_restart_of_the_kubelet() {
  local before
  before=$(node1_heartbeat)
  stop kubelet1
  start_again kubelet1
  soon 60 node1_was_heard_since "$before" # it has written the status
  soon 10 gpus_are node1 4
}

fake_gpus_survive_a_new_registration_of_the_node() {
  stop kubelet1
  k delete node node1
  start_again kubelet1
  soon 60 node1_is_ready
  soon 10 gpus_are node1 4
}

fake_gpus_can_be_taken_away() {
  local before
  set_gpus node1 0
  before=$(node1_heartbeat)
  stop kubelet1
  start_again kubelet1
  soon 60 node1_was_heard_since "$before"
  gpus_are node1 0
  gpus_are node2 2
}
