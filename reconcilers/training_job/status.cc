#include "reconcilers/training_job/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/json.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/losses.h"
#include "reconcilers/training_job/shorten.h"
#include "reconcilers/training_job/summary.h"
#include "reconcilers/training_job/transition.h"

namespace ffdl::training_job {
namespace {

namespace condition = v1::condition;
namespace reason = v1::reason;

// Kubelets tell times in whole seconds, so what looks two seconds old may be hardly more than one.
constexpr std::chrono::seconds kSettleTime{2};
// A scheduler needs a minute to say of thousands of learners that there is no room for them.
constexpr std::chrono::seconds kWaitingSettleTime{10};

// Of the attempt that the next status is about: one that has just been decided has no learners yet.
std::span<const Learner> LearnersThatCount(const Pass& pass) {
  return pass.next.attempt > pass.attempt ? std::span<const Learner>{} : pass.learners;
}

// Those whose loss failed the job are among its learners for the last time.
void CountLostLearners(Pass& pass) {
  pass.learners.insert(pass.learners.end(), pass.lost.begin(), pass.lost.end());
  std::ranges::stable_sort(pass.learners, {}, &Learner::id);
  // Not of std::ranges: clang 14, which compiles the fuzzers, cannot read that of libstdc++ 12.
  const auto end = std::unique(
      pass.learners.begin(), pass.learners.end(),
      [](const Learner& before, const Learner& learner) { return before.id == learner.id; });
  pass.learners.erase(end, pass.learners.end());
}

template <typename Counts>
void Count(const Learner& learner, Counts& counts) {
  if (learner.phase == LearnerPhase::kRunning) ++counts.ready;
  if (learner.phase == LearnerPhase::kSucceeded) ++counts.succeeded;
  if (learner.phase == LearnerPhase::kFailed) ++counts.failed;
}

std::vector<v1::RoleStatus> CountRoles(const Pass& pass) {
  std::vector<v1::RoleStatus> counts;
  for (const v1::RoleView& role : pass.roles) {
    if (role.own == nullptr) continue;
    counts.push_back({.name = std::string(role.name), .desired = role.replicas});
  }
  if (counts.empty()) return counts;
  for (const Learner& learner : LearnersThatCount(pass)) {
    Count(learner, counts[pass.roles.Of(learner.id).index]);
  }
  return counts;
}

v1::LearnersStatus CountLearners(const Pass& pass) {
  v1::LearnersStatus counts{.desired = pass.roles.learners(),
                            .told_time = pass.job.status.learners.told_time};
  if (pass.job.spec.elastic) {
    counts.selector = fmt::format("{}={}", v1::kJobLabel, pass.job.meta.key.name);
  }
  TellPods(pass, counts);
  for (const Learner& learner : LearnersThatCount(pass)) Count(learner, counts);
  counts.summary = fmt::format("{}/{}", counts.ready + counts.succeeded, counts.desired);
  return counts;
}

struct Verdict {
  std::string_view type;
  std::string_view status;
  std::string_view reason;
  std::string_view message;
};

void Set(Pass& pass, const Verdict& verdict) {
  k8s::SetCondition(pass.next.conditions, {.type = std::string(verdict.type),
                                           .status = std::string(verdict.status),
                                           .reason = std::string(verdict.reason),
                                           .message = std::string(verdict.message),
                                           .observed_generation = pass.job.meta.generation,
                                           .last_transition = pass.now});
}

std::string_view Word(bool yes) { return yes ? "True" : "False"; }

// Tells the report while that applies to the condition, and `otherwise` when there is nothing to
// tell.
void SetWhile(Pass& pass, bool applies, std::string_view type, std::string_view status,
              std::string_view otherwise) {
  const Report& report = pass.report;
  Set(pass, {type, status, applies ? report.reason : otherwise, applies ? report.message : ""});
}

void SetConditions(Pass& pass) {
  const Report& report = pass.report;
  const bool moving = !report.ready && !report.stalled;
  const bool refused = report.reason == reason::kRefused || report.reason == reason::kNameTaken;
  const bool completed = report.state == v1::State::kCompleted;
  const bool finished = completed || report.state == v1::State::kFailed;

  Set(pass, {condition::kReady, Word(report.ready), report.reason, report.message});
  SetWhile(pass, moving, condition::kReconciling, Word(moving), reason::kUpToDate);
  if (report.hang.empty()) {
    SetWhile(pass, report.stalled, condition::kStalled, Word(report.stalled), reason::kNotStalled);
  } else {
    Set(pass, {condition::kStalled, "True", reason::kNoProgress, report.hang});
  }
  SetWhile(pass, refused, condition::kAdmitted, Word(!refused), reason::kAccepted);
  SetWhile(pass, finished, condition::kFinished, Word(finished), reason::kNotFinished);
  SetWhile(pass, finished, condition::kSucceeded, finished ? Word(completed) : "Unknown",
           reason::kNotFinished);
}

std::optional<k8s::Time> LastChange(const Pass& pass) {
  std::optional<k8s::Time> last;
  for (const Learner& learner : pass.learners) {
    if (learner.changed_at) last = std::max(last.value_or(k8s::Time{}), *learner.changed_at);
  }
  return last;
}

bool IsCountedAlike(const v1::LearnersStatus& one, const v1::LearnersStatus& other) {
  return one.desired == other.desired && one.ready == other.ready &&
         one.succeeded == other.succeeded && one.failed == other.failed &&
         one.pods_digest == other.pods_digest;
}

// Until when a status waits in which only learners have moved, and a moment ago: more of them are
// likely on their way. Not set for one that says more than that.
std::optional<k8s::Time> EndOfSettling(const Pass& pass) {
  const v1::LearnersStatus& told = pass.job.status.learners;
  v1::TrainingJobStatus still = pass.next;
  still.learners = told;
  still.roles = pass.job.status.roles;
  if (still != pass.job.status) return std::nullopt;
  if (IsCountedAlike(pass.next.learners, told)) {
    return told.told_time ? std::optional(*told.told_time + kWaitingSettleTime) : std::nullopt;
  }
  const std::optional<k8s::Time> last = LastChange(pass);
  return last ? std::optional(*last + kSettleTime) : std::nullopt;
}

void AddStatusWrite(Pass& pass) {
  const k8s::ObjectMeta& meta = pass.job.meta;
  pass.plan.status = k8s::Action{.verb = k8s::Action::Verb::kApplyStatus,
                                 .type = v1::kTrainingJobType,
                                 .key = meta.key,
                                 // The version, because the decision was made from it: a job that
                                 // changed meanwhile is looked at anew.
                                 .body = {{"apiVersion", v1::kApiVersion},
                                          {"kind", v1::kTrainingJobType.kind},
                                          {"metadata",
                                           {{"name", meta.key.name},
                                            {"namespace", meta.key.ns},
                                            {"uid", meta.uid},
                                            {"resourceVersion", meta.resource_version}}},
                                          {"status", v1::ToJson(pass.next)}},
                                 .destructive = pass.report.state == v1::State::kFailed,
                                 .why = std::string(pass.report.reason)};
}

// A finished job's status never changes again, but for the generation that it has seen: tools that
// wait for it (kstatus) would wait for ever after an edit of the spec.
bool KeepFinished(Pass& pass) {
  if (!IsFinished(pass.job)) return false;
  if (pass.next.observed_generation != pass.job.meta.generation) {
    pass.next.observed_generation = pass.job.meta.generation;
    AddStatusWrite(pass);
  }
  return true;
}

}  // namespace

void PlanStatus(Pass& pass) {
  if (pass.job.meta.deletion_time || KeepFinished(pass)) return;
  if (pass.report.state == v1::State::kFailed) CountLostLearners(pass);
  pass.report.message = Shorten(std::move(pass.report.message));
  pass.next.observed_generation = pass.job.meta.generation;
  pass.next.state = pass.report.state;
  pass.next.learners = CountLearners(pass);
  pass.next.roles = CountRoles(pass);
  SummarizeLearners(pass, LearnersThatCount(pass));
  pass.next.gpus = pass.roles.gpus();
  if (pass.job.status.attempt == 0 && pass.next.attempt > 0) pass.next.request_time = pass.now;
  if (pass.report.state == v1::State::kProcessing || pass.next.completion_time) {
    if (!pass.next.start_time) pass.next.start_time = pass.now;
  }
  if (pass.has_lone_restarts && pass.report.reason == reason::kLearnersRunning) {
    pass.next.attempt_start_time = RunningSince(pass).value_or(pass.now);
  }
  SetConditions(pass);
  if (pass.next == pass.job.status) return;
  if (const std::optional<k8s::Time> end = EndOfSettling(pass); end && pass.now < *end) {
    LookAgainAt(pass, *end);
    return;
  }
  pass.next.learners.told_time = pass.now;
  AddStatusWrite(pass);
  TellTransition(pass);
}

}  // namespace ffdl::training_job
