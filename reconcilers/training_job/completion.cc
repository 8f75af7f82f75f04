// Whether a job is done: each role that is waited for is complete by its policy.
#include "reconcilers/training_job/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/elastic.h"

namespace ffdl::training_job {
namespace {

using v1::CompletionPolicy;

struct Success {
  std::string_view reason;
  std::string message;
};

std::string AllSucceeded(const v1::RoleView& role) {
  if (role.own == nullptr) {
    return role.replicas == 1 ? "the learner succeeded"
                              : fmt::format("all {} learners succeeded", role.replicas);
  }
  return role.replicas == 1
             ? fmt::format("{} 1 succeeded", role.name)
             : fmt::format("all {} learners of {} succeeded", role.replicas, role.name);
}

// An elastic job is done when those that took part are: a learner that comes too late, or that was
// lost shortly before, finds nothing to do.
std::optional<Success> FindElasticSuccess(const Pass& pass, const v1::RoleView& role) {
  const std::int32_t succeeded = Count(pass, role, LearnerPhase::kSucceeded);
  const std::int32_t others =
      Count(pass, role, LearnerPhase::kRunning) + Count(pass, role, LearnerPhase::kFailed);
  if (!IsEnough(pass, succeeded) || others > 0) return std::nullopt;
  return Success{v1::reason::kAllLearnersSucceeded,
                 succeeded == role.replicas
                     ? AllSucceeded(role)
                     : fmt::format("{} of {} learners succeeded, and no other was running",
                                   succeeded, role.replicas)};
}

// The learner by whose success alone its role is complete.
const Learner* FindWinner(const Pass& pass, const v1::RoleView& role) {
  const bool any = role.completion_policy == CompletionPolicy::kAnyLearner;
  const auto it = std::ranges::find_if(pass.learners, [&](const Learner& learner) {
    return learner.phase == LearnerPhase::kSucceeded && &pass.roles.Of(learner.id) == &role &&
           (any || IsMaster(role, learner));
  });
  return it == pass.learners.end() ? nullptr : &*it;
}

// Whether a role that is waited for is complete.
std::optional<Success> FindSuccess(const Pass& pass, const v1::RoleView& role) {
  if (role.completion_policy == CompletionPolicy::kAllLearners) {
    if (pass.job.spec.elastic) return FindElasticSuccess(pass, role);
    if (Count(pass, role, LearnerPhase::kSucceeded) < role.replicas) return std::nullopt;
    return Success{v1::reason::kAllLearnersSucceeded, AllSucceeded(role)};
  }
  const Learner* const winner = FindWinner(pass, role);
  if (winner == nullptr) return std::nullopt;
  const std::string name = v1::LearnerName(pass.roles, winner->id);
  if (role.completion_policy == CompletionPolicy::kAnyLearner) {
    return Success{v1::reason::kAnyLearnerSucceeded, fmt::format("{} succeeded", name)};
  }
  return Success{v1::reason::kMasterSucceeded, fmt::format("{}, the master, succeeded", name)};
}

std::optional<Success> FindSuccess(const Pass& pass) {
  std::optional<Success> all;
  for (const v1::RoleView& role : pass.roles) {
    if (!IsWaitedFor(role)) continue;
    std::optional<Success> one = FindSuccess(pass, role);
    if (!one) return std::nullopt;
    if (all) {
      one = Success{v1::reason::kAllRolesSucceeded,
                    fmt::format("{}; {}", all->message, one->message)};
    }
    all = std::move(one);
  }
  return all;
}

}  // namespace

std::int32_t Count(const Pass& pass, const v1::RoleView& role, LearnerPhase phase) {
  return static_cast<std::int32_t>(
      std::ranges::count_if(pass.learners, [&](const Learner& learner) {
        return learner.phase == phase && &pass.roles.Of(learner.id) == &role;
      }));
}

bool IsMaster(const v1::RoleView& role, const Learner& learner) {
  return learner.id == role.before + 1;
}

bool IsWaitedFor(const v1::RoleView& role) {
  return role.completion_policy != CompletionPolicy::kNone;
}

std::optional<k8s::Time> LastEnd(const Pass& pass) {
  std::optional<k8s::Time> last;
  for (const Learner& learner : pass.learners) {
    if (learner.end) last = std::max(last, learner.end->time);
  }
  return last;
}

Next PlanCompletion(Pass& pass) {
  const std::optional<Success> success = FindSuccess(pass);
  if (!success) return Next::kGoOn;
  Finish(pass, v1::State::kCompleted, success->reason, success->message, LastEnd(pass));
  return Next::kStop;
}

}  // namespace ffdl::training_job
