// Suspend and resume: FfDL's halt, and the resume that FfDL never had.
#include <fmt/format.h>

#include <algorithm>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/lone_restarts.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {

Next PlanSuspension(Pass& pass) {
  if (!pass.job.spec.suspend) return Next::kGoOn;
  StopLearners(pass, "job suspended");
  const std::int32_t asked_for = AttemptAskedFor(pass);
  // It may have been asked for without anybody having told of it; resuming begins the one after.
  pass.next.attempt = std::max(pass.next.attempt, asked_for);
  ForgetRestarting(pass.next);
  if (asked_for > 0) RecordEnd(pass, asked_for, v1::reason::kSuspended, nullptr);
  if (const std::size_t left = pass.observed.pods.size(); left > 0) {
    pass.report = {.state = pass.job.status.state == v1::State::kNone ? v1::State::kPending
                                                                      : pass.job.status.state,
                   .reason = v1::reason::kSuspending,
                   .message = "learners are being stopped; claims and checkpoints are kept"};
  } else {
    pass.report = {.state = v1::State::kHalted,
                   .ready = true,
                   .reason = v1::reason::kSuspended,
                   .message = "suspended as asked; set `spec.suspend` to false to go on"};
  }
  return Next::kStop;
}

// Learners that a suspension stopped, those of one role at least, begin a new attempt. It is
// written to status first, so that no two attempts can ever have the same number.
Next PlanResumption(Pass& pass) {
  const auto was_stopped = [&](const v1::RoleView& role) {
    const k8s::StatefulSet* const set = LearnerSet(pass, role);
    return set != nullptr && set->replicas == 0 && LearnerSetAttempt(pass, role) >= pass.attempt;
  };
  const bool stopped = pass.job.status.attempt > 0 && std::ranges::any_of(pass.roles, was_stopped);
  if (!stopped) return Next::kGoOn;
  BeginAttempt(pass, AttemptAskedFor(pass) + 1);
  pass.next.start_time.reset();  // as batch/v1 Job does, so that deadlines begin anew
  pass.report = {.state = v1::State::kPending,
                 .reason = v1::reason::kResuming,
                 .message = fmt::format("resumed; attempt {} starts", pass.next.attempt)};
  return Next::kStop;
}

}  // namespace ffdl::training_job
