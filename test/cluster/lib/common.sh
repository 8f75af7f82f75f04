# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for those who source this
# Folders and small functions that every command here shares.  Sourced, never run.

TEST_CLUSTER=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ffdl
STATE=${XDG_STATE_HOME:-$HOME/.local/state}/ffdl
LOCK_FD=9
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # where ip, nft and others are, also for those who came by su

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  warn "$@"
  exit 1
}

# The comment at the top of a command is its help.
help_if_asked() {
  case ${1:-} in -h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  esac
}

need_root() {
  [ "$(id -u)" = 0 ] || die "needs root (namespaces, mounts, cgroups): run it with sudo -E, or as root"
}

# need_programs PACKAGE:PROGRAM...: one line that names every Debian package that is missing.
need_programs() {
  local pair missing=
  for pair; do
    PATH=$PATH:/usr/lib/cni command -v "${pair#*:}" >/dev/null || missing+=" ${pair%%:*}"
  done
  [ -z "$missing" ] || die "missing Debian packages:$missing; install them: .ci/install-packages cluster images"
}

# elapsed: seconds since the command began, with two digits after the point.
STARTED=${EPOCHREALTIME/[.,]/}
elapsed() {
  local us=$((${EPOCHREALTIME/[.,]/} - STARTED))
  printf '%d.%02d' $((us / 1000000)) $((us / 10000 % 100))
}
step() { printf '%7s s  %s\n' "$(elapsed)" "$*"; }

# minutes SECONDS: "75" becomes "1 min 15 s".
minutes() {
  if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# take_lock FILE SECONDS WHAT: the lock is kept until this process ends.
take_lock() {
  mkdir -p "$(dirname "$1")"
  exec 9>"$1"
  flock --nonblock $LOCK_FD && return
  warn "waiting for $3"
  flock --timeout "$2" $LOCK_FD || die "gave up after $2 s of waiting for $3 (lock $1)"
}
