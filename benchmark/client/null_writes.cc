#include "benchmark/client/null_writes.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "crds/v1/conditions.h"
#include "crds/v1/names.h"
#include "k8s-client/api/client.h"
#include "k8s-client/meta/time.h"
#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/plan.h"

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;
using v1::TrainingJob;

constexpr const char* kApply = "application/apply-patch+yaml";
constexpr const char* kForce = "?fieldManager=ffdl-benchmark&force=true";
constexpr k8s::ResourceType kEventType{"events.k8s.io", "v1", "Event", "events"};

const training_job::Settings& Settings() {
  static const training_job::Settings settings{.agent_image = "localhost/ffdl-operator:dev"};
  return settings;
}

Request Service(const TrainingJob& job, int /*round*/) {
  return {.method = "POST",
          .path = k8s::ResourcePath(k8s::kServiceType, job.meta.key.ns) +
                  "?fieldManager=ffdl-benchmark",
          .content_type = "application/json",
          .body = training_job::DesiredService(job).dump()};
}

Request LearnerSet(const TrainingJob& job, int round) {
  json set = training_job::DesiredLearners(job, v1::Roles(job.spec)[0], Settings(), 1, 0);
  set["metadata"]["annotations"]["ffdl-benchmark/round"] = std::to_string(round);
  return {.method = "PATCH",
          .path = k8s::ResourcePath(k8s::kStatefulSetType, job.meta.key.ns,
                                    v1::LearnersName(job.meta.key.name)) +
                  kForce,
          .content_type = kApply,
          .body = set.dump()};
}

// The status that the planner writes first, with a number that moves, so that each write is one.
Request Status(const TrainingJob& job, int round) {
  TrainingJob fresh = job;
  fresh.status = {};
  k8s::Plan plan = Decide(fresh, {}, Settings(), k8s::SystemClock().Now());
  json body = std::move(plan.status.value().body);
  body["metadata"].erase("resourceVersion");
  body["status"]["learners"]["succeeded"] = round;
  return {.method = "PATCH",
          .path = k8s::ResourcePath(v1::kTrainingJobType, job.meta.key.ns, job.meta.key.name) +
                  "/status" + kForce,
          .content_type = kApply,
          .body = body.dump()};
}

Request Event(const TrainingJob& job, int round) {
  const json event = {{"apiVersion", "events.k8s.io/v1"},
                      {"kind", "Event"},
                      {"metadata",
                       {{"name", fmt::format("{}.{:016x}", job.meta.key.name, round)},
                        {"namespace", job.meta.key.ns}}},
                      {"eventTime", k8s::FormatMicroTime(k8s::SystemClock().Now())},
                      {"reportingController", "ffdl.io/benchmark"},
                      {"reportingInstance", "benchmark"},
                      {"type", "Normal"},
                      {"reason", v1::reason::kLearnersRunning},
                      {"action", v1::event_action::kStartLearners},
                      {"note", "the learner is running"},
                      {"regarding",
                       {{"apiVersion", v1::kApiVersion},
                        {"kind", v1::kTrainingJobType.kind},
                        {"namespace", job.meta.key.ns},
                        {"name", job.meta.key.name},
                        {"uid", job.meta.uid}}}};
  return {.method = "POST",
          .path = k8s::ResourcePath(kEventType, job.meta.key.ns) + "?fieldManager=ffdl-benchmark",
          .content_type = "application/json",
          .body = event.dump()};
}

void Add(std::vector<Request>& requests, const std::vector<TrainingJob>& jobs, int count,
         Request (*make)(const TrainingJob&, int)) {
  const int all = static_cast<int>(jobs.size());
  for (int i = 0; i < count; ++i)
    requests.push_back(make(jobs[static_cast<std::size_t>(i % all)], i / all));
}

}  // namespace

std::vector<Request> NullWrites(const std::vector<TrainingJob>& jobs, const WriteCounts& counts) {
  std::vector<Request> requests;
  if (jobs.empty()) return requests;
  Add(requests, jobs, counts.services, &Service);
  Add(requests, jobs, counts.learner_sets, &LearnerSet);
  Add(requests, jobs, counts.statuses, &Status);
  Add(requests, jobs, counts.events, &Event);
  return requests;
}

}  // namespace ffdl::benchmarks
