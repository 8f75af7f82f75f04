# shellcheck shell=bash
# shellcheck disable=SC2034  # variables for the other parts
# The operator under test: a plain process in the cluster's network, with the rights that the manifests
# give it and a token of its own, so that the audit log tells its requests from others.

OPERATOR_USER=system:serviceaccount:ffdl-system:ffdl-operator
OPERATOR_HTTP=127.0.0.1:18080

# Everything of manifests/kustomize but what would run in pods.
install_operator() {
  k kustomize "$BENCHMARK/../manifests/kustomize/base" |
    awk 'BEGIN {RS = "\n---\n"} !/\nkind: (Deployment|PodDisruptionBudget)\n/ {print $0 "\n---"}' |
    k apply --server-side -f - >/dev/null
  wait_for 30 apiserver "TrainingJobs to be served" k get --raw /apis/ffdl.io/v1/trainingjobs
}

operator_kubeconfig() {
  local token
  token=$(k create token ffdl-operator -n ffdl-system --duration=4h)
  cat <<EOT
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: "https://$API_IP:6443", certificate-authority-data: $(base64 -w0 "$W/pki/ca.crt")}
users:
- name: u
  user: {token: $token}
contexts:
- name: c
  context: {cluster: c, user: u, namespace: ffdl-system}
current-context: c
EOT
}

start_operator() { # PROGRAM
  (umask 077 && operator_kubeconfig >"$W/operator.kubeconfig")
  start operator 1 "$1" --kubeconfig "$W/operator.kubeconfig" --http_address "$OPERATOR_HTTP" \
    --agent_image localhost/ffdl:dev --leader_elect=true
  await_running operator
  wait_for 60 operator "the operator to be ready" operator_is_ready
}

# A daemon counts as ended until it has joined the cluster's cgroup.
await_running() { # DAEMON
  local until=$((SECONDS + 10))
  until is_running "$1"; do
    [ $SECONDS -lt $until ] || die "$1 does not run; see $LOG/$1.log"
    sleep 0.1
  done
}

operator_is_ready() {
  in_network 1 env "${NO_PROXY_ENV[@]}" curl -sf --max-time 2 "http://$OPERATOR_HTTP/readyz" &&
    grep -q ' working: ' "$LOG/operator.log"
}

stop_operator() {
  stop operator
  rm -f "$W/pid/operator"
  mv "$LOG/operator.log" "$LOG/operator.$(date +%s).log"
}

# User and system time so far, in milliseconds.
cpu_ms() { # PID
  awk -v hz="$(getconf CLK_TCK)" '{sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz}' "/proc/$1/stat"
}

# memory_kib PID FIELD: Rss or Anonymous.
memory_kib() { awk -v field="$2:" '$1 == field {print $2}' "/proc/$1/smaps_rollup"; }

# KiB resident of libraries that only come along with Debian's libcurl: a libcurl with TLS and HTTP/2 alone
# would not load them.
companions_kib() { # PID
  awk '
    /^[0-9a-f]+-[0-9a-f]+ / {
      counts = $6 ~ /\/lib(rtmp|ssh2|psl|idn2|unistring|gssapi_krb5|krb5|k5crypto|krb5support|com_err|keyutils|resolv|ldap|lber|sasl2|gnutls|hogweed|nettle|gmp|p11-kit|tasn1|ffi|brotli[a-z]*|zstd)[-.]/
    }
    $1 == "Rss:" && counts {sum += $2}
    END {print sum + 0}' "/proc/$1/smaps"
}

# note NAME VALUE: a figure for the report.
note() { echo "$1 $2" >>"$FIGURES"; }
figure() { awk -v name="$1" '$1 == name {value = $2} END {print value}' "$FIGURES"; }

note_memory() { # NAME
  local pid
  pid=$(daemon_pid operator)
  note "$1_rss" "$(memory_kib "$pid" Rss)"
  note "$1_anonymous" "$(memory_kib "$pid" Anonymous)"
}
