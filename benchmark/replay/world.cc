#include "benchmark/replay/world.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "reconcilers/training_job/desired.h"
#include "reconcilers/training_job/losses.h"

namespace ffdl::benchmarks {
namespace {

using nlohmann::json;

constexpr std::string_view kName = "bert-large";
// The first halves of the uids of fixtures.cc, which are the same for all jobs.
constexpr std::string_view kJobUid = "0b8f6c46";
constexpr std::string_view kSetUid = "5d0cbb8a";
constexpr std::string_view kPodUid = "9c1d2f3e";

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

json Stored(json object, std::string_view uid, int learners) {
  object["metadata"]["uid"] = uid;
  object["metadata"]["generation"] = 1;
  object["metadata"]["resourceVersion"] = "490000";
  object["metadata"]["creationTimestamp"] = "2026-03-01T10:00:00Z";
  object["status"] = {{"observedGeneration", 1}, {"replicas", learners}};
  return object;
}

}  // namespace

std::string World::NameOf(int number) { return fmt::format("job-{:06}", number); }

std::string World::Stamp(std::string text, int number) {
  ReplaceAll(text, kName, NameOf(number));
  for (const std::string_view uid : {kJobUid, kSetUid, kPodUid}) {
    ReplaceAll(text, uid, fmt::format("{}{:06x}", uid.substr(0, 2), number));
  }
  return text;
}

std::string World::Job(int number, Stage stage) const {
  static std::map<std::pair<int, Stage>, std::string> texts;
  std::string& text = texts[{learners_, stage}];
  if (text.empty()) text = JobText(learners_, stage);
  if (stage == Stage::kNew) return Stamp(text, number);
  json job = json::parse(Stamp(text, number));
  job["status"]["learners"]["podsDigest"] = DigestOfPods(number);
  return job.dump();
}

std::string World::DigestOfPods(int number) const {
  std::vector<k8s::Pod> pods(static_cast<std::size_t>(learners_));
  std::vector<training_job::Learner> learners;
  for (k8s::Pod& pod : pods) {
    const auto ordinal = static_cast<int>(learners.size());
    const std::string text = Pod(number, ordinal, Stage::kRunning);
    constexpr std::string_view kKey = "\"uid\":\"";
    const std::size_t uid =
        text.find(fmt::format("{}{}", kKey, kPodUid.substr(0, 2))) + kKey.size();
    pod.meta.uid = text.substr(uid, text.find('"', uid) - uid);
    learners.push_back({.id = ordinal + 1, .pod = &pod});
  }
  return training_job::PodsDigest(learners);
}

std::string World::Service(int number) const {
  static const std::string text =
      Stored(training_job::DesiredService(benchmarks::Job(learners_, Stage::kNew)),
             "7e000000-0000-4000-8000-000000000001", 0)
          .dump();
  return Stamp(text, number);
}

std::string World::LearnerSet(int number) const {
  const auto learners_of = [](const v1::TrainingJob& job) {
    return training_job::DesiredLearners(job, v1::Roles(job.spec)[0], OperatorSettings(), 1,
                                         job.spec.learners);
  };
  static const std::string text = Stored(learners_of(benchmarks::Job(learners_, Stage::kNew)),
                                         "5d0cbb8a-6c3e-4d5f-9a57-0a5b8d1a7c11", learners_)
                                      .dump();
  return Stamp(text, number);
}

std::string World::Pod(int number, int ordinal, Stage stage) const {
  static std::map<std::tuple<int, int, Stage>, std::string> texts;
  std::string& text = texts[{learners_, ordinal, stage}];
  if (text.empty()) text = PodText(benchmarks::Job(learners_, Stage::kNew), ordinal, stage);
  return Stamp(text, number);
}

std::string World::FailedPod(int number, int ordinal) const {
  json pod = json::parse(Pod(number, ordinal, Stage::kSucceeded));
  json& end = pod["status"]["containerStatuses"][0]["state"]["terminated"];
  end["exitCode"] = 3;
  end["reason"] = "Error";
  return pod.dump();
}

std::string EventLine(const std::string& type, const std::string& object) {
  return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}

std::string WithVersion(const std::string& object, long version) {
  static constexpr std::string_view kKey = "\"resourceVersion\":\"";
  std::string text = object;
  const std::size_t begin = text.find(kKey) + kKey.size();
  text.replace(begin, text.find('"', begin) - begin, std::to_string(version));
  return text;
}

}  // namespace ffdl::benchmarks
