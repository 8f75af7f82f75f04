#include "reconcilers/training_job/lone_restarts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/learner_ids.h"
#include "k8s-client/meta/resource_version.h"
#include "reconcilers/training_job/attempts.h"

namespace ffdl::training_job {
namespace {

using std::chrono::seconds;

// How soon pods that are seen as they were before what status tells of them are looked at again.
constexpr seconds kOldViewWait{1};

bool HasStarted(const Learner& learner) {
  return learner.phase == LearnerPhase::kRunning || learner.phase == LearnerPhase::kSucceeded ||
         learner.phase == LearnerPhase::kFailed;
}

// A pod that goes says nothing: programs that are told to stop may well end with 0.
void RecallSucceeded(Pass& pass) {
  for (const std::int32_t id : v1::ParseLearnerIds(pass.job.status.learners.succeeded_ids)) {
    if (id > pass.roles.learners()) break;
    const auto it = std::ranges::lower_bound(pass.learners, id, {}, &Learner::id);
    const bool has_pod = it != pass.learners.end() && it->id == id;
    if (has_pod && it->phase == LearnerPhase::kSucceeded) continue;
    Learner succeeded{.id = id, .phase = LearnerPhase::kSucceeded, .end = LearnerEnd{}};
    if (has_pod) {
      *it = std::move(succeeded);
    } else {
      pass.learners.insert(it, std::move(succeeded));
    }
  }
  for (const Learner& learner : pass.learners) {
    if (learner.phase == LearnerPhase::kSucceeded) pass.succeeded_ids.push_back(learner.id);
  }
}

// Its record, made if need be. The one that rested longest makes room, whose learner is then
// counted anew.
v1::LearnerRestart& RecordOf(std::vector<v1::LearnerRestart>& records, std::int32_t learner) {
  const auto it = std::ranges::lower_bound(records, learner, {}, &v1::LearnerRestart::learner);
  if (it != records.end() && it->learner == learner) return *it;
  if (records.size() >= v1::kLearnerRestartsMax) {
    records.erase(std::ranges::min_element(records, {}, [](const v1::LearnerRestart& record) {
      return std::pair(record.restarting, record.time);
    }));
    return RecordOf(records, learner);
  }
  return *records.insert(it, {.learner = learner});
}

// Failures that are judged together are one to the back-off.
seconds NextBackoff(const Pass& pass) {
  const std::vector<v1::LearnerRestart>& records = pass.job.status.learner_restarts;
  const auto rank = [](const v1::LearnerRestart& record) {
    return std::pair(record.time, record.backoff_seconds);
  };
  const auto last = std::ranges::max_element(records, {}, rank);
  if (last == records.end() || !last->time) return seconds(0);
  return BackoffAfter(pass, *last->time, seconds(last->backoff_seconds));
}

// Who takes a pod away has another put into its place at once.
bool KeepsItsPlace(const k8s::Pod* pod) {
  return pod != nullptr && !pod->meta.deletion_time && pod->phase != "Failed";
}

}  // namespace

bool HasLoneRestarts(const v1::TrainingJob& job) {
  const v1::FailurePolicy& policy = job.spec.failure_policy;
  const v1::LearnersStatus& told = job.status.learners;
  return job.spec.elastic || policy.restart_scope == v1::RestartScope::kLearner ||
         job.status.attempt_start_time || !told.pods_of.empty() || !told.succeeded_ids.empty() ||
         std::ranges::count(policy.rules, v1::FailureAction::kRestartLearner,
                            &v1::FailureRule::action) > 0 ||
         std::ranges::count(job.status.learner_restarts, true, &v1::LearnerRestart::restarting) > 0;
}

void RecallLearners(Pass& pass) {
  SeeAsStarting(pass, pass.job.status);
  RecallSucceeded(pass);
}

void SeeAsStarting(Pass& pass, const v1::TrainingJobStatus& counted) {
  for (Learner& learner : pass.learners) {
    if (learner.pod == nullptr || !IsCounted(counted, *learner.pod)) continue;
    learner = {.id = learner.id, .phase = LearnerPhase::kStarting, .pod = learner.pod};
  }
}

bool IsCounted(const v1::TrainingJobStatus& status, const k8s::Pod& pod) {
  return std::ranges::any_of(status.learner_restarts, [&](const v1::LearnerRestart& record) {
    return record.restarting && record.pod_uid == pod.meta.uid;
  });
}

void NoteStarted(Pass& pass) {
  for (v1::LearnerRestart& record : pass.next.learner_restarts) {
    if (!record.restarting) continue;
    const auto it = std::ranges::lower_bound(pass.learners, record.learner, {}, &Learner::id);
    const bool runs = it != pass.learners.end() && it->id == record.learner && HasStarted(*it);
    const bool asked_for = record.learner <= pass.roles.learners();
    if (asked_for && !runs) continue;
    record.restarting = false;
    record.pod_uid.clear();
  }
}

bool HasRoomFor(const Pass& pass, std::size_t failures) {
  const auto restarting = static_cast<std::size_t>(
      std::ranges::count(pass.next.learner_restarts, true, &v1::LearnerRestart::restarting));
  return failures == 0 || restarting + failures <= v1::kLearnerRestartsMax;
}

seconds CountRestart(Pass& pass, const Learner& failed, const v1::Failure& failure) {
  ++pass.next.restarts;
  if (IsFaultOfTheCluster(failure.reason)) ++pass.next.infrastructure_restarts;
  const seconds backoff = NextBackoff(pass);
  v1::LearnerRestart& record = RecordOf(pass.next.learner_restarts, failed.id);
  record = {.learner = failed.id,
            .role = failure.role,
            .restarts = record.restarts + 1,
            .node = failure.node,
            .exit_code = failure.exit_code,
            .reason = failure.reason,
            .time = pass.now,
            .backoff_seconds = static_cast<std::int32_t>(backoff.count()),
            .restarting = true,
            .pod_uid = failed.pod == nullptr ? "" : failed.pod->meta.uid};
  return KeepsItsPlace(failed.pod) ? backoff : seconds(0);
}

std::string DescribeRestarting(const Pass& pass) {
  const std::vector<v1::LearnerRestart>& records = pass.next.learner_restarts;
  const auto restarting = std::ranges::count(records, true, &v1::LearnerRestart::restarting);
  if (restarting == 0) return "";
  // What was said when it was decided tells more, as long as it is still to be read.
  const k8s::Condition* const ready =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  if (ready != nullptr && ready->reason == v1::reason::kRestartingLearner) return ready->message;
  const auto first = std::ranges::find(records, true, &v1::LearnerRestart::restarting);
  const std::string name = v1::LearnerName(pass.roles, first->learner);
  return restarting == 1 ? fmt::format("waiting for {} to start again", name)
                         : fmt::format("waiting for {} and {} other{} to start again", name,
                                       restarting - 1, restarting == 2 ? "" : "s");
}

void ForgetRestarting(v1::TrainingJobStatus& status) {
  for (v1::LearnerRestart& record : status.learner_restarts) {
    record.restarting = false;
    record.pod_uid.clear();
  }
}

// A new leader may know of the status before it knows of the pods that the status speaks of. To it
// a pod that was counted and replaced long ago would be one that fails now.
Next PlanOldView(Pass& pass) {
  const std::string& told = pass.job.status.learners.pods_version;
  if (!pass.has_lone_restarts || told.empty()) return Next::kGoOn;
  if (!std::is_lt(k8s::CompareResourceVersions(pass.observed.pods_version, told))) {
    return Next::kGoOn;
  }
  pass.sees_the_past = true;
  LookAgainAfter(pass, kOldViewWait);
  return Next::kStop;
}

// Carries out what is in status: a pass that only now decides a restart does not come here.
Next PlanLoneRestarts(Pass& pass) {
  for (const v1::LearnerRestart& record : pass.job.status.learner_restarts) {
    if (!record.restarting || record.pod_uid.empty()) continue;
    const auto it = std::ranges::find(pass.observed.pods, record.pod_uid,
                                      [](const k8s::Pod& pod) { return pod.meta.uid; });
    if (it == pass.observed.pods.end() || it->meta.deletion_time) continue;
    const k8s::Time end_of_backoff =
        record.time.value_or(pass.now) + seconds(record.backoff_seconds);
    if (pass.now < end_of_backoff) {
      LookAgainAt(pass, end_of_backoff);
    } else {
      Delete(pass, k8s::kPodType, it->meta, "its learner starts again alone");
    }
  }
  return Next::kGoOn;
}

}  // namespace ffdl::training_job
