#include "crds/v1/names.h"
#include "reconcilers/training_job/desired.h"

namespace ffdl::training_job {
namespace {

using nlohmann::json;

json Learners(const v1::TrainingJob& job) {
  return {{"matchLabels", {{std::string(v1::kJobLabel), job.meta.key.name}}}};
}

json Peers(const v1::TrainingJob& job) { return json::array({{{"podSelector", Learners(job)}}}); }

// Every port of every learner of the job.
json FromLearners(const v1::TrainingJob& job) { return json::array({{{"from", Peers(job)}}}); }

// Names are asked for wherever the cluster's DNS is, which is not the same in every cluster.
json ToLearnersAndNames(const v1::TrainingJob& job) {
  const json names = {{{"protocol", "UDP"}, {"port", 53}}, {{"protocol", "TCP"}, {"port", 53}}};
  return json::array({{{"to", Peers(job)}}, {{"ports", names}}});
}

}  // namespace

json DesiredNetworkPolicy(const v1::TrainingJob& job) {
  const v1::NetworkPolicy& wanted = job.spec.network_policy.value();
  json spec = {{"podSelector", Learners(job)}, {"policyTypes", json::array()}};
  if (wanted.ingress == v1::Reach::kJobOnly) {
    spec["policyTypes"].push_back("Ingress");
    spec["ingress"] = FromLearners(job);
  }
  if (wanted.egress == v1::Reach::kJobOnly) {
    spec["policyTypes"].push_back("Egress");
    spec["egress"] = ToLearnersAndNames(job);
  }
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", k8s::kNetworkPolicyType.kind},
          {"metadata", ChildMetadata(job, v1::GuardName(job.meta.key.name))},
          {"spec", std::move(spec)}};
}

json DesiredDisruptionBudget(const v1::TrainingJob& job) {
  return {{"apiVersion", "policy/v1"},
          {"kind", k8s::kDisruptionBudgetType.kind},
          {"metadata", ChildMetadata(job, v1::GuardName(job.meta.key.name))},
          {"spec",
           {{"maxUnavailable", job.spec.disruption_budget.value().max_unavailable},
            {"selector", Learners(job)},
            // A learner that is not ready trains nothing that an eviction could destroy, and must
            // not hold a node that is to be drained.
            {"unhealthyPodEvictionPolicy", "AlwaysAllow"}}}};
}

}  // namespace ffdl::training_job
