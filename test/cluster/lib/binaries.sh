# shellcheck shell=bash
# Which programs are built from which module, and where they are kept.  Sourced.
#
# A module set is a folder below modules/ with its own go.mod and go.sum.  `core` holds all that a
# cluster needs, so that what Kubernetes, etcd, CoreDNS and the provisioner share compiles once.

TARGETS_OF_UP=(k8s etcd coredns local-path)
TARGETS=("${TARGETS_OF_UP[@]}" helm versitygw)

BUILD_FLAGS=(-trimpath -gcflags=all=-dwarf=false)

module_set() { # TARGET
  case $1 in
    k8s | etcd | coredns | local-path) echo core ;;
    helm | versitygw) echo "$1" ;;
    *) die "unknown target '$1'; known: ${TARGETS[*]}" ;;
  esac
}

# The packages of a target, each as PROGRAM=PACKAGE.
programs() { # TARGET
  local k8s=k8s.io/kubernetes/cmd
  case $1 in
    k8s) printf "%s=$k8s/%s\n" {kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy,kubectl}{,} ;;
    etcd) echo etcd=go.etcd.io/etcd/server/v3 ;;
    coredns) echo coredns=./coredns ;;
    local-path) echo local-path-provisioner=github.com/rancher/local-path-provisioner ;;
    helm) echo helm=helm.sh/helm/v3/cmd/helm ;;
    versitygw) echo versitygw=github.com/versity/versitygw/cmd/versitygw ;;
  esac
}

# The version of a module as its set pins it.
pinned_version() { # SET MODULE
  awk -v m="$2" '$1 == m {print $2; exit} $2 == m {print $3; exit}' "$TEST_CLUSTER/modules/$1/go.mod"
}

# Programs that do not know their version by themselves are told it when they are linked.
link_flags() { # SET
  local v component=k8s.io/component-base/version
  case $1 in
    core)
      v=$(pinned_version core k8s.io/kubernetes)
      echo "-s -w -X $component.gitVersion=$v -X $component.gitMajor=1" \
        "-X $component.gitMinor=$(cut -d. -f2 <<<"$v")" \
        "-X main.VERSION=$(pinned_version core github.com/rancher/local-path-provisioner)"
      ;;
    helm) echo "-s -w -X helm.sh/helm/v3/internal/version.version=$(pinned_version helm helm.sh/helm/v3)" ;;
    versitygw) echo "-s -w -X main.Version=$(pinned_version versitygw github.com/versity/versitygw)" ;;
  esac
}

# bin_dir SET: where its programs are kept; another folder as soon as any pin, source or flag differs.
bin_dir() {
  local set=$1 key
  key=$(cd "$TEST_CLUSTER/modules/$set" && {
    find . -type f \( -name '*.go' -o -name go.mod -o -name go.sum \) -print0 | sort -z | xargs -0 sha256sum
    uname -m
    echo "${BUILD_FLAGS[@]}"
    link_flags "$set"
  } | sha256sum | cut -c1-12)
  echo "$CACHE/bin/$set-$key"
}

# All folders that hold programs, as a PATH.
bin_path() { printf '%s:%s:%s' "$(bin_dir core)" "$(bin_dir helm)" "$(bin_dir versitygw)"; }

is_built() { # TARGET
  local dir pair
  dir=$(bin_dir "$(module_set "$1")")
  for pair in $(programs "$1"); do [ -x "$dir/${pair%%=*}" ] || return 1; done
}
