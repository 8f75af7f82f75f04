# shellcheck shell=bash
# The default StorageClass: local-path-provisioner as a plain process.  Sourced by up.
#
# All nodes share one disk, so one folder serves every claim, ReadWriteMany ones too.

start_storage() {
  mkdir -p "$W/volumes" "$W/storage"
  k apply -f "$TEST_CLUSTER/lib/storage.yaml" >/dev/null
  printf '{"sharedFileSystemPath": "%s"}' "$W/volumes" >"$W/storage/config.json"
  cat >"$W/storage/helper-pod.yaml" <<EOF
apiVersion: v1
kind: Pod
metadata: {name: helper-pod}
spec:
  priorityClassName: system-node-critical
  terminationGracePeriodSeconds: 0
  containers: [{name: helper-pod, image: "localhost/busybox:1", imagePullPolicy: Never}]
EOF
  start local-path 1 "$BIN/local-path-provisioner" start --config "$W/storage/config.json" \
    --kubeconfig "$PKI/local-path.kubeconfig" --namespace local-path-storage \
    --provisioner-name rancher.io/local-path --configmap-name local-path-config \
    --service-account-name local-path --helper-image localhost/busybox:1 \
    --helper-pod-file "$W/storage/helper-pod.yaml"
}
