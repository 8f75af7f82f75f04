# shellcheck shell=bash
# Imports image archives into the nodes.  Sourced after cluster.sh.

# What an archive holds: its index names the digest of everything else.  Of an OCI archive or of one
# made by `docker save`.
archive_index() { tar -xOf "$1" index.json 2>/dev/null || tar -xOf "$1" manifest.json; }
names_in() {
  jq -r 'if type == "array" then .[].RepoTags[]?
    else .manifests[].annotations | .["io.containerd.image.name"] // .["org.opencontainers.image.ref.name"] // empty end'
}

# import_archive NODE FILE: skipped when the node has it already.  Remembered is what each name stands
# for now, because a name may have been given to another image since.
import_archive() {
  local index digest name known=yes names records=$W/n$1/imported
  index=$(archive_index "$2") || die "$2 is not an image archive"
  digest=$(sha256sum <<<"$index" | cut -d' ' -f1)
  mapfile -t names < <(names_in <<<"$index")
  mkdir -p "$records"
  for name in "${names[@]}"; do
    [ "$(cat "$records/${name//\//,}" 2>/dev/null)" = "$digest" ] || known=no
  done
  if [ $known = yes ] && [ ${#names[@]} -gt 0 ]; then return; fi
  ctr_of "$1" images import "$2" >>"$LOG/import.log" 2>&1 || {
    show_end "$LOG/import.log"
    die "$2 could not be imported into node$1"
  }
  for name in "${names[@]}"; do echo "$digest" >"$records/${name//\//,}"; done
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
    if ! is_recipe "$image"; then
      [ -r "$image" ] || die "'$image' is neither an archive nor one of: ${RECIPES[*]}"
    elif ! is_made "$image"; then
      missing+=("$image")
    fi
  done
  [ ${#missing[@]} = 0 ] || "$TEST_CLUSTER/images" "${missing[@]}"
}
