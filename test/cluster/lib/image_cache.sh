# shellcheck shell=bash
# Where image archives are kept: one folder a recipe, named by a hash of what it is made from, so a
# changed recipe gives a new folder.  Sourced.

RECIPES=(base torch mpi frameworks)

# shellcheck source-path=SCRIPTDIR/..
. "$TEST_CLUSTER/recipes/base.sh"
# shellcheck source-path=SCRIPTDIR/..
. "$TEST_CLUSTER/recipes/debian.sh"
# shellcheck source-path=SCRIPTDIR/..
. "$TEST_CLUSTER/recipes/torch.sh"
# shellcheck source-path=SCRIPTDIR/..
. "$TEST_CLUSTER/recipes/mpi.sh"
# shellcheck source-path=SCRIPTDIR/..
. "$TEST_CLUSTER/recipes/frameworks.sh"

is_recipe() { [[ " ${RECIPES[*]} " = *" $1 "* ]] && [[ $1 != *' '* ]]; }

# Recipes share the busybox layer, the ways of unpacking and of packing: those count for all.
recipe_dir() { # RECIPE
  local key
  key=$(cd "$TEST_CLUSTER" && find recipes pack-oci -type f \( -name "$1*" -o -name 'base*' -o -name pause.c \
    -o -name debian.sh -o -name store_bytecode.py -o -name pack-oci \) -print0 | sort -z | xargs -0 sha256sum | cat - <(uname -m) | sha256sum | cut -c1-12)
  echo "$CACHE/images/$1-$key"
}

# The archives of a recipe, in full.
recipe_files() {
  local archive
  for archive in $("$1_archives"); do echo "$(recipe_dir "$1")/$archive.tar"; done
}

is_made() { # RECIPE
  local file
  for file in $(recipe_files "$1"); do [ -e "$file" ] || return 1; done
}
