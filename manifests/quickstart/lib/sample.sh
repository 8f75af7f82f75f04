# shellcheck shell=bash
# Puts the sample job into the cluster, in place of the one of the run before.  Sourced by deploy.

JOB=mnist
CLAIM=mnist-results
SAMPLE_OBJECTS=("trainingjob/$JOB" "persistentvolumeclaim/$CLAIM" configmap/mnist-code)
SAMPLE_LOG=$LOGS/training.log

# prepare_sample: the namespace is there, and in it nothing of an earlier run.
prepare_sample() {
  local object mine=()
  if ! exists namespace "$NAMESPACE"; then
    k create namespace "$NAMESPACE" >/dev/null
    k label namespace "$NAMESPACE" "$OURS" >/dev/null
  fi
  for object in "${SAMPLE_OBJECTS[@]}"; do
    exists -n "$NAMESPACE" "$object" || continue
    exists -n "$NAMESPACE" "${object%/*}" -l "$OURS" --field-selector "metadata.name=${object#*/}" ||
      fail "$object in namespace $NAMESPACE is not from a quickstart, so it is not touched" "" \
        "Delete what you do not need: $SAY_KUBECTL -n $NAMESPACE delete $object" \
        "or train elsewhere: make quickstart NAMESPACE=NAME"
    mine+=("$object")
  done
  [ ${#mine[@]} = 0 ] && return
  say "deleting what the last run left: ${mine[*]}"
  k -n "$NAMESPACE" delete "${mine[@]}" --timeout=120s >"$SAMPLE_LOG" 2>&1 ||
    fail "what the last run left could not be deleted" "$SAMPLE_LOG" "To look closer: $SAY_KUBECTL -n $NAMESPACE describe ${mine[0]}"
}

sample_manifests() {
  k kustomize "$ROOT/manifests/samples/mnist" |
    sed "s#image: localhost/pytorch:1\$#image: ${SAMPLE_IMAGE:-localhost/pytorch:1}#"
}

apply_sample() {
  {
    sample_manifests | k -n "$NAMESPACE" apply -f - &&
      k -n "$NAMESPACE" label --overwrite "${SAMPLE_OBJECTS[@]}" "$OURS"
  } >"$SAMPLE_LOG" 2>&1 ||
    fail "the sample could not be applied" "$SAMPLE_LOG" "The files are in manifests/samples/mnist"
}
