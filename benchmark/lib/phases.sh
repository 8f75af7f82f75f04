# shellcheck shell=bash
# What is done to the operator, one function a phase.  Each notes figures.  Sourced by run.

client_as() { in_network 1 env "${NO_PROXY_ENV[@]}" "$BUILD/benchmark/ffdl_bench_client" --kubeconfig "$W/$1" "${@:2}"; }
client() { client_as kubeconfig "$@"; }

pods_are_gone() { [ -z "$(k get pods -n "$1" -o name)" ]; }
jobs_are_gone() { [ -z "$(k get trainingjobs,statefulsets,pods -n "$1" -o name)" ]; }

measure_idle() {
  local pid from=$SECONDS before
  pid=$(daemon_pid operator)
  before=$(cpu_ms "$pid")
  sleep "$IDLE_SECONDS"
  note idle_cpu_ms_per_s "$(awk -v a="$before" -v b="$(cpu_ms "$pid")" -v s=$((SECONDS - from)) 'BEGIN {print (b - a) / s}')"
  note_memory idle
  note idle_companions "$(companions_kib "$pid")"
}

# run_jobs NAME JOBS LEARNERS RATE: whole lives, from the first write until the last pod is gone.
run_jobs() {
  local name=$1 jobs=$2 learners=$3 rate=$4 pid before from=$SECONDS
  k create namespace "bench-$name" >/dev/null
  wait_for 30 controller-manager "the service account" k get serviceaccount default -n "bench-$name"
  pid=$(daemon_pid operator)
  before=$(cpu_ms "$pid")
  from=$SECONDS
  client submit --namespace "bench-$name" --prefix "$name" --jobs "$jobs" --learners "$learners" --rate "$rate"
  client wait --namespace "bench-$name" --prefix "$name" --jobs "$jobs" --timeout_seconds 300
  wait_for 180 controller-manager "the pods to go" pods_are_gone "bench-$name"
  sleep 2
  note "${name}_jobs" "$jobs"
  note "${name}_rate" "$rate"
  note "${name}_seconds" $((SECONDS - from))
  note "${name}_cpu_ms" "$(awk -v a="$before" -v b="$(cpu_ms "$pid")" -v s=$((SECONDS - from)) \
    -v idle="$(figure idle_cpu_ms_per_s)" -v jobs="$jobs" 'BEGIN {print (b - a - idle * s) / jobs}')"
  step "$jobs jobs of $learners learner(s) came and went"
}

# Jobs of two learners that run on; then a new process in front of all of them.
measure_memory() { # JOBS
  k create namespace bench-memory >/dev/null
  wait_for 30 controller-manager "the service account" k get serviceaccount default -n bench-memory
  client submit --namespace bench-memory --prefix memory --jobs "$1" --learners 2 --rate 40 --runs_for 24h
  client wait --namespace bench-memory --prefix memory --jobs "$1" --state Processing --timeout_seconds 600
  sleep 3
  note memory_jobs "$1"
  note_memory full
  note full_peak "$(awk '$1 == "VmHWM:" {print $2}' "/proc/$(daemon_pid operator)/status")"
  step "$1 jobs of 2 learners run"
  stop_operator
  start_operator "$BUILD/operator/ffdl-operator"
  sleep 5
  note_memory restarted
  note restarted_peak "$(awk '$1 == "VmHWM:" {print $2}' "/proc/$(daemon_pid operator)/status")"
  note restarted_cpu_ms "$(cpu_ms "$(daemon_pid operator)")"
  step "a new operator has taken them over"
}

# A learner that trains for an hour of virtual time, in the simulation that the tests play.
measure_quiet_hour() {
  local writes
  writes=$("$BUILD/test/simulation/ffdl-simulate" --replay 'create seed=1 replicas=2 lease=short faults=none' |
    sed -n 's/^writes in the quiet hour: //p')
  [ -n "$writes" ] || die "ffdl-simulate told no number of writes"
  note quiet_hour_writes "$writes"
  step "a quiet hour has passed in the simulation"
}

# null_client NAME LEARNERS: the writes that the audit log counted, for as many jobs that nobody reconciles,
# with the operator's own token, because sending a token costs more than having a certificate.
null_client() {
  local name=$1 learners=$2 jobs out
  jobs=$(figure "${name}_jobs")
  k create namespace "bench-null-$name" >/dev/null
  client submit --namespace "bench-null-$name" --prefix null --jobs "$jobs" --learners "$learners" --rate 1000
  out=$(client_as operator.kubeconfig null --namespace "bench-null-$name" --prefix null --learners "$learners" \
    --services "$(figure "${name}_writes_services")" --learner_sets "$(figure "${name}_writes_statefulsets")" \
    --statuses "$(figure "${name}_writes_status")" --events "$(figure "${name}_writes_events")")
  note "${name}_null_requests" "${out% *}"
  note "${name}_null_cpu_ms" "$(awk -v ms="${out#* }" -v jobs="$jobs" 'BEGIN {print ms / jobs}')"
  step "null client: ${out% *} writes, ${out#* } ms of CPU"
}

# replay JOBS: a new operator in front of jobs of four learners that an API server without etcd tells of.
replay() {
  local figure value
  "$BUILD/benchmark/ffdl_bench_replay" --operator "$BUILD/operator/ffdl-operator" --jobs "$1" --learners 4 \
    --out "$OUT/replay-$1" >"$OUT/replay-$1.figures"
  while read -r figure value; do note "replay_$1_$figure" "$value"; done <"$OUT/replay-$1.figures"
  step "$1 jobs of 4 learners were replayed"
}
