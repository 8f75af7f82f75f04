// How an attempt fails, and whether the job starts again or fails with it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/completion.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {
namespace {

using v1::CompletionPolicy;

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

bool Fits(const v1::FailureRule& rule, const v1::RoleView& role, const LearnerEnd& end) {
  if (!rule.on_roles.empty() && std::ranges::count(rule.on_roles, role.name) == 0) return false;
  return std::ranges::count(rule.on_exit_codes, end.exit_code) > 0 ||
         std::ranges::count(rule.on_reasons, end.reason) > 0;
}

// The first rule that fits a failure; null without any.
const v1::FailureRule* FindRule(const Pass& pass, const Learner& learner) {
  const std::vector<v1::FailureRule>& rules = pass.job.spec.failure_policy.rules;
  const v1::RoleView& role = pass.roles.Of(learner.id);
  const auto it =
      std::ranges::find_if(rules, [&](const auto& rule) { return Fits(rule, role, *learner.end); });
  return it == rules.end() ? nullptr : &*it;
}

bool IsIgnored(const Pass& pass, const Learner& learner) {
  const v1::FailureRule* const rule = FindRule(pass, learner);
  return rule != nullptr && rule->action == v1::FailureAction::kIgnore;
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

// The failure that ends the attempt. One that was taken away comes first: no program does that, but
// programs fail when it happens to another; and its successor would begin anew, so that it cannot
// be ignored.
const Learner* FindFailure(const Pass& pass) {
  const FailedOfRoles failed = CountFailed(pass);
  const auto lost = std::ranges::find_if(
      pass.lost, [&](const Learner& learner) { return EndsAttempt(pass, failed, learner); });
  if (lost != pass.lost.end()) return &*lost;
  return FirstFailed(pass, [&](const Learner& learner) {
    return EndsAttempt(pass, failed, learner) && !IsIgnored(pass, learner);
  });
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
  const v1::TrainingJobStatus& status = pass.job.status;
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

std::string NameOfRule(const Pass& pass, const v1::FailureRule& rule) {
  return fmt::format("`spec.failurePolicy.rules[{}]`",
                     &rule - pass.job.spec.failure_policy.rules.data());
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

void Restart(Pass& pass, const v1::Failure& failure, const Budget& budget) {
  ++pass.next.restarts;
  if (IsFaultOfTheCluster(failure.reason)) ++pass.next.infrastructure_restarts;
  RecordEnd(pass, pass.attempt, failure.reason, &failure);
  BeginAttempt(pass, pass.attempt + 1);
  const std::chrono::seconds wait = Backoff(pass);
  pass.report = {
      .state = v1::State::kPending,
      .reason = v1::reason::kRestarting,
      .message = fmt::format(
          "{}; restart {} of {}{}{}", failure.message, budget.used + 1, budget.max, budget.of_what,
          wait > std::chrono::seconds(0) ? fmt::format(", in {} s", wait.count()) : "")};
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

}  // namespace

Next PlanFailures(Pass& pass) {
  const Learner* const failed = FindFailure(pass);
  if (failed == nullptr) return PlanIgnored(pass);
  const v1::Failure failure = FailureOf(pass, *failed);
  const Budget budget = BudgetFor(pass, failure);
  if (const std::string why = WhyFinal(pass, *failed, budget); !why.empty()) {
    Fail(pass, *failed, why);
  } else {
    pass.next.failure = failure;
    Restart(pass, failure, budget);
  }
  return Next::kStop;
}

}  // namespace ffdl::training_job
