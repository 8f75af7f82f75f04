# shellcheck shell=bash
# Shows a job while it runs: its state as it changes, and what its learners print.  Sourced by deploy.

FOLLOWERS=()
readonly LONGEST_TRAINING=15m
readonly ROW='%-7s %-12s %-9s %-8s %s'

# job_rows: one line for each change of the job. The columns are parted by "|", since kubectl --watch
# turns tabs into blanks.
job_rows() {
  local message='{.status.conditions[?(@.type=="Ready")].message}'
  k -n "$NAMESPACE" get trainingjob "$JOB" --watch -o \
    jsonpath="{.metadata.name}|{.status.state}|{.status.learners.summary}|{.status.attempt}|$message{'\n'}"
}

follow_state() {
  local name state learners attempt message last='' row
  # shellcheck disable=SC2059
  say "  $BOLD$(printf "$ROW" NAME STATE LEARNERS ATTEMPT MESSAGE)$PLAIN"
  job_rows 2>>"$SAMPLE_LOG" | while IFS='|' read -r name state learners attempt message; do
    # shellcheck disable=SC2059
    row=$(printf "$ROW" "$name" "$state" "$learners" "$attempt" "$message")
    [ -z "$state" ] || [ "$row" = "$last" ] || say "  $row"
    last=$row
  done
}

# follow_learner NUMBER: prints the output of each of its pods in turn, as long as it is not ended.
follow_learner() {
  local pod=$JOB-learner-$(($1 - 1)) uid last='' line
  local colour=${LEARNER_COLOURS[$((($1 - 1) % ${#LEARNER_COLOURS[@]}))]}
  while sleep 0.2; do
    k -n "$NAMESPACE" wait --for=condition=Ready "pod/$pod" --timeout=60s >/dev/null 2>&1 || continue
    uid=$(k -n "$NAMESPACE" get pod "$pod" --ignore-not-found -o jsonpath='{.metadata.uid}' 2>/dev/null)
    if [ "$uid" = "$last" ]; then sleep 1 && continue; fi
    last=$uid
    { k -n "$NAMESPACE" logs --follow "$pod" --container learner 2>/dev/null || true; } |
      while IFS= read -r line; do say "${colour}learner-$1 |$PLAIN ${line#learner "$1"/* }"; done
  done
}

start_follower() {
  set -m
  "$@" </dev/null &
  FOLLOWERS+=($!)
  set +m
}

end_followers() {
  local pid
  for pid in "${FOLLOWERS[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for pid in "${FOLLOWERS[@]}"; do wait "$pid" 2>/dev/null || true; done
  FOLLOWERS=()
}

wait_for_the_end() {
  k -n "$NAMESPACE" wait --for=condition=Finished trainingjob/"$JOB" --timeout=$LONGEST_TRAINING >>"$SAMPLE_LOG" 2>&1
}

train() { # STEP
  local from i learners
  from=$(now)
  step "$1" Training "kubectl apply -k manifests/samples/mnist"
  apply_sample
  learners=$(k -n "$NAMESPACE" get trainingjob "$JOB" -o jsonpath='{.spec.learners}')
  start_follower follow_state
  for ((i = 1; i <= learners; i++)); do start_follower follow_learner "$i"; done
  start_follower wait_for_the_end
  wait "${FOLLOWERS[-1]}" || training_failed "the training did not end within $LONGEST_TRAINING"
  sleep 1 # for the last lines
  end_followers
  [ "$(k -n "$NAMESPACE" get trainingjob "$JOB" -o jsonpath='{.status.state}')" = Completed ] ||
    training_failed "the training did not succeed"
  took Training "$from" $(($(now) - from))
  step "$1" Training "${GREEN}completed$PLAIN after $(duration $(($(now) - from)))"
}

training_failed() {
  end_followers
  k -n "$NAMESPACE" describe trainingjob "$JOB" >>"$SAMPLE_LOG" 2>&1 || true
  fail "$1" "$SAMPLE_LOG" "To look closer: $SAY_KUBECTL -n $NAMESPACE describe tj $JOB" \
    "             or: $SAY_KUBECTL -n $NAMESPACE describe pods"
}
