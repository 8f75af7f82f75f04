#include "test/simulation/actors/stateful_set_controller.h"

#include <fmt/format.h>

#include <vector>

namespace ffdl::simulation {
namespace {

using namespace std::chrono_literals;

k8s::ObjectKey PodKey(const Stored& set, int ordinal) {
  return {.ns = set.key.ns, .name = fmt::format("{}-{}", set.key.name, ordinal)};
}

Json OwnedBy(const Stored& set) {
  return Json::array({{{"apiVersion", "apps/v1"},
                       {"kind", "StatefulSet"},
                       {"name", set.key.name},
                       {"uid", set.uid},
                       {"controller", true},
                       {"blockOwnerDeletion", true}}});
}

const Json& TemplatesOf(const Stored& set) {
  static const Json kNone = Json::array();
  const Json& spec = set.object.at("spec");
  const auto it = spec.find("volumeClaimTemplates");
  return it == spec.end() ? kNone : *it;
}

std::string ClaimName(const Json& claim_template, const k8s::ObjectKey& pod) {
  return fmt::format("{}-{}", claim_template.at("metadata").at("name").get<std::string>(),
                     pod.name);
}

Json ClaimVolume(const std::string& claim) {
  return {{"name", claim}, {"persistentVolumeClaim", {{"claimName", claim}}}};
}

std::vector<StoredPtr> PodsOf(const ObjectLog& log, const Stored& set) {
  std::vector<StoredPtr> pods;
  for (const auto& [key, pod] : log.All(kPods)) {
    if (ControllerUid(pod->object) == set.uid) pods.push_back(pod);
  }
  return pods;
}

}  // namespace

StatefulSetController::StatefulSetController(Stage& stage)
    : role_(stage, "statefulset-controller") {
  stage.api.OnCommit([this](const Commit& commit) { OnCommit(commit); });
}

void StatefulSetController::OnCommit(const Commit& commit) {
  const Stored& object = commit.after ? *commit.after : *commit.before;
  if (&commit.kind == &kStatefulSets) return Wake(object.key);
  if (&commit.kind != &kPods) return;
  const std::string uid = ControllerUid(object.object);
  for (const auto& [key, set] : role_.stage().api.log().All(kStatefulSets)) {
    if (set->uid == uid) Wake(key);
  }
}

void StatefulSetController::Wake(const k8s::ObjectKey& key) {
  const StoredPtr seen = role_.Find(kStatefulSets, key);
  if (!seen || !awake_.insert(key).second) return;
  role_.Within(5ms, 300ms, [this, seen] {
    awake_.erase(seen->key);
    Sync(seen);
  });
}

void StatefulSetController::Sync(const StoredPtr& seen) {
  const StoredPtr live = role_.Find(kStatefulSets, seen->key, seen->uid);
  if (!live || IsBeingDeleted(live->object)) return;
  const int replicas = seen->object.at("spec").at("replicas");
  for (const StoredPtr& pod : PodsOf(role_.stage().api.log(), *seen)) {
    if (OrdinalOf(pod->key.name) >= replicas && !IsBeingDeleted(pod->object)) {
      role_.Delete(kPods, pod->key, {.uid = pod->uid});
    }
  }
  for (int ordinal = 0; ordinal < replicas; ++ordinal) SyncPod(*seen, ordinal);
  Report(*seen);
  if (seen->version != live->version) Wake(live->key);
}

void StatefulSetController::SyncPod(const Stored& set, int ordinal) {
  const StoredPtr pod = role_.Find(kPods, PodKey(set, ordinal));
  if (!pod) {
    const bool made = MakeClaims(set, ordinal) && MakePod(set, ordinal);
    if (!made) role_.Within(1s, 2s, [this, key = set.key] { Wake(key); });
    return;
  }
  if (ControllerUid(pod->object) != set.uid || IsBeingDeleted(pod->object)) return;
  if (pod->object.at("status").value("phase", "") == "Failed") {
    role_.Delete(kPods, pod->key, {.uid = pod->uid});  // its successor has the same name
  }
}

// A claim of that name is taken as it is, unless it is being deleted: that one must go first.
bool StatefulSetController::MakeClaims(const Stored& set, int ordinal) {
  for (const Json& claim_template : TemplatesOf(set)) {
    Json claim = claim_template;
    claim["metadata"]["name"] = ClaimName(claim_template, PodKey(set, ordinal));
    claim["metadata"]["namespace"] = set.key.ns;
    claim["metadata"]["ownerReferences"] = OwnedBy(set);
    const k8s::ObjectKey key{.ns = set.key.ns, .name = claim["metadata"]["name"]};
    const StoredPtr present = role_.Find(kClaims, key);
    if (present ? IsBeingDeleted(present->object) : !role_.Create(kClaims, claim).ok()) {
      return false;
    }
  }
  return true;
}

bool StatefulSetController::MakePod(const Stored& set, int ordinal) {
  const k8s::ObjectKey key = PodKey(set, ordinal);
  const Json& pod_template = set.object.at("spec").at("template");
  Json volumes = Json::array();
  for (const Json& volume : pod_template.at("spec").value("volumes", Json::array())) {
    if (volume.contains("persistentVolumeClaim") || volume.contains("secret")) {
      volumes.push_back(volume);
    }
  }
  for (const Json& claim_template : TemplatesOf(set)) {
    volumes.push_back(ClaimVolume(ClaimName(claim_template, key)));
  }
  Json init = Json::array();
  for (const Json& container : pod_template.at("spec").at("initContainers")) {
    init.push_back({{"name", container.value("name", "")}});
  }
  Json labels = pod_template.at("metadata").at("labels");
  labels["statefulset.kubernetes.io/pod-name"] = key.name;
  const Json pod{{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata",
                  {{"name", key.name},
                   {"namespace", key.ns},
                   {"labels", std::move(labels)},
                   {"ownerReferences", OwnedBy(set)}}},
                 {"spec", {{"initContainers", std::move(init)}, {"volumes", std::move(volumes)}}}};
  return role_.Create(kPods, pod).ok();
}

void StatefulSetController::Report(const Stored& seen) {
  int pods = 0;
  int ready = 0;
  for (const StoredPtr& pod : PodsOf(role_.stage().api.log(), seen)) {
    if (IsBeingDeleted(pod->object)) continue;
    ++pods;
    if (pod->object.at("status").value("phase", "") == "Running") ++ready;
  }
  const Json status{{"observedGeneration", seen.object.at("metadata").at("generation")},
                    {"replicas", pods},
                    {"readyReplicas", ready}};
  const StoredPtr live = role_.Find(kStatefulSets, seen.key, seen.uid);
  if (live->object.value("status", Json()) != status) {
    role_.PatchStatus(kStatefulSets, seen.key, status);
  }
}

}  // namespace ffdl::simulation
