// One pass while it runs: what it reads, and the plan that its phases add to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crds/v1/roles.h"
#include "crds/v1/training_job.h"
#include "k8s-client/meta/plan.h"
#include "reconcilers/training_job/learner.h"
#include "reconcilers/training_job/observed.h"

namespace ffdl::training_job {

// What the job's Ready condition will say, and what follows from it for the other conditions.
struct Report {
  v1::State state = v1::State::kPending;
  bool ready = false;
  bool stalled = false;  // a person must act
  std::string_view reason;
  std::string message;
  std::string hang;  // of learners that run but stand still: for the Stalled condition
};

struct Pass {
  const v1::TrainingJob& job;
  const Observed& observed;
  const Settings& settings;
  k8s::Time now;  // whole seconds, as the API stores times
  v1::Roles roles{job.spec};

  // The attempt whose learners count: status.attempt, or 1 for a job that never ran.
  std::int32_t attempt = 1;
  std::vector<Learner> learners{};  // of `attempt`
  std::vector<Learner> lost{};      // learners of it that were running and whose pods are gone
  bool has_lone_restarts = false;   // whether a learner of the job may start again alone
  std::vector<std::int32_t> succeeded_ids{};  // of such a job: see LearnersStatus

  v1::TrainingJobStatus next{};          // starts as the present status
  bool sees_the_past = false;            // of the pods: nothing follows from this pass
  bool failures_judged = false;          // what was seen of failures and losses is in `next`
  std::vector<std::string> restarted{};  // a sentence for each learner that starts again alone
  Report report{};
  k8s::Plan plan{};
};

// Whether the pass goes on with the next phase.
enum class Next { kGoOn, kStop };

[[nodiscard]] bool IsFinished(const v1::TrainingJob& job);
[[nodiscard]] bool IsOurs(const Pass& pass, const k8s::ObjectMeta& child);

// The StatefulSet of this role of the job, or null; and the attempt of its template, 0 without one.
[[nodiscard]] const k8s::StatefulSet* LearnerSet(const Pass& pass, const v1::RoleView& role);
[[nodiscard]] std::int32_t LearnerSetAttempt(const Pass& pass, const v1::RoleView& role);
// Whether this attempt's learners, those of one role at least, have been asked for.
[[nodiscard]] bool HasStarted(const Pass& pass);
// The latest attempt that learners of any role were asked for; 0 for none.
[[nodiscard]] std::int32_t AttemptAskedFor(const Pass& pass);

// What must be alive when a child is made: the job, once it may have had children before.
[[nodiscard]] std::optional<k8s::Action::Owner> OwnerToLookAt(const Pass& pass);

// Adds the apply of a role's StatefulSet.
void ApplyLearners(Pass& pass, const v1::RoleView& role, std::int32_t attempt,
                   std::int32_t replicas, std::string why);
// Adds one for each role that has learners, so that none is left.
void StopLearners(Pass& pass, const char* why);

// Adds the deletion of this object and of no other one under its name; the action is for those who
// ask for more. Of a learner's pod: its StatefulSet puts another into its place.
k8s::Action& Delete(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& meta,
                    std::string why);

// Adds the creation of a child that is not there.
void Create(Pass& pass, const k8s::ResourceType& type, nlohmann::json body, std::string why);
// Adds the apply of what a child that was seen should be, and an event: others have changed it.
void Repair(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& child,
            nlohmann::json body);
// Adds the event alone.
void TellRepair(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& child);

// Since when all learners of this attempt have been running, if status says that they do; where one
// may start again alone, since when they first did.
[[nodiscard]] std::optional<k8s::Time> RunningSince(const Pass& pass);

// Has the job looked at again after this time at the latest, though nothing that is watched
// changes.
void LookAgainAfter(Pass& pass, std::chrono::milliseconds time);

void LookAgainAt(Pass& pass, k8s::Time time);

// Decides that the job ends now, with what its last learner told or, without `end`, at this moment.
void Finish(Pass& pass, v1::State state, std::string_view reason, std::string message,
            std::optional<k8s::Time> end);

// The phases of plan.cc, in their order; each is described there.
Next PlanDeletion(Pass& pass);
Next PlanLiftedGuards(Pass& pass);
Next PlanFinished(Pass& pass);
Next PlanRefusal(Pass& pass);
Next PlanLeftovers(Pass& pass);
Next PlanCompletion(Pass& pass);
Next PlanSuspension(Pass& pass);
Next PlanResumption(Pass& pass);
Next PlanOldView(Pass& pass);
Next PlanFailures(Pass& pass);
Next PlanLoneRestarts(Pass& pass);
Next PlanStuckPods(Pass& pass);
Next PlanBackoff(Pass& pass);
Next PlanAvoidance(Pass& pass);
Next PlanImage(Pass& pass);
Next PlanGpuTypes(Pass& pass);
Next PlanVolumes(Pass& pass);
Next PlanNetwork(Pass& pass);
Next PlanGuards(Pass& pass);
Next PlanLearners(Pass& pass);
Next PlanProgress(Pass& pass);

}  // namespace ffdl::training_job
