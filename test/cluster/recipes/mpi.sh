# shellcheck shell=bash
# localhost/openmpi:1: Open MPI of Debian 12 with a small program, mpi-sum.  There is no SSH in it.
# Sourced by images.

mpi_needs() {
  need_root
  need_programs mmdebstrap:mmdebstrap busybox-static:busybox jq:jq g++:cc
}
mpi_archives() { echo openmpi; }

mpi_make() { # WORK_FOLDER
  local root=$1/openmpi recipes=$TEST_CLUSTER/recipes
  echo "downloading packages"
  debian_download "$1/debs" "$recipes/mpi.packages"
  mkdir "$1/headers" && mv "$1"/debs/libopenmpi-dev_*.deb "$1/headers/"
  debian_unpack "$1/debs" "$root"
  mpi_keep_messages "$1/debs" "$root"
  mpi_drop_networks "$root"
  ln -s orterun "$root/usr/bin/mpirun"  # the alternative that installing would choose
  echo "compiling"
  mpi_compile "$1" "$root"
  busybox_root "$1/busybox"
  echo "packing"
  pack "$1" openmpi --cmd '["/bin/sh"]' --env PATH=/usr/bin:/bin "$1/busybox" "$root"
}

# mpi_keep_messages DEBS ROOT: what Open MPI says when something is wrong.
mpi_keep_messages() {
  local deb messages
  for deb in "$1"/{openmpi-common,libopenmpi3,libpmix2}_*.deb; do
    messages=$(dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -n '/^\.\/usr\/share\/.*\(mpi\|pmix\).*\/help-/p')
    [ -n "$messages" ] || continue  # a package may have none
    dpkg-deb --fsys-tarfile "$deb" | tar -C "$2" --keep-directory-symlink -x -T <(echo "$messages")
  done
}

# mpi_drop_networks ROOT: components whose libraries are not there.
mpi_drop_networks() {
  local components
  components=$(echo "$1"/usr/lib/*/openmpi/lib/openmpi3)
  rm -f "$components"/mca_*_{ofi,ucx,psm,psm2,openib}.so "$components"/mca_{atomic,memheap,scoll,spml,sshmem}_*.so
}

mpi_compile() { # WORK_FOLDER ROOT
  local libraries
  dpkg-deb -x "$1"/headers/libopenmpi-dev_*.deb "$1/development"
  libraries=$(echo "$2"/usr/lib/*-linux-gnu)
  cc -O1 -o "$2/usr/bin/mpi-sum" "$TEST_CLUSTER/recipes/mpi_sum.c" \
    -I "$(echo "$1"/development/usr/lib/*/openmpi/include)" -L "$libraries" -l:libmpi.so.40 \
    "-Wl,-rpath-link,$libraries" -Wl,--allow-shlib-undefined
}
