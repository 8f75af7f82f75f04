#include "operator/controller/job_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "crds/v1/conditions.h"
#include "test/support/job_builder.h"

namespace ffdl::server {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

k8s::Time At(int second) { return k8s::Time(seconds(1'000 + second)); }

class JobMetricsTest : public testing::Test {
 protected:
  JobMetricsTest() {
    job_ = testing_support::JobBuilder("bert").Build();
    job_.meta.key.ns = "ml";
    job_.meta.creation_time = At(0);
    job_.spec.learners = 2;
    job_.spec.resources.gpus = 4;
  }

  // As the cache tells of it.
  void Become(const std::function<void(v1::TrainingJob&)>& change) {
    const v1::TrainingJob before = job_;
    change(job_);
    jobs_.Note(&before, &job_);
  }
  void Run(int second) {
    Become([&](v1::TrainingJob& job) {
      job.status.state = v1::State::kProcessing;
      job.status.attempt = std::max(job.status.attempt, 1);
      if (!job.status.start_time) job.status.start_time = At(second);
    });
  }
  // Ready has been True since then.
  void SayReady(v1::TrainingJob& job, int second) {
    k8s::SetCondition(job.status.conditions, {.type = std::string(v1::condition::kReady),
                                              .status = "True",
                                              .reason = std::string(v1::reason::kLearnersRunning),
                                              .last_transition = At(second)});
  }
  void EndAttempt(v1::TrainingJob& job, std::string_view reason, int from, int to) {
    job.status.history.push_back({.attempt = job.status.attempt,
                                  .start_time = At(from),
                                  .end_time = At(to),
                                  .reason = std::string(reason)});
  }
  [[nodiscard]] std::string Text() {
    jobs_.Refresh();
    return metrics_.Text();
  }

  k8s::Metrics metrics_;
  JobMetrics jobs_{metrics_};
  v1::TrainingJob job_;
};

TEST_F(JobMetricsTest, CountsJobsAndGpusByState) {
  jobs_.Note(nullptr, &job_);
  jobs_.Lead();
  EXPECT_THAT(Text(), HasSubstr("ffdl_jobs{namespace=\"ml\",state=\"New\"} 1\n"));
  Run(30);
  EXPECT_THAT(Text(), HasSubstr("ffdl_jobs{namespace=\"ml\",state=\"New\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_jobs{namespace=\"ml\",state=\"Processing\"} 1\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_gpus_requested{namespace=\"ml\"} 8\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_gpus_allocated{namespace=\"ml\"} 8\n"));
  jobs_.Note(&job_, nullptr);
  EXPECT_THAT(Text(), HasSubstr("ffdl_jobs{namespace=\"ml\",state=\"Processing\"} 0\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_gpus_allocated{namespace=\"ml\"} 0\n"));
}

TEST_F(JobMetricsTest, TellsHowLongJobsWaitedAndRan) {
  jobs_.Lead();
  jobs_.Note(nullptr, &job_);
  Run(30);
  Become([](v1::TrainingJob& job) {
    job.status.state = v1::State::kCompleted;
    job.status.completion_time = At(130);
  });
  EXPECT_THAT(Text(), HasSubstr("ffdl_job_wait_seconds_sum 30\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_job_run_seconds_sum{outcome=\"Completed\"} 100\n"));
}

TEST_F(JobMetricsTest, TellsHowLongEachAttemptTookToStart) {
  jobs_.Lead();
  jobs_.Note(nullptr, &job_);
  const auto start = [this](int asked, int ran) {
    Become([&](v1::TrainingJob& job) {
      job.status.state = v1::State::kProcessing;
      job.status.request_time = At(asked);
      SayReady(job, ran);
    });
  };
  start(1, 31);
  Become([](v1::TrainingJob& job) { job.status.learners.ready = 2; });
  Become([](v1::TrainingJob& job) {
    job.status.state = v1::State::kPending;
    job.status.conditions.clear();
  });
  start(100, 120);
  EXPECT_THAT(Text(), HasSubstr("ffdl_attempt_start_seconds_sum 50\n"));
  EXPECT_THAT(Text(), HasSubstr("ffdl_attempt_start_seconds_count 2\n"));
}

TEST_F(JobMetricsTest, TellsWhatTheAttemptsCost) {
  jobs_.Lead();
  jobs_.Note(nullptr, &job_);
  Run(0);
  Become([&](v1::TrainingJob& job) {
    job.status.restarts = 1;
    job.status.failure = v1::Failure{.reason = std::string(v1::reason::kNodeLost)};
    EndAttempt(job, v1::reason::kNodeLost, 0, 10);
    job.status.attempt = 2;
  });
  Become(
      [&](v1::TrainingJob& job) { EndAttempt(job, v1::reason::kAllLearnersSucceeded, 20, 120); });
  EXPECT_THAT(Text(),
              HasSubstr("ffdl_learner_restarts_total{namespace=\"ml\",reason=\"NodeLost\"} 1\n"));
  EXPECT_THAT(Text(),
              HasSubstr("ffdl_attempt_gpu_seconds_total{namespace=\"ml\",end=\"lost\"} 80\n"));
  EXPECT_THAT(
      Text(),
      HasSubstr("ffdl_attempt_gpu_seconds_total{namespace=\"ml\",end=\"succeeded\"} 800\n"));
}

TEST_F(JobMetricsTest, TellsRestartsOfSingleLearnersByTheirOwnReasons) {
  jobs_.Lead();
  jobs_.Note(nullptr, &job_);
  Run(0);
  Become([&](v1::TrainingJob& job) {
    job.status.restarts = 2;
    job.status.failure = v1::Failure{.reason = std::string(v1::reason::kEvicted)};
    job.status.learner_restarts = {
        {.learner = 1, .restarts = 1, .reason = std::string(v1::reason::kEvicted)},
        {.learner = 2, .restarts = 1, .reason = std::string(v1::reason::kProgramFailed)}};
  });
  Become([&](v1::TrainingJob& job) {
    job.status.restarts = 4;  // one of them of all learners
    job.status.learner_restarts.back().restarts = 2;
    job.status.failure = v1::Failure{.reason = std::string(v1::reason::kNodeLost)};
  });
  const auto count = [](const char* reason, int restarts) {
    return HasSubstr("ffdl_learner_restarts_total{namespace=\"ml\",reason=\"" +
                     std::string(reason) + "\"} " + std::to_string(restarts) + "\n");
  };
  EXPECT_THAT(Text(), count("Evicted", 1));
  EXPECT_THAT(Text(), count("ProgramFailed", 2));
  EXPECT_THAT(Text(), count("NodeLost", 1));
}

TEST_F(JobMetricsTest, AStandbySaysNothing) {
  jobs_.Note(nullptr, &job_);
  Run(30);
  EXPECT_THAT(Text(), Not(HasSubstr("ffdl_job")));
}

}  // namespace
}  // namespace ffdl::server
