// How a job ends: completion by policy, restarts within the budget, failure.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "crds/v1/conditions.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/pass.h"

namespace ffdl::training_job {
namespace {

using v1::CompletionPolicy;

const Learner* FindLearner(const Pass& pass, std::int32_t id) {
  const auto it = std::ranges::find(pass.learners, id, &Learner::id);
  return it == pass.learners.end() ? nullptr : &*it;
}

std::int32_t Count(const Pass& pass, LearnerPhase phase) {
  return static_cast<std::int32_t>(std::ranges::count(pass.learners, phase, &Learner::phase));
}

struct Success {
  std::string_view reason;
  std::string message;
};

std::optional<Success> FindSuccess(const Pass& pass) {
  const std::int32_t succeeded = Count(pass, LearnerPhase::kSucceeded);
  const std::int32_t desired = pass.job.spec.learners;
  switch (pass.job.spec.completion_policy) {
    case CompletionPolicy::kAllLearners:
      if (succeeded < desired) return std::nullopt;
      return Success{v1::reason::kAllLearnersSucceeded,
                     desired == 1 ? "the learner succeeded"
                                  : fmt::format("all {} learners succeeded", desired)};
    case CompletionPolicy::kMaster: {
      const Learner* const master = FindLearner(pass, 1);
      if (master == nullptr || master->phase != LearnerPhase::kSucceeded) return std::nullopt;
      return Success{v1::reason::kMasterSucceeded, "learner 1, the master, succeeded"};
    }
    case CompletionPolicy::kAnyLearner: {
      const auto it = std::ranges::find(pass.learners, LearnerPhase::kSucceeded, &Learner::phase);
      if (it == pass.learners.end()) return std::nullopt;
      return Success{v1::reason::kAnyLearnerSucceeded, fmt::format("learner {} succeeded", it->id)};
    }
  }
  return std::nullopt;
}

// One that was taken away comes first: no program does that, but programs fail when it happens to
// another. Then the first failure in time; of several in the same second (the kubelet's resolution)
// the one that the others cannot have caused: a kill for memory before an exit.
const Learner* FirstFailure(const Pass& pass) {
  const auto rank = [](const Learner& learner) {
    return std::tuple(learner.end->time.value_or(k8s::Time::max()),
                      learner.end->reason != v1::reason::kOutOfMemory, learner.id);
  };
  if (!pass.lost.empty()) return &pass.lost.front();
  const Learner* first = nullptr;
  for (const Learner& learner : pass.learners) {
    if (learner.phase != LearnerPhase::kFailed) continue;
    if (first == nullptr || rank(learner) < rank(*first)) first = &learner;
  }
  return first;
}

const Learner* FindFailure(const Pass& pass) {
  switch (pass.job.spec.completion_policy) {
    case CompletionPolicy::kAllLearners:
      return FirstFailure(pass);
    case CompletionPolicy::kMaster: {
      if (!pass.lost.empty() && pass.lost.front().id == 1) return &pass.lost.front();
      const Learner* const master = FindLearner(pass, 1);
      return master != nullptr && master->phase == LearnerPhase::kFailed ? master : nullptr;
    }
    case CompletionPolicy::kAnyLearner:
      return Count(pass, LearnerPhase::kFailed) < pass.job.spec.learners ? nullptr
                                                                         : FirstFailure(pass);
  }
  return nullptr;
}

// Cuts at the front, because the last lines say most, and never inside a UTF-8 character.
std::string KeepEnd(const std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t from = text.size() - bytes_max;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0U) == 0x80U) ++from;
  return text.substr(from);
}

std::string Describe(const Pass& pass, const Learner& learner) {
  const std::string& memory = pass.job.spec.resources.memory;
  if (learner.end->reason == v1::reason::kOutOfMemory && !memory.empty()) {
    return fmt::format("learner {} exited with code {} (out of memory, limit {})", learner.id,
                       learner.end->exit_code, memory);
  }
  return fmt::format("learner {} {}", learner.id, learner.end->message);
}

v1::Failure FailureOf(const Pass& pass, const Learner& learner) {
  return {.attempt = pass.attempt,
          .learner = learner.id,
          .node = learner.pod != nullptr ? learner.pod->node : "",
          .exit_code = learner.end->exit_code,
          .reason = learner.end->reason,
          .message = Describe(pass, learner),
          .log = KeepEnd(learner.end->log, v1::kFailureLogBytesMax),
          .time = learner.end->time};
}

std::optional<k8s::Time> LastEnd(const Pass& pass) {
  std::optional<k8s::Time> last;
  for (const Learner& learner : pass.learners) {
    if (learner.end) last = std::max(last, learner.end->time);
  }
  return last;
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

bool Fits(const v1::FailureRule& rule, const v1::Failure& failure) {
  return std::ranges::count(rule.on_exit_codes, failure.exit_code) > 0 ||
         std::ranges::count(rule.on_reasons, failure.reason) > 0;
}

// The index of the rule that ends the job for this failure.
std::optional<std::size_t> RuleThatFails(const Pass& pass, const v1::Failure& failure) {
  const std::vector<v1::FailureRule>& rules = pass.job.spec.failure_policy.rules;
  const auto rule =
      std::ranges::find_if(rules, [&](const auto& each) { return Fits(each, failure); });
  if (rule == rules.end() || rule->action != v1::FailureAction::kFailJob) return std::nullopt;
  return rule - rules.begin();
}

// Why the job does not start again after this failure; "" when it does.
std::string WhyFinal(const Pass& pass, const v1::Failure& failure, const Budget& budget) {
  if (const auto rule = RuleThatFails(pass, failure)) {
    return fmt::format("`spec.failurePolicy.rules[{}]` fails the job", *rule);
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

}  // namespace

Next PlanCompletion(Pass& pass) {
  const std::optional<Success> success = FindSuccess(pass);
  if (!success) return Next::kGoOn;
  Finish(pass, v1::State::kCompleted, success->reason, success->message, LastEnd(pass));
  return Next::kStop;
}

Next PlanFailures(Pass& pass) {
  const Learner* const failed = FindFailure(pass);
  if (failed == nullptr) return Next::kGoOn;
  const v1::Failure failure = FailureOf(pass, *failed);
  const Budget budget = BudgetFor(pass, failure);
  pass.next.failure = failure;
  if (const std::string why = WhyFinal(pass, failure, budget); !why.empty()) {
    Finish(pass, v1::State::kFailed, failed->end->reason,
           fmt::format("{}; {}", failure.message, why), LastEnd(pass));
  } else {
    Restart(pass, failure, budget);
  }
  return Next::kStop;
}

}  // namespace ffdl::training_job
