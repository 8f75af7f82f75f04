# shellcheck shell=bash
# A caller's command inside a cluster: its network, its names, its programs.  Sourced after cluster.sh.

# enter COMMAND...: replaces this process.  Names of the cluster resolve, as they do in a pod.
enter() {
  local helm=$W/helm
  printf 'nameserver %s\nsearch default.svc.%s svc.%s %s\noptions ndots:5\n' \
    "$API_IP" "$DOMAIN" "$DOMAIN" "$DOMAIN" >"$W/resolv.inside.$$"
  mv "$W/resolv.inside.$$" "$W/resolv.inside"
  # shellcheck disable=SC2016  # expanded by the inner shell
  exec nsenter --target "$(daemon_pid node1)" --net \
    env "${NO_PROXY_ENV[@]}" KUBECONFIG="$W/kubeconfig" KUBECACHEDIR="$W/kubecache" FFDL_CLUSTER="$NAME" \
    FFDL_AUDIT_LOG="$AUDIT_LOG" FFDL_S3_ENDPOINT="http://$API_IP:$S3_PORT" \
    AWS_ACCESS_KEY_ID="$S3_KEY" AWS_SECRET_ACCESS_KEY="$S3_SECRET" AWS_REGION=us-east-1 \
    HELM_CACHE_HOME="$helm/cache" HELM_CONFIG_HOME="$helm/config" HELM_DATA_HOME="$helm/data" \
    PATH="$(bin_path):$PATH" \
    unshare --mount --propagation slave \
    sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$W/resolv.inside" "$@"
}
