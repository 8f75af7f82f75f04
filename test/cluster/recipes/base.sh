# shellcheck shell=bash
# localhost/pause:1 and localhost/busybox:1, which every cluster needs.  Sourced by images.

base_needs() { need_programs g++:cc busybox-static:busybox jq:jq; }
base_archives() { echo pause busybox; }

base_make() { # WORK_FOLDER
  mkdir -p "$1/pause"
  cc -Os -static -s -o "$1/pause/pause" "$TEST_CLUSTER/recipes/pause.c"
  busybox_root "$1/busybox"
  pack "$1" pause --env PATH=/ --entrypoint '["/pause"]' "$1/pause"
  pack "$1" busybox --env PATH=/bin:/usr/bin --cmd '["/bin/sh"]' "$1/busybox"
}

# busybox_root FOLDER: busybox, a link for each of its commands, and the accounts root and nobody.
busybox_root() {
  local applet
  mkdir -p "$1"/{bin,usr/bin,etc,tmp}
  chmod 1777 "$1/tmp"
  cp "$(command -v busybox)" "$1/bin/busybox"
  for applet in $("$1/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
  done
  printf 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >"$1/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$1/etc/group"
}
