# shellcheck shell=bash
# What the audit log knows: who asked for what, when, and which version came of it.

# In the namespaces of whole job lives writes are logged with their answers, so that a write that changed
# nothing shows as one whose answer has the version of an earlier one.
write_audit_policy_of_benchmark() {
  cat >"$W/audit-policy.yaml" <<EOT
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: RequestResponse
  namespaces: [bench-alone, bench-one, bench-eight]
  verbs: [create, update, patch]
  resources:
  - {group: ffdl.io}
  - {group: apps, resources: [statefulsets, statefulsets/status]}
  - {group: "", resources: [services, persistentvolumeclaims]}
- level: Metadata
  users: [$OPERATOR_USER]
- level: None
EOT
}

use_audit_policy() {
  write_audit_policy_of_benchmark
  "$TEST_CLUSTER/daemon" --name bench kill apiserver
  "$TEST_CLUSTER/daemon" --name bench start apiserver
  wait_for 60 apiserver "the API server to be ready" k get --raw /readyz
}

# audit_table NAME: one line for each request in the namespace, in the order of the answers:
#   done received user verb resource subresource object code version job
audit_table() {
  local log=("$(dirname "$AUDIT_LOG")"/*.log)
  grep -hF "\"namespace\":\"bench-$1\"" "${log[@]}" | jq -r '
    def seconds: (.[0:19] + "Z" | fromdate) + ("0." + .[20:26] | tonumber);
    select(.stage == "ResponseComplete" and .objectRef.namespace == "bench-'"$1"'")
    | (.responseObject.metadata // {}) as $meta
    | [(.stageTimestamp | seconds), (.requestReceivedTimestamp | seconds), .user.username, .verb,
       .objectRef.resource, (.objectRef.subresource // "-"), (.objectRef.name // $meta.name // "-"),
       .responseStatus.code, ($meta.resourceVersion // "-"), ($meta.labels["ffdl.io/job"] // "-")]
    | @tsv' | sort -n
}

# percentile TABLE_COLUMN_ON_STDIN SHARE
percentile() { sort -n | awk -v share="$1" '{v[NR] = $1} END {if (NR) print v[int((NR - 1) * share + 0.5) + 1]}'; }

# read_audit NAME: counts of the operator's requests, and how soon it answered a new job.
read_audit() {
  local name=$1 table=$OUT/audit-$1.tsv
  audit_table "$name" >"$table"
  awk -F '\t' -v me="$OPERATOR_USER" -v name="$name" '
    # A version that was seen before: that write changed nothing, whoever made it.
    $9 != "-" && $8 < 300 {
      key = $5 "/" $7 "/" $9
      if (key in seen && $3 == me) ++no_change
      seen[key] = 1
    }
    $3 != me {next}
    {++requests; ++verbs[$4]}
    $8 == 409 {++conflicts}
    $8 >= 400 && $8 != 409 {++refused}
    $4 ~ /^(create|patch|update|delete)$/ && $8 < 300 {++writes[$6 == "status" ? "status" : $5]}
    END {
      print name "_requests", requests + 0
      for (verb in verbs) print name "_verb_" verb, verbs[verb]
      for (what in writes) print name "_writes_" what, writes[what]
      print name "_conflicts", conflicts + 0
      print name "_refused", refused + 0
      print name "_no_change", no_change + 0
    }' "$table" >>"$FIGURES"
  # Milliseconds from the answer to the submitter: until the first child was asked for, and was there.
  awk -F '\t' -v me="$OPERATOR_USER" '
    $5 == "trainingjobs" && $4 == "create" && $8 < 300 {accepted[$7] = $1}
    $3 == me && $10 != "-" && $8 < 300 && !($10 in first) {
      first[$10] = 1
      if ($10 in accepted) printf "%.3f\t%.3f\n", ($2 - accepted[$10]) * 1000, ($1 - accepted[$10]) * 1000
    }' "$table" >"$OUT/first-child-$name.tsv"
  note "${name}_react_p50" "$(cut -f1 "$OUT/first-child-$name.tsv" | percentile 0.5)"
  note "${name}_react_p99" "$(cut -f1 "$OUT/first-child-$name.tsv" | percentile 0.99)"
  note "${name}_child_p50" "$(cut -f2 "$OUT/first-child-$name.tsv" | percentile 0.5)"
  note "${name}_child_p99" "$(cut -f2 "$OUT/first-child-$name.tsv" | percentile 0.99)"
}
