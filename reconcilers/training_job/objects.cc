// The phases that hold the job's objects to what they should be.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <system_error>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/claims.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/elastic.h"
#include "reconcilers/training_job/guards.h"
#include "reconcilers/training_job/pass.h"
#include "reconcilers/training_job/remote_shell.h"

namespace ffdl::training_job {
namespace {

// With the version that was seen, because whoever edits a job in its last moment wants it to stay.
void DeleteJob(Pass& pass) {
  Delete(pass, v1::kTrainingJobType, pass.job.meta, "time to live is over")
      .expect_resource_version = pass.job.meta.resource_version;
}

// Whether all learners that this role waits for run, or have run.
bool MayStart(const Pass& pass, const v1::RoleView& role) {
  const v1::RoleView* const first = pass.roles.Find(role.start_after);
  if (first == nullptr) return true;
  const auto runs = [&](const Learner& learner) {
    return learner.phase != LearnerPhase::kStarting &&
           learner.phase != LearnerPhase::kCannotStart && &pass.roles.Of(learner.id) == first;
  };
  return std::ranges::count_if(pass.learners, runs) >= first->replicas;
}

// Whether somebody else has changed its spec; of one that says nothing, nobody knows.
bool WasEdited(const k8s::StatefulSet& set) {
  const std::string_view text = k8s::ValueOr(set.meta.annotations, v1::kGenerationAnnotation);
  std::int64_t ours = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ours);
  return error == std::errc() && set.meta.generation > ours;
}

// What asks for this attempt's learners already.
void HoldLearners(Pass& pass, const v1::RoleView& role, const k8s::StatefulSet& set) {
  if (set.meta.deletion_time) return;  // which counts as a change of the spec, too
  const bool differs = set.replicas != role.replicas;
  if (differs && !MayScale(pass, role, set)) return;
  const bool edited = WasEdited(set);
  if (!differs && !edited) return;
  ApplyLearners(pass, role, pass.attempt, role.replicas,
                edited ? "not as the job asks for" : "number of learners differs");
  // Should this arrive late, when another number was asked for and set, it must not undo that.
  pass.plan.actions.back().body["metadata"]["resourceVersion"] = set.meta.resource_version;
  if (edited) TellRepair(pass, k8s::kStatefulSetType, set.meta);
}

void PlanRole(Pass& pass, const v1::RoleView& role) {
  const k8s::StatefulSet* const set = LearnerSet(pass, role);
  if (set != nullptr && LearnerSetAttempt(pass, role) == pass.attempt) {
    HoldLearners(pass, role, *set);
  } else if (!MayStart(pass, role)) {
    // What is left of the attempt before; not of this one, of which no set without learners may
    // remain: that is the mark of a suspension.
    if (set == nullptr || set->replicas == 0) return;
    ApplyLearners(pass, role, LearnerSetAttempt(pass, role), 0,
                  fmt::format("starts after {}", role.start_after));
  } else {
    CreateKey(pass);
    ApplyLearners(
        pass, role, pass.attempt, role.replicas,
        set == nullptr ? "learners missing" : fmt::format("attempt {} starts", pass.attempt));
  }
}

// Whether learners find each other by it. Its ports are not looked at: a headless Service passes
// all others, too.
bool FindsLearners(const v1::TrainingJob& job, const k8s::Service& service) {
  return service.publishes_not_ready && service.selector == ServiceSelector(job);
}

}  // namespace

Next PlanDeletion(Pass& pass) { return pass.job.meta.deletion_time ? Next::kStop : Next::kGoOn; }

Next PlanFinished(Pass& pass) {
  if (!IsFinished(pass.job)) return Next::kGoOn;
  StopLearners(pass, "job finished");
  DeleteClaims(pass);
  const std::optional<std::int64_t>& ttl = pass.job.spec.ttl_seconds_after_finished;
  if (!ttl || !pass.job.status.completion_time) return Next::kStop;
  const k8s::Time end_of_life = *pass.job.status.completion_time + std::chrono::seconds(*ttl);
  if (pass.now < end_of_life) {
    LookAgainAt(pass, end_of_life);
  } else {
    DeleteJob(pass);
  }
  return Next::kStop;
}

Next PlanRefusal(Pass& pass) {
  if (!pass.observed.refusal) return Next::kGoOn;
  const k8s::Error& error = *pass.observed.refusal;
  const bool taken = error.code == k8s::ErrorCode::kAlreadyExists;
  pass.report = {.state = v1::State::kPending,
                 .stalled = true,
                 .reason = taken ? v1::reason::kNameTaken : v1::reason::kRefused,
                 .message = taken ? fmt::format("{}; delete or rename that object", error.message)
                                  : fmt::format("the API server refused: {}", error.message)};
  return Next::kStop;
}

Next PlanLeftovers(Pass& pass) {
  const Observed& seen = pass.observed;
  const auto is_foreign = [&](const auto& set) { return set && !IsOurs(pass, set->meta); };
  const bool left = HasLeftClaims(pass) || std::ranges::any_of(seen.learner_sets, is_foreign) ||
                    (seen.service && !IsOurs(pass, seen.service->meta)) ||
                    (seen.shared_claim && !IsOurs(pass, seen.shared_claim->meta)) ||
                    HasForeignGuard(pass);
  if (!left) return Next::kGoOn;
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kNameTaken,
                 .message = "waiting for the objects of an earlier job of this name to be deleted"};
  return Next::kStop;
}

Next PlanNetwork(Pass& pass) {
  if (!pass.observed.service) {
    Create(pass, k8s::kServiceType, DesiredService(pass.job), "service missing");
  } else if (!FindsLearners(pass.job, *pass.observed.service)) {
    Repair(pass, k8s::kServiceType, pass.observed.service->meta, DesiredService(pass.job));
  }
  return Next::kGoOn;
}

Next PlanLearners(Pass& pass) {
  for (const v1::RoleView& role : pass.roles) PlanRole(pass, role);
  for (const k8s::Pod& pod : pass.observed.pods) {
    if (!pod.meta.deletion_time && AttemptOf(pod.meta.labels) < pass.attempt) {
      Delete(pass, k8s::kPodType, pod.meta, "learner of an earlier attempt");
    }
  }
  return Next::kGoOn;
}

}  // namespace ffdl::training_job
