// How learners fail, and whether they start again, alone or all together, or the job fails.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/completion.h"
#include "reconcilers/training_job/elastic.h"
#include "reconcilers/training_job/failure_rules.h"
#include "reconcilers/training_job/lone_restarts.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {
namespace {

using v1::CompletionPolicy;
using v1::FailureAction;

// How many learners of each role have failed: counted once, for there may be thousands.
using FailedOfRoles = std::array<std::int32_t, v1::kRolesMax>;

FailedOfRoles CountFailed(const Pass& pass) {
  FailedOfRoles failed{};
  for (const Learner& learner : pass.learners) {
    if (learner.phase == LearnerPhase::kFailed) ++failed[pass.roles.Of(learner.id).index];
  }
  return failed;
}

// Whether the policy of its role has the attempt end with this failure.
bool EndsAttempt(const Pass& pass, const FailedOfRoles& failed, const Learner& learner) {
  const v1::RoleView& role = pass.roles.Of(learner.id);
  switch (role.completion_policy) {
    case CompletionPolicy::kAllLearners:
    case CompletionPolicy::kNone:
      return true;
    case CompletionPolicy::kMaster:
      return IsMaster(role, learner);
    case CompletionPolicy::kAnyLearner:
      return failed[role.index] >= role.replicas;
  }
  return true;
}

// The first in time; of several in the same second (the kubelet's resolution) the one that the
// others cannot have caused: a kill for memory before an exit.
bool IsEarlier(const Learner& one, const Learner& other) {
  const auto rank = [](const Learner& learner) {
    return std::tuple(learner.end->time.value_or(k8s::Time::max()),
                      learner.end->reason != v1::reason::kOutOfMemory, learner.id);
  };
  return rank(one) < rank(other);
}

// The first of the failed learners that are such; null without any.
template <typename Predicate>
const Learner* FirstFailed(const Pass& pass, Predicate is_such) {
  const Learner* first = nullptr;
  for (const Learner& learner : pass.learners) {
    if (learner.phase != LearnerPhase::kFailed || !is_such(learner)) continue;
    if (first == nullptr || IsEarlier(learner, *first)) first = &learner;
  }
  return first;
}

bool IsIgnored(const Pass& pass, const Learner& learner) {
  return ActionAfter(pass, learner) == FailureAction::kIgnore;
}

// Whether the attempt ends with this failure, and is not gone on with but for the failed learner.
bool IsOfTheJob(const Pass& pass, const FailedOfRoles& failed, const Learner& learner) {
  if (!EndsAttempt(pass, failed, learner)) return false;
  const FailureAction action = ActionAfter(pass, learner);
  return action == FailureAction::kFailJob || action == FailureAction::kRestartJob;
}

// The failure that ends the attempt. One that was taken away comes first: no program does that, but
// programs fail when it happens to another.
const Learner* FindFailure(const Pass& pass) {
  const FailedOfRoles failed = CountFailed(pass);
  const auto is_of_the_job = [&](const Learner& learner) {
    return IsOfTheJob(pass, failed, learner);
  };
  const auto lost = std::ranges::find_if(pass.lost, is_of_the_job);
  return lost != pass.lost.end() ? &*lost : FirstFailed(pass, is_of_the_job);
}

// Those that start again alone after that, in the same order.
std::vector<const Learner*> FailuresOfLearners(const Pass& pass) {
  std::vector<const Learner*> found;
  if (!pass.has_lone_restarts) return found;
  const auto add = [&](const Learner& learner) {
    const bool alone = ActionAfter(pass, learner) == FailureAction::kRestartLearner;
    if (alone) found.push_back(&learner);
  };
  std::ranges::for_each(pass.lost, add);
  const auto failed_begin = static_cast<std::ptrdiff_t>(found.size());
  for (const Learner& learner : pass.learners) {
    if (learner.phase == LearnerPhase::kFailed) add(learner);
  }
  std::sort(found.begin() + failed_begin, found.end(),
            [](const Learner* one, const Learner* other) { return IsEarlier(*one, *other); });
  return found;
}

bool HasEnded(const Learner& learner) {
  return learner.phase == LearnerPhase::kSucceeded || learner.phase == LearnerPhase::kFailed;
}

// An ignored failure after which nothing is left that could complete the job.
const Learner* FindFatalIgnored(const Pass& pass) {
  if (pass.job.spec.failure_policy.rules.empty()) return nullptr;
  std::int32_t awaited = 0;
  for (const v1::RoleView& role : pass.roles) awaited += IsWaitedFor(role) ? role.replicas : 0;
  const auto ended = std::ranges::count_if(pass.learners, [&](const Learner& learner) {
    return HasEnded(learner) && IsWaitedFor(pass.roles.Of(learner.id));
  });
  if (ended < awaited) return nullptr;
  return FirstFailed(pass, [&](const Learner& learner) { return IsIgnored(pass, learner); });
}

// Cuts at the front, because the last lines say most, and never inside a UTF-8 character.
std::string KeepEnd(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t from = text.size() - bytes_max;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  return text.substr(from);
}

v1::Failure FailureOf(const Pass& pass, const Learner& learner) {
  const v1::RoleView& role = pass.roles.Of(learner.id);
  return {.attempt = pass.attempt,
          .learner = learner.id,
          .role = std::string(role.own == nullptr ? "" : role.name),
          .node = learner.pod != nullptr ? learner.pod->node : "",
          .exit_code = learner.end->exit_code,
          .reason = learner.end->reason,
          .message = DescribeEnd(pass.roles, learner),
          .log = KeepEnd(learner.end->log, v1::kFailureLogBytesMax),
          .time = learner.end->time};
}

// How often the job may start again for failures of one kind, and how often it has.
struct Budget {
  std::int32_t used = 0;
  std::int32_t max = 0;
  std::string_view field;
  std::string_view of_what;  // behind the count: " for faults of the cluster"
};

Budget BudgetFor(const Pass& pass, const v1::Failure& failure) {
  const v1::FailurePolicy& policy = pass.job.spec.failure_policy;
  const v1::TrainingJobStatus& status = pass.next;
  if (IsFaultOfTheCluster(failure.reason)) {
    return {.used = status.infrastructure_restarts,
            .max = policy.max_infrastructure_restarts,
            .field = "maxInfrastructureRestarts",
            .of_what = " for faults of the cluster"};
  }
  return {.used = status.restarts - status.infrastructure_restarts,
          .max = policy.max_restarts,
          .field = "maxRestarts"};
}

// Why the job does not start again after this failure; "" when it does.
std::string WhyFinal(const Pass& pass, const Learner& failed, const Budget& budget) {
  const v1::FailureRule* const rule = FindRule(pass, failed);
  if (rule != nullptr && rule->action == v1::FailureAction::kFailJob) {
    return fmt::format("{} fails the job", NameOfRule(pass, *rule));
  }
  if (budget.used < budget.max) return "";
  if (budget.max == 0)
    return fmt::format("`spec.failurePolicy.{}` allows no restart", budget.field);
  return fmt::format("all {} restarts{} are used up", budget.max, budget.of_what);
}

std::string InSeconds(std::chrono::seconds wait) {
  return wait > std::chrono::seconds(0) ? fmt::format(", in {} s", wait.count()) : "";
}

void Restart(Pass& pass, const v1::Failure& failure, const Budget& budget) {
  ++pass.next.restarts;
  if (IsFaultOfTheCluster(failure.reason)) ++pass.next.infrastructure_restarts;
  RecordEnd(pass, pass.attempt, failure.reason, &failure);
  BeginAttempt(pass, pass.attempt + 1);
  const std::chrono::seconds wait = Backoff(pass);
  pass.report = {
      .state = v1::State::kPending,
      .reason = v1::reason::kRestarting,
      .message = fmt::format("{}; restart {} of {}{}{}", failure.message, budget.used + 1,
                             budget.max, budget.of_what, InSeconds(wait))};
}

void Fail(Pass& pass, const Learner& failed, std::string_view why) {
  pass.next.failure = FailureOf(pass, failed);
  Finish(pass, v1::State::kFailed, failed.end->reason,
         fmt::format("{}; {}", pass.next.failure->message, why), LastEnd(pass));
}

Next PlanIgnored(Pass& pass) {
  const Learner* const ignored = FindFatalIgnored(pass);
  if (ignored == nullptr) return Next::kGoOn;
  Fail(pass, *ignored,
       fmt::format("{} ignored that, but all learners have ended and the job is not complete",
                   NameOfRule(pass, *FindRule(pass, *ignored))));
  return Next::kStop;
}

Next EndAttempt(Pass& pass, const Learner& failed) {
  const v1::Failure failure = FailureOf(pass, failed);
  const Budget budget = BudgetFor(pass, failure);
  if (const std::string why = WhyFinal(pass, failed, budget); !why.empty()) {
    Fail(pass, failed, why);
  } else {
    pass.next.failure = failure;
    Restart(pass, failure, budget);
  }
  return Next::kStop;
}

// An elastic job is ready as long as enough learners run.
void TellGoingOn(Pass& pass) {
  const std::int32_t working = CountWorking(pass);
  if (!pass.job.spec.elastic || !IsEnough(pass, working)) return;
  pass.report = {
      .state = v1::State::kProcessing,
      .ready = true,
      .reason = v1::reason::kLearnersRunning,
      .message = fmt::format("{}; {}", DescribeSome(pass, working), pass.report.message)};
}

// A learner for which no restart is left fails the job, if its failure would have ended the
// attempt; else it stays as it is.
Next RestartAlone(Pass& pass, const std::vector<const Learner*>& failures) {
  const v1::TrainingJobStatus before = pass.next;
  for (const Learner* const failed : failures) {
    const v1::Failure failure = FailureOf(pass, *failed);
    const Budget budget = BudgetFor(pass, failure);
    if (const std::string why = WhyFinal(pass, *failed, budget); why.empty()) {
      if (pass.restarted.empty()) pass.next.failure = failure;
      const std::chrono::seconds wait = CountRestart(pass, *failed, failure);
      pass.restarted.push_back(fmt::format("{}; it starts again alone, restart {} of {}{}{}",
                                           failure.message, budget.used + 1, budget.max,
                                           budget.of_what, InSeconds(wait)));
    } else if (EndsAttempt(pass, CountFailed(pass), *failed)) {
      pass.next = before;
      pass.restarted.clear();
      Fail(pass, *failed, why);
      return Next::kStop;
    }
  }
  if (pass.restarted.empty()) return Next::kGoOn;
  SeeAsStarting(pass, pass.next);
  const std::size_t others = pass.restarted.size() - 1;
  pass.report = {
      .state = pass.next.attempt_start_time ? v1::State::kProcessing : v1::State::kPending,
      .reason = v1::reason::kRestartingLearner,
      .message = others == 0 ? pass.restarted.front()
                             : fmt::format("{} (and {} other{})", pass.restarted.front(), others,
                                           others == 1 ? "" : "s")};
  TellGoingOn(pass);
  return Next::kStop;
}

}  // namespace

Next PlanFailures(Pass& pass) {
  NoteStarted(pass);
  pass.failures_judged = true;
  if (const Learner* const failed = FindFailure(pass)) return EndAttempt(pass, *failed);
  const std::vector<const Learner*> failures = FailuresOfLearners(pass);
  // So many are no matter of single learners.
  if (!HasRoomFor(pass, failures.size())) return EndAttempt(pass, *failures.front());
  if (RestartAlone(pass, failures) == Next::kStop) return Next::kStop;
  return PlanIgnored(pass);
}

}  // namespace ffdl::training_job
