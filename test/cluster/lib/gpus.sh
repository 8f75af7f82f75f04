# shellcheck shell=bash
# Fake GPUs: nvidia.com/gpu in the status of a node.  Sourced after cluster.sh and daemon.sh.
#
# The scheduler counts them like real ones.  A kubelet keeps what it does not know when it writes the
# status, but not when it registers anew, so gpu_keeper watches the nodes and puts them back.

GPU=nvidia.com~1gpu # as it stands in a JSON patch

gpus_wanted() { cat "$W/gpus/$1" 2>/dev/null || echo 0; }      # NODE
gpus_shown() { k get node "$1" -o 'jsonpath={.status.capacity.nvidia\.com/gpu} {.status.allocatable.nvidia\.com/gpu}'; }

patch_gpus() { # NODE COUNT: both are written, so that the scheduler need not wait for the kubelet
  local patch
  if [ "$2" -gt 0 ]; then
    patch='[{"op": "add", "path": "/status/capacity/'$GPU'", "value": "'$2'"},
      {"op": "add", "path": "/status/allocatable/'$GPU'", "value": "'$2'"}]'
  else
    # "add" first: a path that is not there cannot be removed
    patch='[{"op": "add", "path": "/status/capacity/'$GPU'", "value": "0"},
      {"op": "add", "path": "/status/allocatable/'$GPU'", "value": "0"},
      {"op": "remove", "path": "/status/capacity/'$GPU'"},
      {"op": "remove", "path": "/status/allocatable/'$GPU'"}]'
  fi
  k patch node "$1" --subresource=status --type=json -p "$patch"
}

gpus_are() { # NODE COUNT
  local want="$2 $2"
  [ "$2" -gt 0 ] || want=' '
  [ "$(gpus_shown "$1")" = "$want" ]
}

set_gpus() { # NODE COUNT
  mkdir -p "$W/gpus"
  echo "$2" >"$W/gpus/$1"
  is_running gpu-keeper || spawn gpu-keeper "$TEST_CLUSTER/lib/gpu_keeper" "$NAME"
  patch_gpus "$1" "$2" >/dev/null
  wait_for 20 gpu-keeper "$1 to show $2 GPUs" gpus_are "$1" "$2"
}
