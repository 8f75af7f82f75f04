#include "reconcilers/training_job/deadlines.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

#include "crds/v1/conditions.h"

namespace ffdl::training_job {
namespace {

namespace reason = v1::reason;
using std::chrono::seconds;

struct Deadline {
  k8s::Time at;
  std::string_view reason;
  std::string message;
};

std::optional<Deadline> ActiveDeadline(const Pass& pass) {
  const std::optional<std::int64_t>& limit = pass.job.spec.active_deadline_seconds;
  if (!limit || !pass.next.start_time) return std::nullopt;
  return Deadline{.at = *pass.next.start_time + seconds(*limit),
                  .reason = reason::kDeadlineExceeded,
                  .message = fmt::format("the job was active for {} s, as long as "
                                         "`spec.activeDeadlineSeconds` allows",
                                         *limit)};
}

// A job is pending for as long as it has not been Ready: a condition keeps the time at which its
// status changed, whatever the reasons since.
std::optional<Deadline> PendingDeadline(const Pass& pass) {
  const std::optional<std::int64_t>& limit = pass.job.spec.pending_deadline_seconds;
  const k8s::Condition* const ready =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  const bool pending =
      pass.report.state == v1::State::kPending || pass.report.state == v1::State::kDownloading;
  if (!limit || !pending) return std::nullopt;
  if (ready == nullptr || ready->status != "False") return std::nullopt;
  return Deadline{.at = ready->last_transition + seconds(*limit),
                  .reason = reason::kPendingDeadlineExceeded,
                  .message = fmt::format("not {} learners ran within the {} s of "
                                         "`spec.pendingDeadlineSeconds`; last: {}",
                                         pass.job.spec.elastic ? "enough" : "all", *limit,
                                         pass.report.message)};
}

void Miss(Pass& pass, const Deadline& deadline) {
  pass.plan.actions.clear();
  pass.next.restarts = pass.job.status.restarts;  // one that was decided is none after all
  pass.next.infrastructure_restarts = pass.job.status.infrastructure_restarts;
  pass.next.history = pass.job.status.history;
  pass.next.learner_restarts = pass.job.status.learner_restarts;
  pass.restarted.clear();
  pass.next.gpu_seconds = pass.job.status.gpu_seconds;
  pass.next.request_time = pass.job.status.request_time;
  pass.next.avoided_nodes = pass.job.status.avoided_nodes;
  pass.next.failure = v1::Failure{.attempt = pass.attempt,
                                  .reason = std::string(deadline.reason),
                                  .message = deadline.message,
                                  .time = pass.now};
  Finish(pass, v1::State::kFailed, deadline.reason, deadline.message, std::nullopt);
}

}  // namespace

void JudgeDeadlines(Pass& pass) {
  const v1::TrainingJob& job = pass.job;
  if (job.meta.deletion_time || job.spec.suspend || pass.next.completion_time) return;
  for (const auto& deadline : {ActiveDeadline(pass), PendingDeadline(pass)}) {
    if (!deadline) continue;
    if (pass.now >= deadline->at) return Miss(pass, *deadline);
    LookAgainAt(pass, deadline->at);
  }
}

}  // namespace ffdl::training_job
