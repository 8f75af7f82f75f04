#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/elastic.h"
#include "reconcilers/training_job/hangs.h"
#include "reconcilers/training_job/lone_restarts.h"
#include "reconcilers/training_job/pass.h"
#include "reconcilers/training_job/waiting.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;

// While the learners of a later attempt start, what users want to read is why there is one.
const k8s::Condition* ReasonOfThisAttempt(const Pass& pass) {
  const k8s::Condition* const ready =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  const bool tells = ready != nullptr &&
                     (ready->reason == reason::kRestarting || ready->reason == reason::kResuming);
  return tells ? ready : nullptr;
}

// A job of which a learner starts again alone is what it was: the others run on.
v1::State StateOfWaiting(const Pass& pass) {
  return pass.next.attempt_start_time ? v1::State::kProcessing : v1::State::kPending;
}

// One that has begun to download says so until it runs, so that its learners need not be told of
// one by one.
v1::State StateOfStarting(const Pass& pass) {
  const v1::State waiting = StateOfWaiting(pass);
  const bool downloads = pass.job.spec.code.object_store &&
                         (IsDownloading(pass) || pass.job.status.state == v1::State::kDownloading);
  return downloads && waiting == v1::State::kPending ? v1::State::kDownloading : waiting;
}

std::string DescribeStarting(v1::State state, std::int32_t desired) {
  if (state == v1::State::kDownloading) {
    return desired == 1 ? "the learner is downloading its code"
                        : fmt::format("{} learners are downloading their code", desired);
  }
  return desired == 1 ? "waiting for the learner to start"
                      : fmt::format("waiting for {} learners to start", desired);
}

// What the learners do that an elastic job does without for now.
std::string DescribeMissing(const Pass& pass) {
  if (std::optional<Obstacle> obstacle = FindObstacle(pass)) return std::move(obstacle->message);
  return DescribeRestarting(pass);
}

void TellSomeRunning(Pass& pass, std::int32_t working) {
  const std::string missing = DescribeMissing(pass);
  pass.report = {.state = v1::State::kProcessing,
                 .ready = true,
                 .reason = reason::kLearnersRunning,
                 .message = fmt::format("{}{}{}", DescribeSome(pass, working),
                                        missing.empty() ? "" : "; ", missing),
                 .hang = DescribeHang(pass)};
}

}  // namespace

// What learners that should run are doing. The last phase: it is reached when nothing else is to be
// said.
Next PlanProgress(Pass& pass) {
  const auto started =
      static_cast<std::int32_t>(std::ranges::count_if(pass.learners, [](const Learner& learner) {
        return learner.phase == LearnerPhase::kRunning ||
               learner.phase == LearnerPhase::kSucceeded || learner.phase == LearnerPhase::kFailed;
      }));
  const std::int32_t desired = pass.roles.learners();
  if (started >= desired) {
    pass.report = {.state = v1::State::kProcessing,
                   .ready = true,
                   .reason = reason::kLearnersRunning,
                   .message = desired == 1 ? "the learner is running"
                                           : fmt::format("{} learners are running", desired),
                   .hang = DescribeHang(pass)};
  } else if (const std::int32_t working = CountWorking(pass); IsEnough(pass, working)) {
    TellSomeRunning(pass, working);
  } else if (std::optional<Obstacle> obstacle = FindObstacle(pass)) {
    pass.report = {.state = StateOfWaiting(pass),
                   .reason = obstacle->reason,
                   .message = std::move(obstacle->message)};
  } else if (std::string restarting = DescribeRestarting(pass); !restarting.empty()) {
    pass.report = {.state = StateOfStarting(pass),
                   .reason = reason::kRestartingLearner,
                   .message = std::move(restarting)};
  } else if (const k8s::Condition* const why = ReasonOfThisAttempt(pass)) {
    pass.report = {.state = StateOfStarting(pass), .reason = why->reason, .message = why->message};
  } else {
    const v1::State state = StateOfStarting(pass);
    pass.report = {.state = state,
                   .reason = state == v1::State::kDownloading ? reason::kDownloadingCode
                                                              : reason::kLearnersStarting,
                   .message = DescribeStarting(state, desired)};
  }
  pass.next.attempt = pass.attempt;
  return Next::kStop;
}

}  // namespace ffdl::training_job
