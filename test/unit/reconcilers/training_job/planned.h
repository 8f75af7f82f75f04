// What tests of whole passes begin with and read of their plans.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "crds/v1/names.h"
#include "crds/v1/training_job.h"
#include "k8s-client/meta/plan.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::training_job {

// The StatefulSet of a job without roles, as the first attempt has it.
inline k8s::StatefulSet FirstLearnerSet(const v1::TrainingJob& job, int replicas) {
  k8s::StatefulSet set;
  set.meta.key = {.ns = job.meta.key.ns, .name = v1::LearnersName(job.meta.key.name)};
  set.meta.uid = "set";
  set.meta.owners = {{.kind = "TrainingJob", .uid = job.meta.uid, .controller = true}};
  set.replicas = replicas;
  set.template_labels = {{std::string(v1::kAttemptLabel), "1"}};
  return set;
}

// Null where no status is written.
inline nlohmann::json StatusOf(const k8s::Plan& plan) {
  return plan.status ? plan.status->body["status"] : nlohmann::json();
}

// The condition; null without one.
inline nlohmann::json ReadyOf(const k8s::Plan& plan) {
  const nlohmann::json conditions = StatusOf(plan).value("conditions", nlohmann::json::array());
  for (const nlohmann::json& condition : conditions) {
    if (condition["type"] == "Ready") return condition;
  }
  return {};
}

}  // namespace ffdl::training_job
