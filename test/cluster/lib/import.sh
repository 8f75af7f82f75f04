# shellcheck shell=bash
# Imports image archives into the nodes.  Sourced after cluster.sh.

# What an archive holds: its index names the digest of everything else.
archive_digest() { { tar -xOf "$1" index.json manifest.json 2>/dev/null || true; } | sha256sum | cut -d' ' -f1; }

# import_archive NODE FILE: skipped when the node has it already.
import_archive() {
  local done_file
  done_file=$W/n$1/imported/$(archive_digest "$2")
  [ ! -e "$done_file" ] || return 0
  mkdir -p "$W/n$1/imported"
  ctr_of "$1" images import "$2" >>"$LOG/import.log" 2>&1 || {
    show_end "$LOG/import.log"
    die "$2 could not be imported into node$1"
  }
  echo "$2" >"$done_file"
}

# archives_of IMAGE...: files stay, names of recipes become the files of their archives.
archives_of() {
  local image
  for image; do
    if is_recipe "$image"; then recipe_files "$image"; else readlink -f "$image"; fi
  done
}

# import_images IMAGE...: into all nodes, the nodes side by side.
import_images() {
  local node file files pid pids=()
  mapfile -t files < <(archives_of "$@")
  for file in "${files[@]}"; do [ -r "$file" ] || die "no such archive: $file"; done
  for node in $(nodes); do
    (for file in "${files[@]}"; do import_archive "$node" "$file"; done) &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

# make_missing IMAGE...: builds those recipes among the images that are not in the cache.
make_missing() {
  local image missing=()
  for image; do
    if is_recipe "$image" && ! is_made "$image"; then missing+=("$image"); fi
  done
  [ ${#missing[@]} = 0 ] || "$TEST_CLUSTER/images" "${missing[@]}"
}
