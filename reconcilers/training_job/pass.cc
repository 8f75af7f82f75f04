#include "reconcilers/training_job/pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "reconcilers/training_job/attempts.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/elastic.h"
#include "reconcilers/training_job/lone_restarts.h"

namespace ffdl::training_job {

bool IsFinished(const v1::TrainingJob& job) {
  return k8s::IsTrue(job.status.conditions, v1::condition::kFinished);
}

bool IsOurs(const Pass& pass, const k8s::ObjectMeta& child) {
  const k8s::OwnerReference* const owner = k8s::ControllerOf(child);
  return owner != nullptr && owner->uid == pass.job.meta.uid;
}

const k8s::StatefulSet* LearnerSet(const Pass& pass, const v1::RoleView& role) {
  const auto& set = pass.observed.learner_sets[role.index];
  return set && IsOurs(pass, set->meta) ? &*set : nullptr;
}

std::int32_t LearnerSetAttempt(const Pass& pass, const v1::RoleView& role) {
  const k8s::StatefulSet* const set = LearnerSet(pass, role);
  return set == nullptr ? 0 : AttemptOf(set->template_labels);
}

bool HasStarted(const Pass& pass) {
  return std::ranges::any_of(pass.roles, [&](const v1::RoleView& role) {
    const k8s::StatefulSet* const set = LearnerSet(pass, role);
    return set != nullptr && set->replicas > 0 && LearnerSetAttempt(pass, role) == pass.attempt;
  });
}

std::int32_t AttemptAskedFor(const Pass& pass) {
  std::int32_t latest = 0;
  for (const v1::RoleView& role : pass.roles) {
    latest = std::max(latest, LearnerSetAttempt(pass, role));
  }
  return latest;
}

std::optional<k8s::Action::Owner> OwnerToLookAt(const Pass& pass) {
  if (pass.job.status.attempt == 0) return std::nullopt;
  return k8s::Action::Owner{
      .type = v1::kTrainingJobType, .key = pass.job.meta.key, .uid = pass.job.meta.uid};
}

namespace {

nlohmann::json LearnerSetBody(const Pass& pass, const v1::RoleView& role, std::int32_t attempt,
                              std::int32_t replicas) {
  if (!pass.job.spec.elastic || LearnerSetAttempt(pass, role) != attempt) {
    return DesiredLearners(pass.job, role, pass.settings, attempt, replicas);
  }
  const v1::TrainingJob began = AsItBegan(pass.job, *LearnerSet(pass, role));
  return DesiredLearners(began, v1::Roles(began.spec)[role.index], pass.settings, attempt,
                         replicas);
}

}  // namespace

void ApplyLearners(Pass& pass, const v1::RoleView& role, std::int32_t attempt,
                   std::int32_t replicas, std::string why) {
  const k8s::StatefulSet* const set = LearnerSet(pass, role);
  k8s::Action action{
      .verb = k8s::Action::Verb::kApply,
      .type = k8s::kStatefulSetType,
      .body = LearnerSetBody(pass, role, attempt, replicas),
      .force = set != nullptr,
      .destructive = set != nullptr && replicas < set->replicas,
      .why = std::move(why),
  };
  action.key = {.ns = pass.job.meta.key.ns, .name = action.body["metadata"]["name"]};
  if (set == nullptr) action.expect_owner = OwnerToLookAt(pass);
  // A set that was deleted meanwhile must not come back by an apply meant for the old one.
  if (set != nullptr) action.body["metadata"]["uid"] = set->meta.uid;
  const std::int64_t generation = set == nullptr ? 1 : set->meta.generation + 1;
  action.body["metadata"]["annotations"] = {
      {std::string(v1::kGenerationAnnotation), std::to_string(generation)}};
  pass.plan.actions.push_back(std::move(action));
}

void StopLearners(Pass& pass, const char* why) {
  for (const v1::RoleView& role : pass.roles) {
    const k8s::StatefulSet* const set = LearnerSet(pass, role);
    if (set == nullptr || set->replicas == 0 || set->meta.deletion_time) continue;
    ApplyLearners(pass, role, LearnerSetAttempt(pass, role), 0, why);
  }
}

k8s::Action& Delete(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& meta,
                    std::string why) {
  return pass.plan.actions.emplace_back(k8s::Action{.verb = k8s::Action::Verb::kDelete,
                                                    .type = type,
                                                    .key = meta.key,
                                                    .expect_uid = meta.uid,
                                                    .why = std::move(why)});
}

void Create(Pass& pass, const k8s::ResourceType& type, nlohmann::json body, std::string why) {
  k8s::ObjectKey key{.ns = pass.job.meta.key.ns, .name = body["metadata"]["name"]};
  pass.plan.actions.push_back({.verb = k8s::Action::Verb::kCreate,
                               .type = type,
                               .key = std::move(key),
                               .body = std::move(body),
                               .expect_owner = OwnerToLookAt(pass),
                               .why = std::move(why)});
}

void Repair(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& child,
            nlohmann::json body) {
  if (child.deletion_time) return;
  body["metadata"]["uid"] = child.uid;
  pass.plan.actions.push_back({.verb = k8s::Action::Verb::kApply,
                               .type = type,
                               .key = child.key,
                               .body = std::move(body),
                               .why = "not as the job asks for"});
  // What the job itself asks for anew is no repair.
  if (pass.job.status.observed_generation != pass.job.meta.generation) return;
  TellRepair(pass, type, child);
}

void TellRepair(Pass& pass, const k8s::ResourceType& type, const k8s::ObjectMeta& child) {
  pass.plan.events.push_back(
      {.warning = true,
       .reason = std::string(v1::reason::kObjectRepaired),
       .action = std::string(v1::event_action::kRepairObject),
       .note = fmt::format("{} {} was changed by somebody else; it is again as the job asks for",
                           type.kind, child.key.name)});
}

std::optional<k8s::Time> RunningSince(const Pass& pass) {
  if (pass.job.status.attempt_start_time) return pass.job.status.attempt_start_time;
  const k8s::Condition* const ready =
      k8s::FindCondition(pass.job.status.conditions, v1::condition::kReady);
  if (ready == nullptr || ready->status != "True" ||
      ready->reason != v1::reason::kLearnersRunning) {
    return std::nullopt;
  }
  return ready->last_transition;
}

void LookAgainAfter(Pass& pass, std::chrono::milliseconds time) {
  auto& wanted = pass.plan.look_again_after;
  wanted = std::min(wanted.value_or(time), time);
}

void LookAgainAt(Pass& pass, k8s::Time time) {
  LookAgainAfter(pass, std::chrono::ceil<std::chrono::milliseconds>(time - pass.now));
}

void Finish(Pass& pass, v1::State state, std::string_view reason, std::string message,
            std::optional<k8s::Time> end) {
  pass.next.completion_time = end.value_or(pass.now);
  pass.next.attempt = pass.attempt;  // it may have run to its end before anybody told of it
  const std::optional<v1::Failure>& failure = pass.next.failure;
  const bool failed_now =
      state == v1::State::kFailed && failure && failure->attempt == pass.attempt;
  RecordEnd(pass, pass.attempt, reason, failed_now ? &*failure : nullptr);
  ForgetRestarting(pass.next);
  pass.report = {.state = state,
                 .ready = state == v1::State::kCompleted,
                 .stalled = state == v1::State::kFailed,
                 .reason = reason,
                 .message = std::move(message)};
}

}  // namespace ffdl::training_job
