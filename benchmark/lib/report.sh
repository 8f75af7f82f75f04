# shellcheck shell=bash
# The figures as a table.

# line WHAT VALUE UNIT AIM GO: AIM "" or a number that VALUE should not exceed.
line() {
  local verdict=''
  if [ -n "$4" ]; then
    verdict=$(awk -v v="$2" -v aim="$4" 'BEGIN {print v <= aim ? "met" : "MISSED"}')
  fi
  printf '%-52s %10s %-6s %6s %-7s %s\n' "$1" "$2" "$3" "$4" "$verdict" "$5"
}

mib() { awk -v kib="$(figure "$1")" 'BEGIN {printf "%.1f", kib / 1024}'; }
per_job() { awk -v n="$(figure "$1")" -v jobs="$(figure "$2_jobs")" 'BEGIN {printf "%.2f", n / jobs}'; }
rounded() { awk -v v="$(figure "$1")" 'BEGIN {printf "%.2f", v}'; }

report_jobs() { # NAME LEARNERS CPU_AIM GO_CPU GO_STATUS
  local name=$1 verb
  say ""
  say "$(figure "${name}_jobs") jobs of $2 learner(s), $(figure "${name}_rate") a second, whole lives:"
  line "  CPU per job" "$(rounded "${name}_cpu_ms")" ms "$3" "$4"
  line "  CPU per job of a client that only makes the writes" "$(rounded "${name}_null_cpu_ms")" ms "" ""
  line "  ratio" "$(awk -v a="$(figure "${name}_cpu_ms")" -v b="$(figure "${name}_null_cpu_ms")" \
    'BEGIN {if (b > 0) printf "%.2f", a / b; else print "-"}')" "" 1.5 ""
  line "  requests per job" "$(per_job "${name}_requests" "$name")" "" "" ""
  for verb in create patch update delete get list watch; do
    [ -z "$(figure "${name}_verb_$verb")" ] ||
      line "    $verb" "$(per_job "${name}_verb_$verb" "$name")" "" "" ""
  done
  line "  status writes per job" "$(per_job "${name}_writes_status" "$name")" "" 3 "$5"
  line "  events per job" "$(per_job "${name}_writes_events" "$name")" "" "" ""
  line "  writes that changed nothing" "$(figure "${name}_no_change")" "" 0 ""
  line "  answers 409" "$(figure "${name}_conflicts")" "" "" ""
  line "  other refusals" "$(figure "${name}_refused")" "" 0 ""
  line "  job accepted to first child asked for, p50" "$(rounded "${name}_react_p50")" ms 1 "1.6-9.5 ms"
  line "  job accepted to first child asked for, p99" "$(rounded "${name}_react_p99")" ms 3 "5.6-438 ms"
  line "  job accepted to first child there, p50" "$(rounded "${name}_child_p50")" ms "" ""
  line "  job accepted to first child there, p99" "$(rounded "${name}_child_p99")" ms "" ""
}

report_replay() { # JOBS RESIDENT_AIM START_AIM START_AIM_BESIDE_LISTS
  local name=replay_$1
  say ""
  say "$1 jobs of 4 learners that are replayed:"
  line "  resident" "$(rounded "${name}_resident_mib")" MiB "$2" ""
  line "    of it anonymous" "$(rounded "${name}_anonymous_mib")" MiB "" ""
  line "    highest while filling" "$(rounded "${name}_peak_mib")" MiB "" ""
  line "  start to first write" "$(rounded "${name}_start_to_write_ms")" ms "$3" "0.7-19 s"
  line "    beside a client that drops the same lists" "$(awk -v all="$(figure "${name}_start_to_write_ms")" \
    -v lists="$(figure "${name}_list_ms")" 'BEGIN {printf "%.2f", all - lists}')" ms "$4" ""
  line "  CPU of it" "$(rounded "${name}_start_cpu_ms")" ms "" ""
  line "  writes for jobs that run already" "$(rounded "${name}_writes_for_running_jobs")" "" 0 ""
  line "  event to request, 1,000 events/s, p50" "$(rounded "${name}_event_to_write_p50_ms")" ms 0.3 ""
  line "  event to request, 1,000 events/s, p99" "$(rounded "${name}_event_to_write_p99_ms")" ms 2 ""
  line "  the same among changes of 100 poison jobs, p50" "$(rounded "${name}_beside_poison_p50_ms")" ms 0.3 ""
  line "  the same among changes of 100 poison jobs, p99" "$(rounded "${name}_beside_poison_p99_ms")" ms 2 ""
  line "  last learner ended to the job saying so, p50" "$(rounded "${name}_end_to_told_p50_ms")" ms 2 "2.4 ms"
  line "  last learner ended to the job saying so, p99" "$(rounded "${name}_end_to_told_p99_ms")" ms 10 ""
  line "  learner failed to first write, p50" "$(rounded "${name}_failure_to_write_p50_ms")" ms 2 "7.7-2000 ms"
  line "  learner failed to first write, p99" "$(rounded "${name}_failure_to_write_p99_ms")" ms 10 "17-2100 ms"
}

report() {
  local full
  full=$(figure memory_jobs)
  printf '%-52s %10s %-6s %6s %-7s %s\n' "" measured "" aim "" "tuned Go operators"
  line "resident, idle" "$(mib idle_rss)" MiB 18 "48-56 MiB"
  line "  of it libraries that only Debian's libcurl needs" "$(mib idle_companions)" MiB "" ""
  line "  of it anonymous" "$(mib idle_anonymous)" MiB 5 "10-12 MiB"
  line "resident, $full jobs of 2 learners run" "$(mib full_rss)" MiB "" ""
  line "  of it anonymous" "$(mib full_anonymous)" MiB "" ""
  line "  highest so far" "$(mib full_peak)" MiB "" ""
  line "resident, same jobs, operator started again" "$(mib restarted_rss)" MiB "" ""
  line "  of it anonymous" "$(mib restarted_anonymous)" MiB "" ""
  line "  highest so far" "$(mib restarted_peak)" MiB "" ""
  line "CPU to take them over" "$(rounded restarted_cpu_ms)" ms "" ""
  line "CPU when idle, per second" "$(rounded idle_cpu_ms_per_s)" ms "" ""
  line "writes in a quiet hour of virtual time" "$(figure quiet_hour_writes)" "" 0 ""
  report_jobs alone 1 2 "16-55 ms" "3-10"
  report_jobs one 1 2 "16-55 ms" "3-10"
  report_jobs eight 8 2 "44-83 ms" "up to 24"
  report_restart
  report_replay $((JOBS * 5)) 24 300 ""
  report_replay $((JOBS * 50)) 64 "" 1000
}
