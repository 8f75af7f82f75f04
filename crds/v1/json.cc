#include "crds/v1/json.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "crds/v1/parse.h"
#include "crds/v1/words.h"

namespace ffdl::v1 {
namespace {

using nlohmann::json;

template <typename Table, typename Enum>
std::string_view WordOf(const Table& table, Enum value) {
  const auto it =
      std::ranges::find_if(table, [&](const auto& entry) { return entry.first == value; });
  return it == table.end() ? std::string_view() : it->second;
}

void PutText(json& object, const char* name, std::string_view text) {
  if (!text.empty()) object[name] = text;
}

void PutTime(json& object, const char* name, const std::optional<k8s::Time>& time) {
  if (time) object[name] = k8s::FormatTime(*time);
}

json ConditionsJson(const std::vector<k8s::Condition>& conditions) {
  json list = json::array();
  for (const k8s::Condition& condition : conditions) {
    list.push_back({{"type", condition.type},
                    {"status", condition.status},
                    {"reason", condition.reason},
                    {"message", condition.message},
                    {"observedGeneration", condition.observed_generation},
                    {"lastTransitionTime", k8s::FormatTime(condition.last_transition)}});
  }
  return list;
}

json LearnersJson(const LearnersStatus& learners) {
  json object{{"desired", learners.desired},
              {"ready", learners.ready},
              {"succeeded", learners.succeeded},
              {"failed", learners.failed}};
  PutText(object, "summary", learners.summary);
  PutText(object, "selector", learners.selector);
  PutText(object, "podsDigest", learners.pods_digest);
  PutText(object, "podsVersion", learners.pods_version);
  PutText(object, "podsOf", learners.pods_of);
  PutTime(object, "podsCreated", learners.pods_created);
  PutText(object, "succeededIds", learners.succeeded_ids);
  return object;
}

json RolesJson(const std::vector<RoleStatus>& roles) {
  json list = json::array();
  for (const RoleStatus& role : roles) {
    list.push_back({{"name", role.name},
                    {"desired", role.desired},
                    {"ready", role.ready},
                    {"succeeded", role.succeeded},
                    {"failed", role.failed}});
  }
  return list;
}

json FailureJson(const Failure& failure) {
  json object{{"attempt", failure.attempt}};
  // Learners are counted from 1, and a program that failed did not exit with 0: zero is "not
  // known".
  if (failure.learner != 0) object["learner"] = failure.learner;
  if (failure.exit_code != 0) object["exitCode"] = failure.exit_code;
  PutText(object, "role", failure.role);
  PutText(object, "node", failure.node);
  PutText(object, "reason", failure.reason);
  PutText(object, "message", failure.message);
  PutText(object, "log", failure.log);
  PutTime(object, "time", failure.time);
  return object;
}

json HistoryJson(const std::vector<AttemptRecord>& history) {
  json list = json::array();
  for (const AttemptRecord& record : history) {
    json& object = list.emplace_back(json{{"attempt", record.attempt}});
    if (record.learner != 0) object["learner"] = record.learner;
    if (record.exit_code != 0) object["exitCode"] = record.exit_code;
    PutText(object, "role", record.role);
    PutText(object, "node", record.node);
    PutText(object, "reason", record.reason);
    PutTime(object, "startTime", record.start_time);
    PutTime(object, "endTime", record.end_time);
  }
  return list;
}

json LearnerRestartsJson(const std::vector<LearnerRestart>& restarts) {
  json list = json::array();
  for (const LearnerRestart& restart : restarts) {
    json& object =
        list.emplace_back(json{{"learner", restart.learner}, {"restarts", restart.restarts}});
    if (restart.exit_code != 0) object["exitCode"] = restart.exit_code;
    if (restart.backoff_seconds != 0) object["backoffSeconds"] = restart.backoff_seconds;
    if (restart.restarting) object["restarting"] = true;
    PutText(object, "role", restart.role);
    PutText(object, "node", restart.node);
    PutText(object, "reason", restart.reason);
    PutText(object, "podUID", restart.pod_uid);
    PutTime(object, "time", restart.time);
  }
  return list;
}

// One a thread, because its buffers grow to a multiple of the largest text; beyond this they are
// not kept for small ones.
simdjson::dom::parser& ParserFor(std::size_t text_bytes) {
  constexpr std::size_t kKeptTextBytesMax = std::size_t{256} << 10U;
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kKeptTextBytesMax && text_bytes <= kKeptTextBytesMax) {
    parser = simdjson::dom::parser();
  }
  return parser;
}

}  // namespace

k8s::Result<TrainingJob> ParseTrainingJob(std::string_view text) {
  simdjson::dom::element document;
  if (ParserFor(text.size()).parse(text.data(), text.size()).get(document) != simdjson::SUCCESS) {
    return k8s::Fail(k8s::ErrorCode::kBadResponse, "TrainingJob: not a JSON document");
  }
  simdjson::dom::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) {
    return k8s::Fail(k8s::ErrorCode::kBadResponse, "TrainingJob: not a JSON object");
  }
  TrainingJob job;
  std::optional<k8s::Error> problem;
  FieldReader in(object, problem);
  if (auto meta = in.Enter("metadata")) ReadMeta(*meta, job.meta);
  if (auto spec = in.Enter("spec")) ReadSpec(*spec, job.spec);
  if (auto status = in.Enter("status")) ReadStatus(*status, job.status);
  if (problem) {
    return k8s::unexpected(
        k8s::WithContext("TrainingJob " + k8s::ToString(job.meta.key), *problem));
  }
  return job;
}

json ToJson(const TrainingJobStatus& status) {
  json object{{"observedGeneration", status.observed_generation},
              {"learners", LearnersJson(status.learners)},
              {"gpus", status.gpus},
              {"attempt", status.attempt},
              {"restarts", status.restarts},
              {"infrastructureRestarts", status.infrastructure_restarts}};
  PutText(object, "state", ToString(status.state));
  if (!status.roles.empty()) object["roles"] = RolesJson(status.roles);
  if (!status.conditions.empty()) object["conditions"] = ConditionsJson(status.conditions);
  if (status.framework) {
    object["framework"] = {{"entry", status.framework->entry}, {"image", status.framework->image}};
  }
  PutTime(object, "startTime", status.start_time);
  PutTime(object, "attemptStartTime", status.attempt_start_time);
  PutTime(object, "completionTime", status.completion_time);
  if (status.failure) object["failure"] = FailureJson(*status.failure);
  if (!status.history.empty()) object["history"] = HistoryJson(status.history);
  if (!status.avoided_nodes.empty()) object["avoidedNodes"] = status.avoided_nodes;
  if (!status.learner_restarts.empty()) {
    object["learnerRestarts"] = LearnerRestartsJson(status.learner_restarts);
  }
  return object;
}

std::string_view ToString(State state) { return WordOf(kStateWords, state); }
std::string_view ToString(FrameworkName name) { return WordOf(kFrameworkWords, name); }
std::string_view ToString(FailureAction action) { return WordOf(kFailureActionWords, action); }
std::string_view ToString(CompletionPolicy policy) {
  return WordOf(kRoleCompletionPolicyWords, policy);
}

}  // namespace ffdl::v1
