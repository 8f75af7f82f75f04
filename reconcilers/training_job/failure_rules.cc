#include "reconcilers/training_job/failure_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "reconcilers/training_job/elastic.h"

namespace ffdl::training_job {
namespace {

using v1::FailureAction;

bool HasCondition(const Learner& learner, const std::vector<std::string>& types) {
  return learner.pod != nullptr && std::ranges::find_first_of(learner.pod->conditions, types) !=
                                       learner.pod->conditions.end();
}

bool Fits(const v1::FailureRule& rule, const v1::RoleView& role, const Learner& failed) {
  if (!rule.on_roles.empty() && std::ranges::count(rule.on_roles, role.name) == 0) return false;
  return std::ranges::count(rule.on_exit_codes, failed.end->exit_code) > 0 ||
         std::ranges::count(rule.on_reasons, failed.end->reason) > 0 ||
         HasCondition(failed, rule.on_pod_conditions);
}

bool WasTakenAway(const Learner& learner) {
  return learner.pod == nullptr || learner.pod->meta.deletion_time;
}

// Without it nothing puts another pod into a learner's place.
bool HasSet(const Pass& pass, const Learner& learner) {
  const k8s::StatefulSet* const set = LearnerSet(pass, pass.roles.Of(learner.id));
  return set != nullptr && !set->meta.deletion_time;
}

FailureAction ActionAsked(const Pass& pass, const Learner& failed) {
  const v1::FailureRule* const rule = FindRule(pass, failed);
  const bool decides =
      rule != nullptr && (rule->action != FailureAction::kIgnore || !WasTakenAway(failed));
  if (decides) return rule->action;
  if (GoesOnWithout(pass, failed)) return FailureAction::kRestartLearner;
  return pass.job.spec.failure_policy.restart_scope == v1::RestartScope::kLearner
             ? FailureAction::kRestartLearner
             : FailureAction::kRestartJob;
}

}  // namespace

const v1::FailureRule* FindRule(const Pass& pass, const Learner& failed) {
  const std::vector<v1::FailureRule>& rules = pass.job.spec.failure_policy.rules;
  const v1::RoleView& role = pass.roles.Of(failed.id);
  const auto it =
      std::ranges::find_if(rules, [&](const auto& rule) { return Fits(rule, role, failed); });
  return it == rules.end() ? nullptr : &*it;
}

std::string NameOfRule(const Pass& pass, const v1::FailureRule& rule) {
  return fmt::format("`spec.failurePolicy.rules[{}]`",
                     &rule - pass.job.spec.failure_policy.rules.data());
}

FailureAction ActionAfter(const Pass& pass, const Learner& failed) {
  const FailureAction action = ActionAsked(pass, failed);
  return action == FailureAction::kRestartLearner && !HasSet(pass, failed)
             ? FailureAction::kRestartJob
             : action;
}

}  // namespace ffdl::training_job
