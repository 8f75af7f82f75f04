#include "operator/controller/job_trace.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/json.h"
#include "crds/v1/roles.h"
#include "reconcilers/training_job/attempts.h"

namespace ffdl::server {
namespace {

using nlohmann::json;

constexpr int kInternalSpan = 1;  // SPAN_KIND_INTERNAL
constexpr int kOk = 1;            // STATUS_CODE_OK
constexpr int kError = 2;         // STATUS_CODE_ERROR

// The spans of one trace. Of each attempt there is one of each part at most, so that both make an
// id that stays the same.
enum class Part : std::uint8_t { kJob = 1, kBefore, kAttempt, kStart, kRun };

std::string SpanId(std::int32_t attempt, Part part) {
  return fmt::format("{:014x}{:02x}", attempt, static_cast<int>(part));
}

// OTLP's JSON has whole numbers of 64 bits as text.
std::string Nanoseconds(k8s::Time time) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch());
  return std::to_string(since.count());
}

void Put(json& attributes, std::string_view key, std::string_view text) {
  if (!text.empty()) attributes.push_back({{"key", key}, {"value", {{"stringValue", text}}}});
}

void Put(json& attributes, std::string_view key, std::int64_t number) {
  attributes.push_back({{"key", key}, {"value", {{"intValue", std::to_string(number)}}}});
}

class Spans {
 public:
  explicit Spans(std::string_view uid) : trace_id_(TraceIdOf(uid)) {}

  // Valid until the next is added.
  json& Add(std::string name, std::string id, std::string parent, k8s::Time from, k8s::Time to) {
    json& span = list_.emplace_back(json{{"traceId", trace_id_},
                                         {"spanId", std::move(id)},
                                         {"name", std::move(name)},
                                         {"kind", kInternalSpan},
                                         {"startTimeUnixNano", Nanoseconds(from)},
                                         {"endTimeUnixNano", Nanoseconds(std::max(from, to))},
                                         {"attributes", json::array()}});
    if (!parent.empty()) span["parentSpanId"] = std::move(parent);
    return span;
  }

  [[nodiscard]] json Take() { return std::move(list_); }

 private:
  std::string trace_id_;
  json list_ = json::array();
};

void AddJob(Spans& spans, const v1::TrainingJob& job) {
  const v1::TrainingJobStatus& status = job.status;
  json& span =
      spans.Add(fmt::format("TrainingJob {}", ToString(job.meta.key)), SpanId(0, Part::kJob), "",
                job.meta.creation_time, status.completion_time.value_or(job.meta.creation_time));
  json& attributes = span["attributes"];
  Put(attributes, "ffdl.job.name", job.meta.key.name);
  Put(attributes, "ffdl.job.state", ToString(status.state));
  Put(attributes, "ffdl.job.framework", ToString(job.spec.framework.name));
  Put(attributes, "ffdl.job.learners", v1::Roles(job.spec).learners());
  Put(attributes, "ffdl.job.gpus", status.gpus);
  Put(attributes, "ffdl.job.attempts", status.attempt);
  Put(attributes, "ffdl.job.restarts", status.restarts);
  const bool failed = status.state == v1::State::kFailed;
  span["status"] = {{"code", failed ? kError : kOk}};
  if (failed && status.failure) span["status"]["message"] = status.failure->message;
}

// What a job did before an attempt was asked for; null before the first.
std::string_view WordBefore(const v1::AttemptRecord& record, const v1::AttemptRecord* previous) {
  if (previous == nullptr) return record.attempt == 1 ? "queued" : "earlier attempts";
  return previous->reason == v1::reason::kSuspended ? "suspended" : "pause before restart";
}

void AddAttempt(Spans& spans, const v1::AttemptRecord& record, k8s::Time from, k8s::Time to) {
  const std::string_view outcome = training_job::OutcomeOf(record.reason);
  const std::string id = SpanId(record.attempt, Part::kAttempt);
  json& span =
      spans.Add(fmt::format("attempt {}", record.attempt), id, SpanId(0, Part::kJob), from, to);
  json& attributes = span["attributes"];
  Put(attributes, "ffdl.attempt", record.attempt);
  Put(attributes, "ffdl.attempt.outcome", outcome);
  Put(attributes, "ffdl.attempt.reason", record.reason);
  Put(attributes, "ffdl.learner.role", record.role);
  Put(attributes, "k8s.node.name", record.node);
  if (record.learner != 0) Put(attributes, "ffdl.learner", record.learner);
  if (record.exit_code != 0) Put(attributes, "process.exit.code", record.exit_code);
  const bool well = outcome == "succeeded" || outcome == "suspended";
  span["status"] = {{"code", well ? kOk : kError}};
  if (!well) span["status"]["message"] = record.reason;
  spans.Add("start", SpanId(record.attempt, Part::kStart), id, from,
            record.start_time.value_or(to));
  if (!record.start_time) return;
  spans.Add("run", SpanId(record.attempt, Part::kRun), id, *record.start_time, to);
}

}  // namespace

std::string TraceIdOf(std::string_view uid) {
  constexpr std::size_t kDigits = 32;
  std::string id;
  for (const char c : uid) {
    if (c != '-' && id.size() < kDigits) id += c;
  }
  id.resize(kDigits, '0');
  return id;
}

json JobTrace(const v1::TrainingJob& job) {
  Spans spans(job.meta.uid);
  AddJob(spans, job);
  k8s::Time time = job.meta.creation_time;
  const v1::AttemptRecord* previous = nullptr;
  for (const v1::AttemptRecord& record : job.status.history) {
    const k8s::Time from = record.request_time.value_or(record.start_time.value_or(time));
    const k8s::Time to = record.end_time.value_or(from);
    if (from > time) {
      spans.Add(std::string(WordBefore(record, previous)), SpanId(record.attempt, Part::kBefore),
                SpanId(0, Part::kJob), time, from);
    }
    AddAttempt(spans, record, from, to);
    time = to;
    previous = &record;
  }
  json resource = json::array();
  Put(resource, "service.name", "ffdl");
  Put(resource, "k8s.namespace.name", job.meta.key.ns);
  const json scope = {{"scope", {{"name", "ffdl.io/operator"}}}, {"spans", spans.Take()}};
  return {{"resourceSpans",
           {{{"resource", {{"attributes", std::move(resource)}}}, {"scopeSpans", {scope}}}}}};
}

}  // namespace ffdl::server
