# shellcheck shell=bash
# Starting, waiting for and restarting the daemons of a cluster.  Sourced after cluster.sh.

# spawn NAME COMMAND...: in the background, in the cluster's cgroup, away from this terminal.
# All of the chain exec, so the pid that is noted is the program's own.
spawn() {
  local name=$1
  shift
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid nohup bash -c 'echo $$ >"$0" && exec "$@"' "$(daemon_cgroup)/cgroup.procs" "$@" \
    >>"$LOG/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$W/pid/$name"
  disown $! 2>/dev/null || true # else this shell says so when somebody ends it
}

# start NAME NODE COMMAND...: a daemon inside a node; the command line is kept for `restart`.
start() {
  local name=$1 node=$2
  shift 2
  mkdir -p "$W/command"
  printf '%s\0' "$node" "$@" >"$W/command/$name"
  start_again "$name"
}

# The caller's environment stays outside: a proxy setting, for one, would cut the daemons off.
start_again() {
  local -a line
  mapfile -d '' line <"$W/command/$1"
  spawn "$1" nsenter --target "$(daemon_pid "node${line[0]}")" --net --mount \
    env -i HOME="$W" TMPDIR="$W/n${line[0]}/tmp" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${line[@]:1}"
}

stop() { # NAME [SIGNAL]
  local pid i
  pid=$(daemon_pid "$1") && is_running "$1" || return 0
  kill "-${2:-TERM}" "$pid"
  for ((i = 0; i < 100; i++)); do is_running "$1" || return 0 && sleep 0.1; done
  kill -KILL "$pid"
}

# wait_for SECONDS DAEMON WHAT COMMAND...: until COMMAND succeeds.  Ends with a message and the end of
# the daemon's log when the time is over or the daemon has died.
wait_for() {
  local seconds=$1 daemon=$2 what=$3 until
  shift 3
  until=$((SECONDS + seconds + 1))
  until "$@" >/dev/null 2>&1; do
    is_running "$daemon" || { show_end "$LOG/$daemon.log" && die "$daemon ended while waiting for $what"; }
    [ $SECONDS -lt $until ] || { show_end "$LOG/$daemon.log" && die "waited $seconds s for $what, in vain"; }
    sleep 0.1
  done
}
