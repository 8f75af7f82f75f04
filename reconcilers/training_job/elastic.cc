#include "reconcilers/training_job/elastic.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "crds/v1/learner_ids.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/attempts.h"

namespace ffdl::training_job {
namespace {

bool HasSucceeded(const Learner& learner) { return learner.phase == LearnerPhase::kSucceeded; }

// Whether pods that the StatefulSet lets go are still there.
bool IsShrinking(const Pass& pass, const k8s::StatefulSet& set) {
  return std::ranges::any_of(pass.observed.pods, [&](const k8s::Pod& pod) {
    return LearnerIdOf(pass.roles, pod) > set.replicas;
  });
}

}  // namespace

bool IsEnough(const Pass& pass, std::int32_t running) {
  const std::optional<v1::Elastic>& elastic = pass.job.spec.elastic;
  return running >= (elastic ? elastic->min_learners : pass.roles.learners());
}

std::int32_t CountWorking(const Pass& pass) {
  return static_cast<std::int32_t>(
      std::ranges::count_if(pass.learners, [&](const Learner& learner) {
        const bool works = learner.phase == LearnerPhase::kRunning || HasSucceeded(learner);
        return works && std::ranges::count(pass.lost, learner.id, &Learner::id) == 0;
      }));
}

std::string DescribeSome(const Pass& pass, std::int32_t running) {
  return fmt::format("{} of {} learners are running, at least {} must", running,
                     pass.roles.learners(), pass.job.spec.elastic->min_learners);
}

bool GoesOnWithout(const Pass& pass, const Learner& failed) {
  return pass.job.spec.elastic && failed.id != 1 && IsFaultOfTheCluster(failed.end->reason) &&
         IsEnough(pass, CountWorking(pass));
}

// Fewer: those that go must not be taken for lost ones, whatever is asked for next, so status tells
// of the others alone before. More: not before those that were let go are gone, because a
// controller that is late would still take them away; and not when the job is coming to its end,
// where they would find nothing to do.
bool MayScale(const Pass& pass, const v1::RoleView& role, const k8s::StatefulSet& set) {
  if (!pass.job.spec.elastic) return true;
  if (role.replicas > set.replicas) {
    return !IsShrinking(pass, set) && std::ranges::none_of(pass.learners, &HasSucceeded);
  }
  const auto told = v1::ParseLearnerIds(pass.job.status.learners.pods_of);
  return told.empty() || told.back() <= role.replicas;
}

v1::TrainingJob AsItBegan(const v1::TrainingJob& job, const k8s::StatefulSet& set) {
  v1::TrainingJob began = job;
  const std::string_view learners = k8s::ValueOr(set.template_labels, v1::kLearnersLabel, "");
  std::from_chars(learners.data(), learners.data() + learners.size(), began.spec.learners);
  return began;
}

}  // namespace ffdl::training_job
