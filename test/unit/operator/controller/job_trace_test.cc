#include "operator/controller/job_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <vector>

#include "crds/v1/conditions.h"
#include "test/support/job_builder.h"

namespace ffdl::server {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::ElementsAre;

k8s::Time At(int second) { return k8s::Time(seconds(1'000 + second)); }

// Queued for 5 s; failed after it ran for 60; a pause of 10; suspended for 100; then it completed.
v1::TrainingJob Job() {
  v1::TrainingJob job = testing_support::JobBuilder("bert").Learners(2).Gpus(4).Build();
  job.meta.uid = "0b8f6c46-4f0b-4bb5-8d1c-6f2f4e0a1d01";
  job.meta.creation_time = At(0);
  job.status.state = v1::State::kCompleted;
  job.status.attempt = 3;
  job.status.restarts = 1;
  job.status.gpus = 8;
  job.status.completion_time = At(300);
  job.status.history = {
      {.attempt = 1,
       .request_time = At(5),
       .start_time = At(20),
       .end_time = At(80),
       .reason = std::string(v1::reason::kProgramFailed),
       .learner = 2,
       .node = "gpu-a-07",
       .exit_code = 3},
      {.attempt = 2,
       .request_time = At(90),
       .end_time = At(100),
       .reason = std::string(v1::reason::kSuspended)},
      {.attempt = 3,
       .request_time = At(200),
       .start_time = At(210),
       .end_time = At(300),
       .reason = std::string(v1::reason::kAllLearnersSucceeded)},
  };
  return job;
}

const json& SpansOf(const json& trace) {
  return trace.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans");
}

std::string Seconds(const json& span, const char* of) {
  return std::to_string(std::stoll(span.at(of).get<std::string>()) / 1'000'000'000 - 1'000);
}

// "attempt 1 5-80", in their order.
std::vector<std::string> LinesOf(const json& trace) {
  std::vector<std::string> lines;
  for (const json& span : SpansOf(trace)) {
    lines.push_back(span.at("name").get<std::string>() + " " + Seconds(span, "startTimeUnixNano") +
                    "-" + Seconds(span, "endTimeUnixNano"));
  }
  return lines;
}

json AttributesOf(const json& span) {
  json attributes;
  for (const json& one : span.at("attributes")) {
    attributes[one.at("key").get<std::string>()] = one.at("value").front();
  }
  return attributes;
}

TEST(JobTraceTest, TellsWhatTheTimeWentInto) {
  EXPECT_THAT(
      LinesOf(JobTrace(Job())),
      ElementsAre("TrainingJob ml/bert 0-300", "queued 0-5", "attempt 1 5-80", "start 5-20",
                  "run 20-80", "pause before restart 80-90", "attempt 2 90-100", "start 90-100",
                  "suspended 100-200", "attempt 3 200-300", "start 200-210", "run 210-300"));
}

TEST(JobTraceTest, HasTheIdsThatFollowFromTheUid) {
  const json spans = SpansOf(JobTrace(Job()));
  std::set<std::string> ids;
  for (const json& span : spans) {
    EXPECT_EQ("0b8f6c464f0b4bb58d1c6f2f4e0a1d01", span.at("traceId"));
    EXPECT_EQ(16U, span.at("spanId").get<std::string>().size());
    ids.insert(span.at("spanId"));
  }
  EXPECT_EQ(spans.size(), ids.size());
  EXPECT_FALSE(spans[0].contains("parentSpanId"));
  for (std::size_t i = 1; i < spans.size(); ++i) {
    EXPECT_TRUE(ids.contains(spans[i].at("parentSpanId"))) << spans[i];
  }
  EXPECT_EQ(JobTrace(Job()), JobTrace(Job()));
}

TEST(JobTraceTest, SaysWhoFailedWhereAndHow) {
  const json spans = SpansOf(JobTrace(Job()));
  EXPECT_EQ(json({{"ffdl.job.name", "bert"},
                  {"ffdl.job.state", "Completed"},
                  {"ffdl.job.framework", "custom"},
                  {"ffdl.job.learners", "2"},
                  {"ffdl.job.gpus", "8"},
                  {"ffdl.job.attempts", "3"},
                  {"ffdl.job.restarts", "1"}}),
            AttributesOf(spans[0]));
  EXPECT_EQ(json({{"code", 1}}), spans[0].at("status"));
  EXPECT_EQ(json({{"ffdl.attempt", "1"},
                  {"ffdl.attempt.outcome", "failed"},
                  {"ffdl.attempt.reason", "ProgramFailed"},
                  {"k8s.node.name", "gpu-a-07"},
                  {"ffdl.learner", "2"},
                  {"process.exit.code", "3"}}),
            AttributesOf(spans[2]));
  EXPECT_EQ(json({{"code", 2}, {"message", "ProgramFailed"}}), spans[2].at("status"));
}

TEST(JobTraceTest, SaysOfAJobThatFailedWhy) {
  v1::TrainingJob job = Job();
  job.status.state = v1::State::kFailed;
  job.status.failure = v1::Failure{.message = "learner 2 exited with code 3"};
  EXPECT_EQ(json({{"code", 2}, {"message", "learner 2 exited with code 3"}}),
            SpansOf(JobTrace(job))[0].at("status"));
}

TEST(JobTraceTest, SaysOfForgottenAttemptsThatTheyWere) {
  v1::TrainingJob job = Job();
  job.status.history.erase(job.status.history.begin());
  EXPECT_THAT(LinesOf(JobTrace(job)), testing::Contains("earlier attempts 0-90"));
}

}  // namespace
}  // namespace ffdl::server
