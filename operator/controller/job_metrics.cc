#include "operator/controller/job_metrics.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "crds/v1/conditions.h"
#include "crds/v1/json.h"
#include "crds/v1/roles.h"
#include "reconcilers/training_job/attempts.h"

namespace ffdl::server {
namespace {

// Nobody needs more of them than a metrics store can bear; see Metrics::kSeriesPerNameMax.
constexpr std::size_t kNamespacesMax = 150;

double Seconds(k8s::Time from, k8s::Time to) {
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

// From a second to eleven days.
std::vector<double> Durations() { return k8s::ExponentialBounds(1, 4, 11); }

}  // namespace

JobMetrics::JobMetrics(k8s::Metrics& metrics) : metrics_(metrics) {}

void JobMetrics::Note(const v1::TrainingJob* before, const v1::TrainingJob* after) {
  if (before != nullptr) Count(*before, -1);
  if (after != nullptr) Count(*after, +1);
  if (!leads_ || before == nullptr || after == nullptr) return;
  NoteStart(*before, *after);
  NoteAttemptStart(*before, *after);
  NoteEnd(*before, *after);
  NoteRestarts(*before, *after);
  NoteAttempts(*before, *after);
}

void JobMetrics::Count(const v1::TrainingJob& job, int sign) {
  const std::scoped_lock lock(mutex_);
  if (shares_.size() >= kNamespacesMax && !shares_.contains(job.meta.key.ns)) return;
  Share& share = shares_[job.meta.key.ns];
  const v1::State state = job.status.state;
  const std::string_view word = state == v1::State::kNone ? "New" : ToString(state);
  share.jobs[std::string(word)] += sign;
  const std::int64_t gpus = v1::Roles(job.spec).gpus();
  const bool over = state == v1::State::kCompleted || state == v1::State::kFailed;
  if (!over && !job.spec.suspend) share.gpus_requested += sign * gpus;
  if (state == v1::State::kProcessing) share.gpus_allocated += sign * gpus;
}

void JobMetrics::NoteStart(const v1::TrainingJob& before, const v1::TrainingJob& after) {
  if (before.status.start_time || !after.status.start_time || after.status.attempt > 1) return;
  metrics_
      .HistogramOf("ffdl_job_wait_seconds",
                   "From the creation of a job until all its learners first ran.", Durations())
      .Observe(Seconds(after.meta.creation_time, *after.status.start_time));
}

void JobMetrics::NoteAttemptStart(const v1::TrainingJob& before, const v1::TrainingJob& after) {
  if (before.status.state == v1::State::kProcessing) return;
  if (after.status.state != v1::State::kProcessing || !after.status.request_time) return;
  const k8s::Condition* const ready =
      k8s::FindCondition(after.status.conditions, v1::condition::kReady);
  if (ready == nullptr) return;
  metrics_
      .HistogramOf("ffdl_attempt_start_seconds",
                   "From when the learners of an attempt were asked for until all of them ran.",
                   Durations())
      .Observe(Seconds(*after.status.request_time, ready->last_transition));
}

void JobMetrics::NoteEnd(const v1::TrainingJob& before, const v1::TrainingJob& after) {
  if (before.status.completion_time || !after.status.completion_time) return;
  const k8s::Time end = *after.status.completion_time;
  metrics_
      .HistogramOf("ffdl_job_run_seconds", "From when all learners of a job first ran to its end.",
                   Durations(), {{"outcome", std::string(ToString(after.status.state))}})
      .Observe(Seconds(after.status.start_time.value_or(end), end));
}

// Those of single learners tell their own reasons; the others are attempts, which `failure` caused.
void JobMetrics::NoteRestarts(const v1::TrainingJob& before, const v1::TrainingJob& after) {
  std::int32_t left = after.status.restarts - before.status.restarts;
  const auto add = [&](const std::string& reason, std::int32_t count) {
    const std::int32_t restarts = std::min(count, left);
    if (restarts <= 0) return;
    left -= restarts;
    metrics_
        .CounterOf("ffdl_learner_restarts_total",
                   "Restarts of learners, all together or one alone, that a failure caused.",
                   {{"namespace", after.meta.key.ns}, {"reason", reason}})
        .Add(static_cast<std::uint64_t>(restarts));
  };
  for (const v1::LearnerRestart& record : after.status.learner_restarts) {
    const auto known = std::ranges::find(before.status.learner_restarts, record.learner,
                                         &v1::LearnerRestart::learner);
    const bool is_new = known == before.status.learner_restarts.end();
    add(record.reason, record.restarts - (is_new ? 0 : known->restarts));
  }
  if (after.status.failure) add(after.status.failure->reason, left);
}

void JobMetrics::NoteAttempts(const v1::TrainingJob& before, const v1::TrainingJob& after) {
  const std::string& ns = after.meta.key.ns;
  const std::int32_t known =
      before.status.history.empty() ? 0 : before.status.history.back().attempt;
  for (const v1::AttemptRecord& record : after.status.history) {
    if (record.attempt <= known || !record.start_time || !record.end_time) continue;
    const double gpus = v1::Roles(after.spec).gpus();
    metrics_
        .CounterOf(
            "ffdl_attempt_gpu_seconds_total", "GPUs times seconds of attempts that are over.",
            {{"namespace", ns}, {"end", std::string(training_job::OutcomeOf(record.reason))}})
        .Add(static_cast<std::uint64_t>(gpus * Seconds(*record.start_time, *record.end_time)));
  }
}

void JobMetrics::Refresh() {
  if (!leads_) return;
  const std::scoped_lock lock(mutex_);
  for (const auto& [ns, share] : shares_) {
    for (const auto& [state, count] : share.jobs) {
      metrics_
          .GaugeOf("ffdl_jobs", "TrainingJobs by their state.",
                   {{"namespace", ns}, {"state", state}})
          .Set(static_cast<double>(count));
    }
    metrics_
        .GaugeOf("ffdl_gpus_requested", "GPUs of jobs that have not ended.", {{"namespace", ns}})
        .Set(static_cast<double>(share.gpus_requested));
    metrics_.GaugeOf("ffdl_gpus_allocated", "GPUs of jobs whose learners run.", {{"namespace", ns}})
        .Set(static_cast<double>(share.gpus_allocated));
  }
}

}  // namespace ffdl::server
