# shellcheck shell=bash
# A job whose learners all start again because one failed, beside a plain StatefulSet of the same pods
# that are deleted by hand.  Sourced by run.

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# What both are asked is small, so that asking costs both the same.
set_is_ready() { [ "$(k get statefulset plain -n "$1" -o 'jsonpath={.status.readyReplicas}')" = "$2" ]; }
set_is_not_ready() { ! set_is_ready "$@"; }
attempt_runs() { # NAMESPACE JOB ATTEMPT
  [ "$(k get trainingjob "$2" -n "$1" -o 'jsonpath={.status.attempt} {.status.state}')" = "$3 Processing" ]
}

# The learner of the highest rank ends with exit code 1, as a kubelet would write it.
fail_last_learner() { # NAMESPACE JOB LEARNERS
  k patch pod "$2-learner-$(($3 - 1))" -n "$1" --subresource=status --type=json -p '[
    {"op": "replace", "path": "/status/containerStatuses/0/ready", "value": false},
    {"op": "replace", "path": "/status/containerStatuses/0/state", "value": {"terminated": {
      "exitCode": 1, "reason": "Error", "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:01:00Z",
      "message": "{\"reason\":\"Error\",\"exitCode\":1,\"message\":\"exited with code 1\",\"log\":\"\"}"}}}]' >/dev/null
}

# plain_set NAMESPACE: the job's StatefulSet under another name, which is nobody's.
plain_set() {
  k get statefulset restart-0-learner -n "$1" -o json | jq '
    del(.status, .metadata.ownerReferences, .metadata.uid, .metadata.resourceVersion, .metadata.labels)
    | .metadata.name = "plain"
    | .spec.selector.matchLabels = {plain: "yes"}
    | .spec.template.metadata.labels = {plain: "yes"}' | k apply -f - >/dev/null
}

measure_restart() { # LEARNERS
  local ns=bench-restart began
  k create namespace $ns >/dev/null
  wait_for 30 controller-manager "the service account" k get serviceaccount default -n $ns
  client submit --namespace $ns --prefix restart --jobs 1 --learners "$1" --runs_for 24h
  k patch trainingjob restart-0 -n $ns --type=merge -p '{"spec": {"failurePolicy": {"maxRestarts": 1}}}' >/dev/null
  wait_for 300 controller-manager "$1 learners to run" attempt_runs $ns restart-0 1
  began=$(now_ms)
  fail_last_learner $ns restart-0 "$1"
  wait_for 300 controller-manager "$1 learners to run again" attempt_runs $ns restart-0 2
  note restart_learners "$1"
  note restart_ms $(($(now_ms) - began))
  note status_bytes "$(k get trainingjob restart-0 -n $ns -o json | jq -c .status | wc -c)"
  step "a job of $1 learners has started again"

  plain_set $ns
  k delete trainingjob restart-0 -n $ns --wait=true >/dev/null
  wait_for 300 controller-manager "a plain set of $1 pods" set_is_ready $ns "$1"
  began=$(now_ms)
  k delete pods -n $ns -l plain=yes --wait=false >/dev/null
  wait_for 60 controller-manager "the pods to go" set_is_not_ready $ns "$1"
  wait_for 300 controller-manager "$1 pods to run again" set_is_ready $ns "$1"
  note by_hand_ms $(($(now_ms) - began))
  k delete statefulset plain -n $ns >/dev/null
  step "the same pods were deleted by hand"
}

report_restart() {
  say ""
  say "One learner of $(figure restart_learners) fails, and all start again:"
  line "  until all run again" "$(awk -v ms="$(figure restart_ms)" 'BEGIN {printf "%.1f", ms / 1000}')" s "" ""
  line "  the same pods deleted by hand, until all run again" "$(awk -v ms="$(figure by_hand_ms)" 'BEGIN {printf "%.1f", ms / 1000}')" s "" ""
  line "  bytes of status" "$(figure status_bytes)" "" "" ""
}
