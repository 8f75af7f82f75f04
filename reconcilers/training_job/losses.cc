#include "reconcilers/training_job/losses.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "crds/v1/conditions.h"
#include "k8s-client/meta/resource_version.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

// 64-bit FNV-1a (RFC 9923): the same on every machine and in every version, as what is kept in
// status must be.
class Fnv1a {
 public:
  void Add(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

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

LearnerEnd EndOf(const k8s::Pod& pod) {
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

Learner Lost(std::int32_t id, const k8s::Pod* pod, LearnerEnd end) {
  return {.id = id, .phase = LearnerPhase::kFailed, .end = std::move(end), .pod = pod};
}

bool HasStarted(const k8s::Pod& pod) {
  const k8s::ContainerStatus* const learner = FindContainer(pod.containers, kLearnerContainer);
  return learner != nullptr && (learner->running || learner->terminated);
}

// Learners whose pods are going although they have begun to train.
std::vector<Learner> GoingLearners(const Pass& pass) {
  std::vector<Learner> going;
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (!pod.meta.deletion_time || AttemptOf(pod.meta.labels) != pass.attempt) continue;
    if (!HasStarted(pod) || LearnerIdOf(pass.roles, pod) == 0) continue;
    going.push_back(Lost(LearnerIdOf(pass.roles, pod), &pod, EndOf(pod)));
  }
  return going;
}

Learner LostWithoutTrace(const Pass& pass, std::int32_t id) {
  return Lost(id, nullptr,
              {.reason = std::string(reason::kLearnerDeleted),
               .message = LearnerSet(pass, pass.roles.Of(id)) == nullptr
                              ? "lost its pod, because the StatefulSet was deleted"
                              : "lost its pod, which was deleted"});
}

void AddLostWithoutTrace(const Pass& pass, std::vector<Learner>& lost) {
  std::vector<bool> known(static_cast<std::size_t>(pass.roles.learners()) + 1);
  const auto note = [&](const Learner& learner) {
    const auto id = static_cast<std::size_t>(learner.id);
    if (id < known.size()) known[id] = true;
  };
  std::ranges::for_each(pass.learners, note);
  std::ranges::for_each(lost, note);
  for (std::int32_t id = 1; id <= pass.roles.learners(); ++id) {
    if (!known[static_cast<std::size_t>(id)]) lost.push_back(LostWithoutTrace(pass, id));
  }
}

// All are there, but not the same: the youngest is the one that was put in another's place.
Learner Replaced(const Pass& pass) {
  const auto youngest = std::ranges::max_element(
      pass.learners, {}, [](const Learner& learner) { return learner.pod->meta.creation_time; });
  return Lost(youngest->id, nullptr,
              {.reason = std::string(reason::kLearnerDeleted),
               .message = "lost its pod, which was deleted and replaced"});
}

bool AllRanAsWeSee(const Pass& pass) {
  const v1::LearnersStatus& told = pass.job.status.learners;
  return RunningSince(pass) && !told.pods_digest.empty() &&
         std::is_gteq(k8s::CompareResourceVersions(pass.observed.pods_version, told.pods_version));
}

}  // namespace

std::string PodsDigest(const std::vector<Learner>& learners) {
  Fnv1a hash;
  for (const Learner& learner : learners) {
    hash.Add(std::to_string(learner.id));
    hash.Add("=");
    hash.Add(learner.pod->meta.uid);
    hash.Add(";");
  }
  return fmt::format("{:016x}", hash.value());
}

std::vector<Learner> LostLearners(const Pass& pass) {
  std::vector<Learner> lost = GoingLearners(pass);
  const bool others =
      AllRanAsWeSee(pass) && PodsDigest(pass.learners) != pass.job.status.learners.pods_digest;
  if (others) AddLostWithoutTrace(pass, lost);
  if (others && lost.empty()) lost.push_back(Replaced(pass));
  std::ranges::sort(lost, {}, &Learner::id);
  return lost;
}

}  // namespace ffdl::training_job
