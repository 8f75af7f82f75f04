# shellcheck shell=bash
# The checks of test/cluster/check, in the order in which they run.  Sourced after daemon.sh.
# Each is called in a subshell with `set -e` and says what is wrong on its output.

in_check() { k --namespace "$NS" "$@"; }
on_pod() { in_check exec "check-$1" -- "${@:2}"; }

# soon SECONDS COMMAND...: until COMMAND succeeds
soon() {
  local until=$((SECONDS + $1 + 1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || { echo "in vain: $*" && return 1; }
    sleep 0.2
  done
}

a_set_of_pods_becomes_ready() {
  soon 20 in_check get serviceaccount default
  in_check apply -f "$TEST_CLUSTER/lib/check.yaml"
  in_check rollout status statefulset/check --timeout=120s
}

the_pods_are_on_all_nodes() {
  local used
  used=$(in_check get pods -l app=check -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | wc -l)
  [ "$used" = "$(nodes | wc -l)" ] || { echo "on $used nodes" && return 1; }
}

answers() { [ "$(on_pod "$1" timeout 5 wget -qO- "http://$2")" = "$3" ]; }

every_pod_reaches_every_pod_by_name() {
  local from to
  for from in 0 1; do
    for to in 0 1; do soon 10 answers $from check-$to.check check-$to || return; done
  done
}

a_service_address_answers() {
  soon 20 on_pod 0 timeout 5 wget -qO- http://check-address
  soon 20 on_pod 1 timeout 5 wget -qO- http://check-address
}

# says WORD COMMAND...: COMMAND fails, and what it prints has WORD in it
says() {
  local output code=0
  output=$("${@:2}" 2>&1) || code=$?
  echo "exit code $code: $output"
  [ $code != 0 ]
  grep -qi "$1" <<<"$output"
}

names_outside_the_cluster_are_refused() {
  says NXDOMAIN on_pod 0 nslookup name.outside.test
}

nothing_leads_out_of_the_cluster() {
  # 192.0.2.1 is an address for documentation: nobody has it
  says 'unreachable\|no route' on_pod 0 timeout 5 wget -qO- http://192.0.2.1
  says 'unreachable\|no route' in_network 1 bash -c 'exec 3<>/dev/tcp/192.0.2.1/80'
}

a_claim_survives_its_pod() {
  local uid
  uid=$(in_check get pod check-0 -o 'jsonpath={.metadata.uid}')
  in_check delete pod check-0
  soon 60 pod_was_replaced "$uid"
  [ "$(on_pod 0 cat /own/starts | wc -l)" = 2 ]
}

pod_was_replaced() { # OLD_UID
  [ "$(in_check get pod check-0 -o 'jsonpath={.metadata.uid}')" != "$1" ] &&
    in_check wait --for=condition=Ready pod/check-0 --timeout=1s
}

all_pods_share_a_read_write_many_claim() {
  on_pod 0 sh -c 'echo hello >/shared/word'
  [ "$(on_pod 1 cat /shared/word)" = hello ]
}

strict_pod() { # NAME UID
  k --namespace "$STRICT" run "$1" --image=localhost/busybox:1 --restart=Never --overrides='{"spec": {
    "securityContext": {"runAsUser": '"$2"', "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [{"name": "'"$1"'", "image": "localhost/busybox:1", "command": ["true"],
      "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                          "capabilities": {"drop": ["ALL"]}}}]}}'
}

a_restricted_namespace_admits_a_restricted_pod() {
  soon 20 k --namespace "$STRICT" get serviceaccount default
  strict_pod harmless 1000
  soon 30 k --namespace "$STRICT" wait --for=jsonpath='{.status.phase}'=Succeeded pod/harmless --timeout=1s
}

a_restricted_namespace_refuses_a_root_pod() {
  says 'violates PodSecurity' strict_pod root 0
}

a_pod_reaches_the_api_server_with_its_token() {
  # busybox has no TLS of its own; a connection is what can be seen from there
  on_pod 0 test -s /var/run/secrets/kubernetes.io/serviceaccount/token
  on_pod 1 timeout 5 nc -w 2 kubernetes.default.svc 443 </dev/null
}

the_audit_log_names_every_request() {
  soon 10 grep -q "\"requestURI\":\"/api/v1/namespaces/$NS/pods/check-0" "$AUDIT_LOG"
  [ "$(head -n 100 "$AUDIT_LOG" | jq -r .level | sort -u)" = Metadata ]
  ! grep -q '"stage":"RequestReceived"' "$AUDIT_LOG"
}

volumes_of_check() { k get persistentvolumes -o 'jsonpath={range .items[*]}{.spec.claimRef.namespace}{"\n"}{end}' | grep -cx "$NS" || true; }
volumes_are_gone() { [ "$(volumes_of_check)" = 0 ]; }

claims_and_volumes_go_with_their_namespace() {
  [ "$(volumes_of_check)" = 3 ]
  k delete namespace "$NS" --timeout=60s
  soon 60 volumes_are_gone
}
