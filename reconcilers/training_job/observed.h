#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "crds/v1/framework_catalogue.h"
#include "crds/v1/training_job.h"
#include "k8s-client/meta/result.h"
#include "k8s-client/meta/workload.h"

namespace ffdl::training_job {

// What the cluster looked like at the start of a pass, found by the job's derived names. Never
// refreshed midway. An object whose controller is another uid than the job's belongs to an earlier
// job of the same name, or to somebody else.
struct Observed {
  std::optional<k8s::Service> service;
  std::optional<k8s::Claim> shared_claim;
  std::optional<k8s::Policy> network_policy;
  std::optional<k8s::Policy> disruption_budget;
  std::array<std::optional<k8s::StatefulSet>, v1::kRolesMax> learner_sets;  // one for each role
  std::vector<k8s::Pod> pods;  // controlled by one of `learner_sets`, in any order
  // Such pods that are gone, as they were last seen, in that order: those of them that say why.
  std::vector<k8s::Pod> departed;
  std::string pods_version;  // the resource version of all pods at that look
  // The claims that have the names of the learners' own; looked for only where a role has no
  // StatefulSet, or where the job AsksToDeleteLearnerClaims.
  std::vector<k8s::Claim> learner_claims;

  // A secret that nobody else has, of kJobKeyBytes hexadecimal digits or more; another one in each
  // pass. Only for a job that HasLauncher.
  std::string new_key;

  // Looked at only for a job that NeedsCatalogue.
  v1::FrameworkCatalogue catalogue;

  // The API server's answer when it refused a write of the last pass for a reason that only a
  // person can mend. While it is set a pass reports it and writes no objects.
  std::optional<k8s::Error> refusal;
};

// What a pass needs to know that stands neither in the job nor in the cluster.
struct Settings {
  std::string agent_image;  // of the container that installs ffdl-launch
  std::string agent_pull_policy = "IfNotPresent";
  std::string gpu_resource = "nvidia.com/gpu";
  // How long beyond its grace period a pod is left to a node that does not answer.
  std::chrono::seconds lost_node_patience{60};
};

}  // namespace ffdl::training_job
