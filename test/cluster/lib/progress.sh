# shellcheck shell=bash
# Shows that a long step moves: a line that is rewritten on a terminal, a new one every ten seconds
# elsewhere.  Sourced.

# shellcheck disable=SC2034  # JOB is for the caller
# in_background COMMAND...: in a process group of its own, so that all of it can be ended; sets JOB.
in_background() {
  set -m
  "$@" </dev/null &
  JOB=$!
  set +m
}

# watch_step PID TITLE DETAIL_COMMAND...: waits for PID, which in_background started, and prints TITLE,
# what DETAIL_COMMAND says and the time it takes.  Returns PID's exit code.
watch_step() {
  local pid=$1 title=$2 from=$SECONDS shown=$SECONDS code=0
  shift 2
  # shellcheck disable=SC2064  # this job, now
  trap "kill -- -$pid 2>/dev/null; exit 130" INT TERM HUP
  [ -t 1 ] || printf '%s ...\n' "$title"
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5
    if [ -t 1 ]; then
      printf '\r\033[K%s: %s, %s' "$title" "$("$@")" "$(minutes $((SECONDS - from)))"
    elif [ $((SECONDS - shown)) -ge 10 ]; then
      shown=$SECONDS
      printf '%s: %s, %s\n' "$title" "$("$@")" "$(minutes $((SECONDS - from)))"
    fi
  done
  wait "$pid" || code=$?
  trap - INT TERM HUP
  [ ! -t 1 ] || printf '\r\033[K'
  [ $code -ne 0 ] || printf '%s: done, %s, %s\n' "$title" "$("$@")" "$(minutes $((SECONDS - from)))"
  return $code
}

# show_end LOG: the last lines of a log, indented, for a message about a failure.
show_end() {
  [ -s "$1" ] || return 0
  printf 'last lines of %s:\n' "$1" >&2
  tail -n "${2:-15}" "$1" | sed 's/^/  | /' >&2
}

# du_of FOLDER: how much is in it, a detail for watch_step.
du_of() {
  local size
  size=$(du -sh "$1" 2>/dev/null | cut -f1)
  echo "${size:-0}"
}
