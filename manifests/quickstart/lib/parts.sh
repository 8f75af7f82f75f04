# shellcheck shell=bash
# Parts of the work that run side by side: each writes to a log of its own, and its last line there is
# shown while it runs.  Sourced after output.sh.

declare -A PART_PID=() PART_FROM=() PART_STEP=() PART_ADVICE=()
readonly SECONDS_BETWEEN_LINES=20 # where there is no terminal to overwrite a line on

part_log() { echo "$LOGS/${1,,}.log"; }

# start_part STEP NAME ADVICE COMMAND...: in a process group of its own, so that all of it can be ended.
start_part() {
  local name=$2 log
  log=$(part_log "$name")
  PART_STEP[$name]=$1 PART_ADVICE[$name]=$3 PART_FROM[$name]=$(now)
  shift 3
  set -m
  "$@" </dev/null >"$log" 2>&1 &
  PART_PID[$name]=$!
  set +m
}

# What a part says it is doing: its last line, without what only moves a cursor.
part_detail() { # NAME WIDTH
  tail -c 2000 "$(part_log "$1")" 2>/dev/null | tr '\r' '\n' | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' |
    awk -v width="$2" 'NF {line = $0} END {print substr(line, 1, width)}'
}

# end_parts: TERM to all that still run, then KILL; only process groups that start_part made.
end_parts() {
  local name pid tries
  for name in "${!PART_PID[@]}"; do kill -TERM -- "-${PART_PID[$name]}" 2>/dev/null || true; done
  for name in "${!PART_PID[@]}"; do
    pid=${PART_PID[$name]}
    for ((tries = 0; tries < 50; tries++)); do
      kill -0 -- "-$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
  PART_PID=()
}

finish_part() { # NAME: waits for it; ends everything when it failed
  local name=$1 code=0 took
  wait "${PART_PID[$name]}" || code=$?
  unset "PART_PID[$name]"
  took=$(($(now) - PART_FROM[$name]))
  if [ $code -ne 0 ]; then
    end_parts
    fail "$name ended with code $code after $(duration $took)" "$(part_log "$name")" \
      "${PART_ADVICE[$name]}" "What is done stays done: type the same command again to go on."
  fi
  took "$name" "${PART_FROM[$name]}" "$took"
  step "${PART_STEP[$name]}" "$name" "${GREEN}ready$PLAIN after $(duration $took)"
}

show_parts() {
  local name text='' width
  width=$(((${COLUMNS:-80} - 20) / ${#PART_PID[@]}))
  for name in "${!PART_PID[@]}"; do text+="$name: $(part_detail "$name" $((width - ${#name} - 5)))   "; done
  status_line "$text"
}

# wait_for_parts: until all have ended, saying every now and then where they are.
wait_for_parts() {
  local name shown=$SECONDS
  while [ ${#PART_PID[@]} -gt 0 ]; do
    for name in "${!PART_PID[@]}"; do
      kill -0 "${PART_PID[$name]}" 2>/dev/null || finish_part "$name"
    done
    [ ${#PART_PID[@]} -gt 0 ] || break
    if [ -t 1 ]; then
      show_parts
    elif [ $((SECONDS - shown)) -ge $SECONDS_BETWEEN_LINES ]; then
      shown=$SECONDS
      for name in "${!PART_PID[@]}"; do say "      $name: $(part_detail "$name" 100)"; done
    fi
    sleep 0.3
  done
}
