#include "reconcilers/training_job/scheduling.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crds/v1/names.h"
#include "reconcilers/training_job/template_json.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

constexpr int kMostWanted = 100;  // the greatest weight of a preference

std::string TopologyKey(const v1::Scheduling& scheduling) {
  return scheduling.topology_key.empty() ? "kubernetes.io/hostname" : scheduling.topology_key;
}

// The learners of this attempt, of all roles: those of the one before leave as these come.
json LearnerSelector(const v1::TrainingJob& job, std::int32_t attempt) {
  return {{"matchLabels",
           {{std::string(v1::kJobLabel), job.meta.key.name},
            {std::string(v1::kAttemptLabel), std::to_string(attempt)}}}};
}

// A preference: learners that do not fit beside each other run apart, instead of not at all.
void Pack(const std::string& topology_key, json selector, json& pod_spec) {
  json& near = ObjectAt(ObjectAt(pod_spec, "affinity"), "podAffinity");
  ArrayAt(near, "preferredDuringSchedulingIgnoredDuringExecution")
      .push_back({{"weight", kMostWanted},
                  {"podAffinityTerm",
                   {{"topologyKey", topology_key}, {"labelSelector", std::move(selector)}}}});
}

// Kubernetes refuses two constraints of one key and kind; that of the pod template counts.
void Spread(const std::string& topology_key, json selector, json& pod_spec) {
  json constraint = {{"maxSkew", 1},
                     {"topologyKey", topology_key},
                     {"whenUnsatisfiable", "ScheduleAnyway"},
                     {"labelSelector", std::move(selector)}};
  json& constraints = ArrayAt(pod_spec, "topologySpreadConstraints");
  const auto is_same = [&](const json& other) {
    return other.is_object() && other.value("topologyKey", json()) == constraint["topologyKey"] &&
           other.value("whenUnsatisfiable", json()) == constraint["whenUnsatisfiable"];
  };
  if (std::ranges::none_of(constraints, is_same)) constraints.push_back(std::move(constraint));
}

void SetPlacement(const v1::TrainingJob& job, std::int32_t attempt, json& pod_spec) {
  const v1::Scheduling& scheduling = job.spec.scheduling;
  switch (scheduling.placement) {
    case v1::Placement::kAny:
      return;
    case v1::Placement::kPack:
      return Pack(TopologyKey(scheduling), LearnerSelector(job, attempt), pod_spec);
    case v1::Placement::kSpread:
      return Spread(TopologyKey(scheduling), LearnerSelector(job, attempt), pod_spec);
  }
}

}  // namespace

void SetScheduling(const v1::TrainingJob& job, std::int32_t attempt, json& pod_spec) {
  const v1::Scheduling& scheduling = job.spec.scheduling;
  if (!scheduling.priority_class_name.empty()) {
    pod_spec["priorityClassName"] = scheduling.priority_class_name;
  }
  if (!scheduling.node_selector.empty()) {
    json& selector = ObjectAt(pod_spec, "nodeSelector");
    for (const auto& [key, value] : scheduling.node_selector) selector[key] = value;
  }
  if (!scheduling.tolerations.empty()) {
    json& tolerations = ArrayAt(pod_spec, "tolerations");
    for (const json& toleration : scheduling.tolerations) tolerations.push_back(toleration);
  }
  SetPlacement(job, attempt, pod_spec);
}

}  // namespace ffdl::training_job
