#include <algorithm>

#include "crds/v1/parse.h"
#include "crds/v1/words.h"

namespace ffdl::v1 {
namespace {

// A word that another version wrote reads as kNone: the state is for people and the next pass
// writes it anew.
State StateOf(std::string_view word) {
  const auto* const it =
      std::ranges::find_if(kStateWords, [&](const auto& entry) { return entry.second == word; });
  return it == kStateWords.end() ? State::kNone : it->first;
}

void ReadCondition(FieldReader& in, k8s::Condition& out) {
  in.Read("type", out.type);
  in.Read("status", out.status);
  in.Read("reason", out.reason);
  in.Read("message", out.message);
  in.Read("observedGeneration", out.observed_generation);
  in.Read("lastTransitionTime", out.last_transition);
}

void ReadLearners(FieldReader& in, LearnersStatus& out) {
  in.Read("desired", out.desired);
  in.Read("ready", out.ready);
  in.Read("succeeded", out.succeeded);
  in.Read("failed", out.failed);
  in.Read("summary", out.summary);
  in.Read("selector", out.selector);
  in.Read("podsDigest", out.pods_digest);
  in.Read("podsVersion", out.pods_version);
  in.Read("podsOf", out.pods_of);
  in.Read("podsCreated", out.pods_created);
  in.Read("succeededIds", out.succeeded_ids);
}

void ReadRole(FieldReader& in, RoleStatus& out) {
  in.Read("name", out.name);
  in.Read("desired", out.desired);
  in.Read("ready", out.ready);
  in.Read("succeeded", out.succeeded);
  in.Read("failed", out.failed);
}

void ReadFramework(FieldReader& in, FrameworkStatus& out) {
  in.Read("entry", out.entry);
  in.Read("image", out.image);
}

void ReadFailure(FieldReader& in, Failure& out) {
  in.Read("attempt", out.attempt);
  in.Read("learner", out.learner);
  in.Read("role", out.role);
  in.Read("node", out.node);
  in.Read("exitCode", out.exit_code);
  in.Read("reason", out.reason);
  in.Read("message", out.message);
  in.Read("log", out.log);
  in.Read("time", out.time);
}

void ReadAttempt(FieldReader& in, AttemptRecord& out) {
  in.Read("attempt", out.attempt);
  in.Read("startTime", out.start_time);
  in.Read("endTime", out.end_time);
  in.Read("reason", out.reason);
  in.Read("learner", out.learner);
  in.Read("role", out.role);
  in.Read("node", out.node);
  in.Read("exitCode", out.exit_code);
}

void ReadLearnerRestart(FieldReader& in, LearnerRestart& out) {
  in.Read("learner", out.learner);
  in.Read("role", out.role);
  in.Read("restarts", out.restarts);
  in.Read("node", out.node);
  in.Read("exitCode", out.exit_code);
  in.Read("reason", out.reason);
  in.Read("time", out.time);
  in.Read("backoffSeconds", out.backoff_seconds);
  in.Read("restarting", out.restarting);
  in.Read("podUID", out.pod_uid);
}

}  // namespace

void ReadStatus(FieldReader& in, TrainingJobStatus& out) {
  std::string state;
  in.Read("observedGeneration", out.observed_generation);
  in.Read("state", state);
  out.state = StateOf(state);
  in.ForEach("conditions",
             [&](FieldReader& item) { ReadCondition(item, out.conditions.emplace_back()); });
  if (auto learners = in.Enter("learners")) ReadLearners(*learners, out.learners);
  in.ForEach("roles", [&](FieldReader& item) { ReadRole(item, out.roles.emplace_back()); });
  in.Read("gpus", out.gpus);
  in.Read("attempt", out.attempt);
  in.Read("restarts", out.restarts);
  in.Read("infrastructureRestarts", out.infrastructure_restarts);
  if (auto framework = in.Enter("framework")) ReadFramework(*framework, out.framework.emplace());
  in.Read("startTime", out.start_time);
  in.Read("attemptStartTime", out.attempt_start_time);
  in.Read("completionTime", out.completion_time);
  if (auto failure = in.Enter("failure")) ReadFailure(*failure, out.failure.emplace());
  in.ForEach("history", [&](FieldReader& item) { ReadAttempt(item, out.history.emplace_back()); });
  in.Read("avoidedNodes", out.avoided_nodes);
  in.ForEach("learnerRestarts", [&](FieldReader& item) {
    ReadLearnerRestart(item, out.learner_restarts.emplace_back());
  });
}

}  // namespace ffdl::v1
