# shellcheck shell=bash
# etcd, API server, controller manager, scheduler: all on node 1.  Sourced by up.

# Without the notes of progress, as kubeadm asks for them, a watch of a type that has no objects gets no
# bookmarks and looks dead to who waits for them.
start_etcd() {
  local client=http://127.0.0.1:2379 peer=http://127.0.0.1:2380
  start etcd 1 "$BIN/etcd" --name node1 --data-dir "$W/etcd" --unsafe-no-fsync --log-level warn \
    --watch-progress-notify-interval=5s --listen-client-urls $client --advertise-client-urls $client \
    --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster node1=$peer
}

# Who asked for what, when, and how it ended: one JSON object a line.
write_audit_policy() {
  cat >"$W/audit-policy.yaml" <<EOF
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
EOF
}

# Admission: the default plugins (Pod Security among them) and NodeRestriction.
start_apiserver() {
  write_audit_policy
  start apiserver 1 "$BIN/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=0.0.0.0 --advertise-address="$API_IP" --secure-port=6443 \
    --tls-cert-file="$PKI/apiserver.crt" --tls-private-key-file="$PKI/apiserver.key" \
    --client-ca-file="$PKI/ca.crt" --kubelet-certificate-authority="$PKI/ca.crt" \
    --kubelet-client-certificate="$PKI/kubelet-client.crt" --kubelet-client-key="$PKI/kubelet-client.key" \
    --kubelet-preferred-address-types=InternalIP --service-cluster-ip-range="$SERVICE_RANGE" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$PKI/sa.pub" --service-account-signing-key-file="$PKI/sa.key" \
    --requestheader-client-ca-file="$PKI/ca.crt" --requestheader-allowed-names=front-proxy \
    --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
    --requestheader-username-headers=X-Remote-User \
    --proxy-client-cert-file="$PKI/front-proxy.crt" --proxy-client-key-file="$PKI/front-proxy.key" \
    --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
    --audit-policy-file="$W/audit-policy.yaml" --audit-log-path="$AUDIT_LOG" \
    --audit-log-maxsize=100 --audit-log-maxbackup=3
}

wait_apiserver() {
  wait_for 90 apiserver "the API server to be ready" k get --raw /readyz --request-timeout=5s
}

# Without the qps flags the default service accounts come seconds late; without the binder's period
# claims wait up to 15 s.  A node that is back loses the taint that evicts at the next look of the monitor
# (5 s by default), but takes pods before that.
start_controllers() {
  local -a common=(--bind-address=127.0.0.1 --leader-elect=false)
  local kcm=$PKI/kcm.kubeconfig scheduler=$PKI/scheduler.kubeconfig
  start controller-manager 1 "$BIN/kube-controller-manager" "${common[@]}" --kubeconfig="$kcm" \
    --authentication-kubeconfig="$kcm" --authorization-kubeconfig="$kcm" \
    --use-service-account-credentials=true --kube-api-qps=300 --kube-api-burst=600 \
    --service-account-private-key-file="$PKI/sa.key" --root-ca-file="$PKI/ca.crt" \
    --cluster-signing-cert-file="$PKI/ca.crt" --cluster-signing-key-file="$PKI/ca.key" \
    --allocate-node-cidrs=false --service-cluster-ip-range="$SERVICE_RANGE" \
    --node-monitor-grace-period="${NODE_GRACE}s" --node-monitor-period="$((NODE_GRACE / 4))s" \
    --pvclaimbinder-sync-period=1s --flex-volume-plugin-dir="$W/volume-plugins"
  start scheduler 1 "$BIN/kube-scheduler" "${common[@]}" --kubeconfig="$scheduler" \
    --authentication-kubeconfig="$scheduler" --authorization-kubeconfig="$scheduler"
}
