#include "reconcilers/training_job/departures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/lone_restarts.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

struct Disruption {
  std::string_view pod_reason;  // of the condition DisruptionTarget, core/v1 and its controllers
  std::string_view reason;
  std::string_view message;  // {} is the node
};

constexpr std::array kDisruptions{
    Disruption{"PreemptionByScheduler", reason::kPreempted,
               "was preempted on node {} by a pod of higher priority"},
    Disruption{"EvictionByEvictionAPI", reason::kEvicted,
               "was evicted from node {}, as when a node is drained"},
    Disruption{"TerminationByKubelet", reason::kEvicted,
               "was ended by node {}, which shuts down or lacks resources"},
    Disruption{"DeletionByTaintManager", reason::kNodeLost,
               "lost node {}, which does not answer or was tainted"},
    Disruption{"DeletionByPodGC", reason::kNodeLost, "lost node {}, which is gone"},
};

LearnerEnd EndOfGoing(const k8s::Pod& pod) {
  const auto* const it =
      std::ranges::find(kDisruptions, pod.disruption_reason, &Disruption::pod_reason);
  if (it == kDisruptions.end()) {
    return {
        .reason = std::string(reason::kLearnerDeleted),
        .message = fmt::format("lost its pod on node {}, because somebody deleted it", pod.node)};
  }
  return {.reason = std::string(it->reason),
          .message = fmt::format(fmt::runtime(it->message), pod.node)};
}

// By its node, for a reason. One that was deleted fails in the end, too, but without any.
bool WasGivenUp(const k8s::Pod& pod) { return pod.phase == "Failed" && !pod.reason.empty(); }

}  // namespace

bool SaysWhy(const k8s::Pod& pod) { return WasGivenUp(pod) || !pod.disruption_reason.empty(); }

bool HasStarted(const k8s::Pod& pod) {
  const k8s::ContainerStatus* const learner = FindContainer(pod.containers, kLearnerContainer);
  return learner != nullptr && (learner->running || learner->terminated);
}

Learner Lost(std::int32_t id, const k8s::Pod* pod, LearnerEnd end) {
  return {.id = id, .phase = LearnerPhase::kFailed, .end = std::move(end), .pod = pod};
}

Learner LostWith(const k8s::Pod& pod, std::int32_t id) {
  std::optional<LearnerEnd> end = JudgePod(id, pod).end;
  return Lost(id, &pod, WasGivenUp(pod) && end ? *std::move(end) : EndOfGoing(pod));
}

std::optional<Learner> Departed(const Pass& pass, std::int32_t id) {
  const auto is_meant = [&](const k8s::Pod& pod) {
    return AttemptOf(pod.meta.labels) == pass.attempt && LearnerIdOf(pass.roles, pod) == id &&
           HasStarted(pod) && !IsCounted(pass.job.status, pod);
  };
  const std::vector<k8s::Pod>& departed = pass.observed.departed;
  const auto last = std::find_if(departed.rbegin(), departed.rend(), is_meant);
  if (last == departed.rend()) return std::nullopt;
  return LostWith(*last, id);
}

}  // namespace ffdl::training_job
