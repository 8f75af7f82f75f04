# shellcheck shell=bash
# Compiles the programs of one module set.  Sourced by build; needs common, progress, go, binaries.

# Two versions of one library whose names differ only in upper and lower case may not meet in one
# call of go build: this package is built in a call of its own, with the same compile cache.
ALONE=github.com/rancher/local-path-provisioner

# The name go build gives to a program: the last part of its path that is not a version.
go_name() { sed -E 's|/v[0-9]+$||; s|.*/||' <<<"$1"; }

downloads_of() { echo "$(grep -cs '^go: downloading' "$1" || true) modules"; }
compiled_of() { # LOG TOTAL
  local n
  n=$(grep -cvs '^go: ' "$1" || true)
  echo "$n of at most $2 packages$(! pgrep -x link >/dev/null || echo ', linking')"
}

# call_go SET LOG GO_ARGUMENT... -- PACKAGE...: once for all packages that may meet, once for those alone.
call_go() {
  local set=$1 log=$2 package arguments=() together=() alone=()
  shift 2
  while [ "$1" != -- ]; do arguments+=("$1") && shift; done
  shift
  for package; do
    if [ "$package" = "$ALONE" ]; then alone+=("$package"); else together+=("$package"); fi
  done
  cd "$TEST_CLUSTER/modules/$set" || return
  [ ${#together[@]} = 0 ] || "$GO" "${arguments[@]}" "${together[@]}" 2>>"$log" || return
  [ ${#alone[@]} = 0 ] || "$GO" "${arguments[@]}" "${alone[@]}" 2>>"$log"
}

# fetch_modules SET LOG PACKAGE...: downloads what the packages import and lists it in LOG.packages.
# The standard library needs no download, so a part that all programs use compiles meanwhile.
fetch_modules() {
  local set=$1 log=$2 standard code=0
  shift 2
  "$GO" build "${BUILD_FLAGS[@]}" net/http/pprof text/template >>"$log" 2>&1 &
  standard=$!
  call_go "$set" "$log" list -deps -- "$@" >"$log.packages" || {
    code=$?
    kill $standard
  }
  wait $standard || code=$?
  return $code
}

go_build() { # SET OUT_FOLDER LOG PACKAGE...
  call_go "$1" "$3" build -v "${BUILD_FLAGS[@]}" -ldflags "$(link_flags "$1")" -o "$2/" -- "${@:4}"
}

# compile SET PROGRAM=PACKAGE...: builds those that are not yet in the cache.
compile() {
  local set=$1 dir new log pair missing=() packages=()
  shift
  dir=$(bin_dir "$set") new=$CACHE/bin/.new-$set log=$CACHE/log/build-$set.log
  for pair; do
    [ -x "$dir/${pair%%=*}" ] || { missing+=("$pair") && packages+=("${pair#*=}"); }
  done
  [ ${#missing[@]} -gt 0 ] || { say "$set: built before, in $dir" && return 0; }
  find_go "$set"
  mkdir -p "$CACHE/log" "$dir"
  rm -rf "$new"
  : >"$log"
  in_background fetch_modules "$set" "$log" "${packages[@]}"
  watch_step "$JOB" "$set, 1 of 2: fetching sources" downloads_of "$log" || compile_failed "$set" "$log"
  in_background go_build "$set" "$new" "$log" "${packages[@]}"
  watch_step "$JOB" "$set, 2 of 2: compiling $(programs_text "${missing[@]}")" \
    compiled_of "$log" "$(sort -u "$log.packages" | wc -l)" || compile_failed "$set" "$log"
  for pair in "${missing[@]}"; do
    mv "$new/$(go_name "${pair#*=}")" "$dir/${pair%%=*}"
  done
  rmdir "$new"
}

programs_text() {
  if [ $# -gt 3 ]; then echo "$# programs"; else printf '%s ' "${@%%=*}" | sed 's/ $//'; fi
}

compile_failed() {
  show_end "$2" 20
  die "$1 could not be built; the whole log is $2"
}
