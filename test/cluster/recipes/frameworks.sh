# shellcheck shell=bash
# localhost/jax:1, localhost/xgboost:1 and localhost/tensorflow:1: Python 3 of Debian 12, and on it the
# wheels of frameworks.NAME.txt.  Sourced by images.

frameworks_needs() {
  need_root
  need_programs mmdebstrap:mmdebstrap python3-pip:pip3 busybox-static:busybox jq:jq
}
frameworks_archives() { echo jax xgboost tensorflow; }

frameworks_make() { # WORK_FOLDER
  echo "downloading packages"
  debian_download "$1/debs" "$TEST_CLUSTER/recipes/frameworks.packages"
  debian_unpack "$1/debs" "$1/python"
  busybox_root "$1/busybox"
  frameworks_wheels "$1" jax "import jax, jax.numpy"
  frameworks_wheels "$1" xgboost "import xgboost, xgboost.tracker, sklearn.datasets"
  frameworks_wheels "$1" tensorflow "import tensorflow, tf_keras"
}

# frameworks_wheels WORK_FOLDER FRAMEWORK PROGRAM: the image, in which the program has run.
frameworks_wheels() {
  local layer=$1/$2 site=usr/local/lib/python3.11/dist-packages
  echo "installing the wheels of $2"
  mkdir -p "$layer/$site"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
    --only-binary :all: --python-version 3.11 --target "$layer/$site" -r "$TEST_CLUSTER/recipes/frameworks.$2.txt"
  find "$layer/$site" -name '*.dist-info' -prune -o \( -name tests -o -name include -o -name testdata \) -type d \
    -prune -exec rm -rf {} +
  echo "importing $2"
  mkdir -p "$1/python/${site%/*}"
  mv "$layer/$site" "$1/python/$site"
  { echo "$3" && cat "$TEST_CLUSTER/recipes/store_bytecode.py"; } | in_root "$1/python" "" -
  mv "$1/python/$site" "$layer/$site"
  echo "packing $2"
  pack "$1" "$2" --cmd '["/bin/sh"]' --env PATH=/usr/bin:/bin --env PYTHONDONTWRITEBYTECODE=1 \
    "$1/busybox" "$1/python" "$layer"
}
