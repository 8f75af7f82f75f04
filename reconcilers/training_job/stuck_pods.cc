#include "reconcilers/training_job/stuck_pods.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"

namespace ffdl::training_job {
namespace {

// The taint of a node that does not answer has the taint manager delete its pods, which then wait
// for a kubelet that is not there. A pod that only takes its time to end has no such condition.
bool IsOfLostNode(const k8s::Pod& pod) {
  return pod.meta.deletion_time && pod.disruption_reason == "DeletionByTaintManager";
}

k8s::Time GivenUpAt(const Pass& pass, const k8s::Pod& pod) {
  return *pod.meta.deletion_time + pass.settings.lost_node_patience;
}

bool IsForOneNode(const std::optional<v1::StorageRequest>& storage) {
  return storage && std::ranges::count(storage->access_modes, "ReadWriteMany") == 0;
}

// A claim that no second node may write while the first one might; "" without any. The mode of a
// claim that the user made is not known here.
std::string FencedClaim(const v1::TrainingJob& job, const k8s::Pod& pod) {
  if (IsForOneNode(job.spec.storage.shared)) return v1::SharedClaimName(job.meta.key.name);
  if (IsForOneNode(job.spec.storage.per_learner)) {
    return v1::LearnerClaimName(pod.meta.key.name);
  }
  return job.spec.results ? job.spec.results->name : "";
}

}  // namespace

Next PlanStuckPods(Pass& pass) {
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (!IsOfLostNode(pod)) continue;
    const k8s::Time given_up_at = GivenUpAt(pass, pod);
    if (pass.now < given_up_at) {
      LookAgainAt(pass, given_up_at);  // to delete it, or to tell what keeps us from that
      continue;
    }
    if (!FencedClaim(pass.job, pod).empty()) continue;
    Delete(pass, k8s::kPodType, pod.meta,
           fmt::format("its node {} does not answer and no claim is at stake", pod.node))
        .grace_seconds = 0;
  }
  return Next::kGoOn;
}

std::optional<Obstacle> FindFencedPod(const Pass& pass) {
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (!IsOfLostNode(pod) || pass.now < GivenUpAt(pass, pod)) continue;
    const std::string claim = FencedClaim(pass.job, pod);
    if (claim.empty()) continue;
    return Obstacle{
        v1::reason::kNodeLost,
        fmt::format("{} was on node {}, which does not answer and may still write to the "
                    "claim '{}'; once it is surely off, delete the node or run 'kubectl taint "
                    "nodes {} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute', and the "
                    "learners start again",
                    v1::LearnerName(pass.roles, LearnerIdOf(pass.roles, pod)), pod.node, claim,
                    pod.node)};
  }
  return std::nullopt;
}

}  // namespace ffdl::training_job
