# shellcheck shell=bash
# File systems made of unpacked Debian packages.  Sourced by images.

# debian_download FOLDER LIST: the .deb files that a list of packages names.  mmdebstrap brings the
# release's own package lists and keys, whatever this machine runs.
debian_download() {
  mkdir -p "$1"
  # shellcheck disable=SC2016  # expanded by the shell of the hook
  FFDL_DEBS=$1 FFDL_PACKAGES=$(grep -v '^#' "$2" | tr '\n' ' ') \
    mmdebstrap --quiet --variant=custom --mode=root --aptopt='Acquire::Retries "3"' --customize-hook='
      cd "$FFDL_DEBS" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG \
        apt-get -o APT::Sandbox::User=root download --quiet $FFDL_PACKAGES' bookworm "$1/empty-root"
}

# debian_unpack DEBS ROOT: libraries go below /usr/lib only, as on a Debian machine, with links where
# programs expect them; without documentation, headers and what only tests of Python need.
debian_unpack() {
  local deb root=$2 unwanted
  mkdir -p "$root/usr"/{lib,bin,lib64}
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  for deb in "$1"/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" --keep-directory-symlink -xf -; done
  find "$root/usr/share" -type f ! -path '*/doc/*/copyright' -delete
  for unwanted in usr/include usr/lib/python3.11/{test,idlelib,lib2to3,turtledemo,lib-dynload/{nis,_dbm}.*} \
    var etc/init.d; do
    # shellcheck disable=SC2086  # patterns
    rm -rf "${root:?}"/$unwanted
  done
}

# in_root ROOT LIBRARY_PATH PYTHON_ARGUMENT...: with devices and processes, in mounts that end with the
# program.
in_root() {
  local root=$1 libraries=$2
  shift 2
  mkdir -p "$root"/{dev,proc}
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount --propagation slave env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c '
    mount --rbind /dev "$0/dev" && mount --bind /proc "$0/proc" &&
      LD_LIBRARY_PATH=$1 && export LD_LIBRARY_PATH && shift && exec chroot "$0" /usr/bin/python3 "$@"' \
    "$root" "$libraries" "$@"
}
