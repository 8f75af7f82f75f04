#include "crds/v1/json.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <utility>

namespace ffdl::v1 {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

constexpr k8s::Time kTime{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s};

constexpr std::string_view kJob = R"({
  "apiVersion": "ffdl.io/v1", "kind": "TrainingJob",
  "metadata": {
    "name": "bert", "namespace": "ml", "uid": "u-1", "resourceVersion": "42", "generation": 3,
    "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": null,
    "labels": {"team": "vision"}, "annotations": {"a/b": "c"},
    "ownerReferences": [{"apiVersion": "v1", "kind": "K", "name": "n", "uid": "u-2", "controller": true}],
    "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {"f:learners": {}}}}]
  },
  "spec": {
    "framework": {"name": "pytorch", "image": "example/train"},
    "command": ["python3", "train.py"],
    "learners": 4,
    "resources": {"cpu": 2, "memory": "16Gi", "gpus": 1},
    "storage": {"perLearner": {"size": "1Gi", "storageClassName": ""}},
    "fieldOfAnotherVersion": {"a": [1, 2]}
  },
  "status": {"observedGeneration": 2, "state": "Processing"}
})";

std::string ErrorOf(std::string_view text) {
  const k8s::Result<TrainingJob> job = ParseTrainingJob(text);
  if (job) return "(was read)";
  EXPECT_EQ(k8s::ErrorCode::kBadResponse, job.error().code);
  return job.error().message;
}

TEST(ParseTrainingJobTest, ReadsWhatTheApiServerSends) {
  const k8s::Result<TrainingJob> job = ParseTrainingJob(kJob);
  ASSERT_TRUE(job) << job.error().message;

  EXPECT_EQ((k8s::ObjectKey{"ml", "bert"}), job->meta.key);
  EXPECT_EQ("42", job->meta.resource_version);
  EXPECT_EQ(3, job->meta.generation);
  EXPECT_EQ(kTime, job->meta.creation_time);
  EXPECT_FALSE(job->meta.deletion_time);
  EXPECT_EQ((k8s::Labels{{"team", "vision"}}), job->meta.labels);
  ASSERT_NE(nullptr, k8s::ControllerOf(job->meta));
  EXPECT_EQ("u-2", k8s::ControllerOf(job->meta)->uid);

  EXPECT_EQ(FrameworkName::kPytorch, job->spec.framework.name);
  EXPECT_THAT(job->spec.command, testing::ElementsAre("python3", "train.py"));
  EXPECT_EQ(4, job->spec.learners);
  EXPECT_EQ("2", job->spec.resources.cpu);
  EXPECT_EQ("16Gi", job->spec.resources.memory);
  EXPECT_FALSE(job->spec.storage.shared);
  EXPECT_EQ((StorageRequest{"1Gi", {"ReadWriteOnce"}, ""}), job->spec.storage.per_learner);
  EXPECT_EQ(2, job->status.observed_generation);
  EXPECT_EQ(State::kProcessing, job->status.state);
}

TEST(ParseTrainingJobTest, TakesDefaultsForWhatIsMissing) {
  const k8s::Result<TrainingJob> job = ParseTrainingJob("{}");
  ASSERT_TRUE(job);
  EXPECT_EQ(TrainingJob{}, *job);
  EXPECT_EQ(1, job->spec.learners);
  EXPECT_EQ(-1, job->status.observed_generation);
}

TEST(ParseTrainingJobTest, ReadsAStateThatItDoesNotKnowAsNone) {
  const k8s::Result<TrainingJob> job = ParseTrainingJob(R"({"status": {"state": "Queued"}})");
  ASSERT_TRUE(job);
  EXPECT_EQ(State::kNone, job->status.state);
}

struct BadCase {
  std::string_view text;
  std::string_view message;
};

TEST(ParseTrainingJobTest, SaysWhereAValueIsWrong) {
  const BadCase cases[] = {
      {R"({"spec": {"learners": "four"}})",
       "`spec.learners` must be an integer, found a value of type string"},
      {R"({"spec": {"learners": 3000000000}})",
       "`spec.learners` must be an integer between -2147483648 and"},
      {R"({"spec": {"learners": 1.5}})", "`spec.learners` must be an integer"},
      {R"({"metadata": {"generation": 18446744073709551615}})",
       "`metadata.generation` must be an integer between"},
      {R"({"spec": {"suspend": "yes"}})", "`spec.suspend` must be a boolean"},
      {R"({"spec": {"command": "train"}})", "`spec.command` must be a list"},
      {R"({"spec": {"command": ["train", 7]}})", "`spec.command[1]` must be a string"},
      {R"({"spec": {"env": {}}})", "`spec.env` must be a list"},
      {R"({"spec": {"podTemplate": []}})", "`spec.podTemplate` must be an object"},
      {R"({"spec": {"framework": []}})", "`spec.framework` must be an object"},
      {R"({"spec": {"framework": {"name": "mxnet"}}})",
       "`spec.framework.name` has the unknown value 'mxnet'"},
      {R"({"spec": {"resources": {"cpu": 0.5}}})", "`spec.resources.cpu` must be a quantity"},
      {R"({"spec": {"storage": {"shared": {"size": {}}}}})",
       "`spec.storage.shared.size` must be a quantity"},
      {R"({"status": {"conditions": {}}})", "`status.conditions` must be a list"},
      {R"({"status": {"conditions": [{}, 1]}})", "`status.conditions[1]` must be an object"},
      {R"({"status": {"conditions": [{"type": 1}]}})",
       "`status.conditions[0].type` must be a string"},
      {R"({"status": {"startTime": "soon"}})", "`status.startTime` must be a time"},
      {R"({"metadata": {"labels": {"a": 1}}})", "`metadata.labels[a]` must be a string"},
      {R"({"metadata": {"labels": []}})", "`metadata.labels` must be an object"},
      {R"({"spec": 1})", "`spec` must be an object"},
      {"[]", "not a JSON object"},
      {"", "not a JSON document"},
      {"{\"spec\": {", "not a JSON document"},
      {"{\"metadata\": {\"name\": \"\xff\"}}", "not a JSON document"},
  };
  for (const BadCase& c : cases) EXPECT_THAT(ErrorOf(c.text), HasSubstr(c.message)) << c.text;
}

TEST(ParseTrainingJobTest, NamesTheJobThatIsWrong) {
  EXPECT_EQ(
      "TrainingJob ml/bert: `spec.learners` must be an integer, found a value of type array",
      ErrorOf(R"({"metadata": {"name": "bert", "namespace": "ml"}, "spec": {"learners": []}})"));
}

TEST(ParseTrainingJobTest, NeverFailsOtherwiseThanByAnError) {
  // Every prefix, and every byte changed: none may throw or read beyond the end.
  std::string text(kJob);
  for (std::size_t size = 0; size < text.size(); ++size)
    (void)ParseTrainingJob(text.substr(0, size));
  for (char& c : text) {
    const char before = std::exchange(c, '\x7b');
    (void)ParseTrainingJob(text);
    c = before;
  }
}

TrainingJobStatus FullStatus() {
  return {
      .observed_generation = 3,
      .state = State::kFailed,
      .conditions = {{"Ready", "False", "ProgramFailed", "learner 2 exited with code 1", 3, kTime}},
      .learners = {.desired = 2,
                   .ready = 1,
                   .succeeded = 0,
                   .failed = 1,
                   .summary = "1/2",
                   .details = {{2, "worker", "Failed", "ProgramFailed", "gpu-a", 1, "exited"}},
                   .told_time = kTime},
      .roles = {{"ps", 1, 1, 0, 0, {{"Running", "", 1, "1"}}},
                {"worker", 1, 0, 0, 1, {{"Failed", "ProgramFailed", 1, "1"}}}},
      .gpus = 4,
      .gpu_seconds = GpuSeconds{7200, 3600},
      .attempt = 2,
      .restarts = 1,
      .start_time = kTime,
      .completion_time = kTime + 1h,
      .failure =
          Failure{2, 2, "worker", "gpu-a", 1, "ProgramFailed", "exited", "last line", kTime}};
}

TEST(StatusToJsonTest, ComesBackAsItWas) {
  const k8s::Result<TrainingJob> job =
      ParseTrainingJob(json{{"status", ToJson(FullStatus())}}.dump());
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(FullStatus(), job->status);
}

TEST(StatusToJsonTest, WritesCountsOfZero) {
  const nlohmann::json status = ToJson(TrainingJobStatus{});
  for (const char* const count : {"attempt", "restarts", "gpus"}) {
    ASSERT_TRUE(status.contains(count)) << count;
    EXPECT_EQ(0, status[count]) << count;
  }
}

TEST(StatusToJsonTest, LeavesOutWhatIsNotSet) {
  EXPECT_EQ(json::parse(R"({"observedGeneration": -1, "gpus": 0, "attempt": 0, "restarts": 0,
                             "infrastructureRestarts": 0,
                            "learners": {"desired": 0, "ready": 0, "succeeded": 0, "failed": 0}})"),
            ToJson(TrainingJobStatus{}));
  EXPECT_EQ(json({{"attempt", 1}}),
            ToJson(TrainingJobStatus{.failure = Failure{.attempt = 1}})["failure"]);
}

}  // namespace
}  // namespace ffdl::v1
