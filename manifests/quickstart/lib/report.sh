# shellcheck shell=bash
# What came out of it, how long it took, and what to try next.  Sourced by deploy.

# results: the file results.json of the volume, read by a pod that mounts it.
results() { "$HERE/look" --namespace "$NAMESPACE" cat "$JOB/results.json"; }

report() {
  local from found accuracy digits in_namespace=''
  from=$(now)
  found=$(results 2>>"$SAMPLE_LOG") || fail "the results could not be read from the claim $CLAIM" "$SAMPLE_LOG" \
    "To try again: ${SAY_RUN}manifests/quickstart/look --namespace $NAMESPACE"
  took "Reading the results" "$from" $(($(now) - from))
  accuracy=$(sed -n 's/.*"accuracy": \([0-9.]*\).*/\1/p' <<<"$found")
  digits=$(sed -n 's/.*"test_digits": \([0-9]*\).*/\1/p' <<<"$found")
  [ "$NAMESPACE" = default ] || in_namespace=" --namespace $NAMESPACE"
  printf '\n%sThe network reads %s %% of %s digits that it had never seen.%s\n' \
    "$BOLD$GREEN" "$(awk -v a="$accuracy" 'BEGIN {printf "%.1f", a * 100}')" "$digits" "$PLAIN"
  printf 'The model is %s/model.pt in the claim %s. To list what is there:\n' "$JOB" "$CLAIM"
  printf '  %smanifests/quickstart/look%s\n' "$SAY_RUN" "$in_namespace"
  table_of_times
  printf '\nTry next:\n'
  printf '  %s get trainingjob %s -o wide%s\n' "$SAY_KUBECTL" "$JOB" "$in_namespace"
  printf '  %s explain trainingjob.spec\n' "$SAY_KUBECTL"
  if [ -n "$ARCHIVE" ]; then
    printf '  test/cluster/shell          a shell with kubectl; "make cluster-down" ends the cluster\n'
  else
    printf '  %s delete -k manifests/samples/mnist%s\n' "$SAY_KUBECTL" "$in_namespace"
  fi
}
