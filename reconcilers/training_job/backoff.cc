// The pause before a new attempt: learners are stopped, so that none holds what others could use.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {
namespace {

// The words of the restart say how long; they stand until the learners start.
std::string MessageOfRestart(const Pass& pass) {
  const k8s::Condition* const ready =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  const bool told = ready != nullptr && ready->reason == v1::reason::kRestarting;
  return told ? ready->message : fmt::format("attempt {} starts after a pause", pass.attempt);
}

bool WaitsForNode(const Pass& pass) {
  return std::ranges::any_of(pass.learners, [](const Learner& learner) {
    return learner.phase == LearnerPhase::kStarting && learner.pod->node.empty();
  });
}

}  // namespace

Next PlanBackoff(Pass& pass) {
  if (AttemptAskedFor(pass) == pass.attempt) return Next::kGoOn;
  const std::optional<k8s::Time> end = EndOfBackoff(pass);
  if (!end || pass.now >= *end) return Next::kGoOn;
  StopLearners(pass, "a pause before the next attempt");
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kRestarting,
                 .message = MessageOfRestart(pass)};
  LookAgainAt(pass, *end);
  return Next::kStop;
}

// Learners that wait for a node while one is avoided may have it back after a while: a pod keeps
// the nodes that it was made to avoid, so they are made anew.
Next PlanAvoidance(Pass& pass) {
  if (AttemptAskedFor(pass) != pass.attempt || !WaitsForNode(pass)) return Next::kGoOn;
  // A learner that starts again alone is not worth a restart of the others.
  if (pass.job.status.attempt_start_time) return Next::kGoOn;
  const std::optional<k8s::Time> end = EndOfAvoidance(pass);
  if (!end) return Next::kGoOn;
  if (pass.now < *end) {
    LookAgainAt(pass, *end);
    return Next::kGoOn;
  }
  RecordEnd(pass, pass.attempt, v1::reason::kRestarting, nullptr);
  BeginAttempt(pass, pass.attempt + 1);
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kRestarting,
                 .message = fmt::format("attempt {} starts, because nodes that were avoided may be "
                                        "used again",
                                        pass.next.attempt)};
  return Next::kStop;
}

}  // namespace ffdl::training_job
