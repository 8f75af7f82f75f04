#include "crds/v1/parse.h"
#include "crds/v1/words.h"

namespace ffdl::v1 {
namespace {

void ReadMpi(FieldReader& in, Mpi& out) {
  in.Read("slotsPerLearner", out.slots_per_learner);
  in.Read("startTimeoutSeconds", out.start_timeout_seconds);
}

void ReadFramework(FieldReader& in, Framework& out) {
  in.ReadWord<FrameworkName>("name", kFrameworkWords, out.name);
  in.Read("version", out.version);
  in.Read("image", out.image);
  if (auto mpi = in.Enter("mpi")) ReadMpi(*mpi, out.mpi);
}

void ReadResources(FieldReader& in, Resources& out) {
  in.ReadQuantity("cpu", out.cpu);
  in.ReadQuantity("memory", out.memory);
  in.Read("gpus", out.gpus);
  in.Read("gpuType", out.gpu_type);
  in.ReadQuantity("sharedMemory", out.shared_memory);
}

// Of the results, or of the code.
void ReadClaim(FieldReader& in, std::optional<ClaimReference>& out) {
  std::optional<FieldReader> claim = in.Enter("claim");
  if (!claim) return;
  out.emplace();
  claim->Read("name", out->name);
  claim->Read("subPath", out->sub_path);
}

void ReadStorageRequest(FieldReader& in, std::string_view name, const char* default_access_mode,
                        std::optional<StorageRequest>& out) {
  std::optional<FieldReader> request = in.Enter(name);
  if (!request) return;
  out.emplace(StorageRequest{.access_modes = {default_access_mode}});
  request->ReadQuantity("size", out->size);
  request->Read("accessModes", out->access_modes);
  request->Read("storageClassName", out->storage_class_name);
  request->ReadWord<Retention>("whenFinished", kRetentionWords, out->when_finished);
}

void ReadStorage(FieldReader& in, Storage& out) {
  ReadStorageRequest(in, "shared", "ReadWriteMany", out.shared);
  ReadStorageRequest(in, "perLearner", "ReadWriteOnce", out.per_learner);
}

void ReadCheckpoint(FieldReader& in, Checkpoint& out) {
  in.Read("gracePeriodSeconds", out.grace_period_seconds);
  in.Read("command", out.command);
}

void ReadProgress(FieldReader& in, Progress& out) {
  in.Read("timeoutSeconds", out.timeout_seconds);
  in.ReadWord<HangAction>("onTimeout", kHangActionWords, out.on_timeout);
}

void ReadNetworkPolicy(FieldReader& in, NetworkPolicy& out) {
  in.ReadWord<Reach>("ingress", kReachWords, out.ingress);
  in.ReadWord<Reach>("egress", kReachWords, out.egress);
}

void ReadObjectStore(FieldReader& in, std::optional<ObjectStore>& out) {
  std::optional<FieldReader> store = in.Enter("objectStore");
  if (!store) return;
  out.emplace();
  store->Read("endpoint", out->endpoint);
  store->Read("region", out->region);
  store->Read("bucket", out->bucket);
  store->Read("key", out->key);
  store->Read("prefix", out->prefix);
  if (auto credentials = store->Enter("credentials")) {
    credentials->Read("secretName", out->secret_name);
  }
}

void ReadCode(FieldReader& in, Code& out) {
  if (auto source = in.Enter("configMap")) source->Read("name", out.config_map);
  ReadClaim(in, out.claim);
  ReadObjectStore(in, out.object_store);
}

void ReadScheduling(FieldReader& in, Scheduling& out) {
  in.Read("priorityClassName", out.priority_class_name);
  in.Read("nodeSelector", out.node_selector);
  in.ReadAsIs("tolerations", out.tolerations);
  in.ReadWord<Placement>("placement", kPlacementWords, out.placement);
  in.Read("topologyKey", out.topology_key);
}

void ReadTorchrun(FieldReader& in, Torchrun& out) {
  in.Read("maxRestarts", out.max_restarts);
  in.Read("lastCallSeconds", out.last_call_seconds);
}

void ReadElastic(FieldReader& in, Elastic& out) {
  in.Read("minLearners", out.min_learners);
  in.Read("maxLearners", out.max_learners);
  if (auto torchrun = in.Enter("torchrun")) ReadTorchrun(*torchrun, out.torchrun.emplace());
}

void ReadRole(FieldReader& in, Role& out) {
  in.Read("name", out.name);
  in.Read("replicas", out.replicas);
  in.ReadWord<CompletionPolicy>("completionPolicy", kRoleCompletionPolicyWords,
                                out.completion_policy);
  in.Read("image", out.image);
  in.Read("command", out.command);
  in.Read("args", out.args);
  in.ReadAsIs("env", out.env);
  if (auto resources = in.Enter("resources")) ReadResources(*resources, out.resources.emplace());
  in.Read("startAfter", out.start_after);
}

void ReadFailureRule(FieldReader& in, FailureRule& out) {
  in.Read("onExitCodes", out.on_exit_codes);
  in.Read("onReasons", out.on_reasons);
  in.Read("onPodConditions", out.on_pod_conditions);
  in.Read("onRoles", out.on_roles);
  in.ReadWord<FailureAction>("action", kFailureActionWords, out.action);
}

void ReadFailurePolicy(FieldReader& in, FailurePolicy& out) {
  in.Read("maxRestarts", out.max_restarts);
  in.Read("maxInfrastructureRestarts", out.max_infrastructure_restarts);
  in.Read("backoffSeconds", out.backoff_seconds);
  in.ReadWord<RestartScope>("restartScope", kRestartScopeWords, out.restart_scope);
  in.ForEach("rules", [&](FieldReader& rule) { ReadFailureRule(rule, out.rules.emplace_back()); });
}

}  // namespace

void ReadSpec(FieldReader& in, TrainingJobSpec& out) {
  in.Read("description", out.description);
  if (auto framework = in.Enter("framework")) ReadFramework(*framework, out.framework);
  in.Read("command", out.command);
  in.Read("args", out.args);
  in.ReadAsIs("env", out.env);
  if (auto code = in.Enter("code")) ReadCode(*code, out.code);
  in.Read("learners", out.learners);
  if (auto elastic = in.Enter("elastic")) ReadElastic(*elastic, out.elastic.emplace());
  in.ForEach("roles", [&](FieldReader& role) { ReadRole(role, out.roles.emplace_back()); });
  if (auto resources = in.Enter("resources")) ReadResources(*resources, out.resources);
  if (auto results = in.Enter("results")) ReadClaim(*results, out.results);
  if (auto storage = in.Enter("storage")) ReadStorage(*storage, out.storage);
  if (auto checkpoint = in.Enter("checkpoint")) {
    ReadCheckpoint(*checkpoint, out.checkpoint.emplace());
  }
  if (auto progress = in.Enter("progress")) ReadProgress(*progress, out.progress.emplace());
  if (auto policy = in.Enter("networkPolicy")) {
    ReadNetworkPolicy(*policy, out.network_policy.emplace());
  }
  if (auto budget = in.Enter("disruptionBudget")) {
    budget->Read("maxUnavailable", out.disruption_budget.emplace().max_unavailable);
  }
  in.ReadWord<CompletionPolicy>("completionPolicy", kCompletionPolicyWords, out.completion_policy);
  if (auto policy = in.Enter("failurePolicy")) ReadFailurePolicy(*policy, out.failure_policy);
  in.Read("suspend", out.suspend);
  in.Read("pendingDeadlineSeconds", out.pending_deadline_seconds);
  in.Read("activeDeadlineSeconds", out.active_deadline_seconds);
  in.Read("ttlSecondsAfterFinished", out.ttl_seconds_after_finished);
  if (auto scheduling = in.Enter("scheduling")) ReadScheduling(*scheduling, out.scheduling);
  in.ReadAsIs("podTemplate", out.pod_template);
}

}  // namespace ffdl::v1
