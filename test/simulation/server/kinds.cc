#include "test/simulation/server/kinds.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace ffdl::simulation {

constexpr Kind kPods{"", "v1", "Pod", "pods", true, false};
constexpr Kind kServices{"", "v1", "Service", "services", true, false};
constexpr Kind kSecrets{"", "v1", "Secret", "secrets", false, false, false};
constexpr Kind kConfigMaps{"", "v1", "ConfigMap", "configmaps", false, false};
constexpr Kind kClaims{"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, false};
constexpr Kind kStatefulSets{"apps", "v1", "StatefulSet", "statefulsets", true, true};
constexpr Kind kTrainingJobs{"ffdl.io", "v1", "TrainingJob", "trainingjobs", true, true};
constexpr Kind kNetworkPolicies{"networking.k8s.io", "v1",  "NetworkPolicy",
                                "networkpolicies",   false, true};
constexpr Kind kDisruptionBudgets{"policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets",
                                  true,     true};
constexpr Kind kLeases{"coordination.k8s.io", "v1", "Lease", "leases", false, false, false};
constexpr Kind kEvents{"events.k8s.io", "v1", "Event", "events", false, false, false};

namespace {

constexpr std::array<const Kind*, 11> kAll{
    &kTrainingJobs, &kServices,        &kSecrets,           &kConfigMaps, &kClaims, &kStatefulSets,
    &kPods,         &kNetworkPolicies, &kDisruptionBudgets, &kLeases,     &kEvents};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kListKeys{{
    {"containers", "name"},
    {"initContainers", "name"},
    {"volumes", "name"},
    {"env", "name"},
    {"volumeMounts", "mountPath"},
    {"ports", "port"},
    {"conditions", "type"},
    {"ownerReferences", "uid"},
}};

void Default(Json& parent, const char* name, Json value) {
  if (!parent.contains(name)) parent[name] = std::move(value);
}

}  // namespace

std::string Kind::QualifiedName() const {
  std::string text(plural);
  if (!group.empty()) text.append(".").append(group);
  return text;
}

std::span<const Kind* const> AllKinds() { return kAll; }

const Kind* FindKind(std::string_view group, std::string_view plural) {
  const auto it = std::ranges::find_if(
      kAll, [&](const Kind* kind) { return kind->group == group && kind->plural == plural; });
  return it == kAll.end() ? nullptr : *it;
}

void SetDefaults(const Kind& kind, Json& object) {
  if (&kind == &kTrainingJobs) {
    Json& spec = object["spec"];
    Default(spec, "learners", 1);
    Default(spec, "suspend", false);
    Default(spec, "completionPolicy", "AllLearners");
    Default(spec, "failurePolicy", Json::object());
    Default(spec["failurePolicy"], "maxRestarts", 0);
    Default(object, "status", {{"observedGeneration", -1}});
  } else if (&kind == &kStatefulSets) {
    Default(object["spec"], "replicas", 1);
  } else if (&kind == &kPods) {
    Default(object["spec"], "terminationGracePeriodSeconds", 30);
    Default(object, "status", {{"phase", "Pending"}});
  } else if (&kind == &kClaims) {
    object["metadata"]["finalizers"] = {"kubernetes.io/pvc-protection"};
    Default(object, "status", {{"phase", "Pending"}});
  }
}

std::string_view ListKeyOf(std::string_view list) {
  const auto* const it =
      std::ranges::find_if(kListKeys, [&](const auto& entry) { return entry.first == list; });
  return it == kListKeys.end() ? std::string_view() : it->second;
}

}  // namespace ffdl::simulation
