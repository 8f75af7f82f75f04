# shellcheck shell=bash
# A cluster that exists: is it there, and can it pull the images?  Sourced by run.

# find_kubectl: the one on PATH, or the one that was built for the local cluster.
find_kubectl() {
  local built
  KUBECTL=$(command -v kubectl) && return
  for built in "${XDG_CACHE_HOME:-$HOME/.cache}"/ffdl/bin/core-*/kubectl; do
    [ ! -x "$built" ] || { KUBECTL=$built && return; }
  done
  fail "there is no kubectl" "" "Put one on PATH, or build one: test/cluster/build"
}

check_images_are_named() {
  [ -z "$IMAGE" ] || [ -z "$SAMPLE_IMAGE" ] || return 0
  fail "your cluster has to pull two images, so their names are needed" "" \
    "1. make images                       writes build/images/ffdl.tar and build/images/pytorch.tar" \
    "2. push both to your registry, for example:" \
    "     skopeo copy oci-archive:build/images/ffdl.tar docker://REGISTRY/ffdl:dev" \
    "     skopeo copy oci-archive:build/images/pytorch.tar docker://REGISTRY/pytorch:1" \
    "3. make quickstart KUBECONFIG=$KUBECONFIG_FILE IMAGE=REGISTRY/ffdl:dev SAMPLE_IMAGE=REGISTRY/pytorch:1"
}

check_your_cluster() {
  local version
  printf '%sTwo learners train a network, under FfDL, on your Kubernetes.%s\n\n' "$BOLD" "$PLAIN"
  [ -r "$KUBECONFIG_FILE" ] || fail "cannot read the file $KUBECONFIG_FILE" "" "KUBECONFIG names the file of the cluster to use."
  check_images_are_named
  find_kubectl
  export KUBECONFIG=$KUBECONFIG_FILE
  version=$("$KUBECTL" version --request-timeout=10s 2>"$LOGS/cluster.log" | sed -n 's/^Server Version: //p') ||
    fail "the cluster of $KUBECONFIG_FILE does not answer" "$LOGS/cluster.log" "Try: kubectl --kubeconfig $KUBECONFIG_FILE version"
  step 1 Cluster "Kubernetes $version, context $("$KUBECTL" config current-context)"
}

deploy_to_your_cluster() {
  PATH=$(dirname "$KUBECTL"):$PATH exec "$HERE/deploy" --steps 3 --namespace "${NAMESPACE:-ffdl-quickstart}" \
    --image "$IMAGE" --sample-image "$SAMPLE_IMAGE" --kubectl "kubectl --kubeconfig $KUBECONFIG_FILE" \
    --run "KUBECONFIG=$KUBECONFIG_FILE "
}
