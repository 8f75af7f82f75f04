# shellcheck shell=bash
# Installs the operator, or leaves alone the one that is there.  Sourced by deploy.

OPERATOR_NAMESPACE=ffdl-system
OURS=ffdl.io/made-by=quickstart # the label of all that the quickstart made, and may delete or replace
OPERATOR_LOG=$LOGS/install.log

k() { kubectl "$@"; }
exists() { [ -n "$(kubectl get "$@" --ignore-not-found -o name)" ]; }

# The manifests with the image that this cluster has or can pull.
operator_manifests() {
  if [ -z "$IMAGE" ]; then
    k kustomize "$ROOT/manifests/kustomize/overlays/local"
  else
    k kustomize "$ROOT/manifests/kustomize/base" | sed -E "s#(image|value): ffdl:dev\$#\\1: $IMAGE#"
  fi
}

# What is in the local archive: the same name may stand for another build than in the run before.
archive_digest() { [ -z "$ARCHIVE" ] || sha256sum "$ARCHIVE" | cut -c1-16; }

install_operator() { # STEP
  local from before after deployment=deployment/ffdl-operator
  from=$(now)
  if exists -n $OPERATOR_NAMESPACE $deployment && ! exists -n $OPERATOR_NAMESPACE deployment -l $OURS; then
    step "$1" Install "an operator is installed already; it is left as it is"
    return
  fi
  before=$(k -n $OPERATOR_NAMESPACE get $deployment --ignore-not-found -o jsonpath='{.metadata.annotations.ffdl\.io/archive}')
  after=$(archive_digest)
  {
    operator_manifests | k apply --server-side --field-manager=ffdl-quickstart -f - &&
      k -n $OPERATOR_NAMESPACE label --overwrite $deployment "$OURS" &&
      k -n $OPERATOR_NAMESPACE annotate --overwrite $deployment "ffdl.io/archive=$after" &&
      { [ -z "$before" ] || [ "$before" = "$after" ] || k -n $OPERATOR_NAMESPACE rollout restart $deployment; }
  } >"$OPERATOR_LOG" 2>&1 || operator_failed
  step "$1" Install "the kind TrainingJob, the operator and its rights; waiting for the operator"
  k -n $OPERATOR_NAMESPACE rollout status $deployment --timeout=120s >>"$OPERATOR_LOG" 2>&1 || operator_failed
  took Install "$from" $(($(now) - from))
  step "$1" Install "${GREEN}ready$PLAIN in namespace $OPERATOR_NAMESPACE after $(duration $(($(now) - from)))"
}

operator_failed() {
  {
    k -n $OPERATOR_NAMESPACE get pods
    k -n $OPERATOR_NAMESPACE get events --field-selector type=Warning | tail -n 5
    k -n $OPERATOR_NAMESPACE logs deployment/ffdl-operator --tail=10
  } >>"$OPERATOR_LOG" 2>&1 || true
  fail "the operator could not be installed" "$OPERATOR_LOG" \
    "To look closer: $SAY_KUBECTL -n $OPERATOR_NAMESPACE describe pods"
}
