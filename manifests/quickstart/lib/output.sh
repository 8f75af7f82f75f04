# shellcheck shell=bash
# shellcheck disable=SC2034  # variables are for those who source this
# What a person sees: lines with the seconds since the start, numbered steps, failures, a table of times.  Sourced.

# Both scripts count from the same moment and write to the same folder.
export FFDL_QUICKSTART_STARTED=${FFDL_QUICKSTART_STARTED:-${EPOCHREALTIME/[.,]/}}
LOGS=$ROOT/build/quickstart
TIMES=$LOGS/times

COLUMNS=$(stty size 2>/dev/null | cut -d' ' -f2) || COLUMNS=80
[ "${COLUMNS:-0}" -ge 40 ] || COLUMNS=80 # some terminals do not know
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
  LEARNER_COLOURS=($'\e[36m' $'\e[35m' $'\e[33m' $'\e[34m')
else
  BOLD='' DIM='' RED='' GREEN='' PLAIN=''
  LEARNER_COLOURS=('')
fi

# now: tenths of a second since the start.
now() { echo $(((${EPOCHREALTIME/[.,]/} - FFDL_QUICKSTART_STARTED) / 100000)); }
tenths() { printf '%d.%d' $(($1 / 10)) $(($1 % 10)); }

# duration TENTHS: "7.3 s" or "2 min 5 s".
duration() {
  if [ "$1" -lt 600 ]; then echo "$(tenths "$1") s"; else echo "$(($1 / 600)) min $(($1 % 600 / 10)) s"; fi
}

clear_status_line() { [ ! -t 1 ] || printf '\r\e[K'; }

# status_line TEXT: is overwritten by whatever comes next; only on a terminal.
status_line() {
  local text
  text="[$(printf %6s "$(tenths "$(now)")") s]       $1"
  printf '\r\e[K%s%s%s' "$DIM" "${text:0:$((${COLUMNS:-80} - 1))}" "$PLAIN"
}

say() {
  clear_status_line
  printf '%s[%6s s]%s %s\n' "$DIM" "$(tenths "$(now)")" "$PLAIN" "$*"
}

# step NUMBER NAME TEXT
step() { say "${BOLD}[$1/$STEPS] $(printf %-10s "$2")$PLAIN $3"; }

# took NAME FROM TENTHS: a line of the table at the end.
took() { printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$TIMES"; }

table_of_times() {
  local name from tenths
  printf '\n%-30s %9s   %s\n' 'What' 'began at' 'took'
  while IFS=$'\t' read -r name from tenths; do
    printf '%-30s %7s s   %s\n' "$name" "$(tenths "$from")" "$(duration "$tenths")"
  done <"$TIMES"
  printf '%-30s %9s   %s\n' 'all' '' "$(duration "$(now)")"
}

# fail WHAT LOG ADVICE...: says so on standard error and ends.
fail() {
  local what=$1 log=$2
  shift 2
  clear_status_line
  printf '\n%s%sFailed: %s%s\n' "$BOLD" "$RED" "$what" "$PLAIN" >&2
  if [ -s "$log" ]; then
    printf '\nThe last lines of %s:\n' "${log#"$ROOT"/}" >&2
    tail -n 20 "$log" | cut -c1-300 | sed 's/^/  | /' >&2
  fi
  printf '\n' >&2
  printf '%s\n' "$@" >&2
  exit 1
}
